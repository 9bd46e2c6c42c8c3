"""The contract of a template: sheets, codes, names, what is unlocked, checks, formulas, stamp."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from hashlib import sha256

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils.cell import range_boundaries

from consolidate.definitions.catalogue import texts
from consolidate.model.anchors import (
    OPEN_END,
    OPEN_ROW,
    STAMP_KEYS,
    STAMP_SHEET,
    WINDOW_ROW,
    definition_digest,
    rows_name,
    window_name,
)
from consolidate.model.datasets import DataSet, Library, Shape, ValueType
from consolidate.templates.hidden_sheets import HELPER_SHEET, LINES_SHEET
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

TEMPLATES = ("pctn", "cchc")
EXCEL_2010 = {
    "ABS", "ADDRESS", "AND", "CHOOSE", "COLUMN", "COUNT", "DATE", "DAY", "FIND", "HYPERLINK", "IF",
    "IFERROR", "INDEX", "INT", "ISERROR", "ISLOGICAL", "ISNUMBER", "LEFT", "LEN", "LOWER", "MATCH",
    "MAX", "MIN", "MOD", "MONTH", "N", "OR", "ROUND", "ROW", "ROWS", "SMALL", "SUM", "SUMPRODUCT",
    "TEXT", "TRIM", "UPPER", "YEAR", "CHAR",
}  # fmt: skip
NEVER = {
    "CELL", "INDIRECT", "INFO", "NOW", "OFFSET", "RAND", "RANDBETWEEN", "TODAY", "VALUE",
}  # fmt: skip
"""Volatile functions, those that not every program has, and the one that reads numbers in text."""
_FORMULA = re.compile(r"<(?:x14:|xm:)?(f|formula\d?|definedName)\b[^>]*>([^<]*)<")
_FUNCTION = re.compile(r"([A-Z][A-Z0-9.]*)\(")
_QUOTED = re.compile(r'"[^"]*"')


def area(book: Workbook, name: str) -> tuple[str, tuple[int, int, int, int]]:
    """Sheet and (left, top, right, bottom) of a defined name, one-based as openpyxl counts."""
    ((sheet, address),) = book.defined_names[name].destinations
    return sheet, range_boundaries(address.replace("$", ""))


def names_of(data_set: DataSet) -> list[tuple[str, str, str]]:
    return [
        (data_set.name_of(element.code, column), element.code, column)
        for element in data_set.elements
        for column in element.columns
    ]


def fixed_sets(library: Library, template: str) -> list[DataSet]:
    sets = [library.cover, *library.sets_of(template)]
    return [data_set for data_set in sets if data_set.shape is Shape.FIXED]


@pytest.mark.parametrize("template", TEMPLATES)
def test_two_builds_are_the_same_bytes(library, blank, template):
    assert build_template(library, template) == blank[template]


def test_bytes_do_not_depend_on_the_hash_seed(blank):
    code = (
        "from hashlib import sha256\n"
        "from tests.library_2018 import library_2018\n"
        "from consolidate.templates.template_build import build_template\n"
        "print(sha256(build_template(library_2018(), 'pctn')).hexdigest())\n"
    )
    for seed in ("1", "4242"):
        made = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": "Asia/Tokyo"},
        )
        assert made.stdout.strip() == sha256(blank["pctn"]).hexdigest()


@pytest.mark.parametrize("template", TEMPLATES)
def test_sheets_stand_in_order_and_the_stamp_is_very_hidden(library, opened, template):
    book = opened[template]
    forms = [data_set.sheet for data_set in library.sets_of(template)]
    hidden = [HELPER_SHEET, LINES_SHEET, STAMP_SHEET]
    assert book.sheetnames == ["Bìa", "Hướng dẫn", *forms, "Kiểm tra", *hidden]
    assert {book[name].sheet_state for name in hidden} == {"veryHidden"}
    assert book[STAMP_SHEET].sheet_state == "veryHidden"
    stamp = {row[0].value: row[1].value for row in book[STAMP_SHEET].iter_rows()}
    assert tuple(stamp) == STAMP_KEYS
    assert stamp["template"] == library.pack_of[template].code
    assert stamp["definition"] == definition_digest(library, template)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_input_cell_is_named_unlocked_and_agrees_with_its_codes(library, opened, template):
    book = opened[template]
    for data_set in fixed_sets(library, template):
        sheet = book[data_set.sheet]
        assert sheet["A1"].value == data_set.code
        assert sheet.column_dimensions["A"].hidden
        assert sheet.row_dimensions[1].hidden
        for name, element, column in names_of(data_set):
            where, (left, top, right, bottom) = area(book, name)
            assert (where, left, top) == (data_set.sheet, right, bottom)
            assert sheet.cell(top, 1).value == element
            assert sheet.cell(1, left).value == column
            assert not sheet.cell(top, left).protection.locked


@pytest.mark.parametrize("template", TEMPLATES)
def test_open_tables_are_named_as_a_whole_and_marked_row_by_row(library, opened, template):
    book = opened[template]
    for data_set in library.sets_of(template):
        if data_set.shape is Shape.FIXED:
            continue
        sheet = book[data_set.sheet]
        _, (left, top, right, bottom) = area(book, rows_name(data_set.code))
        codes = [sheet.cell(1, column).value for column in range(left, right + 1)]
        assert codes == ["number", *data_set.by_code]
        marks = [sheet.cell(row, 1).value for row in range(top, bottom + 2)]
        assert marks == [OPEN_ROW] * data_set.layout.open_rows + [OPEN_END]
        assert sheet.protection.insertRows is False  # False means allowed


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_else_is_unlocked(library, opened, template):
    book = opened[template]
    free: set[tuple[str, int, int]] = set()
    for data_set in [library.cover, *library.sets_of(template)]:
        if data_set.shape is Shape.OPEN:
            areas = [area(book, rows_name(data_set.code))]
        else:
            areas = [area(book, name) for name, _, _ in names_of(data_set)]
        for where, (left, top, right, bottom) in areas:
            free |= {
                (where, row, column)
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
            }
    for sheet in book:
        assert sheet.protection.sheet
        assert not sheet.protection.password
        unlocked = {
            (sheet.title, cell.row, cell.column)
            for row in sheet.iter_rows()
            for cell in row
            if not cell.protection.locked
        }
        assert unlocked == {cell for cell in free if cell[0] == sheet.title}


def test_the_window_line_has_a_name_and_a_row_code(library, opened):
    for template in TEMPLATES:
        for data_set in library.sets_of(template):
            book = opened[template]
            codes = {cell.value for cell in book[data_set.sheet]["A"]}
            assert (WINDOW_ROW in codes) == data_set.layout.window
            assert (window_name(data_set.code) in book.defined_names) == data_set.layout.window


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_input_cell_explains_itself_within_the_limits_of_excel(library, opened, template):
    book = opened[template]
    for data_set in [library.cover, *library.sets_of(template)]:
        sheet = book[data_set.sheet]
        covered: set[tuple[int, int]] = set()
        for rule in sheet.data_validations.dataValidation:
            assert 0 < len(rule.promptTitle) <= 32
            assert 0 < len(rule.prompt) <= 255
            assert len(rule.errorTitle or "") <= 32
            assert len(rule.error or "") <= 255
            assert len(rule.formula1 or "") <= 255
            for part in rule.sqref.ranges:
                cells = {(row, column) for row, column in part.cells}
                assert not cells & covered
                covered |= cells
        if data_set.shape is Shape.FIXED:
            wanted = {
                (box[1], box[0]) for box in (area(book, n)[1] for n, _, _ in names_of(data_set))
            }
        else:
            _, (left, top, right, bottom) = area(book, rows_name(data_set.code))
            wanted = {
                (row, column)
                for row in range(top, bottom + 1)
                for column in range(left + 1, right + 1)
            }
        assert covered == wanted


def test_catalogue_has_a_message_for_every_hint_and_type(library):
    messages = texts("template")
    hints = {kind.value for kind in ValueType}
    hints |= {
        element.hint
        for data_set in (library.cover, *library.data_sets)
        for element in data_set.elements
        if element.hint
    }
    for hint in hints:
        assert 0 < len(messages[f"hint_title.{hint}"]) <= 32
        assert 0 < len(messages[f"hint.{hint}"]) <= 255


@pytest.mark.parametrize("template", TEMPLATES)
def test_formulas_use_only_functions_of_excel_2010(blank, opened, template):
    used: set[str] = set()
    for sheet in opened[template]:
        formulas = [
            cell.value
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        ]
        formulas += [
            rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "custom"
        ]
        formulas += [
            formula
            for rules in sheet.conditional_formatting
            for rule in rules.rules
            for formula in rule.formula
        ]
        for formula in formulas:
            used |= set(_FUNCTION.findall(_QUOTED.sub('""', formula)))
    assert used
    assert used <= EXCEL_2010
    assert not EXCEL_2010 & NEVER
    with zipfile.ZipFile(io.BytesIO(blank[template])) as package:
        assert b"_xlfn" not in b"".join(package.read(name) for name in package.namelist())


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_formula_of_any_part_is_volatile_or_asks_what_not_every_program_has(
    library, blank, filled, template
):
    """Cells, checks of input, colours and names; in blank templates and in filled-in ones."""
    for data in (blank[template], build_template(library, template, filled[template])):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = [package.read(name).decode() for name in package.namelist()]
        formulas = [found[2] for part in parts for found in _FORMULA.finditer(part)]
        assert len(formulas) > 300
        used = {
            name
            for formula in formulas
            for name in _FUNCTION.findall(re.sub(r'(&quot;|").*?\1', "", formula).upper())
        }
        assert used <= EXCEL_2010


@pytest.mark.parametrize("template", TEMPLATES)
def test_pages_are_a4_one_page_wide_with_repeated_headings(library, opened, template):
    book = opened[template]
    for data_set in library.sets_of(template):
        sheet = book[data_set.sheet]
        assert sheet.page_setup.paperSize == 9
        wanted = "landscape" if data_set.layout.landscape else "portrait"
        assert (sheet.page_setup.orientation or "portrait") == wanted
        assert sheet.page_setup.fitToWidth in (1, None)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
        assert "Trang &P" in zip_footer(sheet)


def zip_footer(sheet) -> str:
    return sheet.oddFooter.center.text


def test_cells_that_do_not_apply_are_grey_and_locked(library, opened):
    book = opened["cchc"]
    data_set = library.by_code["cchc_pl3_2"]
    _, (_, row, _, _) = area(book, "cchc_pl3_2.r4.total")
    sheet = book[data_set.sheet]
    codes = {sheet.cell(1, column).value: column for column in range(1, sheet.max_column + 1)}
    for column in ("province", "commune"):
        cell = sheet.cell(row, codes[column])
        assert cell.protection.locked
        assert cell.fill.fgColor.rgb == "FFD9D9D9"


def test_more_rows_than_prepared_extend_the_table(library):
    rows = [{"name": f"Vụ {n}"} for n in range(1, 31)]
    data = build_template(library, "pctn", Prefill(rows={"pctn_02": rows}))
    book = openpyxl.load_workbook(io.BytesIO(data))
    _, (_, top, _, bottom) = area(book, "pctn_02.rows")
    assert bottom - top + 1 == 30
    assert book["Biểu 02"].cell(bottom + 1, 1).value == OPEN_END


def test_digest_changes_with_a_definition(library):
    from dataclasses import replace

    before = definition_digest(library, "pctn")
    first, *rest = library.by_code["pctn_01"].rules
    data_set = replace(library.by_code["pctn_01"], rules=(replace(first, source="?"), *rest))
    sets = tuple(data_set if s.code == "pctn_01" else s for s in library.data_sets)
    other = replace(library, data_sets=sets)
    assert definition_digest(other, "pctn") != before
    assert definition_digest(other, "cchc") == definition_digest(library, "cchc")
