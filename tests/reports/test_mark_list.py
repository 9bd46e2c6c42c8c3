"""The province's list of Biểu 03/PCTN: marks are shown as marks, counted at most, never added."""

from __future__ import annotations

import io
import re
from itertools import count
from pathlib import Path

import openpyxl

from consolidate.reports.summary import summary_bytes
from tests.intake.test_marks import LIBRARY, ROWS
from tests.small_library import MARKS, UNITS, merged, returned, small_library


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
    assert [(*line[1:5], line[8]) for line in shown[first : first + 3]] == [
        ("Quyết định A", "UBND tỉnh", "x", None, "Sở Nội vụ"),
        ("Quyết định B", "UBND tỉnh", None, "x", "Sở Nội vụ"),
        ("Quyết định E", "UBND tỉnh", None, "x", "UBND xã An Tây"),
    ]
    assert not any("=" in str(cell) for line in shown[first:] for cell in line)


def test_the_list_of_the_province_has_the_printed_rows(tmp_path: Path) -> None:
    numbers = count(1)
    numbered = re.sub("(?m)^label", lambda _: f'number = "{next(numbers)}"\nlabel', MARKS)
    rows = '[layout]\ncolumn_numbers = "MS"\ntotal_label = "Tổng số:"'
    library = small_library(numbered.replace("[layout]", rows))
    returns = {
        "S1": returned(library, UNITS[0], rows={"marks": ROWS[:2]}),
        "X1": returned(library, UNITS[2], rows={"marks": ROWS[4:]}),
    }
    result = merged(library, tmp_path, returns)
    data = summary_bytes(result, inbox_link=None)
    (live,) = (s for s in openpyxl.load_workbook(io.BytesIO(data)) if "03-PCTN" in s.title)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    shown = [[cell.value for cell in line] for line in book[live.title].iter_rows()]
    first = next(at for at, line in enumerate(shown) if "Quyết định A" in line)
    assert shown[first - 1][:7] == ["MS", *"123456"]
    total = first + 5
    assert shown[total][:7] == ["Tổng số:", 5, None, 2, 2, None, None]
    spans = [f"{column}{first + 1}:{column}{total}" for column in "ADE"]
    assert [live[f"{column}{total + 1}"].value for column in "BDE"] == [
        f"=COUNT({spans[0]})",
        *(f'=COUNTIF({span},"x")' for span in spans[1:]),
    ]
