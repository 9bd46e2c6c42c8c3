"""Figures by size: medians of all but some of them, without going through the others each time.

In a province of thousands every unit is compared with all the others. The figures are put in order
once; what is asked of "the others" of one unit then takes a few looks instead of all of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log
from typing import Any


@dataclass(frozen=True, slots=True)
class Sizes:
    """Positive figures and their natural logarithms, both in ascending order.

    ``gaps`` and ``log_gaps`` are the places, ascending, of those that are left out.
    """

    numbers: tuple[Decimal, ...]
    logs: tuple[float, ...]
    gaps: tuple[int, ...] = ()
    log_gaps: tuple[int, ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[Decimal]) -> Sizes:
        """The figures above 0 among some: the others say nothing about size."""
        positive = sorted(number for number in numbers if number > 0)
        return cls(tuple(positive), tuple(sorted(map(log, positive))))

    def without(self, numbers: Iterable[Decimal]) -> Sizes:
        """The figures but these, each of which is one of them or not above 0."""
        own = [number for number in numbers if number > 0]
        return Sizes(
            self.numbers,
            self.logs,
            _places(self.numbers, own),
            _places(self.logs, [log(number) for number in own]),
        )

    def __len__(self) -> int:
        return len(self.numbers) - len(self.gaps)

    @property
    def usual(self) -> Decimal:
        """The median of the figures; 0 without any."""
        count = len(self)
        if not count:
            return Decimal(0)
        low, high = (self.numbers[_at(place, self.gaps)] for place in _middle(count))
        return low if count % 2 else (low + high) / 2

    @property
    def middle(self) -> float:
        """The median of the logarithms.

        Raises:
            ValueError: there is no figure.
        """
        return _median(self._log, len(self))

    @property
    def spread(self) -> float:
        """The median distance of the logarithms from their median.

        Raises:
            ValueError: there is no figure.
        """
        count, middle = len(self), self.middle
        below = bisect_left(self.logs, middle)
        below -= bisect_left(self.log_gaps, below)
        near = _Merged(
            lambda place: middle - self._log(below - 1 - place),
            lambda place: self._log(below + place) - middle,
            below,
            count - below,
        )
        return _median(near.at, count)

    def _log(self, place: int) -> float:
        return self.logs[_at(place, self.log_gaps)]


@dataclass(frozen=True, slots=True)
class _Merged:
    """Two ascending rows of numbers, by place and of known lengths, as one ascending row."""

    first: Callable[[int], float]
    second: Callable[[int], float]
    firsts: int
    seconds: int

    def at(self, place: int) -> float:
        """The number at a place of both together: so many of the first are before it."""
        least, most = max(0, place + 1 - self.seconds), min(place + 1, self.firsts)
        taken = least + bisect_left(
            range(least, most), True, key=lambda n: self.first(n) >= self.second(place - n)
        )
        ends = []
        if taken:
            ends.append(self.first(taken - 1))
        if place + 1 > taken:
            ends.append(self.second(place - taken))
        return max(ends)


def _middle(count: int) -> tuple[int, int]:
    return (count - 1) // 2, count // 2


def _median(at: Callable[[int], float], count: int) -> float:
    if not count:
        raise ValueError("no median of nothing")
    low, high = (at(place) for place in _middle(count))
    return low if count % 2 else (low + high) / 2


def _at(place: int, gaps: Sequence[int]) -> int:
    """Where the figure stands that is at a place when those at ``gaps`` are left out."""
    for gap in gaps:
        if gap > place:
            break
        place += 1
    return place


def _places(ordered: Sequence[Any], left_out: Iterable[Any]) -> tuple[int, ...]:
    """Places of some members of an ordered row, equal ones beside each other."""
    taken: list[int] = []
    for item in sorted(left_out):
        place = bisect_left(ordered, item)
        taken.append(max(place, taken[-1] + 1) if taken else place)
    return tuple(taken)
