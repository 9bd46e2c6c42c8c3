"""What follows for files beside each other and for what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consolidate.definitions.catalogue import text
from consolidate.merge.history import KnownHistory
from consolidate.merge.province_memory import Memory
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level
from consolidate.register.register import Register, open_register
from tests.library_2018 import library_2018
from tests.merge.province import NINE, SIX, UNITS, YEAR, Province, blank_filled
from tests.rollup.made import plans, record, unit


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(tmp_path / "register.sqlite3", tmp_path) as opened:
        yield opened


def rules(records: tuple[ReturnRecord, ...]) -> dict[str, list[str]]:
    return {r.path: [found.rule for found in r.findings] for r in records if r.findings}


def test_a_figure_far_from_those_of_the_other_units_of_its_level(register: Register) -> None:
    communes = [record(unit(f"X{n:02}"), {"c3": 50 + n}) for n in range(10)]
    far = record(unit("X99"), {"c3": 50_000})
    other = record(unit("S1", Level.PROVINCE), {"c3": 50_000})
    held = record(unit("X98"), {"c3": 60_000}, Outcome.HELD)
    memory = Memory(library_2018(), register, date(2018, 9, 1))
    history = KnownHistory(memory, NINE, library_2018())
    judged = history.recalled([*communes, far, other, held])
    assert rules(judged) == {"X99.xlsx": ["history.outlier_peers"]}
    assert judged[10].outcome is Outcome.ACCEPTED_WITH_WARNINGS
    assert judged[:10] == history.recalled(communes)
    # Nine others are too few, and a unit is no peer of itself.
    assert rules(history.recalled([*communes[:9], far])) == {}


def test_forms_of_one_period_are_told_of_their_own_adjustments_only(register: Register) -> None:
    who = unit("S1", Level.PROVINCE)
    sent = []
    for one in (record(who, {"c3": 5}), plans(who, [4])):
        assert one.content is not None
        sent.append(replace(one, content=replace(one.content, period=YEAR)))
    keys = (
        ValueKey("pctn_01", "c3", "value"),
        ValueKey("cchc_pl3_1", "planned", "", 1),
        ValueKey("biểu đã bỏ", "c3", "value"),
    )
    day = date(2018, 12, 1)
    changes = tuple(
        Adjustment(f"D{number}", YEAR, "S1", key, "8", "TTT", day, "x")
        for number, key in enumerate(keys, 1)
    )
    memory = Memory(library_2018(), register, day, corrections=Corrections(changes))
    told = [
        {
            (found.rule, change.id)
            for found in one.findings
            for change in changes
            if found.rule.startswith("memory.adjust") and change.id == found.message.value("id")
        }
        for one in KnownHistory(memory, YEAR, library_2018()).recalled(sent)
    ]
    # What names a form that is gone belongs to nobody: both are told, so that somebody hears of it.
    lost = ("memory.adjustment_lost", "D3")
    assert told == [{("memory.adjusted", "D1"), lost}, {("memory.adjusted", "D2"), lost}]


def test_the_first_merge_keeps_what_the_unit_sent_though_it_is_adjusted(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh")
    key = ValueKey("pctn_01", "c3", "value")
    change = Adjustment("D1", NINE, "S1", key, "8", "TTT", date(2018, 9, 1), "x")
    with province.register() as opened:
        opened.add_corrections(Corrections((change,)))
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    assert province.merge(NINE, "2018-09-01").total("c3") == 8
    with province.register() as opened:
        (kept,) = opened.counted(1)
        (c3,) = (value for value in kept.content.values if value.key == key)
        assert (c3.number, c3.raw, c3.normalisation) == (5, "5", ())
        assert kept.content.findings == ()


def _waiver(rule: str, period: Period) -> Waiver:
    return Waiver("M1", rule, "S1", None, "TTT", date(2018, 9, 1), "Một đợt", "7/CV", period)


def test_a_waiver_of_one_round_lets_nothing_off_in_another(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh")
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c40=9))
    province.send(SIX, "S1.xlsx", blank_filled(UNITS[0], SIX, c40=9))
    before = {period: province.merge(period, "2018-06-01") for period in (SIX, NINE)}
    severity = {"S1": "error"}

    def severities(document: dict[str, Any]) -> dict[str, str]:
        findings = document["findings"]
        return {f["unit"]: f["severity"] for f in findings if f["rule"] == "pctn_01.r40"}

    assert all(severities(merged.document) == severity for merged in before.values())
    with province.register() as opened:
        waiver = _waiver("pctn_01.r40", Period.parse_code("2018-Q3"))
        opened.add_corrections(Corrections((), (waiver,)))
    said = before[NINE].message("pctn_01.r40", "S1")
    then = province.merge(NINE, "2018-09-01")
    assert severities(then.document) == {"S1": "info"}
    assert then.message("pctn_01.r40", "S1") == text(
        "memory.waived_period",
        message=said,
        period="Quý III/2018",
        id="M1",
        document="7/CV",
    )
    assert severities(province.merge(SIX, "2018-09-01").document) == severity


def test_a_drop_across_a_period_that_the_unit_did_not_send(tmp_path: Path) -> None:
    """Six months and the year of S1, nine months of another unit only."""
    province = Province.make(tmp_path / "tỉnh")
    province.send(SIX, "S1.xlsx", blank_filled(UNITS[0], SIX, c3=100))
    province.send(NINE, "H1.xlsx", blank_filled(UNITS[1], NINE, c3=9))
    province.send(YEAR, "S1.xlsx", blank_filled(UNITS[0], YEAR, c3=50))
    for period, day in ((SIX, "2018-06-01"), (NINE, "2018-09-01")):
        province.merge(period, day)
    found = province.merge(YEAR, "2018-12-01").findings()
    drop = ("S1", "history.cumulative_drop", "error", "c3", "50", "≥ 100")
    assert [item for item in found if item[1] == drop[1]] == [drop]
