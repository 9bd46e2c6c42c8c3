"""Values and findings come back from JSON exactly as they were, whatever they say."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.cells import CellRef
from consolidate.model.findings import Finding, Severity
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Reason, because
from consolidate.model.values import DataValue, ValueKey, ValueStatus
from consolidate.register.store.encoding import (
    figures_from_json,
    figures_to_json,
    findings_from_json,
    findings_to_json,
)
from tests.register.store.made import figure

# Every code point: NUL, letters outside the basic plane and lone surrogates too.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
CELLS = st.builds(CellRef, TEXTS, st.integers(0, 1_048_575), st.integers(0, 16_383))
KEYS = st.builds(ValueKey, TEXTS, TEXTS, TEXTS, st.integers(0, 100_000))
SCALARS = st.one_of(
    st.none(), st.decimals(allow_nan=False, allow_infinity=False), st.dates(), TEXTS
)
VALUES = st.builds(
    DataValue,
    KEYS,
    SCALARS,
    st.sampled_from(ValueStatus),
    TEXTS,
    CELLS,
    st.lists(st.from_regex("[a-z0-9_]+", fullmatch=True), max_size=3).map(tuple),
    TEXTS,
    st.lists(TEXTS, max_size=3).map(tuple),
)
PERIODS = st.builds(Period, st.integers(2000, 2099), st.sampled_from(PeriodType))


def reasons(told: st.SearchStrategy[object]) -> st.SearchStrategy[Reason]:
    """Reasons with values of a kind."""
    return st.builds(lambda key, given: because(key, **given), TEXTS, st.dictionaries(TEXTS, told))


TOLD = st.recursive(
    st.one_of(
        TEXTS,
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.dates(),
        PERIODS,
    ),
    lambda told: st.one_of(reasons(told), st.lists(told, max_size=3).map(tuple)),
    max_leaves=5,
)
FINDINGS = st.builds(
    Finding,
    TEXTS,
    st.sampled_from(Severity),
    reasons(TOLD),
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(CELLS, max_size=3).map(tuple),
    st.one_of(TEXTS, reasons(TOLD)),
    TEXTS,
)


def exactly(values: tuple[DataValue, ...]) -> list[tuple[object, ...]]:
    """Values with the digits and the type of what is used: 1.0 and 1.00 are equal decimals."""
    return [(value, type(value.value), str(value.value)) for value in values]


@given(st.lists(VALUES, max_size=4).map(tuple))
def test_values_come_back_exactly(values: tuple[DataValue, ...]) -> None:
    made = figures_to_json(values)
    assert exactly(figures_from_json(made)) == exactly(values)
    made.encode()  # Any database can take it.
    assert "\0" not in made


@given(st.lists(FINDINGS, max_size=4).map(tuple))
def test_findings_come_back_exactly(findings: tuple[Finding, ...]) -> None:
    made = findings_to_json(findings)
    assert findings_from_json(made) == findings
    made.encode()
    assert "\0" not in made


def test_a_figure_is_written_as_people_can_read_it() -> None:
    cell = CellRef("Biểu 01", 13, 5)
    key = ValueKey("pctn_01", "c55", "value")
    value = DataValue(
        key, Decimal("1556.30"), ValueStatus.REPORTED, "1.556,3", cell, ("vi_decimal",)
    )
    assert figures_to_json([value]) == (
        '[["pctn_01","c55","value",0,"reported","number","1556.30","1.556,3",'
        '"Biểu 01","F14","vi_decimal","",[]]]'
    )


def test_day_text_and_nothing_stay_apart() -> None:
    cell = CellRef("S", 0, 0)
    used = (date(2018, 5, 25), "2018-05-25", None, "", Decimal(0))
    values = tuple(
        DataValue(ValueKey("d", f"c{n}"), value, ValueStatus.REPORTED, "", cell)
        for n, value in enumerate(used)
    )
    rows = json.loads(figures_to_json(values))
    assert [row[5:7] for row in rows] == [
        ["date", "2018-05-25"],
        ["text", "2018-05-25"],
        ["", ""],
        ["text", ""],
        ["number", "0"],
    ]
    assert figures_from_json(figures_to_json(values)) == values


def test_values_of_one_data_set() -> None:
    values = (figure("c3", "1"), figure("r5", "2", "cchc_pl3_2"), figure("c4", "3"))
    made = figures_to_json(values)
    assert figures_from_json(made, "pctn_01") == (values[0], values[2])
    assert figures_from_json(made, "cchc_pl3_2") == (values[1],)


@pytest.mark.parametrize(("kind", "cell"), [("double", "A1"), ("number", "A0A")])
def test_a_row_of_another_making_is_refused(kind: str, cell: str) -> None:
    row = ["d", "e", "", 0, "reported", kind, "1", "1", "S", cell, "", "", []]
    with pytest.raises(ValueError, match=kind if kind == "double" else cell):
        figures_from_json(json.dumps([row]))
