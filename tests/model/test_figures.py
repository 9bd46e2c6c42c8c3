"""Figures are found by every name that people and definitions give them."""

from __future__ import annotations

import pytest

from consolidate.model.datasets import Shape
from consolidate.model.figure_names import FigureName, find_data_set, find_figures
from tests.library_2018 import library_2018

ALL = [FigureName(form, *at) for form in library_2018().data_sets for at in form.figures()]


def shown(words: str) -> list[str]:
    return [
        f"{name.data_set.code}.{name.element.code}.{name.column}"
        for name in find_figures(library_2018(), words)
    ]


@pytest.mark.parametrize(
    "words",
    ["MS40", "MS 40", "ms  40", "MS.40", "pctn_01.c40", "PCTN_01.C40.value", "Biểu 01 MS 40",
     "pctn_01 40", "biểu 01, ms40", "Biểu 01: c40", "MS 40 số liệu", "40"],
)  # fmt: skip
def test_one_figure_of_many_names(words: str) -> None:
    assert shown(words) == ["pctn_01.c40.value"]


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("STT 5.1 cấp tỉnh", ["province"]),
        ("STT 5.1, Cấp tỉnh", ["province"]),
        ("5.1 – TỔNG SỐ", ["total"]),
        ("PL3-II 5.1 commune", ["commune"]),
        ("cchc_pl3_2.r5_1.district", ["district"]),
        ("STT 5.1", ["total", "province", "district", "commune", "note"]),
        ("cchc_pl3_2.r5_1", ["total", "province", "district", "commune", "note"]),
    ],
)
def test_the_columns_of_a_row(words: str, columns: list[str]) -> None:
    assert shown(words) == [f"cchc_pl3_2.r5_1.{column}" for column in columns]


def test_a_number_that_two_forms_have() -> None:
    assert shown("MS 4") == ["pctn_01.c4.value"]
    assert shown("STT 4") == ["cchc_pl3_2.r4.total", "cchc_pl3_2.r4.district", "cchc_pl3_2.r4.note"]
    assert shown("4") == [*shown("MS 4"), *shown("STT 4")]


def test_rows_without_a_number_and_columns_of_lists_go_by_their_labels() -> None:
    assert shown("Tặng Giấy khen") == ["pctn_01.c56c.value"]
    assert shown("đã thực hiện") == ["cchc_pl3_1.done."]
    assert shown("PL3-I Đã thực hiện") == ["cchc_pl3_1.done."]


@pytest.mark.parametrize(
    "words",
    ["", "MS", "MS 62", "STT 40", "MS 4 cấp tỉnh", "STT 4 cấp tỉnh", "MS 40a", "40.0", "MS 4,0",
     "pctn_01", "pctn_01.c99", "Biểu 02 MS 40", "Đã thực"],
)  # fmt: skip
def test_words_that_name_nothing(words: str) -> None:
    assert shown(words) == []


@pytest.mark.parametrize("name", ALL, ids=lambda name: f"{name[1].code}-{name[2]}")
def test_every_figure_is_found_by_its_machine_name_and_by_its_caption(name: FigureName) -> None:
    data_set, element, column = name
    assert name in find_figures(library_2018(), data_set.name_of(element.code, column))
    caption = data_set.caption(element, column)
    if column and column == element.second:
        caption = f"{caption}, {element.second_label}"
    found = find_figures(library_2018(), f"{data_set.sheet} {caption}")
    assert name in found
    if data_set.shape is Shape.FIXED and element.number:
        assert found == (name,)


@pytest.mark.parametrize("data_set", library_2018().data_sets, ids=lambda item: item.code)
def test_forms_by_code_sheet_and_title(data_set: object) -> None:
    for words in (data_set.code, data_set.sheet.upper(), data_set.short_title):  # type: ignore[attr-defined]
        assert find_data_set(library_2018(), words) is data_set


def test_no_form_is_guessed() -> None:
    assert find_data_set(library_2018(), "") is None
    assert find_data_set(library_2018(), "Biểu") is None
