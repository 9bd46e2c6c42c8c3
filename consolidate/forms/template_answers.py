"""What a template says as it is built: the values that its live formulas carry from the start.

The prefilled cells are read by the same intake and asked the same checks as a returned file, so
that a formula and its cached value cannot disagree about what a rule means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from consolidate.checks.context import CheckContext
from consolidate.checks.sheets import check_windows
from consolidate.checks.values import check_values
from consolidate.forms.codes import PROBLEMS, code
from consolidate.forms.live import LiveText, Value
from consolidate.forms.places import FormPlace
from consolidate.forms.prefill import Prefill
from consolidate.intake.extract import extract_as_typed
from consolidate.intake.workbook.grid import Grid, Workbook
from consolidate.intake.workbook.names import DefinedNames
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, OPEN_END, OPEN_ROW, WINDOW_ROW
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataElement, DataSet, Heading, Library, ValueType
from consolidate.model.raw import Cell
from consolidate.model.returns import Return, WindowLine
from consolidate.model.values import DataValue, ValueKey, ValueStatus
from consolidate.rules.nodes import Ref, Rows, Shift

_EPOCH = date(1899, 12, 30)
_STATUS = {ValueStatus.REPORTED: 1, ValueStatus.INVALID: -1}


@lru_cache(maxsize=4)
def context_of(library: Library) -> CheckContext:
    """The rules of a library, bound once."""
    return CheckContext.of(library)


@lru_cache(maxsize=4)
def _one_answer_per_cell(library: Library) -> Library:
    """The library without the words that part one text into several answers: no formula does."""
    sets = tuple(
        replace(data_set, body=tuple(_plain(item) for item in data_set.body))
        for data_set in library.data_sets
    )
    return replace(library, data_sets=sets)


def _plain(item: Heading | DataElement) -> Heading | DataElement:
    return item if isinstance(item, Heading) else replace(item, phrases=())


class Answers:
    """The cells of a template with what the merge would read in them."""

    def __init__(
        self,
        library: Library,
        places: Sequence[FormPlace],
        prefill: Prefill,
        windows: Mapping[str, str | LiveText],
    ) -> None:
        self.context = context_of(library)
        self._typed: dict[CellRef, Value] = {}
        grids = tuple(self._grid(place, prefill, windows) for place in places)
        content = extract_as_typed(Workbook(grids, DefinedNames()), _one_answer_per_cell(library))
        assert content is not None
        self.content: Return = content
        parts = (content.cover, *content.data_sets)
        self._values = {value.key: value for part in parts for value in part.values}
        self._cells = {value.cell: value for value in reversed(self._values.values())}
        self._problems = {
            finding.cells[0]: finding.rule.partition(".")[2]
            for finding in check_values(content, self.context)
        }
        self._first = {place.data_set.code: place.first for place in places}
        self.rows = {part.code: part.rows for part in content.data_sets}
        self.window_findings = {
            (finding.rule.partition(".")[2], finding.data_set)
            for finding in check_windows(content, self.context)
        }

    def _grid(
        self, place: FormPlace, prefill: Prefill, windows: Mapping[str, str | LiveText]
    ) -> Grid:
        data_set = place.data_set
        width = max(place.columns.values()) + 1
        rows: list[list[Cell]] = [[""] * width for _ in range(place.last + 2)]
        rows[CODE_ROW][CODE_COLUMN] = data_set.code
        for column, at in place.columns.items():
            rows[CODE_ROW][at] = column
        for element, row in place.rows.items():
            rows[row][CODE_COLUMN] = element
        if place.window is not None:
            line = windows[data_set.code]
            row, column_at = place.window
            rows[row][CODE_COLUMN] = WINDOW_ROW
            rows[row][column_at] = line.value if isinstance(line, LiveText) else line
        for cell, kind, value in _inputs(place, prefill):
            self._typed[cell] = value
            rows[cell.row][cell.column] = _content(value, kind)
        if place.open:
            for row in range(place.first, place.last + 1):
                rows[row][CODE_COLUMN] = OPEN_ROW
            rows[place.last + 1][CODE_COLUMN] = OPEN_END
        return Grid(data_set.sheet, rows)

    def typed(self, cell: CellRef) -> Value | None:
        """What the cell holds."""
        return self._typed.get(cell)

    def at(self, cell: CellRef) -> DataValue | None:
        """What was read in the cell; ``None`` in a row of an open table that says nothing."""
        return self._cells.get(cell)

    def value(self, key: ValueKey) -> DataValue | None:
        """A value by its key."""
        return self._values.get(key)

    def code(self, cell: CellRef, row: int, column: int) -> int:
        """The number of an answer (see :mod:`consolidate.forms.codes`)."""
        found = self.at(cell)
        if found is None:
            return code(0, row, column, 0)
        problem = PROBLEMS.get(self._problems.get(cell, ""), 0)
        return code(problem, row, column, _STATUS.get(found.status, 0))

    def number(self, cell: CellRef) -> float | str:
        """The answer as formulas have it; ``""`` where a text must be read again to tell."""
        typed, found = self._typed.get(cell), self.at(cell)
        if isinstance(typed, str):
            if found is not None and isinstance(found.value, date):
                return float((found.value - _EPOCH).days)
            return "" if found is None or found.number is None else float(found.number)
        if isinstance(typed, date):
            return float((date(typed.year, typed.month, typed.day) - _EPOCH).days)
        return 0.0 if typed is None else float(typed)

    def window(self, data_set: str) -> WindowLine | None:
        """The line with the data window of a form."""
        return next((p.window for p in self.content.data_sets if p.code == data_set), None)

    def numbers_of(self, data_set: str) -> dict[int, int]:
        """Rows of an open table that say something: their place from 0 to their number from 1."""
        first = self._first[data_set]
        return {
            value.cell.row - first: value.key.row
            for value in self._values.values()
            if value.key.data_set == data_set and value.key.row
        }


@dataclass(frozen=True, slots=True)
class RowValues:
    """A template as a rule sees it from one row (the source of values of an evaluation)."""

    answers: Answers
    home: DataSet
    element: str = ""
    number: int = 0

    def value(self, ref: Ref) -> DataValue | None:
        if ref.shift is not Shift.CURRENT or ref.data_set not in self.answers.rows:
            return None
        element = ref.element or self.element
        number = self.number if ref.data_set == self.home.code and not ref.column else 0
        key = ValueKey(ref.data_set, element, ref.column, number)
        found = self.answers.value(key)
        if found is None and not ref.element:
            return DataValue(key, None, ValueStatus.MISSING, "", CellRef("", 0, 0))
        return found

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        if ref.shift is not Shift.CURRENT:
            return None
        for part in self.answers.content.data_sets:
            if part.code == ref.data_set:
                return tuple(value for value in part.values if value.key.element == ref.element)
        return None

    def rows(self, rows: Rows) -> int | None:
        return self.answers.rows.get(rows.data_set) if rows.shift is Shift.CURRENT else None


def _inputs(place: FormPlace, prefill: Prefill) -> list[tuple[CellRef, ValueType, Value]]:
    data_set = place.data_set
    if not place.open:
        return [
            (place.cell(item.element.code, item.column), item.type, value)
            for item in data_set.inputs
            if (value := prefill.values.get(data_set.name_of(item.element.code, item.column)))
            not in (None, "")
        ]
    return [
        (place.cell(element.code, row=index), element.type, value)
        for index, row in enumerate(prefill.rows.get(data_set.code, ()))
        for element in data_set.elements
        if (value := row.get(element.code)) not in (None, "")
    ]


def _content(value: Value, kind: ValueType) -> Cell:
    if isinstance(value, Decimal | int | float):
        number = float(value)
        if kind is ValueType.DATE and 1 <= number < 2958466:
            return _EPOCH + timedelta(days=int(number))
        return number
    return value
