"""The province beside the round before, like with like, without anything of ``consolidate``.

A unit of today stands beside the unit that it was; a merged one beside the sum of those it took in;
the parts of a split one together beside the whole, once all of them have reported. A figure is
compared over the units that gave a number both times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from examples.year.plan import Expected
from examples.year.province import ROUNDS, Round, Unit
from examples.year.recount import FigureKey, held_out, percent
from examples.year.truth import Answers, Value

Group = tuple[tuple[str, ...], tuple[str, ...]]
"""Units of now and the units of then that they are, both sorted."""


@dataclass(frozen=True, slots=True)
class Same:
    """A figure over the units that have it both times; ``falling`` are those that have less."""

    units: int
    now: Decimal
    then: Decimal
    falling: tuple[str, ...] = ()
    only_now: tuple[str, ...] = ()
    only_then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """A form of a round beside the round before.

    ``both`` are the units of today whose returns came both times, ``absent`` those that came then
    and not now. ``units`` has the number of a unit now and then, where both can be told.
    """

    both: tuple[str, ...]
    absent: tuple[str, ...]
    figures: Mapping[FigureKey, Same]
    units: Mapping[tuple[str, FigureKey], tuple[Decimal | None, Decimal | None]] = field(repr=False)


def beside(
    keys: Sequence[FigureKey], present: Sequence[Unit], when: Round, now: Expected, then: Expected
) -> Beside:
    """Compare the figures of one form over the units that owe it now."""
    template = keys[0][0].partition("_")[0]
    groups = list(_groups([unit for unit in present if template in unit.templates], when))
    here = {code: told for (code, own), told in now.counted.items() if own == template}
    there = {code: told for (code, own), told in then.counted.items() if own == template}
    whole = [
        (new, old)
        for new, old in groups
        if all(code in here for code in new) and all(code in there for code in old)
    ]
    units = {}
    for new, old in groups:
        if len(new) == 1 and new[0] in here and all(code in there for code in old):
            for key in keys:
                amounts = [number_of(there[code], key) for code in old]
                hindered = None in amounts or (key[1] == "c28" and len(old) > 1)
                units[new[0], key] = (
                    number_of(here[new[0]], key),
                    None if hindered else _sum(amounts),
                )
    return Beside(
        tuple(sorted(code for new, _ in whole for code in new)),
        tuple(
            sorted(
                code
                for new, old in groups
                for code in new
                if code not in here and all(code in there for code in old)
            )
        ),
        {key: _same(key, whole, here, there) for key in keys},
        units,
    )


def _groups(present: Sequence[Unit], when: Round) -> Iterator[Group]:
    """Units that go on, renamed, merged or split within the round among them."""
    month = ROUNDS[when.number - 2].month
    made: dict[tuple[str, ...], set[str]] = {}
    for unit in present:
        new = unit.valid_from is not None and not unit.reports(month)
        old = tuple(sorted(unit.heir_of)) if new else (unit.code,)
        made.setdefault(old, set()).add(unit.code)
    for old, codes in made.items():
        yield tuple(sorted(codes)), old


def _same(
    key: FigureKey,
    groups: Sequence[Group],
    here: Mapping[str, Answers],
    there: Mapping[str, Answers],
) -> Same:
    if key[1] == "c28":
        return _same_ratio(groups, here, there)
    units: list[str] = []
    falling: list[str] = []
    only_now: list[str] = []
    only_then: list[str] = []
    now = then = Decimal(0)
    for new, old in groups:
        told = [number_of(here[code], key) for code in new]
        had = [number_of(there[code], key) for code in old]
        if None not in told and None not in had:
            one, other = _sum(told), _sum(had)
            now, then = now + one, then + other
            units += new
            falling += new if one < other else ()
        elif None in had and any(number is not None for number in told):
            only_now += new
        elif any(number is not None for number in had):
            only_then += new
    return Same(
        len(units),
        now,
        then,
        *(tuple(sorted(codes)) for codes in (falling, only_now, only_then)),
    )


def _same_ratio(
    groups: Sequence[Group], here: Mapping[str, Answers], there: Mapping[str, Answers]
) -> Same:
    """MS 28 from the numerators and denominators of the units that gave them both times."""
    units: list[str] = []
    only_now: list[str] = []
    only_then: list[str] = []
    sums = [0, 0, 0, 0]
    for new, old in groups:
        now = [str(here[code].cells["pctn_01.c28"]).split("/") for code in new]
        then = [str(there[code].cells["pctn_01.c28"]).split("/") for code in old]
        told, had = ([len(pair) == 2 for pair in pairs] for pairs in (now, then))
        if all(told) and all(had):
            units += new
            for at in (0, 1):
                sums[at] += sum(int(pair[at]) for pair in now)
                sums[2 + at] += sum(int(pair[at]) for pair in then)
        elif any(told) and not all(had):
            only_now += new
        elif any(had):
            only_then += new
    ratios = (percent(*sums[:2]), percent(*sums[2:])) if units else (Decimal(0), Decimal(0))
    return Same(len(units), *ratios, (), tuple(sorted(only_now)), tuple(sorted(only_then)))


def _sum(numbers: Sequence[Decimal | None]) -> Decimal:
    return sum((number for number in numbers if number is not None), Decimal(0))


def number_of(answers: Answers, key: FigureKey) -> Decimal | None:
    """The number of an answer, if it has one that counts."""
    value = value_of(answers, key)
    if held_out(key[1], value) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def value_of(answers: Answers, key: FigureKey) -> Value:
    """What a return answers to a figure of a fixed table; MS 28 as a percentage."""
    data_set, element, column = key
    if element == "c28":
        return _of_ratio(str(answers.cells["pctn_01.c28"]), column)
    if key[1:] in (("r5", "total"), ("r5", "agencies")):
        return int(str(answers.cells["cchc_pl3_2.r5.total"]).split("/")[column == "agencies"])
    return answers.cells[f"{data_set}.{element}" + ("" if column == "value" else f".{column}")]


def _of_ratio(said: str, column: str) -> Value:
    over, slash, under = said.partition("/")
    if not slash:
        return Decimal(said.rstrip("%")) if column == "value" else None
    if column == "value":
        return percent(int(over), int(under))
    return int(over if column == "numerator" else under)
