"""Divisions of the province that have totals of their own: its levels, kinds of unit, superiors.

A group that would only repeat what stands beside it is none: one unit alone, the same units as a
level, as the whole province or as another group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from consolidate.model.datasets import Library
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind


class Axis(StrEnum):
    """What a province is divided by."""

    PROVINCE = "province"
    LEVEL = "level"
    KIND = "kind"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one kind (``name`` is its machine label), or below one superior (what it is called).

    ``units`` are their codes; the superior is not among them.
    """

    axis: Axis
    name: str
    units: frozenset[str] = field(compare=False, repr=False)

    @property
    def label(self) -> str:
        """The kind, or the superior, as people call it."""
        return UnitKind(self.name).label if self.axis is Axis.KIND else self.name


Division = Level | Group
"""What has a total beside that of the province."""


def within(unit: OrganisationUnit, division: Division | None) -> bool:
    """Ask whether a unit is in a division of the province; ``None`` stands for the whole."""
    if isinstance(division, Group):
        return unit.code in division.units
    return division is None or unit.level is division


def axis_of(division: Division | None) -> Axis:
    """Tell what a division is one of; ``None`` stands for the whole province."""
    if isinstance(division, Group):
        return division.axis
    return Axis.PROVINCE if division is None else Axis.LEVEL


def groups_of(library: Library, template: str, roster: Roster | None) -> tuple[Group, ...]:
    """List the kinds of unit, then the superiors, that have totals of the forms of a template.

    They follow from the roster, not from what came: columns stay the same while returns come in.
    """
    units = () if roster is None else roster.units
    known = {unit.code: unit for unit in units if library.summed(template, unit)}
    kinds: dict[str, set[str]] = {kind.value: set() for kind in UnitKind if kind.label}
    parents: dict[str, set[str]] = {}
    levels: dict[Level, set[str]] = {}
    for code, unit in known.items():
        levels.setdefault(unit.level, set()).add(code)
        if unit.kind.label:
            kinds[unit.kind.value].add(code)
        if unit.parent and roster is not None:
            parents.setdefault(parent_name(unit, roster), set()).add(code)
    told = {frozenset(known), *map(frozenset, levels.values())}
    found = []
    for axis, made in ((Axis.KIND, kinds), (Axis.PARENT, parents)):
        for name, codes in made.items():
            group = Group(axis, name, frozenset(codes))
            if len(codes) > 1 and group.units not in told:
                told.add(group.units)
                found.append(group)
    return tuple(found)


def parent_name(unit: OrganisationUnit, roster: Roster) -> str:
    """Name the superior of a unit; as the roster writes it when it names no one unit."""
    found = roster.find(unit.parent) if unit.parent else ()
    return found[0].name if len(found) == 1 else unit.parent
