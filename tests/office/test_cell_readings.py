"""Formulas read cells as Python does; measured by recalculating them in LibreOffice."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from consolidate.forms.reading import (
    SECOND_STATUS,
    SECOND_VALUE,
    SOMETHING,
    STATUS,
    VALUE,
    reading_formulas,
)
from consolidate.intake.extract import _says_nothing
from consolidate.model.datasets import ValueType
from consolidate.model.raw import Cell
from tests.office.office import Office
from tests.office.pool import (
    SEEDS,
    WRONG,
    Question,
    ReadingSheet,
    answer_of,
    status_number,
    typed_texts,
    write_readings,
)

pytestmark = pytest.mark.office

QUESTIONS = {
    "count": Question(ValueType.COUNT),
    "money": Question(ValueType.MONEY),
    "area": Question(ValueType.AREA, None),
    "percent": Question(ValueType.PERCENTAGE, Decimal(0), Decimal(100)),
    "pair": Question(ValueType.COUNT, Decimal(0), None, pair=True),
    "revision": Question(ValueType.COUNT, Decimal(1), Decimal(99)),
}
_DECIMALS = re.compile(r"\d[.,]\d")


def stricter(cell: Cell, question: Question) -> bool:
    """Whether the formulas call a text invalid by declaration (docstring of ``reading``)."""
    if not isinstance(cell, str):
        return False
    many = max((len(run) for run in re.findall(r"\d+", re.sub(r"[.,\s]", "", cell))), default=0)
    behind = re.search(r"\d[.,]{2,}|\d\s+\.|\.\s*\.\s*$", cell)
    ratio = question.kind is ValueType.PERCENTAGE and "/" in cell
    return many > 15 or bool(behind) or (ratio and (many > 9 or bool(_DECIMALS.search(cell))))


@pytest.fixture(scope="module")
def read(office: Office, tmp_path_factory: pytest.TempPathFactory):
    """Sheets of typed cells and their recalculated rows, by name."""
    path = tmp_path_factory.mktemp("readings") / "readings.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheets: list[ReadingSheet] = []
    for seed, (name, question) in enumerate(QUESTIONS.items()):
        cells = (*SEEDS, *typed_texts(120 if name != "revision" else 0, seed))
        sheets.append(write_readings(book, name, question, cells))
    book.close()
    rows = office.recalculated(path)
    return {sheet.name: (sheet, rows[sheet.name]) for sheet in sheets}


def rows_of(read, name):
    sheet, rows = read[name]
    for cell, row in zip(sheet.cells, rows, strict=True):
        yield cell, dict(zip(sheet.columns, row[1:], strict=False))


def test_everything_is_recalculated(read):
    for name in QUESTIONS:
        for _, found in rows_of(read, name):
            assert WRONG not in found.values()


@pytest.mark.parametrize("name", QUESTIONS)
def test_value_and_status(read, name):
    question, differing = QUESTIONS[name], []
    for cell, found in rows_of(read, name):
        value, second = answer_of(cell, question)
        expected = [status_number(value), float(value.number or 0)]
        columns = [STATUS, VALUE]
        if question.pair:
            expected += [status_number(second), float(second.number or 0)]
            columns += [SECOND_STATUS, SECOND_VALUE]
        got = [found[column] for column in columns]
        if got == [pytest.approx(number, rel=1e-12) for number in expected]:
            continue
        if not (stricter(cell, question) and found[STATUS] == -1):
            differing.append((cell, expected, got))
    assert differing == []


def test_declared_strictness_is_rare(read):
    """The guaranteed domain is not emptied by what is declared invalid."""
    for name, question in QUESTIONS.items():
        cells = read[name][0].cells
        assert sum(stricter(cell, question) for cell in cells) < len(cells) / 5


def test_says_something(read):
    for cell, found in rows_of(read, "count"):
        assert found[SOMETHING] == (0 if _says_nothing(cell) else 1), repr(cell)


def test_other_kinds_are_only_asked_whether_they_are_there(office: Office, tmp_path: Path):
    path = tmp_path / "texts.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = write_readings(book, "texts", Question(ValueType.TEXT), ("", " \u00a0", "x", 5, "Kế"))
    book.close()
    rows = office.recalculated(path)["texts"]
    at = 1 + sheet.columns.index(STATUS)
    assert [row[at] for row in rows] == [0, 0, 1, 1, 1]


def test_errors_and_index(office: Office, tmp_path: Path):
    """A cell may be given as INDEX of a range; an error value in it is invalid."""
    path = tmp_path / "errors.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("t")
    sheet.write_formula("A1", "=1/0", None, WRONG)
    sheet.write_string("A2", "1.819")
    for row in (1, 2, 3):
        reading = reading_formulas(f"INDEX($A$1:$A$3,{row})", ValueType.COUNT, Decimal(0), None)
        letters = {name: f"{chr(66 + index)}{row}" for index, name in enumerate(reading.columns)}
        for name, formula in reading.formulas(letters.__getitem__).items():
            sheet.write_formula(letters[name], f"={formula}", None, WRONG)
    book.close()
    rows = office.recalculated(path)["t"]
    at = 1 + reading.columns.index(STATUS)
    assert [row[at] for row in rows] == [-1, 1, 0]
    assert rows[1][1 + reading.columns.index(VALUE)] == 1819
