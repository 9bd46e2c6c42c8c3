"""Plain questions agree with the evaluation wherever they answer, on any rule and any table."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.checks import rule_checks
from consolidate.checks.rule_checks import Row, check_rules, source_of
from consolidate.definitions.loader import shipped_library
from consolidate.intake.read_file import read_file
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, Scalar, ValueKey, ValueStatus
from consolidate.model.datasets import DataSet, Library, Shape, ValueType
from consolidate.model.reasons import Finding
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.rules import Arithmetic, Compare, Expr, Logic, Number
from consolidate.rules.evaluation import HOLDS, Verdict, evaluate
from consolidate.rules.plain_questions import plain_numbers, plain_question
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.rules.expressions import CHOICE, CHOICES, DAYS, REFS, ROWS, condition, spec

FORM = library_2018().by_code["pctn_01"]
LIBRARIES = (library_2018(), shipped_library().newest)
NUMBERS = ("0", "0", "0.00", "1", "1", "2", "3", "0.5", "0.3000004", "-1", "1819", "12" * 16)
TRUTHS = {Verdict.HOLDS: True, Verdict.BROKEN: False, Verdict.NOT_APPLICABLE: None}
COUNT = ValueType.COUNT
SEEDS = st.integers(0, 2**32)


def told(
    chance: random.Random, key: ValueKey, kind: ValueType, other: ValueStatus | None = None
) -> DataValue:
    """An answer of any state, most of them figures; half of them ``other``, where that is told."""
    value: Scalar | None = Decimal(chance.choice(NUMBERS))
    if kind is ValueType.DATE:
        value = date(2018, chance.randint(1, 12), 1)
    elif not kind.numeric:
        value = chance.choice((*CHOICES, "18/QĐ-UBND"))
    status = ValueStatus.REPORTED
    if other is not None and chance.randrange(2):
        status = other
    elif chance.randrange(4) == 0:
        status = chance.choice((ValueStatus.MISSING, ValueStatus.MISSING, *ValueStatus))
    if status not in (ValueStatus.REPORTED, ValueStatus.HELD):
        value = None
    return DataValue(key, value, status, str(value or ""), CellRef("s", 0, 0))


def table(chance: random.Random, form: DataSet) -> DataSetReturn:
    """A form filled at random."""
    if form.shape is Shape.FIXED:
        values = [told(chance, item.key, item.type) for item in form.inputs]
        return DataSetReturn(form.code, form.sheet, tuple(values))
    rows = chance.randint(0, 3)
    return DataSetReturn(form.code, form.sheet, tuple(
        told(chance, ValueKey(form.code, element.code, "", number), element.type)
        for number in range(1, rows + 1) for element in form.elements
    ), rows=rows)  # fmt: skip


def returns(chance: random.Random, library: Library) -> Iterator[Return]:
    for template in library.templates:
        parts = [table(chance, form) for form in library.sets_of(template.code)]
        given = tuple(part for part in parts if chance.randrange(5))
        yield Return(template.code, "", table(chance, library.cover), given)


def evaluated(content: Return, library: Library, within: pytest.MonkeyPatch) -> list[Finding]:
    """What the rules tell when every one of them is evaluated."""
    known = rule_checks._rules_of
    within.setattr(
        rule_checks, "_rules_of", lambda *form: [(*rule[:3], None) for rule in known(*form)]
    )
    return check_rules(content, library)


@settings(max_examples=10)
@given(SEEDS)
def test_no_finding_differs(seed: int) -> None:
    chance = random.Random(seed)
    for library in LIBRARIES:
        for content in returns(chance, library):
            found = check_rules(content, library)
            with pytest.MonkeyPatch.context() as within:
                assert found == evaluated(content, library, within)


def sums(chance: random.Random) -> Expr:
    """A condition of the kind that has a question, or nearly so: sums of figures, compared."""

    def side() -> Expr:
        if chance.randrange(5) == 0:
            return Number(Decimal(chance.choice(NUMBERS)))
        node: Expr = chance.choice((*REFS, ROWS))
        for _ in range(chance.randrange(3)):
            op = "-" if chance.randrange(10) == 0 else "+"
            node = Arithmetic(op, node, chance.choice(REFS))
        return node

    parts = tuple(Compare(chance.choice(tuple(HOLDS)), side(), side()) for _ in range(2))
    op = chance.choice(("", "and", "or", "implies", "iff", "exactly_one"))
    return Logic(op, parts) if op else parts[0]


@settings(max_examples=300)
@given(SEEDS)
def test_an_answer_is_the_verdict(seed: int) -> None:
    chance = random.Random(seed)
    expression = (
        condition(chance, chance.randrange(3)) if chance.randrange(4) == 0 else sums(chance)
    )
    rule = spec(chance)
    question = plain_question(expression, rule, FORM)
    kinds = dict.fromkeys(DAYS, ValueType.DATE) | {CHOICE: ValueType.CHOICE}
    other = chance.choice((ValueStatus.MISSING, ValueStatus.MISSING, *ValueStatus))
    values = tuple(
        told(chance, ValueKey("form", ref.element, ref.column), kinds.get(ref, COUNT), other)
        for ref in (*REFS, *DAYS, CHOICE)
    )
    parts = (DataSetReturn("form", "s", values), DataSetReturn("list", "s", (), rows=2))
    verdict = evaluate(expression, rule, source_of(parts, FORM, Row())).verdict
    try:
        answer = question(plain_numbers(parts)) if question is not None else TRUTHS[verdict]
    except KeyError:
        return
    assert answer == TRUTHS[verdict], (expression, values)


def test_a_return_that_keeps_the_rules_is_hardly_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    content = read_file("a.xlsx", Recipe("sound").build(), library_2018()).content
    assert content is not None
    asked: list[str] = []

    def counted(expression, rule, source):
        asked.append(rule.id)
        return evaluate(expression, rule, source)

    monkeypatch.setattr(rule_checks, "evaluate", counted)
    assert check_rules(content, library_2018()) == []
    assert asked == []
    assert evaluated(content, library_2018(), monkeypatch) == []
    assert len(asked) == len(library_2018().rules["pctn_01"])
