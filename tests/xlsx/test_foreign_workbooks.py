"""Sound workbooks that are no returns: other tables, our own lists and summaries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rapidfuzz import process

from consolidate.intake.extract import extract_return
from consolidate.intake.read_file import read_file
from consolidate.intake.retyped.headers import header_rows
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.cells import Cell
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.saved import saved

ROOT = Path(__file__).parents[2]


def book(*rows: tuple[object, ...]) -> bytes:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    return saved(made)


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
    reading = read_file("tệp.xlsx", OTHERS[name], library_2018())
    assert (reading.content, reading.outcome) == (None, Outcome.NOT_A_REPORT)
    assert reading.reason == because("intake.not_our_form")


def test_our_own_summary_is_no_return(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "Sở Nội vụ.xlsx").write_bytes(Recipe("plain").build())
    written = write_results(merge(MergeRequest(library_2018(), inbox)), tmp_path / "out", inbox)
    reading = read_file("tệp.xlsx", written["workbook"].read_bytes(), library_2018())
    assert (reading.content, reading.reason) == (None, because("intake.not_our_form"))


def test_a_long_line_far_from_a_title_is_not_searched_for_ours() -> None:
    # Slashes and units to no end: a pattern that begins anywhere takes minutes for these.
    slashes = "a/ đơn vị, số liệu"[:-1] * 55
    assert (
        extract_return(
            Workbook((Grid("S", [[slashes] * 64] * 15),), DefinedNames()), library_2018()
        )
        is None
    )
    assert (
        extract_return(
            Workbook((Grid("S", [["a/b"] * 16_384] * 15),), DefinedNames()), library_2018()
        )
        is None
    )


def test_headers_are_looked_for_in_a_workbook_full_of_other_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Names and places, each another: so many that comparing them one by one takes minutes.
    words = ["Nguyễn", "Trần", "Lê", "xã", "huyện", "thôn", "đường", "trường", "dự án", "cầu"]
    texts = [
        " ".join((words[at % 10], words[at // 10 % 10], words[at // 100 % 10], f"a{at}"))
        for at in range(8_000)
    ]
    grid = Grid("S", [list[Cell](texts[at : at + 20]) for at in range(0, len(texts), 20)])
    compared: list[str] = []
    extract_one = process.extractOne

    def first(text: str, *args: Any, **kwargs: Any) -> Any:
        compared.append(text)
        return extract_one(text, *args, **kwargs)

    monkeypatch.setattr(process, "extractOne", first)
    # The headers of all forms are compared in one call, and only where digits agree.
    assert not header_rows(grid, tuple(library_2018().packs.forms))
    assert len(compared) <= len(texts)
