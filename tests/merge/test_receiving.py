"""When files came in, what the province may let in nevertheless, and what is recorded of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from consolidate.merge import recording
from consolidate.model.corrections import Corrections, Waiver
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.units import Level
from tests.merge.province import NINE, SIX, UNITS, Province, blank_filled
from tests.recipes.inbox import FIGURES
from tests.rollup.made import plans, table, unit


@pytest.mark.wording
def test_the_province_may_say_that_the_same_figures_are_no_copy(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh")
    figures = {code: 10 + at for at, code in enumerate(FIGURES)}
    for name, at in (("S1.xlsx", 0), ("X5.xlsx", 6)):
        province.send(NINE, name, blank_filled(UNITS[at], NINE, **figures))
    both = province.merge(NINE, "2018-09-01")
    assert set(both.outcomes().values()) == {"held"}
    (reason,) = province.reasons(NINE, "X5.xlsx")
    assert reason is not None
    way_out = because("memory.waive", rule="memory.copied", unit="X5", period=NINE.code)
    assert reason.value("way_out") == way_out
    with province.register() as opened:
        waived = Waiver("M1", "memory.copied", "X5", None, "TTT", date(2018, 9, 2), "Đúng", "7/CV")
        opened.add_corrections(Corrections((), (waived,)))
    then = province.merge(NINE, "2018-09-02")
    assert then.outcomes() == {"S1.xlsx": "held", "X5.xlsx": "accepted"}
    assert then.total("c3") == figures["c3"]
    assert "(mã M1, văn bản: 7/CV)" in then.message("memory.copied", "X5")


@pytest.mark.wording
@pytest.mark.parametrize(
    ("letter", "said"),
    [("12/TTT", "so với hạn nộp 05/09/2018 (văn bản: 12/TTT). Số"), ("", "hạn nộp 05/09/2018. Số")],
)
def test_a_deadline_without_a_letter_is_said_without_one(
    tmp_path: Path, letter: str, said: str
) -> None:
    row = CalendarRow(NINE, Deadline(due=date(2018, 9, 5), letter=letter))
    province = Province.make(tmp_path / "tỉnh", calendar=Calendar((row,)))
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    message = province.merge(NINE, "2018-09-07").message("memory.late", "S1")
    assert message.startswith("Nhận ngày 07/09/2018, trễ 2 ngày ")
    assert said in message


@pytest.mark.parametrize(("period", "outcome"), [(NINE, "accepted"), (SIX, "held")])
def test_what_is_held_is_let_in_for_its_own_round_only(
    tmp_path: Path, period: Period, outcome: str
) -> None:
    province = Province.make(tmp_path / "tỉnh")
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    province.merge(NINE, "2018-09-16")
    (reason,) = province.reasons(NINE, "S1.xlsx")
    assert reason is not None
    way_out = because("memory.waive", rule="memory.too_late", unit="S1", period="2018-9M")
    assert reason.value("way_out") == way_out
    waiver = Waiver(
        "M1", "memory.too_late", "S1", None, "TTT", date(2018, 9, 1), "Một đợt", "7/CV", period
    )
    with province.register() as opened:
        opened.add_corrections(Corrections((), (waiver,)))
    assert province.merge(NINE, "2018-09-16").outcomes() == {"S1.xlsx": outcome}


def test_a_unit_whose_rows_are_blank_is_in_no_total_of_an_open_table() -> None:
    made = table([plans(unit("X1"), [3, None]), plans(unit("X2"), [None])], "cchc_pl3_1")
    told = recording._totals(made)
    found = [(t.level, t.total, t.units) for t in told if t.element == "planned"]
    assert found == [("", Decimal(3), 1), (Level.COMMUNE.value, Decimal(3), 1)]
