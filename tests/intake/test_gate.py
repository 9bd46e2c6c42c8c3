"""Hostile, broken and foreign files: each refused with its reason, in little memory.

A path that cannot be read, "intake.unreadable_path", is asked in ``tests/test_pipeline.py``.
"""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.forms.build import build_template
from consolidate.intake.gate import OLE, Limits
from consolidate.intake.read import read_file
from consolidate.model.returns import FileReading, Outcome
from tests.intake.packages import (
    CELL,
    PARTS,
    SHEET,
    archive,
    binary_workbook,
    open_document,
    record,
    sheet,
    understated,
    workbook,
)

LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
TEMPLATE = build_template(library(), "pctn")
SMALL = Limits(file_size=30_000, entries=20, inflated=10_000, ratio=5, cells=1_000)


def read(data: bytes, limits: Limits | None = None) -> FileReading:
    return read_file("tệp.xlsx", data, library(), limits)


def reason(key: str, detail: str = "") -> str:
    return text(key, detail=detail)


def ole(stream: str) -> bytes:
    return OLE + bytes(504) + stream.encode("utf-16-le") + bytes(512)


REFUSED = {
    "empty": (b"", "intake.empty_file", "", True),
    "pdf": (b"%PDF-1.4\n%%EOF\n", "intake.pdf", "", False),
    "png": (b"\x89PNG\r\n\x1a\n", "intake.image", "", False),
    "jpeg": (b"\xff\xd8\xff\xe0", "intake.image", "", False),
    "rar": (b"Rar!\x1a\x07\x00", "intake.archive", "", False),
    "rtf": (b"{\\rtf1 }", "intake.word", "", False),
    "docx": (archive({"word/document.xml": "<w/>"}), "intake.word", "", False),
    "pptx": (archive({"ppt/presentation.xml": "<p/>"}), "intake.not_a_workbook", "", False),
    "zip of workbooks": (archive({"a.xlsx": TEMPLATE}), "intake.archive", "", False),
    "text": ("Không phát sinh".encode(), "intake.not_a_workbook", "", False),
    "web page called .xls": (b"<html><table></table></html>", "intake.not_a_workbook", "", False),
    "encrypted": (ole("EncryptedPackage"), "intake.encrypted", "", True),
    "old Word": (ole("WordDocument"), "intake.word", "", False),
    "broken .xls": (ole("Workbook"), "intake.damaged", "", True),
    "half a download": (TEMPLATE[: len(TEMPLATE) // 2], "intake.damaged", "", True),
    "only a signature": (b"PK\x03\x04", "intake.damaged", "", True),
    "no sheet part": (archive(PARTS), "intake.damaged", "", True),
    "another workbook": (workbook(), "intake.not_our_form", "", False),
    "two parts of one name": (
        workbook(**{SHEET.replace("sheet1", "SHEET1"): sheet(LAST)}),
        "intake.damaged",
        "",
        True,
    ),
    "document type": (
        workbook(sheet='<!DOCTYPE a [<!ENTITY b "c">]>' + sheet("")),
        "intake.damaged",
        "",
        True,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_return_is_refused_with_its_reason(name: str) -> None:
    data, key, detail, unreadable = REFUSED[name]
    reading = read(data)
    outcome = Outcome.UNREADABLE if unreadable else Outcome.NOT_A_REPORT
    assert (reading.content, reading.outcome) == (None, outcome)
    assert reading.reason == reason(key, detail)


FAR = {
    "usual": LAST,
    "single quotes": LAST.replace('"', "'"),
    "small letters": LAST.replace("XFD", "xfd"),
    "line breaks": LAST.replace(" ", "\n"),
    "blanks around the sign": LAST.replace("=", " = "),
    "no addresses": f'<row r="9999">{"<c/>" * 16_383}<c><v>1</v></c></row>',
    "comment before the value": LAST.replace("<v>", "<!-- a --><v>"),
    "attribute of the value": LAST.replace("<v>", '<v xml:space="preserve">'),
    "attribute of the text": LAST.replace("<v>1</v>", '<is a="1"><t>1</t></is>'),
    "error": '<row r="2"><c r="XFD1048576" t="e"/></row>',
    "column beyond Excel": '<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>',
    "row beyond Excel": '<row r="4294967295"><c r="XFD4294967295"><v>1</v></c></row>',
}


@pytest.mark.parametrize("name", FAR)
def test_a_cell_in_the_last_corner_is_refused(name: str) -> None:
    reading = read(workbook(f'<row r="1">{CELL}</row>{FAR[name]}'))
    assert reading.reason == reason("intake.too_many_cells", "S")
    assert reading.outcome is Outcome.UNREADABLE


def test_a_far_cell_behind_prefixed_tags_is_refused() -> None:
    body = sheet(LAST).replace("xmlns=", "xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c ", "c>", "v>"):
        body = body.replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag}", f"</x:{tag}")
    assert read(workbook(sheet=body)).reason == reason("intake.too_many_cells", "S")


@pytest.mark.parametrize(
    ("old", "new"),
    [("<sheet name", "<a-b:sheet name"), ('name="S"', "name='a>b'"), ("rId1", "rId2")],
)
def test_a_sheet_that_nobody_measured_is_not_opened(old: str, new: str) -> None:
    book = PARTS["xl/workbook.xml"].replace(old, new)
    assert read(workbook(LAST, book=book)).reason == reason("intake.damaged")


@pytest.mark.parametrize("target", ["/xl/Worksheets/SHEET1.xml", "xl/worksheets/sheet1.xml"])
def test_a_far_cell_is_found_however_its_part_is_named(target: str) -> None:
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", target)
    reading = read(workbook(LAST, relations=relations))
    assert reading.reason == reason("intake.too_many_cells", "S")


@pytest.mark.parametrize(
    "rows",
    ['<row r="1048576"><c r="XFD1048576" s="1"/></row>', '<row r="1"><c r="AB40000" s="1"/></row>'],
)
def test_blank_cells_far_away_are_no_harm(rows: str) -> None:
    assert read(workbook(rows)).reason == reason("intake.not_our_form")


@pytest.mark.parametrize(
    ("row", "column", "key"),
    [(1_048_575, 16_383, "intake.too_many_cells"), (9, 9, "intake.damaged")],
)
def test_a_far_cell_of_a_binary_workbook_is_refused(row: int, column: int, key: str) -> None:
    records = record(0, struct.pack("<I", row)) + record(5, struct.pack("<Id", column, 1.0))
    assert read(binary_workbook(records)).reason == reason(key, "sheet1.bin")


@pytest.mark.parametrize("repeated", ["1048576", "4000000000", "x", "-1"])
def test_repeated_rows_of_an_open_document_are_not_unrolled(repeated: str) -> None:
    value = 'office:value-type="float" office:value="1"'
    rows = (
        f'<table:table-row table:number-rows-repeated="{repeated}"><table:table-cell {value} '
        f'table:number-columns-repeated="{repeated}"/></table:table-row>'
    )
    assert read(open_document(rows)).content is None


def test_a_bomb_is_seen_in_the_directory() -> None:
    data = workbook(**{"xl/media/a.bin": "0" * 20_000_000})
    tracemalloc.start()
    reading = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading.reason == reason("intake.bomb", "20 MB")
    assert peak < 1_000_000


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_part_larger_than_it_says_is_refused(part: str) -> None:
    padding = " " * 500
    shared, styles = f"<sst>{padding}</sst>", f"<styleSheet>{padding}</styleSheet>"
    rows = f'<row r="1">{CELL}</row>{padding}'
    data = workbook(rows, **{"xl/sharedStrings.xml": shared, "xl/styles.xml": styles})
    assert read(data).reason == reason("intake.not_our_form")
    assert read(understated(data, part, 20)).reason == reason("intake.damaged")


def test_limits() -> None:
    many = archive({f"xl/{number}.xml": "" for number in range(21)})
    assert read(many, SMALL).reason == reason("intake.too_many_parts", "21")
    assert read(b"x" * 30_001, SMALL).reason == reason("intake.too_large", "0 MB")
    wide = workbook('<row r="1"><c r="A1"><v>1</v></c><c r="AMK1"><v>1</v></c></row>')
    assert read(wide, SMALL).reason == reason("intake.too_many_cells", "S")


def test_a_workbook_with_encrypted_entries_is_refused() -> None:
    data = bytearray(workbook())
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    assert read(bytes(data)).reason == reason("intake.encrypted")


@pytest.mark.parametrize(
    "hostile",
    [
        "</f>" + " " * 50_000,
        "<f " * 50_000,
        "<f/></c>" * 20_000,
        '<c r="A1" ' * 20_000,
        "<" * 50_000,
    ],
)
def test_markup_that_would_make_careless_patterns_slow_is_no_return(hostile: str) -> None:
    assert read(workbook(hostile * 8 + "<f>")).content is None


@pytest.mark.parametrize("number", ["1E999", "-1E999", "nan", "inf", "1e308", "", " ", "x"])
def test_numbers_that_no_excel_writes_crash_nothing(number: str) -> None:
    cell = f'<row r="1"><c r="A1"><v>{number}</v></c><c r="B1" t="d"><v>{number}</v></c></row>'
    assert read(workbook(cell)).content is None


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_an_exception(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", OLE, b"%PDF", ole("Workbook")):
        reading = read(start + data)
        assert reading.content is None
        assert reading.reason


def test_a_damaged_return_is_read_or_refused_but_never_raises() -> None:
    dice = random.Random(5)
    reasons = set()
    for _ in range(150):
        data = bytearray(TEMPLATE)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        reading = read(bytes(data))
        assert (reading.content is None) == bool(reading.reason)
        reasons.add(reading.reason)
    assert reason("intake.damaged") in reasons
    assert reason("intake.crashed") not in reasons


def test_damaged_xml_inside_a_sound_archive_never_raises() -> None:
    dice = random.Random(7)
    with zipfile.ZipFile(io.BytesIO(TEMPLATE)) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    names = [name for name in parts if name.endswith((".xml", ".rels"))]
    for _ in range(60):
        name = dice.choice(names)
        content = bytearray(parts[name])
        for _ in range(dice.randint(1, 20)):
            content[dice.randrange(len(content))] = dice.choice(b"<>/\"'&;x0 \xff")
        reading = read(archive({**parts, name: bytes(content)}))
        assert reading.reason != reason("intake.crashed")


def test_a_reader_that_fails_costs_only_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("consolidate.intake.read.extract_return", broken)
    reading = read(TEMPLATE)
    assert (reading.outcome, reading.reason) == (Outcome.UNREADABLE, reason("intake.crashed"))


def test_the_blank_template_is_let_in() -> None:
    reading = read(TEMPLATE)
    assert reading.content is not None
    assert (reading.content.template, reading.content.anomalies) == ("pctn", ())
