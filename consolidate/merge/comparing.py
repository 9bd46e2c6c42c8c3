"""The figures of a merge beside those of the period before and of last year, as on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from consolidate.merge.knowledge import Memory
from consolidate.merge.past import Past
from consolidate.model.datasets import Library, Shape
from consolidate.model.past_figures import PastFigures
from consolidate.model.period import Period
from consolidate.model.units import Roster
from consolidate.rollup.comparison import Against, Comparison, compare, previous_of
from consolidate.rollup.totals import DataSetTable


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
    return tuple(
        _beside(memory, past, table, then, against, roster)
        for table in tables
        if table.data_set.shape is Shape.FIXED
        for against, then in _neighbours(table, library)
    )


def _neighbours(table: DataSetTable, library: Library) -> Iterator[tuple[Against, Period]]:
    before = previous_of(table.period, library.periods_of(table.data_set.template))
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
    template = table.data_set.template
    basis = past.basis(template, then)
    if basis is None:
        return Comparison(table, then, against=against)
    today = {item.unit.code: item.unit for item in table.contributions}
    if roster is not None:
        today |= {unit.code: unit for unit in roster.units}
    units: dict[str, PastFigures] = {}
    for code, unit in today.items():
        found = past.figures(unit, template, then)
        if found is not None:
            units[code] = found
    known = memory.roster.units if memory.roster is not None else ()
    made = compare(
        table,
        then,
        past.totals(then),
        units,
        past.reporters(template, then),
        against,
        basis.run,
        {unit.code: unit.name for unit in known},
    )
    return replace(made, restated=len(past.restated(table.data_set, then)))
