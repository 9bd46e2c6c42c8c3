"""A year on the forms of Thông tư 06/2025/TT-TTCP: issued, filled in by hand, merged, compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.definitions.loader import shipped_library
from consolidate.identity.acceptance import why_not_received
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import OPEN_ROW
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.roster import build_roster
from consolidate.province.workspace import Workspace
from consolidate.register.register import open_register
from tests.messages import KEYS

OFFICE = OrganisationUnit("S01", "Sở Tài chính", Level.PROVINCE, kind=UnitKind.DEPARTMENT)
COMMUNE = OrganisationUnit("X01", "UBND xã Tân An", Level.COMMUNE, kind=UnitKind.COMMUNE)
BANK = OrganisationUnit("NH", "Ngân hàng Nhà nước chi nhánh", Level.PROVINCE, kind=UnitKind.BANK)
Figures = Mapping[str, int]
CASE = {"name": "Vụ Một", "place": "UBND xã", "summary": "Chi sai quy định"}
"""What the commune lists in its table of six months."""
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)


def begun(folder: Path) -> Path:
    """A province with a roster and nothing else."""
    root = folder / "tỉnh"
    assert main(["init", str(root), "--year", "2026"]) == 0
    roster = Roster.of((OFFICE, COMMUNE, BANK), province="Tỉnh Ví Dụ")
    (root / "roster.xlsx").write_bytes(build_roster(roster))
    return root


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province after its first quarter and six months."""
    root = begun(tmp_path_factory.mktemp("2026"))
    for code in ("2026-Q1", "2026-6M"):
        issue(root, code)
        for unit in (OFFICE, COMMUNE):
            send(root, code, unit, {"pctn_01_q": {"m4": 1, "m5": 5}, "pctn_01": {"m4": 1, "m5": 5}})
        merge(root, code)
    return root


def issue(root: Path, code: str) -> None:
    assert main(["issue", code, "--workspace", str(root), "--as-of", "2026-02-01"]) == 0


def filled(root: Path, code: str, unit: OrganisationUnit, tables: Mapping[str, Figures]) -> Any:
    """The workbook of a unit with 0 in every cell of these tables that takes a number."""
    (path,) = (root / "outbox" / code).glob(f"{unit.code.lower()}-*.xlsx")
    book = load_workbook(path)
    for sheet in book:
        typed = tables.get(str(sheet["A1"].value))
        if str(sheet["A1"].value) == "pctn_02" and unit is COMMUNE and code == "2026-6M":
            row = next(cell.row for cell in sheet["A"] if cell.value == OPEN_ROW)
            columns = {str(cell.value): cell.column for cell in sheet[1] if cell.value}
            for element, text in CASE.items():
                sheet.cell(row, columns[element]).value = text
        if typed is None:
            continue
        column = next(cell.column for cell in sheet[1] if cell.value == "value")
        for row in range(2, sheet.max_row + 1):
            element = str(sheet.cell(row, 1).value or "")
            if element.startswith("m") and sheet.cell(row, column).value != "x":
                sheet.cell(row, column).value = typed.get(element, 0)
    return book


def send(root: Path, code: str, unit: OrganisationUnit, tables: Mapping[str, Figures]) -> None:
    folder = root / "inbox" / code
    folder.mkdir(parents=True, exist_ok=True)
    filled(root, code, unit, tables).save(folder / f"{unit.code}.xlsx")


def merge(root: Path, code: str) -> dict[str, Any]:
    call = ["merge", str(root / "inbox" / code), "--as-of", f"{code[:4]}-09-15", "--jobs", "0"]
    assert main(call) in (0, 1)
    return json.loads((root / "results" / f"result-{code}.json").read_text(encoding="utf-8"))


def totals(document: Mapping[str, Any], element: str) -> dict[str, float]:
    return {
        item["data_set"]: item["total"] for item in document["totals"] if item["element"] == element
    }


def merge_nine_months(province: Path) -> dict[str, Any]:
    """Merge nine months, in which X01 typed over what the cumulative table adds up."""
    issue(province, "2026-9M")
    send(province, "2026-9M", OFFICE, {"pctn_01_q": {"m4": 2, "m5": 7, "m33": 3}})
    typed = {"pctn_01_q": {"m4": 2, "m5": 7}, "pctn_01": {"m4": 9, "m5": 12}}
    send(province, "2026-9M", COMMUNE, typed)
    return merge(province, "2026-9M")


