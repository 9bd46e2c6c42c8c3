"""Units that merge, split, change their name and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, Succession, UnitKind

OLD, NEW = date(2024, 12, 31), date(2026, 1, 1)
ENDED, BEGUN = date(2025, 6, 30), date(2025, 7, 1)


def unit(
    code: str,
    *predecessors: str,
    since: date | None = None,
    until: date | None = None,
    old: tuple[str, ...] = (),
) -> OrganisationUnit:
    return OrganisationUnit(
        code,
        f"UBND xã {code}",
        Level.COMMUNE,
        valid_from=since,
        valid_to=until,
        predecessors=predecessors,
        old_names=old,
    )


UNITS = (
    unit("A", until=ENDED),
    unit("B", until=ENDED),
    unit("C", "A", "B", since=BEGUN),  # A and B merged into C.
    unit("D", until=ENDED),
    unit("E", "D", since=BEGUN),
    unit("F", "D", since=BEGUN),  # D was split into E and F.
    unit("G", until=date(2023, 5, 1)),  # Renamed twice: G, H, I.
    unit("H", "G", since=date(2023, 5, 2), until=ENDED),
    unit("I", "H", since=BEGUN),
    unit("J", until=ENDED),  # Abolished.
    unit("K", since=BEGUN),  # New.
    unit("L"),
)
LINEAGE = Succession.of(UNITS)


def codes(units: tuple[OrganisationUnit, ...]) -> str:
    return "".join(item.code for item in units)


@pytest.mark.parametrize(
    ("code", "then", "sources"),
    [
        ("C", OLD, "AB"),
        ("A", OLD, "A"),
        ("E", OLD, "D"),
        ("D", OLD, "D"),
        ("I", OLD, "H"),
        ("I", date(2020, 1, 1), "G"),
        ("J", OLD, "J"),
        ("K", OLD, ""),
        ("L", OLD, "L"),
        ("Z", OLD, ""),
    ],
)
def test_whose_figures_went_to_a_unit(code: str, then: date, sources: str) -> None:
    assert codes(LINEAGE.sources(code, then, NEW)) == sources


def test_one_step_back() -> None:
    assert codes(LINEAGE.predecessors("C")) == "AB"
    assert LINEAGE.predecessors("A") == ()


def test_cycles_are_found_once_each() -> None:
    ring = (unit("A", "C"), unit("B", "A"), unit("C", "B"), unit("D", "D"), unit("E", "A"))
    assert Succession.of(ring).cycles() == (("A", "C", "B"), ("D",))
    assert LINEAGE.cycles() == ()
    assert sorted(codes(Succession.of(ring).sources("A", OLD, NEW))) == ["A"]


@given(st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=1, max_size=8))
def test_walks_end_whatever_the_rows_say(ties: list[list[int]]) -> None:
    units = [
        unit(str(index), *map(str, dict.fromkeys(before)), since=NEW)
        for index, before in enumerate(ties)
    ]
    succession = Succession.of(units)
    rings = succession.cycles()
    for index in range(len(units)):
        assert succession.sources(str(index), OLD, NEW) == ()
    # A ring is there exactly when the rows cannot be put in an order of time.
    left = {item.code: {c for c in item.predecessors if int(c) < len(units)} for item in units}
    while True:
        free = [code for code, before in left.items() if not before & left.keys()]
        if not free:
            break
        for code in free:
            del left[code]
    assert bool(rings) == bool(left)


def test_a_roster_of_a_day_and_of_a_period() -> None:
    roster = Roster.of(UNITS, province="Tỉnh Sông Tiền", source="ds.xlsx")
    assert codes(roster.at(OLD).units) == "ABDHJL"
    assert codes(roster.at(NEW).units) == "CEFIKL"
    assert codes(roster.at(ENDED).units) == "ABDHJL"
    assert codes(roster.at(BEGUN).units) == "CEFIKL"
    assert roster.for_period(Period.parse_code("2025-6M")).units == roster.at(OLD).units
    assert roster.for_period(Period.parse_code("2025-9M")).units == roster.at(NEW).units
    made = roster.at(NEW)
    assert (made.province, made.source) == (roster.province, roster.source)
    assert made.find("A") == ()
    assert made.at(NEW) is made


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("2025-Q1", date(2025, 3, 31)),
        ("2025-Q2", date(2025, 6, 30)),
        ("2025-6M", date(2025, 6, 30)),
        ("2025-9M", date(2025, 9, 30)),
        ("2025-Y", date(2025, 12, 31)),
    ],
)
def test_last_days_of_periods(code: str, day: date) -> None:
    assert Period.parse_code(code).last_day == day
    assert Period.parse_code(code).last_year.last_day == day.replace(year=2024)


def test_an_old_name_leads_to_its_unit_unless_it_is_a_name_of_today() -> None:
    renamed = unit("A", old=("UBND xã Cũ", "UBND xã B"))
    other = unit("B")
    roster = Roster.of((renamed, other))
    assert roster.find("UBND xã cũ") == (renamed,)
    assert roster.find("UBND xã B") == (other,)
    twin = unit("C", old=("UBND xã Cũ",))
    assert Roster.of((renamed, twin)).find("UBND xã Cũ") == (renamed, twin)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((kind.value, kind) for kind in UnitKind if kind is not UnitKind.UNKNOWN),
        *((kind.label.upper(), kind) for kind in UnitKind),
        ("Sở", UnitKind.DEPARTMENT),
        ("sở, ban, ngành", UnitKind.DEPARTMENT),
        ("Uỷ ban nhân dân  huyện", UnitKind.DISTRICT),
        ("Phường", UnitKind.COMMUNE),
        ("UBND xã, phường, đặc khu", UnitKind.COMMUNE),
        ("ngành dọc", UnitKind.VERTICAL),
        ("Cơ quan ngành dọc", UnitKind.VERTICAL),
        ("công an", UnitKind.POLICE),
        ("VKSND", UnitKind.PROCURACY),
        ("Toà án", UnitKind.COURT),
        ("Cục Thi hành án dân sự", UnitKind.ENFORCEMENT),
        ("NHNN", UnitKind.BANK),
        ("cơ quan, tổ chức khác", UnitKind.OTHER),
        ("Mặt trận Tổ quốc", UnitKind.FRONT),
        ("  ", UnitKind.UNKNOWN),
        ("công ty", None),
    ],
)
def test_kinds_as_people_write_them(text: str, kind: UnitKind | None) -> None:
    assert UnitKind.parse(text) is kind


@pytest.mark.parametrize(
    ("name", "level", "kind"),
    [
        ("Công an tỉnh", Level.PROVINCE, UnitKind.POLICE),
        ("Viện KSND tỉnh", Level.PROVINCE, UnitKind.PROCURACY),
        ("Viện kiểm sát nhân dân tỉnh", Level.PROVINCE, UnitKind.PROCURACY),
        ("Toà án nhân dân tỉnh", Level.PROVINCE, UnitKind.COURT),
        ("Thi hành án dân sự tỉnh", Level.PROVINCE, UnitKind.ENFORCEMENT),
        ("Cục Thi hành án dân sự tỉnh", Level.PROVINCE, UnitKind.ENFORCEMENT),
        ("Ngân hàng Nhà nước chi nhánh tỉnh", Level.PROVINCE, UnitKind.BANK),
        ("Cục Thuế tỉnh", Level.PROVINCE, UnitKind.VERTICAL),
        ("Ngân hàng Chính sách xã hội", Level.PROVINCE, UnitKind.VERTICAL),
        ("Tòa án nhân dân huyện A", Level.DISTRICT, UnitKind.VERTICAL),
    ],
)
def test_a_vertical_branch_is_told_by_the_name(name: str, level: Level, kind: UnitKind) -> None:
    assert UnitKind.VERTICAL.told_by(name, level) is kind
    assert UnitKind.DEPARTMENT.told_by(name, level) is UnitKind.DEPARTMENT


THEN, TODAY = date(2018, 1, 1), date(2018, 12, 31)
EVENT = st.tuples(
    st.sampled_from(["merge", "take", "rename"]), st.integers(0, 9), st.integers(0, 9)
)


def kept_unit(code: str, first: date | None, *made_of: str) -> OrganisationUnit:
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
    roster = {code: kept_unit(code, None) for code in "ABCDE"}
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
            roster[new] = kept_unit(new, day + timedelta(days=1), *sorted(ended))
            holds[new] = told
    if not since:
        holds = {code: {code} for code in holds}
    succession = Succession.of(roster.values())
    for code, expected in holds.items():
        assert {item.code for item in succession.sources(code, THEN, TODAY)} == expected, code


def test_a_unit_that_is_still_there_keeps_its_figures() -> None:
    old, part = kept_unit("A", None), kept_unit("B", date(2018, 5, 1), "A")
    succession = Succession.of([old, part, kept_unit("C", None, "A")])
    assert [u.code for u in succession.sources("A", THEN, TODAY)] == ["A"]
    assert [u.code for u in succession.sources("B", THEN, TODAY)] == ["A"]
    assert [u.code for u in succession.sources("C", THEN, TODAY)] == ["C"]
    assert succession.sources("?", THEN, TODAY) == ()
