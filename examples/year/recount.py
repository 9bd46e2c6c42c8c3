"""All totals of the province worked out from the truth, without anything of ``consolidate``.

One loop over the answers that must count, one figure at a time, in exact numbers: sums by level,
MS 28 from its numerators and denominators, how many units answered in which way. An amount over the
normal maximum of its row is held out until somebody decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from examples.year.plan import Expected, Key
from examples.year.truth import (
    CRITERIA,
    INDICATORS,
    LEVEL_COLUMNS,
    RATIO,
    REWARDS,
    Answers,
    Value,
)

FigureKey = tuple[str, str, str]
"""Data set, element, column, as ``result.json`` names them."""
PLANNED = ("planned", "done", "doing", "not_done")
MOST = {"c15": 100_000, "c16": 100_000, "c18": 1_000} | dict.fromkeys(
    ("c49", "c51", "c53"), 100_000
)
"""Triệu đồng that no unit has usually: more was typed in another unit of measure."""


@dataclass(slots=True)
class Total:
    """A total of the province; ``None``: nothing to sum, or a ratio that cannot be worked out."""

    total: Decimal | None = None
    by_level: dict[str, Decimal] = field(default_factory=dict)
    by_group: dict[str, Decimal] = field(default_factory=dict)
    units: int = 0
    missing: int = 0
    not_applicable: int = 0
    held: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Units with a number, without, whom it does not concern, and whose number is held out."""
        return self.units, self.missing, self.not_applicable, self.held


def recount(expected: Expected) -> dict[FigureKey, Total]:
    """Every total of the province over the answers that count."""
    found: dict[FigureKey, Total] = {}
    pctn = _of(expected.counted, "pctn")
    for element in (*INDICATORS, *REWARDS):
        answers = [(code, item.cells[f"pctn_01.{element}"]) for code, item in pctn]
        key = ("pctn_01", element, "value")
        summed = partial(_sum, most=MOST.get(element))
        found[key] = _divided(_ratio if element == RATIO else summed, answers, expected)
    reform = _of(expected.counted, "cchc")
    for row in (*CRITERIA, "r4"):
        for column in ("total", "district") if row == "r4" else LEVEL_COLUMNS:
            answers = [(code, item.cells[f"cchc_pl3_2.{row}.{column}"]) for code, item in reform]
            if (row, column) == ("r5", "total"):
                pairs = [(code, str(value).split("/")) for code, value in answers]
                answers = [(code, int(pair[0])) for code, pair in pairs]
                agencies: list[tuple[str, Value]] = [(code, int(pair[1])) for code, pair in pairs]
                found["cchc_pl3_2", "r5", "agencies"] = _divided(_sum, agencies, expected)
            found["cchc_pl3_2", row, column] = _divided(_sum, answers, expected)
    for element in PLANNED:
        rows = partial(_rows, element=element)
        found["cchc_pl3_1", element, ""] = _divided(rows, reform, expected)
    return found


def held_out(element: str, value: Value) -> bool:
    """Whether an answer of form PCTN is a number that nobody may add before it is decided."""
    most = MOST.get(element)
    return most is not None and isinstance(value, int | Decimal) and value > most


def held(expected: Expected) -> Iterator[tuple[str, str]]:
    """Unit and element of every number that is held out."""
    for code, answers in _of(expected.counted, "pctn"):
        for element in MOST:
            if held_out(element, answers.cells[f"pctn_01.{element}"]):
                yield code, element


def parts_of_ratio(expected: Expected) -> dict[FigureKey, Total]:
    """The numerators and denominators of MS 28 as far as units gave them."""
    found = {}
    for at, name in enumerate(("numerator", "denominator")):
        told: list[tuple[str, Value]] = []
        for code, answers in _of(expected.counted, "pctn"):
            over_under = str(answers.cells[f"pctn_01.{RATIO}"]).split("/")
            told.append((code, int(over_under[at]) if len(over_under) == 2 else None))
        found["pctn_01", RATIO, name] = _divided(_sum, told, expected)
    return found


def _divided(
    count: Callable[[Iterable[tuple[str, Any]], Mapping[str, str]], Total],
    answers: Sequence[tuple[str, Any]],
    expected: Expected,
) -> Total:
    """A total of the province, with that of every kind of unit and superior beside it."""
    total = count(answers, expected.level)
    for name, codes in expected.groups.items():
        own = count([item for item in answers if item[0] in codes], expected.level).total
        if own is not None:
            total.by_group[name] = own
    return total


def _of(counted: Mapping[Key, Answers], template: str) -> list[tuple[str, Answers]]:
    return [(code, answers) for (code, own), answers in counted.items() if own == template]


def _sum(
    answers: Iterable[tuple[str, Value]], level: Mapping[str, str], *, most: int | None = None
) -> Total:
    total = Total()
    for code, value in answers:
        if value is None:
            total.missing += 1
        elif value == "x":
            total.not_applicable += 1
        elif most is not None and _number(value) > most:
            total.held += 1
        else:
            total.units += 1
            own = level[code]
            total.by_level[own] = total.by_level.get(own, Decimal(0)) + _number(value)
    if total.by_level:
        total.total = sum(total.by_level.values(), Decimal(0))
    return total


def _ratio(answers: Iterable[tuple[str, Value]], level: Mapping[str, str]) -> Total:
    """MS 28: paid over all, unknown for every level in which a unit gave a percentage only."""
    parts: dict[str, list[int]] = {}
    unknown: set[str] = set()
    total = Total()
    for code, value in answers:
        total.units += 1
        over, slash, under = str(value).partition("/")
        if not slash:
            unknown.add(level[code])
            continue
        pair = parts.setdefault(level[code], [0, 0])
        pair[0] += int(over)
        pair[1] += int(under)
    total.by_level = {own: percent(*pair) for own, pair in parts.items() if own not in unknown}
    if not unknown and parts:
        pairs = parts.values()
        total.total = percent(sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))
    return total


def _rows(
    reform: Iterable[tuple[str, Answers]], level: Mapping[str, str], *, element: str
) -> Total:
    """A column of the list of plans: every row is summed, every unit is counted once."""
    total = Total()
    for code, answers in reform:
        numbers = [row[element] for row in answers.rows["cchc_pl3_1"]]
        typed = [_number(number) for number in numbers if number is not None]
        if not typed:
            total.missing += 1
            continue
        total.units += 1
        own = level[code]
        total.by_level[own] = total.by_level.get(own, Decimal(0)) + sum(typed)
    if total.by_level:
        total.total = sum(total.by_level.values(), Decimal(0))
    return total


def _number(value: Value) -> Decimal:
    assert isinstance(value, int | Decimal)
    return Decimal(value)


def percent(over: int, under: int) -> Decimal:
    """Per cent with two decimals, half up."""
    return Decimal(int(Fraction(10000 * over, under) + Fraction(1, 2))) / 100
