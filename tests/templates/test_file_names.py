"""Names of issued files on every system that they may pass through."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consolidate.model.period import Period
from consolidate.templates.file_names import (
    LONGEST,
    Names,
    period_of_slug,
    period_slug,
    safe_name,
)

ENDING = "-pctn-9-thang-2018.xlsx"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("S01 Sở Nội vụ", "s01-so-noi-vu.zip"),
        ("S01 So\u031b\u0309 A", "s01-so-a.zip"),
        ("UBND xã Đắk R'Lấp", "ubnd-xa-dak-r-lap.zip"),
        ('A/B\\C:D*E?F"G<H>I|J', "a-b-c-d-e-f-g-h-i-j.zip"),
        ("../../etc", "etc.zip"),
        (" . ", "tep.zip"),
        ("", "tep.zip"),
        ("a\r\nb\t\u202e\x00c", "a-b-c.zip"),
        ("con", "tep-con.zip"),
        ("COM1 Sở", "com1-so.zip"),
        ("COM¹", "tep-com1.zip"),
        ("Công an", "cong-an.zip"),
    ],
)
def test_names(stem: str, name: str) -> None:
    assert safe_name(stem, ".zip") == name


@given(st.text(st.characters(), max_size=200))
@example("ợ" * 200)
@example("a" * 93 + " . b")
@example("x\u0303" * 100)
@example("a\ud800b")
@example("İ ſ")
def test_any_text_becomes_a_name_that_every_system_takes(stem: str) -> None:
    name = safe_name(stem, ".xlsx", ending="pctn 9 thang 2018")
    assert f"-{name}".endswith(ENDING)
    assert len(name) <= LONGEST
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.xlsx", name)


def test_periods_in_names() -> None:
    codes = ("2018-Q1", "2018-Q2", "2018-6M", "2018-Q3", "2018-9M", "2018-Q4", "2018-Y")
    periods = [Period.parse_code(code) for code in codes]
    slugs = [
        "quy-1-2018", "quy-2-2018", "6-thang-2018", "quy-3-2018", "9-thang-2018", "quy-4-2018",
        "ca-nam-2018",
    ]  # fmt: skip
    assert [period_slug(period) for period in periods] == slugs
    assert [period_of_slug(slug) for slug in slugs] == periods
    for other in ("2018-9M", "9-thang-2018 (2)", "9 thang 2018", "9-thang", ""):
        assert period_of_slug(other) is None


def test_a_name_is_given_once() -> None:
    names = Names()
    made = [names.take(safe_name(stem, ".zip")) for stem in ("a", "A", "á", "b")]
    assert made == ["a.zip", "a-2.zip", "a-3.zip", "b.zip"]
