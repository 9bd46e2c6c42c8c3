"""A comparison of unlike sets of units: what fell, and what is only absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.units import Roster
from tests.merge.province import NINE, SIX, UNITS, Province
from tests.merge.test_comparing import book, figures, send


@pytest.mark.wording
def test_only_what_falls_is_red_never_what_is_absent(tmp_path: Path) -> None:
    units = Roster.of(UNITS, province="Tỉnh Sông Tiền")
    province = Province.make(tmp_path / "tỉnh", units)
    then = {"c3": 50, "c5": 4, "c6": 7, "c7": 2}
    send(province, SIX, S1=then, X2={"c3": 20, "c5": 3, "c6": 1, "c7": 0}, X6={"c3": 6, "c7": 5})
    province.merge(SIX, "2018-06-04")
    now = {"c3": 60, "c5": 4, "c6": "", "c7": 2}
    send(province, NINE, S1=now, H1={"c3": 1, "c7": 9, "c6": 1}, X6={"c3": 5, "c7": 4, "c6": 2})
    nine = province.merge(NINE, "2018-09-05")
    told = {code: figures(nine, code)["previous"] for code in ("c3", "c5", "c6", "c7")}
    keys = ("difference", "falls")
    assert {code: [item[key] for key in keys] for code, item in told.items()} == {
        "c3": [-10, True],  # X2 is absent, and X6 fell.
        "c5": [-3, False],  # Only X2 is absent.
        "c6": [-5, False],  # And S1 left it blank.
        "c7": [8, True],  # H1 is here now; of the same units, X6 fell.
    }
    keys = ("units", "difference", "falling", "only_now", "only_then")
    assert {code: [item["both"][key] for key in keys] for code, item in told.items()} == {
        "c3": [2, 9, ["X6"], [], []],
        "c5": [2, 0, [], [], []],
        "c6": [1, 2, [], [], ["S1"]],
        "c7": [2, -1, ["X6"], [], []],
    }
    assert text("cli.summary.falling", count=2) in nine.said
    sheet = book(nine, NINE, data_only=True)["So sánh Biểu 01"]
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    red = {
        code: [sheet.cell(rows[code[1:]], at).font.color.rgb == "FFC00000" for at in (6, 8)]
        for code in told
    }
    # The red one is the difference that is less; no unit that is only absent makes a figure red.
    assert red == {"c3": [True, False], "c5": [False] * 2, "c6": [False] * 2, "c7": [False, True]}
    notes = {code: sheet.cell(rows[code[1:]], 9).value for code in told}
    fell = text("summary.comparison.falls_units", count=1)
    absent = text("summary.comparison.falls_absent")
    assert notes == {
        "c3": f"{text('summary.comparison.falls')}\n{fell}",
        "c5": absent,
        "c6": "\n".join(
            [
                absent,
                text("summary.comparison.fewer", count=1),
                text("summary.comparison.only_then", units="Sở Nội vụ (S1)"),
            ]
        ),
        "c7": fell,
    }
    said = {cell.value for cell in sheet["A"]}
    for key, unit in (("absent", "UBND xã An Tây (X2)"), ("silent", "UBND huyện An Đông (H1)")):
        assert text(f"summary.comparison.{key}", period=SIX.label, units=unit) in said
    assert sheet.cell(rows["MS"] + 1, 8).value == text("summary.comparison.both", count=2)
