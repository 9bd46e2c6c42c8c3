"""Rules: as definitions write them, and the nodes that they are read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import cast

from consolidate.model.period import PeriodType
from consolidate.model.reasons import Severity


class Shift(StrEnum):
    """Where a reference looks: the return itself, an earlier one, or other units of the round.

    ``ALL_UNITS`` adds up all that report the form, ``UNITS_BELOW`` those of which the unit is the
    superior.
    """

    CURRENT = ""
    PREVIOUS = "prev"
    LAST_YEAR = "same_period_last_year"
    ALL_UNITS = "all_units"
    UNITS_BELOW = "units_below"

    @property
    def looks_back(self) -> bool:
        """Whether it is an earlier period."""
        return self in (Shift.PREVIOUS, Shift.LAST_YEAR)

    @property
    def adds_units(self) -> bool:
        """Whether figures of several units are added up."""
        return self in (Shift.ALL_UNITS, Shift.UNITS_BELOW)


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Ref:
    """A bound reference to a figure; in a rule on rows an empty part is that row's."""

    data_set: str
    element: str
    column: str = ""
    shift: Shift = Shift.CURRENT


@dataclass(frozen=True, slots=True)
class Rows:
    """Number of rows that say something in an open table: ``count(pctn_02)``.

    ``where`` counts those alone that fulfil a condition on the answers of the row.
    """

    data_set: str
    shift: Shift = Shift.CURRENT
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """Sum of one element over the rows of an open table: ``sum(planned)``, all or some of them."""

    ref: Ref
    where: Expr | None = None


class _Joined:
    """A node with parts. What every return asks of it again is worked out once."""

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """What its parts need from a return, left to right."""
        found: list[Leaf] = []
        for part in walk(cast("Expr", self)):
            if isinstance(part, Ref | Rows | Total):
                found += leaves(part)
        return tuple(found)

    @cached_property
    def only_adds(self) -> bool:
        """Whether it only adds and subtracts figures."""
        return all(
            isinstance(part, Ref | Rows | Total | Number | Negative)
            or (isinstance(part, Arithmetic) and part.op in "+-")
            or (isinstance(part, Call) and part.name == "sum")
            for part in walk(cast("Expr", self))
        )


@dataclass(frozen=True)
class Negative(_Joined):
    """A figure with its sign turned."""

    operand: Expr


@dataclass(frozen=True)
class Arithmetic(_Joined):
    """``left op right`` with ``op`` one of ``+ - * /``."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Call(_Joined):
    """A numeric function of figures: ``abs``, ``min``, ``max``, ``sum`` of a list."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True)
class Day(_Joined):
    """The day of a month in the year of another day: ``day(6, 30)`` is the 30th of June."""

    month: int
    day: int
    year_of: Ref


@dataclass(frozen=True)
class Compare(_Joined):
    """``left op right`` with ``op`` one of ``== != < <= > >=``; ``days``: both sides are days."""

    op: str
    left: Expr
    right: Expr
    days: bool = False

    @cached_property
    def whole(self) -> Expr | None:
        """The side that is the whole of what stands on the other side, if one is.

        Nothing is a part that is more than it: ``part <= whole``, ``whole >= part``. Of ``==`` the
        whole is the one figure beside a side of several. Beside a bare number there is no whole.
        """
        left, right = len(leaves(self.left)), len(leaves(self.right))
        if not left or not right:
            return None
        match self.op:
            case "<=" | "<":
                return self.right
            case ">=" | ">":
                return self.left
            case "==" if left == 1 < right:
                return self.left
            case "==" if right == 1 < left:
                return self.right
            case _:
                return None


@dataclass(frozen=True)
class Logic(_Joined):
    """Conditions joined by ``and``, ``or``, ``not``, ``implies``, ``iff`` or ``exactly_one``."""

    op: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Chosen(_Joined):
    """Whether an answer in words is this text, in whatever case: ``status == "Đã trình"``.

    ``part``: the text is somewhere in it: ``has(number, "/QĐ-")``.
    """

    answer: Ref
    text: str
    part: bool = False


@dataclass(frozen=True)
class Same(_Joined):
    """Whether a row that is counted has the answer of the row that asks: ``same(number)``.

    ``asked`` is the answer there. A row of a fixed table (``asked`` without an element) is asked
    for by its official number.
    """

    answer: Ref
    asked: Ref


@dataclass(frozen=True)
class Presence(_Joined):
    """Whether answers were given: ``filled(a)``, ``compulsory_pair(a, b)``, ``exclusive_pair``."""

    op: str
    refs: tuple[Ref, ...]


Expr = (
    Number
    | Ref
    | Rows
    | Total
    | Negative
    | Arithmetic
    | Call
    | Day
    | Compare
    | Logic
    | Presence
    | Chosen
    | Same
)
"""Any node of a rule."""
Condition = Compare | Logic | Presence | Chosen | Same
"""A node that is true or false rather than a number."""
Leaf = Ref | Rows | Total
"""What a bound rule asks a return for."""


