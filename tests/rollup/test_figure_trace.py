"""A trace adds its lines up again, and says when they are not the whole truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from consolidate.definitions.loader import shipped_library
from consolidate.merge.adjustments_and_waivers import adjusted_values
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import ValueKey
from consolidate.model.figure_names import FigureName, find_figures
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.model.runs import RunTotal
from consolidate.model.units import Level
from consolidate.rollup.figure_trace import CountedFile, how_made, moved_by, trace_figure
from tests.library_2018 import library_2018
from tests.rollup.made import answers, unit

(MS40,) = find_figures(library_2018(), "MS 40")
(MS28,) = find_figures(library_2018(), "MS 28")
KEY = ValueKey("pctn_01", "c40", "value")


def a_file(code: str, typed: str | int, level: Level = Level.COMMUNE) -> CountedFile:
    return CountedFile(unit(code, level), f"{code}.xlsx", tuple(answers("c40", typed)), {})


def total(number: int | None, level: str = "", units: int = 1) -> RunTotal:
    value = Decimal(number) if number is not None else None
    return RunTotal("pctn_01", "c40", "value", level, value, units)


FILES = [a_file("X2", 5), a_file("X1", "03"), a_file("S1", 0, Level.PROVINCE), a_file("X3", "")]
TOTALS = [total(8, units=3), total(8, "commune"), total(0, "province")]


def test_a_sum_that_adds_up() -> None:
    trace = trace_figure(MS40, TOTALS, FILES)
    assert (trace.total, trace.added, trace.sums, trace.whole) == (TOTALS[0], 8, True, True)
    assert [
        (part.level, part.total, [(line.unit.code, line.used.number) for line in part.lines])
        for part in trace.levels
    ] == [
        (Level.PROVINCE, TOTALS[2], [("S1", 0)]),
        (Level.COMMUNE, TOTALS[1], [("X1", 3), ("X2", 5)]),
    ]
    assert [line.unit.code for line in trace.silent] == ["X3"]


@pytest.mark.parametrize(
    "totals",
    [
        [total(9), *TOTALS[1:]],
        [TOTALS[0], total(7, "commune"), total(1, "province")],
        TOTALS[:2],
        [*TOTALS, total(2, "district")],
        [],
    ],
)
def test_a_sum_that_does_not(totals: list[RunTotal]) -> None:
    assert not trace_figure(MS40, totals, FILES).whole


def test_nothing_reported_is_whole_and_is_not_zero() -> None:
    nothing = [a_file("X3", "")]
    assert trace_figure(MS40, [total(None, units=0)], nothing).whole
    assert trace_figure(MS40, [], nothing).whole
    assert not trace_figure(MS40, [total(0)], nothing).whole


def test_one_unit_alone_is_not_added_up() -> None:
    trace = trace_figure(MS40, TOTALS, FILES, "X2")
    assert not trace.sums
    assert trace.whole
    assert [[line.unit.code for line in part.lines] for part in trace.levels] == [["X2"]]
    assert trace.silent == ()


def test_a_ratio_is_not_added_up() -> None:
    files = [CountedFile(unit("X1"), "X1.xlsx", tuple(answers("c28", "1/2")), {})]
    figure = RunTotal("pctn_01", "c28", "value", "", Decimal(77), 1)
    trace = trace_figure(MS28, [figure], files)
    assert (trace.sums, trace.whole) == (False, True)
    assert [line.used.number for part in trace.levels for line in part.lines] == [50]


@pytest.mark.parametrize(
    ("words", "units", "known", "given", "made"),
    [
        ("MS 40", 3, True, "", because("trace.made.sum", units=3)),
        ("MS 40", 0, False, "", because("trace.made.nobody")),
        ("MS 28", 3, True, "", because("trace.made.ratio", units=3)),
        ("MS 28", 3, False, "", because("trace.made.ratio_without", units=3)),
        ("pctn_02.name", 2, False, "", because("trace.made.words", units=2)),
        ("STT 1 tổng số", 1, True, "Sở A", because("trace.made.given", unit="Sở A")),
        ("STT 1 tổng số", 2, False, "", because("trace.made.nobody_named", units=2)),
    ],
)
def test_how_a_figure_is_made(
    words: str, units: int, known: bool, given: str, made: Reason
) -> None:
    name = find_figures(library_2018(), words)[0]
    assert how_made(*name, units, known, given) == made


def test_a_share_without_parts_is_not_summed() -> None:
    library = shipped_library().at(Period.parse_code("2026-Y"))
    (name,) = find_figures(library, "pctn_01.m39")
    assert how_made(*name, 2, False) == because("trace.made.share", units=2)


def adjustment(key: ValueKey, value: str) -> Adjustment:
    day = date(2018, 9, 6)
    return Adjustment(
        "DC-1", Period.parse_code("2018-9M"), "X2", key, value, "A", day, "Đính chính"
    )


def test_an_adjusted_value_counts_in_place_of_the_one_that_was_sent() -> None:
    change = adjustment(KEY, "6")
    values = FILES[0].values
    adjusted = adjusted_values(values, [change], library_2018())
    files = [replace(FILES[0], adjusted=adjusted.instead), *FILES[1:]]
    trace = trace_figure(MS40, [total(9), total(9, "commune"), total(0, "province")], files)
    assert trace.whole
    line = trace.levels[1].lines[1]
    assert (line.value.number, line.used.number, line.adjustment) == (5, 6, change)


def test_a_value_that_was_taken_out_is_silent() -> None:
    adjusted = adjusted_values(FILES[0].values, [adjustment(KEY, "")], library_2018())
    trace = trace_figure(MS40, [total(None)], [replace(FILES[0], adjusted=adjusted.instead)])
    assert trace.whole
    assert [(line.value.number, line.used.number) for line in trace.silent] == [(5, None)]


def test_an_adjusted_ratio_replaces_its_figures_and_what_is_not_there_is_left() -> None:
    values = tuple(answers("c28", "1/2"))
    key = ValueKey("pctn_01", "c28", "value")
    found = adjusted_values(
        values,
        [adjustment(key, "3/4"), adjustment(KEY, "9"), adjustment(ValueKey("old", "c1"), "9")],
        library_2018(),
    )
    assert {key.column: value.number for key, (_, value) in found.instead.items()} == {
        "value": 75,
        "numerator": 3,
        "denominator": 4,
    }


def test_what_goes_with_an_adjusted_answer_is_not_used_any_more() -> None:
    values = tuple(answers("c28", "1/2"))
    change = adjustment(ValueKey("pctn_01", "c28", "value"), "75")
    adjusted = adjusted_values(values, [change], library_2018())
    file = CountedFile(unit("X1"), "X1.xlsx", values, adjusted.instead)
    assert [(line.used.key.column, line.used.number) for line in file.lines()] == [
        ("value", 75),
        ("numerator", None),
        ("denominator", None),
    ]
    assert all(line.adjustment is change for line in file.lines())


def test_an_adjustment_that_names_no_column_of_a_form_with_one_is_traced() -> None:
    """It is applied by a merge, so that a trace without it would not add up."""
    change = adjustment(ValueKey("pctn_01", "c40"), "6")
    adjusted = adjusted_values(FILES[0].values, [change], library_2018())
    trace = trace_figure(
        MS40, [total(6), total(6, "commune")], [replace(FILES[0], adjusted=adjusted.instead)]
    )
    assert trace.whole
    assert [line.adjustment for part in trace.levels for line in part.lines] == [change]


def test_what_a_file_moved() -> None:
    values = (*answers("c28", "1/2"), *answers("c40", 5), *answers("c3", ""), *answers("c4", "x"))
    file = CountedFile(unit("X1"), "X1.xlsx", values, {})
    assert [(name, line.used.number) for name, line in moved_by(file, library_2018())] == [
        (MS28, 50),
        (FigureName(MS40.data_set, MS40.element, "value"), 5),
    ]
