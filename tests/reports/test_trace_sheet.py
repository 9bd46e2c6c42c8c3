"""The trace sheet: from figures to lines, from lines to cells of files, and back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest

from benchmarks.inbox import make_inbox
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.cells import CellRef
from consolidate.model.corrections import ADJUSTED, Adjustment
from consolidate.model.data_values import ValueKey, ValueStatus
from consolidate.model.datasets import Aggregation
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.matrix import CODE_ROW, FIRST_LINE, TOTAL_COLUMN, matrix, trace_lines
from consolidate.reports.summary_sheets import plan
from consolidate.reports.trace_sheet import (
    COLUMNS,
    FIGURE,
    FILE,
    NOTE,
    PLACE,
    RAW,
    SHOWN,
    UNIT,
    USED,
)
from tests.office.bridge import OpenOffice
from tests.office.clicks import walks
from tests.reports.make_result import LIBRARY, ROUND, Typed, fixed, record, result
from tests.reports.test_summary_sheets import book_of

PCTN = LIBRARY.by_code["pctn_01"]


def test_every_figure_has_its_line_and_leads_there_and_back(made, formulas) -> None:
    checked = 0
    for part in plan(made).sets:
        if not part.trace:
            continue
        layout = matrix(part.table, made.levels)
        lines = trace_lines(part.trace, layout)
        values, trace = formulas[part.by_unit], formulas[part.trace]
        titles = [cell.value for cell in trace[FIRST_LINE]]
        assert titles == [text(f"summary.trace.{key}") for key, _ in COLUMNS]
        for at, item in enumerate(layout.table.contributions):
            head = values.cell(CODE_ROW + 1, layout.first_unit + at + 1)
            assert head.value == item.unit.code
            assert path_of(head) == item.record.path
            for key, row in layout.row_of.items():
                found = item.value(*key)
                place = CellRef(part.by_unit, row.row, layout.first_unit + at)
                there = lines.line(key, at)
                figure = values.cell(place.row + 1, place.column + 1)
                if found.status is ValueStatus.MISSING:
                    assert figure.hyperlink is None
                else:
                    assert figure.hyperlink.location == there.quoted
                line = trace[there.row + 1]
                assert line[UNIT].value == f"{item.unit.name} ({item.unit.code})"
                assert line[USED].value == figure.value
                assert line[USED].fill.fgColor.rgb == figure.fill.fgColor.rgb
                assert (line[SHOWN].value, line[FILE].value) == (place.a1, item.record.name)
                assert line[SHOWN].hyperlink.location == place.quoted
                assert line[PLACE].value == f"{found.cell.sheet}!{found.cell.a1}"
                assert path_of(line[PLACE]) == item.record.path
                assert line[PLACE].hyperlink.location == found.cell.quoted
                otherwise = found.normalisation or found.status is ValueStatus.INVALID
                assert line[RAW].value == (found.raw if otherwise else None)
                checked += 1
    assert checked > 800


def path_of(cell) -> str:
    """The file below the inbox that a link goes to."""
    assert cell.hyperlink.target.startswith("..\\inbox\\")
    return unquote(cell.hyperlink.target.removeprefix("..\\inbox\\").replace("\\", "/"))


def test_figures_of_the_province_lead_to_how_they_are_made_and_back(made, formulas) -> None:
    for part in plan(made).sets:
        if not part.trace:
            continue
        layout = matrix(part.table, made.levels)
        lines = trace_lines(part.trace, layout)
        official, values, trace = (
            formulas[name] for name in (part.province, part.by_unit, part.trace)
        )
        leading = {
            cell.hyperlink.location: cell
            for row in official.iter_rows()
            for cell in row
            if cell.hyperlink is not None
        }
        for key, row in layout.row_of.items():
            head = lines.head(key)
            line = trace[head.row + 1]
            total = values.cell(row.row + 1, TOTAL_COLUMN + 1)
            if row.total is not None or row.aggregation is Aggregation.RATIO:
                assert total.hyperlink.location == head.quoted
            back = CellRef(part.by_unit, row.row, TOTAL_COLUMN)
            assert (line[SHOWN].value, line[SHOWN].hyperlink.location) == (back.a1, back.quoted)
            assert line[USED].value == (None if row.total is None else float(row.total))
            if head.quoted in leading:
                cell = leading[head.quoted]
                assert line[PLACE].value == f"{part.province}!{cell.coordinate}"
                assert line[PLACE].hyperlink.location == f"'{part.province}'!{cell.coordinate}"
        shown = [row for row in layout.row_of.values() if row.total is not None]
        assert len(leading) >= len(shown) > 30 or not shown


def test_a_line_says_how_the_figure_of_the_province_is_made(formulas) -> None:
    lines = [row for row in formulas["Nguồn 01"] if row[UNIT].value == text("summary.total")]
    notes = {row[FIGURE].value: row[NOTE].value.rpartition(": ")[2] for row in lines}
    assert notes["MS 4"] == "cộng số của 12 đơn vị"
    assert notes["MS 28"] == (
        "14 đơn vị đã trả lời; không cộng vì là tỷ lệ, không đủ tử số và mẫu số để tính lại"
    )


@pytest.mark.parametrize(
    ("path", "member", "sheet", "said"),
    [
        ("a.xlsx", "", "Biểu 01", None),
        (
            "thư số 1.zip",
            "đợt 1/a.xlsx",
            "Biểu 01",
            "nằm trong “thư số 1.zip”: mở tệp này, lấy “đợt 1/a.xlsx” ra, trang “Biểu 01”, ô E12",
        ),
        ("a.docx", "", "Bảng 2", "Bảng 2, hàng 12, cột 5"),
        ("a.csv", "", "CSV", "dòng 12, cột 5"),
        (
            "thư.eml",
            "a.csv",
            "CSV",
            "nằm trong “thư.eml”: mở tệp này, lấy “a.csv” ra, dòng 12, cột 5",
        ),
    ],
)
def test_what_no_link_goes_to_is_told_in_words(
    path: str, member: str, sheet: str, said: str | None
) -> None:
    unit = OrganisationUnit("U", "Đơn vị", Level.COMMUNE)
    content = fixed(PCTN, {("c1", "value"): 4})
    place = CellRef(sheet, 11, 4)
    moved = tuple(replace(value, cell=place) for value in content.values)
    read = record(unit, "pctn", [replace(content, values=moved)], path=path)
    book = book_of(result([replace(read, member=member)], Roster.of([unit])))
    line = book["Nguồn 01"][FIRST_LINE + 2]
    assert (line[USED].value, line[PLACE].value, line[NOTE].value) == (4, f"{sheet}!E12", said)
    assert path_of(line[PLACE]) == path
    assert line[PLACE].hyperlink.location == (place.quoted if said is None else None)


def test_an_adjusted_figure_names_who_decided_when_why_and_where() -> None:
    unit = OrganisationUnit("U", "Đơn vị", Level.COMMUNE)
    key = ValueKey("pctn_01", "c1", "value")
    change = Adjustment(
        "DC-1", ROUND, "U", key, "21", "Phòng A", date(2018, 9, 6), "Đính chính", "12/CV"
    )
    content = fixed(PCTN, {("c1", "value"): Typed("12", Decimal(21), ADJUSTED)})
    cell = content.values[0].cell
    said = {"caption": "MS 1", "raw": "12", "value": "21", "document": "–", "reason": "–"}
    told = because("memory.adjusted", id="DC-1", **said)
    note = Finding("memory.adjusted", Severity.INFO, told, "pctn_01", "c1", cell.sheet, (cell,))
    made = result([record(unit, "pctn", [content], path="a.xlsx", findings=[note])])
    line = book_of(replace(made, adjustments=(change,)))["Nguồn 01"][FIRST_LINE + 2]
    assert (line[USED].value, line[RAW].value) == (21, "12")
    assert line[NOTE].value == (
        "theo điều chỉnh DC-1 · Phòng A, ngày 06/09/2018 · Đính chính · 12/CV · corrections.xlsx, "
        "trang Điều chỉnh số liệu, hàng: 2018-9M · U · Biểu 01 MS 1 = 21"
    )


def test_a_sheet_with_too_many_links_has_formulas_for_the_way_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("consolidate.reports.trace_sheet.LINK_LIMIT", 200)
    monkeypatch.setattr("consolidate.reports.summary_book.LINK_LIMIT", 200)
    unit = OrganisationUnit("U", '=1+1"', Level.COMMUNE)
    values = {(element.code, "value"): 4 for element in PCTN.elements}
    others = [OrganisationUnit(f"U{at}", "Đơn vị", Level.COMMUNE) for at in range(3)]
    read = [
        record(each, "pctn", [fixed(PCTN, values)], path=f"{each.code}.xlsx")
        for each in (unit, *others)
    ]
    trace = book_of(result(read))["Nguồn 01"]
    lines = [row for row in trace.iter_rows(FIRST_LINE + 1) if row[SHOWN].value]
    assert len(lines) == 64 * 5
    way = re.compile(r"""=HYPERLINK\("#'Biểu 01 theo đơn vị'!([A-Z]+\d+)","\1"\)""")
    assert all(way.fullmatch(row[SHOWN].value) for row in lines)
    assert sum(row[PLACE].hyperlink is not None for row in lines) == 199
    assert all(row[PLACE].value for row in lines if row[FILE].value)


NAMES = ("cấp xã/UBND xã Tân Hội.xlsx", "a'b #1 50% [x] %41.xlsx", "chấm. phẩy;&+= {2}.xlsx")
FIGURES = 8
"""``python -m tests.office.clicks`` walks from a hundred in a summary of any size."""


@pytest.mark.office
def test_figures_lead_to_their_cells_and_back(tmp_path: Path, bridge: OpenOffice) -> None:
    inbox = tmp_path / "hộp thư đến #2"
    inbox.mkdir()
    make_inbox(inbox, len(NAMES), office=False)
    for path, name in zip(sorted(inbox.iterdir()), NAMES, strict=True):
        (inbox / name).parent.mkdir(exist_ok=True)
        path.rename(inbox / name)
    result = merge(MergeRequest(shipped_library(), inbox))
    summary = write_results(result, tmp_path / "kết quả", inbox)["workbook"]
    found = walks(bridge, summary, FIGURES)
    assert [walk for walk in found if walk.wrong] == []
    assert len(found) == FIGURES
    # The opposite: a file that is taken away is missed.
    for name in NAMES:
        (inbox / name).unlink()
    assert all("no such file" in walk.wrong for walk in walks(bridge, summary, 2))
