"""Commands that only show: they make no register, change none, and say what compared otherwise."""

from __future__ import annotations

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.history import Basis
from consolidate.model.period import Period
from consolidate.rollup.run_diff import RunFacts, run_diff
from tests.commands.made import NINE, File, Province, record

LOOKS = (
    ["runs"],
    ["diff", "1", "2"],
    ["status", NINE.code],
    ["trace", "pctn_01.c3", "--period", NINE.code],
)
SIX, YEAR = Period.parse_code("2018-6M"), Period.parse_code("2017-Y")


@pytest.mark.parametrize("call", LOOKS, ids=lambda call: call[0])
def test_what_only_shows_makes_no_register(call: list[str], province: Province) -> None:
    before = sorted(province.root.rglob("*"))
    province.run(*call)
    assert sorted(province.root.rglob("*")) == before


def test_other_figures_of_earlier_periods_are_named(province: Province) -> None:
    files = [File("S01", {"pctn_01.c3": 5})]
    with province.register() as register:
        first, second = (record(register, files, result=name) for name in ("a", "b"))
        old, new = (
            RunFacts(register.run(number), register.outcomes(number), register.totals(number))
            for number in (first, second)
        )
    same, other = Basis(SIX, 1), Basis(SIX, 1, ("DC-1",))
    assert run_diff(old, new).elsewhere
    found = run_diff(
        RunFacts(old.run, old.outcomes, old.totals, (same, Basis(YEAR, 2))),
        RunFacts(new.run, new.outcomes, new.totals, (other, Basis(YEAR, 2))),
    )
    assert (found.bases, found.elsewhere, found.nothing) == ((SIX,), False, False)
    # The same result: what it was compared with shows nowhere.
    assert run_diff(
        RunFacts(old.run, old.outcomes, old.totals, (same,)),
        RunFacts(old.run, old.outcomes, old.totals, (other,)),
    ).nothing
    code, said = province.run("diff", str(first), str(second))
    assert (code, text("diff.elsewhere") in " ".join(said.split())) == (1, True)
