"""Count who was expected, sent and is missing, and what totals lack; tell the days of figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from consolidate.model.data_values import DataValue, FigureKey, ValueStatus
from consolidate.model.datasets import Aggregation, DataSet, Library, TemplateSpec
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.totals import DataSetTable, Figure


@dataclass(frozen=True, slots=True)
class Completeness:
    """Returns of one template: expected (``None`` without a roster), received and missing units.

    A unit is received when a return of it counts; ``held`` are units that sent something which
    does not count yet and are therefore missing too.
    """

    template: TemplateSpec
    expected: tuple[OrganisationUnit, ...] | None
    received: tuple[OrganisationUnit, ...]
    missing: tuple[OrganisationUnit, ...]
    held: tuple[OrganisationUnit, ...]


def completeness(
    template: TemplateSpec,
    records: Iterable[ReturnRecord],
    roster: Roster | None,
    owes: Callable[[OrganisationUnit], bool] | None = None,
) -> Completeness:
    """Compare the records with the roster for one template.

    ``owes`` tells whether a unit of the roster owes it; without it the roster alone does.
    """
    received: dict[str, OrganisationUnit] = {}
    held: dict[str, OrganisationUnit] = {}
    for record in records:
        if record.unit is None or record.content is None:
            continue
        if record.content.template == template.code:
            target = received if record.outcome.counted else held
            target[record.unit.code] = record.unit
    waiting = tuple(held[code] for code in sorted(held) if code not in received)
    if roster is None:
        return Completeness(
            template, None, tuple(received[code] for code in sorted(received)), (), waiting
        )
    expected = tuple(
        unit
        for unit in roster.units
        if (owes(unit) if owes is not None else unit.expects(template.code))
    )
    return Completeness(
        template=template,
        expected=expected,
        received=tuple(unit for unit in roster.units if unit.code in received),
        missing=tuple(unit for unit in expected if unit.code not in received),
        held=waiting,
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """How many units are in: ``expected`` is ``None`` without a roster.

    ``received`` counts expected units; units that nobody expected are ``extra``. ``incomplete``
    counts received units of which another template is still missing.
    """

    received: int
    expected: int | None
    extra: int = 0
    incomplete: int = 0


def reach(part: Completeness, level: Level | None = None) -> Reach:
    """Count the units that are in for one template, at one level or altogether."""
    received = units_at(part.received, level)
    if part.expected is None:
        return Reach(len(received), None)
    expected = {unit.code for unit in units_at(part.expected, level)}
    missing = {unit.code for unit in units_at(part.missing, level)}
    extra = sum(unit.code not in expected for unit in received)
    return Reach(len(expected) - len(missing), len(expected), extra)


def owing(
    library: Library, data_set: DataSet, part: Completeness, asked: Period
) -> tuple[OrganisationUnit, ...] | None:
    """List the units that owe a table for a round and are summed; ``None`` without a roster."""
    if part.expected is None:
        return None
    return tuple(
        unit
        for unit in part.expected
        if data_set.code in library.owed(unit.kind, asked).by_code
        and library.summed(data_set.template, unit)
    )


def reach_of_table(table: DataSetTable) -> Reach:
    """Count the units whose figures are in the totals of a table, and those that should be.

    Units whose figures stand beside the totals are not counted.
    """
    telling = {item.unit.code for item in table.summed}
    if table.owing is None:
        return Reach(len(telling), None)
    expected = {unit.code for unit in table.owing}
    return Reach(len(telling & expected), len(expected), len(telling - expected))


class Shown(StrEnum):
    """What the page of the province says of a figure: a number, or which kind of nothing."""

    NUMBER = "number"
    BLANK = "blank"
    CROSSED = "crossed"
    UNREADABLE = "unreadable"
    HELD = "held"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Answered:
    """How many of the units that owe a table stand in one of its figures, and why others do not.

    ``expected`` is ``None`` without a roster: then all units that returned the table are counted.
    ``reported`` to ``held`` add up to the units counted: a number, a blank, ``x``, what cannot be
    read, no such cell (of a list: no row), no return, a number of which the unit of measure has to
    be decided. ``extra`` are units with a number that nobody expected, ``erring`` units whose
    number is in the total and in an error.
    """

    shown: Shown
    reported: int
    expected: int | None
    blank: int = 0
    crossed: int = 0
    unreadable: int = 0
    lacking: int = 0
    absent: int = 0
    held: int = 0
    extra: int = 0
    erring: int = 0


def answered(table: DataSetTable, figure: Figure) -> Answered:
    """Count the units of a figure. Units beside the totals are not counted.

    Of a figure that one unit gives for the province, that unit alone is.
    """
    statuses, extra, absent = Counter(figure.counts), 0, 0
    if figure.given_by:
        counted = 1
    else:
        counted = len(table.summed) if table.owing is None else len(table.owing)
        absent = table.absent
        # Counts of a figure that is given once are of all units while nobody is known to give it.
        beside = table.beside if figure.aggregation is Aggregation.SINGLE else ()
        for item in (*table.unexpected, *beside):
            status = item.answer(figure.element.code, figure.column)
            extra += item.summed and status is ValueStatus.REPORTED
            if status is not None:
                statuses[status] -= 1
    return Answered(
        shown(table, figure),
        statuses[ValueStatus.REPORTED],
        counted if table.owing is not None else None,
        statuses[ValueStatus.MISSING],
        statuses[ValueStatus.NOT_APPLICABLE],
        statuses[ValueStatus.INVALID],
        counted - absent - statuses.total(),
        absent,
        statuses[ValueStatus.HELD],
        extra,
        figure.erring,
    )


def shown(table: DataSetTable, figure: Figure) -> Shown:
    """What the cell of a figure of the province shows, or why it shows no number."""
    if figure.counts.get(ValueStatus.REPORTED):
        return Shown.NUMBER
    kinds = figure.element.applies_to
    if table.owing is not None and not any(
        not kinds or unit.kind.value in kinds for unit in table.owing
    ):
        return Shown.NOT_ASKED
    if figure.counts.get(ValueStatus.HELD):
        return Shown.HELD
    if figure.counts.get(ValueStatus.INVALID):
        return Shown.UNREADABLE
    return Shown.CROSSED if table.crossed(figure) else Shown.BLANK


def units_at(
    units: tuple[OrganisationUnit, ...], level: Level | None
) -> tuple[OrganisationUnit, ...]:
    """List the units of one level, or all of them."""
    return tuple(unit for unit in units if level is None or unit.level is level)


def window_of(
    table: DataSetTable, asked: Period, library: Library, calendar: Calendar
) -> DataWindow | None:
    """Find the data window of a table: that of the calendar or by law, else that of all returns.

    ``None`` where it differs from unit to unit: the page leaves the days to be written by hand.
    The units are those that owe the table, without a roster those that returned it. ``asked`` is
    the round, ``library`` shows its forms; ``calendar`` is what letters of the province set.
    """
    template, items = table.data_set.template, (*table.summed, *table.beside)
    period = table.data_set.period_in(asked)
    units = [item.unit for item in items] if table.owing is None else table.owing
    # Rows of a calendar are for levels and kinds, never for a single unit.
    classes = {(unit.level, unit.kind): unit for unit in units}
    deadlines = [
        deadline_for(library, calendar, unit, template, period) for unit in classes.values()
    ]
    asked_for = {item.window for item in deadlines if item is not None and item.window is not None}
    if not asked_for:
        lines = [item.content.window for item in items if item.content.window is not None]
        asked_for = {line.window for line in lines if line.window is not None}
        if len(lines) < len(items):
            return None
    return asked_for.pop() if len(asked_for) == 1 else None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A number of a unit that is held out of the totals. ``told`` says it, with what to do."""

    data_set: DataSet
    unit: OrganisationUnit
    value: DataValue

    @property
    def figure(self) -> FigureKey:
        """The figure of the province that lacks it."""
        return self.value.key[:3]

    @property
    def told(self) -> Reason:
        """Whose number is held out, and who decides how."""
        element = self.data_set.by_code[self.value.key.element]
        return because(
            "undecided.told",
            unit=self.unit.name,
            code=self.unit.code,
            caption=self.data_set.caption(element, self.value.key.column),
            raw=self.value.raw.strip(),
            measure=element.unit.lower(),
        )


def undecided(tables: Iterable[DataSetTable]) -> tuple[Undecided, ...]:
    """List every number that a total lacks for that reason, in the order of forms and units."""
    return tuple(
        Undecided(table.data_set, item.unit, value)
        for table in tables
        for item, value in table.held
    )
