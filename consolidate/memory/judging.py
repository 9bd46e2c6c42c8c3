"""What follows for each file from what the province remembers: seal, day, past, decisions.

Nothing here asks the clock or writes anything: the same register and day say the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.checks.context import CheckContext
from consolidate.checks.history import check_history, figures_of
from consolidate.checks.outliers import check_outliers
from consolidate.checks.run import check_return
from consolidate.checks.sizes import Sizes
from consolidate.definitions.catalogue import text
from consolidate.memory.adjusting import adjusted_return
from consolidate.memory.past import Past
from consolidate.model.calendar import Calendar, Timeliness
from consolidate.model.corrections import (
    COPIED,
    FORGED,
    TOO_LATE,
    Adjustment,
    Corrections,
    Waiver,
)
from consolidate.model.findings import Finding, Severity, sorted_findings
from consolidate.model.history import FigureKey, History
from consolidate.model.period import Period
from consolidate.model.returns import Outcome, Return, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reading import context
from consolidate.register.acceptance import accepted, way_out
from consolidate.register.seal import Seal, verify_return
from consolidate.register.twins import Hold

if TYPE_CHECKING:
    from consolidate.register.store.history import Mark
    from consolidate.register.store.register import Register


@dataclass(frozen=True, slots=True)
class Memory:
    """What a province knows on a day.

    ``roster`` holds the units of all times; ``key`` seals issued templates, ``None``: no seal is
    asked for. ``as_of`` is the day on which files not seen before were received. ``corrections``
    are those in force on it. The digests are those of the workbooks, ``""`` for none. ``mark`` is
    how much was on record when all this was asked; ``None``: whenever.
    """

    register: Register
    as_of: date
    roster: Roster | None = None
    calendar: Calendar = field(default_factory=Calendar)
    key: bytes | None = None
    corrections: Corrections = field(default_factory=Corrections)
    roster_digest: str = ""
    calendar_digest: str = ""
    mark: Mark | None = None

    def present(self, period: Period) -> Roster | None:
        """The roster of the units that report a period."""
        return self.roster.for_period(period) if self.roster is not None else None

    def waiver(self, rule: str, record: ReturnRecord) -> Waiver | None:
        """The first waiver in force of a rule for a return: its unit, its period, its day."""
        if record.unit is None:
            return None
        period = record.content.period if record.content is not None else None
        day = record.received or self.as_of
        for item in self.corrections.waivers:
            if item.rule == rule and item.covers(record.unit.code, period, day):
                return item
        return None


def received(
    memory: Memory, records: Sequence[ReturnRecord], containers: Mapping[str, Path]
) -> list[ReturnRecord]:
    """The placed files with the day on which each came in, and what follows from day and seal.

    A return that came after the final date counts as not sent, one with a false seal is not
    believed: both are held before several files of a unit are compared. ``containers`` are the
    archives and mails on disk by the path of their records: a file that lay in one came with it.
    """
    outer = {path: _digest(file) for path, file in containers.items()}
    asked = {record.sha256 for record in records if record.sha256} | set(outer.values())
    seen = {digest: file.seen for digest, file in memory.register.known(asked).items()}

    def dated(record: ReturnRecord) -> ReturnRecord:
        if not record.sha256:
            return record
        days = (seen.get(record.sha256), seen.get(outer.get(record.path, "")))
        known = [day for day in days if day is not None]
        return replace(record, received=min(known, default=memory.as_of))

    return [_timely(memory, _sealed(memory, dated(record))) for record in records]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:  # It was there a moment ago; what lay in it is taken for new.
        return ""


def _sealed(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    """A seal that the key of the workspace did not make: the stamp is not ours."""
    content = record.content
    if memory.key is None or content is None or not record.outcome.counted:
        return record
    if verify_return(memory.key, content) is not Seal.FORGED:
        return record
    return _held(memory, record, FORGED, text(FORGED))


def _timely(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    content, unit, day = record.content, record.unit, record.received
    if content is None or content.period is None or unit is None or day is None:
        return record
    deadline = memory.calendar.entry_for(unit, content.template, content.period)
    if deadline is None:
        return record
    late = deadline.lateness(day)
    record = replace(record, lateness=late)
    if not record.outcome.counted:
        return record
    letter = text("memory.letter", letter=deadline.letter) if deadline.letter else ""
    if late.state is Timeliness.TOO_LATE and deadline.final is not None:
        said = {"day": _shown(day), "final": _shown(deadline.final), "letter": letter}
        reason = text(TOO_LATE, **said)
        return _held(memory, record, TOO_LATE, reason)
    if late.state is Timeliness.LATE and deadline.due is not None:
        due = _shown(deadline.due)
        said = {"day": _shown(day), "due": due, "letter": letter}
        message = text("memory.late", days=late.days, **said)
        note = Finding(
            "memory.late", Severity.INFO, message, found=_shown(day), expected=f"≤ {due}"
        )
        return accepted(record, (note,))
    return record


def _held(memory: Memory, record: ReturnRecord, rule: str, reason: str) -> ReturnRecord:
    """The record held for a reason, with what the province may do; counted where it is waived."""
    waiver = memory.waiver(rule, record)
    if waiver is None:
        reason = f"{reason} {way_out(rule, record)}"
        return replace(record, outcome=Outcome.HELD, reason=reason)
    return accepted(record, (_waived(Finding(rule, Severity.ERROR, reason), waiver),))


def copied(memory: Memory) -> Hold:
    """What becomes of a copy: held, or counted where the province says that it is none."""

    def judged(record: ReturnRecord, reason: str) -> ReturnRecord:
        return _held(memory, record, COPIED, reason)

    return judged


def past_of(memory: Memory, period: Period) -> Past:
    """What is known before a round. A locked round knows what it knew when it was locked."""
    lock = memory.register.standing(period).lock
    bases = None
    if lock is not None and lock.run is not None:
        bases = memory.register.bases(lock.run)
    return Past(
        memory.register, context().library, memory.roster, memory.corrections, period, bases
    )


def recalled(
    memory: Memory, records: Sequence[ReturnRecord], past: Past
) -> tuple[ReturnRecord, ...]:
    """The decided files beside corrections, their unit's past and each other.

    Outcomes follow from the findings; a file that does not count is asked nothing.
    """
    asked = context()
    told = [_corrected(memory, record, asked) for record in records]
    peers = _Peers(told)
    return tuple(
        _excused(memory, accepted(record, _compared(record, record.content, past, peers, asked)))
        if record.outcome.counted and record.content is not None
        else _excused(memory, record)
        for record in told
    )


def _corrected(memory: Memory, record: ReturnRecord, asked: CheckContext) -> ReturnRecord:
    content = record.content
    if content is None or record.unit is None or not record.outcome.counted:
        return record
    own = asked.library.template_by_code[content.template].data_sets
    elsewhere = asked.library.by_code.keys() - set(own)
    ours = [
        item
        for item in memory.corrections.adjustments
        if (item.unit, item.period) == (record.unit.code, content.period)
        and item.key.data_set not in elsewhere
    ]
    if not ours:
        return record
    changed, done = adjusted_return(content, ours, asked.library)
    findings = []
    for item, value in done.applied:
        data_set = asked.data_set(item.key.data_set)
        element = data_set.by_code[item.key.element]
        message = text(
            "memory.adjusted",
            caption=data_set.caption(element, value.key.column),
            raw=value.raw,
            value=item.value,
            id=item.id,
            document=item.document or "–",
            reason=item.reason,
        )
        findings.append(
            Finding(
                "memory.adjusted",
                Severity.INFO,
                message,
                data_set.code,
                element.code,
                value.cell.sheet,
                (value.cell,),
                value.raw,
                item.value,
            )
        )
    for item in done.lost:
        message = text("memory.adjustment_lost", id=item.id, value=item.value)
        findings.append(Finding("memory.adjustment_lost", Severity.WARNING, message))
    # What was said of the figures as typed is asked again of the figures as used.
    typed = set(check_return(content, asked))
    kept = [finding for finding in record.findings if finding not in typed]
    again = sorted_findings((*kept, *check_return(changed, asked), *findings))
    return accepted(replace(record, content=changed, findings=again))


def unused(memory: Memory, records: Iterable[ReturnRecord], period: Period) -> list[Adjustment]:
    """Adjustments in force for the round of a period whose unit has no return that counts."""
    counted = {
        (record.unit.code, record.content.period)
        for record in records
        if record.outcome.counted and record.unit is not None and record.content is not None
    }
    return [
        item
        for item in memory.corrections.adjustments
        if (item.period.year, item.period.type.round) == (period.year, period.type.round)
        and (item.unit, item.period) not in counted
    ]


_Figures = dict[FigureKey, list[Decimal]]


class _Peers:
    """Figures of all counted returns by level, as seen by each of them."""

    def __init__(self, records: Iterable[ReturnRecord]) -> None:
        self._own: dict[tuple[Level, str], _Figures] = {}
        together: dict[Level, _Figures] = {}
        for record in records:
            if record.outcome.counted and record.content is not None and record.unit is not None:
                own = self._own.setdefault((record.level, record.unit.code), {})
                level = together.setdefault(record.level, {})
                for key, value in figures_of(record.content):
                    if value.number is not None:
                        own.setdefault(key, []).append(value.number)
                        level.setdefault(key, []).append(value.number)
        self._all = {
            level: {key: Sizes.of(numbers) for key, numbers in figures.items()}
            for level, figures in together.items()
        }

    def of(self, unit: OrganisationUnit) -> _Alike:
        """The figures of the other units of its level."""
        return _Alike(self._all.get(unit.level, {}), self._own.get((unit.level, unit.code), {}))


class _Alike(Mapping[FigureKey, Sizes]):
    """Figures of a level without those of one unit, put together only where they are asked for."""

    def __init__(self, figures: Mapping[FigureKey, Sizes], own: _Figures) -> None:
        self._figures = figures
        self._own = own

    def __getitem__(self, key: FigureKey) -> Sizes:
        return self._figures[key].without(self._own.get(key, ()))

    def __iter__(self) -> Iterator[FigureKey]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def _compared(
    record: ReturnRecord, content: Return, past: Past, peers: _Peers, asked: CheckContext
) -> list[Finding]:
    if record.unit is None or content.period is None:
        return []
    history = past.history(record.unit, content.template, content.period)
    return [
        *check_history(content, history, asked),
        *check_outliers(content, history, peers.of(record.unit), asked),
        *_obstacles(history),
    ]


def _obstacles(history: History) -> Iterator[Finding]:
    """What cannot be compared is said."""
    for then in (history.previous, history.last_year):
        if then is not None and not then.comparable:
            why = text(f"history.obstacle.{then.obstacle}")
            message = text("history.not_compared", past=then.period.label, why=why)
            yield Finding("history.not_compared", Severity.INFO, message)


def _excused(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    """Findings of waived rules as notes that name the document."""
    if not memory.corrections.waivers:
        return record

    def told(finding: Finding) -> Finding:
        if finding.severity is Severity.INFO:
            return finding
        waiver = memory.waiver(finding.rule, record)
        return _waived(finding, waiver) if waiver is not None else finding

    findings = sorted_findings(map(told, record.findings))
    if findings == record.findings:
        return record
    excused = replace(record, findings=findings)
    return accepted(excused) if record.outcome.counted else excused


def _waived(finding: Finding, waiver: Waiver) -> Finding:
    document = waiver.document or "–"
    said = {"message": finding.message, "id": waiver.id, "document": document}
    if waiver.period is None:
        message = text("memory.waived", **said)
    else:
        message = text("memory.waived_period", period=waiver.period.label, **said)
    return replace(finding, severity=Severity.INFO, message=message)


def _shown(day: date) -> str:
    return f"{day:%d/%m/%Y}"
