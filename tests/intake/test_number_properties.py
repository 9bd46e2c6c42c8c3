"""Numbers in either style of writing are read as what they are, or named as ambiguous."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.intake.typed_text.units_of_measure import MONEY
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import ValueType
from consolidate.model.text import format_number

NUMERIC = [kind for kind in ValueType if kind.numeric]
KINDS = st.sampled_from(NUMERIC)
CELLS = st.one_of(
    *(st.text(max_size=60), st.floats(), st.integers(), st.booleans()),
    *(st.dates(), st.datetimes(), st.times(), st.timedeltas()),
)
WHOLE = st.integers(0, 10**12 - 1)
FIGURES = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=2)
BLANKS = st.text(" \t\n\u00a0\u2007\u202f\u200b\ufeff", max_size=4)


def english(number: Decimal) -> str:
    return f"{number.normalize() + 0:,f}"


@given(CELLS, KINDS, st.booleans())
def test_every_cell_has_one_reading(
    cell: str | float | date | datetime | time | timedelta, kind: ValueType, pair: bool
) -> None:
    read = read_number(cell, kind, pair=pair)
    assert bool(read.figures) == (read.status is ValueStatus.REPORTED)
    assert len(read.figures) <= (3 if kind is ValueType.PERCENTAGE else 2 if pair else 1)
    assert (read.status is ValueStatus.INVALID) <= bool(read.problem)
    assert (read.status is ValueStatus.MISSING) == (isinstance(cell, str) and not cell.strip())
    assert read == read_number(cell, kind, pair=pair)


@given(FIGURES)
def test_either_style_is_read_back_or_named_as_ambiguous(number: Decimal) -> None:
    for written in (format_number(number), english(number)):
        read = read_number(written, ValueType.MONEY)
        assert read.status is ValueStatus.REPORTED
        if read.problem:
            assert read.problem == "ambiguous"
            assert format_number(number) in read.readings
        else:
            assert read.figures == (number,)


@given(WHOLE, BLANKS, BLANKS, KINDS)
def test_blanks_around_a_number_say_nothing(
    number: int, before: str, after: str, kind: ValueType
) -> None:
    assert read_number(f"{before}{number}{after}", kind) == read_number(str(number), kind)


@given(WHOLE, st.sampled_from(["lượt", "người", "văn bản", "vụ", "cuộc"]))
def test_words_after_a_count_change_nothing_but_are_recorded(number: int, word: str) -> None:
    read = read_number(f"{number} {word}", ValueType.COUNT)
    assert (read.figures, read.step) == ((Decimal(number),), "words")


@given(st.integers(0, 10**6), st.sampled_from(sorted(MONEY)))
def test_money_is_read_in_the_unit_that_stands_beside_it(number: int, unit: str) -> None:
    read = read_number(f"{format_number(Decimal(number))} {unit}", ValueType.MONEY)
    if not read.problem:
        assert read.figures == (number * MONEY[unit],)
    else:
        assert (read.problem, len(read.readings)) == ("ambiguous", 2)


@given(WHOLE)
def test_a_sign_is_kept(number: int) -> None:
    assert read_number(f"-{number}", ValueType.COUNT).figures == (-Decimal(number),)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_ratio_gives_its_two_figures(over: int, under: int) -> None:
    read = read_number(f"{over}/{under}", ValueType.PERCENTAGE)
    assert read.figures[1:] == (Decimal(over), Decimal(under))
    assert abs(read.figures[0] * under - 100 * over) <= Decimal("0.005") * under
    pair = read_number(f"{over} / {under}", ValueType.COUNT, pair=True)
    assert pair.figures == (Decimal(over), Decimal(under))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_two_figures_are_never_one_count(over: int, under: int) -> None:
    read = read_number(f"{over}/{under}", ValueType.COUNT)
    assert (read.status, read.problem) == (ValueStatus.INVALID, "two_figures")
