"""Forms that not every province has check themselves as others do: marks, narratives, kinds."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from consolidate.model.anchors import LIVE_SHEET
from consolidate.rules.evaluation import number_of_day
from consolidate.templates.hidden_sheets import HELPER_SHEET, LINES_SHEET
from examples.forms import form_return
from tests.intake.test_marks import LIBRARY as MARKS
from tests.intake.test_marks import ROWS
from tests.intake.test_narrative import LIBRARY as NARRATIVE
from tests.intake.test_not_applicable import BANKS_ONLY
from tests.intake.test_not_applicable import LIBRARY as KINDS
from tests.office.office import Office
from tests.small_library import COUNTED, TASKS, UNITS, returned, small_library
from tests.templates.test_template_office import without_cached_values

pytestmark = pytest.mark.office

LISTED = [
    {
        "task": "a",
        "due": date(2026, 7, 31),
        "sent": date(2026, 8, 1),
        "status": "Đã trình",
        "plan": 1,
    },
    {
        "task": "b",
        "due": date(2026, 7, 31),
        "sent": date(2026, 7, 31),
        "status": "ĐÃ TRÌNH",
        "plan": 2,
    },
    {"task": "c", "due": date(2026, 12, 31), "status": "Chưa thực hiện", "plan": 3},
    {"task": "d", "due": date(2027, 1, 31), "status": "Đã trình", "plan": 4},
    {"task": "e", "sent": date(2026, 12, 30), "status": "", "plan": 8990},
]
"""Row 1 is late, row 3 due soon, row 4 sent on no day, row 5 sent outside the window."""
BOOKS: dict[str, Callable[[], bytes]] = {
    "marks": lambda: returned(MARKS, UNITS[0], rows={"marks": ROWS}),
    "narrative": lambda: returned(NARRATIVE, UNITS[0], values={"tm.i2a": "Dòng một\nDòng hai"}),
    "tasks": lambda: returned(
        small_library(TASKS, COUNTED),
        UNITS[0],
        rows={"tasks": LISTED},
        values={"counted.n": 5, "counted.s": 1, "counted.v": 9000},
    ),
    "tasks not split": lambda: returned(
        small_library(TASKS, COUNTED),
        UNITS[0],
        rows={"tasks": [*LISTED, {"task": "f", "due": date(2026, 12, 1), "status": "x"}]},
        values={"counted.n": 5, "counted.s": 2, "counted.v": 9280},
    ),
    **{
        name: partial(form_return, name)
        for name in ("pctn-2014-day-du", "cchc-2018-day-du", "cchc-2024", "danh-gia", "tcd-xld")
    },
    "kinds": lambda: returned(KINDS, UNITS[0], values={"kinds.m36": 5}, not_applicable=BANKS_ONLY),
}
"""How each is made, by the test that asks for it: other workers only list the tests."""


@pytest.mark.parametrize("name", BOOKS)
def test_the_live_sheet_recalculates_to_what_the_template_says(
    office: Office, tmp_path: Path, name: str
) -> None:
    path, plain = tmp_path / "said.xlsx", tmp_path / "asked.xlsx"
    path.write_bytes(BOOKS[name]())
    plain.write_bytes(without_cached_values(path.read_bytes()))
    book = openpyxl.load_workbook(path, data_only=True)
    found = office.recalculated(plain)
    for sheet in (LIVE_SHEET, HELPER_SHEET, LINES_SHEET):
        shown = 10 if sheet == LINES_SHEET else None  # Numbers beside that are shown as days.
        said = [[_plain(cell) for cell in row[:shown]] for row in book[sheet].values]
        asked = [[_plain(cell) for cell in row[:shown]] for row in found[sheet]]
        assert asked == said


def test_a_blank_text_is_a_warning_on_the_live_sheet() -> None:
    book = openpyxl.load_workbook(io.BytesIO(BOOKS["narrative"]()), data_only=True)
    assert book[LIVE_SHEET]["A4"].value == "ĐỦ ĐIỀU KIỆN GỬI, CÒN 3 CẢNH BÁO"


def _plain(cell: object) -> object:
    if isinstance(cell, date):  # LibreOffice shows helper cells with days as days.
        return int(number_of_day(date(cell.year, cell.month, cell.day)))
    return "" if cell is None else cell
