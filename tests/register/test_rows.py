"""Facts come back from rows and from JSON exactly as they were, whatever they say."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.model.cells import CellRef
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.runs import Run
from consolidate.register.rows import CHECKSUM, checksum_of, fact_of, from_json, row_of, to_json
from consolidate.register.schema import adjustments, metadata, runs
from tests.register.made import NINE_MONTHS, a_head
from tests.register.test_decisions import ADJUSTED

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
    made = to_json(values)
    assert exactly(from_json(tuple[DataValue, ...], made)) == exactly(values)
    made.encode()  # Any database can take it.
    assert "\0" not in made


@settings(max_examples=40)
@given(st.lists(FINDINGS, max_size=4).map(tuple))
def test_findings_come_back_exactly(findings: tuple[Finding, ...]) -> None:
    made = to_json(findings)
    assert from_json(tuple[Finding, ...], made) == findings
    made.encode()
    assert "\0" not in made


def test_a_figure_is_written_as_people_can_read_it() -> None:
    cell = CellRef("Biểu 01", 13, 5)
    key = ValueKey("pctn_01", "c55", "value")
    value = DataValue(
        key, Decimal("1556.30"), ValueStatus.REPORTED, "1.556,3", cell, ("vi_decimal",)
    )
    assert to_json([value]) == (
        '[[["pctn_01","c55","value",0],{"number":"1556.30"},"reported","1.556,3",'
        '["Biểu 01",13,5],["vi_decimal"],"",[]]]'
    )


def test_day_text_and_nothing_stay_apart() -> None:
    cell = CellRef("S", 0, 0)
    used = (date(2018, 5, 25), "2018-05-25", None, "", Decimal(0))
    values = tuple(
        DataValue(ValueKey("d", f"c{n}"), value, ValueStatus.REPORTED, "", cell)
        for n, value in enumerate(used)
    )
    made = to_json(values)
    assert [row[1] for row in json.loads(made)] == [
        {"day": "2018-05-25"}, "2018-05-25", None, "", {"number": "0"}
    ]  # fmt: skip
    assert from_json(tuple[DataValue, ...], made) == values


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ('[[["d","e","",0],{"double":"1"},"reported","1",["S",0,0],[],"",[]]]', "double"),
        ('[[["d","e","",0],null,"told","1",["S",0,0],[],"",[]]]', "told"),
        ('[[["d","e","",0],null,"reported"]]', "zip"),
    ],
)
def test_json_of_another_making_is_refused(said: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        from_json(tuple[DataValue, ...], said)


def test_a_fact_inside_a_fact_has_columns_of_the_same_row() -> None:
    row = row_of(ADJUSTED, adjustments)
    assert {*row, CHECKSUM} == {column.name for column in adjustments.c}
    assert (row["period"], row["element"], row["row"]) == (NINE_MONTHS, "c40", 0)
    assert fact_of(Adjustment, row) == ADJUSTED
    run = Run(7, a_head(), "digest")
    assert fact_of(Run, row_of(run, runs)) == run


def test_what_is_no_fact_has_no_row() -> None:
    with pytest.raises(TypeError, match="no fact"):
        row_of("a text", metadata.tables["runs"])
    with pytest.raises(TypeError, match="no fact"):
        from_json(tuple[bytes, ...], "[]")


def test_a_checksum_is_the_same_on_every_database_and_tells_every_sign() -> None:
    row = {"number": 7, "seen": date(2018, 9, 5), "name": "tệp\udcff", "until": None}
    assert checksum_of(row) == "17ce3c0add692cb0"
    # SQLite keeps a day as text; a column that holds nothing may be there or not.
    assert checksum_of({"seen": "2018-09-05", "name": "tệp\udcff", "number": 7}) == checksum_of(row)
    assert checksum_of(row | {CHECKSUM: "x"}) == checksum_of(row)
    others = ({"number": "7"}, {"number": 6}, {"name": "tệp"}, {"until": ""}, {"seen": None})
    assert len({checksum_of(row | other) for other in ({}, *others)}) == 6
