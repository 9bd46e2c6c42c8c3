"""Three-valued evaluation: truth tables, missing-value strategies, invalid values, tolerance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from consolidate.model.data_values import ValueStatus
from consolidate.model.reasons import Severity
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Compare,
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
from consolidate.rules.evaluation import Evaluation, Verdict, evaluate
from tests.rules.returns import Values, answer

A, B, C = (Ref("form", name, "value") for name in "abc")
DONE, LIST = Ref("list", "done"), Rows("list")
T, F, U = Verdict.HOLDS, Verdict.BROKEN, Verdict.NOT_APPLICABLE
INVALID = answer(None, ValueStatus.INVALID)
NOT_APPLICABLE = answer(None, ValueStatus.NOT_APPLICABLE)


def number(value: object) -> Number:
    return Number(Decimal(str(value)))


CONDITIONS: dict[Verdict, Expr] = {
    T: Compare("==", number(1), number(1)),
    F: Compare("==", number(1), number(2)),
    U: Compare("==", A, number(1)),
}


def ask(expression: Expr, values: Values | None = None, **rule: Any) -> Evaluation:
    spec = RuleSpec(id="r", expression="", severity=Severity.ERROR, source="", **rule)
    return evaluate(expression, spec, values or Values())


def plus(*terms: Expr) -> Expr:
    node = terms[0]
    for term in terms[1:]:
        node = Arithmetic("+", node, term)
    return node


TABLES = {
    #            TT TF TU FT FF FU UT UF UU
    "and": (T, F, U, F, F, F, U, F, U),
    "or": (T, T, T, T, F, U, T, U, U),
    "implies": (T, F, U, T, T, T, T, U, U),
    "iff": (T, F, U, F, T, U, U, U, U),
    "exactly_one": (F, T, U, T, F, U, U, U, U),
}


@pytest.mark.parametrize("op", TABLES)
def test_truth_tables(op):
    pairs = [(first, second) for first in (T, F, U) for second in (T, F, U)]
    found = [ask(Logic(op, (CONDITIONS[a], CONDITIONS[b]))).verdict for a, b in pairs]
    assert tuple(found) == TABLES[op]


def test_exactly_one_of_several():
    cases = [(F, T, F), (F, F, F), (T, F, T), (T, U, T), (U, F, F), (T, F, U)]
    found = [
        ask(Logic("exactly_one", tuple(CONDITIONS[case] for case in row))).verdict for row in cases
    ]
    assert found == [T, F, F, F, U, U]


def test_exactly_one_of_answers_that_are_blank():
    """A blank is an answer to the question whether a cell is filled: nothing is skipped."""
    node = Logic("exactly_one", (Presence("filled", (A,)), Presence("filled", (B,))))
    one, blank = answer(1), answer(None)
    pairs = [(one, blank), (blank, one), (one, one), (blank, blank), (one, NOT_APPLICABLE)]
    pairs += [(blank, INVALID), (one, INVALID)]
    found = [ask(node, Values(dict(zip((A, B), pair, strict=True)))).verdict for pair in pairs]
    assert found == [T, T, F, F, T, U, U]


def test_not():
    assert [ask(Logic("not", (CONDITIONS[case],))).verdict for case in (T, F, U)] == [F, T, U]


@pytest.mark.parametrize(
    ("op", "verdicts"),
    [
        ("==", (F, T, F)),
        ("!=", (T, F, T)),
        ("<", (T, F, F)),
        ("<=", (T, T, F)),
        (">", (F, F, T)),
        (">=", (F, T, T)),
    ],
)
def test_comparisons(op, verdicts):
    assert tuple(ask(Compare(op, number(n), number(5))).verdict for n in (4, 5, 6)) == verdicts


@pytest.mark.parametrize(
    ("op", "verdicts"),
    [
        ("==", (F, T, T, T, F)),
        ("!=", (T, F, F, F, T)),
        ("<=", (T, T, T, T, F)),
        (">=", (F, T, T, T, T)),
        ("<", (T, T, T, F, F)),
        (">", (F, F, T, T, T)),
    ],
)
def test_tolerance(op, verdicts):
    """At 5 with a tolerance of 0.5: below, at its lower end, equal, at its upper end, above."""
    found = tuple(
        ask(Compare(op, number(n), number(5)), tolerance=Decimal("0.5")).verdict
        for n in (4, "4.5", 5, "5.5", 6)
    )
    assert found == verdicts


def test_decimals_are_exact_and_noise_is_none():
    assert ask(Compare("==", plus(number("0.1"), number("0.2")), number("0.3"))).verdict is T
    noisy = Values({A: answer("0.30000000000000004")})
    assert ask(Compare("==", A, number("0.3")), noisy).verdict is T
    assert ask(Compare(">", A, number("0.3")), noisy).verdict is F
    one_dong = Values({A: answer("0.300001")})
    assert ask(Compare("==", A, number("0.3")), one_dong).verdict is F


@pytest.mark.parametrize(
    ("strategy", "cells", "verdict"),
    [
        (Missing.SKIP_IF_ANY, (answer(1), answer(2)), T),
        (Missing.SKIP_IF_ANY, (answer(3), answer(None)), U),
        (Missing.SKIP_IF_ANY, (answer(3), NOT_APPLICABLE), T),
        (Missing.SKIP_IF_ANY, (answer(2), NOT_APPLICABLE), F),
        (Missing.SKIP_IF_ANY, (NOT_APPLICABLE, answer(None)), U),
        (Missing.SKIP_IF_ANY, (NOT_APPLICABLE, NOT_APPLICABLE), U),
        (Missing.SKIP_IF_ANY, (answer(None), answer(None)), U),
        (Missing.SKIP_IF_ALL, (answer(1), answer(2)), T),
        (Missing.SKIP_IF_ALL, (answer(3), answer(None)), T),
        (Missing.SKIP_IF_ALL, (answer(2), NOT_APPLICABLE), F),
        (Missing.SKIP_IF_ALL, (answer(None), NOT_APPLICABLE), U),
        (Missing.ZERO, (answer(3), answer(None)), T),
        (Missing.ZERO, (answer(None), answer(None)), F),
        (Missing.SKIP_IF_ANY, (answer(1), INVALID), U),
        (Missing.SKIP_IF_ALL, (answer(3), INVALID), U),
        (Missing.ZERO, (answer(3), INVALID), U),
    ],
)
@pytest.mark.parametrize("left", [True, False])
def test_missing_strategies_on_either_side(strategy, cells, verdict, left):
    values = Values(dict(zip((A, B), cells, strict=True)))
    sides = (plus(A, B), number(3)) if left else (number(3), plus(A, B))
    other = "missing_right" if left else "missing_left"
    own = "missing_left" if left else "missing_right"
    found = ask(Compare("==", *sides), values, **{own: strategy, other: Missing.SKIP_IF_ANY})
    assert found.verdict is verdict
    assert (found.left is None) == (verdict is U)
    assert (found.right is None) == (verdict is U)


@pytest.mark.parametrize(
    ("node", "cells", "verdict"),
    [
        (Compare("<=", A, B), (answer(10), NOT_APPLICABLE), F),
        (Compare("<=", A, B), (answer(0), NOT_APPLICABLE), T),
        (Compare("<=", A, B), (NOT_APPLICABLE, answer(10)), U),
        (Compare("<=", A, B), (NOT_APPLICABLE, NOT_APPLICABLE), U),
        (Compare("<=", A, B), (answer(10), answer(None)), U),
        (Compare("<=", A, B), (INVALID, NOT_APPLICABLE), U),
        (Compare(">=", B, A), (answer(10), NOT_APPLICABLE), F),
        (Compare("==", A, B), (answer(10), NOT_APPLICABLE), U),
        (Compare("==", plus(A, C), B), (answer(10), NOT_APPLICABLE, NOT_APPLICABLE), F),
        (Compare("==", B, plus(A, C)), (NOT_APPLICABLE, answer(10), NOT_APPLICABLE), U),
        (Compare("<=", Call("min", (A, C)), B), (answer(1), answer(2), NOT_APPLICABLE), U),
        (Compare(">", A, number(0)), (NOT_APPLICABLE,), U),
        (Compare("<=", number(0), A), (NOT_APPLICABLE,), U),
    ],
)
def test_x_is_no_way_around_a_rule(node, cells, verdict):
    """A whole that is x counts as 0 beside parts; elsewhere a side of x alone asks nothing."""
    values = Values(dict(zip((A, B, C), cells, strict=False)))
    assert ask(node, values).verdict is verdict


def test_what_is_not_there_at_all_does_not_apply():
    absent = Values(absent=frozenset({"form"}))
    assert ask(Compare("==", A, number(0)), absent, missing_left=Missing.ZERO).verdict is U
    earlier = Ref("form", "a", "value", Shift.PREVIOUS)
    assert ask(Compare(">=", A, earlier), Values({A: answer(1)})).verdict is U
    assert ask(Compare("==", LIST, number(0)), missing_left=Missing.ZERO).verdict is U
    assert ask(Compare("==", Total(DONE), number(0)), missing_left=Missing.ZERO).verdict is U


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ((), T),
        ((answer(2), answer(-2)), T),
        ((answer(2), answer(None)), F),
        ((answer(None), NOT_APPLICABLE), U),
        ((answer(0), INVALID), U),
    ],
)
def test_sum_over_rows(cells, verdict):
    values = Values(columns={DONE: cells})
    assert ask(Compare("==", Total(DONE), number(0)), values).verdict is verdict


def test_count_of_rows():
    assert ask(Compare("==", LIST, number(2)), Values(counts={LIST: 2})).verdict is T
    assert ask(Compare("==", LIST, number(0)), Values(counts={LIST: 0})).verdict is T


def test_functions_and_signs():
    values = Values({A: answer(-3), B: answer(2)})
    assert ask(Compare("==", Call("abs", (A,)), number(3)), values).left == 3
    assert ask(Compare("==", Call("min", (A, B)), number(3)), values).left == -3
    assert ask(Compare("==", Call("max", (A, B)), number(3)), values).left == 2
    assert ask(Compare("==", Call("sum", (A, B, B)), number(3)), values).left == 1
    assert ask(Compare("==", Negative(A), number(3)), values).verdict is T
    assert ask(Compare("==", Arithmetic("*", A, B), number(-6)), values).verdict is T
    assert ask(Compare("==", Arithmetic("-", A, B), number(-5)), values).verdict is T


@pytest.mark.parametrize("top", [0, 1])
def test_division_by_zero_does_not_apply(top):
    found = ask(Compare("<=", Arithmetic("/", number(top), A), number(1)), Values({A: answer(0)}))
    assert (found.verdict, found.left, found.right) == (U, None, None)
    found = ask(Compare("<=", Arithmetic("/", number(6), A), number(3)), Values({A: answer(2)}))
    assert (found.verdict, found.left) == (T, 3)


PRESENCE = {
    # both, first only, second only, neither, second not applicable, second invalid
    "compulsory_pair": (T, F, F, T, F, U),
    "exclusive_pair": (F, T, T, T, T, U),
}


@pytest.mark.parametrize("op", PRESENCE)
def test_pairs(op):
    one, blank = answer(1), answer(None)
    pairs = [(one, one), (one, blank), (blank, one), (blank, blank), (one, NOT_APPLICABLE)]
    pairs.append((one, INVALID))
    node = Presence(op, (A, B))
    found = [ask(node, Values(dict(zip((A, B), pair, strict=True)))).verdict for pair in pairs]
    assert tuple(found) == PRESENCE[op]


def test_filled():
    cells = (answer(0), answer(None), NOT_APPLICABLE, INVALID)
    found = [ask(Presence("filled", (A,)), Values({A: cell})).verdict for cell in cells]
    assert found == [T, F, F, U]


def test_sides_are_those_of_the_comparison_that_decides():
    first, second = Compare("==", A, number(1)), Compare("==", B, number(2))
    both = Logic("and", (Presence("filled", (C,)), first, second))
    right, wrong = Values({A: answer(1), B: answer(2)}), Values({A: answer(9), B: answer(2)})
    assert ask(both, wrong).left == 9
    assert ask(both, Values({A: answer(1), B: answer(8), C: answer(0)})).left == 8
    assert ask(both, right).left == 2
    assert ask(Logic("implies", (first, second)), right).comparison == second
    assert ask(Logic("not", (first,)), right).left == 1
    assert ask(Presence("filled", (A,)), right).comparison is None


@pytest.mark.parametrize("node", [A, number(1)])
def test_a_figure_is_no_condition(node):
    with pytest.raises(TypeError):
        ask(node)
