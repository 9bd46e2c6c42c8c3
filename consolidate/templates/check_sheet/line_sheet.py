"""Write the very hidden sheet of lines in form order, and sort them for display.

The sheet "Kiểm tra" shows the lines sorted as people type: broken ones first, errors before
warnings, then what cannot be said yet, then what holds. Sorting is done with ``SMALL`` and
``INDEX``, which every program knows. A line whose formula fails comes before all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.cells import column_letters
from consolidate.model.reasons import Severity
from consolidate.model.text import format_day
from consolidate.rules.evaluation import day_of_number
from consolidate.templates.check_sheet.live import LiveText
from consolidate.templates.check_sheet.problem_lines import (
    BROKEN,
    OPEN_QUESTION,
    SIGNS,
    LiveFigure,
    ProblemLine,
    around,
)
from consolidate.templates.form_page import take_formulas_as_they_are

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

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
_FIRST_DAY = 61
"""1 March 1900: the first day that all programs count alike."""


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
        parts = (f'TEXT({part}({at}),"00")&"/"' for part in ("DAY", "MONTH"))
        dated = "&".join((*parts, f"YEAR({at})"))
        said = f"IF(ISNUMBER({at}),IF({at}>={_FIRST_DAY},{dated},{at}),{at})"
    now = figure_now(figure.value, figure.style)
    sheet.write_formula(row, column, f"={said}", None, now)


def figure_now(value: float | str, style: str) -> float | str:
    """Give the value of a side of a line as it is shown now."""
    if style == "cells" and not isinstance(value, str):
        return text("template.check.cells", count=int(value)) if value else ""
    if style == "date" and not isinstance(value, str) and value >= _FIRST_DAY:
        return format_day(day_of_number(Decimal(value)))
    return value
