"""Copies of figures: enough of a face to be told, and what tells the original."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from consolidate.identity import selection_and_duplicates as selection
from consolidate.identity.selection_and_duplicates import DIFFERENT, ENOUGH
from consolidate.model.cells import CellRef
from consolidate.model.data_values import NUMERATOR, DataValue, ValueKey, ValueStatus
from consolidate.model.reasons import because
from consolidate.model.returns import DataSetReturn, Evidence, Outcome, ReturnRecord
from tests.identity.returns import a_return, record

FACE = (1, 2, 3, 4, 5, 6)


def a_copy(
    path: str,
    code: str,
    figures: tuple[int, ...] = FACE,
    *,
    saved: str = "",
    template: str = "pctn",
    column: str = "value",
    words: str = "",
) -> ReturnRecord:
    values = [
        DataValue(
            ValueKey("pctn_01", f"c{at}", column),
            Decimal(figure),
            ValueStatus.REPORTED,
            str(figure),
            CellRef("Biểu 01", at, 5),
        )
        for at, figure in enumerate(figures)
    ]
    key = ValueKey("pctn_02", "name", "", 1)
    values.append(DataValue(key, words or None, ValueStatus.REPORTED, words, CellRef("B", 1, 1)))
    content = replace(
        a_return(template=template),
        data_sets=(DataSetReturn("pctn_01", "Biểu 01", tuple(values)),),
        evidence=Evidence(saved=saved),
    )
    return record(path, content, code=code)


def hold_copies(records: Iterable[ReturnRecord]) -> tuple[ReturnRecord, ...]:
    told = list(records)
    selection.hold_copies(told)
    return tuple(told)


def outcomes(*records: ReturnRecord) -> dict[str, str]:
    return {r.path: r.outcome.value for r in hold_copies(records)}


@pytest.mark.parametrize(
    ("figures", "held"),
    [
        (FACE, True),
        ((1, 2, 3, 4, 1, 1, 0, 0), True),
        (FACE[:5], False),
        ((1, 2, 3, 1, 2, 3, 1, 2, 3), False),
        ((0,) * 61, False),
    ],
)
def test_few_or_alike_figures_prove_nothing(figures: tuple[int, ...], held: bool) -> None:
    assert (ENOUGH, DIFFERENT) == (6, 4)
    found = outcomes(a_copy("a", "X1", figures), a_copy("b", "X2", figures))
    assert found == dict.fromkeys("ab", "held" if held else "accepted")


def test_parts_of_ratios_are_no_figures_of_their_own() -> None:
    found = outcomes(a_copy("a", "X1", column=NUMERATOR), a_copy("b", "X2", column=NUMERATOR))
    assert set(found.values()) == {"accepted"}


@pytest.mark.parametrize(
    "other",
    [
        a_copy("b", "X2", (*FACE[:5], 7)),
        a_copy("b", "X2", words="Vụ A"),
        a_copy("b", "X2", template="cchc"),
        a_copy("b", "X2", (0, *FACE)),  # The same figures of other indicators.
        a_copy("b", "X1"),  # A duplicate, which is another question.
    ],
)
def test_any_other_answer_is_another_return(other: ReturnRecord) -> None:
    assert outcomes(a_copy("a", "X1"), other) == {"a": "accepted", "b": "accepted"}


@pytest.mark.parametrize(
    ("first", "second", "original"),
    [
        ("2018-09-05T08:00:00Z", "2018-09-05T22:00:00Z", "a"),
        ("2018-09-05T08:00:00Z", "2018-09-05T21:59:59Z", ""),
        ("2018-09-05T08:00:00+07:00", "2018-09-05T15:00:00", "a"),
        ("2018-09-05T08:00:00+07:00", "2018-09-05T14:00:00", ""),
        ("2018-09-05T15:00:00Z", "2018-09-05T08:00:00+07:00", "b"),
        ("2018-09-05T08:00:00Z", "2018-09-05T08:00:00Z", ""),
        ("2018-09-05T08:00:00Z", "", ""),
        ("2018-09-05T08:00:00Z", "2018-99-05T08:00:00Z", ""),
    ],
)
def test_the_time_of_saving(first: str, second: str, original: str) -> None:
    found = outcomes(a_copy("a", "X1", saved=first), a_copy("b", "X2", saved=second))
    assert [path for path, outcome in found.items() if outcome == "accepted"] == list(original)


def test_what_did_not_count_stays_as_it_is() -> None:
    gone = replace(a_copy("a", "X1"), outcome=Outcome.HELD, reason=because("identity.no_period"))
    assert hold_copies([gone, gone]) == (gone, gone)
    copy = a_copy("b", "X2")
    found = hold_copies([gone, copy])
    assert found[0] == gone
    assert found[1].outcome is Outcome.HELD


def test_the_order_of_files_never_matters() -> None:
    files = [
        a_copy("a", "X1", saved="2018-09-05T08:00:00Z"),
        a_copy("b", "X2", saved="2018-09-04T08:00:00Z"),
        a_copy("c", "X2", saved="2018-09-06T08:00:00Z"),
        a_copy("d", "X3", saved="2018-09-05T08:00:00Z"),
        a_copy("e", "X4", (7, *FACE)),
    ]
    expected = {"a": "held", "b": "accepted", "c": "accepted", "d": "held", "e": "accepted"}
    for order in permutations(files):
        assert outcomes(*order) == expected
