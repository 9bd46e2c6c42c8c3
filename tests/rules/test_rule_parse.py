"""The text of a rule: what is read, and what is refused at which character."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.rules import (
    Arithmetic,
    Call,
    Compare,
    Logic,
    Negative,
    Number,
    Path,
    Presence,
)
from consolidate.rules.parsing import RuleSyntaxError, parse

ONE, ZERO = Number(Decimal(1)), Number(Decimal(0))


def path(name: str, offset: int) -> Path:
    return Path(tuple(name.split(".")), offset)


A0 = Compare(">", path("a", 0), ZERO)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a > 0", A0),
        ("a == b", Compare("==", path("a", 0), path("b", 5))),
        ("a != 0.5", Compare("!=", path("a", 0), Number(Decimal("0.5")))),
        ("a <= 1_819", Compare("<=", path("a", 0), Number(Decimal(1819)))),
        (
            "a - b * 1 < 0",
            Compare(
                "<",
                Arithmetic("-", path("a", 0), Arithmetic("*", path("b", 4), ONE)),
                ZERO,
            ),
        ),
        ("a / b >= -1", Compare(">=", Arithmetic("/", path("a", 0), path("b", 4)), Negative(ONE))),
        ("not a > 0", Logic("not", (Compare(">", path("a", 4), ZERO),))),
        ("a > 0 and b > 0", Logic("and", (A0, Compare(">", path("b", 10), ZERO)))),
        ("a > 0 or b > 0", Logic("or", (A0, Compare(">", path("b", 9), ZERO)))),
        (
            "implies(a > 0, b > 0)",
            Logic(
                "implies",
                (Compare(">", path("a", 8), ZERO), Compare(">", path("b", 15), ZERO)),
            ),
        ),
        (
            "iff(a > 0, filled(b))",
            Logic("iff", (Compare(">", path("a", 4), ZERO), Presence("filled", (path("b", 18),)))),
        ),
        (
            "exactly_one(filled(a), b > 0)",
            Logic(
                "exactly_one",
                (Presence("filled", (path("a", 19),)), Compare(">", path("b", 23), ZERO)),
            ),
        ),
        ("compulsory_pair(a, b)", Presence("compulsory_pair", (path("a", 16), path("b", 19)))),
        ("exclusive_pair(a, b)", Presence("exclusive_pair", (path("a", 15), path("b", 18)))),
        ("sum(a, b) > 0", Compare(">", Call("sum", (path("a", 4), path("b", 7))), ZERO)),
        ("min(a, 1) > 0", Compare(">", Call("min", (path("a", 4), ONE)), ZERO)),
        ("max(a, 1) > 0", Compare(">", Call("max", (path("a", 4), ONE)), ZERO)),
        ("abs(a) > 0", Compare(">", Call("abs", (path("a", 4),)), ZERO)),
        ("count(list) > 0", Compare(">", Call("count", (path("list", 6),)), ZERO)),
        ("prev.c3 > 0", Compare(">", path("prev.c3", 0), ZERO)),
        (
            "same_period_last_year.c3 > 0",
            Compare(">", path("same_period_last_year.c3", 0), ZERO),
        ),
        ("form.r5.total > 0", Compare(">", path("form.r5.total", 0), ZERO)),
        ("số > 0", Compare(">", path("số", 0), ZERO)),
        ("  a\n  > 0 ", Compare(">", path("a", 2), ZERO)),
    ],
)
def test_reads(text, node):
    assert parse(text) == node


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
        parse(text)
    assert place is None or caught.value.offset == place, caught.value


def test_error_says_what_and_where():
    with pytest.raises(RuleSyntaxError, match=r"syntax.one_comparison \(character 8\)"):
        parse("a == b == c")


@given(st.text(max_size=60) | st.text("abc_.0123456789()+-*/<>=! ,#đề\n", max_size=60))
def test_any_text_is_read_or_refused_inside_it(text):
    refused = None
    try:
        parse(text)
    except RuleSyntaxError as error:
        refused = error.offset
    assert refused is None or 0 <= refused <= len(text)


def test_nothing_is_evaluated():
    ran = []
    parse_text = "ran.append == 0"
    parse(parse_text)
    with pytest.raises(RuleSyntaxError):
        parse("ran.append(1) == 0")
    assert ran == []
