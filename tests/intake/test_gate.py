"""Hostile, broken and foreign files: each refused with its reason, in little memory.

A path that cannot be read, "intake.unreadable_path", is asked in ``tests/test_pipeline.py``.
"""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.forms.build import build_template
from consolidate.intake.compound import OLE
from consolidate.intake.gate import Limits, Refused, directory, is_word, open_word
from consolidate.intake.grid import read_workbook
from consolidate.intake.kinds import looks_like_text
from consolidate.intake.read import ReadSettings, read_file
from consolidate.model.returns import FileReading, Outcome
from tests.intake.compounds import compound
from tests.intake.packages import (
    CELL,
    PARTS,
    SHEET,
    archive,
    binary_workbook,
    document,
    open_document,
    record,
    sheet,
    understated,
    workbook,
)

LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
TEMPLATE = build_template(library(), "pctn")
SMALL = Limits(file_size=30_000, entries=20, inflated=10_000, ratio=5, cells=1_000, far_cells=0)


def read(data: bytes, limits: Limits | None = None) -> FileReading:
    return read_file("tệp.xlsx", data, library(), ReadSettings(limits or Limits()))


def reason(key: str, detail: str = "") -> str:
    return text(key, detail=detail)


def ole(*streams: str) -> bytes:
    return compound(dict.fromkeys(streams, b"x"))


MEDIA = "application/vnd.oasis.opendocument."
DOCUMENT = PARTS | {"word/document.xml": "<w/>"}


