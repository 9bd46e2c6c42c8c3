"""An amount in a doubted unit of measure is in no total until somebody decides what it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.merge.province import NINE, PCTN, Merged, Province, blank_filled

pytestmark = pytest.mark.wording
UNITS = S1, X1 = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, templates=PCTN),
    OrganisationUnit("X1", "UBND xã An Tây", Level.COMMUNE, templates=PCTN),
)
TOLD = (
    "UBND xã An Tây (X1), MS 49: ghi “6150000”, nghi không theo triệu đồng. Chưa cộng vào số toàn "
    "tỉnh: đơn vị gửi lại số đúng, hoặc ghi số được dùng vào sổ điều chỉnh kèm văn bản xác nhận."
)
BROKEN = (
    "MS 51 + MS 53 không được lớn hơn MS 49: đang ghi 6 + 0 = 6, so với 2. Do UBND xã An Tây (X1) "
    "có MS 49 chờ quyết định về đơn vị tính, phần lệch 5."
)


def sent(root: Path, got_back: float = 5) -> Province:
    """Two returns: 2 and 6.150.000 triệu đồng, of which 1 and 5 (or more) were got back."""
    province = Province.make(root, Roster.of(UNITS, province="Tỉnh Sông Tiền"))
    for unit, found, back in ((S1, 2, 1), (X1, 6_150_000, got_back)):
        answers = {"c29": 1, "c30": 1, "c49": found, "c51": back, "c53": 0}
        data = blank_filled(unit, NINE, **answers)
        province.send(NINE, f"{unit.code}.xlsx", data)
    return province


def figure(made: Merged, code: str) -> dict[str, Any]:
    return next(item for item in made.document["totals"] if item["element"] == code)


def official(province: Province, number: str) -> list[Any]:
    """What stands in a row of the official sheet, from the figure on."""
    book = load_workbook(province.workspace.results / "tong-hop-9-thang-2018.xlsx", data_only=True)
    rows = {str(row[0].value): row for row in book["Biểu 01 toàn tỉnh"].iter_rows()}
    return [cell.value for cell in rows[number][4:] if cell.value is not None]


def test_a_doubted_amount_is_held_out_and_told_everywhere(tmp_path: Path, capsys: Any) -> None:
    province = sent(tmp_path / "tinh")
    made = province.merge(NINE, "31/08/2018")
    total = figure(made, "c49")
    assert (made.code, total["total"], total["units"], total["held"]) == (1, 2, 1, 1)
    assert total["answered"]["note"] == "1/2 đơn vị · 1 chờ quyết định đơn vị tính"
    assert [
        (item["unit"], item["element"], item["raw"]) for item in made.document["undecided"]
    ] == [("X1", "c49", "6150000")]
    assert made.document["undecided"][0]["message"] == TOLD
    assert BROKEN in [item["message"] for item in made.document["contradictions"]]
    assert TOLD in made.said
    assert BROKEN in made.said
    (finding,) = [f for f in made.document["findings"] if f["rule"] == "value.above_normal"]
    assert "chưa được cộng" in finding["message"]
    assert official(province, "49") == [2, total["answered"]["note"], "Xem MS 51."]
    book = load_workbook(province.workspace.results / "tong-hop-9-thang-2018.xlsx")
    assert TOLD in {cell.value for row in book["Tổng quan"].iter_rows() for cell in row}
    root = str(province.workspace.root)
    assert main(["trace", "MS 49", "--period", "2018-9M", "--workspace", root]) == 0
    assert "X1 UBND xã An Tây: chờ quyết định về đơn vị tính, chưa cộng" in capsys.readouterr().out
    call = ["lock", "2018-9M", "--yes", "--author", "A", "--on", "10/09/2018", "--workspace", root]
    assert main(call) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert text("runs.state.undecided", count=1, told=TOLD) in said


@pytest.mark.parametrize("decided", ["6150000", "6,15"])
def test_an_adjustment_decides_whether_it_is_that_or_another(tmp_path: Path, decided: str) -> None:
    province = sent(tmp_path / "tinh")
    key = ValueKey("pctn_01", "c49", "value", 0)
    day = date(2018, 8, 31)
    change = Adjustment("D1", NINE, "X1", key, decided, "TTT", day, "Xác nhận", "9/CV")
    with province.register() as register:
        register.add_corrections(Corrections((change,)))
    made = province.merge(NINE, "31/08/2018")
    total = figure(made, "c49")
    assert total["total"] == pytest.approx(2 + float(decided.replace(",", ".")))
    assert (total["held"], made.document["undecided"]) == (0, [])
    assert not [f for f in made.document["findings"] if f["rule"] == "value.above_normal"]


@pytest.mark.parametrize(("got_back", "broken"), [(5, False), (7_000_000, True)])
def test_the_rules_of_a_unit_use_what_it_typed(
    tmp_path: Path, got_back: float, broken: bool
) -> None:
    made = sent(tmp_path / "tinh", got_back).merge(NINE, "31/08/2018")
    found = [f for f in made.document["findings"] if f["rule"] == "pctn_01.r51_53_49"]
    assert [(f["unit"], f["found"], f["expected"]) for f in found] == (
        [("X1", "7.000.000", "≤ 6.150.000")] if broken else []
    )
    assert (figure(made, "c51")["total"], figure(made, "c51")["held"]) == (
        (1, 1) if broken else (6, 0)
    )


def test_a_waiver_asks_the_unit_no_more_and_decides_nothing(tmp_path: Path) -> None:
    province = sent(tmp_path / "tinh")
    told = ("TTT", date(2018, 8, 31), "Đơn vị có số tiền lớn thật", "9/CV")
    with province.register() as register:
        waiver = Waiver("M1", "value.above_normal", "X1", None, *told)
        register.add_corrections(Corrections(waivers=(waiver,)))
    made = province.merge(NINE, "31/08/2018")
    (finding,) = [f for f in made.document["findings"] if f["rule"] == "value.above_normal"]
    assert finding["severity"] == "info"
    assert (figure(made, "c49")["total"], figure(made, "c49")["held"]) == (2, 1)
    assert [item["message"] for item in made.document["undecided"]] == [TOLD]
