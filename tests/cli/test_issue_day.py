"""The day of issuing: which corrections lie over the figures that stand beside the forms."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.units import Roster
from tests.merge.province import NINE, SIX, UNITS, Province, filled

ADJUSTED = Adjustment(
    "D1", SIX, "S1", ValueKey("pctn_01", "c3", "value"), "60", "TTT", date(2018, 7, 10), "x", "1"
)


@pytest.fixture
def province(tmp_path: Path) -> Province:
    province = Province.make(tmp_path / "tỉnh", roster=Roster.of(UNITS[:1], province="Tỉnh A"))
    province.send(SIX, "S1.xlsx", filled(province.issue(SIX)["S1"], c3=50))
    province.merge(SIX, "2018-06-04")
    with province.register() as register:
        register.add_corrections(Corrections((ADJUSTED,)))
    return province


@pytest.mark.parametrize(("day", "shown"), [("09/07/2018", 50), ("2018-07-10", 60)])
def test_corrections_in_force_on_the_day_are_shown(
    province: Province, day: str, shown: int
) -> None:
    call = ["issue", NINE.code, "--workspace", str(province.workspace.root), "--as-of", day]
    assert main(call) == 0
    (path,) = (province.workspace.outbox / NINE.code).glob("*.xlsx")
    sheet = load_workbook(io.BytesIO(path.read_bytes()))["Biểu 01"]
    at = next(cell.column for cell in sheet[1] if cell.value == "previous.value")
    row = next(cell.row for cell in sheet["A"] if cell.value == "c3")
    assert sheet.cell(row, at).value == shown


def test_a_day_that_is_none(province: Province, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["issue", NINE.code, "--workspace", str(province.workspace.root), "--as-of", "31/02/18"]
    assert main(call) == 2
    assert text("cli.merge.bad_day", value="31/02/18") in " ".join(capsys.readouterr().err.split())
