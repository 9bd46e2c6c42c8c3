"""Where figures of units went, against a diary kept while units merge and are renamed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.units import Level, OrganisationUnit, Succession

THEN, TODAY = date(2018, 1, 1), date(2018, 12, 31)
EVENT = st.tuples(
    st.sampled_from(["merge", "take", "rename"]), st.integers(0, 9), st.integers(0, 9)
)


def unit(code: str, first: date | None, *made_of: str) -> OrganisationUnit:
    return OrganisationUnit(
        code,
        code,
        Level.COMMUNE,
        templates=frozenset({"pctn"}),
        valid_from=first,
        predecessors=made_of,
    )


@given(st.lists(EVENT, max_size=4), st.lists(EVENT, max_size=8))
def test_figures_follow_their_units_through_any_history(
    before: list[tuple[str, int, int]], since: list[tuple[str, int, int]]
) -> None:
    roster = {code: unit(code, None) for code in "ABCDE"}
    holds = {code: {code} for code in roster}
    day = THEN - timedelta(days=100)
    for number, (kind, first, second) in enumerate([*before, *since]):
        if number == len(before):
            holds, day = {code: {code} for code in holds}, THEN
        day += timedelta(days=2)
        alive = sorted(holds)
        one, other = alive[first % len(alive)], alive[second % len(alive)]
        if kind != "rename" and one == other:
            continue
        ended, new = {other} if kind == "take" else {one, other}, f"N{number}"
        if kind == "rename":
            ended = {one}
        told = set().union(*(holds.pop(code) for code in ended))
        for code in ended:
            roster[code] = replace(roster[code], valid_to=day)
        if kind == "take":
            holds[one] |= told
            made_of = (*roster[one].predecessors, other)
            roster[one] = replace(roster[one], predecessors=made_of)
        else:
            roster[new] = unit(new, day + timedelta(days=1), *sorted(ended))
            holds[new] = told
    if not since:
        holds = {code: {code} for code in holds}
    succession = Succession.of(roster.values())
    for code, expected in holds.items():
        assert {item.code for item in succession.sources(code, THEN, TODAY)} == expected, code


def test_a_unit_that_is_still_there_keeps_its_figures() -> None:
    old, part = unit("A", None), unit("B", date(2018, 5, 1), "A")
    succession = Succession.of([old, part, unit("C", None, "A")])
    assert [u.code for u in succession.sources("A", THEN, TODAY)] == ["A"]
    assert [u.code for u in succession.sources("B", THEN, TODAY)] == ["A"]
    assert [u.code for u in succession.sources("C", THEN, TODAY)] == ["C"]
    assert succession.sources("?", THEN, TODAY) == ()
