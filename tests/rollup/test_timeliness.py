"""When returns came in: states, days and percentages with exact values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome
from consolidate.model.runs import RunOutcome
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.rollup.timeliness import (
    Arrival,
    ReturnState,
    ReturnStatus,
    arrivals,
    branches,
    percent,
    share_of,
    statuses,
    unplaced,
)
from consolidate.rollup.units_in_totals import Axis
from tests.library_2018 import library_2018

NINE, QUARTER = Period.parse_code("2018-9M"), Period.parse_code("2018-Q3")
DUE, FINAL = date(2018, 9, 5), date(2018, 9, 15)
AS_OF = date(2018, 9, 10)
SET = Deadline(due=DUE, final=FINAL)
PCTN = frozenset({"pctn"})


def commune(number: int, parent: str = "", **other: object) -> OrganisationUnit:
    return OrganisationUnit(
        f"X{number}",
        f"UBND xã {number}",
        Level.COMMUNE,
        parent=parent,
        templates=PCTN,
        kind=UnitKind.COMMUNE,
        **other,  # type: ignore[arg-type]
    )


def a_file(
    outcome: Outcome,
    received: date | None = DUE,
    unit: str = "X1",
    template: str = "pctn",
    path: str = "a.xlsx",
) -> RunOutcome:
    return RunOutcome(
        path, "", "0" * 64, unit, template, outcome, because("identity.accepted"), received
    )


def one(
    arrival: Arrival | None,
    deadline: Deadline | None = SET,
    as_of: date = AS_OF,
    excused: str = "",
) -> ReturnStatus:
    """The status of the only unit of a province."""
    rows = () if deadline is None else (CalendarRow(NINE, deadline),)
    came = {} if arrival is None else {("X1", "pctn"): arrival}
    (found,) = statuses(
        library_2018(),
        Roster.of((commune(1),)),
        Calendar(rows),
        NINE,
        came,
        as_of,
        lambda code, _: code == excused,
    )
    return found


@pytest.mark.parametrize(
    ("received", "state", "days"),
    [
        (date(2018, 9, 1), ReturnState.ON_TIME, -4),
        (DUE, ReturnState.ON_TIME, 0),
        (date(2018, 9, 6), ReturnState.LATE, 1),
        (FINAL, ReturnState.LATE, 10),
        (date(2018, 9, 16), ReturnState.TOO_LATE, 11),
    ],
)
def test_the_day_of_receipt_decides(received: date, state: ReturnState, days: int) -> None:
    found = one(Arrival(Outcome.ACCEPTED, received), as_of=date(2018, 12, 31))
    assert (found.state, found.days, found.received) == (state, days, received)
    assert found.state.done is (state is not ReturnState.TOO_LATE)


AFTER_FINAL = date(2018, 9, 17)


@pytest.mark.parametrize(
    ("outcome", "excused", "state", "days"),
    [
        # A merge holds what came after the final date; whoever is excused is late and counts.
        (Outcome.HELD, "", ReturnState.TOO_LATE, 12),
        (Outcome.ACCEPTED, "X1", ReturnState.LATE, 12),
        (Outcome.HELD, "X1", ReturnState.HELD, 25),
        (Outcome.ACCEPTED, "X2", ReturnState.TOO_LATE, 12),
        (Outcome.REJECTED, "", ReturnState.REJECTED, 25),
    ],
)
def test_after_the_final_date_counts_who_is_excused(
    outcome: Outcome, excused: str, state: ReturnState, days: int
) -> None:
    found = one(Arrival(outcome, AFTER_FINAL), as_of=date(2018, 9, 30), excused=excused)
    assert (found.state, found.days) == (state, days)


def test_of_two_held_files_one_that_came_in_time_is_for_a_person_to_look_at() -> None:
    held = [
        a_file(Outcome.HELD, AFTER_FINAL, path="a.xlsx"),
        a_file(Outcome.HELD, DUE, path="b.xlsx"),
    ]
    for files in (held, held[::-1]):
        arrival = arrivals(files)["X1", "pctn"]
        assert (arrival.file, one(arrival).state) == ("b.xlsx", ReturnState.HELD)


@pytest.mark.parametrize(
    ("as_of", "days", "overdue"),
    [(date(2018, 9, 3), -2, False), (DUE, 0, False), (date(2018, 9, 20), 15, True)],
)
def test_what_is_missing_is_due_in_or_overdue_by_days(
    as_of: date, days: int, overdue: bool
) -> None:
    found = one(None, as_of=as_of)
    assert (found.state, found.days, found.overdue) == (ReturnState.MISSING, days, overdue)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.HELD, ReturnState.HELD),
        (Outcome.REJECTED, ReturnState.REJECTED),
        (Outcome.UNREADABLE, ReturnState.UNREADABLE),
        (Outcome.DUPLICATE, ReturnState.HELD),
    ],
)
def test_what_does_not_count_stays_due(outcome: Outcome, state: ReturnState) -> None:
    found = one(Arrival(outcome, DUE, "a.xlsx", because("identity.accepted")))
    assert (found.state, found.days, found.overdue) == (state, 5, True)
    assert (found.file, found.reason) == ("a.xlsx", because("identity.accepted"))


@pytest.mark.parametrize(
    ("arrival", "deadline"),
    [
        (Arrival(Outcome.ACCEPTED, None), Deadline(due=DUE)),
        (Arrival(Outcome.ACCEPTED, DUE), None),
        (Arrival(Outcome.ACCEPTED, DUE), Deadline(letter="12/TTT")),
    ],
)
def test_nothing_is_in_time_that_cannot_be_known_to_be(
    arrival: Arrival, deadline: Deadline | None
) -> None:
    found = one(arrival, deadline)
    assert (found.state, found.days) == (ReturnState.RECEIVED, None)


def test_a_final_date_alone_is_a_due_date() -> None:
    deadline = Deadline(final=FINAL)
    found = one(None, deadline)
    assert (found.due, found.days) == (FINAL, -5)
    late = one(Arrival(Outcome.ACCEPTED, date(2018, 9, 17)), deadline, date(2018, 10, 1))
    assert (late.state, late.days) == (ReturnState.TOO_LATE, 2)


def test_what_came_after_the_day_asked_about_was_not_in_then() -> None:
    found = one(Arrival(Outcome.ACCEPTED, date(2018, 9, 11)))
    assert (found.state, found.days, found.received) == (ReturnState.MISSING, 5, None)


def test_a_correction_does_not_make_a_return_late() -> None:
    files = [
        a_file(Outcome.SUPERSEDED, date(2018, 9, 4)),
        a_file(Outcome.ACCEPTED, date(2018, 9, 9), path="lần 2.xlsx"),
        a_file(Outcome.UNREADABLE, date(2018, 9, 1), path="hỏng.xlsx"),
    ]
    came = arrivals(files)
    assert came == {
        ("X1", "pctn"): Arrival(
            Outcome.ACCEPTED, date(2018, 9, 4), "lần 2.xlsx", because("identity.accepted")
        )
    }
    assert one(came["X1", "pctn"]).state is ReturnState.ON_TIME


def test_a_held_file_counts_from_its_own_day_and_stands_against_an_unreadable_one() -> None:
    files = [
        a_file(Outcome.UNREADABLE, date(2018, 9, 1)),
        a_file(Outcome.HELD, date(2018, 9, 7), path="giữ.xlsx"),
    ]
    came = arrivals(files)["X1", "pctn"]
    assert (came.outcome, came.received, came.file) == (
        Outcome.HELD,
        date(2018, 9, 7),
        "giữ.xlsx",
    )


def test_files_of_nobody_are_told_apart() -> None:
    files = [
        a_file(Outcome.UNREADABLE, unit="", template=""),
        a_file(Outcome.HELD, unit=""),
        a_file(Outcome.HELD),
        a_file(Outcome.NOT_A_REPORT, unit="", template=""),
        a_file(Outcome.REJECTED, template=""),
    ]
    assert unplaced(files) == (files[0], files[1], files[4])
    assert set(arrivals(files)) == {("X1", "pctn")}


def test_a_file_named_after_a_unit_stands_for_what_else_did_not_come() -> None:
    unread = a_file(Outcome.UNREADABLE, template="", path="đơn vị.xlsx")
    held, scan = a_file(Outcome.HELD), a_file(Outcome.NOT_A_REPORT, template="", path="a.pdf")
    assert {key: came.file for key, came in arrivals([unread, scan]).items()} == {
        ("X1", ""): "đơn vị.xlsx"
    }
    assert arrivals([scan])["X1", ""].outcome is Outcome.NOT_A_REPORT
    assert unplaced([unread, scan]) == ()
    # Beside a return that counts it may be a later one: a person has to look.
    assert unplaced([unread, a_file(Outcome.ACCEPTED)]) == (unread,)
    other = a_file(Outcome.UNREADABLE, template="cchc")
    assert unplaced([other, a_file(Outcome.ACCEPTED), held]) == ()
    came = arrivals([unread, held])
    (found,) = statuses(
        library_2018(),
        Roster.of((commune(1),)),
        Calendar(()),
        NINE,
        came,
        AS_OF,
        lambda *_: False,
    )
    assert found.state is ReturnState.HELD


def test_who_has_to_return_what() -> None:
    department = OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE)
    ended = commune(8, valid_to=date(2018, 9, 29))
    roster = Roster.of((department, commune(1), ended))
    found = statuses(library_2018(), roster, Calendar(), QUARTER, {}, AS_OF)
    assert [(s.unit.code, s.template.code, s.period) for s in found] == [
        ("S1", "pctn", NINE),
        ("S1", "cchc", QUARTER),
        ("X1", "pctn", NINE),
    ]
    assert {s.days for s in found} == {None}


def test_shares_by_branch() -> None:
    district = OrganisationUnit(
        "H1", "UBND huyện An Đông", Level.DISTRICT, templates=PCTN, kind=UnitKind.DISTRICT
    )
    office = OrganisationUnit("S1", "Sở Tư pháp", Level.PROVINCE, templates=PCTN)
    units = (office, district, *(commune(n, "h1") for n in (1, 2, 3)), commune(4, "Cụm 2"))
    roster = Roster.of(units)
    deadline = CalendarRow(NINE, Deadline(due=DUE, final=FINAL), level=Level.COMMUNE)
    came = {
        ("S1", "pctn"): Arrival(Outcome.ACCEPTED, DUE),
        ("H1", "pctn"): Arrival(Outcome.HELD, DUE),
        ("X1", "pctn"): Arrival(Outcome.ACCEPTED_WITH_WARNINGS, DUE),
        ("X2", "pctn"): Arrival(Outcome.ACCEPTED, date(2018, 9, 8)),
        ("X4", "pctn"): Arrival(Outcome.ACCEPTED, date(2018, 9, 20)),
    }
    found = statuses(library_2018(), roster, Calendar((deadline,)), NINE, came, date(2018, 9, 30))
    told = {
        (branch.axis, branch.name): (
            branch.share.received,
            branch.share.expected,
            str(branch.share.completeness),
            branch.share.on_time,
            branch.share.dated,
            branch.share.timeliness,
        )
        for branch in branches(found, roster)
    }
    assert told == {
        (Axis.PROVINCE, ""): (3, 6, "50.0", 1, 4, Decimal("25.0")),
        (Axis.LEVEL, "Cấp tỉnh"): (1, 1, "100.0", 0, 0, None),
        (Axis.LEVEL, "Cấp huyện"): (0, 1, "0.0", 0, 0, None),
        (Axis.LEVEL, "Cấp xã"): (2, 4, "50.0", 1, 4, Decimal("25.0")),
        (Axis.KIND, ""): (1, 1, "100.0", 0, 0, None),
        (Axis.KIND, "UBND cấp huyện"): (0, 1, "0.0", 0, 0, None),
        (Axis.KIND, "UBND cấp xã"): (2, 4, "50.0", 1, 4, Decimal("25.0")),
        (Axis.PARENT, "UBND huyện An Đông"): (2, 3, "66.7", 1, 3, Decimal("33.3")),
        (Axis.PARENT, "Cụm 2"): (0, 1, "0.0", 0, 1, Decimal("0.0")),
    }
    assert list(told) == sorted(told, key=lambda key: list(Axis).index(key[0]))
    assert share_of(found).counts == {
        ReturnState.RECEIVED: 1,
        ReturnState.HELD: 1,
        ReturnState.ON_TIME: 1,
        ReturnState.LATE: 1,
        ReturnState.MISSING: 1,
        ReturnState.TOO_LATE: 1,
    }


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (1, 8, "12.5"),
        (1, 16, "6.3"),
        (2, 3, "66.7"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        (1999, 2000, "99.9"),
        (1, 9999, "0.1"),
    ],
)
def test_percentages(part: int, whole: int, shown: str) -> None:
    assert str(percent(part, whole)) == shown


def test_a_share_of_nothing_is_none() -> None:
    assert percent(0, 0) is None


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_all_and_nothing_are_said_only_of_all_and_nothing(pair: tuple[int, int]) -> None:
    share = percent(*pair)
    assert share is not None
    assert (share == 100, share == 0) == (pair[0] == pair[1], pair[0] == 0)
    assert abs(share - Decimal(100) * pair[0] / pair[1]) <= Decimal("0.1")
