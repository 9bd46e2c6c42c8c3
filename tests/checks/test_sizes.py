"""Medians of the others of a unit: those that asking all of them gives, to the last bit."""

from __future__ import annotations

from decimal import Decimal
from math import log
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.checks.past_and_outlier_checks import Sizes

NUMBERS = st.one_of(
    st.integers(-3, 9).map(Decimal),
    st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=2),
)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.data())
def test_the_medians_of_the_others(numbers: list[Decimal], data: st.DataObject) -> None:
    own = data.draw(st.lists(st.sampled_from(range(len(numbers))), unique=True, max_size=3))
    others = [number for at, number in enumerate(numbers) if at not in own and number > 0]
    sizes = Sizes.of(numbers).without(numbers[at] for at in own)
    assert len(sizes) == len(others)
    assert sizes.usual == (median(others) if others else 0)
    if others:
        logs = [log(number) for number in others]
        middle = median(logs)
        assert sizes.middle == middle
        assert sizes.spread == median(abs(size - middle) for size in logs)


def test_nothing_has_no_middle() -> None:
    alone = Sizes.of([Decimal(5)]).without([Decimal(5)])
    assert (len(alone), alone.usual) == (0, 0)
    with pytest.raises(ValueError, match="nothing"):
        _ = alone.middle
