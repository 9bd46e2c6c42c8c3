"""The rows of a fixed table that was typed anew: official number and label must say the same.

A row is used when both agree, or when there is no number and the label alone is certain. A row
whose number and label disagree is not used; nothing is ever taken by its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consolidate.intake.retyped.headers import COLUMNS, LABEL, NUMBER, Header
from consolidate.intake.retyped.labels import alone, numbered, scores, split_number
from consolidate.model.datasets import DataSet
from consolidate.model.raw_cells import Cell, raw_text
from consolidate.xlsx.read.grid import Grid


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row whose number and label disagree: the elements that it may mean, and its two cells."""

    row: int
    elements: frozenset[str]
    columns: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows under one header say: rows by element (several claim one when it stands
    twice), doubtful rows, and the columns of numbers and labels.
    """

    claims: Mapping[str, tuple[int, ...]]
    doubts: tuple[Doubt, ...]
    number: int | None
    label: int | None


def find_rows(grid: Grid, data_set: DataSet, header: Header, end: int) -> Rows:
    """Match the rows from under a header up to ``end`` (exclusive)."""
    rows = range(header.bottom + 1, end)
    values = frozenset(header.columns.values())
    label = _label_column(grid, data_set, header, rows, values)
    if label is None:
        return Rows({}, (), None, None)
    number = _number_column(grid, data_set, header, rows, values | {label})
    claims: dict[str, tuple[int, ...]] = {}
    doubts: list[Doubt] = []
    for row in rows:
        shown: Cell = grid.get(row, number) if number is not None else ""
        meant = _decide(data_set, shown, grid.text(row, label))
        if isinstance(meant, str):
            claims[meant] = (*claims.get(meant, ()), row)
        elif meant:
            columns = tuple(sorted({label} if shown == "" or number is None else {number, label}))
            text = " ".join(part for part in (raw_text(shown), grid.text(row, label)) if part)
            doubts.append(Doubt(row, meant, columns, text))
    return Rows(claims, tuple(doubts), number, label)


def _decide(data_set: DataSet, shown: Cell, label: str) -> str | frozenset[str]:
    """The element of a row; elements that it confuses; or nothing, for a row of another kind."""
    numbers = numbered(data_set, shown) if shown != "" else None
    found = scores(data_set, label) if label else {}
    split = split_number(data_set, label)
    if split is not None:
        inside, rest = split
        if not found:
            found = scores(data_set, rest)
        if numbers is None:
            numbers = inside
    if not numbers:
        element = alone(found)
        if element and numbers is not None and data_set.by_code[element].number:
            return frozenset({element})
        return element or frozenset()
    best = max(found.values(), default=0.0)
    agreed = [code for code in numbers if found.get(code) == best]
    if len(agreed) == 1:
        return agreed[0]
    return numbers | {code for code in found if found[code] == best}


def _label_column(
    grid: Grid, data_set: DataSet, header: Header, rows: range, values: frozenset[int]
) -> int | None:
    """The column in which most labels of the form stand."""
    counts: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(grid.rows[row][:COLUMNS]):
            if column in values or not isinstance(cell, str) or len(cell) < 4:
                continue
            split = split_number(data_set, cell)
            if scores(data_set, cell) or (split is not None and scores(data_set, split[1])):
                counts[column] = counts.get(column, 0) + 1
    said = header.marks.get(LABEL)
    return max(counts, key=lambda column: (counts[column], column == said), default=None)


def _number_column(
    grid: Grid, data_set: DataSet, header: Header, rows: range, taken: frozenset[int]
) -> int | None:
    """The column of official numbers: the one that its header names, else one that holds most."""
    said = header.marks.get(NUMBER)
    if said is not None and said not in taken:
        return said
    counts: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(grid.rows[row][:COLUMNS]):
            if column not in taken and cell != "" and numbered(data_set, cell):
                counts[column] = counts.get(column, 0) + 1
    best = max(counts, key=lambda column: counts[column], default=None)
    if best is None or 2 * counts[best] < len(data_set.elements):
        return None
    return best