def walk(node: Expr) -> Iterator[Expr]:
    """List the node and everything below it, left to right; a sum of rows has no parts."""
    yield node
    parts: tuple[Expr, ...] = ()
    match node:
        case Negative(part) | Day(_, _, part) | Chosen(part, _) | Same(part, _):
            parts = (part,)
        case Arithmetic(_, left, right) | Compare(_, left, right):
            parts = (left, right)
        case Call(_, parts) | Logic(_, parts) | Presence(_, parts):
            pass
    for part in parts:
        yield from walk(part)


def divides(node: Expr) -> bool:
    """Ask whether working out a figure or a comparison can divide by zero."""
    return any(isinstance(part, Arithmetic) and part.op == "/" for part in walk(node))


def leaves(node: Expr) -> tuple[Leaf, ...]:
    """List what a bound rule needs from a return, left to right; a sum of rows is one leaf.

    Rows that are compared with the row that asks need its answers, too.
    """
    if isinstance(node, Ref):
        return (node,)
    if isinstance(node, Rows | Total):
        where = () if node.where is None else walk(node.where)
        asked = (part.asked for part in where if isinstance(part, Same))
        return (node, *dict.fromkeys(ref for ref in asked if ref.element))
    return node.leaves if isinstance(node, _Joined) else ()


def looks_back(node: Expr) -> bool:
    """Ask whether a bound rule names a figure of an earlier period."""
    return any(leaf.shift.looks_back for leaf in leaves(node) if isinstance(leaf, Ref | Rows))


def home_of(leaf: Leaf) -> Ref | Rows:
    """Tell which table, and of whom, a leaf asks."""
    return leaf.ref if isinstance(leaf, Total) else leaf


def is_sum(node: Expr) -> bool:
    """Ask whether a figure only adds and subtracts other figures, or is one."""
    if isinstance(node, _Joined):
        return node.only_adds
    return isinstance(node, Ref | Rows | Total | Number)


def is_linear(node: Expr) -> bool:
    """Ask whether a figure only adds up multiples of answers: its sum is the sum of its own.

    A bare number in it is no multiple of an answer: ten returns have it ten times, their sum once.
    """
    return _degree(node) == 1


def _degree(node: Expr) -> int | None:
    """0 for a number, 1 for multiples of answers added up, ``None`` for anything else."""
    match node:
        case Number():
            return 0
        case Ref() | Rows() | Total():
            return 1
        case Negative(operand):
            return _degree(operand)
        case Arithmetic("*" | "/" as op, left, right):
            one, other = _degree(left), _degree(right)
            if one is None or other is None or one + other > 1 or (op == "/" and other):
                return None
            return one + other
        case Arithmetic(_, left, right):
            return _common(left, right)
        case Call("sum", parts):
            return _common(*parts)
        case _:
            return None


def _common(*parts: Expr) -> int | None:
    degrees = {_degree(part) for part in parts}
    return degrees.pop() if len(degrees) == 1 else None


class Stage(StrEnum):
    """A rule on trial only informs; a rule in force has its own severity."""

    FORCE = "force"
    TRIAL = "trial"


class Missing(StrEnum):
    """What a side of a rule does with a blank (DHIS2's missing value strategies)."""

    SKIP_IF_ANY = "skip_if_any"
    SKIP_IF_ALL = "skip_if_all"
    ZERO = "zero"


class Scope(StrEnum):
    """Whether a rule is asked once of the data set or once of each of its rows."""

    SET = "set"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One validation rule as written in the definition (contract 2).

    ``missing_left`` and ``missing_right`` say what blanks do on either side of the comparison. An
    ``x`` is a blank, but for two cases: in a sum it counts as 0 beside a reported figure, and a
    whole (:attr:`~consolidate.model.rules.Compare.whole`) that is ``x`` counts as 0 beside
    parts. ``source`` names the form, article or label that the rule comes from. ``rows`` narrows a
    rule of scope ``ROW`` to some elements; empty means all. A rule is asked in its ``periods``
    only; empty means in all. ``computed``: its left side is a cell that the form works out.
    ``first``: where a sheet shows figures of the period before, another rule there says more.
    """

    id: str
    expression: str
    severity: Severity
    source: str
    message: str = ""
    scope: Scope = Scope.SET
    stage: Stage = Stage.FORCE
    rows: tuple[str, ...] = ()
    periods: tuple[PeriodType, ...] = ()
    missing_left: Missing = Missing.SKIP_IF_ANY
    missing_right: Missing = Missing.SKIP_IF_ANY
    tolerance: Decimal = Decimal(0)
    computed: bool = False
    first: bool = False

    @property
    def told_as(self) -> Severity:
        """Severity of the findings of the rule: one on trial only informs."""
        return Severity.INFO if self.stage is Stage.TRIAL else self.severity
