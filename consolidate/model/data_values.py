"""Figures: what was typed, where, and what was used; those of earlier periods; how all are rounded.

A half goes away from zero, as ROUND of a spreadsheet does. Totals, shares and changes are so in the
document, in cells as cached and as recalculated, and in words: MS 28 of 1/800 twice is 0,13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from consolidate.model.cells import CellRef, sent_flat
from consolidate.model.period import Period

Scalar = Decimal | date | str
"""A value as used: exact number, calendar day or text."""

NUMERATOR = "numerator"
DENOMINATOR = "denominator"
"""Columns that hold the two figures of a ratio answered as ``26/26``."""


CROSSED = "x"
"""What a locked cell says whose question does not concern the unit."""


class ValueStatus(StrEnum):
    """What a cell says; all of them stay different from the first read to the last sheet.

    ``HELD`` is a number in a unit of measure that is doubted: it is in no total until the unit
    sends it again, or an adjustment says what it is. The rules asked of the unit alone use it
    (:func:`as_typed`): what a unit sees while it fills in is what it is told afterwards.
    """

    REPORTED = "reported"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"
    HELD = "held"


UNKNOWN = frozenset({ValueStatus.INVALID, ValueStatus.HELD})
"""Answers of which the province does not know the number."""


@sent_flat
class ValueKey(NamedTuple):
    """Which figure: element and column of a data set; ``row`` is 1 and up in open tables."""

    data_set: str
    element: str
    column: str = ""
    row: int = 0


@sent_flat
@dataclass(frozen=True, slots=True)
class DataValue:
    """One figure of one return.

    ``raw`` is the text of the cell as typed (a number in the shortest form that gives it back).
    ``value`` is what was read, ``None`` unless ``status`` is ``REPORTED`` or ``HELD``; ``used`` is
    ``None`` for ``HELD`` too. ``normalisation`` names how raw became used, step by step, by keys
    of messages: ``("tcvn3", "nothing")``; empty when nothing was changed. ``problem`` is the key of
    what is wrong with an invalid or doubtful value. ``readings`` lists the candidates when the text
    could be read in more than one way.
    """

    key: ValueKey
    value: Scalar | None
    status: ValueStatus
    raw: str
    cell: CellRef
    normalisation: tuple[str, ...] = ()
    problem: str = ""
    readings: tuple[str, ...] = ()

    @property
    def used(self) -> Scalar | None:
        """The value that counts; ``None`` unless it is reported."""
        return self.value if self.status is ValueStatus.REPORTED else None

    @property
    def number(self) -> Decimal | None:
        """The value if it is a reported number, else ``None``."""
        if self.status is ValueStatus.REPORTED and isinstance(self.value, Decimal):
            return self.value
        return None


def as_typed(value: DataValue) -> DataValue:
    """Take a number that is held out of the totals for what it says; other values stay."""
    if value.status is not ValueStatus.HELD or value.value is None:
        return value
    return replace(value, status=ValueStatus.REPORTED)


RATIO_PLACES = 2
"""Decimals of a ratio in percent; formulas of the summary round to the same."""


def rounded(number: Decimal, places: int) -> Decimal:
    """Round to so many decimals; keep trailing zeros."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def ratio(over: Decimal, under: Decimal) -> Decimal:
    """Work out a ratio in percent, without trailing zeros; ``under`` is not 0."""
    return rounded(100 * over / under, RATIO_PLACES).normalize() + 0


FigureKey = tuple[str, str, str]
"""Data set, element and column of a figure of a fixed table."""


@dataclass(frozen=True, slots=True)
class PastFigures:
    """The reported numbers that counted for one unit in one earlier period.

    ``units`` are the codes of the units that reported them: the unit itself, or the units it came
    from. ``obstacle`` is a key of ``messages/history.toml`` that says why they cannot be compared
    with the unit of today, ``""`` when they can. ``adjusted`` are the figures that the province put
    in place of what was reported, or has in a sum; ``sent`` has all figures as the units sent them,
    where any was adjusted.
    """

    period: Period
    values: Mapping[FigureKey, Decimal]
    units: tuple[str, ...] = ()
    obstacle: str = ""
    adjusted: frozenset[FigureKey] = frozenset()
    sent: Mapping[FigureKey, Decimal] | None = None

    @property
    def comparable(self) -> bool:
        """Whether the figures are about the same people and places as today's."""
        return not self.obstacle

    def as_sent(self) -> PastFigures:
        """Return what the units know that they reported, without what the province made of it."""
        if self.sent is None:
            return self
        return replace(self, values=self.sent, adjusted=frozenset(), sent=None)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was taken for the truth about an earlier period: a run, and figures put in place of its.

    ``run`` is the number of the run that spoke for the period, ``adjustments`` are the ids of the
    adjustments of its figures that were in force. The three never change, so that a comparison can
    be made again when the earlier period has long been corrected.
    """

    period: Period
    run: int
    adjustments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a unit before a period: all of it may be absent.

    ``previous`` is the period before (:meth:`Period.before`), ``last_year`` the same period of the
    year before, ``earlier`` all earlier periods of the same type, the latest first. ``before_gap``
    is the latest earlier period of the year that was sent, where ``previous`` was not.
    """

    previous: PastFigures | None = None
    last_year: PastFigures | None = None
    earlier: tuple[PastFigures, ...] = ()
    before_gap: PastFigures | None = None

    def as_sent(self) -> History:
        """Return the same without any adjustment; itself where nothing was adjusted."""
        past = (self.previous, self.last_year, self.before_gap, *self.earlier)
        if all(then is None or then.sent is None for then in past):
            return self
        before, last_year, before_gap = (then and then.as_sent() for then in past[:3])
        return History(
            before, last_year, tuple(then.as_sent() for then in self.earlier), before_gap
        )
