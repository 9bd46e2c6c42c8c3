"""Remember the surroundings of answers in fixed tables that are as their form has them.

Returns of one template have the same codes, labels and headings. Where answers stand, and that
nothing around them was changed, follows from these and from the defined names, not from answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

from consolidate.intake.changes import known_codes, words_changed
from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.locate_values import Located, first_row, locate_fixed
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import Cell
from consolidate.model.datasets import ValueColumn
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.kept import Kept

_MOST = 128
"""Tables that are remembered; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The cells of a table that are no answers, row by row, and where its answers stand.

    ``lines`` are its rows on the sheet: from the uppermost heading that was looked at to the last
    row with a code. Each is of the width that ``widths`` says.
    """

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    lines: slice
    widths: tuple[int, ...]
    pick: Callable[[Sequence[Cell]], tuple[Cell, ...]]
    cells: tuple[Cell, ...]
    located: Located

    def are_those_of(self, sheet: LocatedSheet) -> bool:
        """Whether a sheet has the same codes in the same places, and the same cells around them."""
        if sheet.rows != self.rows or sheet.columns != self.columns:
            return False
        rows = sheet.grid.rows[self.lines]
        if tuple(map(len, rows)) != self.widths:
            return False
        return self.pick(list(chain.from_iterable(rows))) == self.cells


_known: Kept[tuple[object, ...], _Surroundings] = Kept(_MOST)


def forget() -> None:
    """Remember no table any more."""
    _known.clear()


def located_answers(sheet: LocatedSheet) -> tuple[Located, tuple[Anomaly, ...]]:
    """Locate the answers of a fixed table, and note what was changed around them."""
    if sheet.retyped:  # It has no codes, and its words were compared when it was found.
        return locate_fixed(sheet), ()
    key = sheet.data_set, sheet.grid.name, sheet.names, sheet.grid.facts.features.merged
    known = None if sheet.repeated else _known.get(key)
    if known is not None and known.are_those_of(sheet):
        return known.located, ()
    located = locate_fixed(sheet)
    changed = tuple(words_changed(sheet, located.cells))
    if not located.anomalies and not changed and _is_whole(sheet, located):
        made = _surroundings(sheet, located)
        if made is not None:
            _known.keep(key, made)
    return located, changed


def _is_whole(sheet: LocatedSheet, located: Located) -> bool:
    """Whether all codes are the form's, and all answers stand in rows and columns with a code."""
    form, rows, columns = sheet.data_set, sheet.rows, sheet.columns
    return (
        bool(located.cells)
        and not sheet.repeated
        and rows.keys() | columns.keys() <= known_codes(form)
        and all(
            rows.get(key.element) == cell.row
            and columns.get(key.column or form.columns[0].code) == cell.column
            and cell.row > CODE_ROW
            and cell.column > CODE_COLUMN
            for key, cell in located.cells.items()
        )
    )


def _surroundings(sheet: LocatedSheet, located: Located) -> _Surroundings | None:
    """The surroundings of a whole table; ``None`` where they are not of texts alone.

    Numbers that are equal may be of different types, and be read as different texts.
    """
    rows = [row for code, row in sheet.rows.items() if code in sheet.data_set.by_code]
    first = min(rows)
    headings = [_heading(sheet, column, first) for column in sheet.data_set.columns]
    top = min(first_row(sheet, first) - 1, *headings)
    lines = slice(max(top, 0), max(rows) + 1)
    table = sheet.grid.rows[lines]
    widths = tuple(map(len, table))
    answers = {(cell.row - lines.start, cell.column) for cell in located.cells.values()}
    places = ((row, column) for row, width in enumerate(widths) for column in range(width))
    around = [at for at, place in enumerate(places) if place not in answers]
    if len(around) < 2:
        return None
    pick: Callable[[Sequence[Cell]], tuple[Cell, ...]] = itemgetter(*around)
    cells = pick(list(chain.from_iterable(table)))
    if any(type(cell) is not str for cell in cells):
        return None
    return _Surroundings(sheet.rows, sheet.columns, lines, widths, pick, cells, located)


def _heading(sheet: LocatedSheet, column: ValueColumn, first: int) -> int:
    """The row up to which the heading of a column was looked for."""
    index = sheet.columns.get(column.code)
    if index is None:
        return first
    above = range(first - 1, CODE_ROW, -1)
    return next((row for row in above if sheet.grid.get(row, index) == column.label), CODE_ROW)
