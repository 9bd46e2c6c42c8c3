"""Packages made to break what puts findings into them: a copy is whole, or there is none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import CellRef
from consolidate.xlsx.patch.annotate_copy import annotate
from consolidate.xlsx.patch.marked_sheet import Sheet, can_hold, with_shapes
from consolidate.xlsx.patch.xml_places import NotPatched, read_tree, with_attributes
from tests.fuzz.targets import TARGETS
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.saved import packed, parts_of, saved
from tests.xlsx.packages import problems_of
from tests.xlsx.patch.test_copy import FORM, HEADING, copied, finding, wrong

DIGITS = b"9" * 5_000
BOOK = "xl/workbook.xml"
FORM_PART = "xl/worksheets/sheet2.xml"
SHEET = '<worksheet xmlns="x">{}<sheetData>{}</sheetData></worksheet>'


def changed(part: str, old: bytes, new: bytes, count: int = 1) -> bytes:
    parts = parts_of(wrong())
    made = re.sub(old, new, parts[part], count=count)
    assert made != parts[part]
    return packed({**parts, part: made})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: changed(BOOK, b'sheetId="1"', b'sheetId="%b"' % DIGITS), id="id"),
        pytest.param(lambda: changed(BOOK, rb'sheetId="\d+"', b'sheetId="x"', 0), id="no ids"),
        pytest.param(
            lambda: changed(BOOK, b'localSheetId="1"', b'localSheetId="%b"' % DIGITS),
            id="name",
        ),
        pytest.param(
            lambda: changed(BOOK, rb'(sheetId="3" r:id=)"rId3"', rb'\1"rId2"'), id="part"
        ),
        pytest.param(lambda: changed(BOOK, b'r:id="rId2"', b'r:id="rId2" xmlns:q="u" q:id="rId3"'),
                     id="two relations"),
    ],
)  # fmt: skip
def test_workbooks_that_lie_about_their_sheets_are_left_alone(data: Callable[[], bytes]) -> None:
    with pytest.raises(NotPatched) as problem:
        annotate(data(), [finding(CellRef(FORM, 13, 5))], HEADING)
    assert problem.value.reason == "strange"


def test_a_new_sheet_gets_a_number_that_excel_takes() -> None:
    data = changed(BOOK, b'sheetId="1"', b'sheetId="65534"')
    made = parts_of(annotate(data, [finding()], HEADING))[BOOK]
    ids = [int(number) for number in re.findall(rb'sheetId="(\d+)"', made)]
    assert ids[0] == 1
    assert len(set(ids)) == len(ids)


def test_a_prefix_that_means_something_else_is_declared_anew() -> None:
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data = changed(BOOK, b'xmlns:r="[^"]*"', b'xmlns:r="urn:x" xmlns:q="%b"' % office)
    made = parts_of(annotate(data, [finding()], HEADING))[BOOK]
    ours = re.search(rb'<sheet name="C[^>]*>', made)
    assert ours is not None
    assert b'xmlns:r="%b"' % office in ours.group()


def test_a_part_with_a_name_full_of_digits_stops_nothing() -> None:
    parts = parts_of(wrong())
    data = packed({**parts, f"xl/worksheets/sheet{'9' * 5_000}.xml": b"<a/>"})
    assert problems_of(annotate(data, [finding(CellRef(FORM, 13, 5))], HEADING)) == []


def test_the_copy_of_a_copy_selects_one_sheet_and_shows_it() -> None:
    """Of two selected sheets Excel makes a group: what is typed into one goes into both."""
    book = openpyxl.load_workbook(io.BytesIO(copied()))
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == FORM
    book.active = book.sheetnames.index(FORM)
    book.worksheets[0].sheet_state = "hidden"
    data = saved(book)
    again = annotate(data, check_bytes(library_2018(), "t.xlsx", data).findings, HEADING)
    made = openpyxl.load_workbook(io.BytesIO(again))
    assert [s.title for s in made.worksheets if s.sheet_view.tabSelected] == ["Cần sửa"]
    assert made.active is not None
    assert (made.active.title, made.active.sheet_state) == ("Cần sửa", "visible")


def test_attributes_are_told_by_any_name() -> None:
    tag = '<c r="A1" đ="x s=\'3\' y" s="1">'.encode()
    assert with_attributes(tag, s="9") == '<c r="A1" đ="x s=\'3\' y" s="9">'.encode()


@pytest.mark.parametrize(
    ("before", "inside", "reason"),
    [
        ("", '<row r="2"/><row r="2"/>', "strange"),
        ("", '<row r="1048577"/>', "strange"),
        ("", '<row r="1"><c r="XFE1"/></row>', "strange"),
        ("", "<row/>" * 500_001, "too_large"),
        ("<cols>" + '<col min="1" max="1"/>' * 1_001 + "</cols>", "", "too_large"),
    ],
)  # fmt: skip
def test_a_sheet_beyond_all_measure_is_left_alone(before: str, inside: str, reason: str) -> None:
    with pytest.raises(NotPatched) as problem:
        Sheet(SHEET.format(before, inside).encode()).look((0, 0))
    assert problem.value.reason == reason


def test_many_rows_cost_no_more_each_than_few() -> None:
    rows = "<row/>" * 200_000  # Looking at all rows before for each of them would take hours.
    assert Sheet(SHEET.format("", rows).encode()).height(199_999) == 20.0


def test_merged_areas_beyond_measure_are_not_looked_at() -> None:
    merged = '<mergeCell ref="A1:B1"/>' * 5_001
    xml = f'<worksheet xmlns="x"><sheetData/><mergeCells>{merged}</mergeCells></worksheet>'
    with pytest.raises(NotPatched) as problem:
        Sheet(xml.encode())
    assert problem.value.reason == "too_large"


def test_utf_16_without_a_mark_is_no_part_to_patch() -> None:
    with pytest.raises(NotPatched):
        read_tree("<a><b/></a>".encode("utf-16-le"), 2)


def test_elements_under_another_prefix_are_no_part_of_the_form() -> None:
    xml = b'<s xmlns:o="o"><o:data/><data n="1"/></s>'
    found = read_tree(xml, 1).child("data")
    assert found is not None
    assert found.attributes == {"n": "1"}


def test_shapes_of_others_stay_whatever_stands_before_ours() -> None:
    parts = parts_of(copied())
    (shapes,) = (content for name, content in parts.items() if name.endswith(".vml"))
    data = shapes.replace(b"<v:shape ", b'<v:shape id="mine"/><v:shape ', 1)
    sheet = Sheet(parts[FORM_PART])
    made = with_shapes(data, sheet, {}, frozenset({(13, 5), (14, 5)}), 2)
    assert b'<v:shape id="mine"/>' in made
    assert b'ObjectType="Note"' not in made
    open_ones = shapes.replace(b"</xml>", b"<v:shape>" * 100_000 + b"</xml>")
    kept = with_shapes(open_ones, sheet, {}, frozenset(), 2)  # The square of these is hours.
    assert kept.count(b"<v:shape>") == 100_000


@pytest.mark.parametrize(
    ("shapes", "can"),
    [
        (b"<xml></xml>", True),
        (b'<?xml version="1.0"?>\n<xml xmlns:v="v"><a/></xml>\n', True),
        (b"<v:shape><xml></v:shape></xml>", False),
        (b"<!--<xml>--><a></xml>", False),
        (b"<xmls></xml>", False),
        (b"<xml/><a></xml>", False),
    ],
)
def test_shapes_are_added_to_what_begins_and_ends_as_expected(shapes: bytes, can: bool) -> None:
    assert can_hold(shapes) is can


def test_what_a_file_carries_counts_though_the_unit_is_not_told(tmp_path: Path) -> None:
    """With errors only, macros are no finding any more; they are in the file all the same."""
    from consolidate.actions.return_files import CopyKind, unit_files
    from consolidate.merge.merge_inbox import MergeRequest, merge

    steps = ({"do": "add_part", "part": "xl/vbaProject.bin", "content": "x"},)
    data = Recipe("c", values={"pctn_01.c3": "nhiều"}, steps=steps).build()
    (tmp_path / "a.xlsx").write_bytes(data)
    result = merge(MergeRequest(library_2018(), tmp_path))
    given_back = list(unit_files(result, tmp_path, only_errors=True))
    assert [item.kind for item in given_back] == [CopyKind.LIST, CopyKind.LETTER]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.booleans())
def test_a_damaged_package_gives_a_whole_copy_or_none(seed: int, again: bool) -> None:
    target = TARGETS["annotate"]
    assert target.mutate is not None
    target.ask(target.mutate(target.seeds()[again], seed))
