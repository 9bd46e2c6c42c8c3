"""The province's list of Biểu 03/PCTN: marks are shown as marks and never added up."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl

from consolidate.reports.summary import summary_bytes
from tests.intake.test_marks import LIBRARY, ROWS
from tests.small_library import UNITS, merged, returned


def test_the_list_of_the_province_shows_marks_and_sums_none(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    returns = {
        "S1": returned(LIBRARY, UNITS[0], rows={"marks": ROWS[:2]}),
        "X1": returned(LIBRARY, UNITS[2], rows={"marks": ROWS[4:5]}),
    }
    result = merged(LIBRARY, inbox, returns)
    data = summary_bytes(result, inbox_link=None)
    (sheet,) = (s for s in openpyxl.load_workbook(io.BytesIO(data)) if "03-PCTN" in s.title)
    shown = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=1)]
    first = next(at for at, line in enumerate(shown) if "Quyết định A" in line)
    assert [line[1:6] for line in shown[first : first + 3]] == [
        ["Sở Nội vụ", "Quyết định A", "UBND tỉnh", "x", None],
        ["Sở Nội vụ", "Quyết định B", "UBND tỉnh", None, "x"],
        ["UBND xã An Tây", "Quyết định E", "UBND tỉnh", None, "x"],
    ]
    assert not any("=" in str(cell) for line in shown[first:] for cell in line)
