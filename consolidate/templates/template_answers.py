"""Work out what a new template says: the values that its live formulas carry.

Each prefilled cell is judged as its formula judges it; rules are evaluated as in the merge, so that
a formula and its cached value cannot disagree about what a rule means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidate.checks.outliers import Most, most_of
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library, ValueType
from consolidate.model.rules import Ref, Rows, Shift
from consolidate.model.units import Level
from consolidate.templates.cell_places import FormPlace
from consolidate.templates.check_sheet.judging import COLUMN, ROW, Question, judged, number_of, says
from consolidate.templates.check_sheet.live import Value
from consolidate.templates.prefill import Prefill

STATUSES = (
    ValueStatus.INVALID,
    ValueStatus.MISSING,
    ValueStatus.REPORTED,
    ValueStatus.NOT_APPLICABLE,
)
"""What the last digit of the number of an answer says."""


def most_name(bound: Most) -> str:
    """Name the cell that holds a bound for a unit of the level on the cover."""
    return f"_most.{bound.code}"


def question_of(
    place: FormPlace, element: DataElement, column: str, level: Level = Level.UNKNOWN
) -> Question:
    """Find what the cell of an element and column is asked of a unit of a level."""
    kind = place.data_set.type_of(element, "" if place.open else column)
    if (element.code, column) in place.crossed:
        return Question(kind, asked=False)
    required = place.required(element, column)
    if not kind.numeric:
        return Question(kind, required)
    if place.data_set.computed(element, column):  # Whatever it comes to: its parts have the bounds.
        return Question(kind)
    pair, bound = is_pair(element, column), most_of(element, kind)
    return Question(
        kind,
        required,
        element.minimum,
        element.maximum,
        element.normal_maximum,
        None if bound is None else bound.of(level),
        "" if bound is None else most_name(bound),
        free=pair or kind is ValueType.PERCENTAGE,
        pair=pair,
    )


def is_pair(element: DataElement, column: str) -> bool:
    """Ask whether the cell takes two figures, ``a/b``."""
    return bool(element.second) and column == element.columns[0]


class Answers:
    """The cells of a template as its formulas see them.

    ``typed`` is what cells hold, ``values`` are the answers in them by key; ``saying`` are, by data
    set, the rows of an open table that say something: place from 0 to number from 1.
    """

    def __init__(self, library: Library, places: Sequence[FormPlace], prefill: Prefill) -> None:
        self.library = library
        said = prefill.values.get("cover.level")
        self.level = (Level.parse(said) if isinstance(said, str) else None) or Level.UNKNOWN
        self.typed = {cell: value for place in places for cell, value in _inputs(place, prefill)}
        self.saying: Mapping[str, Mapping[int, int]] = {
            place.data_set.code: self._rows(place) for place in places
        }
        self.values = {value.key: value for place in places for value in self._values_of(place)}

    def code(self, place: FormPlace, element: DataElement, column: str, row: int = 0) -> int:
        """Give the number of an answer; ``row`` counts the rows of an open table from 0."""
        cell = place.cell(element.code, column, row)
        judgement = 1  # A row that says nothing is asked nothing.
        if not place.open or row in self.saying[place.data_set.code]:
            question = question_of(place, element, column, self.level)
            judgement = judged(question, self.typed.get(cell))
        at = (cell.row - place.first + 1) * ROW
        return at + (place.answers.index(column) + 1) * COLUMN + judgement

    def _rows(self, place: FormPlace) -> dict[int, int]:
        if not place.open:
            return {}
        saying = [
            row
            for row in range(place.last - place.first + 1)
            if any(says(self.typed.get(place.cell(code, row=row))) for code in place.answers)
        ]
        return {row: number for number, row in enumerate(saying, 1)}

    def _values_of(self, place: FormPlace) -> Iterator[DataValue]:
        code = place.data_set.code
        for column in place.answers:
            for element in place.elements_of(column):
                for row, number in self.saying[code].items() if place.open else ((0, 0),):
                    cell = place.cell(element.code, column, row)
                    typed = self.typed.get(cell)
                    status = STATUSES[self.code(place, element, column, row) % 10]
                    key = ValueKey(code, element.code, "" if place.open else column, number)
                    used: Decimal | str | None = None
                    if status is ValueStatus.REPORTED:
                        used = typed if isinstance(typed, str) else number_of(typed)
                    yield (first := DataValue(key, used, status, "", cell))
                    if not place.open and is_pair(element, column):
                        yield _second(first, element)


def _second(first: DataValue, element: DataElement) -> DataValue:
    """The second figure of a pair: not there, or in a text that is not read."""
    status = first.status
    if status is ValueStatus.REPORTED:
        status = ValueStatus.MISSING
    return replace(first, key=first.key._replace(column=element.second), value=None, status=status)


@dataclass(frozen=True, slots=True)
class RowValues:
    """A template as a rule sees it from one row (the source of values of an evaluation)."""

    answers: Answers
    home: DataSet
    element: str = ""
    number: int = 0
    listed: str = ""
    """The open table that the row is of, if not ``home``."""

    def value(self, ref: Ref) -> DataValue | None:
        element = ref.element or self.element
        own = self.listed or self.home.code
        number = self.number if ref.data_set == own and not ref.column else 0
        key = ValueKey(ref.data_set, element, ref.column, number)
        if ref.shift is not Shift.CURRENT or ref.data_set not in self.answers.saying:
            return None
        found = self.answers.values.get(key)
        if found is None and not ref.element:
            return DataValue(key, None, ValueStatus.MISSING, "", CellRef("", 0, 0))
        return found

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        if ref.shift is not Shift.CURRENT or ref.data_set not in self.answers.saying:
            return None
        numbers = self.answers.saying[ref.data_set].values()
        keys = (ValueKey(ref.data_set, ref.element, "", number) for number in numbers)
        return tuple(self.answers.values[key] for key in keys)

    def official_number(self) -> str:
        return self.home.by_code[self.element].number if self.element else ""

    def each(self, data_set: str, shift: Shift) -> tuple[RowValues, ...] | None:
        if shift is not Shift.CURRENT or data_set not in self.answers.saying:
            return None
        numbers = self.answers.saying[data_set].values()
        return tuple(replace(self, listed=data_set, number=number) for number in numbers)

    def rows(self, rows: Rows) -> int | None:
        if rows.shift is not Shift.CURRENT or rows.data_set not in self.answers.saying:
            return None
        return len(self.answers.saying[rows.data_set])


def _inputs(place: FormPlace, prefill: Prefill) -> list[tuple[CellRef, Value]]:
    data_set = place.data_set
    if not place.open:
        return [
            (place.cell(item.element.code, item.column), value)
            for item in data_set.inputs
            if (value := prefill.values.get(data_set.name_of(item.element.code, item.column)))
            not in (None, "")
        ]
    return [
        (place.cell(element.code, row=index), value)
        for index, row in enumerate(prefill.rows.get(data_set.code, ()))
        for element in data_set.elements
        if (value := row.get(element.code)) not in (None, "")
    ]
