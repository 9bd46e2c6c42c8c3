"""What counted before for a unit of today: itself, those it comes from, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from consolidate.merge.earlier_periods import Past
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import PastFigures, ValueKey
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.register.register import Register, open_register
from tests.library_2018 import library_2018
from tests.merge.province import NINE, SIX
from tests.register.made import a_head, a_return, an_outcome, figure, keep

BEFORE, SINCE = date(2018, 6, 30), date(2018, 7, 1)
C3 = ("pctn_01", "c3", "value")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(tmp_path / "register.sqlite3", tmp_path) as opened:
        yield opened


def report(register: Register, period: Period, numbers: Mapping[str, str]) -> None:
    """A run of a period in which units reported c3."""
    sent = {code: f"{period.code} {code}".encode() for code in numbers}
    keep(register, *sent.values())
    register.add_returns(
        a_return(data, code, figure("c3", numbers[code]), period=period)
        for code, data in sent.items()
    )
    outcomes = [an_outcome(data, code) for code, data in sent.items()]
    register.add_run(a_head(period.code, period=period), outcomes, [])


def unit(code: str, first: date | None = None, last: date | None = None, *made_of: str):
    return OrganisationUnit(
        code, f"Xã {code}", Level.COMMUNE, valid_from=first, valid_to=last, predecessors=made_of
    )


STAYED, RENAMED, TAKEN_IN = unit("A"), unit("B2", SINCE, None, "B"), unit("C", None, BEFORE)
LARGER, LESSER, NEW = unit("D", None, None, "C"), unit("E"), unit("N", SINCE)
PART, MERGED = unit("E2", SINCE, None, "E"), unit("FG", SINCE, None, "F", "G")
ROSTER = Roster.of(
    [
        STAYED, RENAMED, unit("B", None, BEFORE), TAKEN_IN, LARGER, LESSER, NEW, PART, MERGED,
        unit("F", None, BEFORE), unit("G", None, BEFORE),
    ]
)  # fmt: skip


def past(
    register: Register, roster: Roster | None = ROSTER, corrections: Corrections | None = None
) -> Past:
    return Past(register, library_2018(), roster, corrections or Corrections(), NINE)


def figures(number: int | None, *units: str, obstacle: str = "") -> PastFigures:
    values = {} if number is None else {C3: Decimal(number)}
    return PastFigures(SIX, values, units, obstacle)


def test_every_unit_of_today_is_compared_with_those_it_comes_from(register: Register) -> None:
    report(register, SIX, {"A": "1", "B": "2", "C": "3", "D": "4", "E": "5", "F": "6", "G": "7"})
    asked = past(register)
    found = {item.code: asked.figures(item, "pctn", SIX) for item in ROSTER.for_period(NINE).units}
    assert found == {
        "A": figures(1, "A"),
        "B2": figures(2, "B"),
        "D": figures(7, "C", "D"),
        "E": figures(None, "E", obstacle="split"),
        "E2": figures(None, "E", obstacle="split"),
        "N": figures(None, obstacle="new"),
        "FG": figures(13, "F", "G"),
    }


def test_the_figures_of_some_never_pass_for_those_of_all(register: Register) -> None:
    report(register, SIX, {"B": "2", "F": "6"})
    asked = past(register)
    assert asked.figures(MERGED, "pctn", SIX) == figures(None, "F", "G", obstacle="not_reported")
    assert asked.figures(STAYED, "pctn", SIX) == figures(None, "A", obstacle="not_reported")
    assert asked.answers(MERGED, "pctn", SIX) == {}
    assert asked.answers(RENAMED, "pctn", SIX) == {"pctn_01.c3": 2}


def test_a_period_that_nobody_reported_is_no_obstacle(register: Register) -> None:
    assert past(register).figures(STAYED, "pctn", SIX) is None
    report(register, SIX, {"A": "1"})
    assert past(register).figures(STAYED, "cchc", SIX) is None
    assert past(register).answers(STAYED, "cchc", SIX) == {}


def test_without_a_roster_a_unit_is_its_code(register: Register) -> None:
    report(register, SIX, {"A": "1", "B": "2"})
    asked = past(register, None)
    assert asked.figures(STAYED, "pctn", SIX) == figures(1, "A")
    assert asked.figures(RENAMED, "pctn", SIX) == figures(None, "B2", obstacle="not_reported")


def test_history_is_the_period_before_last_year_and_all_years_the_latest_first(
    register: Register,
) -> None:
    years = {year: Period(year, NINE.type) for year in (2014, 2016, 2017, 2018, 2019)}
    for year, period in years.items():
        report(register, period, {"A": str(year)})
    report(register, SIX, {"A": "6"})
    report(register, SIX.last_year, {"A": "9"})
    history = past(register).history(STAYED, "pctn", NINE)
    assert history.previous == figures(6, "A")
    assert history.last_year is not None
    assert history.last_year.values == {C3: 2017}
    assert [item.period.year for item in history.earlier] == [2017, 2016, 2014]


def test_adjusted_figures_are_compared_as_adjusted(register: Register) -> None:
    report(register, SIX, {"A": "1", "F": "6", "G": "7"})
    key = ValueKey("pctn_01", "c3", "value")
    corrections = Corrections(
        tuple(
            Adjustment(f"D{n}", period, code, key, value, "TTT", BEFORE, "x")
            for n, (code, period, value) in enumerate(
                [("A", SIX, "10"), ("F", SIX, "60"), ("G", NINE, "70")]
            )
        )
    )
    asked = past(register, corrections=corrections)
    # A sum with an adjusted figure in it is no longer as sent.
    for unit, codes, now, sent in ((STAYED, "A", 10, 1), (MERGED, "FG", 67, 13)):
        adjusted = asked.figures(unit, "pctn", SIX)
        assert adjusted is not None
        known = replace(figures(now, *codes), adjusted=frozenset({C3}), sent={C3: sent})
        assert adjusted == known
        assert adjusted.as_sent() == figures(sent, *codes)
    assert asked.answers(MERGED, "pctn", SIX) == {"pctn_01.c3": 67}
