"""Addresses of cells in one type, so that cell letters are built here only; contents of cells.

Cells are most of what processes send each other: how facts are sent is told here, too.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from consolidate.model.text import format_day, shortest

_A1 = re.compile(r"\$?([A-Z]{1,3})\$?(?!0+$)([0-9]{1,7})")


@cache
def column_letters(column: int) -> str:
    """Write a zero-based column in Excel letters: 0 is ``A``, 26 is ``AA``.

    Raises:
        ValueError: the column is negative.
    """
    if column < 0:
        raise ValueError(f"column {column} is negative")
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_index(letters: str) -> int:
    """Read the Excel letters of a column, zero-based: ``A`` is 0, ``AA`` is 26."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def parse_a1(text: str) -> tuple[int, int] | None:
    """Read an address such as ``$E$9`` as zero-based ``(row, column)``; ``None`` if it is none."""
    match = _A1.fullmatch(text)
    if match is None:
        return None
    return int(match.group(2)) - 1, column_index(match.group(1))


T = TypeVar("T")


def sent_flat(cls: type[T]) -> type[T]:
    """Pickle a named tuple, or a frozen dataclass of two fields or more, as a call with its fields.

    Left to itself a dataclass sets them one by one, which takes several times as long. Last fields
    that all have their defaults are left out. For what workers send of every file.
    """
    values: Callable[[Any], tuple[object, ...]] = tuple
    defaults: tuple[object, ...] = ()
    if not issubclass(cls, tuple):
        # What is no named tuple is a dataclass.
        own: tuple[Field[object], ...] = fields(cls)  # type: ignore[arg-type]
        values = attrgetter(*(field.name for field in own))
        last = takewhile(lambda field: field.default is not MISSING, reversed(own))
        defaults = tuple(field.default for field in last)[::-1]
    least = -len(defaults)

    def call(one: T) -> tuple[type[T], tuple[object, ...]]:
        given = values(one)
        if defaults and given[least:] == defaults:
            given = given[:least]
        return cls, given

    copyreg.pickle(cls, call)
    return cls


@sent_flat
class CellRef(NamedTuple):
    """One cell of one sheet; ``row`` and ``column`` are zero-based. Sorts in reading order."""

    sheet: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        """The address without its sheet, as people write it: ``E9``."""
        return f"{column_letters(self.column)}{self.row + 1}"

    @property
    def quoted(self) -> str:
        """The address with its sheet, as a formula or link needs it: ``'Biểu 01'!E9``."""
        sheet = self.sheet.replace("'", "''")
        return f"'{sheet}'!{self.a1}"


def merge_cells(cells: Iterable[CellRef]) -> str:
    """Write addresses for people: unique, in reading order, neighbours of one row merged.

    ``E12, D12, F12, D20`` of one sheet becomes ``D12:F12, D20``.
    """
    shown = []
    # In a run of neighbours the column grows as the place among all cells does.
    places = enumerate(sorted(set(cells)))
    for _, run in groupby(places, lambda place: (*place[1][:2], place[1].column - place[0])):
        first, *others = (cell for _, cell in run)
        shown.append(f"{first.a1}:{others[-1].a1}" if others else first.a1)
    return ", ".join(shown)


SHOWN = 10
"""Cells that a finding about many of them names."""


def first_cells(cells: Iterable[CellRef]) -> tuple[CellRef, ...]:
    """Take the first of many cells in reading order, as many as a finding names."""
    return tuple(sorted(set(cells))[:SHOWN])


def some_cells(cells: Iterable[CellRef]) -> str:
    """Write the addresses of the first of many cells, and a sign that there are more."""
    ordered = sorted(set(cells))
    return merge_cells(ordered[:SHOWN]) + (" …" if len(ordered) > SHOWN else "")


Cell = str | float | int | bool | date | datetime | time | timedelta
"""A cell as the grid holds it; a blank cell is the empty text."""


def raw_text(cell: Cell) -> str:
    """Write a cell as a person would read it; numbers in the shortest exact form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return shortest(cell)
    if isinstance(cell, datetime) and cell.time() == time(0):
        return format_day(cell)
    return format_day(cell) if type(cell) is date else str(cell)