@pytest.mark.wording
def test_the_cumulative_table_adds_up_by_itself_until_it_is_typed_over(province: Path) -> None:
    document = merge_nine_months(province)
    outcomes = {item["file"]: item["outcome"] for item in document["returns"]}
    assert set(outcomes.values()) == {"accepted_with_warnings"}
    # S01: 1 + 2 and the state of the last day; X01 typed 9, though 1 + 2 = 3.
    assert totals(document, "m4") == {"pctn_01_q": 4, "pctn_01": 12}
    assert totals(document, "m5") == {"pctn_01_q": 14, "pctn_01": 24}
    assert totals(document, "m33") == {"pctn_01_q": 3, "pctn_01": 3}
    told = {
        (item["unit"], item["rule"], item["severity"], item["found"], item["expected"])
        for item in document["findings"]
        if ".tile_" in item["rule"]
    }
    assert told == {("X01", "pctn_01.tile_m4", "warning", "9", "3")}
    # At the province: 2 of six months and 4 of the quarter are not 12; 10 and 14 are 24.
    (tile,) = document["tiles"]
    assert [tile[key] for key in ("element", "severity", "now", "then", "quarter", "gap")] == [
        "m4", "warning", 12, 2, 4, 6,
    ]  # fmt: skip
    assert (tile["units"], tile["broken"], tile["explained"]) == (2, ["X01"], {})
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    bases = {(item["data_set"], item["against"]): item for item in document["compared_with"]}
    assert bases["pctn_01", "previous"]["tiles"]["wrong"] == 1
    # The table of a quarter stands beside that of the quarter before, which nothing falls from.
    quarter = bases["pctn_01_q", "previous"]
    assert (quarter["past"], quarter["run"], "tiles" in quarter) == ("2026-Q2", 2, False)
    changes = {
        (item["data_set"], item["element"]): (item["then"], item["difference"])
        for item in document["comparison"]
    }
    assert changes["pctn_01_q", "m5"] == (10, 4)
    assert changes["pctn_01", "m4"] == (2, 10)
    assert "history.cumulative_drop" not in {item["rule"] for item in document["findings"]}

    shows_the_difference_beside_the_quarter(province / "results" / "tong-hop-9-thang-2026.xlsx")


def shows_the_difference_beside_the_quarter(path: Path) -> None:
    sheet = load_workbook(path, data_only=True)["So sánh 01-PCTN 9 tháng"]
    rows = {str(cell.value): cell.row for cell in sheet["A"] if cell.value}
    told = {number: [cell.value for cell in sheet[rows[number]]][3:10] for number in ("4", "5")}
    # Behind the percent stands the difference of the units that reported both times: all of them.
    assert [row[5] for row in told.values()] == [10, 14]
    assert {number: row[:4] for number, row in told.items()} == {
        "4": [12, 2, 10, 4],
        "5": [24, 10, 14, 14],
    }
    marked = {n: sheet.cell(rows[n], 7).fill.fgColor.rgb for n in ("4", "5")}
    assert marked["4"] != marked["5"]
    assert told["4"][6]
    assert told["5"][6] is None


def test_an_untouched_quarter_leaves_the_cumulative_table_blank(province: Path) -> None:
    issue(province, "2026-9M")
    (path,) = (province / "outbox" / "2026-9M").glob("s01-*.xlsx")
    sheet = load_workbook(path)["01-PCTN 9 tháng"]
    shown = load_workbook(path, data_only=True)["01-PCTN 9 tháng"]
    rows = {str(row[0].value): row[0].row for row in sheet.iter_rows(max_col=1)}
    column = next(cell.column for cell in sheet[1] if cell.value == "value")
    formula = str(sheet.cell(rows["m4"], column).value)
    assert formula.startswith("=IF(COUNT(")
    assert "'01-PCTN quý III'!" in formula
    assert not shown.cell(rows["m4"], column).value


def listed(root: Path, code: str, unit: OrganisationUnit, table: str) -> list[dict[str, str]]:
    """The rows of a list of an issued workbook that say something."""
    (path,) = (root / "outbox" / code).glob(f"{unit.code.lower()}-*.xlsx")
    sheet = next(sheet for sheet in load_workbook(path) if sheet["A1"].value == table)
    columns = {str(cell.value): cell.column for cell in sheet[1] if cell.value in CASE}
    rows = [cell.row for cell in sheet["A"] if cell.value == OPEN_ROW]
    found = [{name: sheet.cell(row, at).value for name, at in columns.items()} for row in rows]
    return [row for row in found if any(row.values())]


