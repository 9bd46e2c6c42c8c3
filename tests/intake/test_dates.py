"""Dates and data windows as officers type them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.intake.typed_text.dates_and_marks import Reading, read_date, read_window
from consolidate.model.data_values import ValueStatus
from consolidate.model.period import DataWindow

MISSING = Reading(ValueStatus.MISSING)
NOT_A_DATE = Reading(ValueStatus.INVALID, problem="not_a_date")


@pytest.mark.parametrize(
    "text",
    [
        "28/8/2018",
        "28/08/2018",
        "28-8-2018",
        "28.08.2018",
        " 28 / 8 / 2018 ",
        "ngày 28 tháng 8 năm 2018",
        "Ngày 28 THÁNG 08 NĂM 2018",
        "Số 12/KH-UBND ngày 28/8/2018",
        "28/8/2018.",
        "２８／８／２０１８",
        "28．8．2018",
        "2018-08-28",
        "2018-8-28",
    ],
)
def test_typed_days(text: str) -> None:
    assert read_date(text) == Reading(ValueStatus.REPORTED, date(2018, 8, 28), "date_text")


@pytest.mark.parametrize(
    "text", ["28/8/18", "28.08.18", "28-8-18", "ngày 28/8/18.", "２８/８/１８"]
)
def test_years_of_two_digits(text: str) -> None:
    read = Reading(ValueStatus.REPORTED, date(2018, 8, 28), "two_digit_year")
    assert read_date(text) == read


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (43340.0, date(2018, 8, 28)),
        (43340, date(2018, 8, 28)),
        (36526.0, date(2000, 1, 1)),
        (60000.0, date(2064, 4, 8)),
    ],
)
def test_days_as_excel_counts_them(cell: float, day: date) -> None:
    assert read_date(cell) == Reading(ValueStatus.REPORTED, day, "date_serial")


@pytest.mark.parametrize(
    "cell", [datetime(2018, 8, 28), datetime(2018, 8, 28, 9), date(2018, 8, 28)]
)
def test_real_dates(cell: date) -> None:
    assert read_date(cell) == Reading(ValueStatus.REPORTED, date(2018, 8, 28))


@pytest.mark.parametrize("text", ["", " ", "…/…/…", "../../....", "–", "-", "__/__/____"])
def test_blank_days(text: str) -> None:
    assert read_date(text) == MISSING


@pytest.mark.parametrize(
    "cell",
    [
        "31/2/2018",
        "tháng 8/2018",
        "6/11/2017 - 28/8/2018",
        "128/8/2018",
        "28/8/20188",
        "quý III/2018",
        "x",
        43340.5,
        36525,
        60001.0,
        5,
        20180828,
        "28/8/68",
        "28/8/08",
        "12-10-15-28",
        "2018-02-30-1",
        "43340",
        True,
        time(9),
        timedelta(days=3),
    ],
)
def test_no_days(cell: str | float | time | timedelta) -> None:
    assert read_date(cell) == NOT_A_DATE


def test_the_month_first_is_proposed_but_not_used() -> None:
    proposed = Reading(ValueStatus.INVALID, problem="month_first", readings=("28/08/2018",))
    for text in ("8/28/2018", "8/28/18", "8／28／2018"):
        assert read_date(text) == proposed


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    for text in (f"{day:%d/%m/%Y}", f"{day.day}-{day.month}-{day.year}"):
        assert read_date(text).answer == day


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    read = read_date(text)
    assert (read.answer is not None) == (read.status is ValueStatus.REPORTED)
    read_window(text)


@pytest.mark.parametrize(
    "text",
    [
        "(Số liệu tính từ ngày 06/11/2017 đến ngày 28/8/2018)",
        "(Số liệu tính từ ngày 06/11/2017 đến 28/8/2018)",
        "Từ ngày 06 tháng 11 năm 2017 đến ngày 28 tháng 8 năm 2018",
        "(Số liệu tính từ ngày 06/11/17 đến ngày 28/8/18)",
        "06/11/2017\u00a0–\u00a028/08/2018",
        "6-11-2017-28-8-2018".replace("2017-", "2017 - "),
    ],
)
def test_windows(text: str) -> None:
    assert read_window(text) == DataWindow(date(2017, 11, 6), date(2018, 8, 28))


@pytest.mark.parametrize(
    "text",
    ["", "(Số liệu tính từ ngày … đến ngày …)", "đến 28/8/2018", "từ 31/2/2018 đến 28/8/2018"],
)
def test_no_windows(text: str) -> None:
    assert read_window(text) is None


def test_window_label() -> None:
    window = DataWindow(date(2017, 11, 6), date(2018, 8, 28))
    assert window.label == "06/11/2017 – 28/08/2018"
    assert read_window(window.label) == window
