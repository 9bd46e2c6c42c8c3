"""Text in TCVN3 and VNI: found by its words, converted exactly; Unicode text is never touched."""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.definitions.catalogue import texts
from consolidate.intake.typed_text import legacy_text
from consolidate.intake.typed_text.legacy_cells import convert_workbook, legacy_anomalies
from consolidate.intake.typed_text.legacy_text import (
    KINDS,
    UNICODE,
    Legacy,
    is_syllable,
    legacy,
    suspicious,
)
from consolidate.model.cells import Cell
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook
from tests.library_2018 import library_2018

MESSAGES = Path(__file__).parents[2] / "consolidate" / "definitions" / "messages"
SIGNS = frozenset("¡¢£¤¥¦§¨©ª«¬®µ¶·¸¹»¼½¾×÷")
"""Letters of TCVN3 that are signs in Unicode: a text with both cannot come back."""


@cache
def vietnamese() -> list[str]:
    """Every text of the catalogue and every label of the forms."""
    found = [text for path in sorted(MESSAGES.glob("*.toml")) for text in texts(path.stem).values()]
    found += [item.label for data_set in library_2018().data_sets for item in data_set.body]
    return sorted({text for text in found if not text.isascii()})


TABLES = {"tcvn3": dict(legacy_text._TCVN3), "vni": dict(legacy_text._VNI)}
"""Codes to letters of each encoding."""


def typed(text: str, kind: str) -> str | None:
    """The text as typed in an encoding; ``None`` if it has a letter that the encoding has not."""
    codes: dict[str, str] = {}
    for code, letter in TABLES[kind].items():
        codes.setdefault(letter, code)
    if kind == "tcvn3" and set(text) & SIGNS:
        return None
    found = "".join(codes.get(letter, letter) for letter in unicodedata.normalize("NFC", text))
    return None if UNICODE.search(found) else found


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("Së Néi vô", "tcvn3", "Sở Nội vụ"),
        ("Sôû Noäi vuï", "vni", "Sở Nội vụ"),
        ("Kh«ng ph¸t sinh", "tcvn3", "Không phát sinh"),
        ("Khoâng phaùt sinh", "vni", "Không phát sinh"),
        ("Khoâng", "vni", "Không"),
        ("Uû ban nh©n d©n tØnh TiÒn Giang", "tcvn3", "Uỷ ban nhân dân tỉnh Tiền Giang"),
        ("UÛy ban nhaân daân tænh", "vni", "Ủy ban nhân dân tỉnh"),
        ("SÔÛ NOÄI VUÏ", "vni", "SỞ NỘI VỤ"),
        ("Ñaõ thöïc hieän", "vni", "Đã thực hiện"),
        ("§µo t¹o", "tcvn3", "Đào tạo"),
        ("tr\u00adêng häc", "tcvn3", "trường học"),
        ("Hå s¬ 12/2018, xö lý: 5", "tcvn3", "Hồ sơ 12/2018, xử lý: 5"),
        ("Së NéI Vô", "tcvn3", "SỞ NỘI VỤ"),
    ],
)
def test_old_text_is_read(text: str, kind: str, read: str) -> None:
    assert legacy(text) == Legacy(read, kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sở Nội vụ",
        "Thông tin và truyền thông",
        "Ghi chú",
        "Cã",
        "Së",
        "chöa",
        "Café résumé",
        "crème brûlée",
        "côté élève",
        "Français",
        "naïve",
        "Noël",
        "Citroën",
        "Müller",
        "Führer und Größe",
        "señor",
        "5 µm",
        "½",
        "© 2018",
        "«abc»",
        "a · b",
        "25 °C ± 1",
        "SNV-S02",
        "Biểu_01 (bản 2).xlsx",
        "thu.zip › Sở Nội vụ.xlsx",
        "Sở Néi vụ",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert legacy(text) == Legacy(text)


@pytest.mark.parametrize(
    ("text", "hint", "read"),
    [
        ("Cã", "tcvn3", "Có"),
        ("Cã", ".VnTime", "Có"),
        ("Cã", ".VnTimeH", "CÓ"),
        ("Së Néi vô", ".VnArialH", "SỞ NỘI VỤ"),
        ("Së", "tcvn3", "Sở"),
        ("chöa", "VNI-Times", "chưa"),
        ("chöa", "tcvn3", "chửa"),
        ("Mẫu Hå s¬", "tcvn3", "Mẫu Hồ sơ"),
        ("Sở Nội vụ", "tcvn3", "Sở Nội vụ"),
        ("a · b", "tcvn3", "a · b"),
        ("Müller", "vni", "Müller"),
        ("Cã", "Times New Roman", "Cã"),
    ],
)
def test_a_font_tells_what_words_cannot(text: str, hint: str, read: str) -> None:
    assert legacy(text, hint).text == read


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_text_of_ours_in_unicode_is_never_changed(form: Literal["NFC", "NFD"]) -> None:
    for text in vietnamese():
        standing = unicodedata.normalize(form, text)
        assert legacy(standing) == Legacy(standing)
        if UNICODE.search(standing):
            assert {legacy(standing, kind) for kind in KINDS} == {Legacy(standing)}


@pytest.mark.wording
@pytest.mark.parametrize("kind", KINDS)
def test_text_of_ours_comes_back_exactly(kind: str) -> None:
    sent = {text: old for text in vietnamese() if (old := typed(text, kind)) not in (None, text)}
    assert len(sent) > 500
    changed = {
        word.strip('":')
        for text, old in sent.items()
        for word, read in zip(text.split(), legacy(old, kind).text.split(), strict=True)
        if read != word
    }
    # An abbreviation is no syllable, a single ô is a sign, PHã has no capital in this encoding:
    # nothing tells what they are.
    assert changed <= {"ĐVT", "ĐV", "Ô", "ô", "PHÓ"}
    alone = [text for text, old in sent.items() if legacy(old).text == text]
    wrong = [old for text, old in sent.items() if legacy(old).text not in (text, old)]
    assert wrong == []
    assert len(alone) > 0.95 * len(sent)


SYLLABLES = sorted(
    {word for text in vietnamese() for word in text.split() if word.isalpha() and is_syllable(word)}
)


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=12), st.sampled_from(KINDS))
def test_words_never_become_other_words(words: list[str], kind: str) -> None:
    text = " ".join(words)
    assert legacy(text) == Legacy(text)
    old = typed(text, kind)
    # TCVN3 has no capitals with a tone: LÝ typed in it is Lí, and no text that anybody sent.
    known = {*TABLES[kind].values(), *string.ascii_letters, " "}
    if old is not None and known.issuperset(text):
        either = (text.casefold(), old.casefold())
        assert legacy(old).text.casefold() in either
        assert legacy(old, kind).text.casefold() in either


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=60))
def test_converting_twice_changes_nothing(text: str) -> None:
    once = legacy(text)
    assert legacy(once.text) == Legacy(once.text)
    assert (once.kind == "") == (once.text == text)


