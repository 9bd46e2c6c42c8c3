"""What counted in earlier periods for the units of today, through mergers and new codes.

A unit of today is compared with the units that it comes from. Where figures of one old unit went to
several units of today, nobody knows which part went where: nothing is compared then, and said so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from consolidate.merge.adjusting import adjusted_values
from consolidate.model.corrections import ADJUSTED, Adjustment, Corrections
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, DataValue, ValueStatus
from consolidate.model.datasets import Aggregation, DataSet, Library, Shape
from consolidate.model.past_figures import Baseline, FigureKey, History, PastFigures
from consolidate.model.period import Period
from consolidate.model.succession import Lineage
from consolidate.model.text import format_number
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.rollup.comparison import joined

if TYPE_CHECKING:
    from consolidate.register.register import Register

_NOT_APPLICABLE = "x"
"""How a form is told that a question does not concern the unit."""
Answer = str | Decimal | date


@dataclass(frozen=True, slots=True)
class _Then:
    """One earlier period: values that counted, by unit and template, and where units came from.

    ``basis`` says which run spoke for it, and which adjustments were put over its figures.
    ``sources`` are the codes of the units that a unit of today comes from; ``divided`` are those
    that more than one unit of today comes from.
    """

    basis: Baseline
    values: Mapping[tuple[str, str], tuple[DataValue, ...]]
    templates: frozenset[str]
    sources: Mapping[str, tuple[str, ...]]
    divided: frozenset[str]


class Past:
    """The earlier periods of a register as seen from one reporting round.

    ``roster`` is the whole dated roster; without one every unit is compared with its own code.
    ``corrections`` are those in force: adjusted figures are compared as adjusted. The register is
    asked once for each period.

    With ``bases`` nothing but these runs and adjustments is known, whatever was corrected since:
    so a locked round is compared with what it was compared with when it was locked.
    """

    def __init__(
        self,
        register: Register,
        library: Library,
        roster: Roster | None,
        corrections: Corrections,
        now: Period,
        bases: Iterable[Baseline] | None = None,
    ) -> None:
        self._register = register
        self._library = library
        self._roster = roster
        self._corrections = corrections
        self._now = now
        self._fixed = None if bases is None else {basis.period: basis for basis in bases}
        self._known: dict[Period, _Then | None] = {}
        self._totals: dict[Period, dict[FigureKey, Decimal]] = {}
        self._all: tuple[Period, ...] | None = None
        self._aggregations: dict[FigureKey, Aggregation] = {
            (data_set.code, element.code, column): data_set.aggregation_of(element, column)
            for data_set in library.known_forms
            if data_set.shape is Shape.FIXED
            for element, column in data_set.figures()
        }

    def history(self, unit: OrganisationUnit, template: str, period: Period) -> History:
        """What is known of a unit before a period; ``period`` is the template's own."""
        earlier = (self.figures(unit, template, then) for then in self._earlier(period))
        return History(
            previous=self.figures(unit, template, self._before(template, period)),
            last_year=self.figures(unit, template, period.last_year),
            earlier=tuple(item for item in earlier if item is not None),
        )

    def figures(self, unit: OrganisationUnit, template: str, then: Period) -> PastFigures | None:
        """What counted then for a unit of today; ``None`` when nobody reported this template."""
        past = self._then(then)
        if past is None or template not in past.templates:
            return None
        sources = past.sources.get(unit.code, (unit.code,) if self._roster is None else ())
        if not sources:
            return PastFigures(then, {}, (), "new")
        if past.divided.intersection(sources):
            return PastFigures(then, {}, sources, "split")
        found = {code: past.values.get((code, template)) for code in sources}
        told = {code: dict(_numbers(values)) for code, values in found.items() if values}
        if len(told) < len(sources):
            return PastFigures(then, {}, sources, "not_reported")
        adjusted = frozenset(
            (value.key.data_set, value.key.element, value.key.column)
            for values in found.values()
            for value in values or ()
            if ADJUSTED in value.normalisation
        )
        figures = joined(then, told, self._aggregations)
        return replace(figures, adjusted=adjusted) if adjusted else figures

    @property
    def bases(self) -> tuple[Baseline, ...]:
        """What was asked and found so far: which run spoke for which earlier period."""
        known = {period: then.basis for period, then in self._known.items() if then is not None}
        return tuple(known[period] for period in sorted(known, key=lambda item: item.code))

    def basis(self, template: str, then: Period) -> Baseline | None:
        """The run that speaks for an earlier period; ``None`` when nobody reported a template."""
        past = self._then(then)
        return past.basis if past is not None and template in past.templates else None

    def reporters(self, template: str, then: Period) -> tuple[str, ...]:
        """Codes of the units whose returns of a template counted then, sorted."""
        past = self._then(then)
        codes = past.values if past is not None else ()
        return tuple(sorted(unit for unit, returned in codes if returned == template))

    def totals(self, then: Period) -> Mapping[FigureKey, Decimal]:
        """The totals of the province as the run that speaks for a period has them on record."""
        past = self._then(then)
        if past is None:
            return {}
        if then not in self._totals:
            self._totals[then] = {
                (item.data_set, item.element, item.column): item.total
                for item in self._register.totals(past.basis.run)
                if not item.level and item.total is not None
            }
        return self._totals[then]

    def restated(self, data_set: DataSet, then: Period) -> tuple[FigureKey, ...]:
        """Figures of a form whose total on record is not the sum of what counts for the units.

        They were adjusted after the run that speaks for the period; it was not merged again.
        """
        past = self._then(then)
        if past is None:
            return ()
        sums: dict[FigureKey, Decimal] = {}
        units = {unit.code: unit for unit in self._roster.units} if self._roster else {}
        forms = self._library.at(then)
        for (code, template), values in past.values.items():
            unit = units.get(code)
            if unit is not None and not forms.summed(template, unit):
                continue  # Stands beside the total.
            for key, number in _numbers(values):
                sums[key] = sums.get(key, Decimal(0)) + number
        totals = self.totals(then)
        keys = (
            key
            for key in sums.keys() | totals.keys()
            if key[0] == data_set.code and self._aggregations.get(key) is Aggregation.SUM
        )
        return tuple(sorted(key for key in keys if sums.get(key) != totals.get(key)))

    def answers(self, unit: OrganisationUnit, template: str, then: Period) -> dict[str, Answer]:
        """Numeric answers of a unit then, by the defined names of the fixed tables.

        Empty when they cannot be compared with the unit of today. Merged units are added.
        """
        figures = self.figures(unit, template, then)
        past = self._then(then)
        if figures is None or past is None or not figures.comparable:
            return {}
        if len(figures.units) == 1:
            return dict(self._named(past.values[figures.units[0], template], then))
        asked = {
            (data_set.code, item.element.code, item.key.column): data_set
            for data_set in self._library.at(then).sets_of(template)
            if data_set.shape is Shape.FIXED
            for item in data_set.inputs
        }
        return {
            asked[key].name_of(key[1], key[2]): number
            for key, number in figures.values.items()
            if key in asked
        }

    def _named(self, values: Iterable[DataValue], then: Period) -> Iterator[tuple[str, Answer]]:
        """A number, ``x``, or ``26/26`` for the figures of one cell, by the name of the cell."""
        fixed = (value for value in values if not value.key.row)
        forms = self._library.at(then).by_code
        for (code, element, _), group in groupby(
            fixed, key=lambda value: (value.key.data_set, value.key.element, value.cell)
        ):
            cell = list(group)
            first, data_set = cell[0], forms[code]
            if not data_set.type_of(data_set.by_code[element], first.key.column).numeric:
                continue
            name = data_set.name_of(element, first.key.column)
            numbers = [value.number for value in cell if value.number is not None]
            by_column = {value.key.column: value.number for value in cell}
            parts = [by_column.get(column) for column in (NUMERATOR, DENOMINATOR)]
            pair = [part for part in parts if part is not None] or numbers
            if first.status is ValueStatus.NOT_APPLICABLE:
                yield name, _NOT_APPLICABLE
            elif len(pair) > 1:
                yield name, "/".join(map(format_number, pair))
            elif first.number is not None:
                yield name, first.number

    def _before(self, template: str, period: Period) -> Period:
        return period.before(self._library.at(period).periods_of(template))

    def _earlier(self, period: Period) -> list[Period]:
        if self._all is None:
            self._all = self._register.periods()
        found = [item for item in self._all if item.type is period.type and item.year < period.year]
        return found[::-1]

    def _then(self, period: Period) -> _Then | None:
        if period not in self._known:
            self._known[period] = self._asked(period)
        return self._known[period]

    def _asked(self, period: Period) -> _Then | None:
        basis = self._basis(period)
        if basis is None:
            return None
        put = set(basis.adjustments)
        adjustments = [item for item in self._adjustments(period) if item.id in put]
        values: dict[tuple[str, str], tuple[DataValue, ...]] = {}
        for item in self._register.counted(basis.run, period=period):
            content = item.content
            ours = [item for item in adjustments if item.unit == content.unit]
            told = adjusted_values(content.values, ours, self._library.at(period)).values
            values[content.unit, content.template] = told
        sources = _sources(self._roster, self._now.last_day, period.last_day)
        heirs = Counter(code for codes in sources.values() for code in codes)
        return _Then(
            basis,
            values,
            frozenset(template for _, template in values),
            sources,
            frozenset(code for code, count in heirs.items() if count > 1),
        )

    def _basis(self, period: Period) -> Baseline | None:
        if self._fixed is not None:
            return self._fixed.get(period)
        run = self._register.standing_run(period)
        if run is None:
            return None
        return Baseline(period, run.number, tuple(item.id for item in self._adjustments(period)))

    def _adjustments(self, period: Period) -> list[Adjustment]:
        """Adjustments of a period: those in force, or all when the bases say which to take."""
        known = self._corrections if self._fixed is None else self._register.corrections()
        return [item for item in known.figures if item.period == period]


def _numbers(values: Iterable[DataValue]) -> Iterator[tuple[FigureKey, Decimal]]:
    for value in values:
        if not value.key.row and value.number is not None:
            yield (value.key.data_set, value.key.element, value.key.column), value.number


def _sources(roster: Roster | None, today: date, then: date) -> dict[str, tuple[str, ...]]:
    """Codes of the units of ``then`` that each unit of today comes from.

    A unit that was there already and has taken another one in comes from both.
    """
    if roster is None:
        return {}
    lineage = Lineage.of(roster.units)
    return {
        unit.code: tuple(item.code for item in lineage.sources(unit.code, then, today))
        for unit in roster.at(today).units
    }
