"""Small files that ask for much memory: refused before any reader makes room for them."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from consolidate.intake.read_file import read_file
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import FileReading
from tests.library_2018 import library_2018
from tests.saved import packed
from tests.xlsx.packages import PARTS, binary_workbook, open_document, record, workbook

VALUE = 'office:value-type="float" office:value="1"'
TALL = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9999"><c r="Z9999"><v>1</v></c></row>'
LONG = "x" * 1_000_000


def read(data: bytes) -> FileReading:
    return read_file("a.xlsx", data, library_2018())


def too_many_cells(sheet: str, kind: str = "") -> Reason:
    return because(f"intake.too_many_cells{kind}", detail=sheet)


def many_sheets(count: int, rows: str) -> bytes:
    """A workbook of ``count`` sheets that are all the same part."""
    sheet = '<sheet name="S" sheetId="1" r:id="rId1"/>'
    assert sheet in PARTS["xl/workbook.xml"]
    sheets = "".join(sheet.replace('"S"', f'"S{number}"') for number in range(count))
    return workbook(rows, book=PARTS["xl/workbook.xml"].replace(sheet, sheets))


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (TALL, "S68"),  # 30 uncounted, then 38 of 259,974 cells are the most in 10 million.
        (TALL.replace('"', "'"), "S38"),  # Not written in the plain way: counted from the first.
    ],
)
def test_many_sheets_of_one_part_are_too_much_together(rows: str, refused: str) -> None:
    assert read(many_sheets(2_000, rows)).reason == too_many_cells(refused)


def test_many_small_sheets_are_no_harm() -> None:
    data = many_sheets(400, '<row r="1"><c r="A1"><v>1</v></c></row>')
    assert read(data).reason == because("intake.not_our_form")


def shown(cells: int, *strings: str, value: str = "<v>0</v>") -> bytes:
    """A workbook in which ``cells`` cells show one of these shared texts."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s">{value}</c></row>' for row in range(1, cells + 1)
    )
    table = "".join(f"<si><t>{string}</t></si>" for string in strings)
    return workbook(rows, **{"xl/sharedStrings.xml": f"<sst>{table}</sst>"})


@pytest.mark.parametrize(
    "value",
    [
        "<v>0</v>",
        "<v> 0</v>",
        "<v>0000000000</v>",
        "<v>+0</v>",
        "<v>&#48;</v>",
        '<v xml:space="preserve">0</v>',
        "<v><!-- a -->0</v>",
    ],
)
def test_a_long_text_that_many_cells_show_is_a_bomb(value: str) -> None:
    assert read(shown(300, LONG, value=value)).reason == because("intake.bomb", detail="300 MB")


def test_a_long_text_that_few_cells_show_is_no_harm() -> None:
    assert read(shown(30, LONG)).reason == because("intake.not_our_form")


def test_a_long_text_that_few_of_many_cells_show_is_no_harm() -> None:
    assert read(shown(300, "ngắn", LONG)).reason == because("intake.not_our_form")


def test_many_short_texts_that_many_cells_show_are_no_harm() -> None:
    strings = (f"văn bản {number}" for number in range(40_000))
    assert read(shown(5_000, *strings)).reason == because("intake.not_our_form")


def row(cell: str, times: int = 1) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{times}">{cell}</table:table-row>'
        if times != 1
        else f"<table:table-row>{cell}</table:table-row>"
    )


def cell(times: int, content: str = "", attributes: str = VALUE) -> str:
    repeated = f'table:number-columns-repeated="{times}"'
    return f"<table:table-cell {repeated} {attributes}>{content}</table:table-cell>"


@pytest.mark.parametrize(
    "rows",
    [
        row(cell(16_384)) * 200,
        row(cell(90), 1_000_000),
        row(cell(1_000), 3_000),
        row(cell(16_384, attributes='table:formula="of:=1"')) * 200,
        row(cell(1), 1_048_575) + row(cell(16_384)),
        row(cell(4_000_000_000)) * 200,
        row(cell(1), 0) * 10 + row(cell(16_384), 500),
    ],
)
def test_repetitions_of_an_open_document_are_not_unrolled(rows: str) -> None:
    assert read(open_document(rows)).reason == too_many_cells("S")


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (row(cell(1, '<text:p><text:s text:c="300000000"/></text:p>', "")), None),
        (
            row(
                cell(
                    1,
                    '<text:p><text:s text:c="300000000"/></text:p>',
                    'office:value-type="string"',
                )
            ),
            300,
        ),
        (row(cell(300, f"<text:p>{LONG}</text:p>", 'office:value-type="string"')), 300),
        (row(cell(1, f"<text:p>{LONG}</text:p>", 'office:value-type="string"'), 300), 300),
        (row(cell(300, "", f'office:string-value="{LONG}"')), 300),
        (row(cell(300, "", f'table:formula="{LONG}"')), 300),
    ],
)
def test_blanks_and_texts_of_an_open_document_are_counted(rows: str, size: int | None) -> None:
    expected = (
        because("intake.not_our_form")
        if size is None
        else because("intake.bomb", detail=f"{size} MB")
    )
    assert read(open_document(rows)).reason == expected


