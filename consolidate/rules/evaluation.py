"""Evaluate a bound rule on the values of a return, in exact decimals and three-valued logic.

A rule holds, is broken, or does not apply. A value that could not be read makes every rule that
needs it not applicable: it already has a finding of its own, and guessing would hide it.

An ``x`` is no way around a rule: in a sum it counts as 0 beside a reported figure, and a whole
that is ``x`` counts as 0 beside parts that are reported. Otherwise it is a blank.

Figures are compared to the sixth decimal, one đồng of an amount in triệu đồng: a difference below
:data:`RESOLUTION` is zero. So 0.1 + 0.2 equals 0.3 here and in the doubles of a spreadsheet, where
the same rule lives as a formula, and the noise of a figure computed by Excel breaks no rule.

A day is the number that a spreadsheet has for it (:func:`number_of_day`), so that the difference of
two is a number of days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation
from enum import StrEnum
from operator import add, mul, sub, truediv
from typing import Protocol

from consolidate.model.data_values import UNKNOWN, DataValue, ValueStatus
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Day,
    Expr,
    Leaf,
    Logic,
    Missing,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Same,
    Shift,
    Total,
    is_sum,
    leaves,
)

PLACES = 6
"""Decimals to which the two sides of a comparison are compared."""
RESOLUTION = Decimal(5).scaleb(-PLACES - 1)
"""Differences nearer to zero than this are zero."""


_DAY_0 = date(1899, 12, 30)


def number_of_day(day: date) -> Decimal:
    """The number that a spreadsheet has for a day."""
    return Decimal((day - _DAY_0).days)


def day_of_number(number: Decimal) -> date:
    """The day of a number of a spreadsheet."""
    return _DAY_0 + timedelta(days=int(number))


class Verdict(StrEnum):
    """Verdict of a rule on a return."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_APPLICABLE = "not_applicable"


