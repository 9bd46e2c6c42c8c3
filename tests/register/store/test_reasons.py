"""Reasons in the register: what is written is read again, with the types of its values."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Reason, because, joined
from consolidate.register.store.reasons import reason_from_json, reason_to_json
from consolidate.register.store.schema import Words

EVERYTHING = because(
    "a.b",
    text="“x”\nđ",
    lone="\udcff",
    count=3,
    number=Decimal("1.50"),
    day=date(2018, 4, 20),
    period=Period(2018, PeriodType.Q1),
    inner=because("c.d", e=joined("", ("1", because("f.g")))),
    several=("a", 1, (date(2018, 1, 1),)),
)


@pytest.mark.parametrize("reason", [None, because("a.b"), EVERYTHING])
def test_a_reason_comes_back_as_it_was(reason: Reason | None) -> None:
    assert reason_from_json(Words.stored(reason_to_json(reason))) == reason


def test_a_reason_is_legible_in_the_register() -> None:
    reason = because("memory.too_late", final=date(2018, 4, 15), letter="số 5")
    assert reason_to_json(reason) == (
        '{"key":"memory.too_late","values":{"final":{"date":"2018-04-15"},"letter":"số 5"}}'
    )


@pytest.mark.parametrize("text", ["Đủ.", "[]", "3", '{"key":"a"}', json.dumps({"odd": 1})])
def test_another_text_is_no_reason(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        reason_from_json(text)
