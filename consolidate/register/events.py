"""Record what was decided about a reporting round, and that its forms went out with seals.

Approvals and locks are folded from the events in their order.

The third quarter and nine months are one round and are merged together, so a lock on one holds
the other too. A lock names the run whose result may be made again, and no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import EventKind, FormsIssued, PeriodEvent, Run, RunHead
from consolidate.register.facts import PeriodLocked
from consolidate.register.recorded_runs import last_run, run_numbered
from consolidate.register.rows import add_rows, fact_of, next_number, read_rows, row_of
from consolidate.register.schema import events, issues


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a round now: the approval and the lock that nobody took back."""

    approval: PeriodEvent | None = None
    lock: PeriodEvent | None = None

    @property
    def run(self) -> int | None:
        """The run that speaks for the round: the locked one, else the approved one."""
        event = self.lock or self.approval
        return event.run if event is not None else None


def add_event(connection: Connection, event: PeriodEvent) -> None:
    """Record a decision.

    Raises:
        UserError: it names no run of the round, locks or approves under another lock, takes back
            what does not stand, or is dated before a decision about the round that is on record.
    """
    must_fit(connection, event)
    row = row_of(event, events, number=next_number(connection, events.c.number))
    add_rows(connection, events, [row])


def must_fit(connection: Connection, event: PeriodEvent) -> None:
    """Refuse a decision that :func:`add_event` would not record.

    Raises:
        UserError: as there.
    """
    _must_be_possible(connection, event, standing_of(connection, event.period))
    _must_follow(event, events_of(connection, event.period))


def events_of(connection: Connection, period: Period | None = None) -> tuple[PeriodEvent, ...]:
    """List decisions about the round of a period, or all, in the order of recording."""
    # All are read, so that none is passed over because of what became of its period.
    found = (fact_of(PeriodEvent, row) for row in read_rows(connection, events))
    return tuple(event for event in found if period is None or event.period.same_round(period))


def standing_of(connection: Connection, period: Period) -> Standing:
    """Tell what holds for the round of a period now."""
    approval = lock = None
    for event in events_of(connection, period):
        match event.kind:
            case EventKind.APPROVED:
                approval = event
            case EventKind.WITHDRAWN:
                approval = None
            case EventKind.LOCKED:
                lock = event
            case EventKind.UNLOCKED:
                lock = None
    return Standing(approval, lock)


def standing_run(connection: Connection, period: Period) -> Run | None:
    """Find the run that speaks for a round: the locked, the approved, or the newest one."""
    number = standing_of(connection, period).run
    return last_run(connection, period) if number is None else run_numbered(connection, number)


def locked_run(connection: Connection, head: RunHead) -> Run | None:
    """Return the locked run of a round, which the same result stands for; ``None`` without a lock.

    Raises:
        PeriodLocked: the round is locked and this result is another one.
    """
    lock = standing_of(connection, head.period).lock
    if lock is None or lock.run is None:
        return None
    run = run_numbered(connection, lock.run)
    if run.head.result != head.result:
        locked = because(
            "register.locked",
            period=lock.period,
            run=lock.run,
            day=lock.on,
            document=lock.document or "–",
        )
        raise PeriodLocked((locked,))
    return run


def add_issued(connection: Connection, new: Iterable[FormsIssued]) -> None:
    """Record forms that go out with seals; those on record keep their first day."""
    known = {(item.period, item.template) for item in issued_forms(connection)}
    fresh = (item for item in new if (item.period, item.template) not in known)
    add_rows(connection, issues, (row_of(item, issues) for item in fresh))


def issued_forms(connection: Connection) -> tuple[FormsIssued, ...]:
    """List forms that ever went out with seals, by round."""
    return tuple(fact_of(FormsIssued, row) for row in read_rows(connection, issues))


def _must_be_possible(connection: Connection, event: PeriodEvent, standing: Standing) -> None:
    if event.kind in (EventKind.APPROVED, EventKind.LOCKED):
        if event.run is None:
            raise ValueError("an approval or a lock names a run")
        run = run_numbered(connection, event.run)
        found = run.head.period
        if not found.same_round(event.period):
            raise UserError((because("register.other_round", run=event.run, period=found),))
    if event.kind is EventKind.UNLOCKED:
        if standing.lock is None:
            raise UserError((because("register.not_locked", period=event.period),))
    elif standing.lock is not None:
        raise UserError(
            (because("register.locked_already", period=event.period, run=standing.lock.run),)
        )
    if event.kind is EventKind.WITHDRAWN and standing.approval is None:
        raise UserError((because("register.not_approved", period=event.period),))


def _must_follow(event: PeriodEvent, before: tuple[PeriodEvent, ...]) -> None:
    """Decisions are dated in the order in which they are made."""
    latest = before[-1] if before else None
    if latest is not None and event.on < latest.on:
        decided = because(
            "register.decided_later",
            period=event.period,
            day=event.on,
            what=because(f"register.decision.{latest.kind.value}"),
            last=latest.on,
            author=latest.author,
        )
        raise UserError((decided,))
