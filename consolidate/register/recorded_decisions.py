"""Record what was decided: about rounds, about figures and rules, and that forms went out.

Approvals and locks are folded from the events in their order. The third quarter and nine months are
one round and are merged together, so a lock on one holds the other too. A lock names the run whose
result may be made again, and no other.

Corrections are whole workbooks, all of it or nothing. An officer applies the same workbook again
after adding a line: what is on record already, word for word, is passed over. The same id with
other words is refused; ids of a kind are used once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from consolidate.model.corrections import Adjustment, Corrections, Revocation, Waiver
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import EventKind, FormsIssued, PeriodEvent, Run, RunHead
from consolidate.register.facts import PeriodLocked
from consolidate.register.recorded_runs import last_run, run_numbered
from consolidate.register.rows import Fact, add_rows, fact_of, next_number, read_rows, row_of
from consolidate.register.schema import Words, adjustments, events, issues, revocations, waivers


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
        raise PeriodLocked.of(
            "register.locked",
            period=lock.period,
            run=lock.run,
            day=lock.on,
            document=lock.document or "–",
        )
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
            raise UserError.of("register.other_round", run=event.run, period=found)
    if event.kind is EventKind.UNLOCKED:
        if standing.lock is None:
            raise UserError.of("register.not_locked", period=event.period)
    elif standing.lock is not None:
        raise UserError.of("register.locked_already", period=event.period, run=standing.lock.run)
    if event.kind is EventKind.WITHDRAWN and standing.approval is None:
        raise UserError.of("register.not_approved", period=event.period)


def _must_follow(event: PeriodEvent, before: tuple[PeriodEvent, ...]) -> None:
    """Decisions are dated in the order in which they are made."""
    latest = before[-1] if before else None
    if latest is not None and event.on < latest.on:
        raise UserError.of(
            "register.decided_later",
            period=event.period,
            day=event.on,
            what=because(f"register.decision.{latest.kind.value}"),
            last=latest.on,
            author=latest.author,
        )


_Correction = TypeVar("_Correction", Adjustment, Waiver, Revocation)


class CorrectionsDesk:
    """Corrections and locks as they are on record in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def on_record(self) -> Corrections:
        """Read everything that was ever recorded, revoked and expired corrections too."""
        return corrections_on_record(self._connection)

    def locked(self, period: Period) -> bool:
        """Tell whether the round of a period is locked."""
        return standing_of(self._connection, period).lock is not None

    def add(self, new: Corrections) -> int:
        """Record what is not on record yet; how many that was.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        known = self.on_record()
        fresh = Corrections(
            _fresh(new.adjustments, known.adjustments),
            _fresh(new.waivers, known.waivers),
            _fresh(new.revocations, known.revocations),
        )
        ids = {(item.kind, item.id) for item in (*known.items, *fresh.items)}
        for end in fresh.revocations:
            if (end.kind, end.id) not in ids:
                raise UserError.of("register.revokes_nothing", id=end.id)
        groups = ((adjustments, fresh.adjustments), (waivers, fresh.waivers))
        for table, items in (*groups, (revocations, fresh.revocations)):
            add_rows(self._connection, table, (row_of(item, table) for item in items))
        return len(fresh.adjustments) + len(fresh.waivers) + len(fresh.revocations)


def corrections_on_record(connection: Connection) -> Corrections:
    """Read everything that was ever recorded, each kind in order of ids."""
    return Corrections(
        _all(connection, adjustments, Adjustment),
        _all(connection, waivers, Waiver),
        _all(connection, revocations, Revocation),
    )


def corrections_digest(corrections: Corrections) -> str:
    """Compute the SHA-256 of corrections, in hexadecimal; ``""`` when there are none."""
    parts = [
        [astuple(item) for item in group]
        for group in (corrections.adjustments, corrections.waivers, corrections.revocations)
    ]
    if not any(parts):
        return ""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _fresh(new: Sequence[_Correction], known: Sequence[_Correction]) -> tuple[_Correction, ...]:
    by_id = {_id(item): item for item in known}
    fresh: list[_Correction] = []
    for item in new:
        stored = _as_stored(item)
        other = by_id.setdefault(_id(stored), stored)
        if other != stored:
            raise UserError.of("register.correction_differs", id=item.id)
        if other is stored:
            fresh.append(stored)
    return tuple(fresh)


def _id(item: Adjustment | Waiver | Revocation) -> tuple[str, str]:
    return item.id, item.kind.value if isinstance(item, Revocation) else ""


def _as_stored(item: _Correction) -> _Correction:
    """The fact with its texts as they will come back, so that it equals itself on record."""
    fields: dict[str, Any] = {
        name: Words.stored(value)
        for name in item.__slots__
        if type(value := getattr(item, name)) is str
    }
    return replace(item, **fields)


def _all(connection: Connection, table: Table, kind: type[Fact]) -> tuple[Fact, ...]:
    # Sorted here and not by the database, whose order of letters depends on its locale.
    rows = read_rows(connection, table)
    return tuple(fact_of(kind, row) for row in sorted(rows, key=lambda r: (r["id"], r.get("kind"))))
