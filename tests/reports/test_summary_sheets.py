"""The sheets of the summary: geometry, stamps, links, and text that nobody trusts."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl
import pytest

from consolidate.definitions.catalogue import sentence, text, texts
from consolidate.merge.merge_inbox import told_together
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DENOMINATOR, NUMERATOR
from consolidate.model.reasons import Finding, Severity, joined
from consolidate.model.returns import Outcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.findings_sheet import listed
from consolidate.reports.matrix import (
    LEVEL_ROW,
)
from consolidate.reports.summary import summary_bytes
from consolidate.reports.summary_sheets import plan, stamp, stamp_overall
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.safe_text import clean, cut_to, file_link, sheet_name
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height
from tests.messages import own_words
from tests.reports.make_result import (
    LIBRARY,
    Bad,
    Typed,
    fixed,
    opened,
    province,
    record,
    result,
)

PCTN = LIBRARY.by_code["pctn_01"]
CASES = LIBRARY.by_code["pctn_02"]
FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+84 909",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "https://x.vn",
    "007",
)


def book_of(made: MergeResult, inbox: str | None = "../inbox") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(summary_bytes(made, inbox_link=inbox)))


def all_cells(book: openpyxl.Workbook):
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from row


def test_every_sheet_is_stamped(made, formulas) -> None:
    layout = plan(made)
    for part in layout.sets:
        line = stamp(part.table)
        assert re.search(r"\d+/\d+ đơn vị, số liệu đến 28/08/2018", line)
        for name in filter(None, (part.province, part.by_unit, part.trace, part.notes)):
            head = formulas[name].iter_rows(max_row=12)
            assert any(line in str(cell.value) for row in head for cell in row), name
    overall = stamp_overall(made)
    for name in (layout.overview, layout.findings, layout.files, layout.normalised):
        head = formulas[name].iter_rows(max_row=5)
        assert any(overall == cell.value for row in head for cell in row), name


def test_the_overview_links_to_every_sheet(made, formulas) -> None:
    names = list(plan(made).names())
    assert formulas.sheetnames == names
    cells = (cell for row in formulas[names[0]].iter_rows() for cell in row)
    links = {cell.hyperlink.location for cell in cells if cell.hyperlink is not None}
    assert {f"'{name}'!A1" for name in names[1:]} <= links


def test_names_of_sheets_fit(formulas) -> None:
    assert all(len(name) <= 31 for name in formulas.sheetnames)
    assert sheet_name("a/b:c" * 20, ["a b ca b ca b ca b ca b ca b ca"]).endswith("(2)")
    assert sheet_name("'Biểu'") == "Biểu"


def test_findings_link_to_the_value_and_to_the_file(made, formulas) -> None:
    layout = plan(made)
    sheet = formulas[layout.findings]
    head = next(row for row in sheet.iter_rows() if row[0].value == "STT")
    columns = {cell.value: cell.column for cell in head}
    seen = 0
    for number, (item, finding, fault) in enumerate(listed(made), head[0].row + 1):
        assert fault is None
        assert sheet.cell(number, columns["Nội dung và cách xử lý"]).value == sentence(
            finding.message
        )
        file_cell = sheet.cell(number, columns["Trang tính"])
        assert unquote(file_cell.hyperlink.target).endswith(item.path.split("/")[-1])
        assert file_cell.hyperlink.location == finding.cells[0].quoted
        shown = sheet.cell(number, columns["Ô"])
        if shown.hyperlink is not None:
            name, address = shown.hyperlink.location.split("!")
            value = formulas[name.strip("'")][address]
            found = next(v for v in item.content.values() if v.cell == finding.cells[0])
            if found.number is not None:
                assert value.value == pytest.approx(float(found.number))
            seen += 1
    assert seen > 10


def test_findings_stand_by_severity_and_unit_and_what_most_have_stands_once() -> None:
    units = [OrganisationUnit(f"U{at}", f"Xã {9 - at}", Level.COMMUNE) for at in range(5)]
    cell = CellRef("Biểu 01", 8, 4)

    def told(rule: str, severity: Severity, element: str) -> Finding:
        return Finding(rule, severity, own_words(rule), "pctn_01", element, "", (cell,), "1", "2")

    shared = told("r40", Severity.WARNING, "c40")
    of_one, note = told("r3", Severity.ERROR, "c3"), told("r4", Severity.INFO, "c4")
    found = [[shared, note], [shared, of_one], [of_one], [shared], []]
    records = [
        record(unit, "pctn", [fixed(PCTN, {})], path=f"{unit.code}.xlsx", findings=own)
        for unit, own in zip(units, found, strict=True)
    ]
    book = book_of(result(told_together(tuple(records[::-1]), (), {}), Roster.of(units)))
    rows = rows_below(book["Lỗi và cảnh báo"])
    keys = ("Mức độ", "Đơn vị", "MS, STT", "Biểu", "Mã phép kiểm tra", "Nội dung và cách xử lý")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("Lỗi", "Xã 8", "3", "Biểu 01", "r3", "r3"),
        ("Lỗi", "Xã 7", "3", "Biểu 01", "r3", "r3"),
        (
            "Cảnh báo",
            "3 đơn vị: Xã 9 (U0), Xã 8 (U1), Xã 6 (U3)",
            "40",
            "Biểu 01",
            "r40",
            "Quá nửa số đơn vị có biểu này cùng bị (3/5): xem lại biểu mẫu, quy tắc và hướng dẫn "
            "trước khi hỏi đơn vị. Ví dụ Xã 6: r40",
        ),
        ("Lưu ý", "Xã 9", "4", "Biểu 01", "r4", "r4"),
    ]
    assert rows[0]["Tên chỉ tiêu"] == PCTN.by_code["c3"].label
    sheet = book["Lỗi và cảnh báo"]
    assert sheet.auto_filter.ref.endswith(f"M{sheet.max_row}")
    for row in sheet.iter_rows(sheet.max_row - 3):
        room = column_points(24)
        lines = lines_needed(row[7].value, room, 9)
        assert sheet.row_dimensions[row[0].row].height >= row_height(lines, 9)


@pytest.mark.parametrize("hostile", FORMULAS)
def test_text_of_units_stays_text(hostile: str) -> None:
    unit = OrganisationUnit(hostile, hostile, Level.COMMUNE)
    told = own_words(hostile)
    finding = Finding("r", Severity.ERROR, told, "pctn_01", "c1", hostile, (), hostile, hostile)
    used = Typed(hostile, Decimal(5), "words")
    given = {("c1", "value"): Bad(hostile), ("c2", "value"): used}
    rows = [{"name": hostile, "place": hostile, "summary": Bad(hostile)}]
    made = result(
        [
            record(
                unit,
                "pctn",
                [fixed(PCTN, given), opened(CASES, rows)],
                path=f"{hostile.strip().replace('/', '_')}.xlsx",
                reason=hostile,
                findings=[finding],
            )
        ],
        Roster.of([unit], province=hostile),
    )
    book = book_of(made)
    same = [cell for cell in all_cells(book) if cell.value == hostile]
    assert len(same) >= 8
    assert all(cell.data_type == "s" for cell in same)
    formulas = [cell.value for cell in all_cells(book) if cell.data_type == "f"]
    ours = re.compile(
        r"""=('PL3-II|'Biểu 01) theo đơn vị'!D\d+|=IF\((COUNT\(|'(PL3-II|Biểu 01) theo).*"""
    )
    assert formulas
    assert all(ours.fullmatch(formula) and "1+1" not in formula for formula in formulas)


NASTY = {
    "control": "a\x00b\x1bc\x0bd",
    "rich": "<r><t>x</t></r>",
    "markup": "</t></si><script>&amp;",
    "escape": "_x0041_ _x000D_",
    "surrogate": "b\udce1o",
    "nonchar": "x\ufffey\uffff",
    "long": "Đ" * 40_000,
    "astral": "😀" * 20_000,
    "lines": "một\r\nhai\rba",
}


@pytest.mark.parametrize("kind", NASTY)
def test_any_text_gives_a_workbook_that_opens(kind: str) -> None:
    text = NASTY[kind]
    unit = OrganisationUnit("U", text, Level.COMMUNE)
    rows = [{"name": text, "summary": text}]
    made = result(
        [record(unit, "pctn", [opened(CASES, rows)], path="a.xlsx", reason=text)],
        Roster.of([unit]),
    )
    data = summary_bytes(made, inbox_link="../inbox")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(package.read(name))
    shown = [str(c.value) for c in all_cells(openpyxl.load_workbook(io.BytesIO(data))) if c.value]
    if kind in ("markup", "rich", "escape"):
        assert any(text in value for value in shown)
    if kind in ("long", "astral"):
        assert cut_to(text) in shown
        assert not any(value[-1] == text[0] and len(value) > 16_000 for value in shown)
    assert all(len(value.encode("utf-16-le")) // 2 <= 32_767 for value in shown)


HOSTILE_FILES = (
    "báo cáo #1.xlsx",
    "a'b.xlsx",
    "=1+1.xlsx",
    "50% xong %41.xlsx",
    "a%20b.xlsx",
    "[1] {2} ^3 `4`.xlsx",
    'a"b<c>&d.xlsx',
    unicodedata.normalize("NFD", "thư mục/Ủy ban xã Tân Hội.xlsx"),
    "http: x.xlsx",
    "mailto:a.xlsx",
    "internal:b.xlsx",
    "a?b.xlsx",
)


@pytest.mark.parametrize("path", HOSTILE_FILES)
def test_hostile_file_names_keep_their_links(path: str) -> None:
    unit = OrganisationUnit("U", "Đơn vị", Level.COMMUNE)
    cell = CellRef("Biểu '01'", 8, 4)
    finding = Finding("r", Severity.ERROR, own_words("sai"), "pctn_01", "c1", cells=(cell,))
    made = result(
        [record(unit, "pctn", [fixed(PCTN, {})], path=path, findings=[finding])], Roster.of([unit])
    )
    book = book_of(made)
    found = [
        item.hyperlink
        for item in all_cells(book)
        if item.hyperlink is not None and item.hyperlink.target
    ]
    assert found
    for link in found:
        assert unquote(link.target).replace("\\", "/") == f"../inbox/{path}"
        assert "#" not in link.target
    assert any(link.location == "'Biểu ''01'''!E9" for link in found)


def test_files_that_cannot_be_linked_are_only_named() -> None:
    assert file_link("../inbox", "a\\b.xlsx") is None
    assert file_link("../inbox", "b\udce1o.xlsx") is None
    assert file_link("../inbox", "x" * 2_000) is None
    assert file_link(None, "a.xlsx") is None
    unit = OrganisationUnit("U", "Đơn vị", Level.COMMUNE)
    read = record(unit, "pctn", [fixed(PCTN, {})], path="a.xlsx")
    strange = replace(read, path="virus.exe", content=None, unit=None)
    book = book_of(result([read, strange]))
    targets = {c.hyperlink.target for c in all_cells(book) if c.hyperlink and c.hyperlink.target}
    assert not any("virus" in target for target in targets)
    without = book_of(result([read]), inbox=None)
    assert not any(c.hyperlink.target for c in all_cells(without) if c.hyperlink)


def test_a_merge_of_nothing_still_says_so() -> None:
    book = book_of(result([]))
    assert book.sheetnames == ["Tổng quan", "Lỗi và cảnh báo", "Tệp nhận được", "Chuẩn hóa số liệu"]


def test_expected_data_sets_have_sheets_before_anybody_returned() -> None:
    roster = Roster.of([OrganisationUnit("U", "Đơn vị", Level.COMMUNE)], province="Tây Ninh")
    book = book_of(result([], roster))
    assert "Biểu 01 theo đơn vị" in book.sheetnames
    assert any(cell.value == "Đã nhận báo cáo của 0/1 đơn vị" for cell in all_cells(book))


def test_units_of_unknown_level_have_a_column_of_their_own() -> None:
    unit = OrganisationUnit("U", "Đơn vị", Level.UNKNOWN)
    made = result([record(unit, "pctn", [fixed(PCTN, {("c1", "value"): 4})], path="a.xlsx")])
    shown = {cell.value for cell in book_of(made)["Biểu 01 theo đơn vị"][LEVEL_ROW + 1]}
    assert "Chưa rõ cấp" in shown
    assert "Chưa rõ cấp" not in {
        cell.value for cell in book_of(province(6))["Biểu 01 theo đơn vị"][LEVEL_ROW + 1]
    }


def test_every_text_of_the_catalogue_is_used() -> None:
    package = Path(__file__).parents[2] / "consolidate"
    keys = (
        *("rollup/comparison.py", "rollup/periods_that_add_up.py", "rollup/late_tasks.py"),
        "rollup/assessment.py",
        *("model/mapping.py", "model/reasons.py"),
    )
    files = [*sorted((package / "reports").glob("*.py")), *(package / name for name in keys)]
    source = f'"{NUMERATOR}" "{DENOMINATOR}"' + "\n".join(
        path.read_text(encoding="utf-8") for path in files
    )
    for key in texts("summary"):
        last = key.rpartition(".")[2]
        assert f"summary.{key}" in source or f'"{last}"' in source or f"_{last}" in source, key


def test_clean_leaves_ordinary_text_alone() -> None:
    assert clean("Ủy ban nhân dân xã") == "Ủy ban nhân dân xã"
    assert clean(unicodedata.normalize("NFD", "Ủy ban")) == "Ủy ban"
    assert clean("a\x07b") == "a\ufffdb"
    assert clean("một\r\nhai") == "một\nhai"


def rows_below(sheet, first: str = "STT"):
    """The rows of a list under its heading, as values."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(index for index, row in enumerate(rows) if row[0] == first)
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def test_every_file_is_listed_with_its_outcome(made, formulas) -> None:
    rows = rows_below(formulas["Tệp nhận được"])
    assert [row["Tệp"] for row in rows] == [item.path for item in made.records]
    held = next(row for row in rows if row["Tệp"].startswith("giữ lại/"))
    assert held["Kết quả"] == "Giữ lại chờ xem xét"
    assert held["Lý do"].startswith("Tệp ghi kỳ 6 tháng")
    assert {row["Mở tệp"] for row in rows} == {"Mở", None}


