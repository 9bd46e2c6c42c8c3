"""Copies of copies, comments of the unit, cells that are not there, packages left as they are."""

from __future__ import annotations

import io
import re
from functools import cache

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import RETURN_SHEET, RETURN_SIGNATURE
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Finding, Severity, joined
from consolidate.reports.letters import list_workbook
from consolidate.xlsx.patch.annotate_copy import annotate
from consolidate.xlsx.patch.correction_lines import FILLS, ListHeading
from consolidate.xlsx.patch.marked_sheet import Sheet
from consolidate.xlsx.patch.xml_places import NotPatched
from tests.library_2018 import library_2018
from tests.messages import own_words
from tests.recipes.recipe import Recipe
from tests.saved import packed, parts_of, saved
from tests.xlsx.packages import problems_of

HEADING = ListHeading("Sở Nội vụ (S02)", "PCTN 9 tháng đầu năm 2018")
FORM = "Biểu 01"
RED, YELLOW = (f"FF{FILLS[severity]}" for severity in (Severity.ERROR, Severity.WARNING))
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@cache
def wrong() -> bytes:
    """A return with two errors: F14 and F15 of the first form hold words."""
    return Recipe("x", values={"pctn_01.c3": "=cmd|'/c calc'!A0 nhiều", "pctn_01.c4": "ít"}).build()


@cache
def copied() -> bytes:
    return annotate(wrong(), check_bytes(library_2018(), "t.xlsx", wrong()).findings, HEADING)


def finding(*cells: CellRef, severity: Severity = Severity.ERROR, said: str = "Sửa") -> Finding:
    return Finding("value.x", severity, own_words(said), sheet=FORM, cells=cells)


def sheet_of(data: bytes, name: str = FORM) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_a_corrected_cell_gets_its_colour_back_and_loses_its_comment() -> None:
    before = sheet_of(wrong())["F14"].fill
    book = openpyxl.load_workbook(io.BytesIO(copied()))
    assert book[FORM]["F14"].fill.fgColor.rgb == RED
    book[FORM]["F14"] = 7
    book["Bìa"]["C17"] = 2
    again = saved(book)
    reading = check_bytes(library_2018(), "t.xlsx", again)
    assert [f.address for f in reading.findings if f.severity is Severity.ERROR] == ["F15"]
    assert not [f for f in reading.findings if f.rule.startswith("structure.")]
    second = annotate(again, reading.findings, HEADING)
    sheet = sheet_of(second)
    assert (sheet["F14"].fill.fgColor.rgb, sheet["F14"].comment) == (before.fgColor.rgb, None)
    assert sheet["F15"].fill.fgColor.rgb == RED
    assert sheet["F15"].comment is not None
    names = openpyxl.load_workbook(io.BytesIO(second)).sheetnames
    assert [name for name in names if name.startswith(RETURN_SHEET)] == ["Cần sửa"]
    assert problems_of(second) == []


def test_comments_of_the_unit_stay_beside_ours() -> None:
    book = openpyxl.load_workbook(io.BytesIO(wrong()))
    book[FORM]["F14"].comment = Comment("Đã hỏi lại", "Sở Nội vụ")
    book[FORM]["F20"].comment = Comment("Xem công văn", "Sở Nội vụ")
    data = saved(book)
    reading = check_bytes(library_2018(), "t.xlsx", data)
    copy = annotate(data, reading.findings, HEADING)
    sheet = sheet_of(copy)
    said = {a: sheet[a].comment.text for a in ("F14", "F15", "F20")}  # type: ignore[union-attr]
    assert (said["F14"], said["F20"]) == ("Đã hỏi lại", "Xem công văn")
    assert said["F15"].startswith("2. Lỗi: ")
    assert sheet["F14"].fill.fgColor.rgb == RED
    assert problems_of(copy) == []
    again = check_bytes(library_2018(), "t.xlsx", copy)
    assert again.findings == reading.findings
    (noted,) = [f for f in again.findings if f.rule == "structure.has_comments"]
    assert noted.found == "Biểu 01!F14, Biểu 01!F20"
    bare = annotate(copy, [finding(CellRef(FORM, 19, 5))], HEADING)
    left = sheet_of(bare)
    assert left["F15"].comment is None
    assert left["F20"].comment is not None
    assert left["F20"].comment.text == "Xem công văn"


