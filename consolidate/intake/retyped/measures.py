"""Units of measure of a table that was typed anew, against those of the form."""

from __future__ import annotations

import unicodedata

from consolidate.intake.retyped.headers import Header, measure_line
from consolidate.intake.typed_text.typed_numbers import AREA, MONEY, MULTIPLIERS
from consolidate.model.datasets import DataElement, ValueType
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.grid import Grid

_ABOVE = 4
"""Rows above a header in which the line "Đơn vị tính: …" is looked for."""


def other_units(grid: Grid, header: Header) -> list[tuple[str, tuple[int, int]]]:
    """Units that hold for the whole table, and where they stand: in its header or just above."""
    found = [(unit, (header.top, column)) for column, unit in header.units.items()]
    for row in range(max(0, header.top - _ABOVE), header.top):
        for column, cell in enumerate(grid.rows[row]):
            unit = measure_line(cell) if isinstance(cell, str) and cell else ""
            if unit:
                found.append((unit, (row, column)))
    return found


def other_unit(element: DataElement, typed: str, *, own: bool) -> bool:
    """Whether figures given in the typed unit are not in the element's.

    ``own`` says that the unit stands in the row of the element; one that stands for a whole table
    concerns only the elements that it can measure.
    """
    unit = tidy(unicodedata.normalize("NFKC", typed)).casefold().strip(" .")
    if element.type is ValueType.MONEY and unit in MONEY:
        return MONEY[unit] != 1
    if element.type is ValueType.AREA and unit in AREA:
        return AREA[unit] != 1
    if element.type is ValueType.COUNT and unit.partition(" ")[0] in MULTIPLIERS:
        return unit not in MONEY or own
    if not own:
        return False
    if element.type is ValueType.PERCENTAGE:
        return "%" not in unit
    asked, said = name_key(element.unit).split(), name_key(typed).split()
    if asked == said or not asked:
        return False
    # "CQ, TC, ĐV" and "Cơ quan, tổ chức, đơn vị" are one.
    return _initials(asked) != "".join(said) and _initials(said) != "".join(asked)


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)
