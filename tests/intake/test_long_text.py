"""Texts longer than a cell of Excel takes: read whole in every format, told, cut with a mark."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.merge.read_files import check_bytes
from consolidate.model.period import Period
from consolidate.model.reasons import Severity
from consolidate.model.text import CELL_LIMIT
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.xlsx.write.safe_text import LINK_LIMIT, cut_to, file_link
from tests.intake.retyping import Typed, as_csv, as_word, typed_forms
from tests.library_2018 import library_2018
from tests.office.office import Office
from tests.recipes.recipe import Recipe

MARK = "DÀI"
FITS, LONG, WIDE = "a" * 32_767, "Vụ việc dài. " * 4_000, "😀" * 16_384


@cache
def form() -> bytes:
    rows = {"pctn_02": [{"name": "Vụ A", "place": "Sở Y tế", "summary": MARK}]}
    return Recipe("long", values={"pctn_01.c29": 1, "pctn_01.c30": 1}, rows=rows).build()


def patched(data: bytes, text: str) -> bytes:
    """The workbook with a text for the mark in whatever part holds it."""
    target, mark = io.BytesIO(), MARK.encode()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry).replace(mark, text.strip().encode()))
    return target.getvalue()


def typed(text: str) -> list[Typed]:
    forms = typed_forms(form())
    for line in forms[1].body:
        line[:] = [text if cell == MARK else cell for cell in line]  # type: ignore[index]
    return forms


def told(name: str, data: bytes, text: str) -> list[tuple[str, str, str]]:
    reading = check_bytes(library_2018(), name, data)
    assert reading.content is not None, reading.reason
    (value,) = (v for v in reading.content.values() if v.key.element == "summary")
    assert value.value == text.strip()
    found = [f for f in reading.findings if f.rule == "value.too_long"]
    assert all((f.severity, f.cells) == (Severity.WARNING, (value.cell,)) for f in found)
    return [(f.found, f.expected, f.element) for f in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FITS, []),
        (FITS + "b", [("32.768", "≤ 32.767", "summary")]),
        (WIDE, [("32.768", "≤ 32.767", "summary")]),
        (LONG, [("51.999", "≤ 32.767", "summary")]),
    ],
    ids=["fits", "one more", "wide", "long"],
)
def test_a_text_is_read_whole_and_told_when_it_is_too_long(
    text: str, found: list[tuple[str, str, str]]
) -> None:
    assert told("a.xlsx", patched(form(), text), text) == found
    forms = typed(text.strip())
    assert told("a.docx", as_word(forms), text) == found
    assert told("a.csv", as_csv(forms[1]).encode("utf-8"), text) == found


@pytest.mark.office
def test_so_it_is_in_a_workbook_of_libreoffice(office: Office, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(form())
    (ods,) = office.saved_as([tmp_path / "a.xlsx"], "ods", tmp_path / "ods")
    assert told("a.ods", patched(ods.read_bytes(), FITS), FITS) == []
    assert told("a.ods", patched(ods.read_bytes(), LONG), LONG) == [
        ("51.999", "≤ 32.767", "summary")
    ]


def test_the_summary_says_where_it_cuts_and_how_much(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "S02.xlsx").write_bytes(patched(form(), LONG))
    roster = Roster.of([OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE)])
    result = merge(MergeRequest(library_2018(), inbox, Period.parse_code("2018-9M"), roster))
    written = write_results(result, tmp_path / "out", inbox)
    book = openpyxl.load_workbook(written["workbook"])
    shown = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("Vụ việc dài. Vụ")
    ]
    assert len(shown) == 1
    kept, mark = shown[0].split(" … ")
    left = re.fullmatch(r"\(cắt bớt: còn ([0-9.]+) ký tự, xem tệp gốc của đơn vị\)", mark)
    assert left is not None
    assert len(kept) + int(left.group(1).replace(".", "")) == len(LONG.strip())
    assert LONG.startswith(kept)
    assert any(
        cell.value == "≤ 32.767" for sheet in book for row in sheet.iter_rows() for cell in row
    )
    assert LONG.strip() in written["json"].read_text(encoding="utf-8")


def test_a_cut_keeps_within_its_limit_and_a_short_text_is_left_alone() -> None:
    assert cut_to(FITS) is FITS
    for text in (FITS + "b", WIDE, LONG):
        assert len(cut_to(text).encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert cut_to("a" * 301, 300, "Bìa") == f"{'a' * 200} … (cắt bớt: còn 101 ký tự, xem Bìa)"
    assert LINK_LIMIT < 65_530


def test_a_sheet_name_too_long_for_a_link_leaves_the_link_to_the_file() -> None:
    from consolidate.model.cells import CellRef

    assert file_link("i", "a.ods", CellRef("S" * 300, 0, 0)) == "external:i/a.ods"
    assert file_link("i", "a.ods", CellRef("S", 0, 0)) == "external:i/a.ods#'S'!A1"
