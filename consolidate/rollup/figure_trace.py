"""From a figure of the province down to the cells that it is made of, and from a file up to it.

Works on what the register keeps of a run: its totals, and the returns that counted in it. A sum is
added up again on the way, so that a trace says by itself whether it is the whole truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Library, ValueType
from consolidate.model.figure_names import FigureName
from consolidate.model.reasons import Reason, because
from consolidate.model.runs import RunTotal
from consolidate.model.units import Level, OrganisationUnit


@dataclass(frozen=True, slots=True)
class CountedFile:
    """A return in the totals of a run: whose, in which file, its values in form order.

    What is not ``summed`` counts and stands beside the totals.
    ``adjusted`` are the values that took the place of others, with the adjustment that did it.
    """

    unit: OrganisationUnit
    file: str
    values: tuple[DataValue, ...]
    adjusted: Mapping[ValueKey, tuple[Adjustment, DataValue]]
    summed: bool = True

    def lines(self) -> Iterator[TraceLine]:
        """Every value with what was used in its place."""
        for value in self.values:
            adjustment, used = self.adjusted.get(value.key, (None, value))
            yield TraceLine(self.unit, self.file, value, used, adjustment, self.summed)


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One cell of one file: ``value`` as the unit sent it, ``used`` as it is in the totals.

    ``summed`` says whether its unit is one whose figures are added.
    """

    unit: OrganisationUnit
    file: str
    value: DataValue
    used: DataValue
    adjustment: Adjustment | None = None
    summed: bool = True


@dataclass(frozen=True, slots=True)
class LevelTrace:
    """The total of a level and the lines that it is made of."""

    level: Level
    total: RunTotal | None
    lines: tuple[TraceLine, ...]


@dataclass(frozen=True, slots=True)
class FigureTrace:
    """A figure of the province: its total, the levels, and the answers without a number.

    ``parted`` says that only some units were asked for, so that nothing can be added up.
    ``given`` is the answer of the one unit that gives the figure of the province; ``beside`` are
    answers that are no part of the total.
    """

    figure: FigureName
    total: RunTotal | None
    levels: tuple[LevelTrace, ...]
    silent: tuple[TraceLine, ...]
    parted: bool = False
    given: tuple[TraceLine, ...] = ()
    beside: tuple[TraceLine, ...] = ()

    @property
    def sums(self) -> bool:
        """Whether the total is the sum of its lines, and all of them are here."""
        name = self.figure
        kind = name.data_set.aggregation_of(name.element, name.column)
        return kind is Aggregation.SUM and not self.parted

    @property
    def units(self) -> int:
        """Number of units that gave an answer with something in it, or as the run has it."""
        if self.parted:
            return self.total.units if self.total is not None else 0
        lines = (line for part in self.levels for line in part.lines)
        return len({line.unit.code for line in (*lines, *self.given, *self.beside)})

    @property
    def made(self) -> Reason:
        """How the figure of the province is made of the answers, or why there is none."""
        name, number = self.figure, self.total.total if self.total is not None else None
        given = self.given[0].unit.name if self.given else ""
        return how_made(
            name.data_set, name.element, name.column, self.units, number is not None, given
        )

    @property
    def added(self) -> Decimal | None:
        """The lines added up again, ``None`` when there is no number to add."""
        numbers = [line.used.number for part in self.levels for line in part.lines]
        known = [number for number in numbers if number is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def whole(self) -> bool:
        """Whether the lines add up to the total of the run, on every level."""
        if not self.sums:
            return True
        total = self.total.total if self.total is not None else None
        return self.added == total and all(
            part.total is not None
            and part.total.total == sum((line.used.number or 0 for line in part.lines), Decimal(0))
            for part in self.levels
        )


def how_made(
    data_set: DataSet,
    element: DataElement,
    column: str,
    units: int,
    known: bool,
    given_by: str = "",
) -> Reason:
    """Say how a figure of the province is made of the answers of ``units``, or why it is not.

    ``column`` is ``""`` in open tables; ``known`` tells whether there is a number of the province,
    ``given_by`` names the unit that gives a figure of the whole province, if it is known.
    """
    kind = data_set.type_of(element, column)
    aggregation = data_set.aggregation_of(element, column)
    if not units:
        return because("trace.made.nobody")
    if aggregation is Aggregation.SINGLE and kind.numeric:
        if known and given_by:
            return because("trace.made.given", unit=given_by)
        return because("trace.made.nobody_named", units=units)
    key = "share" if kind is ValueType.PERCENTAGE else "not_summed"
    if not kind.numeric:
        key = "words"
    elif aggregation is Aggregation.SUM:
        key = "sum"
    elif aggregation is Aggregation.RATIO:
        key = "ratio" if known else "ratio_without"
    return because(f"trace.made.{key}", units=units)


def trace_figure(
    figure: FigureName,
    totals: Iterable[RunTotal],
    files: Iterable[CountedFile],
    unit: str | None = None,
) -> FigureTrace:
    """Trace a total of a run to cells; of one unit (by code) when it is given.

    Lines stand by level, then by unit, then as they stand in the form.
    """
    name = (figure.data_set.code, figure.element.code, figure.column)
    of_figure = {t.level: t for t in totals if (t.data_set, t.element, t.column) == name}
    lines = [
        line
        for file in files
        if unit is None or file.unit.code == unit
        for line in file.lines()
        if line.value.key[:3] == name
    ]
    lines.sort(key=lambda line: (line.unit.code, line.file))
    told = [line for line in lines if line.used.used is not None]
    silent = tuple(line for line in lines if line.used.used is None)
    whole = of_figure.get("")
    if figure.data_set.aggregation_of(figure.element, figure.column) is Aggregation.SINGLE:
        given = _given(figure, told, whole)
        beside = tuple(line for line in told if line not in given)
        return FigureTrace(figure, whole, (), silent, unit is not None, given, beside)
    beside = tuple(line for line in told if not line.summed)
    telling = [line for line in told if line.summed]
    levels = []
    for level in Level:
        own = tuple(line for line in telling if line.unit.level is level)
        total = of_figure.get(level.value)
        if own or (total is not None and total.total is not None and unit is None):
            levels.append(LevelTrace(level, total, own))
    parted = unit is not None
    return FigureTrace(figure, whole, tuple(levels), silent, parted, beside=beside)


def _given(
    figure: FigureName, told: list[TraceLine], total: RunTotal | None
) -> tuple[TraceLine, ...]:
    """The line of the unit that gave the figure of the province, if there is a figure."""
    if total is None or total.total is None:
        return ()
    code = figure.data_set.form or figure.data_set.code
    named = tuple(line for line in told if code in line.unit.provides)
    alone = tuple(line for line in told if line.summed)
    return named or (alone if len(alone) == 1 else ())


def moved_by(file: CountedFile, library: Library) -> tuple[tuple[FigureName, TraceLine], ...]:
    """List every figure that has a number of this file in it, in form order."""
    found = []
    for line in file.lines():
        key = line.value.key
        data_set = library.by_code.get(key.data_set)
        element = data_set.by_code.get(key.element) if data_set is not None else None
        if data_set is None or element is None or line.used.number is None:
            continue
        figure = FigureName(data_set, element, key.column)
        if (element, key.column) in data_set.figures():
            found.append((figure, line))
    return tuple(found)
