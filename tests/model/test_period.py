"""Reporting periods in codes and in words."""

from __future__ import annotations

import pytest

from consolidate.model.period import Period, PeriodType, Readings, read_period
from tests.library_2018 import library_2018

ALL = [Period(2018, kind) for kind in PeriodType]


@pytest.mark.parametrize("period", ALL, ids=lambda period: period.code)
def test_codes_and_labels_are_read_back(period: Period) -> None:
    assert Period.parse_code(period.code) == period
    assert Period.parse_code(f" {period.code.lower()} ") == period
    assert Period.parse_text(period.label) == period
    assert Period.parse_text(period.type.label, 2018) == period


@pytest.mark.parametrize("code", ["", "2018", "2018-Q5", "2018-3M", "18-Q1", "2018Q1", "2018-9M-1"])
def test_no_codes(code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        Period.parse_code(code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("quý III/2018", "2018-Q3"),
        ("QUÝ 3 NĂM 2018", "2018-Q3"),
        ("Qúy III/2018", "2018-Q3"),
        ("Quí III/2018", "2018-Q3"),
        ("Q3/2018", "2018-Q3"),
        ("quy\u0301 IV/2018", "2018-Q4"),
        ("9 tháng đầu năm 2018", "2018-9M"),
        ("09 tháng năm 2018", "2018-9M"),
        ("Báo cáo 6 tháng đầu năm 2018", "2018-6M"),
        ("Cả năm 2018", "2018-Y"),
        ("năm 2018", "2018-Y"),
        ("2018", "2018-Y"),
        ("Báo cáo cả năm 2018", "2018-Y"),
        ("So Noi vu - bao cao PCTN 9 thang 2018", "2018-9M"),
        ("9 thang dau nam 2018", "2018-9M"),
        ("9T2018", "2018-9M"),
        ("6T.2018", "2018-6M"),
        ("bao cao quy III 2018", "2018-Q3"),
        ("2018 Q3 UBND xa", "2018-Q3"),
        ("QIV-2018", "2018-Q4"),
        ("QUI 1 2018", "2018-Q1"),
        ("ca nam 2018", "2018-Y"),
        ("nam 2018", "2018-Y"),
    ],
)
def test_periods_in_words(text: str, code: str) -> None:
    assert Period.parse_text(text) == Period.parse_code(code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quý III",
        "quý V/2018",
        "6 tháng cuối năm 2018",
        "16 tháng 2018",
        "tháng 9/2018",
        "9M",
        "6 thang cuoi nam 2018",
        "thang 9 2018",
        "T9 2018",
        "bao cao nam 2018",
        "quỹ 1 2018",
        "quy",
        "quy dinh 2018",
        "so lieu 2018",
        "39 thang 2018",
        "9 tuan 2018",
    ],
)
def test_no_periods(text: str) -> None:
    assert Period.parse_text(text) is None


def test_a_year_in_the_words_outranks_the_year_beside_them() -> None:
    assert Period.parse_text("Quý III/2017", 2018) == Period(2017, PeriodType.Q3)


def test_rounds() -> None:
    rounds = {kind: kind.round for kind in PeriodType}
    assert rounds == {"Q1": 1, "Q2": 2, "Q3": 3, "Q4": 4, "6M": 2, "9M": 3, "Y": 4}


@pytest.mark.parametrize(
    ("template", "asked", "own"),
    [
        ("pctn", "2018-9M", "2018-9M"),
        ("pctn", "2018-Q3", "2018-9M"),
        ("pctn", "2018-Q1", "2018-Q1"),
        ("cchc", "2018-9M", "2018-Q3"),
        ("cchc", "2018-Y", "2018-Q4"),
    ],
)
def test_each_template_has_its_own_period_of_a_round(template: str, asked: str, own: str) -> None:
    found = library_2018().period_for(template, Period.parse_code(asked))
    assert found == Period.parse_code(own)


def test_nine_months_and_the_third_quarter_are_one_round() -> None:
    nine, third = Period(2018, PeriodType.NINE_MONTHS), Period(2018, PeriodType.Q3)
    assert nine.same_round(third)
    assert third.same_round(nine)
    assert not nine.same_round(Period(2017, PeriodType.Q3))
    assert not nine.same_round(Period(2018, PeriodType.YEAR))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("2026-Q1", ["2026-Q1"]),
        ("2026-Q2", ["2026-6M", "2026-Q2"]),
        ("2026-6M", ["2026-6M", "2026-Q2"]),
        ("2026-9M", ["2026-9M", "2026-Q3"]),
        ("2026-Q4", ["2026-Y", "2026-Q4"]),
    ],
)
def test_a_round_goes_by_one_of_its_periods(code: str, names: list[str]) -> None:
    period = Period.parse_code(code)
    assert [item.code for item in period.round_periods] == names
    assert period.round_name.code == names[0]
    assert all(item.same_round(period) for item in period.round_periods)
    assert all(item.last_day == period.last_day for item in period.round_periods)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2026-9M", "2026-9M"),
        ("2026-9m", "2026-9M"),
        ("9M-2026", "2026-9M"),
        ("Q3-2026", "2026-Q3"),
        ("2026 q3", "2026-Q3"),
        ("9 tháng 2026", "2026-9M"),
        ("9 thang 2026", "2026-9M"),
        ("9T2026", "2026-9M"),
        ("quý 3/2026", "2026-Q3"),
        ("QUÝ III năm 2026", "2026-Q3"),
        ("quy iii nam 2026", "2026-Q3"),
        ("quý 3 - 2026", "2026-Q3"),
        ("6 tháng đầu năm 2026", "2026-6M"),
        ("6 thang dau nam 2026", "2026-6M"),
        ("năm 2026", "2026-Y"),
        ("ca nam 2026", "2026-Y"),
        ("kỳ năm 2026", "2026-Y"),
        ("đợt 9 tháng (2026)", "2026-9M"),
        ("Quý III và 9 tháng đầu năm 2026", "2026-9M"),
    ],
)
def test_a_round_in_words(typed: str, code: str) -> None:
    assert read_period(typed, 2030) == Readings((Period.parse_code(code),), certain=True)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("3/2026", "2026-Q3 2026-Q1"),
        ("4/2026", "2026-Q4"),
        ("tháng 9/2026", "2026-9M"),
        ("tháng 4/2026", ""),
        ("2026", "2026-Q1 2026-6M 2026-9M 2026-Y"),
        ("quý 3", "2030-Q3"),
        ("9 tháng và năm 2026", "2026-9M 2026-Y"),
        ("quý 3 2025-2026", "2025-Q3 2026-Q3"),
        ("6 tháng cuối năm 2026", ""),
        ("2026-Q5", ""),
        ("lễ", ""),
        ("", ""),
    ],
)
def test_what_is_no_certain_round_is_offered(typed: str, codes: str) -> None:
    assert read_period(typed, 2030) == Readings(tuple(map(Period.parse_code, codes.split())))
