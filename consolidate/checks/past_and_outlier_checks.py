"""Does the return agree with what the unit reported before, and with units like it?

Asked once the past is known. Beside its own past, or that of its peers, a figure is far off or it
is not: a warning, never more. Distances are robust: the median of the other figures, and the median
distance from it, on a logarithmic scale, so that a unit ten times as large as its peers is as far
off as one a tenth as large (Iglewicz and Hoaglin, *How to Detect and Handle Outliers*, 1993:
modified z-score). In a province of thousands every unit is compared with all the others: figures
are sorted once; the median of the others of a unit is then read from a few places.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import log
from typing import TypeVar

from consolidate.checks.rule_checks import check_rules
from consolidate.model.data_values import DataValue, FigureKey, History, PastFigures
from consolidate.model.datasets import Aggregation, Library
from consolidate.model.reasons import Finding, Severity, because, cell_finding
from consolidate.model.returns import Return
from consolidate.model.text import format_number

SUBSTANCE = 6
"""Figures other than 0 from which two equal returns are more than a coincidence."""
LEAST_PAST = 4
"""Earlier figures of a unit from which its own usual range can be told."""
LEAST_PEERS = 10
"""Peers with a figure other than 0 from which theirs can be told."""
FAR = 6.0
"""Modified z-score from which a figure is far off."""
_NARROWEST = 0.3
"""Least spread on the logarithmic scale: figures within a third of each other are alike."""
_SMALL = 20
"""Figures below this are too small to be far from anything."""


def check_history(content: Return, history: History, library: Library) -> list[Finding]:
    """Findings of a return beside what counted for its unit before."""
    typed = content.as_typed()
    findings = check_rules(typed, library, history)
    past = history.previous
    if past is not None and past.comparable:
        findings += _drops(typed, past, library)
        findings += _unchanged(content, past)
    elif history.before_gap is not None and history.before_gap.comparable:
        findings += _drops(typed, history.before_gap, library)
    return findings


def figures_of(content: Return) -> Iterator[tuple[FigureKey, DataValue]]:
    """List figures of the fixed tables of a return that are reported numbers."""
    for part in content.data_sets:
        for value in part.values:
            if not value.key.row and value.number is not None:
                yield (value.key.data_set, value.key.element, value.key.column), value


def _drops(content: Return, past: PastFigures, library: Library) -> Iterator[Finding]:
    """Flows add up within a year: nine months are never less than six (domain: periods)."""
    period = content.period
    if period is None or not period.cumulative or past.period.year != period.year:
        return
    for key, value in figures_of(content):
        data_set = library.data_set(key[0])
        before = past.values.get(key)
        element = data_set.by_code[key[1]]
        if before is None or value.number is None or not data_set.accumulates(element, key[2]):
            continue
        if value.number < before:
            # The unit knows what it reported then, not what the province made of it.
            told = "cumulative_drop_adjusted" if key in past.adjusted else "cumulative_drop"
            caption = data_set.caption(element, key[2])
            said = {"now": value.number, "then": before, "period": period, "past": past.period}
            message = because(f"history.{told}", caption=caption, **said)
            shown = {"found": format_number(value.number), "expected": f"≥ {format_number(before)}"}
            yield cell_finding("history.cumulative_drop", Severity.ERROR, message, value, **shown)


def _unchanged(content: Return, past: PastFigures) -> Iterator[Finding]:
    """Every figure as it was: the file of the last period with a new date."""
    now = {key: value.number for key, value in figures_of(content)}
    substance = sum(1 for number in now.values() if number)
    if substance >= SUBSTANCE and now == dict(past.values):
        message = because("history.unchanged", count=len(now), past=past.period)
        yield Finding("history.unchanged", Severity.WARNING, message)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Positive figures and their natural logarithms, both in ascending order.

    ``gaps`` are the places, ascending, of those that are left out.
    """

    numbers: tuple[Decimal, ...]
    logs: tuple[float, ...]
    gaps: tuple[int, ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[Decimal]) -> Sizes:
        """The figures above 0 among some: the others say nothing about size."""
        positive = tuple(sorted(number for number in numbers if number > 0))
        return cls(positive, tuple(map(log, positive)))

    def without(self, numbers: Iterable[Decimal]) -> Sizes:
        """The figures but these, each of which is one of them or not above 0."""
        taken: list[int] = []
        for number in sorted(number for number in numbers if number > 0):
            place = bisect_left(self.numbers, number)  # Equal numbers are neighbours.
            taken.append(max(place, taken[-1] + 1) if taken else place)
        return Sizes(self.numbers, self.logs, tuple(taken))

    def __len__(self) -> int:
        return len(self.numbers) - len(self.gaps)

    @property
    def usual(self) -> Decimal:
        """The median of the figures; 0 without any."""
        return _median(len(self), lambda at: self.numbers[self._place(at)]) if self else Decimal(0)

    @property
    def middle(self) -> float:
        """The median of the logarithms.

        Raises:
            ValueError: there is no figure.
        """
        return _median(len(self), self._log)

    @property
    def spread(self) -> float:
        """The median distance of the logarithms from their median.

        Raises:
            ValueError: there is no figure.
        """
        count, middle = len(self), self.middle

        def farthest(at: int) -> float:
            """The greatest distance of the ``at + 1`` nearest, which stand side by side."""
            first = bisect_left(
                range(count - at - 1),
                True,
                key=lambda n: middle - self._log(n) <= self._log(n + at + 1) - middle,
            )
            return max(middle - self._log(first), self._log(first + at) - middle)

        return _median(count, farthest)

    def _log(self, at: int) -> float:
        return self.logs[self._place(at)]

    def _place(self, at: int) -> int:
        """Where the figure stands that is at a place when those at ``gaps`` are left out."""
        for gap in self.gaps:
            if gap > at:
                break
            at += 1
        return at


