"""The figures of a period beside those of an earlier one: change and percent, over dated units.

A unit is compared with the units it came from: figures of merged units are added, a renamed unit is
itself. Where an old unit was split, nobody knows which part of its figures went where; the new
units are then not compared one by one, and that is said. The whole of the province is compared in
any case, over all that was reported then and now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consolidate.model.datasets import Aggregation, DataElement
from consolidate.model.history import FigureKey, PastFigures
from consolidate.model.period import Period
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.totals import DataSetTable, Figure


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now and then; ``None`` where nothing was reported.

    ``obstacle`` is a key of ``messages/history.toml``, ``""`` when the two can be compared.
    """

    now: Decimal | None
    then: Decimal | None
    obstacle: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Now less then; ``None`` when they cannot be compared."""
        if self.obstacle or self.now is None or self.then is None:
            return None
        return self.now - self.then

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of then, to one decimal; ``None`` from zero."""
        if self.difference is None or not self.then:
            return None
        return (100 * self.difference / abs(self.then)).quantize(Decimal("0.1")).normalize() + 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the province beside an earlier one, and the same of each unit."""

    element: DataElement
    column: str
    total: Change
    units: Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A data set of one period beside an earlier one.

    ``gone`` are codes of units that reported then and live on in no unit of today.
    """

    table: DataSetTable
    past: Period
    figures: tuple[Compared, ...]
    gone: tuple[str, ...] = ()


def compare(
    table: DataSetTable,
    past: Period,
    province: Mapping[FigureKey, Decimal],
    units: Mapping[str, PastFigures],
    reporters: Iterable[str] = (),
) -> Comparison:
    """Compare a table with an earlier period.

    Args:
        province: totals of the earlier period by figure.
        units: what counted then for each unit of today, by its code (its own figures, or those of
            the units it came from); units without a past are absent.
        reporters: codes of the units that reported then.
    """
    taken = {code for figures in units.values() for code in figures.units}
    return Comparison(
        table,
        past,
        tuple(_compared(table, figure, province, units) for figure in _comparable(table)),
        tuple(sorted(set(reporters) - taken)),
    )


def _comparable(table: DataSetTable) -> Iterator[Figure]:
    for figure in table.figures:
        if figure.aggregation in (Aggregation.SUM, Aggregation.RATIO):
            yield figure


def _compared(
    table: DataSetTable,
    figure: Figure,
    province: Mapping[FigureKey, Decimal],
    units: Mapping[str, PastFigures],
) -> Compared:
    key = (figure.data_set, figure.element.code, figure.column)
    then = province.get(key)
    total = Change(figure.total, then, "" if then is not None else "not_reported")
    by_unit = {}
    for item in table.contributions:
        value = item.value(figure.element.code, figure.column)
        now = value.number if value is not None else None
        by_unit[item.unit.code] = _change(item.unit, now, key, units)
    return Compared(figure.element, figure.column, total, by_unit)


def _change(
    unit: OrganisationUnit,
    now: Decimal | None,
    key: FigureKey,
    units: Mapping[str, PastFigures],
) -> Change:
    past = units.get(unit.code)
    if past is None:
        return Change(now, None, "new")
    if not past.comparable:
        return Change(now, None, past.obstacle)
    then = past.values.get(key)
    return Change(now, then, "" if then is not None else "not_reported")


def joined(
    period: Period,
    sources: Mapping[str, Mapping[FigureKey, Decimal]],
    aggregations: Mapping[FigureKey, Aggregation],
) -> PastFigures:
    """The figures of several merged units together; what cannot be added is left out.

    ``sources`` are the figures of each old unit by its code. A figure that one of them did not
    report is left out as well: a sum of some would pass for the sum of all.
    """
    codes = tuple(sorted(sources))
    if len(codes) == 1:
        return PastFigures(period, dict(sources[codes[0]]), codes)
    common = set.intersection(*(set(figures) for figures in sources.values())) if codes else set()
    values = {
        key: sum((sources[code][key] for code in codes), Decimal(0))
        for key in sorted(common)
        if aggregations.get(key) is Aggregation.SUM
    }
    return PastFigures(period, values, codes)
