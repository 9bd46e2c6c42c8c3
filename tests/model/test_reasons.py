"""Reasons: equal when they say the same, shown in Vietnamese notation, of known types only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from consolidate.definitions import catalogue
from consolidate.definitions.catalogue import sentence
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import because, joined


def test_reasons_are_equal_whatever_the_order_of_their_values() -> None:
    assert because("a.b", x=1, y="2") == because("a.b", y="2", x=1)
    assert because("a.b", x=1) != because("a.b", x=2)


def test_a_value_that_cannot_be_recorded_is_refused() -> None:
    with pytest.raises(TypeError):
        because("a.b", x=1.5)
    with pytest.raises(TypeError):
        because("a.b", x=("1", [2]))


def test_a_blank_without_a_value_is_a_key_error() -> None:
    assert because("a.b", x=1).value("x") == 1
    with pytest.raises(KeyError):
        because("a.b", x=1).value("y")


def test_values_are_shown_in_vietnamese_notation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        catalogue,
        "texts",
        lambda _section: {"one": "{n} · {day} · {period}", "two": "[{inner}]", "and": " và "},
    )
    inner = because(
        "t.one", n=Decimal("1819.5"), day=date(2018, 9, 1), period=Period(2018, PeriodType.Q3)
    )
    assert sentence(because("t.two", inner=inner)) == "[1.819,5 · 01/09/2018 · Quý III/2018]"
    assert sentence(joined("t.and", ("a", "b"))) == "a và b"
    assert sentence(joined("", ("a", inner))).startswith("a 1.819,5")
    assert sentence(("a", 2)) == "a; 2"
