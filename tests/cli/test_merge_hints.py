"""What a merge says to somebody who put files, folders or the roster in the wrong place."""

from __future__ import annotations

from pathlib import Path

from consolidate.definitions.catalogue import text
from tests.merge.province import NINE, SIX, Province, filled


def test_returns_of_another_round_in_the_inbox_are_told_where_to_lie(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tinh")
    before, now = province.issue(SIX), province.issue(NINE)
    province.send(NINE, "nay.xlsx", filled(now["S1"], c3=6))
    for number, unit in enumerate(("H1", "X2"), 3):
        province.send(NINE, f"{unit}.xlsx", filled(before[unit], c3=number))
    assert "kỳ khác" not in province.merge(NINE, "2018-09-01").said
    province.send(NINE, "S1.xlsx", filled(before["S1"], c3=9))
    said = " ".join(province.merge(NINE, "2018-09-02").said.split())
    assert text("cli.merge.other_periods", count=3, code="2018-9M") in said


def test_a_workspace_that_lost_its_roster_says_so(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tinh")
    province.send(NINE, "nay.xlsx", filled(province.issue(NINE)["S1"], c3=6))
    hint = text("cli.merge.missing_roster")
    assert hint not in " ".join(province.merge(NINE, "2018-09-01").said.split())
    province.workspace.roster_path.unlink()
    assert hint in " ".join(province.merge(NINE, "2018-09-01").said.split())


def test_a_form_that_no_unit_owes_is_told_instead_of_none_of_none(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tinh")
    issued = province.issue(NINE)
    province.send(NINE, "nay.xlsx", filled(issued["S1"], c3=6))
    said = " ".join(province.merge(NINE, "2018-09-01").said.split())
    assert text("cli.summary.received_nobody", name="CCHC", template="cchc") in said
    assert "0/0" not in said
    assert text("cli.summary.received", name="PCTN", count=1, expected=len(issued)) in said
