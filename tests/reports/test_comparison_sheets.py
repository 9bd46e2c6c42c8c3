"""The comparison sheets of a summary: both forms, many units, nothing that Excel refuses."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.data_values import PastFigures
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.summary import summary_bytes
from consolidate.reports.summary_sheets import plan
from consolidate.rollup.comparison import Against, Change, Compared, Comparison
from consolidate.rollup.result import MergeResult
from tests.office.office import Office
from tests.reports.compare_result import compared
from tests.reports.make_result import province, result


@pytest.fixture(scope="module")
def beside() -> MergeResult:
    return compared(province(14))


@pytest.fixture(scope="module")
def summary(beside: MergeResult) -> bytes:
    return summary_bytes(beside, inbox_link=None)


def opened(data: bytes, **options: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), **options)


def under(sheet: Worksheet, title: str, column: int = 1) -> int:
    """Row below a title."""
    rows = sheet.iter_rows(min_col=column, max_col=column)
    return next(row[0].row for row in rows if row[0].value == title) + 1


def test_sheets_stand_behind_those_they_are_made_of(beside: MergeResult, summary: bytes) -> None:
    names = opened(summary).sheetnames
    assert names == list(plan(beside).names())
    for form in ("Biểu 01", "PL3-II"):
        assert names.index(f"So sánh {form}") == names.index(f"{form} theo đơn vị") + 1
    assert names.index("So sánh theo đơn vị") == names.index("Lỗi và cảnh báo") - 1
    overview = opened(summary)["Tổng quan"]
    listed = {cell.value for cell in overview["B"]}
    assert {"So sánh Biểu 01", "So sánh PL3-II", "So sánh theo đơn vị"} <= listed


def test_every_total_is_compared_once_per_period(beside: MergeResult, summary: bytes) -> None:
    for part in plan(beside).sets:
        if not part.comparison:
            continue
        sheet = opened(summary, data_only=True)[part.comparison]
        head = part.table.data_set.layout.number_header
        body = sheet.iter_rows(min_row=under(sheet, head) + 1, max_col=12, values_only=True)
        rows = [row[3:] for row in body if row[3] is not None]
        previous, last_year = beside.comparisons_of(part.table.data_set.code)
        expected = [
            [
                told.total.now,
                *(number for item in (told, then) for number in told_by(item)),
            ]
            for told, then in zip(previous.figures, last_year.figures, strict=True)
            if told.total.then is not None and told.total.now is not None
        ]
        found = [list(row) for row in rows if row[0] != text("summary.by_unit.not_summed")]
        wanted = [row for row in expected if row[0] is not None]
        # Phụ lục 3 has no totals where several units answer and none is named.
        assert len(found) == len(wanted)
        assert (len(wanted) > 30) is (part.table.data_set.code == "pctn_01")
        for row, right in zip(found, wanted, strict=True):
            assert row == [
                pytest.approx(float(item)) if not isinstance(item, str) else item for item in right
            ]


def told_by(item: Compared) -> list[object]:
    """What the cells of a change show."""
    change, both = item.total, item.both
    assert change.then is not None
    assert change.difference is not None
    assert both is not None
    share = change.difference / abs(change.then) if change.then else "–"
    return [change.then, change.difference, share, both.now - both.then]


def test_quarters_do_not_add_up(summary: bytes) -> None:
    book = opened(summary)
    red, since = text("summary.comparison.red"), text("summary.comparison.since")
    said = {
        name: {cell.value for row in book[name].iter_rows(max_row=12) for cell in row}
        for name in ("So sánh Biểu 01", "So sánh PL3-II")
    }
    assert since in said["So sánh Biểu 01"]
    assert since not in said["So sánh PL3-II"]
    hints = {name: [str(v) for v in values if red in str(v)] for name, values in said.items()}
    assert [len(hints[name]) for name in said] == [1, 0]


@pytest.mark.office
def test_changes_recalculate_to_their_cached_values(
    summary: bytes, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(summary)
    after = office.recalculated(path)
    live, cached = opened(summary), opened(summary, data_only=True)
    seen = 0
    for name in ("So sánh Biểu 01", "So sánh PL3-II"):
        for row in live[name].iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                seen += 1
                before = cached[name][cell.coordinate].value
                found = after[name][cell.row - 1][cell.column - 1]
                if isinstance(before, int | float):
                    assert found == pytest.approx(before, rel=1e-9), (name, cell.coordinate)
                else:
                    assert found == (before or ""), (name, cell.coordinate)
    assert seen > 450


def test_the_list_filters_and_prints(summary: bytes) -> None:
    sheet = opened(summary)["So sánh theo đơn vị"]
    top = under(sheet, text("summary.changes.unit")) - 1
    assert sheet.auto_filter.ref == f"A{top}:L{sheet.max_row}"
    assert sheet.freeze_panes == f"B{top + 1}"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == f"${top}:${top}"
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_nothing_changed_is_said() -> None:
    calm = summary_bytes(compared(province(5), same=1.0), inbox_link=None)
    sheet = opened(calm)["So sánh theo đơn vị"]
    row = under(sheet, text("summary.changes.unit"))
    assert (sheet.cell(row, 1).value, sheet.max_row) == (text("summary.changes.none"), row)


def test_many_units_that_are_gone_are_named_and_counted(beside: MergeResult) -> None:
    many = tuple(f"G{number:03}" for number in range(200))
    names = {code: f"Xã {code}" for code in many}
    comparisons = tuple(replace(item, gone=many, names=names) for item in beside.comparisons)
    data = summary_bytes(replace(beside, comparisons=comparisons), inbox_link=None)
    units = ", ".join(f"Xã {code} ({code})" for code in many[:30])
    more = text("summary.comparison.more", units=units, count=170)
    (previous, _) = beside.comparisons_of("pctn_01")
    line = text("summary.comparison.gone", period=previous.past.label, units=more)
    assert line in {cell.value for cell in opened(data)["So sánh Biểu 01"]["A"]}
    listed = {cell.value for cell in opened(data)["So sánh theo đơn vị"]["A"]}
    assert {f"Xã {code} ({code})" for code in many} <= listed


def test_a_figure_that_a_unit_left_blank_this_time_is_said_to_be_missing() -> None:
    calm = compared(province(5), same=1.0)
    unit = calm.comparisons[0].table.contributions[0].unit
    blank = Change(None, Decimal(12))

    def emptied(item: Comparison) -> Comparison:
        first, *others = item.figures
        return replace(
            item, figures=(replace(first, units={**first.units, unit.code: blank}), *others)
        )

    comparisons = tuple(
        emptied(item) if item.table.data_set.code == "pctn_01" else item
        for item in calm.comparisons
    )
    data = summary_bytes(replace(calm, comparisons=comparisons), inbox_link=None)
    sheet = opened(data)["So sánh theo đơn vị"]
    (row,) = sheet.iter_rows(min_row=under(sheet, text("summary.changes.unit")), values_only=True)
    assert row[0] == f"{unit.name} ({unit.code})"
    assert row[4:] == (None, 12, None, None, 12, None, None, text("summary.comparison.now_missing"))


def test_units_that_reported_then_and_not_now(beside: MergeResult) -> None:
    unit = OrganisationUnit("Z9", "=1+1", Level.COMMUNE)
    comparisons = tuple(
        replace(item, names={"Z9": unit.name, "N9": "Xã mới"}, units={
            **item.units,
            "Z9": PastFigures(item.past, {}, ("Z9",)),
            "N9": PastFigures(item.past, {}, (), "new"),
        })
        for item in beside.comparisons
    )  # fmt: skip
    data = summary_bytes(replace(beside, comparisons=comparisons), inbox_link=None)
    sheet = opened(data)["So sánh theo đơn vị"]
    rows = [row for row in sheet.iter_rows() if row[0].value == "=1+1 (Z9)"]
    assert [(row[0].data_type, row[1].value, row[-1].value) for row in rows] == [
        ("s", form, text("summary.changes.absent")) for form in ("Biểu 01", "PL3-II")
    ]
    # A unit that is new and sent nothing has nothing that could be compared.
    assert not [cell for cell in opened(data)["So sánh Biểu 01"]["A"] if "N9" in str(cell.value)]


def test_only_known_periods_have_columns(beside: MergeResult) -> None:
    comparisons = tuple(
        item if item.against is Against.LAST_YEAR else replace(item, run=0, figures=())
        for item in beside.comparisons
    )
    data = summary_bytes(replace(beside, comparisons=comparisons), inbox_link=None)
    sheet = opened(data)["So sánh Biểu 01"]
    head = [cell.value for cell in sheet[under(sheet, "MS") - 1]]
    note = text("summary.comparison.note")
    assert [title for title in head if title] == [
        "MS", "Nội dung", "ĐVT", "Kỳ này", "Cùng kỳ năm trước", note
    ]  # fmt: skip
    listed = opened(data)["So sánh theo đơn vị"]
    assert [cell.value for cell in listed[under(listed, "Đơn vị") - 1]] == [
        "Đơn vị", "Biểu", "MS", "Chỉ tiêu", "Kỳ này", "Cùng kỳ năm trước",
        text("summary.comparison.change"), "%", note,
    ]  # fmt: skip


def test_a_result_of_nobody_beside_earlier_periods() -> None:
    roster = Roster.of([OrganisationUnit("U1", "Xã", Level.COMMUNE)])
    data = summary_bytes(compared(result([], roster)), inbox_link=None)
    sheet = opened(data, data_only=True)["So sánh Biểu 01"]
    # No number of nobody is refused a total: the cell is blank.
    assert {cell.value for cell in sheet["D"][under(sheet, "MS") :]} <= {None, ""}


def test_equal_results_give_equal_bytes(summary: bytes) -> None:
    assert summary_bytes(compared(province(14)), inbox_link=None) == summary
