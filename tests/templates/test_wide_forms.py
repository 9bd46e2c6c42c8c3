"""Wide forms: the heading of the circular from its Word file to the template and the summary."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.intake.read_file import read_any
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.form_guess_from_word import guess_forms
from consolidate.reports.summary import summary_bytes
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_gate import Limits
from examples.circular_tables import TABLES, circular_document
from examples.forms import form_return, library_of

CODES = ("tcd_01", "xld_02")
LIBRARY = library_of("tcd-xld").of_pack("tcd-xld", 1)


def heading_of(data: bytes, sheet: str, first: int) -> list[list[str]]:
    """The heading of a sheet as the circular's grid: ``<`` and ``^`` where cells are merged.

    It begins in the column after the running number; its last row numbers the columns.
    """
    page = load_workbook(io.BytesIO(data))[sheet]
    numbers = next(row[1].row for row in page.iter_rows() if row[1].value == "MS")
    grid = [
        [str(cell.value or "") for cell in row[2:]]
        for row in page.iter_rows(min_row=numbers - first, max_row=numbers)
    ]
    for area in page.merged_cells.ranges:
        top = area.min_row - (numbers - first)
        if not 0 <= top < first:
            continue
        for row in range(area.min_row, area.max_row + 1):
            for column in range(max(area.min_col, 3), area.max_col + 1):
                if column > area.min_col:
                    grid[row - numbers + first][column - 3] = "<"
                elif row > area.min_row:
                    grid[row - numbers + first][column - 3] = "^"
    return grid


def as_printed(rows: tuple[str, ...]) -> list[list[str]]:
    """The heading of a circular's table; a cell of several rows and columns goes on to the left."""
    grid = [row.split("|") for row in rows[:-1]]
    for at, row in enumerate(grid):
        for column in range(1, len(row)):
            if row[column] == "^" and grid[at - 1][column] == "<":
                row[column] = "<"
    grid[-1][0] = ""  # The word "MS" stands below the running numbers.
    return grid


@pytest.mark.parametrize(("code", "table"), [*zip(CODES, TABLES, strict=True)])
def test_the_heading_is_that_of_the_circular(
    code: str, table: tuple[str, str, tuple[str, ...]]
) -> None:
    form = LIBRARY.by_code[code]
    data = build_template(LIBRARY, "tcd_xld")
    assert heading_of(data, form.sheet, len(table[2]) - 2) == as_printed(table[2])


@pytest.mark.parametrize(("number", "code"), [*enumerate(CODES, 1)])
def test_the_word_file_tells_headings_numbers_and_sums(number: int, code: str) -> None:
    made = guess_forms(read_any(circular_document(), Limits()), "thu", "forms")
    found = made[f"forms/thu_{number}.toml"]
    form = LIBRARY.by_code[code]
    told = [
        (e.data["label"], e.data.get("group", ""), e.data.get("number", ""), e.data["type"])
        for e in found.arrays["body"]
    ]
    assert told == [(e.label, e.group, e.number, e.type.value) for e in form.elements]
    sums = {entry.data["expression"] for entry in found.arrays["rules"]}
    assert sums <= {rule.expression for rule in form.rules}
    assert len(sums) == {"tcd_01": 4, "xld_02": 8}[code]
    layout = found.tables["layout"].data
    assert (layout["column_numbers"], layout["window"]) == ("MS", True)


def test_units_are_the_rows_of_the_province(tmp_path: Path) -> None:
    units = []
    for number, name in enumerate(("Sở Tài chính", "Sở Y tế", "Xã An Bình"), 1):
        kind = UnitKind.COMMUNE if number == 3 else UnitKind.DEPARTMENT
        level = Level.COMMUNE if number == 3 else Level.PROVINCE
        units.append(OrganisationUnit(f"S{number}", name, level, kind=kind))
        changes = {
            "cover.unit_name": name,
            "cover.level": level.label,
            "xld_02.1.don_vi": name,
            "tcd_01.1.don_vi": name,
        }
        data = form_return("tcd-xld", changes)
        (tmp_path / f"S{number}.xlsx").write_bytes(data)
    request = MergeRequest(
        library_of("tcd-xld"), tmp_path, Period.parse_code("2026-Q1"), Roster.of(tuple(units))
    )
    result = merge(request)
    assert [record.outcome.counted for record in result.records] == [True] * 3
    page = load_workbook(io.BytesIO(summary_bytes(result, inbox_link=None)))["02-XLD toàn tỉnh"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(max_col=27)]
    assert [row[1:4] for row in rows if row[0] in (1, 2, 3)] == [
        ["Sở Tài chính", 57, 55],
        ["Sở Y tế", 57, 55],
        ["Xã An Bình", 57, 55],
    ]
    assert [str(row[0]) for row in rows if str(row[2]).startswith("=")][-1:] == ["Cộng toàn tỉnh"]
