"""The text of a rule: what is read, and what is refused at which character."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.datasets import DataElement, DataSet, Shape, ValueColumn, ValueType
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Compare,
    Expr,
    Logic,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    Scope,
    Shift,
)
from consolidate.rules.parsing import bind
from consolidate.rules.rule_names import RuleSyntaxError

ONE, ZERO = Number(Decimal(1)), Number(Decimal(0))


def form(code: str, shape: Shape, names: str, *columns: ValueColumn) -> DataSet:
    body = tuple(DataElement(name, "", name, ValueType.COUNT) for name in names.split())
    return DataSet(code, code, code, code, shape, (), body, columns)


FORM = form("form", Shape.FIXED, "a b c3 số", ValueColumn("value", ""))
FORMS = {"form": FORM, "list": form("list", Shape.OPEN, "x")}


def read(text: str) -> Expr:
    return bind(text, FORM, Scope.SET, FORMS)


def ref(element: str, shift: Shift = Shift.CURRENT) -> Ref:
    return Ref("form", element, "value", shift)


A, B = ref("a"), ref("b")
A0, B0 = Compare(">", A, ZERO), Compare(">", B, ZERO)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a > 0", A0),
        ("a == b", Compare("==", A, B)),
        ("a != 0.5", Compare("!=", A, Number(Decimal("0.5")))),
        ("a <= 1_819", Compare("<=", A, Number(Decimal(1819)))),
        (
            "a - b * 1 < 0",
            Compare(
                "<",
                Arithmetic("-", A, Arithmetic("*", B, ONE)),
                ZERO,
            ),
        ),
        ("a / b >= -1", Compare(">=", Arithmetic("/", A, B), Negative(ONE))),
        ("not a > 0", Logic("not", (A0,))),
        ("a > 0 and b > 0", Logic("and", (A0, B0))),
        ("a > 0 or b > 0", Logic("or", (A0, B0))),
        (
            "implies(a > 0, b > 0)",
            Logic(
                "implies",
                (A0, B0),
            ),
        ),
        (
            "iff(a > 0, filled(b))",
            Logic("iff", (A0, Presence("filled", (B,)))),
        ),
        (
            "exactly_one(filled(a), b > 0)",
            Logic(
                "exactly_one",
                (Presence("filled", (A,)), B0),
            ),
        ),
        ("compulsory_pair(a, b)", Presence("compulsory_pair", (A, B))),
        ("exclusive_pair(a, b)", Presence("exclusive_pair", (A, B))),
        ("sum(a, b) > 0", Compare(">", Call("sum", (A, B)), ZERO)),
        ("min(a, 1) > 0", Compare(">", Call("min", (A, ONE)), ZERO)),
        ("max(a, 1) > 0", Compare(">", Call("max", (A, ONE)), ZERO)),
        ("abs(a) > 0", Compare(">", Call("abs", (A,)), ZERO)),
        ("count(list) > 0", Compare(">", Rows("list"), ZERO)),
        ("prev.c3 > 0", Compare(">", ref("c3", Shift.PREVIOUS), ZERO)),
        (
            "same_period_last_year.c3 > 0",
            Compare(">", ref("c3", Shift.LAST_YEAR), ZERO),
        ),
        ("form.a.value > 0", A0),
        ("số > 0", Compare(">", ref("số"), ZERO)),
        ("  a\n  > 0 ", A0),
    ],
)
def test_reads(text, node):
    assert read(text) == node


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 0),
        ("   ", 0),
        ("a", 0),
        ("a +", 3),
        ("tổng số đề nghị ==", 5),
        ("số == đề ** 2", 9),
        ("đề % 2 == 0", 3),
        ("(số) // b == 0", 5),
        ("số == “hai”", 6),
        ("số < 'hai'", 5),
        ("số == ''", 6),
        ("'hai' == số", 0),
        ("đ > day(2, 30)", 4),
        ("đ > day(6.5, 1)", 4),
        ("số in b", 3),
        ("số < đề < b", 8),
        ("đ > 0 and b", 10),
        ("đ + (b > 0) > 1", 5),
        ("đ > 0; b > 0", 5),
        ("đ > 0)", 5),
        ("đ > (0", 4),
        ("  đ > đ == (0 > 1", 11),
        ("đ > 0 # vì sao", 6),
        ("đ > \\ 0", 4),
        ("đ > 0x1F", 4),
        ("đ > 1e30", 4),
        ("đ > 1234567890123456", 4),
        ("đ > 05", 5),
        ("đ > 1j", 4),
        ("đ > True", 4),
        ("đ > None", 4),
        ("đ > 1and b > 0", 4),
        ("đ > hàm(1)", 4),
        ("đ > abs(1, 2)", 11),
        ("đ > min(1)", 4),
        ("đ > abs(x=1)", 4),
        ("đ > sum(*b)", 8),
        ("implies(đ, b > 0)", 8),
        ("filled(đ + 1)", 7),
        ("filled(đ, b)", 10),
        ("đ > 0 or filled()", 9),
        ("exactly_one(đ > 0)", 0),
        ("exactly_one(đ > 0, b)", 19),
        ("đ > a.b(1)", 4),
        ("đ > b[0]", 4),
        ("đ > [0]", 4),
        ("đ > lambda: 0", 4),
        ("đ > (b := 0)", 5),
        ("đ > (b if 1 else 0)", 5),
        ("đ > b,", 0),
        ("đ > f'{b}'", 4),
        ("đ > await b", 4),
        ("đ > ~b", 4),
        ("đ > +b", 4),
        ("đ\u00a0> b", 1),
        ("đ > \ud800", 4),
        ("đ > \0", 4),
        ("đ > " + "1" * 600, 500),
        ("đ > " + "-" * 300 + "1", None),
        ("not " * 120 + "đ > 0", None),
        ("(" * 240 + "đ" + ")" * 240 + "> 0", None),
        ("__import__('os') == 0", 0),
    ],
)
def test_refuses_at_the_character(text, place):
    with pytest.raises(RuleSyntaxError) as caught:
        read(text)
    assert place is None or caught.value.offset == place, caught.value


def test_what_is_no_rule_is_told_before_a_name_that_means_nothing():
    with pytest.raises(RuleSyntaxError, match=r"syntax.operator \(character 7\)"):
        read("x > a % b")
    with pytest.raises(RuleSyntaxError, match=r"syntax.no_element \(character 1\)"):
        read("x > y")


def test_error_says_what_and_where():
    with pytest.raises(RuleSyntaxError, match=r"syntax.one_comparison \(character 8\)"):
        read("a == b == c")


@given(st.text(max_size=60) | st.text("abc_.0123456789()+-*/<>=! ,#đề\n", max_size=60))
def test_any_text_is_read_or_refused_inside_it(text):
    refused = None
    try:
        read(text)
    except RuleSyntaxError as error:
        refused = error.offset
    assert refused is None or 0 <= refused <= len(text)


def test_nothing_is_evaluated():
    ran = []
    for text in ("ran.append == 0", "ran.append(1) == 0"):
        with pytest.raises(RuleSyntaxError):
            read(text)
    assert ran == []