@given(st.text(max_size=60), st.sampled_from(["", *KINDS, ".VnTimeH", "VNI-Helve"]))
def test_any_text_is_taken(text: str, hint: str) -> None:
    assert legacy(text, hint).kind in ("", *KINDS)


WORDS = "nghiêng khuỷu quyển giếng gì hòa hoà thuở Uỷ Ủy quốc ngoằn yêu đường Huế ý oái ngoéo quá"


@pytest.mark.parametrize("word", WORDS.split())
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize(
    "word", ["", "Së", "Néi", "đ", "cat", "bàc", "kông", "nge", "coù", "vieäc", "hóà", "w", "xin2"]
)
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


def book(*cells: Cell, fonts: tuple[str, ...] = ()) -> Workbook:
    return Workbook((Grid("S", [[cell] for cell in cells]),), DefinedNames(), fonts=lambda: fonts)


def read(found: Workbook) -> list[Cell]:
    return [row[0] for row in found.sheets[0].rows]


def test_a_workbook_in_unicode_stays_the_same_object() -> None:
    given_book = book("Sở Nội vụ", "Cã", 5.0, True, "", "Müller")
    assert convert_workbook(given_book, library_2018()) is given_book


def test_short_words_follow_the_workbook() -> None:
    found = convert_workbook(book("Së Néi vô", "Cã", 5.0, "Ghi chú", "x"), library_2018())
    assert read(found) == ["Sở Nội vụ", "Có", 5.0, "Ghi chú", "x"]
    assert {cell: (o.raw, o.how) for cell, o in found.sheets[0].origins.items()} == {
        (0, 0): ("Së Néi vô", "tcvn3"),
        (1, 0): ("Cã", "tcvn3"),
    }
    assert list(legacy_anomalies(found)) == [
        Anomaly("legacy_text", found="TCVN3 (ABC)", expected="2")
    ]


def test_short_words_stay_among_words_in_unicode() -> None:
    found = convert_workbook(book("Së Néi vô", "Cã", "đã xử lý", "chưa rõ"), library_2018())
    assert read(found) == ["Sở Nội vụ", "Cã", "đã xử lý", "chưa rõ"]


def test_a_font_settles_a_word_that_could_be_of_two_encodings() -> None:
    assert read(convert_workbook(book("chöa"), library_2018())) == ["chöa"]
    found = convert_workbook(book("chöa", fonts=("Arial", "VNI-Times")), library_2018())
    assert read(found) == ["chưa"]
    both = convert_workbook(book("chöa", fonts=(".VnTime", "VNI-Times")), library_2018())
    assert read(both) == ["chöa"]


def test_capital_fonts_make_capitals_when_there_is_no_other() -> None:
    found = convert_workbook(book("së néi vô", fonts=(".VnTimeH",)), library_2018())
    assert read(found) == ["SỞ NỘI VỤ"]
    found = convert_workbook(book("së néi vô", fonts=(".VnTimeH", ".VnTime")), library_2018())
    assert read(found) == ["sở nội vụ"]


def test_what_is_suspicious() -> None:
    assert not any(suspicious(text) for text in vietnamese() if not set(text) & SIGNS)
