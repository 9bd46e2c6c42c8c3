"""Cells as people type them, and a sheet in which formulas judge every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.templates.cell_verdicts import (
    STATUSES,
    Question,
    code_formula,
    judged,
    number_of,
    saying_formula,
)
from consolidate.templates.live_formulas import Value

REPORTED = ValueStatus.REPORTED
WRONG = -77
"""Cached value of every formula we write: seeing it again means that nothing was recalculated."""

SEEDS: tuple[Value, ...] = (
    "", " ", 0, 1, 3, -1, -5, 1819, 1.819, 0.5, 0.1, 0.2, 0.3, 2.25, 100, 99.99, 100.5, 1e12, 1e15,
    123456789012345.0, -1e15, 0.0001, 1.0005, 43439, 2958465, 2958466, 99999999, date(2018, 12, 5),
    "x", "X", " x ", "xx", "0", "03", "1.819", "26/26", "100%", "Không", "//", "-", "5 lượt",
    "28/8/2018", "abc", "✓", "có",
)  # fmt: skip


def answer_of(cell: Value, question: Question) -> DataValue:
    """The answer in a cell as Python judges it."""
    status = STATUSES[judged(question, cell) % 10]
    used = (cell if isinstance(cell, str) else number_of(cell)) if status is REPORTED else None
    return DataValue(ValueKey("", ""), used, status, "", CellRef("", 0, 0))


@dataclass(frozen=True, slots=True)
class JudgedSheet:
    """A sheet with one typed cell per row (A), its number (B), whether it says anything (C)."""

    name: str
    question: Question
    cells: tuple[Value, ...]

    def at(self, row: int, column: str) -> str:
        """Address of a cell from other sheets; rows count from 0."""
        return f"{self.name}!${column}${row + 1}"

    def span(self, first: int, last: int, column: str) -> str:
        """Range of a column over rows, both inclusive."""
        return f"{self.name}!${column}${first + 1}:${column}${last + 1}"


def write_judged(book: Any, name: str, question: Question, cells: Sequence[Value]) -> JudgedSheet:
    """Add a sheet that judges ``cells`` as answers to ``question``."""
    sheet = book.add_worksheet(name)
    date_format = book.add_format({"num_format": "[$-42A]dd/mm/yyyy"})
    for row, cell in enumerate(cells):
        if isinstance(cell, date):
            sheet.write_datetime(row, 0, cell, date_format)
        elif isinstance(cell, str):
            sheet.write_string(row, 0, cell)
        else:
            sheet.write_number(row, 0, cell)
        address = f"$A${row + 1}"
        sheet.write_formula(row, 1, f"={code_formula(question, address)}", None, WRONG)
        sheet.write_formula(row, 2, f"={saying_formula(address)}", None, WRONG)
    return JudgedSheet(name, question, tuple(cells))