def test_nothing_of_a_unit_is_a_formula_of_the_list() -> None:
    listing = openpyxl.load_workbook(io.BytesIO(copied())).worksheets[0]
    cells = [cell for row in listing.iter_rows() for cell in row if cell.value is not None]
    assert any("=cmd|" in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    links = [cell.hyperlink.location for cell in cells if cell.hyperlink is not None]
    assert links == ["'Biểu 01'!F14", "'Biểu 01'!F15"]
    alone = list_workbook(check_bytes(library_2018(), "t.xlsx", wrong()).findings, HEADING)
    sheet = openpyxl.load_workbook(io.BytesIO(alone)).worksheets[0]
    types = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert types <= {"s", "n"}


def test_only_a_signed_list_goes_without_a_word() -> None:
    book = openpyxl.load_workbook(io.BytesIO(wrong()))
    book.create_sheet("Cần sửa")["A1"] = "việc của chúng tôi"
    assert "structure.extra_sheet" in {
        f.rule for f in check_bytes(library_2018(), "t.xlsx", saved(book)).findings
    }
    book["Cần sửa"]["H5"] = RETURN_SIGNATURE
    found = {f.rule for f in check_bytes(library_2018(), "t.xlsx", saved(book)).findings}
    assert "structure.extra_sheet" not in found
    book["Cần sửa"]["H5"] = None
    data = saved(book)
    copy = annotate(data, check_bytes(library_2018(), "t.xlsx", data).findings, HEADING)
    assert openpyxl.load_workbook(io.BytesIO(copy)).sheetnames[0] == "Cần sửa (2)"
    assert "structure.extra_sheet" in {
        f.rule for f in check_bytes(library_2018(), "t.xlsx", copy).findings
    }


def test_the_list_is_shown_first_and_other_names_follow_their_sheets() -> None:
    old, new = (openpyxl.load_workbook(io.BytesIO(data)) for data in (wrong(), copied()))
    assert new.active is new.worksheets[0]
    assert [sheet.sheet_view.tabSelected for sheet in new.worksheets].count(True) == 1
    for sheet in old.worksheets:
        assert new[sheet.title].print_title_rows == sheet.print_title_rows
        assert new[sheet.title].print_area == sheet.print_area
    assert new.worksheets[0].print_title_rows == "$5:$5"
    footer = new.worksheets[0].oddFooter
    assert (footer.left.text, footer.center.text) == ("&A", text("summary.page"))
    assert new["_stamp"].sheet_state == "veryHidden"


CELLS = st.builds(CellRef, st.sampled_from([FORM, "Biểu 02", "Bìa", "không có"]),
                  st.integers(0, 130), st.integers(0, 9))  # fmt: skip
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["value.a", "value.b"]),
        st.sampled_from(Severity),
        st.text(max_size=40).map(lambda said: joined("", (said,))),
        sheet=st.sampled_from([FORM, "không có", ""]),
        cells=st.lists(CELLS, max_size=4).map(tuple),
        found=st.text(max_size=20),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(FINDINGS, FINDINGS)
def test_any_findings_give_a_whole_package(first: list[Finding], second: list[Finding]) -> None:
    copy = annotate(wrong(), first, HEADING)
    assert problems_of(copy) == []
    again = annotate(copy, second, HEADING)
    assert problems_of(again) == []
    assert set(parts_of(wrong())) <= set(parts_of(again))
    once = annotate(wrong(), second, HEADING)
    assert _marks(again) == _marks(once)


def _marks(data: bytes) -> dict[str, list[str]]:
    """Cells with our colours by part, and the texts of our comments."""
    parts = parts_of(data)
    items = re.findall(rb"<xf\b.*?(?:/>|</xf>)", parts["xl/styles.xml"].partition(b"<cellXfs")[2])
    fills = re.findall(rb"<fill>.*?</fill>", parts["xl/styles.xml"])
    marked = {at for at, item in enumerate(items) if (m := re.search(rb'fillId="(\d+)"', item))
              and any(c[2:].encode() in fills[int(m.group(1))] for c in (RED, YELLOW))}  # fmt: skip
    found = {}
    for name, xml in parts.items():
        if re.fullmatch(r"xl/worksheets/sheet[1-7]\.xml", name):
            cells = re.findall(rb'<c r="([A-Z]+\d+)"[^>]*? s="(\d+)"', xml)
            found[name] = sorted(a.decode() for a, s in cells if int(s) in marked)
    notes = [xml for name, xml in sorted(parts.items()) if name.startswith("xl/comments")]
    found["notes"] = sorted(r.decode() for xml in notes for r in re.findall(rb'ref="(\w+)"', xml))
    return found


