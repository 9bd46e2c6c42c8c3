"""Ask a bound rule of plain numbers, without an evaluation: most rules have nothing to tell.

A question is made once of each rule. It answers only what is clear: all that the rule compares is a
reported number or a blank. A day, a text, an ``x``, an answer that could not be read, and anything
but sums of figures are left to :mod:`consolidate.rules.evaluation`, and so is every rule that is
broken. Both compare and join with the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import reduce
from operator import add, itemgetter

from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import DataSet
from consolidate.model.returns import DataSetReturn
from consolidate.model.rules import (
    Arithmetic,
    Compare,
    Expr,
    Logic,
    Missing,
    Number,
    Ref,
    Rows,
    RuleSpec,
    Shift,
    looks_back,
)
from consolidate.rules.evaluation import HOLDS, TRUTHS

_Key = tuple[str, str, str, int]
"""As a key of a value; in the numbers of one row of a list that row is 0."""
PlainNumbers = Mapping[_Key, Decimal | None]
"""What is clear of a return: its numbers, and ``None`` for blanks."""
Question = Callable[[PlainNumbers], bool | None]
"""Whether a rule holds, ``None`` where it does not apply; ``KeyError`` where that is not clear."""
_Side = Callable[[PlainNumbers], Decimal | None]
_ZERO = Decimal(0)


def plain_numbers(parts: Iterable[DataSetReturn]) -> PlainNumbers:
    """Take what is clear of fixed tables, and the number of rows of each open one."""
    found: dict[_Key, Decimal | None] = {}
    for part in parts:
        if not part.rows:
            _take([value.key for value in part.values], part.values, found)
        found[part.code, "", "", 0] = Decimal(part.rows)
    return found


def plain_rows(part: DataSetReturn) -> list[PlainNumbers]:
    """Take what is clear of each row of an open table."""
    rows: dict[int, list[DataValue]] = {}
    for value in part.values if part.rows else ():
        rows.setdefault(value.key.row, []).append(value)
    found: list[dict[_Key, Decimal | None]] = [{} for _ in range(part.rows)]
    for number, numbers in enumerate(found, 1):
        values = rows.get(number, ())
        _take([(*value.key[:3], 0) for value in values], values, numbers)
    return [*found]


def _take(
    keys: Iterable[_Key], values: Iterable[DataValue], into: dict[_Key, Decimal | None]
) -> None:
    for key, value in zip(keys, values, strict=True):
        if value.status is ValueStatus.REPORTED and isinstance(value.value, Decimal):
            into[key] = value.value
        elif value.status is ValueStatus.MISSING:
            into[key] = None
        else:
            into.pop(key, None)


def plain_question(
    expression: Expr, rule: RuleSpec, data_set: DataSet, element: str = ""
) -> Question | None:
    """Make the question of a rule of a form, asked of its row ``element`` if it has one.

    It is for a return of which no earlier period is known. ``None``: the rule has no such question.
    """

    def condition(node: Expr) -> Question | None:
        if isinstance(node, Logic):
            parts = [part for part in map(condition, node.operands) if part is not None]
            return _joined(node.op, parts) if len(parts) == len(node.operands) else None
        if not isinstance(node, Compare):
            return None
        if looks_back(node):
            return lambda _: None
        left = _side(node.left, rule.missing_left, data_set, element)
        right = _side(node.right, rule.missing_right, data_set, element)
        if left is None or right is None:
            return None
        return _compared(node.op, left, right, rule.tolerance)

    return condition(expression)


def _joined(op: str, parts: list[Question]) -> Question:
    truth = TRUTHS[op]
    return lambda numbers: truth([part(numbers) for part in parts])


def _compared(op: str, left: _Side, right: _Side, slack: Decimal) -> Question:
    holds = HOLDS[op]

    def ask(numbers: PlainNumbers) -> bool | None:
        one, other = left(numbers), right(numbers)
        return None if one is None or other is None else holds(one - other, slack)

    return ask


def _side(node: Expr, missing: Missing, data_set: DataSet, element: str) -> _Side | None:
    """One side of a comparison: a bare number, a figure or a sum of figures."""
    if isinstance(node, Number):
        bare = node.value
        return lambda _: bare
    keys = _keys(node, data_set, element)
    if not keys:
        return None
    figures = itemgetter(*keys)
    if len(keys) > 1:
        return lambda numbers: _sum(figures(numbers), missing)
    if missing is Missing.ZERO:
        return lambda numbers: figures(numbers) or _ZERO
    return figures


def _sum(figures: tuple[Decimal | None, ...], missing: Missing) -> Decimal | None:
    if None in figures:
        known = [figure or _ZERO for figure in figures if figure is not None]
        if missing is Missing.SKIP_IF_ANY or (missing is Missing.SKIP_IF_ALL and not known):
            return None
        return reduce(add, known, _ZERO)
    return reduce(add, figures)


def _keys(node: Expr, data_set: DataSet, element: str) -> tuple[_Key, ...]:
    """The figures that are added, in their order; none where it is no such sum."""
    match node:
        case Arithmetic("+", left, Ref() | Rows() as last):
            first, second = (_keys(part, data_set, element) for part in (left, last))
            return first + second if first and second else ()
        case Rows(code, Shift.CURRENT, None):
            return ((code, "", "", 0),)
        case Ref(code, "", column, Shift.CURRENT):
            # A row that is not asked for this column has no value there, and counts as blank.
            asked = element in data_set.by_code and column in data_set.by_code[element].columns
            return ((code, element, column, 0),) if asked else ()
        case Ref(code, own, column, Shift.CURRENT):
            return ((code, own, column, 0),)
        case _:
            return ()
