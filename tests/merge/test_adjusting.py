"""Adjusted figures: read as a unit could have typed them, with what it did type beside them."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from consolidate.merge.adjustments_and_waivers import adjusted_return, adjusted_values
from consolidate.merge.read_files import check_bytes
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, DataValue, ValueKey
from consolidate.model.returns import Return
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.merge.province import NINE
from tests.recipes.recipe import clean_values


@cache
def returned(template: str) -> Return:
    rows = {"pctn_02": [{"name": "Vụ A"}, {"name": "Vụ B"}]} if template == "pctn" else {}
    data = build_template(library_2018(), template, Prefill(clean_values(template), rows))
    content = check_bytes(library_2018(), "a.xlsx", data).content
    assert content is not None
    return content


def adjustment(value: str, *key: str | int) -> Adjustment:
    where = ValueKey(*key)  # type: ignore[arg-type]
    return Adjustment("D1", NINE, "S02", where, value, "TTT", date(2018, 9, 6), "x", "1")


def shown(value: DataValue) -> tuple[str, str, str, str]:
    used = value.number if value.number is not None else value.value
    how = value.status.value if used is None else str(used)
    return value.key.column, how, value.raw, "+".join(value.normalisation)


@pytest.mark.parametrize(
    ("template", "key", "value", "expected"),
    [
        ("pctn", ("pctn_01", "c3", "value"), "1.819", [("value", "1819", "1", "adjusted")]),
        ("pctn", ("pctn_01", "c3"), "1819 lượt", [("value", "1819", "1", "adjusted")]),
        ("pctn", ("pctn_01", "c3", "value"), "", [("value", "missing", "1", "adjusted")]),
        ("pctn", ("pctn_01", "c3", "value"), "x", [("value", "not_applicable", "1", "adjusted")]),
        (
            "pctn",
            ("pctn_01", "c28", "value"),
            "13/26",
            [
                ("value", "50", "26/26", "adjusted"),
                (NUMERATOR, "13", "26/26", "adjusted"),
                (DENOMINATOR, "26", "26/26", "adjusted"),
            ],
        ),
        ("pctn", ("pctn_01", "c28", "value"), "75", [("value", "75", "26/26", "adjusted")]),
        ("pctn", ("pctn_02", "name", "", 2), "Vụ C", [("", "Vụ C", "Vụ B", "adjusted")]),
        (
            "cchc",
            ("cchc_pl3_2", "r5", "total"),
            "8/4",
            [("total", "8", "6/6", "adjusted"), ("{second}", "4", "6/6", "adjusted")],
        ),
    ],
)
def test_a_figure_is_replaced_with_all_that_stands_in_its_cell(
    template: str,
    key: tuple[str | int, ...],
    value: str,
    expected: list[tuple[str, str, str, str]],
) -> None:
    content = returned(template)
    changed, done = adjusted_return(content, [adjustment(value, *key)], library_2018())
    assert done.lost == ()
    ((_, used),) = done.applied
    before, after = list(content.values()), list(changed.values())
    mine = [v for v in after if v.cell == used.cell]
    second = library_2018().by_code[str(key[0])].by_code[str(key[1])].second
    named = [(column.format(second=second), *rest) for column, *rest in expected]
    assert [shown(v) for v in mine] == named
    others = [v for v in before if v.cell != used.cell]
    assert [v for v in after if v.cell != used.cell] == others
    place = next(index for index, v in enumerate(before) if v.cell == used.cell)
    assert after.index(mine[0]) == place


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("nhiều", ("pctn_01", "c3", "value")),
        ("-5", ("pctn_01", "c3", "value")),
        ("5", ("pctn_01", "c999", "value")),
        ("5", ("pctn_99", "c3", "value")),
        ("5", ("pctn_01", "c28", NUMERATOR)),
        ("Vụ C", ("pctn_02", "name", "", 3)),
    ],
)
def test_what_has_no_place_or_cannot_be_read_changes_nothing(
    value: str, key: tuple[str | int, ...]
) -> None:
    content = returned("pctn")
    wrong = adjustment(value, *key)
    done = adjusted_values(tuple(content.values()), [wrong], library_2018())
    assert done.values == tuple(content.values())
    assert (done.applied, done.lost) == ((), (wrong,))


def test_the_later_of_two_adjustments_of_a_figure_holds() -> None:
    content = returned("pctn")
    two = [adjustment(value, "pctn_01", "c3", "value") for value in ("5", "7")]
    done = adjusted_values(tuple(content.values()), two, library_2018())
    (c3,) = (value for value in done.values if value.key.element == "c3")
    assert shown(c3) == ("value", "7", "1", "adjusted")
