"""Reasons and findings are data: equal, sorted, sent to other processes without a word rendered."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from consolidate.definitions import catalogue
from consolidate.definitions.catalogue import sentence
from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import DataValue
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Finding, Severity, because, capital, joined, sorted_findings
from consolidate.model.returns import Source
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe


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


MESSAGES = (
    because("memory.late", day=date(2018, 9, 7), days=2, due=Decimal("1.5"), letter=""),
    because("memory.late", day="x", days="2", due=capital("y"), letter=joined("", ("a", 1))),
)


def test_findings_survive_a_trip_to_another_process() -> None:
    findings = [Finding("a.b", Severity.ERROR, message) for message in MESSAGES]
    assert pickle.loads(pickle.dumps(findings)) == findings
    assert len({*findings, *pickle.loads(pickle.dumps(findings))}) == 2


def test_findings_that_differ_in_their_message_only_have_one_order() -> None:
    findings = [Finding("a.b", Severity.ERROR, message) for message in MESSAGES]
    assert sorted_findings(findings) == sorted_findings(reversed(findings + findings))


def test_a_capital_is_made_of_the_first_letter_shown() -> None:
    assert sentence(capital(joined("", ("đơn vị", "X")))) == "Đơn vị X"
    assert sentence(capital("")) == ""


def back(sent: object) -> object:
    return pickle.loads(pickle.dumps(sent))


def test_a_reading_with_findings_comes_back() -> None:
    wrong = Recipe("several defects", values={"pctn_01.c3": "nhiều", "pctn_01.c20": 1})
    reading = check_bytes(library_2018(), "a.xlsx", wrong.build())
    assert reading.content is not None
    assert len(reading.findings) > 1
    source = Source((reading,), ("~$a.xlsx",))
    assert back(source) == source
    assert repr(back(source)) == repr(source)


def test_a_field_behind_defaults_is_not_lost() -> None:
    reading = check_bytes(library_2018(), "a.xlsx", Recipe("sound").build())
    assert reading.content is not None
    value = next(reading.content.values())
    assert isinstance(value, DataValue)
    for one in (value, replace(value, readings=("1",)), replace(value, problem="roughly")):
        assert back(one) == one
        assert repr(back(one)) == repr(one)
