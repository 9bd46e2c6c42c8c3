"""What a merge knows beside its inbox: all that a province remembers, or nothing.

:class:`KnownHistory` answers from the memory of a working folder: which file counts, put beside
corrections, the past of its unit and its peers; :class:`NoHistory` stands in for it where there is
a roster at most. Both answer the same questions, so that the order of a merge
(:func:`consolidate.merge.merge_inbox.merge`) is written once. Nothing here asks the clock or writes
anything: the same register and day say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from consolidate.checks.all_checks import check_return
from consolidate.checks.past_and_outlier_checks import (
    Peers,
    Sizes,
    check_history,
    check_outliers,
    figures_of,
)
from consolidate.identity.acceptance import accepted
from consolidate.identity.selection_and_duplicates import Sendings, decide
from consolidate.merge.adjustments_and_waivers import adjusted_return, waived
from consolidate.merge.earlier_periods import Past
from consolidate.merge.province_memory import Memory
from consolidate.merge.receiving import received, sendings, timed
from consolidate.model.corrections import Adjustment, Reviews
from consolidate.model.data_values import Baseline, FigureKey, History
from consolidate.model.datasets import Library, Shape
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Finding, Ours, Severity, because, sorted_findings
from consolidate.model.returns import Return, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.comparison import Against, Comparison, compare, previous_of
from consolidate.rollup.periods_that_add_up import Parts, tiles_of
from consolidate.rollup.province_faults import of_ours
from consolidate.rollup.totals import DataSetTable

Records = tuple[ReturnRecord, ...]


class FromMemory(TypedDict, total=False):
    """What a working folder adds to a result, by its fields; nothing without one."""

    placed: Records
    comparisons: tuple[Comparison, ...]
    bases: tuple[Baseline, ...]
    adjustments: tuple[Adjustment, ...]
    day: date
    reviews: Reviews


@dataclass(frozen=True, slots=True)
class NoHistory:
    """Judge files by themselves: no working folder, so nothing is remembered."""

    roster: Roster | None = None
    library: Library | None = None

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Decide which file of a unit counts."""
        return decide(placed, self.roster, Sendings(self.library))

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Let nothing off: nobody waived anything."""
        return False

    def told(self, record: ReturnRecord, finding: Finding) -> Finding:
        """Return the finding as it is."""
        return finding

    def beside(self, tables: Sequence[DataSetTable], placed: Records) -> FromMemory:
        """Tell nothing: nothing is remembered."""
        return {}


class KnownHistory:
    """Judge files with all that is on record before a round.

    ``roster`` are the units that report the round, ``library`` shows its forms. A locked round
    knows what it knew when it was locked.
    """

    def __init__(self, memory: Memory, period: Period, library: Library) -> None:
        self.roster = memory.present(period)
        self._memory = memory
        self._period = period
        self._library = library
        lock = memory.register.standing(period).lock
        bases = None
        if lock is not None and lock.run is not None:
            bases = memory.register.baselines(lock.run)
        known = (memory.register, library, memory.roster, memory.corrections)
        self._past = Past(*known, period, bases, memory.calendar)

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Decide which file of a unit counts, by day, seal, waivers, corrections and the past.

        ``containers`` are the archives and mails on disk by the path of their records: a file that
        lay in one came with it.
        """
        came = received(self._memory, placed, containers, self._period)
        told = decide(came, self.roster, sendings(self._memory, self._period, self._library))
        return timed(self._memory, self.recalled(told), self._period, self._library)

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Tell whether a waiver in force lets a return off a rule."""
        return self._memory.waiver(rule, record) is not None

    def told(self, record: ReturnRecord, finding: Finding) -> Finding:
        """Turn a finding into a note where a waiver in force lets the return off its rule."""
        waiver = self._memory.waiver(finding.rule, record)
        return waived(finding, waiver) if waiver is not None else finding

    def beside(self, tables: Sequence[DataSetTable], placed: Records) -> FromMemory:
        """Tell what stands beside totals in a result: earlier periods, with the runs of them."""
        return {
            "placed": placed,
            "comparisons": self._comparisons(tables),
            "bases": self._past.bases,
            "adjustments": self._memory.corrections.figures,
            "day": self._memory.as_of,
            "reviews": self._memory.reviews,
        }

    def recalled(self, records: Sequence[ReturnRecord]) -> Records:
        """Put the decided files beside corrections, their unit's past and each other.

        Outcomes follow from the findings; a file that does not count is asked nothing.
        """
        told = [self._corrected(record) for record in records]
        peers = _Peers(told)

        def asked(sent: ReturnRecord, record: ReturnRecord) -> ReturnRecord:
            if not record.outcome.counted or record.content is None:
                return record
            if record.unit is None or record.content.period is None:
                return accepted(record, [])
            history = self._past.history(
                record.unit, record.content.template, record.content.period
            )
            known, alike = history.as_sent(), peers.of(record.unit)
            found = self._compared(record.content, history, alike)
            if known is not history:
                # A unit knows what it reported then, not what the province made of it.
                own = self._compared(record.content, known, alike)
                record = of_ours(record, _of_adjustments(found, own), Ours.ADJUSTED)
                told_so = {_identity(finding): finding for finding in own}
                found = [told_so.get(_identity(finding), finding) for finding in found]
            if sent.content is not None and sent.content != record.content:
                typed = self._compared(sent.content, known, alike)
                record = of_ours(record, _of_adjustments(found, typed), Ours.ADJUSTED)
            return accepted(record, found)

        return tuple(self._excused(asked(*pair)) for pair in zip(records, told, strict=True))

    def _corrected(self, record: ReturnRecord) -> ReturnRecord:
        """Put adjusted figures into a return that counts, and ask it again."""
        content, asked = record.content, self._library
        if content is None or record.unit is None or not record.outcome.counted:
            return record
        own = asked.template_by_code[content.template].data_sets
        elsewhere = asked.by_code.keys() - set(own)
        ours = [
            item
            for item in self._memory.corrections.figures
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
            place = (data_set.code, element.code, value.cell.sheet, (value.cell,))
            shown = (value.raw, item.value)
            findings.append(Finding("memory.adjusted", Severity.INFO, message, *place, *shown))
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

    def _compared(self, content: Return, history: History, peers: Peers) -> list[Finding]:
        """Hold a return against its past and its peers; say what cannot be compared."""
        found = check_history(content, history, self._library)
        found += check_outliers(content, history, peers, self._library)
        for then in (history.previous, history.last_year):
            if then is not None and not then.comparable:
                why = because(f"history.obstacle.{then.obstacle}")
                message = because("history.not_compared", past=then.period, why=why)
                found.append(Finding("history.not_compared", Severity.INFO, message))
        return found

    def _excused(self, record: ReturnRecord) -> ReturnRecord:
        """Turn findings of waived rules into notes that name the document."""
        if not self._memory.corrections.waivers:
            return record
        findings = sorted_findings(
            finding if finding.severity is Severity.INFO else self.told(record, finding)
            for finding in record.findings
        )
        if findings == record.findings:
            return record
        excused = replace(record, findings=findings)
        return accepted(excused) if record.outcome.counted else excused

    def _comparisons(self, tables: Sequence[DataSetTable]) -> tuple[Comparison, ...]:
        """Compare every fixed table with its two neighbours in time.

        One without figures says that nobody reported its period.
        """
        known = {table.data_set.code: table for table in tables}
        found = []
        for table in known.values():
            data_set, now = table.data_set, table.period
            if data_set.shape is not Shape.FIXED:
                continue
            periods = self._library.pack_of[data_set.template].periods
            before = previous_of(now, _QUARTERS if data_set.quarter else periods)
            for against, then in ((Against.PREVIOUS, before), (Against.LAST_YEAR, now.last_year)):
                if then is not None:
                    made = self._beside(table, then, against)
                    quarter = known.get(data_set.code + QUARTER_SUFFIX)
                    if quarter is not None and made.known and made.within_year:
                        made = self._with_tiles(made, quarter)
                    found.append(made)
        return tuple(found)

    def _beside(self, table: DataSetTable, then: Period, against: Against) -> Comparison:
        """Compare a table with a period; without a roster nobody can tell which units are gone."""
        data_set, past = table.data_set, self._past
        template = data_set.template
        basis = past.basis(template, then)
        if basis is None:
            return Comparison(table, then, against=against)
        way, pack = past.bridge(template, then, data_set), past.pack_of(template, then)
        if way is None:
            return Comparison(table, then, against=against, run=basis.run, pack=pack, mapped=False)
        here = [item.unit for item in table.contributions]
        today = {unit.code: unit for unit in (*here, *(self.roster.units if self.roster else ()))}
        told = ((code, past.figures(today[code], template, then, data_set)) for code in today)
        known = self._memory.roster.units if self._memory.roster is not None else ()
        made = compare(
            table,
            then,
            past.totals_of(data_set, then),
            {code: found for code, found in told if found is not None},
            past.reporters(template, then),
            against,
            basis.run,
            {unit.code: unit.name for unit in known},
            way.marks,
            past.reported(data_set, then),
        )
        return replace(
            made,
            restated=len(past.restated(data_set, then)),
            pack=pack,
            ended=past.ended(data_set, then),
            origins=way.figures if pack is not None else {},
        )

    def _with_tiles(self, made: Comparison, quarter: DataSetTable) -> Comparison:
        """The comparison with what the quarter says, where the pack has the two add up."""
        table, then, past = made.table, made.past, self._past
        if table.period.type not in table.data_set.tiles:
            return made
        totals = {
            (table.data_set.code, item.element.code, item.column): item.total.then
            for item in made.figures
            if item.total.then is not None and not item.total.obstacle
        }
        reported, restated = (
            past.reported(table.data_set, then),
            past.restated(table.data_set, then),
        )
        parts = Parts(quarter, totals, made.units, reported, made.absent, made.gone, restated)
        tiles = {
            (tile.figure.element.code, tile.figure.column): tile for tile in tiles_of(table, parts)
        }
        figures = (
            replace(item, tile=tiles.get((item.element.code, item.column))) for item in made.figures
        )
        return replace(made, figures=tuple(figures), quarter=quarter)


_QUARTERS = (PeriodType.Q1, PeriodType.Q2, PeriodType.Q3, PeriodType.Q4)


def _of_adjustments(found: Iterable[Finding], typed: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of a return as adjusted that it had not as it was sent."""
    own = set(map(_identity, typed))
    yield from (finding for finding in found if _identity(finding) not in own)


def _identity(finding: Finding) -> tuple[object, ...]:
    """Which rule is broken where, whatever the figures are that break it."""
    return finding.rule, finding.data_set, finding.element, finding.cells


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

    def of(self, unit: OrganisationUnit) -> Peers:
        """The figures of the other units of its level, put together only where asked for."""
        figures, own = self._all.get(unit.level, {}), self._own.get((unit.level, unit.code), {})

        def others(key: FigureKey) -> Sizes | None:
            return figures[key].without(own.get(key, ())) if key in figures else None

        return others
