"""The figures of a merge beside those of the period before and of last year, as on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from consolidate.merge.knowledge import Memory
from consolidate.merge.past import Past
from consolidate.model.datasets import Library, Shape
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.past_figures import PastFigures
from consolidate.model.period import Period, PeriodType
from consolidate.model.units import Roster
from consolidate.rollup.comparison import Against, Comparison, compare, previous_of
from consolidate.rollup.tiles import Parts, tiles_of
from consolidate.rollup.totals import DataSetTable

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
    kinds = _QUARTERS if data_set.quarter else library.periods_of(data_set.template)
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
