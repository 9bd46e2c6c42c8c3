"""The totals of the summary: live, cached, equal to the result, and equal once recalculated."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from consolidate.model.datasets import Aggregation, Shape
from consolidate.model.units import Level, OrganisationUnit
from consolidate.reports.matrix import TOTAL_COLUMN, Matrix, matrix
from consolidate.reports.summary import summary_bytes, write_summary
from consolidate.reports.summary_sheets import plan
from consolidate.rollup.result import MergeResult
from tests.office.office import Office
from tests.reports.make_result import LIBRARY, Bad, fixed, province, record, result

PCTN = LIBRARY.by_code["pctn_01"]


def layouts(made: MergeResult) -> list[tuple[str, str, Matrix]]:
    """By-unit sheet, province sheet and geometry of every fixed table."""
    return [
        (part.by_unit, part.province, matrix(part.table, made.levels))
        for part in plan(made).sets
        if part.by_unit
    ]


def expected_cells(made: MergeResult):
    """Sheet, row, column and number of every total that is summed (rows and columns from 0)."""
    for name, _, layout in layouts(made):
        rows = layout.row_of
        for figure in layout.table.figures:
            if figure.aggregation is not Aggregation.SUM:
                continue
            row = rows[figure.element.code, figure.column].row
            yield name, row, TOTAL_COLUMN, figure.total
            for span in layout.spans:
                if span.runs:
                    yield name, row, span.column, figure.total_of(span.division)


def test_cached_totals_are_the_totals_of_the_result(made, cached, formulas) -> None:
    count = 0
    for name, row, column, total in expected_cells(made):
        shown = cached[name].cell(row + 1, column + 1).value
        assert formulas[name].cell(row + 1, column + 1).value.startswith("=IF(COUNT(")
        assert (None if shown in (None, "") else pytest.approx(shown)) == (
            None if total is None else float(total)
        )
        count += 1
    assert count > 150


@pytest.mark.office
def test_recalculated_totals_are_the_same(made, summary: Path, office: Office) -> None:
    sheets = office.recalculated(summary)
    for name, row, column, total in expected_cells(made):
        shown = sheets[name][row][column]
        if total is None:
            assert shown == ""
        else:
            assert shown == pytest.approx(float(total), rel=1e-12)
    for by_unit, official, layout in layouts(made):
        assert not any(
            str(cell).startswith(("#", "Err:")) for row in sheets[official] for cell in row
        )
        numbers = [cell for row in sheets[official] for cell in row if isinstance(cell, float)]
        assert len(numbers) >= sum(figure.total is not None for figure in layout.table.figures) - 2
        assert by_unit in sheets


@pytest.mark.office
def test_every_formula_recalculates_to_its_cached_value(
    summary: Path, cached, formulas, office: Office
) -> None:
    sheets = office.recalculated(summary)
    seen = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                seen += 1
                before = cached[sheet.title][cell.coordinate].value
                after = sheets[sheet.title][cell.row - 1][cell.column - 1]
                if "FIXED(" in cell.value:  # The separators are those of the program's language.
                    before, after = str(before).replace(".", ""), str(after).replace(",", "")
                if isinstance(before, int | float):
                    assert after == pytest.approx(before, rel=1e-12), (sheet.title, cell.coordinate)
                else:
                    assert after == (before or ""), (sheet.title, cell.coordinate)
    assert seen > 300


def test_the_province_sheet_points_at_the_total_of_each_figure(made, formulas) -> None:
    for by_unit, official, layout in layouts(made):
        found = {
            cell.value
            for row in formulas[official].iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        }
        for figure in layout.table.figures:
            row = layout.row_of[figure.element.code, figure.column].row
            address = f"'{by_unit}'!D{row + 1}"
            summed = figure.aggregation is Aggregation.SUM
            assert any(address in formula for formula in found) is summed


def one_ratio(*answers) -> MergeResult:
    units = [OrganisationUnit(f"U{i}", f"Đơn vị {i}", Level.COMMUNE) for i in range(len(answers))]
    return result(
        [
            record(unit, "pctn", [fixed(PCTN, given)], path=f"{unit.code}.xlsx")
            for unit, given in zip(units, answers, strict=True)
        ]
    )


def sheet_of(made: MergeResult, tmp_path: Path, name: str, **options):
    path = tmp_path / "s.xlsx"
    write_summary(made, path, inbox_link=None)
    return openpyxl.load_workbook(path, **options)[name]


def test_a_ratio_without_its_parts_is_not_summed(tmp_path: Path) -> None:
    made = one_ratio({("c28", "value"): 100}, {("c28", "value"): 80})
    layout = next(item for _, _, item in layouts(made) if item.table.data_set is PCTN)
    row = layout.row_of["c28", "value"].row + 1
    sheet = sheet_of(made, tmp_path, "Biểu 01 theo đơn vị")
    assert sheet.cell(row, TOTAL_COLUMN + 1).value == "không cộng"
    assert not any(str(cell.value).startswith("=") for cell in sheet[row])
    official = sheet_of(made, tmp_path, "Biểu 01 toàn tỉnh")
    texts = [cell.value for line in official.iter_rows() for cell in line if cell.value]
    assert "không cộng" in texts
    assert any("2 đơn vị có số liệu, thấp nhất 80 %, cao nhất 100 %" in str(t) for t in texts)


@pytest.mark.office
def test_a_ratio_with_its_parts_is_worked_out_live(tmp_path: Path, office: Office) -> None:
    given = [
        {("c28", "value"): 100, ("c28", "numerator"): 26, ("c28", "denominator"): 26},
        {("c28", "value"): 50, ("c28", "numerator"): 37, ("c28", "denominator"): 74},
    ]
    made = one_ratio(*given)
    figure = next(t for t in made.tables if t.data_set is PCTN).figure("c28", "value")
    assert figure is not None
    assert figure.total == Decimal(63)
    path = tmp_path / "ratio.xlsx"
    write_summary(made, path, inbox_link=None)
    layout = next(item for _, _, item in layouts(made) if item.table.data_set is PCTN)
    row = layout.row_of["c28", "value"].row
    shown = office.recalculated(path)["Biểu 01 theo đơn vị"]
    assert shown[row][TOTAL_COLUMN] == 63
    assert [shown[row + 1][TOTAL_COLUMN], shown[row + 2][TOTAL_COLUMN]] == [63, 100]


def test_lists_are_totalled_by_level_and_in_all(made, cached) -> None:
    table = next(t for t in made.tables if t.data_set.code == "cchc_pl3_1")
    sheet = cached["PL3-I toàn tỉnh"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    last = next(row for row in rows if row[0] == "Cộng toàn tỉnh")
    for element in ("planned", "done", "doing", "not_done"):
        figure = table.figure(element)
        assert figure is not None
        assert float(figure.total) in last


def test_equal_results_give_equal_bytes() -> None:
    one, two = (summary_bytes(province(5), inbox_link="../in") for _ in range(2))
    assert one == two


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch, made) -> None:
    path = tmp_path / "s.xlsx"
    path.write_bytes(b"before")

    def refuse(*_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        write_summary(made, path, inbox_link=None)
    assert path.read_bytes() == b"before"
    assert [item.name for item in tmp_path.iterdir()] == ["s.xlsx"]


def test_the_four_answers_stay_different(tmp_path: Path) -> None:
    units = [OrganisationUnit(f"U{i}", f"Đơn vị {i}", Level.COMMUNE) for i in range(5)]
    answers = (0, None, "x", Bad("khoảng 5"), 7)
    made = result(
        [
            record(unit, "pctn", [fixed(PCTN, {("c1", "value"): given})], path=unit.code)
            for unit, given in zip(units, answers, strict=True)
        ]
    )
    sheet = sheet_of(made, tmp_path, "Biểu 01 theo đơn vị")
    layout = next(item for _, _, item in layouts(made) if item.table.data_set is PCTN)
    row = layout.row_of["c1", "value"].row + 1
    cells = [sheet.cell(row, layout.first_unit + 1 + i) for i in range(5)]
    assert [cell.value for cell in cells] == [0, None, "x", "khoảng 5", 7]
    assert cells[3].font.color.rgb == "FFC00000"
    fills = [cell.fill.fgColor.rgb if cell.fill.fill_type else None for cell in cells]
    assert fills[1] is not None
    assert [fills[i] for i in (0, 2, 3, 4)] == [None] * 4


def test_a_missing_cell_is_not_a_blank_one(tmp_path: Path) -> None:
    unit = OrganisationUnit("U", "Đơn vị", Level.COMMUNE)
    content = fixed(PCTN, {("c1", "value"): 1})
    kept = tuple(item for item in content.values if item.key.element != "c2")
    assert len(kept) < len(content.values)
    made = result(
        [
            record(
                unit,
                "pctn",
                [type(content)(content.code, content.sheet, kept, content.window)],
                path="a.xlsx",
            )
        ]
    )
    sheet = sheet_of(made, tmp_path, "Biểu 01 theo đơn vị")
    layout = next(item for _, _, item in layouts(made) if item.table.data_set is PCTN)
    rows = layout.row_of
    at = layout.first_unit + 1
    absent = sheet.cell(rows["c2", "value"].row + 1, at).fill
    blank = sheet.cell(rows["c3", "value"].row + 1, at).fill
    assert absent.fill_type != blank.fill_type


def test_only_fixed_tables_have_by_unit_sheets(made) -> None:
    for part in plan(made).sets:
        assert bool(part.by_unit) is (part.table.data_set.shape is Shape.FIXED)
