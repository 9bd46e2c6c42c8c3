"""Names of issued files on every system that they may pass through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consolidate.model.period import Period
from consolidate.templates.file_names import LONGEST, Names, period_slug, safe_name

ENDING = " - pctn 9 thang 2018.xlsx"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("S01 Sở Nội vụ", "S01 Sở Nội vụ.zip"),
        ("S01 So\u031b\u0309 A", "S01 Sở A.zip"),
        ('A/B\\C:D*E?F"G<H>I|J', "A B C D E F G H I J.zip"),
        ("../../etc", "etc.zip"),
        (" . ", "_.zip"),
        ("", "_.zip"),
        ("a\r\nb\t\u202e\x00c", "a b c.zip"),
        ("con", "_con.zip"),
        ("COM1 Sở", "_COM1 Sở.zip"),
        ("nul.x", "_nul.x.zip"),
        ("Công an", "Công an.zip"),
        ("Connect", "Connect.zip"),
    ],
)
def test_names(stem: str, name: str) -> None:
    assert safe_name(stem, ".zip") == name


@given(st.text(st.characters(), max_size=200))
@example("ợ" * 200)
@example("a" * 93 + " . b")
@example("x\u0303" * 100)
@example("a\ud800b")
def test_any_text_becomes_a_name_that_every_system_takes(stem: str) -> None:
    name = safe_name(stem, ENDING)
    assert name.endswith(ENDING)
    assert len(name) <= LONGEST
    assert len(name.encode()) < 255
    assert unicodedata.is_normalized("NFC", name)
    assert not set('<>:"/\\|?*') & set(name)
    assert not any(unicodedata.category(char)[0] == "C" for char in name)
    assert name[0] not in ". "
    assert name.split(".")[0].split(" ")[0].casefold() not in {"con", "nul", "com1", "aux", "prn"}


def test_periods_in_names() -> None:
    codes = ("2018-Q1", "2018-Q2", "2018-6M", "2018-Q3", "2018-9M", "2018-Q4", "2018-Y")
    assert [period_slug(Period.parse_code(code)) for code in codes] == [
        "quy 1 2018", "quy 2 2018", "6 thang 2018", "quy 3 2018", "9 thang 2018", "quy 4 2018",
        "nam 2018",
    ]  # fmt: skip


def test_a_name_is_given_once() -> None:
    names = Names()
    made = [names.take(lambda more, stem=stem: safe_name(stem, f"{more}.zip")) for stem in "aAab"]
    assert made == ["a.zip", "A (2).zip", "a (3).zip", "b.zip"]
