"""Which units a total is made of: those of a division of the province, or the one that gives it.

Divisions have totals of their own: levels, kinds of unit, superiors. A group that would only repeat
what stands beside it is none: one unit alone, the same units as a level, as the whole province or
as another group.

A figure of the whole province that one unit gives: the roster names the unit by form
(``OrganisationUnit.provides``), which makes the figures of that form given once. Without a name a
form that is defined as given once takes the only unit that answers, and no figure where several do;
where the roster says that each unit reports a part (``Roster.added``), its figures are added like
any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Library, Shape
from consolidate.model.reasons import Finding, Ours, Reason, Severity, because
from consolidate.model.returns import ReturnRecord
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


def named_units(
    units: Sequence[OrganisationUnit], most: int
) -> tuple[tuple[str, ...], Reason | str]:
    """Name the first of some units, and say how many more there are, ``""`` for none."""
    left = len(units) - most
    more = because("roster.more_units", count=left) if left > 0 else ""
    return tuple(f"{unit.name} ({unit.code})" for unit in units[:most]), more


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


Told = tuple[int, Finding, Ours | None]
"""Place of a record, what is found about it, why that is the province's to settle if it is."""
Answer = tuple[OrganisationUnit, bool, Iterable[DataValue]]
"""A unit, whether its figures are summed, and what it answers."""


@dataclass(frozen=True, slots=True)
class Single:
    """Who gives the figures of the province of a form; ``others`` are codes of who else answers.

    ``named`` is the unit that the roster names, whether it has answered or not.
    """

    given_by: OrganisationUnit | None = None
    named: OrganisationUnit | None = None
    others: tuple[str, ...] = ()


def providers_of(data_set: DataSet, roster: Roster | None) -> tuple[OrganisationUnit, ...]:
    """Find the units that the roster names for figures of the whole province of a form."""
    if roster is None:
        return ()
    code = data_set.form or data_set.code
    return tuple(unit for unit in roster.units if code in unit.provides)


def as_counted(data_set: DataSet, roster: Roster | None) -> DataSet:
    """Turn a form's figures into ones given once, or added, as the roster has it.

    Who is named for a form gives it, whatever is said of its parts.
    """
    if roster is None or data_set.shape is not Shape.FIXED:
        return data_set
    code = data_set.form or data_set.code
    before, now = Aggregation.SINGLE, Aggregation.SUM
    if providers_of(data_set, roster):
        before, now = now, before
    elif code not in roster.added:
        return data_set
    return _turned(data_set, before, now)


@lru_cache(maxsize=64)
def _turned(data_set: DataSet, before: Aggregation, now: Aggregation) -> DataSet:
    """The form with one way of counting in place of another; the same object for the same form."""
    body = tuple(
        replace(item, aggregation=now)
        if isinstance(item, DataElement) and item.aggregation is before
        else item
        for item in data_set.body
    )
    return replace(data_set, body=body)


def counted_library(library: Library, roster: Roster | None) -> Library:
    """Turn the figures of all forms of a round as the roster has it (:func:`as_counted`)."""
    forms = tuple(as_counted(item, roster) for item in library.data_sets)
    return library if forms == library.data_sets else replace(library, data_sets=forms)


def single_of(
    data_set: DataSet, answers: Sequence[Answer], providers: Iterable[OrganisationUnit] = ()
) -> Single:
    """Decide which unit gives the figures of the province that only one gives."""
    ways: set[Aggregation | None] = {element.aggregation for element in data_set.elements}
    ways |= {column.aggregation for column in data_set.columns}
    asked = Aggregation.SINGLE in ways
    telling = [
        (unit, summed)
        for unit, summed, values in (answers if asked else ())
        if _cells(data_set, values)
    ]
    named = tuple(providers)
    if len(named) == 1:
        giving = [unit for unit, _ in telling if unit.code == named[0].code]
    else:
        giving = [unit for unit, summed in telling if summed]
    given_by = giving[0] if len(giving) == 1 else None
    return Single(
        given_by,
        named[0] if len(named) == 1 else None,
        tuple(unit.code for unit, _ in telling if given_by is None or unit.code != given_by.code),
    )


def _cells(data_set: DataSet, values: Iterable[DataValue]) -> tuple[DataValue, ...]:
    """The numbers among the answers that one unit gives for the province."""
    return tuple(
        value
        for value in values
        if value.number is not None
        and value.key.element in data_set.by_code
        and data_set.aggregation_of(data_set.by_code[value.key.element], value.key.column)
        is Aggregation.SINGLE
    )


def single_findings(
    records: Sequence[ReturnRecord], library: Library, roster: Roster | None
) -> Iterator[Told]:
    """Tell units that answer beside the province's provider so.

    Of files that count only. Where nobody is named no unit is told: the roster has to be mended
    (:func:`consolidate.rollup.result.MergeResult.unnamed`).
    """
    key = "single.other_unit"
    for data_set in library.data_sets:
        kinds = {data_set.aggregation_of(*figure) for figure in data_set.figures()}
        if Aggregation.SINGLE not in kinds:
            continue
        places = [
            (at, record.unit, content)
            for at, record in enumerate(records)
            if record.outcome.counted and record.unit is not None and record.content is not None
            for content in record.content.data_sets
            if content.code == data_set.code
        ]
        answers = [
            (unit, library.summed(data_set.template, unit), content.values)
            for _, unit, content in places
        ]
        single = single_of(data_set, answers, providers_of(data_set, roster))
        if single.named is None:
            continue
        for at, unit, content in places:
            if unit.code in single.others:
                cells = tuple(dict.fromkeys(v.cell for v in _cells(data_set, content.values)))
                message = because(key, unit=single.named.name)
                place = (data_set.code, "", content.sheet, cells)
                yield at, Finding(key, Severity.WARNING, message, *place), Ours.ROSTER
