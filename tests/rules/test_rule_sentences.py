"""Rules in Vietnamese: every shipped one, a dozen word by word, and the brackets of figures."""

from __future__ import annotations

import pytest

from consolidate.checks.rule_checks import rule_in_words
from consolidate.definitions.catalogue import sentence
from consolidate.model.datasets import DataElement, DataSet, Shape, ValueColumn, ValueType
from consolidate.model.rules import Expr, Ref, Rows, Scope
from consolidate.rules.explanation import in_words, side
from consolidate.rules.parsing import bind
from tests.library_2018 import library_2018
from tests.rules.returns import shipped

pytestmark = pytest.mark.wording

SENTENCES = {
    "pctn_01.r40": "MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44",
    "pctn_01.r7_6": "MS 7 không được lớn hơn MS 6",
    "pctn_01.r13_12": "MS 13 không được lớn hơn MS 12",
    "pctn_01.r61_60": "MS 61 không được lớn hơn MS 60",
    "pctn_01.r51_53_49": "MS 51 + MS 53 không được lớn hơn MS 49",
    "pctn_01.r52_54_50": "MS 52 + MS 54 không được lớn hơn MS 50",
    "pctn_01.r20_19": "khi MS 20 lớn hơn 0 thì MS 19 phải lớn hơn 0",
    "pctn_01.r11_12": "khi MS 11 lớn hơn 0 thì MS 12 lớn hơn 0, và ngược lại",
    "pctn_01.r17_18": "khi MS 17 lớn hơn 0 thì MS 18 lớn hơn 0, và ngược lại",
    "pctn_01.r_list": (
        "số dòng trong Danh sách các vụ tham nhũng được phát hiện trong kỳ phải bằng "
        "MS 29 + MS 31 + MS 35 + MS 37"
    ),
    "cchc_pl3_1.tasks": (
        "Đã thực hiện + Đang thực hiện + Chưa thực hiện phải bằng "
        "Số nhiệm vụ/số đơn vị trong kế hoạch"
    ),
    "cchc_pl3_2.levels": "Tổng số phải bằng Cấp tỉnh + Cấp huyện + Cấp xã",
}
SAID = {
    f"{data_set.code}.{rule.id}": sentence(rule_in_words(rule, data_set, library_2018()))
    for data_set, rule, _ in shipped()
}


@pytest.mark.parametrize("name", SENTENCES)
def test_word_by_word(name):
    assert SAID[name] == SENTENCES[name]


@pytest.mark.parametrize("name", SAID)
def test_every_rule_is_said_in_full(name):
    said = SAID[name]
    assert said == said.strip()
    assert not set(said) & set("{}=<>_")
    assert "phải" in said or "không được" in said or "ngược lại" in said


def name(leaf: Ref | Rows) -> str:
    return leaf.element if isinstance(leaf, Ref) else leaf.data_set


FORM = DataSet(
    "form", "", "", "", Shape.FIXED, (),
    tuple(DataElement(name, "", name, ValueType.COUNT) for name in "abc"),
    (ValueColumn("value", ""),),
)  # fmt: skip


def bound(text: str) -> Expr:
    return bind(text, FORM, Scope.SET, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a - (b + c) > 0", "a - (b + c) phải lớn hơn 0"),
        ("a - b + c > 0", "a - b + c phải lớn hơn 0"),
        ("a * (b + c) != 0.5", "a × (b + c) phải khác 0,5"),
        ("a / (b * c) >= 1819", "a : (b × c) không được nhỏ hơn 1.819"),
        ("a - -b > 0", "a - (-b) phải lớn hơn 0"),
        ("-(a + b) < 0", "-(a + b) phải nhỏ hơn 0"),
        ("a - sum(b, c) > 0", "a - (b + c) phải lớn hơn 0"),
        ("abs(a - b) <= 1", "giá trị tuyệt đối của (a - b) không được lớn hơn 1"),
        ("min(a, b) > 0", "số nhỏ nhất trong (a; b) phải lớn hơn 0"),
        ("a > 0 and b > 0", "a phải lớn hơn 0 và b phải lớn hơn 0"),
        (
            "(a > 0 or b > 0) and c > 0",
            "(a phải lớn hơn 0 hoặc b phải lớn hơn 0) và c phải lớn hơn 0",
        ),
        ("not a > 0", "không được có: a lớn hơn 0"),
        ("filled(a)", "a phải được ghi"),
        (
            "exactly_one(filled(a), filled(b))",
            "phải ghi đúng một trong các mục (a; b)",
        ),
        (
            "exactly_one(a > 0, filled(b))",
            "phải đúng một trong các trường hợp (a lớn hơn 0; b được ghi)",
        ),
        ("iff(filled(a), filled(b))", "khi a được ghi thì b được ghi, và ngược lại"),
        ("compulsory_pair(a, b)", "a và b phải cùng có hoặc cùng không có số liệu"),
        ("exclusive_pair(a, b)", "a và b không được cùng có số liệu"),
        ("implies(a == b, c < 1)", "khi a bằng b thì c phải nhỏ hơn 1"),
    ],
)
def test_sentences(text, said):
    assert sentence(in_words(bound(text), name)) == said


def test_sides_with_figures():
    expression = bound("a == b + c")
    figures = {"a": "1.819", "b": "1.457", "c": "223"}
    told = side(expression.right, lambda leaf: figures[name(leaf)])  # type: ignore[union-attr]
    assert sentence(told) == "1.457 + 223"


def test_a_figure_is_no_sentence():
    with pytest.raises(TypeError):
        in_words(Ref("", "a"), name)
    with pytest.raises(TypeError):
        side(bound("a > 0"), name)
