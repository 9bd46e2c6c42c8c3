"""What is missing is asked for by its kind: nobody writes 0 or x where a name belongs."""

from __future__ import annotations

import pytest

from consolidate.checks.value_checks import check_values
from consolidate.intake.read_file import read_file
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe

LIBRARY = library_2018()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cover.unit_name", "value.required_text"),
        ("cover.level", "value.required_choice"),
        ("cover.period_year", "value.required_text"),
        ("pctn_01.c3", "value.required"),
    ],
)
def test_what_is_missing_is_asked_for_by_its_kind(name: str, key: str) -> None:
    read = read_file("a.xlsx", Recipe("blank", blank=(name,)).build(), library_2018()).content
    assert read is not None
    (finding,) = (
        item for item in check_values(read, LIBRARY) if f"{item.data_set}.{item.element}" == name
    )
    assert (finding.rule, finding.message.key) == ("value.required", key)