@pytest.mark.parametrize(
    ("inside", "looks", "expected"),
    [
        ("<sheetData/>", {(1, 2): 4}, '<sheetData><row r="2"><c r="C2" s="4"/></row></sheetData>'),
        (
            '<sheetData><row r="3" spans="1:2"><c r="A3" s="1"/><c r="D3"><v>1</v></c></row>'
            '<row r="9"/></sheetData>',
            {(2, 0): 5, (2, 2): 6, (2, 3): 7, (2, 4): 8, (4, 0): 9, (8, 1): 10, (11, 0): 11},
            '<sheetData><row r="3"><c r="A3" s="5"/><c r="C3" s="6"/><c r="D3" s="7"><v>1</v></c>'
            '<c r="E3" s="8"/></row><row r="5"><c r="A5" s="9"/></row><row r="9"><c r="B9" s="10"/>'
            '</row><row r="12"><c r="A12" s="11"/></row></sheetData>',
        ),
        (
            "<sheetData><row><c><v>1</v></c><c/></row><row/></sheetData>",
            {(0, 1): 3, (1, 0): 4},
            '<sheetData><row><c><v>1</v></c><c s="3"/></row><row><c r="A2" s="4"/></row>'
            "</sheetData>",
        ),
    ],
)
def test_cells_are_put_in_their_place(
    inside: str, looks: dict[tuple[int, int], int], expected: str
) -> None:
    whole = '<worksheet xmlns="{}">{}<extLst/></worksheet>'
    sheet = Sheet(whole.format(NAMESPACE, inside).encode())
    made = sheet.patched(looks, '<legacyDrawing r:id="x"/>').decode()
    drawing = '<legacyDrawing r:id="x"/>'
    assert made == whole.format(NAMESPACE, expected).replace("<extLst/>", f"{drawing}<extLst/>")


def test_prefixes_are_kept() -> None:
    whole = '<x:worksheet xmlns:x="{}"><x:sheetData>{}</x:sheetData></x:worksheet>'
    made = Sheet(whole.format(NAMESPACE, "").encode()).patched({(0, 0): 1})
    assert made.decode() == whole.format(NAMESPACE, '<x:row r="1"><x:c r="A1" s="1"/></x:row>')


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"<!DOCTYPE worksheet []><worksheet><sheetData/></worksheet>", "strange"),
        (b'<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>', "strange"),
        (b'<worksheet><sheetData><row r="1"><c r="B1"/><c r="A1"/></row></sheetData></worksheet>',
         "strange"),
        (b"<chartsheet/>", "strange"),
    ],
)  # fmt: skip
def test_strange_sheets_are_left_alone(broken: bytes, reason: str) -> None:
    with pytest.raises(NotPatched) as problem:
        Sheet(broken).look((0, 0))
    assert problem.value.reason == reason


def test_other_packages_are_left_alone() -> None:
    parts = parts_of(wrong())
    types = parts["[Content_Types].xml"]
    macros = types.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")
    cases = {
        "signed": packed({**parts, "_xmlsignatures/sig1.xml": b"<a/>"}),
        "other_format": packed({**parts, "[Content_Types].xml": macros}),
        "strange": packed({**parts, "xl/styles.xml": b"<styleSheet/>"}),
    }
    for reason, data in cases.items():
        with pytest.raises(NotPatched) as problem:
            annotate(data, [finding(CellRef(FORM, 13, 5))], HEADING)
        assert problem.value.reason == reason
    with pytest.raises(NotPatched) as problem:
        annotate(b"a;b\n1;2", [finding()], HEADING)
    assert problem.value.reason == "strange"


def test_a_cell_that_is_left_out_is_counted_once_whatever_is_said_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("consolidate.xlsx.patch.annotate_copy.MOST_MARKED", 3)
    cells = [CellRef(FORM, row, 5) for row in range(10, 20)]
    both = [finding(*cells), finding(*cells, severity=Severity.WARNING, said="Xem lại")]
    copy = annotate(wrong(), both, HEADING)
    listing = openpyxl.load_workbook(io.BytesIO(copy)).worksheets[0]
    assert text("annotate.left_out", count=7) in str(listing["A4"].value)


def test_a_bounded_number_of_cells_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consolidate.xlsx.patch.annotate_copy.MOST_MARKED", 3)
    cells = [CellRef(FORM, row, 5) for row in range(10, 20)]
    copy = annotate(wrong(), [finding(*cells)], HEADING)
    assert len(_marks(copy)["notes"]) == 3
    listing = openpyxl.load_workbook(io.BytesIO(copy)).worksheets[0]
    assert text("annotate.left_out", count=7) in str(listing["A4"].value)


def test_a_return_with_broken_guidance_is_marked_again_and_again() -> None:
    """Nobody answers on the sheet of guidance, so that intake reads the return without it."""
    parts = parts_of(wrong())
    book = openpyxl.load_workbook(io.BytesIO(wrong()))
    guidance = f"xl/worksheets/sheet{book.sheetnames.index('Hướng dẫn') + 1}.xml"
    broken = parts[guidance].replace(b"</sheetData>", b"</sheetDat>")
    assert broken != parts[guidance]
    data = packed({**parts, guidance: broken})
    findings = check_bytes(library_2018(), "t.xlsx", data).findings
    assert findings == check_bytes(library_2018(), "t.xlsx", wrong()).findings
    once = annotate(data, findings, HEADING)
    assert annotate(once, findings, HEADING) == once
    assert (
        check_bytes(library_2018(), "t.xlsx", once).content
        == check_bytes(library_2018(), "t.xlsx", data).content
    )
    assert parts_of(once)[guidance] == broken
