"""Totals of a data set over the units whose returns count, by level and for the whole province.

Blank, not-applicable, unreadable and doubted answers are never taken as zero: a total says how
many units are in it and how many of each kind are not. Ratios are not summed: MS 28 is rolled up
from its numerators and denominators when every reporting unit gave them, and otherwise only its
range is known (form pctn_01, MS 28). A ratio that the form works out is worked out again of the
totals of its parts. Some kinds of unit report and are not added: their figures
stand beside the totals. A figure that one unit gives for the whole province is that of this unit
alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from consolidate.model.cells import CellRef
from consolidate.model.data_values import (
    DENOMINATOR,
    NUMERATOR,
    DataValue,
    ValueKey,
    ValueStatus,
    ratio,
)
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Shape
from consolidate.model.packs import Pack
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Severity
from consolidate.model.returns import DataSetReturn, ReturnRecord
from consolidate.model.rules import Expr, Ref, RuleSpec
from consolidate.model.units import Level, OrganisationUnit
from consolidate.rollup.units_in_totals import Division, Group, Single, single_of, within
from consolidate.rules.computing import Computation, formulas
from consolidate.rules.evaluation import ValueSource

_NOTHING: frozenset[CellRef] = frozenset()
_TELLING = sorted(ValueStatus, key=lambda status: status is not ValueStatus.HELD)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One unit's return of one data set: a column of the by-unit sheet, a source in the trace.

    ``places`` says where in the ``content`` of a fixed table a figure stands, by element and
    column; returns with the same cells share it. What is not ``summed`` stands beside the totals,
    never in them.
    """

    unit: OrganisationUnit
    record: ReturnRecord
    content: DataSetReturn
    places: Mapping[tuple[str, str], int] = field(repr=False)
    questioned: frozenset[CellRef] = frozenset()
    summed: bool = True

    def value(self, element: str, column: str = "") -> DataValue | None:
        """The value of a figure of a fixed table; ``None`` when the form has no such cell."""
        at = self.places.get((element, column))
        return self.content.values[at] if at is not None else None

    def part(self, element: str, column: str, row: int) -> DataValue | None:
        """A value of a fixed table, or of the row of an open one."""
        if not row:
            return self.value(element, column)
        return next((v for v in self.content.values if v.key[1::2] == (element, row)), None)

    def rows(self) -> tuple[dict[str, DataValue], ...]:
        """The rows of an open table, each a mapping of element code to value."""
        return self.content.listed()

    def answer(self, element: str, column: str = "") -> ValueStatus | None:
        """How the unit answered a figure; ``None`` without such a cell, or a row, in the return.

        Of several rows the most telling answer. One that waits for a decision tells most: without
        it nobody knows what the unit has.
        """
        if self.places:
            value = self.value(element, column)
            return value.status if value is not None else None
        said = {value.status for value in self.content.values if value.key.element == element}
        return next((status for status in _TELLING if status in said), None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A total of one figure. ``counts`` says how many units answered in which way.

    ``total`` is ``None`` when nothing was reported or a ratio cannot be rolled up; then ``low``
    and ``high`` give its range over the units, in the unit of measure of the element.
    ``questioned`` is the number of units whose answer stands in a finding of severity error,
    ``erring`` that of those among them whose number is in the total.
    ``given_by`` is the code of the one unit whose figure that of the province is, ``""`` for
    figures of all units and where nobody gave it.
    """

    data_set: str
    element: DataElement
    column: str
    aggregation: Aggregation
    total: Decimal | None
    by_level: Mapping[Level, Decimal]
    counts: Mapping[ValueStatus, int]
    questioned: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    given_by: str = ""
    erring: int = 0
    by_group: Mapping[Group, Decimal] = field(default_factory=dict, repr=False)

    @property
    def units(self) -> int:
        """Number of units whose answer is in the total."""
        return self.counts.get(ValueStatus.REPORTED, 0)

    def total_of(self, division: Division | None) -> Decimal | None:
        """The total of a division of the province; ``None`` asks for that of the whole."""
        if isinstance(division, Group):
            return self.by_group.get(division)
        return self.total if division is None else self.by_level.get(division)


@dataclass(frozen=True)
class DataSetTable:
    """Everything the reports need about one data set: its contributions and its totals.

    ``summed`` are what the totals are made of, ``beside`` stand beside them. ``owing`` are the
    units that owe the table and are summed, ``None`` without a roster. ``groups`` are the kinds of
    unit and superiors that have totals, of each of which some unit returned the table. ``window``
    are the days that its figures are of, ``None`` where these are not the same for all.
    """

    data_set: DataSet
    period: Period
    summed: tuple[Contribution, ...]
    beside: tuple[Contribution, ...]
    figures: tuple[Figure, ...]
    owing: tuple[OrganisationUnit, ...] | None = None
    groups: tuple[Group, ...] = ()
    window: DataWindow | None = None

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """All contributions; those that are not summed stand behind the others."""
        return (*self.summed, *self.beside)

    @cached_property
    def divisions(self) -> tuple[Division, ...]:
        """What has a total beside that of the province: levels of summed units, then groups."""
        present = {item.unit.level for item in self.summed}
        return (*(level for level in Level if level in present), *self.groups)

    @cached_property
    def sizes(self) -> Mapping[Division | None, int]:
        """Number of summed units of each division, and under ``None`` of the province."""
        units = [item.unit for item in self.summed]
        return {
            each: sum([within(unit, each) for unit in units]) for each in (None, *self.divisions)
        }

    @cached_property
    def held(self) -> tuple[tuple[Contribution, DataValue], ...]:
        """The numbers that the totals lack until their units of measure are decided on."""
        held = ValueStatus.HELD
        return tuple(
            [
                (item, each)
                for item in self.summed
                for each in item.content.values
                if each.status is held
            ]
        )

    @cached_property
    def unexpected(self) -> tuple[Contribution, ...]:
        """The contributions to the totals of units that do not owe the table."""
        owing = {unit.code for unit in self.owing or ()}
        return tuple(
            item for item in self.summed if self.owing is not None and item.unit.code not in owing
        )

    @cached_property
    def absent(self) -> int:
        """Number of units that owe the table and of which no return is in the totals."""
        sent = {item.unit.code for item in self.summed}
        return sum(unit.code not in sent for unit in self.owing or ())

    def crossed(self, figure: Figure, division: Division | None = None) -> bool:
        """Whether every unit that a total is made of answered ``x``: of the province, or less."""
        if not figure.counts.get(ValueStatus.NOT_APPLICABLE):
            return False
        asked = (
            item
            for item in self.contributions
            if (item.unit.code == figure.given_by)
            or (not figure.given_by and item.summed and within(item.unit, division))
        )
        said = {item.answer(figure.element.code, figure.column) for item in asked}
        return said == {ValueStatus.NOT_APPLICABLE}

    def figure(self, element: str, column: str = "") -> Figure | None:
        """Total of a figure; ``None`` for text and dates."""
        for figure in self.figures:
            if (figure.element.code, figure.column) == (element, column):
                return figure
        return None


def answers_to(
    items: Iterable[Contribution], element: str, column: str = ""
) -> list[DataValue | None]:
    """List what returns of a fixed table say of a figure; ``None`` where there is no such cell."""
    found: list[DataValue | None] = []
    places: Mapping[tuple[str, str], int] = {}
    at: int | None = None
    for item in items:
        if item.places is not places:  # Most have those of the one before.
            places, at = item.places, item.places.get((element, column))
        found.append(item.content.values[at] if at is not None else None)
    return found


def roll_up(
    data_set: DataSet,
    period: Period,
    records: Iterable[ReturnRecord],
    *,
    order: Mapping[str, int] | None = None,
    pack: Pack | None = None,
    providers: Iterable[OrganisationUnit] = (),
    owing: tuple[OrganisationUnit, ...] | None = None,
    groups: Iterable[Group] = (),
    rules: Iterable[tuple[RuleSpec, Expr]] = (),
) -> DataSetTable:
    """Total every numeric figure of a data set over the returns that count and are summed.

    Returns stand by level, then in the ``order`` of units; those of kinds of unit that the ``pack``
    does not sum stand beside. ``providers`` are the units that the roster names for figures of the
    whole province, ``owing`` those that owe the table and are summed, ``groups`` kinds of unit and
    superiors to have totals, ``rules`` those of the form: they say how it works out its computed
    cells.
    """
    items: list[Contribution] = []
    places: dict[tuple[str, str], int] = {}
    keys: list[ValueKey] = []
    for record in records:
        content, unit = record.content, record.unit
        if not record.outcome.counted or content is None or unit is None:
            continue
        for part in content.data_sets:
            if part.code == data_set.code:
                fixed = part.values if data_set.shape is Shape.FIXED else ()
                there = [value.key for value in fixed]
                if there != keys:  # Most returns have the cells of the one before.
                    keys = there
                    places = {(key.element, key.column): at for at, key in enumerate(keys)}
                errors = (f for f in record.findings if f.severity is Severity.ERROR)
                asked = frozenset([cell for finding in errors for cell in finding.cells])
                added = pack is None or pack.summed(unit.kind)
                items.append(Contribution(unit, record, part, places, asked or _NOTHING, added))
    levels, known = list(Level), order or {}
    items.sort(
        key=lambda item: (
            levels.index(item.unit.level),
            known.get(item.unit.code, len(known)),
            item.unit.code,
            item.record.name,
        )
    )
    summed, beside = ([item for item in items if item.summed is way] for way in (True, False))
    codes = {item.unit.code for item in summed}
    present = tuple(group for group in groups if not codes.isdisjoint(group.units))
    parts = _parts_of(summed, present)
    said = [(item.unit, item.summed, item.content.values) for item in (*summed, *beside)]
    single = single_of(data_set, said, providers)
    made = [item for item in formulas(rules) if item.divides]
    figures = tuple(
        _single(data_set, element, column, (*summed, *beside), single)
        if data_set.aggregation_of(element, column) is Aggregation.SINGLE
        else _figure(data_set, element, column, summed, parts, made)
        for element, column in data_set.figures()
        if data_set.type_of(element, column).numeric
    )
    return DataSetTable(data_set, period, tuple(summed), tuple(beside), figures, owing, present)


def _parts_of(
    items: Sequence[Contribution], groups: Sequence[Group] = ()
) -> dict[Division | None, list[int]]:
    """Places of contributions by division; all of them under ``None``."""
    parts: dict[Division | None, list[int]] = {None: list(range(len(items)))}
    for at, item in enumerate(items):
        parts.setdefault(item.unit.level, []).append(at)
        for group in groups:
            if item.unit.code in group.units:
                parts.setdefault(group, []).append(at)
    return parts


def _single(
    data_set: DataSet,
    element: DataElement,
    column: str,
    items: Sequence[Contribution],
    single: Single,
) -> Figure:
    """The figure of the unit that gives it; the answers of all when nobody is known to."""
    given_by = single.given_by.code if single.given_by is not None else ""
    asked = [item for item in items if item.unit.code == given_by or not given_by]
    made = _figure(data_set, element, column, asked, _parts_of(asked))
    return replace(made, total=made.high if given_by else None, given_by=given_by)


def _figure(
    data_set: DataSet,
    element: DataElement,
    column: str,
    items: Sequence[Contribution],
    parts: Mapping[Division | None, Sequence[int]],
    made: Iterable[Computation] = (),
) -> Figure:
    """Total a figure over ``items`` and over ``parts`` of them, told by their places."""
    aggregation = data_set.aggregation_of(element, column)
    said: list[list[DataValue]]
    if data_set.shape is Shape.OPEN:
        said = [[row[element.code] for row in item.rows() if element.code in row] for item in items]
        answers = Counter(item.answer(element.code) for item in items)
        counts = {status: count for status, count in answers.items() if status is not None}
    else:
        told = answers_to(items, element.code, column)
        said = [[value] if value is not None else [] for value in told]
        counts = dict(Counter([value.status for value in told if value is not None]))
    distinct = {id(value): value for own in said for value in own}  # Most say what others say.
    number_of = {at: value.number for at, value in distinct.items()}
    numbers = [[number_of[id(value)] for value in own] for own in said]
    doubtful = [
        (item.unit.code, number)
        for item, own, known in zip(items, said, numbers, strict=True)
        if item.questioned
        for value, number in zip(own, known, strict=True)
        if value.cell in item.questioned
    ]
    reported = [number for number in number_of.values() if number is not None]
    formula = next((item for item in made if item.gives(element.code, column)), None)
    totals: dict[Division | None, Decimal] = {}
    for part, places in parts.items():
        total: Decimal | None = None
        if aggregation is Aggregation.SUM:
            own = [number for at in places for number in numbers[at] if number is not None]
            total = sum(own, Decimal(0)) if own else None
        elif aggregation is Aggregation.RATIO:
            given = [
                (items[at], value)
                for at in places
                for value in said[at]
                if value.status is ValueStatus.REPORTED
            ]
            total = formula.number(_Parts(given)) if formula and given else None
            total = _ratio(element, given) if formula is None else total
        if total is not None:
            totals[part] = total
    return Figure(
        data_set.code,
        element,
        column,
        aggregation,
        totals.get(None),
        {part: total for part, total in totals.items() if isinstance(part, Level)},
        counts,
        len({code for code, _ in doubtful}),
        min(reported, default=None),
        max(reported, default=None),
        erring=len({code for code, number in doubtful if number is not None}),
        by_group={part: total for part, total in totals.items() if isinstance(part, Group)},
    )


_Answer = tuple[Contribution, DataValue]
"""Who answered, and what."""


def _ratio(element: DataElement, told: Sequence[_Answer]) -> Decimal | None:
    over = under = Decimal(0)
    for item, _ in told:
        numerator = item.value(element.code, NUMERATOR)
        denominator = item.value(element.code, DENOMINATOR)
        if numerator is None or numerator.number is None:
            return None
        if denominator is None or denominator.number is None:
            return None
        over, under = over + numerator.number, under + denominator.number
    return ratio(over, under) if under else None


@dataclass(frozen=True, slots=True)
class _Parts(ValueSource):
    """The totals of the parts of a computed ratio over the answers that have it."""

    told: Sequence[_Answer]

    def value(self, ref: Ref) -> DataValue | None:
        total = Decimal(0)
        if ref.shift:
            return None
        for item, answer in self.told:
            element = ref.element or answer.key.element
            part = item.part(element, ref.column, answer.key.row)
            if part is None or part.number is None:
                return None
            total += part.number
        key = ValueKey(ref.data_set, ref.element, ref.column)
        return DataValue(key, total, ValueStatus.REPORTED, "", CellRef("", 0, 0))