REFUSED = {
    "empty": (b"", "intake.empty_file", "", True),
    "pdf": (b"%PDF-1.4\n%%EOF\n", "intake.pdf", "", False),
    "png": (b"\x89PNG\r\n\x1a\n", "intake.image", "", False),
    "jpeg": (b"\xff\xd8\xff\xe0", "intake.image", "", False),
    "rar": (b"Rar!\x1a\x07\x00", "intake.archive", "", False),
    "rtf": (b"{\\rtf1 }", "intake.word", "", False),
    "broken docx": (archive({"word/document.xml": "<w/>"}), "intake.damaged", "", True),
    "docx without a table": (document("<w:p/>"), "intake.no_table", "", False),
    "pptx": (archive({"ppt/presentation.xml": "<p/>"}), "intake.powerpoint", "", False),
    "gif": (b"GIF89a", "intake.image", "", False),
    "bmp": (b"BM\x46\x00\x00\x00\x00\x00\x00\x00", "intake.image", "", False),
    "tiff": (b"II*\x00", "intake.image", "", False),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "intake.image", "", False),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00", "intake.image", "", False),
    "pdf behind a scanner's own bytes": (b"scan\x00\x01\n%PDF-1.4", "intake.pdf", "", False),
    "7z": (b"7z\xbc\xaf\x27\x1c", "intake.archive", "", False),
    "gz": (b"\x1f\x8b\x08", "intake.archive", "", False),
    "part of a zip": (b"PK\x07\x08", "intake.archive_part", "", False),
    "empty zip": (archive({}), "intake.archive_empty", "", False),
    "mail": (b"From: a\r\nTo: b\r\n\r\nx", "intake.mail", "", False),
    "Outlook mail": (ole("__properties_version1.0"), "intake.mail", "", False),
    "winmail.dat": (b"\x78\x9f\x3e\x22\x01", "intake.mail_tnef", "", False),
    "program": (b"MZ\x90\x00", "intake.program", "", False),
    "shortcut": (b"L\x00\x00\x00\x01\x14\x02\x00", "intake.shortcut", "", False),
    "link": (b"[InternetShortcut]\r\nURL=x", "intake.shortcut", "", False),
    "Access": (b"\x00\x01\x00\x00Standard ACE DB\x00", "intake.database", "", False),
    "Google": (b'{"doc_id": "1", "email": "a"}', "intake.google_link", "", False),
    "Numbers": (archive({"Index/Document.iwa": ""}), "intake.numbers", "", False),
    "odt": (
        archive({"mimetype": f"{MEDIA}text", "content.xml": "<o/>"}),
        "intake.open_text",
        "",
        False,
    ),
    "odp": (
        archive({"mimetype": f"{MEDIA}presentation", "content.xml": "<o/>"}),
        "intake.powerpoint",
        "",
        False,
    ),
    "formula of LibreOffice": (
        archive({"mimetype": f"{MEDIA}formula", "settings.xml": "<o/>"}),
        "intake.not_a_workbook",
        "",
        False,
    ),
    "encrypted .ods": (
        archive(
            {
                "mimetype": f"{MEDIA}spreadsheet",
                "content.xml": "noise",
                "META-INF/manifest.xml": "<manifest:encryption-data/>",
            }
        ),
        "intake.encrypted",
        "",
        True,
    ),
    "encrypted .ods of newer programs": (
        archive({"mimetype": f"{MEDIA}spreadsheet", "encrypted-package": "noise"}),
        "intake.encrypted",
        "",
        True,
    ),
    "zeros": (bytes(5_000), "intake.only_zeros", "", True),
    "noise": (bytes(range(256)), "intake.not_a_workbook", "", False),
    "SpreadsheetML": (
        b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        "intake.xml_workbook",
        "",
        False,
    ),
    "SpreadsheetML in UTF-16": (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'.encode("utf-16"),
        "intake.xml_workbook",
        "",
        False,
    ),
    "web page saved whole": (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nDate: a\r\n\r\n",
        "intake.web_page",
        "",
        False,
    ),
    "zip of workbooks": (archive({"a.xlsx": TEMPLATE}), "intake.archive", "", False),
    "text": ("Không phát sinh".encode(), "intake.text", "", False),
    "web page called .xls": (b"<html><table></table></html>", "intake.web_page", "", False),
    "table called .xls": (b"\xef\xbb\xbf \r\n<TABLE><tr>", "intake.web_page", "", False),
    "encrypted": (ole("EncryptedPackage"), "intake.encrypted", "", True),
    "encrypted and more": (ole("EncryptedPackage", "Other"), "intake.encrypted", "", True),
    "old Word": (ole("WordDocument"), "intake.word", "", False),
    "old PowerPoint": (ole("PowerPoint Document"), "intake.powerpoint", "", False),
    "Visio": (ole("VisioDocument"), "intake.not_a_workbook", "", False),
    "Word with a workbook in it": (
        compound({"WordDocument": b"x", "ObjectPool": {"Workbook": b"x"}}),
        "intake.word",
        "",
        False,
    ),
    "broken compound file": (OLE + bytes(600), "intake.damaged", "", True),
    "broken .xls": (ole("Workbook"), "intake.damaged", "", True),
    "half a download": (TEMPLATE[: len(TEMPLATE) // 2], "intake.truncated", "", True),
    "only a signature": (b"PK\x03\x04", "intake.truncated", "", True),
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


CORNERS = {"column beyond Excel": (0, 321_272_405), "row beyond Excel": (4_294_967_294, 16_383)}
"""Where those cells say they are, zero-based, that are not in the last corner of Excel."""
CORNERS |= {"no addresses": (9_998, 16_383), "error": (1_048_575, 16_383)}


@pytest.mark.parametrize("name", FAR)
def test_a_cell_in_the_last_corner_is_cut_and_listed(name: str) -> None:
    (grid,) = read_workbook(workbook(f'<row r="1">{CELL}</row>{FAR[name]}'), Limits()).sheets
    assert grid.facts.far == (CORNERS.get(name, (1_048_575, 16_383)),)
    assert (grid.rows, grid.facts.errors) == ([[1.0]], frozenset())


def test_a_far_cell_behind_prefixed_tags_is_cut() -> None:
    body = sheet(f'<row r="1">{CELL}</row>{LAST}').replace("xmlns=", "xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c ", "c>", "v>"):
        body = body.replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag}", f"</x:{tag}")
    (grid,) = read_workbook(workbook(sheet=body), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ((1_048_575, 16_383),))


def filled(*cells: str) -> str:
    return "".join(
        f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>'
        for cell in cells
    )


@pytest.mark.parametrize(
    ("cells", "far"),
    [
        (("A1", "B8000", "XFD2"), ((1, 16_383),)),
        (("A1", "IV2", "B1048576"), ((1_048_575, 1),)),
        (("A1", "B8000", "IV2"), ((1, 255),)),
        (("A1", "XFD200", "B1048576"), ((199, 16_383), (1_048_575, 1))),
        (("A1", "B8000", "Z60000"), ()),
    ],
)
def test_no_more_is_cut_than_needed(cells: tuple[str, ...], far: object) -> None:
    (grid,) = read_workbook(workbook(filled(*cells)), Limits()).sheets
    assert grid.facts.far == far
    kept = [cell for row in grid.rows for cell in row if cell != ""]
    assert len(kept) + len(grid.facts.far) == len(cells)


def test_what_lies_far_away_in_masses_is_no_stray_content() -> None:
    limits = Limits(far_cells=3)
    three, four = (filled("A1", *(f"C{1_048_573 + n}" for n in range(count))) for count in (3, 4))
    (grid,) = read_workbook(workbook(three), limits).sheets
    assert len(grid.facts.far) == 3
    assert read(workbook(four), limits).reason == reason("intake.too_many_cells", "S")


def test_a_million_formatted_rows_are_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'<row r="{n}" spans="1:6"/><row r="{n + 1}"><c r="A{n + 1}" s="1"/></row>'
        for n in range(2, 100_000, 2)
    )
    monkeypatch.setattr("consolidate.intake.prune.SheetWalk", None)
    (grid,) = read_workbook(workbook(f'<row r="1">{CELL}</row>{rows}'), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ())


