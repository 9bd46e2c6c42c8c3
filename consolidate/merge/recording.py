"""Keep a merge: files, what they said, what became of each, every total; count a run again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from consolidate import __version__
from consolidate.intake.containers import Member, open_container
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import read_plain
from consolidate.intake.read_file import ReadSettings, read_unit_rows
from consolidate.merge.adjustments_and_waivers import adjusted_values
from consolidate.merge.province_memory import Memory
from consolidate.merge.receiving import run_outcome
from consolidate.model.corrections import Corrections
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Library, Shape
from consolidate.model.reasons import Reason, UserError, because, joined
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord, writable_name
from consolidate.model.runs import Run, RunHead, RunOutcome, RunTotal
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.register.facts import CountedReturn, NewFile, RecordedRun, StoredReturn
from consolidate.register.recorded_decisions import corrections_digest
from consolidate.rollup.completeness import Undecided, undecided
from consolidate.rollup.contradictions import Contradiction, contradictions
from consolidate.rollup.result import MergeResult
from consolidate.rollup.run_differences import RunFacts, run_diff
from consolidate.rollup.totals import DataSetTable, roll_up
from consolidate.rollup.units_in_totals import counted_library, groups_of, providers_of
from consolidate.xlsx.read.package_gate import Refused

_SHOWN = 5
"""Files that a refusal names; a diff of two runs names all of them."""


def head_of(memory: Memory, result: MergeResult, document: bytes) -> RunHead:
    """Describe what a merge was made of; ``document`` is its ``result.json``."""
    return RunHead(
        period=result.period,
        as_of=memory.as_of,
        program=__version__,
        result=hashlib.sha256(document).hexdigest(),
        roster=memory.roster_digest,
        calendar=memory.calendar_digest,
        corrections=corrections_digest(memory.corrections),
    )


def keep_files(
    memory: Memory, result: MergeResult, inbox: Path, settings: ReadSettings
) -> frozenset[str]:
    """Keep every file of the inbox, and every return in an archive or a mail; their digests.

    Raises:
        UserError: a file was changed, or taken away, after it was read.
        OSError: a file cannot be kept.
    """
    kept = memory.register.add_files(_files(memory, result, inbox, settings))
    return frozenset(file.sha256 for file in kept)


def record_run(memory: Memory, head: RunHead, result: MergeResult, kept: Set[str]) -> RecordedRun:
    """Record what the kept files said, and the run; ``kept`` are digests.

    Raises:
        PeriodLocked: the round was locked meanwhile and this result is another one.
        UserError: the register is another one than that which the files were kept in.
    """
    if not kept <= memory.register.known(kept).keys():
        raise UserError((because("register.replaced"),))
    read = (StoredReturn.of(record, __version__) for record in result.placed)
    memory.register.add_returns(item for item in read if item is not None and item.sha256 in kept)
    return memory.register.add_run(
        head,
        [run_outcome(memory.library, record) for record in result.records],
        [total for table in result.tables for total in _totals(table)],
        result.bases,
        memory.made,
    )


def unlike_locked(memory: Memory, head: RunHead, result: MergeResult) -> tuple[Reason, ...]:
    """Say what a merge has otherwise than the run that its round is locked at.

    Files first, no more than :data:`_SHOWN` of them: a file that came later, or a password that
    was not given this time, is what a person looks for.
    """
    lock = memory.register.standing(head.period).lock
    if lock is None or lock.run is None:
        return ()
    run = memory.register.run(lock.run)
    now = Run(0, head, "")
    outcomes = tuple(run_outcome(memory.library, record) for record in result.records)
    # Figures follow from files, corrections and the past, and are too many for a sentence.
    kept = (memory.register.outcomes(run.number), (), memory.register.baselines(run.number))
    changes = run_diff(RunFacts(run, *kept), RunFacts(now, outcomes, (), result.bases))
    said = [because(f"diff.input.{name}") for name in changes.inputs]
    if changes.bases:
        said.append(because("diff.bases", periods=changes.bases))
    if changes.files:
        named = [
            joined("", (because(f"diff.file.{change.kind.value}"), f"“{change.name}”"))
            for change in changes.files[:_SHOWN]
        ]
        more = len(changes.files) - len(named)
        if more:
            named.append(because("diff.more_files", count=more))
        said.insert(0, because("diff.unlike_locked", files=tuple(named)))
    return tuple(said)


def _files(
    memory: Memory, result: MergeResult, inbox: Path, settings: ReadSettings
) -> Iterator[NewFile]:
    by_path: dict[str, list[ReturnRecord]] = {}
    for record in result.records:
        by_path.setdefault(record.path, []).append(record)
    limit = settings.limits.container_size
    for name in scan(inbox).files:
        records = by_path.pop(writable_name(name), [])
        wanted = {record.sha256: record for record in records if record.sha256}
        if not wanted:
            continue  # It could not be read from disk, or came after reading.
        try:
            data = read_plain(inbox / name, limit)
        except Refused:
            raise _changed(records[0].path) from None
        members = {sha: record for sha, record in wanted.items() if record.member}
        digest = hashlib.sha256(data).hexdigest()
        if len(members) < len(wanted) and digest not in wanted:
            raise _changed(records[0].path)
        yield NewFile(records[0].path, data, memory.as_of, digest)
        returns = {sha: record for sha, record in members.items() if record.content is not None}
        if returns:
            yield from _members(memory, result.library, data, returns, settings)
    for path, records in by_path.items():
        if any(record.sha256 for record in records):
            raise _changed(path)


def _changed(file: str) -> UserError:
    """Say that a file is no longer the one that was read."""
    return UserError((because("memory.changed", file=file),))


def _members(
    memory: Memory,
    library: Library,
    data: bytes,
    returns: dict[str, ReturnRecord],
    settings: ReadSettings,
) -> Iterator[NewFile]:
    """The files in an archive or a mail, and the rows of tables of units, that are returns."""
    path = next(iter(returns.values())).path
    try:
        container = open_container(data, settings.limits, settings.passwords)
    except Refused:
        container = None
    for member in (Member(path, data),) if container is None else container.members:
        found = returns.pop(hashlib.sha256(member.data).hexdigest(), None)
        if found is not None:
            yield NewFile(found.name, member.data, memory.as_of)
            continue
        rows = read_unit_rows(member.name, member.data, library, settings) if returns else ()
        for row in rows:
            found = returns.pop(hashlib.sha256(row.data).hexdigest(), None)
            if found is not None:
                yield NewFile(found.name, row.data, memory.as_of)
    if returns:
        raise _changed(path)


def _totals(table: DataSetTable) -> Iterator[RunTotal]:
    """The totals of every figure: that of the province, then of each level that reported.

    With how many units of a level answer it with a number, one at least in an open table.
    """
    reporting: Counter[tuple[Level, tuple[str, str]]] = Counter()
    for item in table.summed:
        level, values = item.unit.level, item.content.values
        if table.data_set.shape is Shape.OPEN:
            told = {value.key.element for value in values if value.number is not None}
            reporting.update((level, (code, "")) for code in told)
            continue
        for answer, at in item.places.items():
            if values[at].number is not None:
                reporting[level, answer] += 1
    for figure in table.figures:
        answer = figure.element.code, figure.column
        place = (figure.data_set, *answer)
        yield RunTotal(*place, "", figure.total, figure.units)
        for level, number in figure.by_level.items():
            yield RunTotal(*place, level.value, number, reporting[level, answer])


def recounted(
    returns: Iterable[CountedReturn],
    run: Run,
    outcomes: Iterable[RunOutcome],
    forms: Library,
    roster: Roster | None,
    in_force: Corrections,
) -> tuple[tuple[Contradiction, ...], tuple[Undecided, ...]]:
    """Ask the rules of the forms of the totals of a run; list the numbers that these lack.

    ``returns`` are those in its totals, ``outcomes`` are of all its files, ``forms`` those of its
    round; units are those of ``roster``, in any other place only their
    codes are known. ``in_force`` are the corrections of the day of the run.
    """
    library = counted_library(forms, roster)
    records = tuple(_records(returns, outcomes, library, roster, in_force))
    order = {unit.code: at for at, unit in enumerate(roster.units)} if roster is not None else {}
    groups = {form.code: groups_of(library, form.code, roster) for form in library.templates}
    tables = []
    for data_set in library.data_sets:
        table = roll_up(
            data_set,
            data_set.period_in(run.head.period),
            records,
            order=order,
            pack=library.pack_of[data_set.template],
            providers=providers_of(data_set, roster),
            groups=groups[data_set.template],
            rules=library.rules[data_set.code],
        )
        tables.append(table)

    def excused(record: ReturnRecord, rule: str) -> bool:
        period = record.content.period if record.content is not None else None
        unit, day = record.unit_code, record.received
        return any(
            item.rule == rule and item.covers(unit, period, day or run.head.as_of)
            for item in in_force.waivers
        )

    return contradictions(tables, library, excused), undecided(tables)


def _records(
    returns: Iterable[CountedReturn],
    outcomes: Iterable[RunOutcome],
    library: Library,
    roster: Roster | None,
    in_force: Corrections,
) -> Iterator[ReturnRecord]:
    """Find what counted in the run, with the figures that were used."""
    units = {unit.code: unit for unit in roster.units} if roster is not None else {}
    received = {(file.path, file.member): file.received for file in outcomes}
    for item in returns:
        stored = item.content
        own = [
            adjustment
            for adjustment in in_force.figures
            if (adjustment.unit, adjustment.period) == (stored.unit, stored.period)
        ]
        parts: dict[str, list[DataValue]] = {}
        for value in adjusted_values(stored.values, own, library).values:
            parts.setdefault(value.key.data_set, []).append(value)
        yield ReturnRecord(
            item.path,
            stored.sha256,
            0,
            Outcome.ACCEPTED,
            None,
            units.get(stored.unit) or OrganisationUnit(stored.unit, stored.unit, Level.UNKNOWN),
            Return(
                stored.template,
                stored.version,
                DataSetReturn(library.cover.code, "", ()),
                tuple(DataSetReturn(code, "", tuple(part)) for code, part in parts.items()),
                period=stored.period,
            ),
            member=item.member,
            received=received.get((item.path, item.member)),
        )
