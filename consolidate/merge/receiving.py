"""When each file came in and whether it may count: its day, its seal, copies, and their waivers.

Nothing here asks the clock or writes anything: the same register and day say the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.identity.acceptance import accepted
from consolidate.identity.part_returns import Sent
from consolidate.identity.seals import Seal, verify_return
from consolidate.identity.selection_and_duplicates import WITH_WAY_OUT, Hold, Sendings, way_out
from consolidate.identity.unit_names import named_templates
from consolidate.merge.adjustments_and_waivers import waived
from consolidate.merge.province_memory import Memory
from consolidate.model.corrections import COPIED, FORGED, PART, TOO_LATE, UNSEALED
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Deadline, Timeliness, deadline_for
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Ours, Reason, Severity, because, sorted_findings
from consolidate.model.returns import Outcome, ReturnRecord, full_name
from consolidate.model.runs import RunOutcome
from consolidate.model.text import format_day
from consolidate.rollup.province_faults import of_ours
from consolidate.rollup.timeliness import ReturnStatus, round_statuses
from consolidate.xlsx.write.atomic_files import digest_of

if TYPE_CHECKING:
    from consolidate.register.facts import CountedReturn


def received(
    memory: Memory,
    records: Sequence[ReturnRecord],
    containers: Mapping[str, Path],
    period: Period,
) -> list[ReturnRecord]:
    """Date each placed file, and decide what follows from its day and its seal.

    A return that came after the final date counts as not sent, one with a false seal is not
    believed: both are held before several files of a unit are compared. One without a seal in a
    round of ``period`` that was issued with seals is said so. ``containers`` are the archives and
    mails on disk by the path of their records: a file that lay in one came with it.
    """
    # One that is gone since has no digest: what lay in it is taken for new.
    outer = {path: digest_of(file) for path, file in containers.items()}
    asked = {record.sha256 for record in records if record.sha256} | set(outer.values())
    seen = {digest: file.seen for digest, file in memory.register.known(asked).items()}

    came = []
    for record in records:
        days = (seen.get(record.sha256), seen.get(outer.get(record.path, "")))
        known = [day for day in days if day is not None]
        day = min(known, default=memory.as_of) if record.sha256 else record.received
        came.append(replace(record, received=day))
    sealed = _sealed_families(memory, records, period)
    return [_in_time(memory, _sealed(memory, record, sealed)) for record in _redated(memory, came)]


def _redated(memory: Memory, records: Sequence[ReturnRecord]) -> list[ReturnRecord]:
    """Put the days of receipt that an officer set on the records.

    What is set is the day on which the return of a unit came in, which is that of its first file
    that counts as received (of any, where none does): a file that came on a later day keeps its
    own.
    """
    first: dict[tuple[str, str], tuple[bool, date]] = {}
    for record in records:
        if record.unit is not None and record.content is not None and record.received is not None:
            key = record.unit.code, record.content.template
            # A blank form that came before is not what the officer speaks of.
            rank = (not record.outcome.counted, record.received)
            first[key] = min(rank, first.get(key, rank))

    def told(record: ReturnRecord) -> ReturnRecord:
        unit, content, day = record.unit, record.content, record.received
        if unit is None or content is None or content.period is None or day is None:
            return record
        item = memory.corrections.received_day(unit.code, content.template, content.period)
        counts_from = first[unit.code, content.template]
        if item is None or item.day is None or (not record.outcome.counted, day) != counts_from:
            return record
        said = {"day": day, "instead": item.day, "id": item.id, "author": item.author}
        said |= {"document": item.document or "–", "reason": item.reason}
        message = because("memory.received_on", **said)
        shown = (format_day(day), format_day(item.day))
        note = Finding(message.key, Severity.INFO, message, "", "", "", (), *shown)
        record = replace(record, received=item.day, redated=item.id)
        if record.outcome.counted:
            return accepted(record, (note,))
        return replace(record, findings=sorted_findings((*record.findings, note)))

    return [told(record) for record in records]


def _sealed_families(
    memory: Memory, records: Sequence[ReturnRecord], period: Period
) -> frozenset[str]:
    """Families of forms that went out with a seal for a round: a genuine seal came back, or more.

    It does not matter what became of the return that carries it.
    """
    found = {family for issued, family in memory.issued if issued == period.round_name}
    for record in records:
        content = record.content
        if memory.key is None or content is None:
            continue
        with contextlib.suppress(ValueError):
            stamped = Period.parse_code(content.evidence.stamp_period)
            if stamped.same_round(period) and verify_return(memory.key, content) is Seal.VALID:
                found.add(content.template)
    return frozenset(found)


def _sealed(memory: Memory, record: ReturnRecord, issued: frozenset[str]) -> ReturnRecord:
    """Judge the seal of a file; ``issued`` are families whose forms went out with one.

    A seal that the key of the workspace did not make: the stamp is not ours. None at all, where
    every template has one: nobody knows who made the file, so it counts with a warning, and never
    in the place of one with a seal (:func:`consolidate.identity.selection_and_duplicates.decide`).
    """
    content = record.content
    if memory.key is None or content is None:
        return record
    found = verify_return(memory.key, content)
    if found is Seal.VALID:
        return replace(record, sealed=True)
    if not record.outcome.counted:
        return record
    if found is Seal.FORGED:
        judged = _held(memory, record, FORGED, because(FORGED))
        return replace(judged, sealed=judged.outcome.counted)
    if content.template not in issued:
        return record
    unit = record.unit.name if record.unit is not None else ""
    finding = Finding(UNSEALED, Severity.WARNING, because(UNSEALED, unit=unit))
    waiver = memory.waiver(UNSEALED, record)
    if waiver is None:
        return accepted(record, (finding,))
    return replace(accepted(record, (waived(finding, waiver),)), sealed=True)


def _in_time(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    """Hold a record that came after the final date."""
    content, unit, day = record.content, record.unit, record.received
    if content is None or content.period is None or unit is None or day is None:
        return record
    deadline = deadline_for(memory.library, memory.calendar, unit, content.template, content.period)
    if deadline is None or deadline.final is None or not record.outcome.counted:
        return record
    if deadline.lateness(day).state is not Timeliness.TOO_LATE:
        return record
    said = {"day": day, "final": deadline.final, "letter": _letter(deadline)}
    return _held(memory, record, TOO_LATE, because(TOO_LATE, **said))


def _letter(deadline: Deadline) -> Reason | str:
    return because("memory.letter", letter=deadline.letter) if deadline.letter else ""


def timed(
    memory: Memory, records: Sequence[ReturnRecord], period: Period, library: Library
) -> tuple[ReturnRecord, ...]:
    """Note how late each return is, on the file that stands for it.

    What they have of the calendar is marked as the province's.

    As ``status`` says it of the same run and day; a return that counts and is late has a note.
    ``library`` shows the forms of the round.
    """
    roster = memory.present(period)
    records = [_of_calendar(memory, record) for record in records]
    if roster is None:
        return tuple(records)
    outcomes = [run_outcome(memory.library, record) for record in records]
    # A merge of an earlier day was made from the same files: all of them are here.
    day = max([memory.as_of, *(item.received for item in outcomes if item.received is not None)])
    corrections, calendar = memory.corrections, memory.calendar
    statuses = round_statuses(library, roster, calendar, period, outcomes, corrections, day)
    found = {status.file: status for status in statuses if status.days_late is not None}
    return tuple(
        _timed(record, found[record.name]) if record.name in found else record for record in records
    )


_OF_WINDOW = ("sheets.window_missing", "sheets.window_outside_period")


def _of_calendar(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    """Mark the data window of a record as the province's fault where the calendar has it so.

    The calendar sets none, or the very one that does not fit the round.
    """
    content, unit = record.content, record.unit
    if content is None or content.period is None or unit is None:
        return record
    if not any(finding.rule in _OF_WINDOW for finding in record.findings):
        return record
    deadline = deadline_for(memory.library, memory.calendar, unit, content.template, content.period)
    window = deadline.window if deadline is not None else None
    wrong = _OF_WINDOW[0] if window is None else _OF_WINDOW[1] if window == content.window else ""
    return of_ours(record, (f for f in record.findings if f.rule == wrong), Ours.CALENDAR)


def _timed(record: ReturnRecord, status: ReturnStatus) -> ReturnRecord:
    record = replace(record, days_late=status.days_late)
    deadline, day = status.deadline, status.received
    if not record.outcome.counted or deadline is None or deadline.due is None or day is None:
        return record
    late = deadline.lateness(day)
    if late.state is not Timeliness.LATE:  # A waiver of the final date says the rest.
        return record
    said = {"days": late.days, "day": day, "due": deadline.due, "letter": _letter(deadline)}
    found, expected = format_day(day), f"≤ {format_day(deadline.due)}"
    message = because("memory.late", **said)
    note = Finding("memory.late", Severity.INFO, message, found=found, expected=expected)
    return accepted(record, (note,))


def _held(memory: Memory, record: ReturnRecord, rule: str, reason: Reason) -> ReturnRecord:
    """Hold a record, with what the province may do; count it where the reason is waived."""
    waiver = memory.waiver(rule, record)
    if waiver is None:
        ways = way_out(rule, record)
        if rule == PART:
            ways = because("memory.part_ways", waive=ways)
        reason = because(WITH_WAY_OUT, reason=reason, way_out=ways)
        return replace(record, outcome=Outcome.HELD, reason=reason)
    return accepted(record, (waived(Finding(rule, Severity.ERROR, reason), waiver),))


def sendings(memory: Memory, period: Period, library: Library) -> Sendings:
    """Judge the files of a round, sendings of runs on record included.

    Parts and copies are held, or counted where the province says that they are none.
    """

    def hold(rule: str) -> Hold:
        return lambda record, reason: _held(memory, record, rule, reason)

    return Sendings(library, hold(PART), hold(COPIED), _Counted(memory, period).before)


class _Counted:
    """What the runs of a round counted by a day; a locked round knows those up to its lock."""

    def __init__(self, memory: Memory, period: Period) -> None:
        lock = memory.register.standing(period).lock
        last = lock.run if lock is not None else None
        self._register = memory.register
        self._runs = [
            run
            for run in reversed(memory.register.runs(period))
            if run.head.as_of <= memory.as_of and (last is None or run.number <= last)
        ]
        self._known: dict[int, tuple[CountedReturn, ...]] = {}

    def before(self, record: ReturnRecord) -> Sent | None:
        """The newest earlier sending of the return of a record that a run counted."""
        content, unit = record.content, record.unit
        if content is None or unit is None:
            return None
        asked = (unit.code, content.template, content.period)
        for run in self._runs:
            if run.number not in self._known:
                self._known[run.number] = self._register.counted(run.number)
            for counted in self._known[run.number]:
                sent = counted.content
                said = (sent.unit, sent.template, sent.period)
                if said == asked and sent.revision < content.revision:
                    name = full_name(counted.path, counted.member)
                    return Sent(name, sent.revision, sent.values, run.number)
        return None


def run_outcome(library: Library, record: ReturnRecord) -> RunOutcome:
    """Tell what became of one file, as a run keeps it and as lateness is counted.

    Its template is that of what was read, else the one that the name of a placed file names.
    """
    template = record.content.template if record.content is not None else ""
    if not template and record.unit is not None:
        named = named_templates(record.path, record.member, library.families)
        template = next(iter(named)) if len(named) == 1 else ""
    return RunOutcome(
        path=record.path,
        member=record.member,
        sha256=record.sha256,
        unit=record.unit_code,
        template=template,
        outcome=record.outcome,
        reason=record.reason,
        received=record.received,
    )
