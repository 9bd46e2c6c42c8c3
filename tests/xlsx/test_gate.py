"""Hostile, broken and foreign files: each refused with its reason, in little memory.

A path that cannot be read ("intake.unreadable_path"): ``tests/merge/test_merge_inbox.py``.
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

from consolidate.intake.containers import open_container
from consolidate.intake.read_file import ReadSettings, read_file
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import FileReading, Outcome
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.file_kinds import looks_like_text
from consolidate.xlsx.read.package_gate import Limits, Refused, directory, is_word, open_word
from tests.library_2018 import library_2018
from tests.saved import packed
from tests.xlsx.compounds import compound
from tests.xlsx.packages import CELL, PARTS, SHEET, document, misread, sheet, understated, workbook

LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
TEMPLATE = build_template(library_2018(), "pctn")
RIGHTS = bytes.fromhex("76e80460c411e386")
SMALL = Limits(file_size=30_000, entries=20, inflated=10_000, ratio=5, cells=1_000, far_cells=0)


def read(data: bytes, limits: Limits | None = None) -> FileReading:
    return read_file("tệp.xlsx", data, library_2018(), ReadSettings(limits or Limits()))


def reason(key: str, detail: str | int = "") -> Reason:
    return because(key, detail=detail) if detail else because(key)


def ole(*streams: str) -> bytes:
    return compound(dict.fromkeys(streams, b"x"))


MEDIA = "application/vnd.oasis.opendocument."
DOCUMENT = PARTS | {"word/document.xml": "<w/>"}


REFUSED = {
    "empty": (b"", "intake.empty_file", True),
    "pdf": (b"%PDF-1.4\n%%EOF\n", "intake.pdf", False),
    "png": (b"\x89PNG\r\n\x1a\n", "intake.image", False),
    "jpeg": (b"\xff\xd8\xff\xe0", "intake.image", False),
    "rar": (b"Rar!\x1a\x07\x00", "intake.archive", False),
    "rtf": (b"{\\rtf1 }", "intake.word", False),
    "broken docx": (packed({"word/document.xml": "<w/>"}), "intake.damaged", True),
    "docx without a table": (document("<w:p/>"), "intake.no_table", False),
    "pptx": (packed({"ppt/presentation.xml": "<p/>"}), "intake.powerpoint", False),
    "gif": (b"GIF89a", "intake.image", False),
    "bmp": (b"BM\x46\x00\x00\x00\x00\x00\x00\x00", "intake.image", False),
    "tiff": (b"II*\x00", "intake.image", False),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "intake.image", False),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00", "intake.image", False),
    "pdf behind a scanner's own bytes": (b"scan\x00\x01\n%PDF-1.4", "intake.pdf", False),
    "7z": (b"7z\xbc\xaf\x27\x1c", "intake.archive", False),
    "gz": (b"\x1f\x8b\x08", "intake.archive", False),
    "part of a zip": (b"PK\x07\x08", "intake.archive_part", False),
    "empty zip": (packed({}), "intake.archive_empty", False),
    "mail": (b"From: a\r\nTo: b\r\n\r\nx", "intake.mail", False),
    "Outlook mail": (ole("__properties_version1.0"), "intake.mail", False),
    "winmail.dat": (b"\x78\x9f\x3e\x22\x01", "intake.mail_tnef", False),
    "program": (b"MZ\x90\x00", "intake.program", False),
    "shortcut": (b"L\x00\x00\x00\x01\x14\x02\x00", "intake.shortcut", False),
    "link": (b"[InternetShortcut]\r\nURL=x", "intake.shortcut", False),
    "Access": (b"\x00\x01\x00\x00Standard ACE DB\x00", "intake.database", False),
    "Google": (b'{"doc_id": "1", "email": "a"}', "intake.google_link", False),
    "Numbers": (packed({"Index/Document.iwa": ""}), "intake.numbers", False),
    "odt": (packed({"mimetype": f"{MEDIA}text", "content.xml": "<o/>"}), "intake.open_text", False),
    "odp": (
        packed({"mimetype": f"{MEDIA}presentation", "content.xml": "<o/>"}),
        "intake.powerpoint",
        False,
    ),
    "formula of LibreOffice": (
        packed({"mimetype": f"{MEDIA}formula", "settings.xml": "<o/>"}),
        "intake.not_a_workbook",
        False,
    ),
    "encrypted .ods": (
        packed(
            {
                "mimetype": f"{MEDIA}spreadsheet",
                "content.xml": "noise",
                "META-INF/manifest.xml": "<manifest:encryption-data/>",
            }
        ),
        "intake.encrypted",
        True,
    ),
    "encrypted .ods of newer programs": (
        packed({"mimetype": f"{MEDIA}spreadsheet", "encrypted-package": "noise"}),
        "intake.encrypted",
        True,
    ),
    "zeros": (bytes(5_000), "intake.only_zeros", True),
    "noise": (bytes(range(256)), "intake.not_a_workbook", False),
    "SpreadsheetML": (
        b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        "intake.xml_workbook",
        False,
    ),
    "SpreadsheetML in UTF-16": (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'.encode("utf-16"),
        "intake.xml_workbook",
        False,
    ),
    "web page saved whole": (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nDate: a\r\n\r\n",
        "intake.web_archive",
        False,
    ),
    "web page saved whole by Internet Explorer": (
        b'From: "Saved by Windows Internet Explorer 11"\r\nSubject: a\r\nDate: b\r\n'
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n type=x\r\n\r\n",
        "intake.web_archive",
        False,
    ),
    "letter saved whole by Word": (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=q\r\n\r\na;b\r\nc;d",
        "intake.web_archive",
        False,
    ),
    "mail with pictures in its text": (
        b"From: a\r\nTo: b\r\nSubject: c\r\nContent-Type: multipart/related; boundary=q\r\n\r\n",
        "intake.mail",
        False,
    ),
    "mail under rights": (RIGHTS + b"\0\0\0\0", "intake.rights", False),
    "file under rights": (b".pfile\x01\x00", "intake.rights", False),
    "workbook under rights": (
        compound({"EncryptedPackage": b"x", "\x06DataSpaces": {"DRMEncryptedTransform": b"x"}}),
        "intake.rights",
        True,
    ),
    ".xls under rights": (ole("\tDRMContent", "Workbook"), "intake.rights", True),
    "sealed mail": (
        b"\x30\x82\x12\x34\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0",
        "intake.sealed_mail",
        False,
    ),
    "text in UTF-16 without its mark": ("Kính gửi".encode("utf-16-be"), "intake.text", False),
    "SpreadsheetML in UTF-16 without its mark": (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'.encode("utf-16-le"),
        "intake.xml_workbook",
        False,
    ),
    "program that unpacks itself": (b"MZ" + TEMPLATE, "intake.program", False),
    "half a download behind a blank line": (b"\r\n" + TEMPLATE[:9_000], "intake.truncated", True),
    "beginning lost": (TEMPLATE[300:], "intake.damaged", True),
    "zip of workbooks": (packed({"a.xlsx": TEMPLATE}), "intake.archive", False),
    "package with its parts elsewhere": (
        packed({"[Content_Types].xml": "<Types/>", "workbook.xml": "<workbook/>"}),
        "intake.damaged",
        True,
    ),
    "Excel 4": (bytes.fromhex("090406000000100000000a000000"), "intake.old_excel", False),
    "text": ("Không phát sinh".encode(), "intake.text", False),
    "web page called .xls": (b"<html><table></table></html>", "intake.web_page", False),
    "table called .xls": (b"\xef\xbb\xbf \r\n<TABLE><tr>", "intake.web_page", False),
    "encrypted": (ole("EncryptedPackage"), "intake.encrypted", True),
    "encrypted and more": (ole("EncryptedPackage", "Other"), "intake.encrypted", True),
    "old Word": (ole("WordDocument"), "intake.word", False),
    "old PowerPoint": (ole("PowerPoint Document"), "intake.powerpoint", False),
    "Visio": (ole("VisioDocument"), "intake.not_a_workbook", False),
    "Word with a workbook in it": (
        compound({"WordDocument": b"x", "ObjectPool": {"Workbook": b"x"}}),
        "intake.word",
        False,
    ),
    "broken compound file": (OLE + bytes(600), "intake.damaged", True),
    "broken .xls": (ole("Workbook"), "intake.damaged", True),
    "half a download": (TEMPLATE[: len(TEMPLATE) // 2], "intake.truncated", True),
    "only a signature": (b"PK\x03\x04", "intake.truncated", True),
    "no sheet part": (packed(PARTS), "intake.damaged", True),
    "another workbook": (workbook(), "intake.not_our_form", False),
    "two parts of one name": (
        workbook(**{SHEET.replace("sheet1", "SHEET1"): sheet(LAST)}),
        "intake.damaged",
        True,
    ),
    "document type": (
        workbook(sheet='<!DOCTYPE a [<!ENTITY b "c">]>' + sheet("")),
        "intake.damaged",
        True,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_return_is_refused_with_its_reason(name: str) -> None:
    data, key, unreadable = REFUSED[name]
    reading = read(data)
    outcome = Outcome.UNREADABLE if unreadable else Outcome.NOT_A_REPORT
    assert (reading.content, reading.outcome) == (None, outcome)
    assert reading.reason == because(key)


HEADS = {
    "blank line": b"\r\n",
    "mark of UTF-8": b"\xef\xbb\xbf",
    "warning of a server": b"<br />\n<b>Warning</b>:  include(x.php) in /a on line 3<br />\n",
    "page of a server": b"<html><body>Error</body></html>\n",
    "answer of a server": b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nDate: c\r\n\r\n",
    "form of a server": b'--q\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    "zeros": bytes(512),
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_is_left_before_a_file_is_passed_over(head: bytes) -> None:
    clean, found = read(TEMPLATE), read(head + TEMPLATE)
    assert found.content == clean.content is not None
    assert found.sha256 != clean.sha256
    container = open_container(head + packed({"a.xlsx": head + TEMPLATE}), Limits())
    assert container is not None
    assert [read(member.data).content for member in container.members] == [clean.content]
    assert read(head + compound({"Workbook": b"x"})).reason == reason("intake.damaged")


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


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet3.xml"]
)
def test_a_part_whose_checksum_is_wrong_is_damage(part: str) -> None:
    """Calamine does not look: a flipped bit of a shared text would be another answer."""
    assert read(misread(TEMPLATE, part)).reason == reason("intake.damaged")


@pytest.mark.parametrize("shift", [1, 400, 1 << 20, -1])
def test_a_directory_that_points_elsewhere_is_damage(shift: int) -> None:
    data = bytearray(workbook())
    at = data.rindex(b"PK\x05\x06") + 16
    (place,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, place + shift)
    assert read(bytes(data)).reason == reason("intake.damaged")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_in_an_unusual_way_is_not_opened(method: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name, content in {**PARTS, SHEET: sheet("")}.items():
            package.writestr(name, content)
    assert read(target.getvalue()).reason == reason("intake.damaged")


def test_limits() -> None:
    many = packed({f"xl/{number}.xml": "" for number in range(21)})
    assert read(many, SMALL).reason == reason("intake.too_many_parts", 21)
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
        reading = read(packed({**parts, name: bytes(content)}))
        assert reading.reason != reason("intake.crashed")


def test_a_reader_that_fails_costs_only_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("consolidate.intake.read_file.extract_return", broken)
    reading = read(TEMPLATE)
    assert (reading.outcome, reading.reason) == (Outcome.UNREADABLE, reason("intake.crashed"))


def test_the_blank_template_is_let_in() -> None:
    reading = read(TEMPLATE)
    assert reading.content is not None
    assert (reading.content.template, reading.content.anomalies) == ("pctn", ())


def test_a_word_document_is_opened_under_the_same_limits() -> None:
    document = packed(DOCUMENT)
    assert is_word(document)
    assert "word/document.xml" in open_word(document, Limits()).namelist()
    for data, key in (
        (packed(DOCUMENT | {"word/media/a.bin": "0" * 20_000_000}), "bomb"),
        (packed(DOCUMENT | {f"{n}.xml": "" for n in range(2_000)}), "too_many_parts"),
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
        "a;b".encode("utf-32-le"),
        bytes(range(32)) * 4,
        *(data for data, key, *_ in REFUSED.values() if key != "intake.text"),
        TEMPLATE,
    ],
)
def test_anything_else_is_no_text(data: bytes) -> None:
    assert not looks_like_text(data)


@given(st.dictionaries(st.text("abc/ộ", min_size=1, max_size=9), st.binary(max_size=50)))
def test_the_directory_is_read_as_zipfile_reads_it(parts: dict[str, bytes]) -> None:
    data = packed(parts)
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
