"""One return written in every way that programs write it says the same every time."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import date

import pytest

from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import DataValue
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading, Outcome
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.recipes.recipe import clean_values
from tests.saved import packed, parts_of
from tests.xlsx import old

Parts = dict[str, bytes]
ANSWERS = {"pctn_01.c3": 7, "pctn_01.c4": "1.819", "pctn_01.c15": 1234.5, "pctn_01.c29": 1}
ANSWERS |= {"pctn_01.c30": 1}
TEMPLATE = build_template(
    library_2018(),
    "pctn",
    Prefill(
        values={**clean_values("pctn"), **ANSWERS},
        rows={"pctn_02": [{"name": "Vụ A", "place": "Xã <B> & C"}]},
    ),
)
BOOK, RELATIONS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
SHARED = "xl/sharedStrings.xml"
TRANSITIONAL = (
    (
        "schemas.openxmlformats.org/spreadsheetml/2006/main",
        "purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        "schemas.openxmlformats.org/officeDocument/2006/relationships",
        "purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def values(reading: FileReading) -> list[DataValue]:
    assert reading.content is not None, reading.reason
    sets = (reading.content.cover, *reading.content.data_sets)
    return [value for data_set in sets for value in data_set.values]


EXPECTED = check_bytes(library_2018(), "tệp.xlsx", TEMPLATE)


def each(parts: Parts, change: Callable[[str], str], start: str = "xl/") -> None:
    for name in parts:
        if name.startswith(start) and name.endswith((".xml", ".rels")):
            parts[name] = change(parts[name].decode()).encode()


def strict(parts: Parts) -> None:
    for usual, other in TRANSITIONAL:
        each(parts, lambda xml, usual=usual, other=other: xml.replace(usual, other), "")  # type: ignore[misc]


def wide(parts: Parts, start: str = "xl/") -> None:
    for name in parts:
        if name.startswith(start) and name.endswith((".xml", ".rels")):
            xml = parts[name].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
            parts[name] = xml.encode("utf-16")


def wide_sheets(parts: Parts) -> None:
    wide(parts, "xl/worksheets/")


def byte_order_mark(parts: Parts) -> None:
    each(parts, lambda xml: "\ufeff" + xml)


def prefixed(parts: Parts) -> None:
    def change(xml: str) -> str:
        main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml'
        return re.sub(
            r"<(/?)([a-zA-Z])", r"<\1x:\2", xml.replace(main, main.replace("=", ":x=", 1))
        )

    for start in ("xl/worksheets/sheet", BOOK, SHARED):
        each(parts, change, start)


def climbing_targets(parts: Parts) -> None:
    each(parts, lambda xml: xml.replace('"worksheets/', '"../xl/worksheets/'), RELATIONS)


def absolute_targets(parts: Parts) -> None:
    each(parts, lambda xml: xml.replace('"worksheets/', '"/xl/worksheets/'), RELATIONS)


def backslashes(parts: Parts) -> None:
    for name in list(parts):
        parts[name.replace("/", "\\")] = parts.pop(name)


def other_case(parts: Parts) -> None:
    for name in list(parts):
        parts[name.replace("worksheets", "Worksheets")] = parts.pop(name)


def template_type(parts: Parts) -> None:
    each(parts, lambda xml: xml.replace("sheet.main+xml", "template.main+xml"), TYPES)


def inline_strings(parts: Parts) -> None:
    shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", parts.pop(SHARED).decode(), re.DOTALL)

    def inline(match: re.Match[str]) -> str:
        words = shared[int(match.group(1))]
        return f't="inlineStr"><is><t xml:space="preserve">{words}</t></is>'

    each(parts, lambda xml: re.sub(r't="s"><v>(\d+)</v>', inline, xml), "xl/worksheets/sheet")


def rich_text(parts: Parts) -> None:
    def rich(match: re.Match[str]) -> str:
        words = match.group(1)
        cut = 0 if "&" in words else len(words) // 2
        runs = (
            f'<r><t xml:space="preserve">{part}</t></r>'
            for part in (words[:cut], words[cut:])
            if part
        )
        return f'<si>{"".join(runs)}<rPh sb="0" eb="1"><t>x</t></rPh></si>'

    each(parts, lambda xml: re.sub(r"(?s)<si><t[^>]*>(.*?)</t></si>", rich, xml), SHARED)


def exponents(parts: Parts) -> None:
    each(parts, lambda xml: xml.replace("<v>1234.5</v>", "<v>1.2344999999999999E3</v>"))
    each(parts, lambda xml: xml.replace("<v>7</v>", "<v>7.0000000000000000E+00</v>"))


def count_from_1904(parts: Parts) -> None:
    def earlier(match: re.Match[str]) -> str:
        return f"<v>{int(match.group(1)) - 1462}</v>"

    days = [str((day - date(1899, 12, 30)).days) for day in (date(2017, 11, 6), date(2018, 8, 28))]
    each(parts, lambda xml: xml.replace("<workbookPr ", '<workbookPr date1904="1" '), BOOK)
    each(
        parts,
        lambda xml: re.sub(rf"<v>({'|'.join(days)})</v>", earlier, xml),
        "xl/worksheets/sheet1.xml",
    )


def no_names_nothing_very_hidden(parts: Parts) -> None:
    """What is left of a form that was saved by an office in the browser."""

    def change(xml: str) -> str:
        xml = re.sub(r"<definedNames>.*</definedNames>", "", xml)
        return xml.replace('state="veryHidden"', 'state="hidden"')

    each(parts, change, BOOK)


DIALECTS = (
    strict,
    wide,
    wide_sheets,
    byte_order_mark,
    prefixed,
    climbing_targets,
    absolute_targets,
    backslashes,
    other_case,
    template_type,
    inline_strings,
    rich_text,
    exponents,
    count_from_1904,
    no_names_nothing_very_hidden,
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
def test_a_return_says_the_same_in_every_dialect(dialect: Callable[[Parts], None]) -> None:
    parts = parts_of(TEMPLATE)
    before = dict(parts)
    dialect(parts)
    assert parts != before
    reading = check_bytes(library_2018(), "tệp.xlsx", packed(parts))
    assert values(reading) == values(EXPECTED)
    assert reading.findings == EXPECTED.findings


def test_the_return_itself_says_what_was_typed() -> None:
    read = {value.key.element: value for value in values(EXPECTED)}
    assert [str(read[code].number) for code in ("c3", "c4", "c15")] == ["7", "1819", "1234.5"]
    assert (read["name"].value, read["place"].value) == ("Vụ A", "Xã <B> & C")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_a_far_cell_in_wide_letters_is_cut_too(order: str) -> None:
    parts = parts_of(TEMPLATE)
    sheet = "xl/worksheets/sheet3.xml"
    xml = parts[sheet].decode().replace("UTF-8", "UTF-16")
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = ("\ufeff" + xml.replace("</sheetData>", far)).encode(order)
    reading = check_bytes(library_2018(), "tệp.xlsx", packed(parts))
    assert values(reading) == values(EXPECTED)
    assert [finding.found for finding in reading.findings if "far" in finding.rule] == [
        "XFD1048576"
    ]


FLAT = (
    b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>'
    b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    b'\xef\xbb\xbf<?xml version="1.0"?><office:document '
    b'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>',
    '\ufeff<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'.encode("utf-16-le"),
)


@pytest.mark.parametrize("data", FLAT)
def test_a_workbook_that_is_one_text_is_refused_with_what_to_do(data: bytes) -> None:
    reading = check_bytes(library_2018(), "tệp.xls", data)
    assert (reading.outcome, reading.reason) == (
        Outcome.NOT_A_REPORT,
        because("intake.xml_workbook"),
    )


def test_an_excel_95_workbook_is_read() -> None:
    words = "Kh\xf4ng".encode("cp1252")
    label = old.record(0x0204, struct.pack("<HHHH", 0, 0, 15, len(words)) + words)
    data = old.workbook(old.number(1, 2) + label, version=5)
    (sheet,) = read_workbook(data, Limits()).sheets
    assert (sheet.name, sheet.get(0, 0), sheet.get(1, 2)) == ("S", "Không", 1.0)
