"""Every shipped rule against committed returns, and every single change of it is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from consolidate.model.datasets import DataSet, Shape
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Compare,
    Expr,
    Logic,
    Missing,
    Number,
    Ref,
    Rows,
    RuleSpec,
    Scope,
    leaves,
)
from consolidate.rules.evaluation import Verdict, evaluate
from tests.rules.returns import cases, shipped

_OPERATORS = {
    Arithmetic: ("+", "-", "*", "/"),
    Compare: ("==", "!=", "<", "<=", ">", ">="),
}
_JOINS = ("and", "or", "implies", "iff")
RULES = {f"{data_set.code}.{rule.id}": (data_set, rule, node) for data_set, rule, node in shipped()}


def test_every_rule_has_a_passing_and_a_failing_case():
    lacking = {
        f"{name}: {verdict.value}"
        for name in RULES
        for verdict in (Verdict.HOLDS, Verdict.BROKEN, Verdict.NOT_APPLICABLE)
        if verdict not in {expected for expected, _ in cases().get(name, ())}
    }
    assert lacking == set()


def test_every_case_names_a_rule():
    assert set(cases()) <= set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_cases(name):
    _, rule, expression = RULES[name]
    for expected, values in cases()[name]:
        assert evaluate(expression, rule, values).verdict is expected, values


def others(ref: Ref, data_set: DataSet, rule: RuleSpec) -> Iterator[Ref]:
    """Every other figure that a reference could name by mistake."""
    if ref.data_set != data_set.code:
        return
    for element in data_set.elements:
        if rule.scope is Scope.ROW and data_set.shape is Shape.FIXED:
            break
        if element.type.numeric and element.code != ref.element:
            yield replace(ref, element=element.code)
    for column in data_set.columns:
        if column.code != ref.column and (column.type is None or column.type.numeric):
            yield replace(ref, column=column.code)


def mutants(node: Expr, data_set: DataSet, rule: RuleSpec) -> Iterator[Expr]:
    """The expression with one operator, reference or number changed."""
    match node:
        case Arithmetic(op) | Compare(op):
            yield from (replace(node, op=other) for other in _OPERATORS[type(node)] if other != op)
        case Logic(op, (_, _)):
            yield from (replace(node, op=other) for other in _JOINS if other != op)
        case Logic("not", (inner,)):
            yield inner
        case Ref():
            yield from others(node, data_set, rule)
        case Number(value):
            yield Number(value + 1)
    for index, part in enumerate(_parts(node)):
        for changed in mutants(part, data_set, rule):
            yield _with_part(node, index, changed)


def _parts(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Arithmetic(_, left, right) | Compare(_, left, right):
            return left, right
        case Call(_, parts) | Logic(_, parts):
            return parts
        case _:
            return ()


def _with_part(node: Expr, index: int, part: Expr) -> Expr:
    if isinstance(node, Arithmetic | Compare):
        return replace(node, left=part) if index == 0 else replace(node, right=part)
    field = "operands" if isinstance(node, Logic) else "arguments"
    parts = list(_parts(node))
    parts[index] = part
    changed: dict[str, Any] = {field: tuple(parts)}
    return replace(node, **changed)


def verdicts(name: str, expression: Expr, rule: RuleSpec) -> list[Verdict]:
    return [evaluate(expression, rule, values).verdict for _, values in cases()[name]]


@pytest.mark.parametrize("name", RULES)
def test_every_single_change_is_noticed(name):
    data_set, rule, expression = RULES[name]
    right = verdicts(name, expression, rule)
    made = list(mutants(expression, data_set, rule))
    assert len(made) > 10
    survivors = [mutant for mutant in made if verdicts(name, mutant, rule) == right]
    assert survivors == []


@pytest.mark.parametrize("name", RULES)
def test_a_changed_tolerance_is_noticed(name):
    _, rule, expression = RULES[name]
    loose = replace(rule, tolerance=rule.tolerance + Decimal(1))
    assert verdicts(name, expression, loose) != verdicts(name, expression, rule)


@pytest.mark.parametrize("name", RULES)
def test_a_changed_strategy_is_noticed(name):
    """All strategies differ where a comparison is the rule; of one figure, any and all are one."""
    _, rule, expression = RULES[name]
    if not isinstance(expression, Compare):
        return
    right = verdicts(name, expression, rule)
    for field, part in (("missing_left", expression.left), ("missing_right", expression.right)):
        single = len(set(leaves(part))) == 1 or isinstance(part, Rows)
        for strategy in Missing:
            same = strategy is getattr(rule, field)
            if same or (single and Missing.ZERO not in (strategy, getattr(rule, field))):
                continue
            if isinstance(part, Rows):  # Rows are there or not; they are never blank.
                continue
            assert verdicts(name, expression, replace(rule, **{field: strategy})) != right, strategy
