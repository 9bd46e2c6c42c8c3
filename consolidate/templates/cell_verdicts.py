"""Judge input cells: as a formula of the template, and as Python does for the values it carries.

A text in a cell of numbers or days is one problem, whatever it says; the mark x alone says "not
applicable", and in a cell for marks it is the only answer. The merge goes on reading texts that
were pasted. Percentages and ``a/b`` answers are texts by nature: the merge reads them.

One number says of an answer what is wrong, where it stands, and its status. Helper cells hold these
numbers; lists, counts, colours and rules read them. From the left: one digit for the class of the
problem, three for the row and two for the column within the table, both counted from 1, one for the
problem within its class, one for the status plus one (as in
:mod:`consolidate.rules.excel_formula`). Sorted they stand in the order of the form.

No function tells every office program whether a number is shown as a date (``CELL`` is not
everywhere), so a date in a cell of numbers is a number here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from consolidate.checks.value_checks import Most, most_of
from consolidate.intake.typed_text.typed_numbers import MOST_DIGITS, NOTHING
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, Library, ValueType
from consolidate.model.returns import DataSetReturn
from consolidate.model.text import decimal_of
from consolidate.model.units import Level
from consolidate.rules.evaluation import number_of_day
from consolidate.templates.columns import FormPlace
from consolidate.templates.live_formulas import LAST_DAY, Value
from consolidate.templates.prefill import Prefill

BLANK = 11
"""A required answer that is not there."""
NOT_A_MARK = 20
ERROR_VALUE, A_TEXT, NOT_A_NUMBER, NOT_WHOLE, THOUSANDS_LOST = 21, 22, 23, 24, 25
TOO_SMALL, TOO_LARGE, PERCENT_SCALE, NOT_A_DATE = 26, 27, 28, 29
UNUSUAL, TOO_MANY, SECOND_MISSING = 31, 32, 33
DOUBTS = (UNUSUAL, TOO_MANY, SECOND_MISSING)
"""Problems of figures that count all the same."""
CLASSES = (1, 2, 3)
"""First digits: required and blank, unreadable (both errors), doubtful (a warning)."""
CLASS, ROW, COLUMN, REASON = 10_000_000, 10_000, 100, 10
"""What one class, one row, one column and one problem of a class count."""
_SIZES = {ROW: 1000, COLUMN: 100, REASON: 10}
_MARK = "x"
_NOTHING = "|".join(["", "", "0", *sorted(NOTHING), ""])
"""Words that leave a row of an open table empty, between bars."""
_INVALID, _MISSING, _REPORTED, _CROSSED = 0, 1, 2, 3
"""Last digits of the number of an answer: its status plus one."""


def packed(problem: int) -> int:
    """Pack a problem by its place in the number."""
    return problem // 10 * CLASS + problem % 10 * REASON


def status_formula(number: str) -> str:
    """Write the status, from a reference to the number."""
    return f"MOD({number},10)-1"


def part(number: int, unit: int) -> int:
    """Give the row or column in the table, from 1, or the problem of its class, by its unit."""
    return number // unit % _SIZES[unit]


def part_formula(number: str, unit: int) -> str:
    """Write what :func:`part` gives as a formula, from a reference to the number."""
    return f"MOD(INT({number}/{unit}),{_SIZES[unit]})"


@dataclass(frozen=True, slots=True)
class Question:
    """What a cell is asked. ``free`` allows texts beside numbers and leaves them unread.

    ``most`` is more than the unit can have, and ``most_at`` what gives it in a formula. A ``pair``
    asks for two figures, which are a text, so that a number but 0 is one too few.
    What does not concern the unit is not ``asked``: the cell counts as blank whatever it holds.
    """

    kind: ValueType
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    normal: Decimal | None = None
    most: int | None = None
    most_at: str = ""
    free: bool = False
    pair: bool = False
    asked: bool = True

    @property
    def asks_text(self) -> bool:
        """Whether the answer is a text or one of a list."""
        return self.kind in (ValueType.TEXT, ValueType.CHOICE)

    @property
    def may_be_doubted(self) -> bool:
        """Whether a figure can be doubtful and count all the same."""
        return self.pair or self.normal is not None or self.most is not None

    @property
    def _blank(self) -> int:
        return packed(BLANK) + _MISSING if self.required else _MISSING


def code_formula(question: Question, cell: str) -> str:
    """Write the number of an answer without its place as a formula.

    ``cell`` is a reference to the input cell; the formula has no ``=``.
    """
    if not question.asked:
        return str(_MISSING)
    blank = f'IF(TRIM({cell})="",{question._blank}'
    if question.asks_text:
        judged = f"{blank},{_REPORTED})"
    elif question.kind is ValueType.MARK:
        marked = f'LOWER(TRIM({cell}))="{_MARK}"'
        judged = f"{blank},IF({marked},{_REPORTED},{packed(NOT_A_MARK)}))"
    elif question.kind is ValueType.DATE:
        wrong = f"OR(ISLOGICAL({cell}),{cell}<1,{cell}>={LAST_DAY + 1})"
        day = f"IF({wrong},{packed(NOT_A_DATE)},{_REPORTED})"
        judged = f"IF(ISNUMBER({cell}),{day},{blank},{packed(NOT_A_DATE)}))"
    else:
        text = _INVALID if question.free else packed(A_TEXT)
        judged = (
            f"IF(ISLOGICAL({cell}),{packed(NOT_A_NUMBER)},"
            f"IF(ISNUMBER({cell}),{_number_formula(question, cell)},"
            f'{blank},IF(LOWER(TRIM({cell}))="{_MARK}",{_CROSSED},{text}))))'
        )
    return f"IF(ISERROR({cell}),{packed(ERROR_VALUE)},{judged})"


def judged(question: Question, value: Value | None) -> int:
    """Work out what :func:`code_formula` gives for a cell with this value."""
    if not question.asked:
        return _MISSING
    if value is None or (isinstance(value, str) and not value.strip(" ")):
        return question._blank
    if question.asks_text:
        return _REPORTED
    if question.kind is ValueType.MARK:
        marked = isinstance(value, str) and value.strip(" ").lower() == _MARK
        return _REPORTED if marked else packed(NOT_A_MARK)
    if isinstance(value, str):
        if question.kind is ValueType.DATE:
            return packed(NOT_A_DATE)
        if value.strip(" ").lower() == _MARK:
            return _CROSSED
        return _INVALID if question.free else packed(A_TEXT)
    number = number_of(value)
    if question.kind is ValueType.DATE:
        return _REPORTED if 1 <= number < LAST_DAY + 1 else packed(NOT_A_DATE)
    return _judged_number(question, number)


def number_of(value: Value | None) -> Decimal:
    """Give the number that Excel has for a value; 0 for a text."""
    if isinstance(value, date):
        return number_of_day(date(value.year, value.month, value.day))
    return Decimal(0) if value is None or isinstance(value, str) else decimal_of(float(value))


def saying_formula(cell: str) -> str:
    """Write a formula: 1 for a cell that makes its row of an open table count, else 0."""
    nothing = f'ISNUMBER(FIND("|"&LOWER(TRIM({cell}))&"|","{_NOTHING}"))'
    return f"IF(ISERROR({cell}),1,IF({nothing},0,1))"


def says(value: Value | None) -> bool:
    """Work out what :func:`saying_formula` gives for a cell with this value."""
    said = "" if value is None else value
    said = said if isinstance(said, str) else str(int(number_of(said) != 0))
    return f"|{' '.join(said.split()).lower()}|" not in _NOTHING


def _bounds(question: Question) -> list[tuple[str, Decimal, str, int]]:
    """Comparisons that are wrong, in the order in which they are asked.

    Sign, bound, what gives it in a formula, and number of each.
    """
    made = []
    if question.minimum is not None:
        made.append(("<", question.minimum, f"{question.minimum:f}", packed(TOO_SMALL)))
    if question.maximum is not None:
        made.append((">", question.maximum, f"{question.maximum:f}", packed(TOO_LARGE)))
    if question.normal is not None:
        made.append((">", question.normal, f"{question.normal:f}", packed(UNUSUAL) + _REPORTED))
    if question.pair:
        made.append((">", Decimal(0), "0", packed(SECOND_MISSING) + _REPORTED))
    if question.most is not None:
        bound = Decimal(question.most)
        made.append((">", bound, question.most_at, packed(TOO_MANY) + _REPORTED))
    return made


def _number_formula(question: Question, cell: str) -> str:
    judged = str(_REPORTED)
    for sign, _, bound, problem in reversed(_bounds(question)):
        judged = f"IF({cell}{sign}{bound},{problem},{judged})"
    if question.kind is ValueType.PERCENTAGE:
        judged = f"IF(AND({cell}>0,{cell}<=1),{packed(PERCENT_SCALE)},{judged})"
    if question.kind is ValueType.COUNT:
        lost = f"AND(ROUND({cell},3)={cell},ROUND({cell},2)<>{cell})"
        wrong = f"IF({lost},{packed(THOUSANDS_LOST)},{packed(NOT_WHOLE)})"
        judged = f"IF({cell}<>INT({cell}),{wrong},{judged})"
    return f"IF(ABS({cell})>={10**MOST_DIGITS},{packed(NOT_A_NUMBER)},{judged})"


def _judged_number(question: Question, number: Decimal) -> int:
    if abs(number) >= 10**MOST_DIGITS:
        return packed(NOT_A_NUMBER)
    if question.kind is ValueType.COUNT and number != int(number):
        lost = number == round(number, 3) and number != round(number, 2)
        return packed(THOUSANDS_LOST if lost else NOT_WHOLE)
    if question.kind is ValueType.PERCENTAGE and 0 < number <= 1:
        return packed(PERCENT_SCALE)
    for sign, bound, _, problem in _bounds(question):
        if number < bound if sign == "<" else number > bound:
            return problem
    return _REPORTED


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
    pair, bound = element.pairs(column), most_of(element, kind, element.unit)
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


class Answers:
    """The cells of a template as its formulas see them.

    Each prefilled cell is judged as its formula judges it; rules are evaluated as in the merge, so
    that a formula and its cached value cannot disagree about what a rule means.

    ``typed`` is what cells hold; ``saying`` are, by data set, the rows of an open table that say
    something: place from 0 to number from 1. ``parts`` are the answers as a return has them.
    """

    def __init__(self, library: Library, places: Sequence[FormPlace], prefill: Prefill) -> None:
        self.library = library
        said = prefill.values.get("cover.level")
        self.level = (Level.parse(said) if isinstance(said, str) else None) or Level.UNKNOWN
        self.typed = {cell: value for place in places for cell, value in _inputs(place, prefill)}
        self.saying: Mapping[str, Mapping[int, int]] = {
            place.data_set.code: self._rows(place) for place in places
        }
        self.parts = [
            DataSetReturn(
                place.data_set.code,
                place.data_set.sheet,
                tuple(self._values_of(place)),
                rows=len(self.saying[place.data_set.code]),
            )
            for place in places
        ]

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
                    if not place.open and element.pairs(column):
                        yield _second(first, element)


def _second(first: DataValue, element: DataElement) -> DataValue:
    """The second figure of a pair: not there, or in a text that is not read."""
    status = first.status
    if status is ValueStatus.REPORTED:
        status = ValueStatus.MISSING
    return replace(first, key=first.key._replace(column=element.second), value=None, status=status)


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