class ValueSource(Protocol):
    """Source of a rule's values: one return, or one row of it for a rule on rows.

    What is not said otherwise has figures alone: no lists, and no rows with official numbers.
    """

    def value(self, ref: Ref) -> DataValue | None:
        """Return the value of a reference; ``None`` when its form or period is absent."""

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        """Return all values of a column of an open table; ``None`` when the table is absent."""
        return None

    def rows(self, rows: Rows) -> int | None:
        """Count the filled rows of an open table; ``None`` when the table is absent."""
        return None

    def official_number(self) -> str:
        """Return the official number of the row of a fixed table, ``""`` without one."""
        return ""

    def each(self, data_set: str, shift: Shift) -> Sequence[ValueSource] | None:
        """Every filled row of an open table as a source; ``None`` when it is not known.

        ``shift`` tells whose table it is.
        """
        return None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Verdict of a rule; ``left`` and ``right`` are the sides of the comparison that decided it.

    Of conditions joined by ``and`` that is the first broken comparison; of all others the last.
    """

    verdict: Verdict
    left: Decimal | None = None
    right: Decimal | None = None
    comparison: Compare | None = None


class _Skip(Exception):
    """A side cannot be computed: the comparison does not apply."""


def evaluate(expression: Expr, rule: RuleSpec, source: ValueSource) -> Evaluation:
    """Evaluate a bound rule on a source of values."""
    return _Evaluator(rule, source).ask(expression)


def count_of(rows: Rows, rule: RuleSpec, source: ValueSource) -> int | None:
    """Count the rows that a rule counts; ``None`` when the table is absent."""
    return _Evaluator(rule, source).count(rows)


def figure_of(node: Expr, rule: RuleSpec, source: ValueSource) -> Decimal | None:
    """Work out a bound figure as the right side of a rule; ``None`` where it cannot be."""
    try:
        return _Evaluator(rule, source).side(node, rule.missing_right)
    except _Skip:
        return None


@dataclass(slots=True)
class _Evaluator:
    _rule: RuleSpec
    _source: ValueSource
    _asking: ValueSource | None = None
    """The row that asks, where rows of another table are counted for it."""

    def ask(self, node: Expr) -> Evaluation:
        match node:
            case Compare(op, left, right):
                whole, rule = node.whole, self._rule
                try:
                    first = self.side(left, rule.missing_left, left is whole)
                    second = self.side(right, rule.missing_right, right is whole)
                except _Skip:
                    return Evaluation(Verdict.NOT_APPLICABLE, comparison=node)
                verdict = _VERDICT[HOLDS[op](first - second, rule.tolerance)]
                return Evaluation(verdict, first, second, node)
            case Logic(op, operands):
                return self._logic(op, [self.ask(operand) for operand in operands])
            case Chosen(answer, text, part):
                said, wanted = _said(self._source, answer), text.casefold()
                if said is None:
                    return Evaluation(Verdict.NOT_APPLICABLE)
                return Evaluation(_VERDICT[wanted in said if part else said == wanted])
            case Same(answer, asked):
                return Evaluation(self._same(answer, asked))
            case Presence(op, refs):
                return self._presence(op, [self._given(ref) for ref in refs])
            case _:
                raise TypeError(f"not a condition: {node!r}")

    def _logic(self, op: str, parts: list[Evaluation]) -> Evaluation:
        truths = [_TRUTH[part.verdict] for part in parts]
        verdict = _VERDICT[TRUTHS[op](truths)]
        shown = next((part for part in reversed(parts) if part.comparison), Evaluation(verdict))
        if verdict is Verdict.BROKEN and op == "and":
            broken = (part for part in parts if part.verdict is Verdict.BROKEN and part.comparison)
            shown = next(broken, shown)
        return Evaluation(verdict, shown.left, shown.right, shown.comparison)

    def _presence(self, op: str, given: list[bool | None]) -> Evaluation:
        if None in given:
            return Evaluation(Verdict.NOT_APPLICABLE)
        match op:
            case "filled":
                truth = bool(given[0])
            case "compulsory_pair":
                truth = given[0] == given[1]
            case _:
                truth = not (given[0] and given[1])
        return Evaluation(_VERDICT[truth])

    def _same(self, answer: Ref, asked: Ref) -> Verdict:
        assert self._asking is not None  # Bound in a count only.
        said = _said(self._source, answer)
        wanted = self._asking.official_number().casefold()
        if asked.element:
            wanted = _said(self._asking, asked) or ""
        return _VERDICT[None if said is None or not wanted else said == wanted]

    def _given(self, ref: Ref) -> bool | None:
        value = self._source.value(ref)
        if value is None or value.status in UNKNOWN:
            return None
        return value.status is ValueStatus.REPORTED

    def side(self, node: Expr, missing: Missing, whole: bool = False) -> Decimal:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Ref):  # Most sides are one figure: look it up once.
            value = self._source.value(node)
            number = _number_in(value)
            if number is not None:
                return number
            crossed = value is not None and value.status is ValueStatus.NOT_APPLICABLE
            blank = value is not None and value.status is ValueStatus.MISSING
            if (crossed and whole) or ((crossed or blank) and missing is Missing.ZERO):
                return Decimal(0)
            raise _Skip
        known = {leaf: self._leaf(leaf) for leaf in leaves(node)}
        statuses = {status for status, _ in known.values()}
        if statuses & UNKNOWN:
            raise _Skip
        if not (whole and statuses == {ValueStatus.NOT_APPLICABLE}):
            blanks = statuses - {ValueStatus.REPORTED}
            if is_sum(node) and ValueStatus.REPORTED in statuses:
                blanks.discard(ValueStatus.NOT_APPLICABLE)
            if blanks and (
                missing is Missing.SKIP_IF_ANY
                or (missing is Missing.SKIP_IF_ALL and ValueStatus.REPORTED not in statuses)
            ):
                raise _Skip
        try:
            return _worked_out(node, known)
        except (DivisionByZero, InvalidOperation):
            raise _Skip from None

    def _leaf(self, leaf: Leaf) -> tuple[ValueStatus, Decimal]:
        """Status and figure of a leaf; of a column, the status that matters most to its sum."""
        match leaf:
            case Ref():
                value = self._source.value(leaf)
                status = ValueStatus.INVALID if value is None else value.status
                return status, _number_in(value) or Decimal(0)
            case Rows():
                count = self.count(leaf)
                status = ValueStatus.INVALID if count is None else ValueStatus.REPORTED
                return status, Decimal(count or 0)
            case Total(ref, where) if where is not None:
                rows = self._chosen_rows(ref.data_set, where, ref.shift)
                found = (row.value(ref) for row in rows or ())
                series = None if rows is None else tuple(v for v in found if v is not None)
            case Total(ref):
                series = self._source.series(ref)
        statuses = {value.status for value in series or ()}
        if series is None or statuses & UNKNOWN:
            return ValueStatus.INVALID, Decimal(0)
        reported = not statuses or ValueStatus.REPORTED in statuses
        total = sum((value.number or Decimal(0) for value in series), Decimal(0))
        return ValueStatus.REPORTED if reported else ValueStatus.MISSING, total

    def count(self, rows: Rows) -> int | None:
        if rows.where is None:
            return self._source.rows(rows)
        chosen = self._chosen_rows(rows.data_set, rows.where, rows.shift)
        return None if chosen is None else len(chosen)

    def _chosen_rows(self, code: str, where: Expr, shift: Shift) -> list[ValueSource] | None:
        """Rows that fulfil a condition; one that cannot be asked does not."""
        rows = self._source.each(code, shift)
        if rows is None:
            return None
        asked = (
            (row, _Evaluator(self._rule, row, self._source).ask(where).verdict) for row in rows
        )
        return [row for row, verdict in asked if verdict is Verdict.HOLDS]


def _worked_out(node: Expr, known: Mapping[Leaf, tuple[ValueStatus, Decimal]]) -> Decimal:
    match node:
        case Number(value):
            return value
        case Ref() | Rows() | Total():
            return known[node][1]
        case Day(month, day, year_of):
            year = day_of_number(known[year_of][1]).year
            return number_of_day(date(year, month, min(day, monthrange(year, month)[1])))
        case Negative(operand):
            return -_worked_out(operand, known)
        case Arithmetic(op, left, right):
            return _OPERATORS[op](_worked_out(left, known), _worked_out(right, known))
        case Call(name, arguments):
            return _FUNCTIONS[name]([_worked_out(argument, known) for argument in arguments])
        case _:
            raise TypeError(f"not a figure: {node!r}")


def _said(source: ValueSource, answer: Ref) -> str | None:
    """An answer as it is compared with a text; ``None`` without one."""
    value = source.value(answer)
    if value is None or value.status is not ValueStatus.REPORTED:
        return None
    return " ".join(str(value.value).split()).casefold()


def _number_in(value: DataValue | None) -> Decimal | None:
    """The figure of an answer, or the number of its day."""
    if value is None or value.status is not ValueStatus.REPORTED:
        return None
    said = value.value
    if isinstance(said, Decimal):
        return said
    return number_of_day(said) if isinstance(said, date) else None


_TRUTH: dict[Verdict, bool | None] = {
    Verdict.HOLDS: True,
    Verdict.BROKEN: False,
    Verdict.NOT_APPLICABLE: None,
}
_VERDICT: dict[bool | None, Verdict] = {truth: verdict for verdict, truth in _TRUTH.items()}


def _not(truths: Sequence[bool | None]) -> bool | None:
    return None if truths[0] is None else not truths[0]


def _all(truths: Sequence[bool | None]) -> bool | None:
    return False if False in truths else (None if None in truths else True)


def _any(truths: Sequence[bool | None]) -> bool | None:
    return True if True in truths else (None if None in truths else False)


def _implied(truths: Sequence[bool | None]) -> bool | None:
    return _any((_not(truths), truths[1]))


def _one(truths: Sequence[bool | None]) -> bool | None:
    if truths.count(True) > 1:
        return False  # Whatever the unknown ones are.
    return None if None in truths else True in truths


def _equal(truths: Sequence[bool | None]) -> bool | None:
    return None if None in truths else truths[0] == truths[1]


TRUTHS: dict[str, Callable[[Sequence[bool | None]], bool | None]] = {
    "not": _not,
    "and": _all,
    "or": _any,
    "implies": _implied,
    "iff": _equal,
    "exactly_one": _one,
}
"""What conditions are when joined, in three-valued logic; ``None`` is unknown."""

HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": lambda gap, slack: abs(gap) - slack < RESOLUTION,
    "!=": lambda gap, slack: abs(gap) - slack >= RESOLUTION,
    "<=": lambda gap, slack: gap - slack < RESOLUTION,
    ">=": lambda gap, slack: -gap - slack < RESOLUTION,
    "<": lambda gap, slack: gap - slack <= -RESOLUTION,
    ">": lambda gap, slack: -gap - slack <= -RESOLUTION,
}
"""Whether a comparison holds, by the left side less the right one and a tolerance."""


_OPERATORS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
}
_FUNCTIONS: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "abs": lambda numbers: abs(numbers[0]),
    "min": min,
    "max": max,
    "sum": lambda numbers: sum(numbers, Decimal(0)),
}