def test_a_cumulative_list_begins_with_what_was_listed_before(province: Path) -> None:
    issue(province, "2026-9M")
    assert listed(province, "2026-9M", COMMUNE, "pctn_02") == [CASE]
    assert listed(province, "2026-9M", COMMUNE, "pctn_02_q") == []
    assert listed(province, "2026-9M", OFFICE, "pctn_02") == []
    assert listed(province, "2026-6M", COMMUNE, "pctn_02") == []
    (path,) = (province / "outbox" / "2026-9M").glob(f"{COMMUNE.code.lower()}-*.xlsx")
    read = check_bytes(shipped_library(), "X01.xlsx", path.read_bytes()).content
    assert read is not None
    reason = why_not_received(read, shipped_library().packs.by_code["pctn-2025"])
    assert reason == because("identity.blank")  # What the list was issued with is no answer.


def test_each_kind_of_unit_gets_what_it_owes(province: Path) -> None:
    issue(province, "2026-9M")
    sheets = {}
    for unit in (COMMUNE, BANK):
        (path,) = (province / "outbox" / "2026-9M").glob(f"{unit.code.lower()}-*.xlsx")
        book = load_workbook(path)
        sheets[unit.code] = [name for name in book.sheetnames if name[:2] in ("01", "02", "03")]
        form = book["01-PCTN 9 tháng"]
        column = next(cell.column for cell in form[1] if cell.value == "value")
        crossed = {str(row[0].value) for row in form.iter_rows() if row[column - 1].value == "x"}
        assert crossed == (set() if unit is BANK else {"m38", "m39"})
    assert sheets["NH"] == ["01-PCTN 9 tháng"]
    assert sheets["X01"] == [
        "01-PCTN quý III", "02-PCTN quý III", "03-PCTN quý III",
        "01-PCTN 9 tháng", "02-PCTN 9 tháng", "03-PCTN 9 tháng",
    ]  # fmt: skip


@pytest.mark.wording
def test_a_round_without_forms_is_refused_in_words(
    province: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["issue", "1990-6M", "--workspace", str(province)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "PCTN: 6 tháng đầu năm 1990 chưa có biểu mẫu" in said
    assert "Thông tư số 06/2025/TT-TTCP" in said
    assert not (province / "outbox" / "1990-6M").exists()


def test_a_sum_that_an_adjustment_of_then_breaks_is_no_fault_of_the_unit(province: Path) -> None:
    """X01 typed 12 of nine months, 5 of six and 7 of the quarter; the province made 6 of the 5."""
    six, day = Period.parse_code("2026-6M"), date(2026, 6, 20)
    key = ValueKey("pctn_01", "m5", "value")
    change = Adjustment("D1", six, "X01", key, "6", "TTT", day, "x")
    workspace = Workspace.at(shipped_library(), province)
    with open_register(workspace.database_url, workspace.register) as register:
        register.add_corrections(Corrections((change,)))
    document = merge_nine_months(province)
    told = {
        (item["unit"], item["rule"]): item.get("ours")
        for item in document["findings"]
        if ".tile_" in item["rule"]
    }
    assert told == {("X01", "pctn_01.tile_m4"): None, ("X01", "pctn_01.tile_m5"): "adjusted"}


def asked_live(root: Path, code: str, unit: OrganisationUnit) -> int:
    """How many lines of the sheet "Kiểm tra" ask that the quarter is part of the whole."""
    (path,) = (root / "outbox" / code).glob(f"{unit.code.lower()}-*.xlsx")
    cells = (cell.value for row in load_workbook(path)["_lines"] for cell in row)
    asked = {f"MS {n} không được nhỏ hơn MS {n} (01-PCTN quý III)" for n in (4, 5)}
    return sum(cell in asked for cell in cells)


def test_a_quarter_above_the_whole_is_an_error_without_any_earlier_figure(
    province: Path, tmp_path: Path
) -> None:
    first = begun(tmp_path)
    issue(first, "2026-9M")
    quarter = {"pctn_01_q": {"m4": 2, "m5": 5}}
    send(first, "2026-9M", OFFICE, {**quarter, "pctn_01": {"m4": 2, "m5": 3}})
    send(first, "2026-9M", COMMUNE, {**quarter, "pctn_01": {"m4": 2, "m5": 6}})
    told = [
        (item["unit"], item["rule"], item["severity"], item["found"], item["expected"])
        for item in merge(first, "2026-9M")["findings"]
        if item["rule"].startswith("pctn_01.")
    ]
    assert told == [("S01", "pctn_01.within_m5", "error", "3", "≥ 5")]
    # Where figures of six months stand on the sheet, it asks whether both parts make the whole.
    issue(province, "2026-9M")
    lines = asked_live(first, "2026-9M", OFFICE), asked_live(province, "2026-9M", OFFICE)
    assert lines == (2, 0) or KEYS
