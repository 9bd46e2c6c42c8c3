"""Measuring texts, dividing headings, planning page breaks."""

from __future__ import annotations

import io

import pytest

from consolidate.model.datasets import Shape
from consolidate.templates.columns import (
    LEFT_HALF,
    RIGHT_HALF,
    SheetColumn,
    SheetColumns,
    columns_of,
)
from consolidate.templates.form_page import Page
from consolidate.templates.inputs import address_of, ranges_of
from consolidate.xlsx.write.form_styles import Styles, open_workbook
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height, text_width


def test_width_follows_the_font():
    assert text_width("0", 10) == 5
    assert text_width("iii", 12) < text_width("MMM", 12)
    assert text_width("Văn bản", 12) == pytest.approx(text_width("Van ban", 12))
    assert text_width("tư", 12) > text_width("tu", 12)
    assert text_width("tổng", 12, bold=True) > text_width("tổng", 12)
    assert text_width("té", 12) == text_width("te\u0301", 12)


def test_lines_break_at_words_line_feeds_and_inside_long_words():
    assert lines_needed("", 100, 12) == 1
    assert lines_needed("một hai", 200, 12) == 1
    assert lines_needed("một\nhai\nba", 200, 12) == 3
    assert lines_needed("m" * 60, 100, 12) >= 5
    text = "Số lượt cán bộ, công chức, viên chức tham gia các lớp tập huấn " * 3
    assert lines_needed(text, 150, 12) > lines_needed(text, 300, 12) > 1


def test_row_height_is_a_whole_number_of_pixels_and_enough():
    for lines in range(1, 12):
        height = row_height(lines, 12)
        assert height % 0.75 == 0
        assert height >= lines * 12 * 1.2


def test_labels_of_all_forms_fit_their_rows(library, opened):
    for template, book in opened.items():
        for data_set in library.sets_of(template):
            if data_set.shape is Shape.OPEN:
                continue
            columns = columns_of(data_set)
            label = columns.positions["label"]
            room = columns.span(label, columns.end_of("label"))
            sheet = book[data_set.sheet]
            for element in data_set.elements:
                row = next(cell.row for cell in sheet["A"] if cell.value == element.code)
                lines = lines_needed(element.label, room - 9 * element.indent, 12)
                assert sheet.row_dimensions[row].height >= lines * 12 * 1.25


def test_heading_leaves_room_for_motto_and_unit(library):
    for data_set in library.data_sets:
        columns = columns_of(data_set)
        middle = columns.middle
        assert columns.span(middle, columns.last) >= RIGHT_HALF
        assert columns.span(columns.first, middle - 1) >= LEFT_HALF


def test_a_divided_label_keeps_codes_and_total_width(library):
    data_set = library.by_code["pctn_01"]
    divided = columns_of(data_set)
    codes = [c.code for c in divided.columns]
    assert codes == ["number", "label", "", "unit", "value"]
    label = divided.columns[1].width + divided.columns[2].width
    assert label == data_set.layout.label_width
    assert divided.end_of("label") == divided.positions["label"] + 1
    assert divided.end_of("unit") == divided.positions["unit"]


def test_ranges_join_neighbours_of_one_column():
    cells = [(9, 4), (8, 4), (11, 4), (8, 5)]
    assert ranges_of(cells) == [(8, 4, 9, 4), (11, 4, 11, 4), (8, 5, 8, 5)]
    assert address_of(ranges_of(cells)) == "E9:E10 E12 F9"


def page(heights: list[float]) -> Page:
    workbook = open_workbook(io.BytesIO())
    columns = SheetColumns((SheetColumn("a", "", 10), SheetColumn("b", "", 20)))
    made = Page(workbook.add_worksheet(), Styles(workbook), columns)
    made.heights = dict(enumerate(heights))
    workbook.close()
    return made


def plan(heights: list[float], **more):
    options = {"keep": (), "block": len(heights) - 3} | more
    return page(heights).plan_breaks(
        landscape=False, first_row=0, last_row=len(heights) - 1, repeat=(0, 0), **options
    )


def test_a_short_form_needs_no_break():
    assert plan([20.0] * 20).breaks == ()


def test_no_page_ends_with_a_heading():
    heights = [20.0] * 120
    cut = plan(heights).breaks[0]
    assert plan(heights, keep=(cut - 1, cut - 2)).breaks[0] == cut - 2


def test_signatures_never_stand_alone():
    for rows in range(48, 160):
        heights = [20.0] * rows + [20.0, 20.0, 60.0]
        breaks = plan(heights).breaks
        if breaks:
            assert breaks[-1] <= rows - 2


def test_a_form_a_little_too_long_is_shrunk_but_not_one_that_grows():
    heights = [20.0] * 36 + [40.0, 40.0, 60.0]
    assert plan(heights).one_page
    grown = plan(heights, growing=True)
    assert not grown.one_page
    assert grown.breaks
    assert grown.breaks[-1] <= 34


def test_column_points_follow_pixels():
    assert column_points(10) == 75 * 0.75
