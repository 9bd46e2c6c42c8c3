"""The figures of a period beside those of an earlier one: change and percent, over dated units.

A unit is compared with the units it came from: figures of merged units are added, a renamed unit is
itself. Where an old unit was split, nobody knows which part of its figures went where; the new
units are then not compared one by one, and that is said. The whole of the province is compared in
any case, over all that was reported then and now, and beside it over the units that reported both
times: who reports then and not now takes his figures with him, and nothing has fallen.

Units that follow each other stand together there: what a merged unit says now beside the sum of the
units it came from, the parts of a unit that was split, once all of them have reported, beside the
whole of then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from consolidate.model.data_values import (
    DENOMINATOR,
    NUMERATOR,
    FigureKey,
    PastFigures,
    ratio,
    rounded,
)
from consolidate.model.datasets import Aggregation, DataElement
from consolidate.model.mapping import MEANT_OTHERWISE, Former, Origin
from consolidate.model.packs import Pack
from consolidate.model.period import Period, PeriodType
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.periods_that_add_up import Tile
from consolidate.rollup.totals import DataSetTable, Figure

Answers = Mapping[str, Decimal | None]
"""What a figure is in each return of now, by code of the unit; ``None`` where it is no number."""
Reported = Mapping[str, Mapping[FigureKey, Decimal]]
"""What counted for each unit of then and is in the totals of then."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Units of today and the units of then that they come from, all of them: codes, sorted."""

    now: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """A figure over the units that reported it both times; all codes are of units of today.

    ``now`` and ``then`` are its sums, of a ratio what the sums of its two figures make; 0 without
    any unit. ``falling`` are units of which a sum is less now, parts of a split unit all together.
    Of the units whose returns came both times, ``only_now`` and ``only_then`` have this figure in
    one of the two.
    """

    units: tuple[str, ...] = ()
    now: Decimal = Decimal(0)
    then: Decimal = Decimal(0)
    falling: tuple[str, ...] = ()
    only_now: tuple[str, ...] = ()
    only_then: tuple[str, ...] = ()


def kin_of(
    units: Mapping[str, PastFigures], reporting: Iterable[str], reported: Reported
) -> tuple[Kin, ...]:
    """Group units of today with those they come from; units without any stand in no group.

    Only groups of which every return of now (``reporting``) and of then is in the totals.
    """
    parents: dict[str, str] = {}

    def root(code: str) -> str:
        while parents.setdefault(code, code) != code:
            code = parents[code]
        return code

    for past in units.values():
        for code in past.units[1:]:
            parents[root(code)] = root(past.units[0])
    groups: dict[str, tuple[set[str], set[str]]] = {}
    for code, past in units.items():
        if past.units:
            now, then = groups.setdefault(root(past.units[0]), (set(), set()))
            now.add(code)
            then.update(past.units)
    here, there = set(reporting), reported.keys()
    both = (each for each in groups.values() if here >= each[0] and there >= each[1])
    made = (Kin(tuple(sorted(now)), tuple(sorted(then))) for now, then in both)
    return tuple(sorted(made, key=lambda kin: kin.now))


def both_of(key: FigureKey, kin: Sequence[Kin], answers: Answers, reported: Reported) -> Both:
    """Add up a figure over the groups of units that have it now and had it then."""
    units: list[str] = []
    falling: list[str] = []
    only_now: list[str] = []
    only_then: list[str] = []
    now = then = Decimal(0)
    for item in kin:
        told = [answers.get(code) for code in item.now]
        had = [reported[code].get(key) for code in item.then]
        numbers = [number for number in told if number is not None]
        before = [number for number in had if number is not None]
        if len(numbers) == len(told) and len(before) == len(had):
            units += item.now
            now, then = sum(numbers, now), sum(before, then)
            if sum(numbers) < sum(before):
                falling += item.now
        elif numbers and len(before) < len(had):
            only_now += item.now
        elif before:
            only_then += item.now
    return Both(
        tuple(sorted(units)),
        now,
        then,
        tuple(sorted(falling)),
        tuple(sorted(only_now)),
        tuple(sorted(only_then)),
    )


