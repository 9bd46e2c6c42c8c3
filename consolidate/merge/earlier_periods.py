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

from consolidate.merge.adjustments_and_waivers import adjusted_values
from consolidate.model.corrections import ADJUSTED, Adjustment, Corrections
from consolidate.model.data_values import (
    DENOMINATOR,
    NUMERATOR,
    Baseline,
    DataValue,
    FigureKey,
    History,
    PastFigures,
    ValueStatus,
)
from consolidate.model.datasets import Aggregation, DataSet, Library, Shape
from consolidate.model.deadlines import Calendar
from consolidate.model.mapping import Bridge, Former, bridge, tables_like, tables_of
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.text import format_number
from consolidate.model.units import OrganisationUnit, Roster, Succession
from consolidate.rollup.comparison import joined
from consolidate.rollup.units_in_totals import as_counted

if TYPE_CHECKING:
    from consolidate.register.register import Register

_NOT_APPLICABLE = "x"
"""How a form is told that a question does not concern the unit."""
Answer = str | Decimal | date


@dataclass(frozen=True, slots=True)
class _Then:
    """One earlier period: values that counted, by unit and template, and where units came from.

    ``basis`` says which run spoke for it, and which adjustments were put over its figures; ``sent``
    has the values of the returns that were adjusted as they came.
    ``sources`` are the codes of the units that a unit of today comes from; ``divided`` are those
    that more than one unit of today comes from.
    """

    basis: Baseline
    values: Mapping[tuple[str, str], tuple[DataValue, ...]]
    sent: Mapping[tuple[str, str], tuple[DataValue, ...]]
    templates: frozenset[str]
    sources: Mapping[str, tuple[str, ...]]
    divided: frozenset[str]


