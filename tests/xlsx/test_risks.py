"""What a workbook carries beside values is noted by name; nothing is run, opened or followed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping

import pytest

from consolidate.merge.read_files import check_bytes
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_facts import read_package
from consolidate.xlsx.read.package_gate import Limits, open_package
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.saved import packed
from tests.xlsx import old
from tests.xlsx.packages import open_document
from tests.xlsx.packages import workbook as hand_made

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
BOOK_RELS = "xl/_rels/workbook.xml.rels"
SHEET_RELS = "xl/worksheets/_rels/sheet3.xml.rels"
LINK, LINK_RELS = (
    "xl/externalLinks/externalLink1.xml",
    "xl/externalLinks/_rels/externalLink1.xml.rels",
)
TEMPLATE = build_template(library_2018(), "pctn")


def relation(kind: str, target: str, *, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="x{len(target)}" Type="{kind}" Target="{target}"{mode}/>'


def relations(*lines: str) -> str:
    return f"<Relationships>{''.join(lines)}</Relationships>"


def template(
    parts: Mapping[str, str | bytes], *lines: str, book: str = "", sheet: str = ""
) -> bytes:
    """Our template with further parts, relationships of the workbook, a name, a formula."""
    with zipfile.ZipFile(io.BytesIO(TEMPLATE)) as package:
        made: dict[str, str | bytes] = {
            name: package.read(name).decode() for name in package.namelist()
        }
    made[BOOK_RELS] = str(made[BOOK_RELS]).replace("</Rel", "".join(lines) + "</Rel")
    made["xl/workbook.xml"] = str(made["xl/workbook.xml"]).replace(
        "</definedNames>", book + "</definedNames>"
    )
    part = "xl/worksheets/sheet3.xml"
    cell = re.compile(r'<c r="F11" s="(\d+)"/>')
    made[part], count = cell.subn(
        lambda found: f'<c r="F11" s="{found[1]}">{sheet}</c>', str(made[part])
    )
    assert count == 1
    return packed({**made, **parts})


COMMENTS = '<comments><commentList><comment ref="F14" authorId="0"/></commentList></comments>'
CASES: dict[str, tuple[bytes, dict[str, str]]] = {
    "macro": (template({"xl/vbaProject.bin": b"x"}), {"has_macros": "vbaProject.bin"}),
    "macro under another name": (
        template({"xl/theme/x.bin": b"x"}, relation(f"{MICROSOFT}/vbaProject", "theme/x.bin")),
        {"has_macros": "x.bin"},
    ),
    "Excel 4 macro": (template({"xl/macrosheets/sheet1.xml": ""}), {"has_macros": "sheet1.xml"}),
    "link": (
        template(
            {
                LINK: "<externalLink><externalBook/></externalLink>",
                LINK_RELS: relations(
                    relation(f"{TYPES}/externalLinkPath", "file:///D:/cu.xlsx", external=True)
                ),
            },
            relation(f"{TYPES}/externalLink", "externalLinks/externalLink1.xml"),
        ),
        {"has_links": "file:///D:/cu.xlsx"},
    ),
    "link that leads nowhere": (
        template({LINK: "<a/>"}, relation(f"{TYPES}/externalLink", "/" + LINK)),
        {"has_links": "externallink1.xml"},
    ),
    "link that asks a program": (
        template(
            {LINK: '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'},
            relation(f"{TYPES}/externalLink", "externalLinks/externalLink1.xml"),
        ),
        {"has_dde": "cmd|/c calc"},
    ),
    "formula that asks a program": (
        template({}, sheet="<f>cmd|'/c calc'!A0</f><v>0</v>"),
        {"has_dde": "cmd|'/c calc'"},
    ),
    "name that asks a program": (
        template({}, book="<definedName name=\"x\">MSEXCEL|'\\..\\a'!A0</definedName>"),
        {"has_dde": "MSEXCEL|'\\..\\a'"},
    ),
    "text with a bar": (template({}, sheet='<f>IF(1=1,"a|b!c",0)</f><v>0</v>'), {}),
    "objects": (
        template(
            {
                "xl/embeddings/oleObject1.bin": b"x",
                SHEET_RELS: relations(
                    relation(f"{TYPES}/oleObject", "../embeddings/oleObject1.bin"),
                    relation(f"{TYPES}/package", "../embeddings/van ban.docx"),
                ),
            }
        ),
        {"has_objects": "oleObject1.bin, van ban.docx"},
    ),
    "linked object": (
        template(
            {SHEET_RELS: relations(relation(f"{TYPES}/oleObject", "D:\\a.doc", external=True))}
        ),
        {"has_links": "D:\\a.doc"},
    ),
    "controls": (
        template({"xl/activeX/activeX1.xml": "", "xl/ctrlProps/ctrlProp1.xml": ""}),
        {"has_controls": "activeX1.xml, ctrlProp1.xml"},
    ),
    "connections": (
        template({"xl/connections.xml": "", "xl/queryTables/queryTable1.xml": ""}),
        {"has_connections": "connections.xml, queryTable1.xml"},
    ),
    "ribbon": (template({"customUI/customUI14.xml": ""}), {"has_addins": "customUI14.xml"}),
    "web extension": (
        template({"xl/webextensions/webextension1.xml": ""}),
        {"has_addins": "webextension1.xml"},
    ),
    "comments": (
        template(
            {
                "xl/comments1.xml": COMMENTS,
                SHEET_RELS: relations(relation(f"{TYPES}/comments", "../comments1.xml")),
            }
        ),
        {"has_comments": "Biểu 01!F14"},
    ),
    "comments that were all deleted": (
        template(
            {
                "xl/comments1.xml": "<comments><authors/><commentList/></comments>",
                SHEET_RELS: relations(relation(f"{TYPES}/comments", "../comments1.xml")),
            }
        ),
        {},
    ),
    "hyperlinks": (
        template(
            {
                SHEET_RELS: relations(
                    relation(f"{TYPES}/hyperlink", "https://thanhtra.gov.vn", external=True),
                    relation(f"{TYPES}/hyperlink", "mailto:a@example.vn", external=True),
                    relation(f"{TYPES}/hyperlink", "\\\\may-chu\\chung", external=True),
                    relation(f"{TYPES}/hyperlink", "tai-ve/Cai Dat.EXE", external=True),
                )
            }
        ),
        {"has_hyperlinks": "\\\\may-chu\\chung, tai-ve/Cai Dat.EXE"},
    ),
    "pictures and printers": (
        template({"xl/media/image1.png": b"x", "xl/printerSettings/printerSettings1.bin": b""}),
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_form_with_more_than_values_is_read_and_says_so(name: str) -> None:
    data, risks = CASES[name]
    reading = check_bytes(library_2018(), "tệp.xlsm", data)
    assert reading.content is not None, reading.reason
    noted = {
        finding.rule.removeprefix("structure."): finding
        for finding in reading.findings
        if finding.rule.startswith("structure.has_")
    }
    assert {kind: finding.found for kind, finding in noted.items()} == risks
    for kind, finding in noted.items():
        assert finding.severity.value == ("info" if kind == "has_comments" else "warning")
        assert finding.message.value("found") == finding.found


def test_many_and_long_names_are_shortened() -> None:
    parts = {f"xl/embeddings/{'a' * 100}{n}.bin": b"" for n in range(7)}
    assert risks_of(template(parts)) == {"has_objects": ", ".join(["a" * 80 + "…"] * 5) + " …"}


def risks_of(data: bytes) -> dict[str, str]:
    return {risk.kind: risk.found for risk in read_workbook(data, Limits()).risks}


@pytest.mark.parametrize(
    ("part", "found"),
    [
        # BrtBeginComment ([MS-XLSB] 2.4.36): author, first and last row, first and last column, id.
        (
            b"\xfb\x04\x24"
            + struct.pack("<IIIII", 0, 13, 13, 5, 5)
            + bytes(16)
            + b"\xfb\x04\x24"
            + struct.pack("<IIIII", 0, 1048575, 1048575, 16383, 16383)
            + bytes(16),
            {"has_comments": "F14, XFD1048576"},
        ),
        (b"\x01\x00", {}),
        (b"\xfb", {"has_comments": "?"}),
    ],
)
def test_comments_of_a_binary_workbook(part: bytes, found: dict[str, str]) -> None:
    parts = {
        "xl/workbook.bin": b"",
        "xl/worksheets/_rels/sheet1.bin.rels": relations(
            relation(f"{TYPES}/comments", "../comments1.bin")
        ),
        "xl/comments1.bin": part,
    }
    package = open_package(packed(parts), Limits())
    assert package is not None
    risks = read_package(package, Limits()).risks
    assert {risk.kind: risk.found for risk in risks} == found


def test_an_honest_template_has_none() -> None:
    assert risks_of(TEMPLATE) == {}
    assert risks_of(hand_made()) == {}


def supbook(target: bytes) -> bytes:
    return old.record(0x01AE, struct.pack("<HHB", 1, len(target), 0) + target)


def macro_sheet() -> bytes:
    return old.record(0x0085, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"M")


@pytest.mark.parametrize(
    ("records", "risks"),
    [
        (b"", {}),
        (macro_sheet(), {"has_macros": "Excel 4.0"}),
        (old.record(0x1C, struct.pack("<HHHHH", 13, 5, 0, 1, 0)), {"has_comments": "F14"}),
        (supbook(b"\x01\x01Dcu.xls"), {"has_links": "Dcu.xls"}),
        (supbook(b"cmd\x03/c calc"), {"has_dde": "cmd//c calc"}),
        (old.record(0x01AE, b"\x01\x00\x01\x04"), {}),
        (old.record(0x01AE, b"\x01\x00\x01\x3a"), {}),
        (old.record(0x1C, b"") + old.record(0x01AE, b"") + old.record(0x85, b""), {}),
    ],
)
def test_an_old_workbook_with_more_than_values(records: bytes, risks: dict[str, str]) -> None:
    assert risks_of(old.workbook(old.number(1, 2) + records)) == risks


@pytest.mark.parametrize(
    ("name", "risks"),
    [
        ("_VBA_PROJECT_CUR", {"has_macros": "_VBA_PROJECT_CUR"}),
        ("MBD0018CEB0", {"has_objects": "MBD0018CEB0"}),
        ("SummaryInfo", {}),
    ],
)
def test_storages_of_an_old_workbook(name: str, risks: dict[str, str]) -> None:
    assert risks_of(old.workbook(old.number(1, 2), beside=name)) == risks


ROW = (
    '<table:table-row><table:table-cell office:value-type="float" office:value="1">{}'
    "</table:table-cell></table:table-row>"
)
HREF = 'xlink:href="file:///D:/cu.ods"'


@pytest.mark.parametrize(
    ("inside", "parts", "risks"),
    [
        ("", {}, {}),
        ("", {"Basic/script-lc.xml": b"", "Scripts/a.py": b""}, {"has_macros": "Basic, Scripts"}),
        ("", {"Object 1/content.xml": b""}, {"has_objects": "Object 1"}),
        (f"<table:table-source {HREF}/>", {}, {"has_links": "file:///D:/cu.ods"}),
        (f"<table:cell-range-source {HREF}/>", {}, {"has_links": "file:///D:/cu.ods"}),
        ('<office:dde-source office:dde-application="cmd"/>', {}, {"has_dde": "cmd"}),
        ("<office:annotation/>", {}, {"has_comments": "content.xml"}),
        (
            '<script:event-listener xlink:href="vnd.sun.star.script:a"/>',
            {},
            {"has_macros": "vnd.sun.star.script:a"},
        ),
        (f"<text:a {HREF}>a</text:a>", {}, {"has_hyperlinks": "file:///D:/cu.ods"}),
        ('<text:a xlink:href="https://a.vn">a</text:a>', {}, {}),
    ],
)
def test_an_open_document_with_more_than_values(
    inside: str, parts: dict[str, bytes], risks: dict[str, str]
) -> None:
    with zipfile.ZipFile(io.BytesIO(open_document(ROW.format(inside)))) as package:
        made = {name: package.read(name) for name in package.namelist()}
    assert risks_of(packed({**made, **parts})) == risks