def test_every_normalised_value_is_listed_as_typed_and_as_used(made, formulas) -> None:
    rows = rows_below(formulas["Chuẩn hóa số liệu"])
    expected = [
        value
        for item in made.records
        if item.content is not None and item.outcome.counted
        for value in item.content.values()
        if value.normalisation
    ]
    assert [row["Nguyên văn"] for row in rows] == [value.raw for value in expected]
    assert [row["Ô"] for row in rows] == [value.cell.a1 for value in expected]
    thousands = next(row for row in rows if "." in row["Nguyên văn"])
    assert thousands["Đã dùng"] == thousands["Nguyên văn"]
    assert "dấu hàng nghìn" in thousands["Cách hiểu"]


def test_the_overview_names_missing_units_and_held_files(made, formulas) -> None:
    said = {cell.value for row in formulas["Tổng quan"].iter_rows() for cell in row}
    for part in made.completeness:
        for unit in part.missing:
            assert f"{unit.name} ({unit.code})" in said
    assert "giữ lại/báo cáo 6 tháng.xlsx" in said


def test_a_unit_held_with_one_form_and_counted_with_another_is_not_held_overall() -> None:
    made = province(14)
    by_code = {part.template.code: part for part in made.completeness}
    both = {unit.code for unit in by_code["pctn"].received}
    both &= {unit.code for unit in by_code["cchc"].received}
    assert both
    records = [
        replace(item, outcome=Outcome.HELD, reason=joined("", ("x",)))
        if item.unit is not None
        and item.unit.code in both
        and item.outcome.counted
        and item.content is not None
        and item.content.template == "cchc"
        else item
        for item in made.records
    ]
    sheet = book_of(result(records, made.roster))["Tổng quan"]
    names = {level.label for level in made.levels} | {text("summary.received.sum")}
    rows = [
        row
        for row in sheet.iter_rows(values_only=True)
        if row[0] in names and isinstance(row[5], int)
    ]
    overall, form = rows[: len(rows) // 3], rows[len(rows) // 3 :]
    assert len(overall) > 1
    assert all(row[5] <= row[4] for row in overall)
    assert any(row[5] for row in form)