def test_a_far_row_that_says_its_number_only_in_its_cells_is_seen() -> None:
    rows = '<row><c r="A1"><v>1</v></c></row><row><c r="Z1048576"><v>2</v></c></row>'
    (grid,) = read_workbook(workbook(rows), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ((1_048_575, 25),))


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
    reading = read(workbook(LAST, relations=relations), Limits(far_cells=0))
    assert reading.reason == reason("intake.too_many_cells", "S")


@pytest.mark.parametrize(
    "rows",
    ['<row r="1048576"><c r="XFD1048576" s="1"/></row>', '<row r="1"><c r="AB40000" s="1"/></row>'],
)
def test_blank_cells_far_away_are_no_harm(rows: str) -> None:
    assert read(workbook(rows)).reason == reason("intake.not_our_form")


@pytest.mark.parametrize(
    ("row", "column", "key"),
    [(1_048_575, 16_383, "intake.too_many_cells_binary"), (9, 9, "intake.damaged")],
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
    assert read(wide, replace(SMALL, far_column=10, far_cells=1)).reason == reason(
        "intake.not_our_form"
    )
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


def test_a_word_document_is_opened_under_the_same_limits() -> None:
    document = archive(DOCUMENT)
    assert is_word(document)
    assert "word/document.xml" in open_word(document, Limits()).namelist()
    for data, key in (
        (archive(DOCUMENT | {"word/media/a.bin": "0" * 20_000_000}), "bomb"),
        (archive(DOCUMENT | {f"{n}.xml": "" for n in range(2_000)}), "too_many_parts"),
        (document[:-40], "truncated"),
        (TEMPLATE, "not_a_workbook"),
        (b"", "empty_file"),
    ):
        with pytest.raises(Refused, match=f"^{key}$"):
            open_word(data, Limits())
    assert not any(map(is_word, (TEMPLATE, b"", b"PK\x03\x04", ole("WordDocument"))))


@pytest.mark.parametrize(
    "data",
    [
        "Xã;Số vụ\r\nĐội 1;3\r\n".encode(),
        "Xã;Số vụ\r\nĐội 1;3\r\n".encode("utf-8-sig"),
        "Xã\tSố vụ\r\nĐội 1\t3\r\n".encode("utf-16"),
        bytes(range(128, 256)) + b";1;2;3\r\n",
        b"1",
    ],
)
def test_text_as_a_csv_file_holds_it(data: bytes) -> None:
    assert looks_like_text(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a;b\x00",
        "a;b".encode("utf-16-le"),
        bytes(range(32)) * 4,
        *(data for data, key, *_ in REFUSED.values() if key != "intake.text"),
        TEMPLATE,
    ],
)
def test_anything_else_is_no_text(data: bytes) -> None:
    assert not looks_like_text(data)


@given(st.dictionaries(st.text("abc/ộ", min_size=1, max_size=9), st.binary(max_size=50)))
def test_the_directory_is_read_as_zipfile_reads_it(parts: dict[str, bytes]) -> None:
    data = archive(parts)
    for prefix, comment in ((b"", b""), (b"MZ", b""), (b"", b"PK")):
        changed = prefix + data[:-2] + struct.pack("<H", len(comment)) + comment
        names = zipfile.ZipFile(io.BytesIO(changed)).namelist()
        assert [name.decode() for name in directory(changed)] == names


def test_the_directory_of_a_large_archive_is_found() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for number in range(66_000):
            package.writestr(zipfile.ZipInfo(f"{number}"), b"")
    assert sum(1 for _ in directory(target.getvalue())) == 66_000


def test_protection_without_a_password_to_open_is_no_encryption() -> None:
    # Protected sheets and a protected structure, as every template has them.
    with zipfile.ZipFile(io.BytesIO(TEMPLATE)) as package:
        book = package.read("xl/workbook.xml")
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert b"<workbookProtection" in book or any(
            b"<sheetProtection" in package.read(name) for name in sheets
        )
    assert read(TEMPLATE).content is not None
