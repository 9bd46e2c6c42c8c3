"""Numbers as officers type them: a table of exact readings, and what holds for any text at all."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.definitions.catalogue import texts
from consolidate.intake.typed_text.typed_numbers import NumberReading, read_number, split_answers
from consolidate.intake.typed_text.units_of_measure import MONEY
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import ValueType
from consolidate.model.text import format_number

TABLE = tomllib.loads((Path(__file__).parent / "numbers.toml").read_text(encoding="utf-8"))
NUMERIC = [kind for kind in ValueType if kind.numeric]
TYPED = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789.,/%- đxĐm²₫\u00a0\u0301\n¹½①＋−"), st.characters(codec="utf-8")
    ),
    max_size=40,
)
FIGURES = st.decimals(
    min_value=0, max_value=10**11, allow_nan=False, allow_infinity=False, places=3
)
KINDS = st.sampled_from(NUMERIC)
CELLS = st.one_of(
    *(TYPED, st.text(max_size=60), st.floats(), st.integers(), st.booleans()),
    *(st.dates(), st.datetimes(), st.times(), st.timedeltas()),
)
WHOLE = st.integers(0, 10**12 - 1)
BLANKS = st.text(" \t\n\u00a0\u2007\u202f\u200b\ufeff", max_size=4)


def expected(row: dict[str, Any]) -> NumberReading:
    figures = tuple(Decimal(figure) for figure in row.get("figures", ()))
    status = ValueStatus.REPORTED if figures else ValueStatus.INVALID
    return NumberReading(
        ValueStatus(row["status"]) if "status" in row else status,
        figures,
        row.get("how", ""),
        row.get("problem", ""),
        tuple(row.get("readings", ())),
    )


@pytest.mark.parametrize("row", TABLE["number"], ids=lambda row: f"{row['cell']!r}-{row['kind']}")
def test_reading(row: dict[str, Any]) -> None:
    read = read_number(
        row["cell"],
        ValueType(row["kind"]),
        pair=row.get("pair", False),
        names=row.get("names", ""),
        measure=row.get("measure", ""),
        titled=row.get("titled", False),
    )
    assert read == expected(row)


@pytest.mark.parametrize(
    "cell", [datetime(2018, 6, 5), date(2018, 6, 5), time(5, 6), timedelta(hours=5)]
)
@pytest.mark.parametrize("kind", NUMERIC)
def test_a_date_is_never_a_number(cell: date | time | timedelta, kind: ValueType) -> None:
    assert read_number(cell, kind) == NumberReading(ValueStatus.INVALID, problem="date_in_number")


@pytest.mark.parametrize("cell", [True, False])
def test_true_is_not_one(cell: bool) -> None:
    read = read_number(cell, ValueType.COUNT)
    assert read == NumberReading(ValueStatus.INVALID, problem="not_a_number")


@given(st.one_of(TYPED, st.floats(), st.integers()))
def test_a_count_is_whole(cell: str | float) -> None:
    for figure in read_number(cell, ValueType.COUNT, pair=True).figures:
        assert figure == figure.to_integral_value()


@given(TYPED, KINDS)
def test_the_unicode_form_makes_no_difference(text: str, kind: ValueType) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert read_number(composed, kind) == read_number(decomposed, kind)


@given(st.floats(allow_nan=True, allow_infinity=True), KINDS)
def test_any_double_is_read_to_fifteen_digits_or_refused(number: float, kind: ValueType) -> None:
    read = read_number(number, kind)
    if read.status is ValueStatus.REPORTED:
        assert [float(figure) for figure in read.figures] == [float(f"{number:.15g}")]
    else:
        assert (read.status, read.figures) == (ValueStatus.INVALID, ())


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_whole_numbers_are_read_back(number: int) -> None:
    for text in (format_number(Decimal(number)), str(number), f"{number:,}"):
        assert read_number(text, ValueType.COUNT).figures == (Decimal(number),)


@given(TYPED, KINDS)
def test_reading_twice_changes_nothing(text: str, kind: ValueType) -> None:
    first = read_number(text, kind)
    if first.status is ValueStatus.REPORTED and first.figures[0] >= 0:
        again = read_number(float(first.figures[0]), kind)
        if kind is not ValueType.PERCENTAGE or first.figures[0] > 1:
            assert again.figures == first.figures[:1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "- 05 đã thực hiện\n- 16 nhiệm vụ đang thực hiện\n- 01 chưa thực hiện",
            (("05", "đã thực hiện"), ("16", "nhiệm vụ đang thực hiện"), ("01", "chưa thực hiện")),
        ),
        ("05 đã thực hiện - 16 đang thực hiện", (("05", "đã thực hiện"), ("16", "đang thực hiện"))),
        ("1.234 đã thực hiện; 5 chưa", (("1.234", "đã thực hiện"), ("5", "chưa"))),
        ("05/21 đã thực hiện - 16 đang thực hiện", ()),
        ("không có gì", ()),
        ("5", ()),
        ("", ()),
        ("1" * 100_000, ()),
    ],
)
def test_one_text_for_several_columns(text: str, parts: tuple[tuple[str, str], ...]) -> None:
    assert split_answers(text) == parts


@given(TYPED)
def test_no_digit_of_a_split_text_is_lost(text: str) -> None:
    parts = split_answers(text)
    if parts:
        folded = unicodedata.normalize("NFKC", text)
        kept = [letter for letter in folded if letter.isdigit()]
        assert [letter for number, _ in parts for letter in number if letter.isdigit()] == kept


def test_a_very_long_text_is_refused_at_once() -> None:
    read = read_number("1" * 5_000_000, ValueType.COUNT)
    assert read == NumberReading(ValueStatus.INVALID, problem="not_a_number")


def english(number: Decimal) -> str:
    return f"{number.normalize() + 0:,f}"


@settings(max_examples=200)
@given(CELLS, KINDS, st.booleans())
def test_every_cell_has_one_reading_or_is_refused(
    cell: str | float | date | datetime | time | timedelta, kind: ValueType, pair: bool
) -> None:
    read = read_number(cell, kind, pair=pair)
    assert bool(read.figures) == (read.status is ValueStatus.REPORTED)
    assert len(read.figures) <= (3 if kind is ValueType.PERCENTAGE else 2 if pair else 1)
    assert (read.status is ValueStatus.INVALID) <= bool(read.problem)
    assert (read.status is ValueStatus.MISSING) == (isinstance(cell, str) and not cell.strip())
    assert read.problem in {"", *texts("value")}
    assert all(figure.is_finite() for figure in read.figures)
    assert not read.step or f"normalised.{read.step}" in texts("value")
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
