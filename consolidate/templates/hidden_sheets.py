"""Write the two very hidden sheets: helper cells, and the lines of the sheet "Kiểm tra".

Helper cells hold a number for every answer while it is typed: one block per form, one row per row
of its table. The rows of an open table are those of its named body, counted from the top, so that
rows which people insert or delete are judged like the others, up to :data:`SPARE` rows more than
were prepared. Every helper cell but the captions is a number: the guard of the sheet "Kiểm tra"
counts them, and their sum is an error when one of them is.

The lines stand in form order. The sheet "Kiểm tra" shows them sorted as people type: broken ones
first, errors before warnings, then what cannot be said yet, then what holds. Sorting is done with
``SMALL`` and ``INDEX``, which every program knows. A line whose formula fails comes before all
others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataElement
from consolidate.model.reasons import Severity
from consolidate.model.text import format_day
from consolidate.rules.evaluation import day_of_number
from consolidate.templates.cell_verdicts import (
    COLUMN,
    ROW,
    Answers,
    code_formula,
    question_of,
    saying_formula,
)
from consolidate.templates.columns import FormPlace
from consolidate.templates.form_page import take_formulas_as_they_are
from consolidate.templates.live_formulas import (
    BROKEN,
    FIRST_DAY,
    OPEN_QUESTION,
    SIGNS,
    LiveFigure,
    LiveText,
    ProblemLine,
    around,
    day_formula,
)

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
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


LINES_SHEET = "_lines"
"""Name of the sheet; the underscore tells intake that it is no form."""
NUMBER, CONTENT, SEVERITY, RESULT, LEFT, RIGHT, LINK, TARGET = range(8)
"""Columns: the first seven are those of the sheet "Kiểm tra", the last is where a link leads."""
_KEY, _SHOWN, _RAW = 8, 9, 10
"""Columns of what lines are sorted by, of the line that is shown in a place, of two numbers that
are shown as texts."""
_RANKS = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3}
_OPEN, _HOLDS = 4, 5
_RANK = 1000


@dataclass(frozen=True)
class LineSheet:
    """All lines."""

    lines: Sequence[ProblemLine]

    @cached_property
    def order(self) -> list[int]:
        """Rows of the lines as they are shown now."""
        keys = sorted(self._key_now(row) for row in range(len(self.lines)))
        return [key % _RANK - 1 for key in keys]

    def sign(self, row: int) -> str:
        """Write the address of the sign of a line."""
        return self._at(row, RESULT)

    def span(self, rows: Sequence[int], first: int, last: int = -1) -> str:
        """Give the range of columns from the first to the last of some lines."""
        left, right = column_letters(first), column_letters(max(first, last))
        return f"{LINES_SHEET}!${left}${rows[0] + 1}:${right}${rows[-1] + 1}"

    def guard(self) -> list[str]:
        """Write formulas that are 0, or an error when a cell is one or a line has no sign."""
        rows = range(len(self.lines))
        return [
            f"0/(SUMPRODUCT(--ISERROR({self.span(rows, CONTENT, _SHOWN)}))=0)",
            signed(self.span(rows, RESULT), len(rows)),
        ]

    def shown(self, place: int, column: int) -> str:
        """Write a formula: what stands in a column of the line that is shown in a place."""
        return f"INDEX({self.span(range(len(self.lines)), column)},{self._at(place, _SHOWN)})"

    def link(self, place: int) -> LiveText:
        """Write the link of the line that is shown in a place."""
        name, target = (self.shown(place, column) for column in (LINK, TARGET))
        called = self.lines[self.order[place]].link.name
        return LiveText(f'=IF({name}="","",HYPERLINK({target},{name}))', called.value)

    def write(self, book: Workbook) -> None:
        """Add the sheet."""
        sheet = book.add_worksheet(LINES_SHEET)
        take_formulas_as_they_are(sheet)
        keys = self.span(range(len(self.lines)), _KEY).partition("!")[2]
        for row, line in enumerate(self.lines):
            sheet.write_number(row, NUMBER, row + 1)
            if line.content.formula:
                sheet.write_formula(row, CONTENT, line.content.formula, None, line.content.value)
            else:
                sheet.write_string(row, CONTENT, line.content.value)
            link = line.link
            for column, live in ((RESULT, line.result), (LINK, link.name), (TARGET, link.target)):
                sheet.write_formula(row, column, live.formula, None, live.value)
            sheet.write_string(row, SEVERITY, text(f"terms.severity.{line.severity}"))
            for column, figure in ((LEFT, line.left), (RIGHT, line.right)):
                _write_figure(sheet, row, column, figure)
            sheet.write_formula(row, _KEY, self._key(row), None, self._key_now(row))
            formula = f"MOD(SMALL({keys},{row + 1}),{_RANK})"
            sheet.write_formula(row, _SHOWN, formula, None, self.order[row] + 1)
        sheet.protect()
        sheet.very_hidden()

    def _key(self, row: int) -> str:
        sign = self._at(row, RESULT).partition("!")[2]
        rank = _RANKS[self.lines[row].severity]
        known = f'IF({sign}="{BROKEN}",{rank},IF({sign}="{OPEN_QUESTION}",{_OPEN},{_HOLDS}))'
        return f"IF(ISERROR({sign}),0,{known})*{_RANK}+{row + 1}"

    def _key_now(self, row: int) -> int:
        line = self.lines[row]
        ranks = {BROKEN: _RANKS[line.severity], OPEN_QUESTION: _OPEN}
        return ranks.get(line.result.value, _HOLDS) * _RANK + row + 1

    def _at(self, row: int, column: int) -> str:
        return f"{LINES_SHEET}!${column_letters(column)}${row + 1}"


def signed(signs: str, count: int) -> str:
    """Write a formula: 0, or an error when not every cell of a range has a sign."""
    found = "+".join(f'({signs}="{sign}")' for sign in SIGNS.values())
    return f"0/(SUMPRODUCT({found})={count})"


def _write_figure(sheet: Worksheet, row: int, column: int, figure: LiveFigure) -> None:
    """Write a side: a number as it is; a day or a count of cells as a text beside its number."""
    if figure.style == "number":
        sheet.write_formula(row, column, figure.formula, None, figure.value)
        return
    raw = column - LEFT + _RAW
    sheet.write_formula(row, raw, figure.formula, None, figure.value)
    at = f"{column_letters(raw)}{row + 1}"
    said = f'IF({at}=0,"",{around("template.check.cells", count=at)})'
    if figure.style == "date":
        said = f"IF(ISNUMBER({at}),IF({at}>={FIRST_DAY},{day_formula(at)},{at}),{at})"
    now = figure_now(figure.value, figure.style)
    sheet.write_formula(row, column, f"={said}", None, now)


def figure_now(value: float | str, style: str) -> float | str:
    """Give the value of a side of a line as it is shown now."""
    if style == "cells" and not isinstance(value, str):
        return text("template.check.cells", count=int(value)) if value else ""
    if style == "date" and not isinstance(value, str) and value >= FIRST_DAY:
        return format_day(day_of_number(Decimal(value)))
    return value
