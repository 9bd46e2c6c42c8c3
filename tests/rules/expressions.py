"""Random bound rules that use every operator of the language; the same for the same seed."""

from __future__ import annotations

import random
from decimal import Decimal

from consolidate.model.reasons import Severity
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Day,
    Expr,
    Logic,
    Missing,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Shift,
    Total,
)

REFS = tuple(Ref("form", f"e{index}", "value") for index in range(5))
DAYS = tuple(Ref("form", f"d{index}", "value") for index in range(2))
CHOICE = Ref("form", "c0", "value")
CHOICES = ("Đã trình", "Chưa thực hiện")
EARLIER = Ref("form", "e0", "value", Shift.PREVIOUS)
SERIES = Ref("list", "done")
ROWS = Rows("list")
_NUMBERS = ("0", "1", "2", "3", "0.5", "0.1", "100", "1819")
_TOLERANCES = ("0", "0", "0", "0.1", "0.5", "1")


def figure(chance: random.Random, depth: int) -> Expr:
    """A random figure at most ``depth`` operators deep."""
    pick = chance.randrange(10)
    if depth == 0 or pick < 3:
        pick = chance.randrange(20)
        if pick < 14:
            return chance.choice(REFS)
        if pick < 17:
            return Number(Decimal(chance.choice(_NUMBERS)))
        return (Total(SERIES), ROWS, EARLIER)[pick - 17]
    if pick < 8:
        operator = chance.choice("+-*/+-")
        return Arithmetic(operator, figure(chance, depth - 1), figure(chance, depth - 1))
    if pick == 8:
        return Negative(figure(chance, depth - 1))
    name = chance.choice(("abs", "min", "max", "sum"))
    count = 1 if name == "abs" else chance.randint(2, 3)
    return Call(name, tuple(figure(chance, depth - 1) for _ in range(count)))


def condition(chance: random.Random, depth: int) -> Expr:
    """A random condition at most ``depth`` joins deep."""
    pick = chance.randrange(10)
    if depth == 0 or pick < 5:
        if chance.randrange(6) == 0:
            name = chance.choice(("filled", "compulsory_pair", "exclusive_pair"))
            count = 1 if name == "filled" else 2
            refs = (*REFS, EARLIER) if chance.randrange(9) == 0 else REFS
            return Presence(name, tuple(chance.sample(refs, count)))
        operator = chance.choice(("==", "!=", "<", "<=", ">", ">="))
        match chance.randrange(12):
            case 0:
                return Chosen(CHOICE, chance.choice(CHOICES))
            case 1:
                first, second = DAYS
                later = Arithmetic("+", second, Number(Decimal(chance.choice(_NUMBERS[:4]))))
                other = chance.choice((second, later, Day(6, 30, second)))
                return Compare(operator, first, other, days=True)
            case 2:
                return Compare(operator, Arithmetic("-", *DAYS), figure(chance, 0))
        return Compare(operator, figure(chance, 2), figure(chance, 1))
    name = chance.choice(("and", "or", "not", "implies", "iff", "exactly_one"))
    count = {"not": 1, "implies": 2, "iff": 2}.get(name) or chance.randint(2, 3)
    return Logic(name, tuple(condition(chance, depth - 1) for _ in range(count)))


def spec(chance: random.Random, identity: str = "random") -> RuleSpec:
    """A rule with random missing-value strategies and tolerance."""
    return RuleSpec(
        id=identity,
        expression="",
        severity=Severity.ERROR,
        source="",
        missing_left=chance.choice(tuple(Missing)),
        missing_right=chance.choice(tuple(Missing)),
        tolerance=Decimal(chance.choice(_TOLERANCES)),
    )
