"""The sheet "Kiểm tra" as it is built: what it says, what it may not disturb, what Excel takes."""

from __future__ import annotations

import cProfile
import io
import re
from datetime import date

import openpyxl
import pytest

from consolidate.definitions.catalogue import text
from consolidate.merge.read_files import check_bytes
from consolidate.model.datasets import Shape
from consolidate.model.rules import Scope
from consolidate.rules.excel_formula import FORMULA_LIMIT, NESTING_LIMIT
from consolidate.templates.hidden_sheets import CAPTIONS, HELPER_SHEET, LINES_SHEET
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018

SHEET = "Kiểm tra"
TEMPLATES = ("pctn", "cchc")
MOST_CALLS = 1_000_000
"""Some three times those of a first build; a mistake makes it many times as many."""


def shown(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)[SHEET]


def lines(data: bytes) -> list[list[object]]:
    """Lines in the order of the forms: number, content, severity, sign, left, right, link."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return [[cell.value for cell in row[:7]] for row in book[LINES_SHEET].iter_rows()]


def depth(formula: str) -> int:
    deepest = now = 0
    for character in re.sub(r'"[^"]*"', "", formula):
        now += (character == "(") - (character == ")")
        deepest = max(deepest, now)
    return deepest


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_blank_template_counts_what_is_required(blank, template):
    findings = check_bytes(library_2018(), "x", blank[template]).findings
    blanks = sum(finding.rule == "value.required" for finding in findings)
    assert shown(blank[template])["A4"].value == text(
        "template.check.status_unbegun", blanks=blanks
    )


@pytest.mark.parametrize(("filled", "half"), [(0, 0), (5, 0), (40, 1)])
def test_forgotten_cells_are_coloured_once_half_is_filled_in(library, filled, half):
    elements = library.by_code["pctn_01"].elements[:filled]
    values = {f"pctn_01.{element.code}": 0 for element in elements if not element.second}
    made = build_template(library, "pctn", Prefill(values=values))
    book = openpyxl.load_workbook(io.BytesIO(made), data_only=True)
    ((sheet, address),) = book.defined_names["_check.half"].destinations
    assert book[sheet][address].value == half
    begun = not shown(made)["A4"].value.startswith("CHƯA GHI")
    assert begun == bool(filled)


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_guide_of_a_template_leads_to_every_sheet(opened, template):
    book = opened[template]
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    links = {cell.hyperlink.location for row in book["Hướng dẫn"] for cell in row if cell.hyperlink}
    assert {f"'{name}'!A1" for name in visible if name != "Hướng dẫn"} == links
    for sheet in book:
        if sheet.sheet_state == "visible":
            assert sheet.page_setup.useFirstPageNumber
            assert sheet.page_setup.blackAndWhite
            long = sheet.max_row > (47 if sheet.title == SHEET else 50)
            assert (sheet.freeze_panes is not None) == (long and sheet.title != "Hướng dẫn")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_rule_has_its_lines_in_order(library, blank, template):
    count = 0
    for data_set in library.sets_of(template):
        for rule in data_set.rules:
            by_row = rule.scope is Scope.ROW and data_set.shape is Shape.FIXED
            count += len(data_set.elements) if by_row else 1
    found = lines(blank[template])
    assert [line[0] for line in found] == list(range(1, len(found) + 1))
    assert len(found) > count
    severities = {text(f"terms.severity.{level}") for level in ("error", "warning", "info")}
    assert all(line[2] in severities for line in found)
    assert {line[3] for line in found[-count:]} <= {"✓", "✗", "–"}


def test_a_clean_return_is_ready(library):
    values = {f"pctn_01.{element.code}": 0 for element in library.by_code["pctn_01"].elements}
    values |= {"cover.unit_name": "Sở Nội vụ", "cover.level": "Cấp tỉnh"}
    values |= {"cover.period_type": "9 tháng đầu năm", "cover.period_year": 2018}
    values |= {"cover.window_from": date(2017, 11, 6), "cover.window_to": date(2018, 8, 28)}
    ready = build_template(library, "pctn", Prefill(values=values))
    assert shown(ready)["A4"].value == "ĐỦ ĐIỀU KIỆN GỬI"
    assert "✗" not in {line[3] for line in lines(ready)}
    found = {"pctn_01.c10": 1, "pctn_01.c11": 1, "pctn_01.c12": 1, "pctn_01.c15": 5e6}
    doubtful = build_template(library, "pctn", Prefill(values=values | found))
    assert shown(doubtful)["A4"].value == "ĐỦ ĐIỀU KIỆN GỬI, CÒN 1 CẢNH BÁO"


def test_the_first_answers_are_named_with_a_link_to_the_first(library):
    values = {"pctn_01.c4": 2.5, "pctn_01.c3": 1.819, "pctn_01.c40": 1, "pctn_01.c41": 3}
    data = build_template(library, "pctn", Prefill(values=values))
    found = {str(line[1]): line for line in lines(data)}
    assert "Biểu 01, chưa ghi: MS 1; MS 2; MS 5; MS 6; MS 7; …" in found
    unread = "Biểu 01, không đọc được: MS 3 (mất dấu chấm hàng nghìn); MS 4 (phải là số nguyên)"
    assert found[unread][3:] == ["✗", "2 ô", None, "Biểu 01 MS 3"]
    first = next(row for row in shown(data).iter_rows(values_only=True) if row[0] == 1)
    assert first[1:] == (
        *("Bìa, chưa ghi: Tên đơn vị; Cấp hành chính; Kỳ báo cáo; Năm", "Lỗi", "✗"),
        *("4 ô", None, "Bìa Tên đơn vị"),
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_neither_sheet_passes_for_a_form(opened, blank, template):
    book = opened[template]
    codes = {book[sheet]["A1"].value for sheet in (SHEET, HELPER_SHEET, LINES_SHEET)}
    assert codes <= {text("template.check.title"), None, 1}
    findings = check_bytes(library_2018(), "x", blank[template]).findings
    assert not [f for f in findings if f.rule.startswith("structure.")]
    # Names of theirs begin with an underscore: intake reads neither sheet.
    for name, defined in book.defined_names.items():
        targets = {sheet for sheet, _ in defined.destinations}
        theirs = bool(targets & {SHEET, HELPER_SHEET, LINES_SHEET}) or name.startswith("_frame.")
        assert name.startswith("_") == theirs, name


@pytest.mark.parametrize("template", TEMPLATES)
def test_formulas_stay_within_the_limits_of_excel(opened, template):
    for name in (SHEET, HELPER_SHEET, LINES_SHEET):
        sheet = opened[template][name]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert len(cell.value) <= FORMULA_LIMIT, cell.coordinate
                    assert depth(cell.value) <= NESTING_LIMIT, cell.coordinate
                    literals = re.findall(r'"((?:[^"]|"")*)"', cell.value)
                    assert all(len(literal) <= 255 for literal in literals), cell.coordinate


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_cell_of_the_helper_sheet_is_a_caption_or_a_number(blank, template):
    """The guard of the totals counts the numbers: a text among them would pass for one."""
    book = openpyxl.load_workbook(io.BytesIO(blank[template]), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(blank[template]))[HELPER_SHEET]
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                assert isinstance(book[HELPER_SHEET][cell.coordinate].value, int), cell.coordinate
            elif cell.value is not None:
                assert cell.column == CAPTIONS + 1, cell.coordinate


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_sheet_prints_on_a4_with_its_heading_repeated(opened, template):
    sheet = opened[template][SHEET]
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$7:$7"
    assert "Trang &P" in sheet.oddFooter.center.text
    fonts = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value}
    assert fonts == {"Times New Roman"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_colours_of_the_forms_go_through_names(library, opened, template):
    for data_set in (library.cover, *library.sets_of(template)):
        formulas = [
            formula
            for rules in opened[template][data_set.sheet].conditional_formatting
            for rule in rules.rules
            for formula in rule.formula
        ]
        assert any(f"_code.{data_set.code}" in formula for formula in formulas)
        assert not any("!" in formula for formula in formulas)


def test_a_text_where_a_number_or_a_day_belongs_is_one_problem(library):
    """Whatever it says: the mark x alone is an answer."""
    texts = {"c1": "5", "c2": "1.819", "c3": "Không", "c4": "03 lượt", "c5": " X ", "c6": "//"}
    values = {f"pctn_01.{code}": said for code, said in texts.items()}
    data = build_template(library, "pctn", Prefill(values=values | {"cover.date": "28/8/2018"}))
    found = {str(line[1]): line[4] for line in lines(data)}
    reason = text("template.reason.22")
    named = "; ".join(f"MS {number} ({reason})" for number in (1, 2, 3))
    assert found[f"Biểu 01, không đọc được: {named}; …"] == "5 ô"
    day = text("template.reason.29")
    (of_cover,) = (content for content in found if content.startswith("Bìa, không đọc được"))
    assert day in of_cover
    assert "ngày/tháng/năm" in day


def test_a_template_stays_small_and_quick_to_build(library, blank):
    """Counted in calls, which no load of the machine changes."""
    assert all(len(data) < 48_000 for data in blank.values())
    profile = cProfile.Profile()
    profile.runcall(build_template, library, "pctn")
    assert sum(entry.callcount for entry in profile.getstats()) < MOST_CALLS
