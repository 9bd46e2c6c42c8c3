"""What the page of the province has to say of itself, without anything of ``consolidate``.

How many units stand in a figure and why the others do not; which rules of the forms its totals
break, and by how much each unit. The rules are typed here anew, from the labels of the forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from examples.year.plan import Expected
from examples.year.province import LEVELS
from examples.year.recount import PLANNED, FigureKey, Total, held_out
from examples.year.truth import CRITERIA, LEVEL_COLUMNS, Answers, Value

Sides = tuple[tuple[FigureKey, ...], str, tuple[FigureKey, ...]]
"""Figures that are added up, ``=`` or ``<=``, figures that are added up."""
RuleKey = tuple[str, str, str]
"""A rule as findings name it, its row, its level or group (both ``""`` where there is none)."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The two sides of a rule that totals break, and what each unit has of the difference."""

    left: Decimal
    right: Decimal
    units: Mapping[str, Decimal]


def _pctn(numbers: str) -> tuple[FigureKey, ...]:
    return tuple(("pctn_01", f"c{number}", "value") for number in numbers.split())


_PCTN = {
    "r40": ("40", "=", "41 42 43 44"),
    "r56": ("56a 56b 56c", "=", "56"),
    "r51_53_49": ("51 53", "<=", "49"),
    "r52_54_50": ("52 54", "<=", "50"),
    **{
        f"r{part}_{whole}": (str(part), "<=", str(whole))
        for part, whole in (
            (7, 6), (13, 12), (14, 12), (23, 22), (25, 24), (26, 24), (58, 57), (60, 59),
            (61, 60), (35, 34), (16, 15), (34, 33),
        )
    },
}  # fmt: skip


def _rules() -> Iterator[tuple[str, str, Sides]]:
    """Every rule that holds of a sum when it holds of each return: name, row, sides."""
    for name, (left, sign, right) in _PCTN.items():
        yield f"pctn_01.{name}", "", (_pctn(left), sign, _pctn(right))
    for row in CRITERIA:
        total, *parts = (("cchc_pl3_2", row, column) for column in LEVEL_COLUMNS)
        yield "cchc_pl3_2.levels", row, ((total,), "=", tuple(parts))
    for column in LEVEL_COLUMNS:
        whole, first, second, third, fourth = (
            ("cchc_pl3_2", row, column) for row in ("r5", "r5_1", "r5_2", "r5_3", "r5_4")
        )
        yield f"cchc_pl3_2.r5_1_{column}", "", ((whole,), "=", (first,))
        yield f"cchc_pl3_2.r5_2_{column}", "", ((second,), "<=", (first,))
        yield f"cchc_pl3_2.r5_3_{column}", "", ((third,), "<=", (second,))
        yield f"cchc_pl3_2.r5_4_{column}", "", ((third, fourth), "<=", (whole,))
    planned, *states = (("cchc_pl3_1", element, "") for element in PLANNED)
    yield "cchc_pl3_1.tasks", "", (tuple(states), "=", (planned,))


RULES = tuple(_rules())


def broken(expected: Expected, totals: Mapping[FigureKey, Total]) -> dict[RuleKey, Broken]:
    """The rules that totals of the province, its levels, kinds of unit and superiors break."""
    found = {}
    for name, row, (left, sign, right) in RULES:
        for level in ("", *LEVELS, *expected.groups):
            amounts = {key: _total(totals[key], level) for key in (*left, *right)}
            blanks = [key for key, amount in amounts.items() if amount is None]
            if blanks and name != "cchc_pl3_2.levels":
                continue  # Only of the parts by level may the page leave some blank.
            if amounts[left[0]] is None or len(blanks) == len(right):
                continue
            one, other = _sum(amounts[key] for key in left), _sum(amounts[key] for key in right)
            if _against(sign, one - other):
                units = {
                    code: gap
                    for code, gap in _gaps(expected, left, right, level)
                    if _against(sign, gap)
                }
                found[name, row, level] = Broken(one, other, units)
    return found


def _against(sign: str, gap: Decimal) -> bool:
    return gap != 0 if sign == "=" else gap > 0


def _total(total: Total, level: str) -> Decimal | None:
    return {"": total.total, **total.by_level, **total.by_group}.get(level)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def _gaps(
    expected: Expected, left: tuple[FigureKey, ...], right: tuple[FigureKey, ...], level: str
) -> Iterator[tuple[str, Decimal]]:
    """Left less right in the return of every unit, what is no number as nothing."""
    template = left[0][0].partition("_")[0]
    for (code, own), answers in expected.counted.items():
        inside = level in ("", expected.level[code]) or code in expected.groups.get(level, ())
        if own == template and inside:
            yield code, _amount(answers, left) - _amount(answers, right)


def _amount(answers: Answers, keys: tuple[FigureKey, ...]) -> Decimal:
    numbers = (cell for key in keys for cell in _cells(answers, *key) if not held_out(key[1], cell))
    return _sum(Decimal(cell) for cell in numbers if isinstance(cell, int | Decimal))


def _cells(answers: Answers, data_set: str, element: str, column: str) -> list[Value]:
    if data_set == "cchc_pl3_1":
        return [row[element] for row in answers.rows[data_set]]
    name = f"{data_set}.{element}" + ("" if column == "value" else f".{column}")
    cell = answers.cells[name]
    # Services and agencies stand in one cell.
    return [int(str(cell).partition("/")[0])] if name == "cchc_pl3_2.r5.total" else [cell]


def answered(expected: Expected, key: FigureKey, total: Total) -> dict[str, int]:
    """How many of the units that owe a form stand in a figure of it, and why others do not."""
    template = key[0].partition("_")[0]
    owing = expected.owing[template]
    sent = {code for code, own in expected.counted if own == template}
    return {
        "expected": len(owing),
        "reported": total.units,
        "blank": total.missing,
        "crossed": total.not_applicable,
        "unreadable": 0,
        "held": total.held,
        "lacking": 0,
        "absent": len(owing - sent),
        "extra": 0,
    }


def note(counted: Mapping[str, int]) -> str:
    """The same in the words of the page."""
    parts = [f"{counted['reported']}/{counted['expected']} đơn vị"]
    words = {"blank": "trống", "crossed": "x", "held": "chờ quyết định đơn vị tính"}
    words |= {"absent": "còn thiếu báo cáo"}
    parts += [f"{counted[name]} {word}" for name, word in words.items() if counted[name]]
    return " · ".join(parts)
