"""Write the very hidden helper cells: a number for every answer while it is typed.

One block per form, one row per row of its table. The rows of an open table are those of its named
body, counted from the top, so that rows which people insert or delete are judged like the others,
up to :data:`SPARE` rows more than were prepared. Every helper cell but the captions is a number:
the guard of the sheet "Kiểm tra" counts them, and their sum is an error when one of them is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataElement
from consolidate.templates.cell_places import FormPlace
from consolidate.templates.check_sheet.judging import (
    COLUMN,
    ROW,
    Answers,
    code_formula,
    question_of,
    saying_formula,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HELPER_SHEET = "_doc"
"""Name of the sheet; the underscore tells intake that it is no form."""
SPARE = 4
"""Rows of an open table that are read beyond the prepared ones."""
CAPTIONS, SAYS, CODES = 1, 2, 3
"""Columns of captions, of which rows say something, and the first one of the codes."""


@dataclass(frozen=True)
class AnswerBlock:
    """Helper cells of one form from row ``top`` on: codes, colours, verdicts of rows."""

    place: FormPlace
    top: int

    @property
    def count(self) -> int:
        """Rows of the block."""
        return self.place.last - self.place.first + 1 + (SPARE if self.place.open else 0)

    @property
    def end(self) -> int:
        """The row behind the block."""
        return self.top + self.count

    @property
    def marks(self) -> int:
        """The first column of colours: 2 red, 1 amber, 0 or nothing none."""
        return CODES + len(self.place.answers)

    @property
    def verdicts(self) -> int:
        """The first column of verdicts of rules that are asked of each row."""
        return CODES + 2 * len(self.place.answers)

    def code(self, column: str, *, element: str = "", row: int = 0) -> str:
        """Give the address of the number of an answer; ``row`` counts open rows from 0."""
        if element:
            row = self.place.rows[element] - self.place.first
        return helper(self.top + row, CODES + self.place.answers.index(column))

    def codes(self, column: str = "") -> str:
        """Give the range of the numbers of one column of answers, or of all."""
        answers = self.place.answers
        first, last = (column, column) if column else (answers[0], answers[-1])
        return self.span(CODES + answers.index(first), CODES + answers.index(last))

    def span(self, first: int, last: int = -1) -> str:
        """Give the range of columns of the helper sheet over the rows of the block."""
        ends = (column_letters(first), column_letters(max(first, last)))
        return f"{HELPER_SHEET}!${ends[0]}${self.top + 1}:${ends[1]}${self.end}"

    def input(self, column: str, *, element: str = "", row: int | str = 0) -> str:
        """Refer to an input cell; ``row`` is that of an open table from 0, or a formula
        that counts from 1.
        """
        if not self.place.open:
            return self.place.address(column, self.place.rows[element]).replace("$", "")
        index = self.place.columns[column] - min(self.place.columns.values()) + 1
        number = f"{row}+1" if isinstance(row, str) else row + 2
        return f"INDEX({self.place.frame},{number},{index})"

    def inputs(self, column: str) -> str:
        """Give the range of a column of an open table."""
        return f"{self.input(column)}:{self.input(column, row=self._rows)}"

    def some_codes(self, column: str) -> str:
        """Give the numbers of a column of an open table over the rows that it has."""
        codes = self.codes(column)
        return f"{codes.split(':')[0]}:INDEX({codes},{self._read})"

    def some_inputs(self, column: str) -> str:
        """Give the cells of a column of an open table, as :meth:`some_codes` their numbers."""
        return f"{self.input(column)}:{self.input(column, row=self._read)}"

    @property
    def _read(self) -> str:
        """How many rows of an open table are there and read, as a formula."""
        return f"MIN({self.count},{self._rows})"

    @property
    def _rows(self) -> str:
        """How many rows an open table has, as a formula."""
        return f"ROWS({self.place.frame})-2"

    @property
    def beyond(self) -> str:
        """Whether an open table has more rows than are read here, as a formula."""
        return f"{self._rows}>{self.count}"

    def mark_cell(self, cell: CellRef) -> tuple[int, int]:
        """Find the helper cell (row, column) with the colour of a fixed table's input cell."""
        row = self.top + cell.row - self.place.first
        return row, self.marks + cell.column - self.place.first_answer

    def answers(self) -> Iterator[tuple[DataElement, str, int]]:
        """List element, column and row (of an open table, from 0) of every answer."""
        for column in self.place.answers:
            for element in self.place.elements_of(column):
                for row in range(self.count if self.place.open else 1):
                    yield element, column, row

    def write(self, cells: HelperCells, answers: Answers) -> None:
        """Write captions and formulas with the values that they have now."""
        place = self.place
        for element in () if place.open else place.data_set.elements:
            row = self.top + place.rows[element.code] - place.first
            cells.sheet.write_string(row, CAPTIONS, place.caption(element))
        for row in range(self.count) if place.open else ():
            says = ",".join(saying_formula(self.input(code, row=row)) for code in place.answers)
            formula = f"IF({row + 1}>{self._rows},0,MAX({says}))"
            said = int(row in answers.saying[place.data_set.code])
            cells.write(self.top + row, SAYS, formula, said)
        for element, column, row in self.answers():
            at = row if place.open else place.rows[element.code] - place.first
            index = place.answers.index(column)
            cell = self.input(column, element=element.code, row=row)
            judged = code_formula(question_of(place, element, column), cell)
            if place.open:
                judged = f"IF(${column_letters(SAYS)}${self.top + row + 1}=0,1,{judged})"
            formula = f"{(at + 1) * ROW + (index + 1) * COLUMN}+{judged}"
            now = answers.code(place, element, column, row)
            cells.write(self.top + at, CODES + index, formula, now)


@dataclass
class HelperCells:
    """Writes the numbers of the helper sheet and counts them."""

    sheet: Worksheet
    count: int = 0
    last: tuple[int, int] = (0, 0)

    def write(self, row: int, column: int, formula: str, value: float) -> None:
        """Write one formula (without its ``=``) and its value."""
        self.sheet.write_formula(row, column, formula, None, value)
        self.count += 1
        self.last = (max(self.last[0], row), max(self.last[1], column))


def helper(row: int, column: int) -> str:
    """Write the address of a cell of the helper sheet from other sheets."""
    return f"{HELPER_SHEET}!${column_letters(column)}${row + 1}"
