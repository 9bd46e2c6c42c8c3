"""The figures of the units that reported both times, so that no absence passes for a change.

Units that follow each other stand together: what a merged unit says now beside the sum of the
units it came from, the parts of a unit that was split, once all of them have reported, beside the
whole of then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidate.model.data_values import FigureKey, PastFigures, ratio

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


def kin_of(units: Mapping[str, PastFigures]) -> tuple[Kin, ...]:
    """Group units of today with those they come from; units without any stand in no group."""
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
    made = (Kin(tuple(sorted(now)), tuple(sorted(then))) for now, then in groups.values())
    return tuple(sorted(made, key=lambda kin: kin.now))


def sent_both(kin: Iterable[Kin], reporting: Iterable[str], reported: Reported) -> tuple[Kin, ...]:
    """Find the groups of which every return of now and of then is in the totals."""
    here = set(reporting)
    return tuple(
        item
        for item in kin
        if here.issuperset(item.now) and all(code in reported for code in item.then)
    )


def both_of(key: FigureKey, kin: Sequence[Kin], answers: Answers, reported: Reported) -> Both:
    """Add up a figure over the groups of :func:`sent_both` that have it now and had it then."""
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


def ratio_of_both(over: Both, under: Both) -> Both:
    """Work out a ratio over the units that gave both of its figures both times.

    ``over`` and ``under`` are these figures, over the same units.
    """
    if not over.units or not under.now or not under.then:
        return replace(over, units=(), now=Decimal(0), then=Decimal(0), falling=())
    now, then = ratio(over.now, under.now), ratio(over.then, under.then)
    return replace(over, now=now, then=then, falling=())