N = TypeVar("N", Decimal, float)


def _median(count: int, at: Callable[[int], N]) -> N:
    """The median of numbers that are told by their places in ascending order."""
    if not count:
        raise ValueError("no median of nothing")
    low, high = at((count - 1) // 2), at(count // 2)
    return low if count % 2 else (low + high) / 2


Peers = Callable[[FigureKey], Sizes | None]
"""What other units of the same level reported of a figure for the same period."""


def check_outliers(
    content: Return, history: History, peers: Peers, library: Library
) -> list[Finding]:
    """Warn of each summed figure that is far from the unit's past, or from its peers."""
    findings = []
    for key, value in figures_of(content):
        data_set = library.data_set(key[0])
        element = data_set.by_code[key[1]]
        if not value.number or key[2] not in data_set.column_by_code:
            continue  # Nothing that is not there, and no 0, is ever far off.
        aggregation = data_set.aggregation_of(element, key[2])
        if aggregation not in (Aggregation.SUM, Aggregation.SINGLE):
            continue
        # The unit's own figures where there are enough of them, else those of its peers.
        earlier = [
            then.values[key] for then in history.earlier if then.comparable and key in then.values
        ]
        kind, others = "past", Sizes.of(earlier)
        if len(others) < LEAST_PAST:
            alike = peers(key)
            if alike is None or len(alike) < LEAST_PEERS:
                continue
            kind, others = "peers", alike
        usual = far_from(value.number, others)
        if usual is not None:
            rule, caption = f"history.outlier_{kind}", data_set.caption(element, key[2])
            said = {"now": value.number, "usual": usual, "count": len(others)}
            message = because(rule, caption=caption, **said)
            shown = {"found": format_number(value.number), "expected": f"≈ {format_number(usual)}"}
            findings.append(cell_finding(rule, Severity.WARNING, message, value, **shown))
    return findings


def far_from(number: Decimal, others: Sizes) -> Decimal | None:
    """The median of the others when the number is far from it, else ``None``.

    A number of 0 is never far.
    """
    if not others or number <= 0 or max(number, usual := others.usual) < _SMALL:
        return None
    spread = max(1.4826 * others.spread, _NARROWEST)
    return usual if abs(log(number) - others.middle) / spread > FAR else None
