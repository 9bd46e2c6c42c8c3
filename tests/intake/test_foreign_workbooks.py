"""Sound workbooks that are no returns: other tables, our own lists and summaries."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.intake.read import read_file
from consolidate.model.returns import Outcome
from consolidate.pipeline import MergeRequest, merge, write_results
from tests.recipes.recipe import Recipe

ROOT = Path(__file__).parents[2]


def book(*rows: tuple[object, ...]) -> bytes:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


OTHERS = {
    "nothing in it": book(),
    "report of another ministry": book(
        ("BỘ TÀI CHÍNH",), ("STT", "Chỉ tiêu", "Số liệu"), (1, "Số thu ngân sách", 1234)
    ),
    "our labels typed anew without codes": book(
        ("MS", "NỘI DUNG", "ĐV TÍNH", "SỐ LIỆU"), (1, "Số văn bản ban hành mới", "Văn bản", 3)
    ),
    "codes elsewhere than in the corner": book(("", "pctn_01"), ("c1", 3)),
    "roster": (ROOT / "examples" / "roster.xlsx").read_bytes(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_workbook_is_no_return(name: str) -> None:
    reading = read_file("tệp.xlsx", OTHERS[name], library())
    assert (reading.content, reading.outcome) == (None, Outcome.NOT_A_REPORT)
    assert reading.reason == text("intake.not_our_form")


def test_our_own_summary_is_no_return(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "Sở Nội vụ.xlsx").write_bytes(Recipe("plain").build())
    written = write_results(merge(MergeRequest(inbox)), tmp_path / "out", inbox)
    reading = read_file("tệp.xlsx", written["workbook"].read_bytes(), library())
    assert (reading.content, reading.reason) == (None, text("intake.not_our_form"))
