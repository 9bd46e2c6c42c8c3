"""Approvals, locks and corrections: added, folded, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consolidate.model.corrections import (
    EVERY_UNIT,
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import UserError
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.register.blobs import digest_of
from consolidate.register.facts import PeriodLocked
from consolidate.register.recorded_decisions import corrections_digest
from consolidate.register.register import Register
from tests.register.made import (
    FIRST_DAY,
    NINE_MONTHS,
    SECOND_DAY,
    SIX_MONTHS,
    THIRD_QUARTER,
    a_head,
)

ADJUSTED = Adjustment(
    "DC-1",
    NINE_MONTHS,
    "X01",
    ValueKey("pctn_01", "c40", "value"),
    "21",
    "Phòng Tổng hợp",
    FIRST_DAY,
    "Đơn vị đính chính",
    "12/CV",
    date(2018, 12, 31),
)
ANSWERED = Adjustment(
    "DC-2", NINE_MONTHS, "X01", ValueKey("pctn_02", "tt", "", 3), "", "P", SECOND_DAY, "Ghi nhầm"
)
WAIVED = Waiver("DC-1", "pctn_01.r40", EVERY_UNIT, None, "P", FIRST_DAY, "Mẫu cũ", "13/CV")
WAIVED_ONE = Waiver("M-2", "pctn_01.r28", "X02", date(2018, 9, 30), "P", SECOND_DAY, "Chờ xác minh")
WAIVED_ROUND = Waiver(
    "M-3", "pctn_01.r40", "X03", None, "P", SECOND_DAY, "Một đợt", "15/CV", NINE_MONTHS
)
REVOKED = Revocation(CorrectionKind.ADJUSTMENT, "DC-1", "P", date(2018, 10, 1), "Đã gửi lại", "14")
ALL = Corrections((ADJUSTED, ANSWERED), (WAIVED, WAIVED_ONE, WAIVED_ROUND), (REVOKED,))


def event(kind: EventKind, run: int | None = None, **other: object) -> PeriodEvent:
    fields = {"period": NINE_MONTHS, "author": "Phòng A", "on": SECOND_DAY, "document": "7/QĐ"}
    return PeriodEvent(kind=kind, run=run, **{**fields, **other})  # type: ignore[arg-type]


def test_corrections_come_back_and_are_added_once(register: Register) -> None:
    assert register.corrections() == Corrections()
    assert register.add_corrections(ALL) == 6
    assert register.add_corrections(ALL) == 0
    assert register.add_corrections(Corrections((ADJUSTED, ADJUSTED))) == 0
    assert register.corrections() == ALL


def test_texts_that_a_database_refuses_are_still_added_once(register: Register) -> None:
    strange = Corrections((replace(ADJUSTED, id="\0", reason="\udcff"),))
    assert register.add_corrections(strange) == 1
    assert register.add_corrections(strange) == 0
    assert [item.id for item in register.corrections().adjustments] == ["\\x00"]


@pytest.mark.parametrize(
    "other",
    [
        Corrections((ANSWERED, replace(ADJUSTED, value="22"))),
        Corrections((ANSWERED, replace(ADJUSTED, expires=None))),
        Corrections((ANSWERED,), (replace(WAIVED, unit="X01"),)),
        Corrections((ANSWERED,), (), (replace(REVOKED, reason="Lý do khác"),)),
        Corrections((ANSWERED, replace(ANSWERED, value="1"))),
    ],
    ids=["value", "expiry", "waiver", "revocation", "twice in one workbook"],
)
def test_an_id_is_used_once_and_nothing_of_the_workbook_is_taken(
    register: Register, other: Corrections
) -> None:
    known = Corrections((ADJUSTED,), (WAIVED,), (REVOKED,))
    register.add_corrections(known)
    with pytest.raises(UserError, match=r"register\.correction_differs"):
        register.add_corrections(other)
    assert register.corrections() == known


def test_only_what_is_there_can_be_revoked(register: Register) -> None:
    register.add_corrections(Corrections((ADJUSTED,)))
    missing = replace(REVOKED, kind=CorrectionKind.WAIVER)
    with pytest.raises(UserError, match=r"register\.revokes_nothing.*DC-1"):
        register.add_corrections(Corrections((), (), (missing,)))
    assert register.add_corrections(Corrections((), (WAIVED,), (missing,))) == 2


@pytest.mark.parametrize(
    ("day", "adjustments", "waivers"),
    [
        (date(2018, 9, 4), [], []),
        (date(2018, 9, 5), ["DC-1"], ["DC-1"]),
        (date(2018, 9, 30), ["DC-1", "DC-2"], ["DC-1", "M-2", "M-3"]),
        # What came in its term stays waived.
        (date(2018, 10, 1), ["DC-2"], ["DC-1", "M-2", "M-3"]),
    ],
)
def test_what_is_in_force_on_a_day(day: date, adjustments: list[str], waivers: list[str]) -> None:
    holding = ALL.in_force(day)
    assert [item.id for item in holding.adjustments] == adjustments
    assert [item.id for item in holding.waivers] == waivers
    assert holding.revocations == ()


def test_the_last_day_of_a_term_is_in_it() -> None:
    assert ADJUSTED.holds_on(date(2018, 12, 31))
    assert not ADJUSTED.holds_on(date(2019, 1, 1))
    assert WAIVED.covers("X01", NINE_MONTHS)
    assert not WAIVED_ONE.covers("X01", NINE_MONTHS)
    assert WAIVED_ONE.covers("X02", NINE_MONTHS)
    assert WAIVED_ONE.until is not None
    assert WAIVED_ONE.covers("X02", NINE_MONTHS, WAIVED_ONE.until)
    assert not WAIVED_ONE.covers("X02", NINE_MONTHS, WAIVED_ONE.until + timedelta(1))
    assert WAIVED.covers("X01", NINE_MONTHS, date(2030, 1, 1))
    assert WAIVED.covers("X01", None)
    rounds = {NINE_MONTHS: True, THIRD_QUARTER: True, SIX_MONTHS: False, None: False}
    assert {period: WAIVED_ROUND.covers("X03", period) for period in rounds} == rounds
    assert not WAIVED_ROUND.covers("X02", NINE_MONTHS)


def test_a_digest_tells_corrections_apart() -> None:
    made = [
        corrections_digest(some)
        for some in (
            Corrections(),
            ALL,
            Corrections((ADJUSTED,)),
            Corrections((replace(ADJUSTED, value="22"),)),
            Corrections((replace(ADJUSTED, expires=None),)),
            Corrections((), (WAIVED,)),
            Corrections((), (replace(WAIVED, period=NINE_MONTHS),)),
        )
    ]
    assert made[0] == ""
    assert len(set(made)) == len(made)
    assert corrections_digest(Corrections((ADJUSTED,))) == made[2]


def test_events_are_folded_in_their_order(register: Register) -> None:
    register.add_run(a_head("1"), (), ())
    register.add_run(a_head("2"), (), ())
    approved, locked = event(EventKind.APPROVED, 1), event(EventKind.LOCKED, 2)
    assert register.standing_run(NINE_MONTHS) == register.run(2)
    register.add_event(approved)
    assert register.standing_run(NINE_MONTHS) == register.run(1)
    register.add_event(locked)
    standing = register.standing(THIRD_QUARTER)
    # A lock may be on another run than the approval: it speaks for the round.
    assert (standing.approval, standing.lock, standing.run) == (approved, locked, 2)
    unlocked, withdrawn = event(EventKind.UNLOCKED), event(EventKind.WITHDRAWN)
    register.add_event(unlocked)
    assert register.standing(NINE_MONTHS).run == 1
    register.add_event(withdrawn)
    assert register.standing(NINE_MONTHS).run is None
    assert register.events(NINE_MONTHS) == (approved, locked, unlocked, withdrawn)
    assert register.events(SIX_MONTHS) == ()
    assert register.events() == register.events(NINE_MONTHS)
    assert register.standing_run(SIX_MONTHS) is None


def test_a_locked_period_takes_the_locked_result_only(register: Register) -> None:
    register.add_run(a_head("1"), (), ())
    register.add_run(a_head("2"), (), ())
    register.add_event(event(EventKind.LOCKED, 1))
    with pytest.raises(PeriodLocked, match=r"register\.locked.*7/QĐ"):
        register.add_run(a_head("3"), (), ())
    with pytest.raises(PeriodLocked, match=r"register\.locked"):
        register.add_run(a_head("2"), (), ())
    with pytest.raises(PeriodLocked, match=r"register\.locked"):
        register.add_run(a_head("3", period=THIRD_QUARTER), (), ())
    again = register.add_run(a_head("1", as_of=date(2019, 1, 1)), (), ())
    assert (again.run, again.added) == (register.run(1), False)
    assert len(register.runs()) == 2
    assert register.add_run(a_head("3", period=SIX_MONTHS), (), ()).run.number == 3
    register.add_event(event(EventKind.UNLOCKED))
    assert register.add_run(a_head("4"), (), ()).run.number == 4


@pytest.mark.parametrize(
    ("before", "then", "says"),
    [
        ([], event(EventKind.UNLOCKED), r"register\.not_locked"),
        ([], event(EventKind.WITHDRAWN), r"register\.not_approved"),
        ([], event(EventKind.APPROVED, 9), r"register\.no_run.*9"),
        ([], event(EventKind.LOCKED, 1, period=SIX_MONTHS), r"register\.other_round"),
        ([event(EventKind.LOCKED, 1)], event(EventKind.LOCKED, 1), r"register\.locked_already"),
        ([event(EventKind.LOCKED, 1)], event(EventKind.APPROVED, 1), r"register\.locked_already"),
        (
            [event(EventKind.APPROVED, 1), event(EventKind.LOCKED, 1)],
            event(EventKind.WITHDRAWN),
            r"register\.locked_already",
        ),
        (
            [event(EventKind.APPROVED, 1), event(EventKind.WITHDRAWN)],
            event(EventKind.LOCKED, 1, on=FIRST_DAY),
            r"register\.decided_later.*register\.decision\.withdrawn",
        ),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    register: Register, before: list[PeriodEvent], then: PeriodEvent, says: str
) -> None:
    register.add_run(a_head(), (), ())
    for one in before:
        register.add_event(one)
    with pytest.raises(UserError, match=says):
        register.add_event(then)
    assert list(register.events()) == before


def test_a_decision_about_a_run_names_it(register: Register) -> None:
    with pytest.raises(ValueError, match="names a run"):
        register.add_event(event(EventKind.LOCKED))


def test_every_digest_of_a_run_is_sixty_four_digits() -> None:
    assert len(corrections_digest(ALL)) == len(digest_of(b"")) == 64