def test_formats_to_the_end_of_a_sheet_are_no_harm() -> None:
    style = 'table:style-name="ce1"'
    rows = row(cell(1)) + row(cell(16_384, "", style), 1_048_000)
    assert read(open_document(rows)).reason == because("intake.not_our_form")


@pytest.mark.parametrize("times", ["-1", "x", "1.5", ""])
def test_a_senseless_repetition_is_damage(times: str) -> None:
    rows = row(cell(1)).replace('repeated="1"', f'repeated="{times}"')
    assert read(open_document(rows)).reason == because("intake.damaged")


def test_entities_of_an_open_document_are_refused() -> None:
    content = '<!DOCTYPE a [<!ENTITY b "c">]><a/>'
    assert read(packed({"content.xml": content})).reason == because("intake.damaged")


def test_an_open_document_inside_a_workbook_is_measured_too() -> None:
    """A reader that cannot make a workbook of the first kind tries the others."""
    parts = open_document(row(cell(16_384)) * 200)
    content = packed({"xl/workbook.xml": "", "xl/_rels/workbook.xml.rels": ""})
    assert read(merged(content, parts)).reason == too_many_cells("S")


def merged(*packages: bytes) -> bytes:
    parts: dict[str, bytes] = {}
    for data in packages:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts |= {name: package.read(name) for name in package.namelist()}
    return packed(parts)


def wide(string: str) -> bytes:
    return struct.pack("<I", len(string)) + string.encode("utf-16-le")


def listed(name: str, relation: str = "rId1") -> bytes:
    """The record of a sheet in an .xlsb."""
    content = struct.pack("<II", 0, 1) + wide(relation) + wide(name)
    return bytes([0x9C, 0x01, len(content)]) + content


def binary(book: bytes, records: bytes, part: str, strings: bytes = b"") -> bytes:
    target = part.removeprefix("xl/")
    return packed(
        {
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": (
                f'<Relationships><Relationship Id="rId1" Target="{target}"/></Relationships>'
            ),
            part: records,
            "xl/sharedStrings.bin": strings,
        }
    )


def at(line: int, column: int, kind: int = 5) -> bytes:
    value = struct.pack("<d", 1.0) if kind == 5 else bytes(8)
    return record(0, struct.pack("<I", line)) + record(kind, struct.pack("<I", column) + value)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.bin", "xl/worksheets/../other.bin"])
def test_a_far_cell_of_a_binary_workbook_is_named_by_its_sheet(part: str) -> None:
    data = binary(listed("Biểu 01"), at(1_048_575, 16_383), part)
    assert read(data).reason == too_many_cells("Biểu 01", "_binary")


def test_many_sheets_of_one_binary_part_are_too_much_together() -> None:
    book = b"".join(listed(f"S{number}") for number in range(100))
    data = binary(book, at(9_999, 99), "xl/worksheets/sheet1.bin")
    assert read(data).reason == too_many_cells("S10", "_binary")


def test_a_long_text_that_many_binary_cells_show_is_a_bomb() -> None:
    long = wide("x" * 500_000) + b"\0"
    size = bytes([0x80 | len(long) & 0x7F, 0x80 | len(long) >> 7 & 0x7F, len(long) >> 14])
    records = b"".join(at(line, 0, kind=7) for line in range(300))
    data = binary(listed("S"), records, "xl/worksheets/sheet1.bin", b"\x13" + size + long)
    assert read(data).reason == because("intake.bomb", detail="300 MB")


@pytest.mark.parametrize("book", [listed("S", "rId9"), listed("S")[:-4], b"\x9c\x01\x02ab"])
def test_a_binary_workbook_with_a_sheet_that_leads_nowhere_is_damaged(book: bytes) -> None:
    data = binary(book, at(0, 0), "xl/worksheets/sheet1.bin")
    assert read(data).reason == because("intake.damaged")


def test_a_binary_sheet_that_nobody_lists_is_measured_too() -> None:
    assert read(binary_workbook(at(1_048_575, 16_383))).reason == too_many_cells(
        "sheet1.bin", "_binary"
    )
