"""What a merge knows beside its inbox: all that a province remembers, or nothing.

:class:`KnownHistory` answers from the memory of a working folder; :class:`NoHistory` stands in for
it where there is a roster at most. Both answer the same questions, so that the order of a merge
(:func:`consolidate.merge.merge_inbox.merge`) is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.identity.duplicates import hold_copies
from consolidate.identity.selection import Sendings, decide
from consolidate.merge.knowledge import Memory, waived
from consolidate.merge.past import Past
from consolidate.merge.recalling import past_of, recalled
from consolidate.merge.receiving import copied, received, sendings, timed
from consolidate.model.data_values import PastFigures
from consolidate.model.datasets import Library, Shape
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Finding
from consolidate.model.returns import ReturnRecord
from consolidate.model.units import Roster
from consolidate.rollup.comparison import Against, Comparison, compare, previous_of
from consolidate.rollup.result import MergeResult
from consolidate.rollup.tiles import Parts, tiles_of
from consolidate.rollup.totals import DataSetTable

Records = tuple[ReturnRecord, ...]


@dataclass(frozen=True, slots=True)
class NoHistory:
    """Judge files by themselves: no working folder, so nothing is remembered."""

    roster: Roster | None = None
    library: Library | None = None

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Hold copies, then decide which file of a unit counts."""
        kept = hold_copies(placed, self.roster)
        return decide(kept, self.roster, Sendings(self.library))

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Let nothing off: nobody waived anything."""
        return False

    def told(self, record: ReturnRecord, finding: Finding) -> Finding:
        """Return the finding as it is."""
        return finding

    def compared(self, result: MergeResult, placed: Records) -> MergeResult:
        """Return the result as it is."""
        return result


class KnownHistory:
    """Judge files with all that is on record before a round.

    ``roster`` are the units that report the round, ``library`` shows its forms.
    """

    def __init__(self, memory: Memory, period: Period, library: Library) -> None:
        self.roster = memory.present(period)
        self._memory = memory
        self._period = period
        self._library = library
        self._past = past_of(memory, period, library)

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Decide which file of a unit counts, by day, seal, waivers, corrections and the past.

        ``containers`` are the archives and mails on disk by the path of their records: a file that
        lay in one came with it.
        """
        came = received(self._memory, placed, containers, self._period)
        kept = hold_copies(came, self.roster, copied(self._memory))
        told = decide(kept, self.roster, sendings(self._memory, self._period, self._library))
        asked = recalled(self._memory, told, self._past, self._library)
        return timed(self._memory, asked, self._period, self._library)

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Tell whether a waiver in force lets a return off a rule."""
        return self._memory.waiver(rule, record) is not None

    def told(self, record: ReturnRecord, finding: Finding) -> Finding:
        """Turn a finding into a note where a waiver in force lets the return off its rule."""
        waiver = self._memory.waiver(finding.rule, record)
        return waived(finding, waiver) if waiver is not None else finding

    def compared(self, result: MergeResult, placed: Records) -> MergeResult:
        """Put a result beside earlier periods, with the runs that it was compared with."""
        told = comparisons(self._memory, self._past, self._library, result.tables, self.roster)
        return replace(
            result,
            placed=placed,
            comparisons=told,
            bases=self._past.bases,
            adjustments=self._memory.corrections.figures,
            day=self._memory.as_of,
            reviews=self._memory.reviews,
        )


_QUARTERS = (PeriodType.Q1, PeriodType.Q2, PeriodType.Q3, PeriodType.Q4)


def comparisons(
    memory: Memory,
    past: Past,
    library: Library,
    tables: Iterable[DataSetTable],
    roster: Roster | None,
) -> tuple[Comparison, ...]:
    """Compare every fixed table with its two neighbours in time.

    One without figures says that nobody reported its period. ``roster`` are the units that
    report now; without one nobody can tell which units are gone.
    """
    known = {table.data_set.code: table for table in tables}
    found = []
    for table in known.values():
        if table.data_set.shape is Shape.FIXED:
            for against, then in _neighbours(table, library):
                made = _beside(memory, past, table, then, against, roster)
                quarter = known.get(table.data_set.code + QUARTER_SUFFIX)
                if quarter is not None and made.known and made.within_year:
                    made = _with_tiles(made, quarter, past)
                found.append(made)
    return tuple(found)


def _neighbours(table: DataSetTable, library: Library) -> Iterator[tuple[Against, Period]]:
    data_set = table.data_set
    kinds = _QUARTERS if data_set.quarter else library.pack_of[data_set.template].periods
    before = previous_of(table.period, kinds)
    if before is not None:
        yield Against.PREVIOUS, before
    yield Against.LAST_YEAR, table.period.last_year


def _beside(
    memory: Memory,
    past: Past,
    table: DataSetTable,
    then: Period,
    against: Against,
    roster: Roster | None,
) -> Comparison:
    data_set = table.data_set
    template = data_set.template
    basis = past.basis(template, then)
    if basis is None:
        return Comparison(table, then, against=against)
    way, pack = past.bridge(template, then, data_set), past.pack_of(template, then)
    if way is None:
        return Comparison(table, then, against=against, run=basis.run, pack=pack, mapped=False)
    today = {item.unit.code: item.unit for item in table.contributions}
    if roster is not None:
        today |= {unit.code: unit for unit in roster.units}
    units: dict[str, PastFigures] = {}
    for code, unit in today.items():
        found = past.figures(unit, template, then, data_set)
        if found is not None:
            units[code] = found
    known = memory.roster.units if memory.roster is not None else ()
    made = compare(
        table,
        then,
        past.totals_of(data_set, then),
        units,
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


def _with_tiles(made: Comparison, quarter: DataSetTable, past: Past) -> Comparison:
    """The comparison with what the quarter says, where the pack has the two add up."""
    table, then = made.table, made.past
    if table.period.type not in table.data_set.tiles:
        return made
    totals = {
        (table.data_set.code, item.element.code, item.column): item.total.then
        for item in made.figures
        if item.total.then is not None and not item.total.obstacle
    }
    parts = Parts(
        quarter,
        totals,
        made.units,
        past.reported(table.data_set, then),
        made.absent,
        made.gone,
        past.restated(table.data_set, then),
    )
    tiles = {
        (tile.figure.element.code, tile.figure.column): tile for tile in tiles_of(table, parts)
    }
    figures = (
        replace(item, tile=tiles.get((item.element.code, item.column))) for item in made.figures
    )
    return replace(made, figures=tuple(figures), quarter=quarter)
