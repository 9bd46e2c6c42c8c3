"""The decided files beside what is remembered: corrections, their unit's past, their peers.

Nothing here asks the clock or writes anything: the same register and day say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from consolidate.checks.all_checks import check_return
from consolidate.checks.past_checks import Sizes, check_history, check_outliers, figures_of
from consolidate.identity.acceptance import accepted
from consolidate.merge.adjusting import adjusted_return
from consolidate.merge.knowledge import Memory, waived
from consolidate.merge.past import Past
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import FigureKey, History
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Ours, Severity, because, sorted_findings
from consolidate.model.returns import Return, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit
from consolidate.rollup.own_faults import of_ours


def past_of(memory: Memory, period: Period, library: Library) -> Past:
    """Open what is known before a round, whose forms ``library`` shows.

    A locked round knows what it knew when it was locked.
    """
    lock = memory.register.standing(period).lock
    bases = None
    if lock is not None and lock.run is not None:
        bases = memory.register.baselines(lock.run)
    register, roster, corrections = memory.register, memory.roster, memory.corrections
    return Past(register, library, roster, corrections, period, bases, memory.calendar)


def recalled(
    memory: Memory, records: Sequence[ReturnRecord], past: Past, library: Library
) -> tuple[ReturnRecord, ...]:
    """Put the decided files beside corrections, their unit's past and each other.

    Outcomes follow from the findings; a file that does not count is asked nothing. ``library``
    shows the forms of the round.
    """
    told = [_corrected(memory, record, library) for record in records]
    peers = _Peers(told)

    def asked(sent: ReturnRecord, record: ReturnRecord) -> ReturnRecord:
        if not record.outcome.counted or record.content is None:
            return _excused(memory, record)
        if record.unit is None or record.content.period is None:
            return _excused(memory, accepted(record, []))
        history = past.history(record.unit, record.content.template, record.content.period)
        known = history.as_sent()
        found = _compared(record, record.content, history, peers, library)
        if known is not history:
            # A unit knows what it reported then, not what the province made of it.
            own = _compared(record, record.content, known, peers, library)
            record = of_ours(record, _of_adjustments(found, own), Ours.ADJUSTED)
            told_so = {_identity(finding): finding for finding in own}
            found = [told_so.get(_identity(finding), finding) for finding in found]
        if sent.content is not None and sent.content != record.content:
            typed = _compared(sent, sent.content, known, peers, library)
            record = of_ours(record, _of_adjustments(found, typed), Ours.ADJUSTED)
        return _excused(memory, accepted(record, found))

    return tuple(map(asked, records, told))


def _of_adjustments(found: Iterable[Finding], typed: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of a return as adjusted that it had not as it was sent."""
    own = set(map(_identity, typed))
    yield from (finding for finding in found if _identity(finding) not in own)


def _identity(finding: Finding) -> tuple[object, ...]:
    """Which rule is broken where, whatever the figures are that break it."""
    return finding.rule, finding.data_set, finding.element, finding.cells


def _corrected(memory: Memory, record: ReturnRecord, asked: Library) -> ReturnRecord:
    content = record.content
    if content is None or record.unit is None or not record.outcome.counted:
        return record
    own = asked.template_by_code[content.template].data_sets
    elsewhere = asked.by_code.keys() - set(own)
    ours = [
        item
        for item in memory.corrections.figures
        if (item.unit, item.period) == (record.unit.code, content.period)
        and item.key.data_set not in elsewhere
    ]
    if not ours:
        return record
    changed, done = adjusted_return(content, ours, asked)
    findings = []
    for item, value in done.applied:
        data_set = asked.data_set(item.key.data_set)
        element = data_set.by_code[item.key.element]
        message = because(
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
        message = because("memory.adjustment_lost", id=item.id, value=item.value)
        findings.append(Finding("memory.adjustment_lost", Severity.WARNING, message))
    # What was said of the figures as typed is asked again of the figures as used.
    read_by = asked
    if content.definition:
        read_by = asked.of_pack(content.pack, content.round, content.definition)
    typed = set(check_return(content, read_by))
    kept = [finding for finding in record.findings if finding not in typed]
    checked = check_return(changed, read_by)
    again = sorted_findings((*kept, *checked, *findings))
    record = of_ours(record, _of_adjustments(checked, typed), Ours.ADJUSTED)
    return accepted(replace(record, content=changed, findings=again))


def unused(memory: Memory, records: Iterable[ReturnRecord], period: Period) -> list[Adjustment]:
    """List adjustments in force for the round whose unit has no return that counts."""
    counted = {
        (record.unit.code, record.content.period)
        for record in records
        if record.outcome.counted and record.unit is not None and record.content is not None
    }
    return [
        item
        for item in memory.corrections.figures
        if item.period.same_round(period) and (item.unit, item.period) not in counted
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
    record: ReturnRecord, content: Return, history: History, peers: _Peers, asked: Library
) -> list[Finding]:
    if record.unit is None:
        return []
    return [
        *check_history(content, history, asked),
        *check_outliers(content, history, peers.of(record.unit), asked),
        *_obstacles(history),
    ]


def _obstacles(history: History) -> Iterator[Finding]:
    """Say what cannot be compared."""
    for then in (history.previous, history.last_year):
        if then is not None and not then.comparable:
            why = because(f"history.obstacle.{then.obstacle}")
            message = because("history.not_compared", past=then.period, why=why)
            yield Finding("history.not_compared", Severity.INFO, message)


def _excused(memory: Memory, record: ReturnRecord) -> ReturnRecord:
    """Turn findings of waived rules into notes that name the document."""
    if not memory.corrections.waivers:
        return record

    def told(finding: Finding) -> Finding:
        if finding.severity is Severity.INFO:
            return finding
        waiver = memory.waiver(finding.rule, record)
        return waived(finding, waiver) if waiver is not None else finding

    findings = sorted_findings(map(told, record.findings))
    if findings == record.findings:
        return record
    excused = replace(record, findings=findings)
    return accepted(excused) if record.outcome.counted else excused
