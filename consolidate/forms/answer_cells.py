"""The very hidden sheet of helper cells: every answer read and judged while it is typed.

One block per form, one row per row of its table. The rows of an open table are those of its named
body, counted from the top, so that rows which people insert or delete are judged like the others,
up to :data:`SPARE` rows more than were prepared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from consolidate.forms.codes import COLUMN, ROW
from consolidate.forms.judging import (
    ANSWER,
    CODE,
    DATED,
    RAW,
    Question,
    judging,
    raw_formula,
    saying,
)
from consolidate.forms.places import FormPlace
from consolidate.forms.reading import SECOND_STATUS, SECOND_VALUE
from consolidate.forms.shared import Cached, Formulas
from consolidate.forms.template_answers import Answers
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataElement, ValueType
from consolidate.model.values import ValueKey

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HELPER_SHEET = "_doc"
"""Name of the sheet; the underscore tells intake that it is no form."""
MARK = "mark"
"""Helper cells of the colours of answers: 2 red, 1 amber, 0 or nothing none."""
SPARE = 4
"""Rows of an open table that are read beyond the prepared ones."""
CAPTIONS, SAYS, _CODES = 1, 2, 3
"""Columns of captions, of which rows say something, and the first one of the codes."""
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class AnswerBlock:
    """Helper cells of one form: ``top`` is the first row, ``count`` how many there are."""

    place: FormPlace
    top: int
    questions: Mapping[tuple[str, str], Question]
    starts: Mapping[str, int]
    count: int

    @classmethod
    def of(cls, place: FormPlace, top: int, used: Collection[tuple[str, str]]) -> AnswerBlock:
        """Lay the block out; ``used`` are the (element, column) that rules ask for."""
        questions = {
            (element.code, column): question
            for column in place.answers
            for element in place.elements_of(column)
            if (question := _question(place, element, column, used)) is not None
        }
        names = dict.fromkeys([CODE, ANSWER, RAW])
        for question in questions.values():
            names.update(dict.fromkeys(judging(question)))
        width = len(place.answers)
        starts = {name: _CODES + index * width for index, name in enumerate([*names, MARK])}
        spare = SPARE if place.open else 0
        return cls(place, top, questions, starts, place.last - place.first + 1 + spare)

    @property
    def end(self) -> int:
        """The row behind the block."""
        return self.top + self.count

    @property
    def width(self) -> int:
        """The column behind the helper cells of the answers."""
        return _CODES + len(self.starts) * len(self.place.answers)

    def row_of(self, element: str) -> int:
        """Row of the helper sheet for an element of a fixed table."""
        return self.top + self.place.rows[element] - self.place.first

    def at(self, name: str, column: str, row: int) -> str:
        """Address of a helper cell on the helper sheet, its column fixed."""
        index = self.starts[name] + self.place.answers.index(column)
        return f"${column_letters(index)}{row + 1}"

    def of_element(self, name: str, element: str, column: str) -> str:
        """Address of a helper cell of a fixed table from other sheets."""
        return absolute(self.at(name, column, self.row_of(element)))

    def span(self, name: str, column: str = "") -> str:
        """Range of a kind of helper cells from other sheets: one column of answers or all."""
        answers = self.place.answers
        first, last = (column, column) if column else (answers[0], answers[-1])
        ends = (self.at(name, first, self.top), self.at(name, last, self.end - 1))
        return f"{HELPER_SHEET}!" + ":".join(absolute(end, sheet="") for end in ends)

    def column_span(self, column: int) -> str:
        """Range of one column of the helper sheet over the rows of the block."""
        letters = column_letters(column)
        return f"{HELPER_SHEET}!${letters}${self.top + 1}:${letters}${self.end}"

    def input_at(self, column: str, row: int) -> str:
        """Reference to the input cell that a row of the block reads."""
        if not self.place.open:
            return self.place.address(column, row - self.top + self.place.first)
        body, start = self.place.body, f"ROW()-{self.top}"
        index = self.place.columns[column] - min(self.place.columns.values()) + 1
        return f"INDEX({body},MIN({start},ROWS({body})),{index})"

    def raw(self, column: str, row: int, kind: ValueType) -> str:
        """Formula of the copy of an input cell; rows below an open table are blank."""
        copy = raw_formula(self.input_at(column, row), kind)
        if not self.place.open:
            return copy
        return f'IF(ROW()-{self.top}>ROWS({self.place.body}),"",{copy})'

    def asked(self, element: str, column: str) -> bool:
        """Whether the answer has helper cells."""
        return (element, column) in self.questions

    def write(self, sheet: Worksheet, shared: Formulas, answers: Answers) -> None:
        """Write captions and formulas with the values that they have now."""
        self._write_captions(sheet)
        if self.place.open:
            self._write_says(shared, answers)
        for index, column in enumerate(self.place.answers):
            groups: dict[Question, list[int]] = {}
            for element in self.place.elements_of(column):
                question = self.questions.get((element.code, column))
                if question is not None:
                    groups.setdefault(question, []).extend(self._rows(element.code))
            for question, rows in groups.items():
                for row in rows:
                    value = self._copied(answers, column, row, question.kind)
                    raw = self.raw(column, row, question.kind)
                    shared.write(row, self.starts[RAW] + index, raw, None, value)
                for name, template in judging(question).items():
                    shared.fill(
                        [(row, self.starts[name] + index) for row in rows],
                        partial(self._formula, name, template, column),
                        partial(self._cached, answers, name, column),
                    )

    def mark_cell(self, cell: CellRef) -> tuple[int, int] | None:
        """Row and column of the helper cell with the colour of an input cell of a fixed table."""
        index = cell.column - self.place.first_answer
        row = self.top + cell.row - self.place.first
        if not 0 <= index < len(self.place.answers) or not self.top <= row < self.end:
            return None
        return row, self.starts[MARK] + index

    def _rows(self, element: str) -> list[int]:
        return list(range(self.top, self.end)) if self.place.open else [self.row_of(element)]

    def _formula(self, name: str, template: str, column: str, row: int, _: int = 0) -> str:
        def put(match: re.Match[str]) -> str:
            return self.at(RAW if match[1] == "cell" else match[1], column, row)

        made = _NAME.sub(put, template)
        if name != CODE:
            return made
        if self.place.open:
            made = f"IF(${column_letters(SAYS)}{row + 1}=0,1,{made})"
        index = self.place.answers.index(column) + 1
        return f"(ROW()-{self.top})*{ROW}+{index * COLUMN}+{made}"

    def _copied(self, answers: Answers, column: str, row: int, kind: ValueType) -> Cached:
        cell = self._cell(column, row)
        typed = answers.typed(cell)
        if typed is None:
            return ""
        if isinstance(typed, str):
            return typed if typed == " ".join(typed.split()) else ""
        return DATED if kind.numeric and isinstance(typed, date) else answers.number(cell)

    def _cached(self, answers: Answers, name: str, column: str, row: int, _: int = 0) -> Cached:
        cell = self._cell(column, row)
        if name == CODE:
            index = self.place.answers.index(column) + 1
            return answers.code(cell, row - self.top + 1, index)
        if name == ANSWER:
            return answers.number(cell)
        if name in (SECOND_STATUS, SECOND_VALUE):
            first = answers.at(cell)
            element = self.place.data_set.by_code[first.key.element] if first else None
            second = (
                answers.value(ValueKey(self.place.data_set.code, element.code, element.second))
                if element is not None
                else None
            )
            given = second.number if second is not None else None
            return float(given or 0) if name == SECOND_VALUE else int(given is not None)
        return "" if isinstance(answers.typed(cell), str) else 0

    def _cell(self, column: str, row: int) -> CellRef:
        index = row - self.top + self.place.first
        return CellRef(self.place.data_set.sheet, index, self.place.columns[column])

    def _write_captions(self, sheet: Worksheet) -> None:
        data_set = self.place.data_set
        if self.place.open:
            return
        for element in data_set.elements:
            sheet.write_string(self.row_of(element.code), CAPTIONS, data_set.caption(element))

    def _write_says(self, shared: Formulas, answers: Answers) -> None:
        """Whether a row says anything, as intake asks; rows below the body say nothing."""
        numbered = answers.numbers_of(self.place.data_set.code)

        def formula(row: int, _: int) -> str:
            tests = []
            for element in self.place.data_set.elements:
                cell = self.at(RAW, element.code, row)
                text = self.at("text", element.code, row)
                test = saying(element.type).replace("{cell}", cell).replace("{text}", text)
                tests.append(f"{test}>0")
            return f"IF(OR({','.join(tests)}),1,0)"

        cells = [(row, SAYS) for row in range(self.top, self.end)]
        shared.fill(cells, formula, lambda row, _: int(row - self.top in numbered))


def absolute(address: str, *, sheet: str = f"{HELPER_SHEET}!") -> str:
    """An address of the helper sheet as other sheets need it: ``_doc!$F$12``."""
    letters = address.strip("$").rstrip("0123456789")
    return f"{sheet}${letters}${address.strip('$')[len(letters) :]}"


def _question(
    place: FormPlace, element: DataElement, column: str, used: Collection[tuple[str, str]]
) -> Question | None:
    """What the cell is asked; ``None`` for a text that nobody asks for."""
    data_set = place.data_set
    kind = data_set.type_of(element, "" if place.open else column)
    required = place.required(element, column)
    if not kind.numeric:
        if kind is not ValueType.DATE:
            if not (place.open or required or (element.code, column) in used):
                return None
            kind = ValueType.TEXT
        return Question(kind, required, listed=place.open)
    pair = bool(element.second) and column == element.columns[0]
    return Question(
        kind,
        required,
        element.minimum,
        element.maximum,
        element.normal_maximum,
        pair,
        pair and (element.code, element.second) in used,
        place.open,
    )