class Past:
    """The earlier periods of a register as seen from one reporting round.

    ``library`` shows the forms of that round, ``calendar`` may move the days by which forms of
    other rounds are chosen. Figures are told in the codes of today: those that another pack asked
    for as its mapping says, and only where they mean the same.

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
        calendar: Calendar | None = None,
    ) -> None:
        self._register = register
        self._calendar = calendar if calendar is not None else Calendar()
        self._library = library
        self._roster = roster
        self._corrections = corrections
        self._now = now
        self._fixed = None if bases is None else {basis.period: basis for basis in bases}
        self._known: dict[Period, _Then | None] = {}
        self._totals: dict[Period, dict[FigureKey, Decimal]] = {}
        self._all: tuple[Period, ...] | None = None
        self._aggregations: dict[str, dict[FigureKey, Aggregation]] = {}
        self._bridges: dict[tuple[str, Period, str], Bridge | None] = {}

    def history(self, unit: OrganisationUnit, template: str, period: Period) -> History:
        """Tell what is known of a unit before a period; ``period`` is the template's own."""
        earlier = (self.figures(unit, template, then) for then in self._earlier(period))
        before = self._before(template, period)
        previous, before_gap = self.figures(unit, template, before), None
        if before.year == period.year and _not_sent(previous):
            before_gap = self._before_gap(unit, template, before)
        return History(
            previous=previous,
            last_year=self.figures(unit, template, period.last_year),
            earlier=tuple(item for item in earlier if item is not None),
            before_gap=before_gap,
        )

    def _before_gap(self, unit: OrganisationUnit, template: str, gap: Period) -> PastFigures | None:
        """What was sent last before a period of the same year that was not sent."""
        then = self._before(template, gap)
        while then.year == gap.year:
            found = self.figures(unit, template, then)
            if not _not_sent(found):
                return found
            then = self._before(template, then)
        return None

    def figures(
        self, unit: OrganisationUnit, template: str, then: Period, data_set: DataSet | None = None
    ) -> PastFigures | None:
        """Find what counted then for a unit of today; ``None`` when nobody reported this template.

        With a ``data_set`` only its own figures, those that are about exactly this period: a table
        of a quarter is compared with that of another one, wherever it stood.
        """
        returned = then if data_set is None else self.returned(template, then)
        past = self._then(returned)
        if past is None or template not in past.templates:
            return None
        sources = past.sources.get(unit.code, (unit.code,) if self._roster is None else ())
        if not sources:
            return PastFigures(then, {}, (), "new")
        if past.divided.intersection(sources):
            return PastFigures(then, {}, sources, "split")
        way = self.bridge(template, then, data_set)
        if way is None:
            return PastFigures(then, {}, sources, "other_form")
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
        aggregations = self._aggregations_of(way.pack)
        figures = joined(then, told, aggregations)
        sent = None
        if adjusted:
            own = {code: past.sent.get((code, template), values) for code, values in found.items()}
            typed = {code: dict(_numbers(values or ())) for code, values in own.items()}
            sent = way.carried(joined(then, typed, aggregations).values)
        return replace(
            figures,
            values=way.carried(figures.values),
            adjusted=way.touched(adjusted),
            sent=sent,
        )

    def pack_of(self, template: str, then: Period) -> Pack | None:
        """Find the pack that served then where it is another one than today's."""
        now, before = self._library.pack_of.get(template), self._at(then).pack_of.get(template)
        return before if before is None or now is None or before.code != now.code else None

    def returned(self, template: str, then: Period) -> Period:
        """The period of the returns that hold tables about a period: nine months for the third
        quarter where a round has both."""
        pack = self._at(then).pack_of.get(template)
        return (pack.period_for(then) if pack is not None else None) or then

    def bridge(self, template: str, then: Period, data_set: DataSet | None = None) -> Bridge | None:
        """Tell figures of then in the codes of today; ``None`` where nobody can tell.

        Without a ``data_set`` it ties all tables of the template to those of their kind.
        """
        key = (template, then, data_set.code if data_set is not None else "")
        if key not in self._bridges:
            now, before = (view.pack_of.get(template) for view in (self._library, self._at(then)))
            if now is None or before is None:
                self._bridges[key] = None
            elif data_set is not None:
                self._bridges[key] = bridge(now, before, [(data_set, tables_of(before, then))])
            else:
                own, kind = self._library.sets_of(template), then.type.round
                tables = [(item, tables_like(before, item, kind)) for item in own]
                self._bridges[key] = bridge(now, before, tables)
        return self._bridges[key]

    def _at(self, then: Period) -> Library:
        return self._library.at(then, self._calendar.last_days(then))

    def _aggregations_of(self, pack: Pack) -> Mapping[FigureKey, Aggregation]:
        if pack.code not in self._aggregations:
            self._aggregations[pack.code] = {
                (data_set.code, element.code, column): data_set.aggregation_of(element, column)
                for form in pack.forms(0)
                if form.shape is Shape.FIXED
                for data_set in (as_counted(form, self._roster),)
                for element, column in data_set.figures()
            }
        return self._aggregations[pack.code]

    @property
    def bases(self) -> tuple[Baseline, ...]:
        """What was asked and found so far: which run spoke for which earlier period."""
        known = {period: then.basis for period, then in self._known.items() if then is not None}
        return tuple(known[period] for period in sorted(known, key=lambda item: item.code))

    def basis(self, template: str, then: Period) -> Baseline | None:
        """Find the run that speaks for an earlier period; ``None`` if nobody sent a template."""
        past = self._then(self.returned(template, then))
        return past.basis if past is not None and template in past.templates else None

    def reporters(self, template: str, then: Period) -> tuple[str, ...]:
        """List the codes of the units whose returns of a template counted then, sorted."""
        past = self._then(self.returned(template, then))
        codes = past.values if past is not None else ()
        return tuple(sorted(unit for unit, returned in codes if returned == template))

    def _totals_on_record(self, then: Period) -> Mapping[FigureKey, Decimal]:
        """The totals of the province as the run that speaks for a period has them."""
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

    def totals_of(self, data_set: DataSet, then: Period) -> Mapping[FigureKey, Decimal]:
        """Find the totals on record of a period under the keys of a table of today.

        Figures that are only shown beside those of today are there too.
        """
        way = self.bridge(data_set.template, then, data_set)
        told = self._totals_on_record(self.returned(data_set.template, then))
        return way.carried(told, exact=False) if way is not None else {}

    def ended(self, data_set: DataSet, then: Period) -> tuple[tuple[Former, Decimal | None], ...]:
        """List figures of the pack of then that are asked no more, with their totals on record."""
        way = self.bridge(data_set.template, then, data_set)
        told = self._totals_on_record(self.returned(data_set.template, then))
        return tuple((item, told.get(item.key)) for item in way.ended) if way is not None else ()

    def reported(
        self, data_set: DataSet, then: Period
    ) -> Mapping[str, Mapping[FigureKey, Decimal]]:
        """Find what counted for each unit of then and is in the totals, by the keys of a table."""
        way = self.bridge(data_set.template, then, data_set)
        if way is None:
            return {}
        own = self._summed(data_set.template, self.returned(data_set.template, then))
        return {code: way.carried(told) for code, told in own.items()}

    def restated(self, data_set: DataSet, then: Period) -> frozenset[FigureKey]:
        """List figures whose total on record is not the sum of what counts for the units.

        They were adjusted after the run that speaks for the period; it was not merged again.
        """
        template = data_set.template
        returned = self.returned(template, then)
        way = self.bridge(template, then, data_set)
        if self._then(returned) is None or way is None:
            return frozenset()
        sums: dict[FigureKey, Decimal] = {}
        for told in self._summed(template, returned).values():
            for key, number in told.items():
                sums[key] = sums.get(key, Decimal(0)) + number
        totals, kinds = self._totals_on_record(returned), self._aggregations_of(way.pack)
        return way.touched(
            key
            for key in sums.keys() | totals.keys()
            if kinds.get(key) is Aggregation.SUM and sums.get(key) != totals.get(key)
        )

    def _summed(self, template: str, then: Period) -> dict[str, dict[FigureKey, Decimal]]:
        """What counted for each unit, but for units that stand beside the totals."""
        past = self._then(then)
        units = {unit.code: unit for unit in self._roster.units} if self._roster else {}
        forms = self._at(then)
        return {
            code: dict(_numbers(values))
            for (code, returned), values in (past.values.items() if past is not None else ())
            if returned == template and (code not in units or forms.summed(template, units[code]))
        }

    def answers(self, unit: OrganisationUnit, template: str, then: Period) -> dict[str, Answer]:
        """List numeric answers of a unit then, by the defined names of the fixed tables.

        Empty when they cannot be compared with the unit of today. Merged units are added.
        """
        figures = self.figures(unit, template, then)
        past = self._then(then)
        if figures is None or past is None or not figures.comparable:
            return {}
        way = self.bridge(template, then)
        same = way is not None and way.pack.code == self._library.pack_of[template].code
        if len(figures.units) == 1 and same:
            return dict(self._named(past.values[figures.units[0], template], then))
        asked = {
            (data_set.code, item.element.code, item.key.column): data_set
            for data_set in self._library.sets_of(template)
            if data_set.shape is Shape.FIXED
            for item in data_set.inputs
        }
        return {
            asked[key].name_of(key[1], key[2]): number
            for key, number in figures.values.items()
            if key in asked
        }

    def lists(
        self, unit: OrganisationUnit, template: str, then: Period
    ) -> dict[str, list[dict[str, Answer]]]:
        """List rows of the lists of a unit then, by data set; of merged units one after the other.

        Empty when they cannot be compared with the unit of today, and where another pack served.
        """
        figures = self.figures(unit, template, then)
        past = self._then(then)
        if figures is None or past is None or not figures.comparable:
            return {}
        if self.pack_of(template, then) is not None:
            return {}
        found: dict[str, list[dict[str, Answer]]] = {}
        for code in figures.units:
            rows: dict[tuple[str, int], dict[str, Answer]] = {}
            for value in past.values.get((code, template), ()):
                if value.key.row and value.used is not None:
                    row = rows.setdefault((value.key.data_set, value.key.row), {})
                    row[value.key.element] = value.used
            for (data_set, _), row in sorted(rows.items()):
                found.setdefault(data_set, []).append(row)
        return found

    def _named(self, values: Iterable[DataValue], then: Period) -> Iterator[tuple[str, Answer]]:
        """A number, ``x``, or ``26/26`` for the figures of one cell, by the name of the cell."""
        fixed = (value for value in values if not value.key.row)
        forms = self._at(then).by_code
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
        """The period before; by the forms of today where none served then."""
        then = self._at(period)
        served = then if template in then.pack_of else self._library
        return period.before(served.pack_of[template].periods)

    def _earlier(self, period: Period) -> list[Period]:
        if self._all is None:
            self._all = self._register.periods()
        found = [item for item in self._all if item.type is period.type and item.year < period.year]
        return found[::-1]

    def _then(self, period: Period) -> _Then | None:
        if period in self._known:
            return self._known[period]
        basis = self._basis(period)
        if basis is None:
            self._known[period] = None
            return None
        adjustments = [item for item in self._adjustments(period) if item.id in basis.adjustments]
        values: dict[tuple[str, str], tuple[DataValue, ...]] = {}
        sent: dict[tuple[str, str], tuple[DataValue, ...]] = {}
        for item in self._register.counted(basis.run, period=period):
            content = item.content
            ours = [item for item in adjustments if item.unit == content.unit]
            told = adjusted_values(content.values, ours, self._at(period)).values
            values[content.unit, content.template] = told
            if ours:
                sent[content.unit, content.template] = content.values
        templates = frozenset(template for _, template in values)
        # A unit that was there already and has taken another one in comes from both.
        sources: dict[str, tuple[str, ...]] = {}
        if self._roster is not None:
            succession, today = Succession.of(self._roster.units), self._now.last_day
            for unit in self._roster.at(today).units:
                found = succession.sources(unit.code, period.last_day, today)
                sources[unit.code] = tuple(item.code for item in found)
        successors = Counter(code for codes in sources.values() for code in codes)
        divided = frozenset(code for code, count in successors.items() if count > 1)
        then = self._known[period] = _Then(basis, values, sent, templates, sources, divided)
        return then

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


def _not_sent(figures: PastFigures | None) -> bool:
    return figures is None or figures.obstacle == "not_reported"


def _numbers(values: Iterable[DataValue]) -> Iterator[tuple[FigureKey, Decimal]]:
    for value in values:
        if not value.key.row and value.number is not None:
            yield (value.key.data_set, value.key.element, value.key.column), value.number
