"""Formulas judge cells as Python does; measured by recalculating them in LibreOffice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.datasets import ValueType
from consolidate.templates.cell_verdicts import (
    A_TEXT,
    CLASS,
    REASON,
    UNUSUAL,
    Question,
    code_formula,
    judged,
    saying_formula,
    says,
)
from tests.office.live_sheet import PROBLEMS
from tests.office.office import Office
from tests.office.pool import SEEDS, WRONG, answer_of, write_judged

ZERO, HUNDRED = Decimal(0), Decimal(100)
QUESTIONS = {
    "count": Question(ValueType.COUNT, True, ZERO),
    "pair": Question(ValueType.COUNT, True, ZERO, free=True, pair=True),
    "people": Question(ValueType.COUNT, True, ZERO, most=1000, most_at="IF(1=1,1000,0)"),
    "revision": Question(ValueType.COUNT, False, Decimal(1), Decimal(99)),
    "money": Question(ValueType.MONEY, True, ZERO, normal=Decimal(1000)),
    "area": Question(ValueType.AREA),
    "percent": Question(ValueType.PERCENTAGE, True, ZERO, HUNDRED, free=True),
    "day": Question(ValueType.DATE, True),
    "text": Question(ValueType.TEXT, True),
    "mark": Question(ValueType.MARK),
}


@pytest.mark.office
def test_formulas_say_what_python_says(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    for name, question in QUESTIONS.items():
        write_judged(book, name, question, SEEDS)
    book.close()
    sheets = office.recalculated(path)
    for name, question in QUESTIONS.items():
        for cell, row in zip(SEEDS, sheets[name], strict=True):
            assert row[1:] == [judged(question, cell), int(says(cell))], (name, cell)


@pytest.mark.office
def test_error_values_and_truth_values_are_no_numbers(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "odd.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("t")
    sheet.write_formula("A1", "=1/0", None, WRONG)
    sheet.write_boolean("A2", True)
    question = QUESTIONS["count"]
    for row in (1, 2):
        sheet.write_formula(f"B{row}", f"={code_formula(question, f'$A${row}')}", None, WRONG)
        sheet.write_formula(f"C{row}", f"={saying_formula(f'$A${row}')}", None, WRONG)
    book.close()
    found = [[_problem(int(row[1])), row[2]] for row in office.recalculated(path)["t"]]
    assert found == [[PROBLEMS["error_value"], 1], [PROBLEMS["not_a_number"], 1]]


@pytest.mark.parametrize("name", ["count", "revision", "money", "area", "percent"])
def test_numbers_blanks_and_the_mark_are_judged_as_the_merge_reads_them(name: str) -> None:
    question = QUESTIONS[name]
    for cell in SEEDS:
        if isinstance(cell, str) and cell.strip().lower() not in ("", "x"):
            continue
        if not isinstance(cell, str | int | float):
            continue  # A date in a cell of numbers is a number to formulas.
        read = read_number(cell, question.kind)
        used = read.figures[0] if read.figures else None
        problem = PROBLEMS.get(read.problem, 0)
        for bound, wrong, least in (
            (question.minimum, "below_minimum", True),
            (question.maximum, "above_maximum", False),
        ):
            if used is not None and bound is not None and (used < bound if least else used > bound):
                used, problem = None, PROBLEMS[wrong]
        if used is not None and question.normal is not None and used > question.normal:
            problem = UNUSUAL
        made = answer_of(cell, question)
        assert made.number == used, cell
        found = _problem(judged(question, cell))
        blank = PROBLEMS["required"] if question.required and not str(cell).strip() else 0
        assert found == (problem or blank), cell


def test_any_other_text_is_one_problem() -> None:
    for name in ("count", "revision", "money", "area"):
        for said in ("0", "5", "1.819", "Không", "-", "5 lượt", "26/26", "n/a"):
            assert _problem(judged(QUESTIONS[name], said)) == A_TEXT


def _problem(number: int) -> int:
    return number // CLASS * 10 + number // REASON % 10
