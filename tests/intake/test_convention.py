"""How a file writes its numbers, from those that can be read in one way only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.intake.typed_text.typed_numbers import NumberReading, convention_of, read_number
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import ValueType
from consolidate.model.text import Convention, format_number

MONEY, COUNT, TEXT = ValueType.MONEY, ValueType.COUNT, ValueType.TEXT


@pytest.mark.parametrize(
    ("text", "kind", "convention"),
    [
        ("6.150.000", MONEY, ","),
        ("6.150.000đ", MONEY, ","),
        ("1.556,3", MONEY, ","),
        ("969,4", MONEY, ","),
        ("0,819", MONEY, ","),
        ("6,150,000", MONEY, "."),
        ("1,819.5", MONEY, "."),
        ("969.4 triệu đồng", MONEY, "."),
        ("0.819", MONEY, "."),
        ("1234.567", MONEY, "."),
        ("1.819", COUNT, ","),
        ("1,819", COUNT, "."),
        ("2.345/2.346", COUNT, ""),
        ("1.819", MONEY, ""),
        ("1,819", MONEY, ""),
        ("1819", MONEY, ""),
        ("5.1", COUNT, ""),
        ("theo mục 5.1", TEXT, ""),
        ("tổng số 1.556,3 triệu và 2.000.000 đồng", TEXT, ","),
        ("28.8.2018", MONEY, ""),
        ("1.23.456", MONEY, ""),
        ("", MONEY, ""),
        ("không", MONEY, ""),
        ("1,819.5", ValueType.DATE, ""),
        ("1" * 5000 + ",5", MONEY, ""),
    ],
)
def test_one_answer(text: str, kind: ValueType, convention: str) -> None:
    assert convention_of([(text, kind)]) == Convention(convention)


def test_contrary_answers_settle_nothing() -> None:
    assert convention_of([("1.556,3", MONEY), ("969.4", MONEY)]) is Convention.NONE
    assert convention_of([("969.4 và 1.556,3", MONEY)]) is Convention.NONE
    assert convention_of([("1.819", MONEY), ("969.4", MONEY), ("5", COUNT)]) is Convention.DOT
    assert convention_of([]) is Convention.NONE


@pytest.mark.parametrize(
    ("text", "convention", "used", "how"),
    [
        ("1.819", ".", "1.819", "decimals"),
        ("1.819", ",", "1819", "thousands"),
        ("1,819", ".", "1819", "thousands"),
        ("1,819", ",", "1.819", "decimals"),
        ("-9.280 triệu đồng", ".", "-9.28", "words"),
    ],
)
def test_the_convention_chooses_and_both_readings_are_named(
    text: str, convention: str, used: str, how: str
) -> None:
    read = read_number(text, MONEY, convention=Convention(convention))
    assert (read.status, read.figures) == (ValueStatus.REPORTED, (Decimal(used),))
    assert (read.step, read.problem) == (how, "by_convention")
    assert read.readings[0] == format_number(Decimal(used))
    assert len(set(read.readings)) == 2


@given(
    st.text(alphabet="0123456789.,/% đk", max_size=20),
    st.sampled_from(list(ValueType)),
    st.sampled_from(list(Convention)),
)
def test_a_convention_changes_only_what_is_ambiguous(
    text: str, kind: ValueType, convention: Convention
) -> None:
    if not kind.numeric:
        convention_of([(text, kind)])
        return
    without = read_number(text, kind)
    read = read_number(text, kind, convention=convention)
    if without.problem != "ambiguous" or convention is Convention.NONE:
        assert read == without
    else:
        assert set(read.readings) == set(without.readings)
        assert read.problem == "by_convention"


@pytest.mark.parametrize("convention", list(Convention))
def test_a_count_is_whole_in_any_convention(convention: Convention) -> None:
    read = read_number("1.819", COUNT, convention=convention)
    assert read == NumberReading(ValueStatus.REPORTED, (Decimal(1819),), "thousands")