class Against(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    LAST_YEAR = "last_year"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now and then; ``None`` where nothing was reported.

    ``obstacle`` is a key of ``summary.comparison.obstacle``, ``""`` when the two can be compared.
    A figure that meant something wider then stands beside that of now all the same.
    Ratios are in percent themselves: ``points`` says that their difference is one of percentage
    points, which has no percent of its own.
    """

    now: Decimal | None
    then: Decimal | None
    obstacle: str = ""
    points: bool = False

    @property
    def difference(self) -> Decimal | None:
        """Now less then; ``None`` when they cannot be compared."""
        if self.obstacle or self.now is None or self.then is None:
            return None
        return self.now - self.then

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of then, to one decimal; ``None`` from zero and of ratios.

        A half is rounded away from zero, as the number formats of spreadsheets do.
        """
        if self.difference is None or not self.then or self.points:
            return None
        percent = 100 * self.difference / abs(self.then)
        return rounded(percent, 1).normalize() + 0

    @property
    def tells(self) -> bool:
        """Whether the change is worth a line: not the same as then, and not blank beside zero."""
        if self.obstacle in MEANT_OTHERWISE:
            return False
        if self.now is None or self.then is None:
            return bool(self.now) or bool(self.then)
        return self.now != self.then


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the province beside an earlier one, and the same of each unit.

    ``tile`` puts the difference beside what the table of the quarter says, where there is one.
    ``both`` is the total over the units that reported the figure both times, of a ratio what its
    two figures make; ``None`` where nothing was reported then or it meant something else.
    """

    element: DataElement
    column: str
    total: Change
    units: Mapping[str, Change]
    tile: Tile | None = None
    both: Both | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A data set of one period beside an earlier one.

    ``run`` is the number of the run that spoke for the earlier period, 0 when nobody reported it:
    there are no figures then. ``reporters`` are codes of the units that were in its totals,
    ``gone`` those of them that live on in no unit of today. ``units`` is what counted then for the
    units of today by their codes. ``names`` are names of units by code, where they are known.
    ``restated`` is the number of figures of then whose units were adjusted after that run: totals
    are those of the run, figures of units are adjusted. ``pack`` is the one that served then where
    it is another one, ``ended`` are its figures that are asked no more, with their totals;
    ``mapped`` says whether something tells how the two follow each other, and ``origins`` how.
    ``quarter`` is the table whose figures should be the difference. ``kin`` are the units whose
    returns are in the totals both times, with those that they come from.
    """

    table: DataSetTable
    past: Period
    figures: tuple[Compared, ...] = ()
    gone: tuple[str, ...] = ()
    against: Against = Against.PREVIOUS
    run: int = 0
    reporters: tuple[str, ...] = ()
    units: Mapping[str, PastFigures] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    restated: int = 0
    pack: Pack | None = None
    ended: tuple[tuple[Former, Decimal | None], ...] = ()
    mapped: bool = True
    origins: Mapping[FigureKey, Origin] = field(default_factory=dict, repr=False)
    quarter: DataSetTable | None = None
    kin: tuple[Kin, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self.run) and self.mapped

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Totals beside the earlier one and the quarter, where all three are known."""
        return tuple(item.tile for item in self.figures if item.tile is not None)

    @property
    def within_year(self) -> bool:
        """Whether the difference is what happened since: both add up from the same first day."""
        now = self.table.period
        return self.against is Against.PREVIOUS and now.cumulative and now.year == self.past.year

    @property
    def both(self) -> tuple[str, ...]:
        """Codes of units of today whose returns are in the totals both times, sorted."""
        return tuple(sorted(code for kin in self.kin for code in kin.now))

    @property
    def split(self) -> tuple[str, ...]:
        """Codes of units of today that are parts of a unit of then, sorted."""
        return tuple(sorted(c for c, past in self.units.items() if past.obstacle == "split"))

    @property
    def absent(self) -> tuple[str, ...]:
        """Codes of units of today that could be compared and are not in the totals, sorted."""
        reporting = {item.unit.code for item in self.table.contributions}
        waiting = (c for c, past in self.units.items() if past.comparable and c not in reporting)
        return tuple(sorted(waiting))

    @property
    def new(self) -> tuple[str, ...]:
        """Codes of units in the totals of now that come from no unit of then, sorted."""
        return self._only_now("new")

    @property
    def silent(self) -> tuple[str, ...]:
        """Codes of units in the totals of now that were there then and sent nothing, sorted."""
        return self._only_now("not_reported")

    def _only_now(self, obstacle: str) -> tuple[str, ...]:
        reporting = {item.unit.code for item in self.table.contributions}
        return tuple(sorted(code for code in reporting if self.obstacle(code) == obstacle))

    def obstacle(self, code: str) -> str:
        """Why a unit of today is not compared at all, a key of ``history.obstacle``, or ``""``."""
        past = self.units.get(code)
        return past.obstacle if past is not None else ""

    def told(self) -> Iterator[tuple[OrganisationUnit, Compared, Change]]:
        """Figures of single units that changed, by unit as in the table, then as on the form.

        Units that cannot be compared at all have none: :meth:`obstacle` says why.
        """
        for contribution in self.table.contributions:
            unit = contribution.unit
            if self.obstacle(unit.code):
                continue
            for figure in self.figures:
                change = figure.units[unit.code]
                if change.tells:
                    yield unit, figure, change

    def falls(self, item: Compared, change: Change) -> bool:
        """Whether a figure is less than it was though it adds up within the year: an error."""
        if not self.within_year or change.difference is None or change.difference >= 0:
            return False
        return self.table.data_set.accumulates(item.element, item.column)

    def fallen(self, item: Compared) -> tuple[str, ...]:
        """Codes of the units behind a fall of the province: none where some units are only absent.

        ``()`` as well where the figure of the province rose, in all and over the same units.
        """
        both, difference = item.both, item.total.difference
        if both is None or not self.within_year or difference is None:
            return ()
        if not self.table.data_set.accumulates(item.element, item.column):
            return ()
        return both.falling if difference < 0 or both.now < both.then else ()

    def formers(self, element: str, column: str) -> tuple[Former, ...]:
        """The figures of another pack that stand for a figure then."""
        origin = self.origins.get((self.table.data_set.code, element, column))
        return origin.figures if origin is not None else ()

    def name(self, code: str) -> str:
        """Name of a unit, its code when nobody knows the name."""
        return self.names.get(code, code)


def previous_of(period: Period, kinds: Iterable[PeriodType]) -> Period | None:
    """Find the period before one that its figures can be read beside; ``None`` for none.

    Quarters follow each other across the end of the year. Figures that add up begin anew with the
    year: the first quarter has nothing before it.
    """
    before = period.before(kinds)
    return None if before.year != period.year and before.cumulative else before


def compare(
    table: DataSetTable,
    past: Period,
    province: Mapping[FigureKey, Decimal],
    units: Mapping[str, PastFigures],
    reporters: Iterable[str] = (),
    against: Against = Against.PREVIOUS,
    run: int = 0,
    names: Mapping[str, str] | None = None,
    marks: Mapping[FigureKey, str] | None = None,
    reported: Reported | None = None,
) -> Comparison:
    """Compare a table with an earlier period.

    Args:
        province: totals of the earlier period by figure.
        units: what counted then for each unit of today, by its code (its own figures, or those of
            the units it came from); units without a past are absent.
        reporters: codes of the units that reported then.
        against: which of its two neighbours the earlier period is.
        run: number of the run that spoke for the earlier period.
        names: names of units by code.
        marks: why some figures are not subtracted though they may be shown, by figure.
        reported: what each unit of then had in its totals, by code and figure.
    """
    marked = marks if marks is not None else {}
    then = tuple(sorted(reporters))
    taken = {code for figures in units.values() for code in figures.units}
    told = reported if reported is not None else {}
    kin = kin_of(units, (item.unit.code for item in table.summed), told)
    kinds = (Aggregation.SUM, Aggregation.SINGLE, Aggregation.RATIO)
    found = (
        (figure, _compared(table, figure, province, units, marked))
        for figure in table.figures
        if figure.aggregation in kinds
    )
    return Comparison(
        table,
        past,
        tuple(replace(item, both=_both(table, figure, item, kin, told)) for figure, item in found),
        tuple(code for code in then if code not in taken),
        against,
        run,
        then,
        units,
        names if names is not None else {},
        kin=kin,
    )


def _compared(
    table: DataSetTable,
    figure: Figure,
    province: Mapping[FigureKey, Decimal],
    units: Mapping[str, PastFigures],
    marks: Mapping[FigureKey, str],
) -> Compared:
    key = (figure.data_set, figure.element.code, figure.column)
    then = province.get(key)
    points = figure.aggregation is Aggregation.RATIO
    mark = marks.get(key, "")
    obstacle = "" if then is not None else "not_summed" if points else "not_reported"
    obstacle = mark or obstacle
    total = Change(figure.total, then, obstacle, points)
    by_unit = {}
    for item in table.contributions:
        value = item.value(figure.element.code, figure.column)
        now = value.number if value is not None else None
        by_unit[item.unit.code] = _change(item.unit, now, key, units, mark, points=points)
    return Compared(figure.element, figure.column, total, by_unit)


def _both(
    table: DataSetTable, figure: Figure, item: Compared, kin: Sequence[Kin], reported: Reported
) -> Both | None:
    """The figure over the units that have it both times; of the one unit that gives it alone."""
    if item.total.points and item.total.obstacle in ("", "not_summed"):
        # The units that gave both figures of a ratio are compared though others hinder its total.
        return _ratio_of_both(table, figure, kin, reported)
    if item.total.obstacle:
        return None
    if figure.aggregation is Aggregation.SINGLE:
        kin = [one for one in kin if one.now == (figure.given_by,)]
    answers = {code: change.now for code, change in item.units.items()}
    return both_of((figure.data_set, figure.element.code, figure.column), kin, answers, reported)


def _ratio_of_both(
    table: DataSetTable, figure: Figure, kin: Sequence[Kin], reported: Reported
) -> Both:
    """A ratio over the units that gave its two figures both times."""
    code, element = figure.data_set, figure.element.code
    parts = [(code, element, part) for part in (NUMERATOR, DENOMINATOR)]
    answers = [
        {
            item.unit.code: value.number if value is not None else None
            for item in table.summed
            for value in [item.value(*part[1:])]
        }
        for part in parts
    ]
    over = both_of(parts[0], kin, answers[0], reported)
    # A unit that gave one of the two figures alone is in neither sum.
    whole = set(over.units) & set(both_of(parts[1], kin, answers[1], reported).units)
    own = [one for one in kin if whole.issuperset(one.now)]
    sums = [both_of(part, own, given, reported) for part, given in zip(parts, answers, strict=True)]
    top, bottom = sums
    if not top.units or not bottom.now or not bottom.then:
        return Both(only_now=over.only_now, only_then=over.only_then)
    ratios = ratio(top.now, bottom.now), ratio(top.then, bottom.then)
    return Both(top.units, *ratios, (), over.only_now, over.only_then)


def _change(
    unit: OrganisationUnit,
    now: Decimal | None,
    key: FigureKey,
    units: Mapping[str, PastFigures],
    mark: str,
    *,
    points: bool,
) -> Change:
    past = units.get(unit.code)
    if past is None:
        return Change(now, None, "new", points)
    if not past.comparable:
        return Change(now, None, past.obstacle, points)
    then = past.values.get(key)
    if mark:
        return Change(now, None, mark, points)
    merged = points and len(past.units) > 1
    obstacle = "" if then is not None else "not_summed" if merged else "not_reported"
    return Change(now, then, obstacle, points)


def joined(
    period: Period,
    sources: Mapping[str, Mapping[FigureKey, Decimal]],
    aggregations: Mapping[FigureKey, Aggregation],
) -> PastFigures:
    """Add up the figures of several merged units; leave out what cannot be added.

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
