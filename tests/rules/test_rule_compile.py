"""Compiled formulas as text; what they compute is measured in ``tests/office``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.definitions.catalogue import sentence
from consolidate.model.datasets import ValueType
from consolidate.model.reasons import Severity
from consolidate.model.rules import (
    Compare,
    Expr,
    Leaf,
    Logic,
    Missing,
    Number,
    Ref,
    Rows,
    RuleSpec,
    Total,
)
from consolidate.rules.evaluation import evaluate
from consolidate.rules.excel_formula import (
    FORMULA_LIMIT,
    NESTING_LIMIT,
    CompiledRule,
    CompileError,
    compile_rule,
)
from consolidate.rules.explanation import in_words
from consolidate.templates.cell_verdicts import Question, code_formula, saying_formula
from tests.rules.expressions import condition, spec
from tests.rules.returns import Values, shipped

EXCEL_2010 = re.compile(
    "ABS|AND|CHOOSE|DATE|FIND|IF|IFERROR|INDEX|INT|ISERROR|ISLOGICAL|ISNUMBER|LOOKUP|LOWER|MAX|MIN|OR|ROUND|SUM|"
    "SUMPRODUCT|TRIM|YEAR"
)
A, B = Ref("form", "a", "value"), Ref("form", "b", "value")


@dataclass
class Named:
    """Operands whose addresses say what they are."""

    prefix: str = ""

    def value(self, leaf: Leaf) -> str:
        return f"{self.prefix}{_name(leaf)}_v"

    def words(self, leaf: Leaf) -> str:
        return f"{self.prefix}{_name(leaf)}_w"

    def status(self, leaf: Leaf) -> str:
        return f"{self.prefix}{_name(leaf)}_s"


def _name(leaf: Leaf) -> str:
    if isinstance(leaf, Ref):
        return leaf.element or leaf.column
    return f"rows_{leaf.data_set}" if isinstance(leaf, Rows) else f"sum_{leaf.ref.element}"


def rule(**changes: Any) -> RuleSpec:
    return RuleSpec(id="r", expression="", severity=Severity.ERROR, source="", **changes)


def parts(formula: str) -> str:
    """The formula without its texts and sheet names."""
    return re.sub(r'"[^"]*"|\'[^\']*\'', "", formula)


def shipped_formulas() -> dict[str, CompiledRule]:
    return {
        f"{data_set.code}.{item.id}": compile_rule(expression, item, Named())
        for data_set, item, expression in shipped()
    }


def test_an_exact_sum():
    made = shipped_formulas()["pctn_01.r40"]
    assert made.verdict == (
        "CHOOSE(IF(AND(c40_s>0,MIN(c41_s,c42_s,c43_s,c44_s)=1),"
        "IF(ROUND(ABS(c40_v-(c41_v+c42_v+c43_v+c44_v)),6)<=0,1,-1),0)+2,0,-1,1)"
    )
    assert made.left == 'IF(AND(c40_s>0,MIN(c41_s,c42_s,c43_s,c44_s)=1),c40_v,"")'
    assert made.right == (
        'IF(AND(c40_s>0,MIN(c41_s,c42_s,c43_s,c44_s)=1),c41_v+c42_v+c43_v+c44_v,"")'
    )


def test_strategies_show_in_the_formula():
    made = shipped_formulas()["cchc_pl3_1.tasks"]
    some = "MIN(done_s,doing_s,not_done_s)>=0,OR(done_s=1,doing_s=1,not_done_s=1),planned_s>0"
    assert some in made.verdict
    zero = compile_rule(Compare("<", A, B), rule(missing_left=Missing.ZERO), Named())
    assert "AND(a_s>=0,b_s>0)" in zero.verdict


def test_operands_that_are_no_atoms_stand_in_brackets():
    class Sums(Named):
        def value(self, leaf: Leaf) -> str:
            return "1+1"

    made = compile_rule(Compare("<=", A, Number(Decimal(2))), rule(), Sums())
    assert "(1+1)-2" in made.verdict
    for atom in ("'Kiểm tra'!$A$1", "pctn_01.c3", "$A$1", "SUM(A1:A3)", "5"):

        class Atoms(Named):
            def value(self, leaf: Leaf, atom: str = atom) -> str:
                return atom

        assert (
            f"ROUND({atom}-2"
            in compile_rule(Compare("<=", A, Number(Decimal(2))), rule(), Atoms()).verdict
        )


def check_formula(formula: str) -> None:
    assert not formula.startswith("=")
    assert len(formula) < FORMULA_LIMIT
    called = re.findall(r"([A-Z]+)\(", parts(formula))
    assert [name for name in called if not EXCEL_2010.fullmatch(name)] == []
    assert parts(formula).count("(") == parts(formula).count(")")
    assert all(len(text) <= 255 for text in re.findall(r'"([^"]*)"', formula))


def test_shipped_formulas_keep_the_limits_of_excel():
    for made in shipped_formulas().values():
        for formula in (made.verdict, made.left, made.right):
            check_formula(formula)


@pytest.mark.parametrize("kind", ValueType)
@pytest.mark.parametrize("free", [False, True])
def test_judging_formulas_keep_the_limits_of_excel(kind, free):
    cell = "'Biểu có tên dài đúng ba mươi mốt'!$XFD$1048576"
    question = Question(kind, True, Decimal(0), Decimal(100), Decimal(50), free)
    check_formula(code_formula(question, cell))
    check_formula(saying_formula(cell))


def test_a_formula_too_long_is_refused():
    with pytest.raises(CompileError, match="characters"):
        compile_rule(Compare("==", A, B), rule(), Named("x" * 5000))
    deep: Expr = Compare("==", A, B)
    for _ in range(NESTING_LIMIT):
        deep = Logic("not", (deep,))
    with pytest.raises(CompileError, match="deep"):
        compile_rule(deep, rule(), Named())
    many = Logic("and", tuple(Compare("==", A, Number(Decimal(n))) for n in range(256)))
    with pytest.raises(CompileError, match=r"arguments|characters"):
        compile_rule(many, rule(), Named())


def test_a_figure_is_no_condition():
    with pytest.raises(TypeError):
        compile_rule(A, rule(), Named())


@settings(deadline=None, max_examples=300)
@given(st.randoms(use_true_random=False))
def test_no_generated_rule_crashes(chance):
    """A random rule is evaluated, said and written as formulas, which keep the limits of Excel."""
    expression, item = condition(chance, 4), spec(chance)
    evaluate(expression, item, Values())
    said = sentence(in_words(expression, _name_or_sum))
    assert said.strip() == said != ""
    try:
        made = compile_rule(expression, item, Named())
    except CompileError:
        return
    for formula in (made.verdict, made.left, made.right):
        check_formula(formula)


def _name_or_sum(leaf: Ref | Rows | Total) -> str:
    return _name(leaf)
