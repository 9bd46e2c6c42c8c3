"""Who was expected, who sent, who is missing: completeness per template and level."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from consolidate.model.datasets import TemplateSpec
from consolidate.model.returns import ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.totals import DataSetTable


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
    """How many units are in for one template, at one level or altogether."""
    received = units_at(part.received, level)
    if part.expected is None:
        return Reach(len(received), None)
    expected = {unit.code for unit in units_at(part.expected, level)}
    missing = {unit.code for unit in units_at(part.missing, level)}
    extra = sum(unit.code not in expected for unit in received)
    return Reach(len(expected) - len(missing), len(expected), extra)


def reach_of_table(
    table: DataSetTable, part: Completeness, owes: Callable[[OrganisationUnit], bool]
) -> Reach:
    """Count the units whose figures are in the totals of a table, and those that should be.

    ``owes`` tells whether a unit owes the table and is added. Units whose figures stand beside the
    totals are not counted.
    """
    telling = {item.unit.code for item in table.summed}
    if part.expected is None:
        return Reach(len(telling), None)
    expected = {unit.code for unit in part.expected if owes(unit)}
    return Reach(len(telling & expected), len(expected), len(telling - expected))


def units_at(
    units: tuple[OrganisationUnit, ...], level: Level | None
) -> tuple[OrganisationUnit, ...]:
    """The units of one level, or all of them."""
    return tuple(unit for unit in units if level is None or unit.level is level)
