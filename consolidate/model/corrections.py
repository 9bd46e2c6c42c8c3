"""Corrections that an officer answers for: adjusted values, waived rules, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period

EVERY_UNIT = "*"
"""Unit of a waiver that holds for all units."""


ADJUSTED = "adjusted"
"""Normalisation of a value that an adjustment replaced (``messages/value.toml``)."""

TOO_LATE, FORGED, COPIED = "memory.too_late", "memory.forged", "memory.copied"
UNSEALED, PART = "memory.unsealed", "memory.part"
HOLDING_RULES = (TOO_LATE, FORGED, COPIED, UNSEALED, PART)
"""Rules that hold a whole return until an officer waives them for its unit."""
COMPARING_RULES = (
    "history.cumulative_drop",
    "history.unchanged",
    "history.outlier_past",
    "history.outlier_peers",
)
"""Findings of comparisons with earlier periods and other units that can be waived."""


RECEIVED = "received"
"""Data set of an adjustment of the day on which a return came in; the element is the template."""


class CorrectionKind(StrEnum):
    """The two kinds of correction; each has ids of its own."""

    ADJUSTMENT = "adjustment"
    WAIVER = "waiver"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A figure of a unit that is replaced in the totals; what the unit sent stays as it was.

    ``value`` is the text to use instead, as a unit could have typed it. ``expires`` is the last
    day on which the adjustment holds, ``None`` for good. With the data set :data:`RECEIVED` it is
    no figure that is replaced but the day of receipt, for the whole round of ``period``.
    """

    id: str
    period: Period
    unit: str
    key: ValueKey
    value: str
    author: str
    on: date
    reason: str
    document: str = ""
    expires: date | None = None
    kind: ClassVar = CorrectionKind.ADJUSTMENT

    @property
    def about(self) -> ValueKey:
        """What is adjusted."""
        return self.key

    @property
    def last(self) -> date | None:
        """The last day of its term."""
        return self.expires

    @property
    def day(self) -> date | None:
        """The day of receipt that it sets; ``None`` for a figure."""
        if self.key.data_set != RECEIVED:
            return None
        try:
            return datetime.strptime(self.value, "%d/%m/%Y").date()
        except ValueError:
            return None

    def holds_on(self, day: date) -> bool:
        """Ask whether a day is within its term (whether it was revoked is another question)."""
        return self.on <= day and (self.expires is None or day <= self.expires)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Skip a rule for what a unit (or :data:`EVERY_UNIT`) sent up to and including a day.

    ``until`` bounds the days on which returns came in, not those on which they are merged: a round
    that is merged again later comes out as it did, and what comes in after it is asked again.
    ``period`` names the only reporting round for which it holds, ``None`` for all of its term.
    """

    id: str
    rule: str
    unit: str
    until: date | None
    author: str
    on: date
    reason: str
    document: str = ""
    period: Period | None = None
    kind: ClassVar = CorrectionKind.WAIVER

    @property
    def about(self) -> str:
        """What is let off."""
        return self.rule

    @property
    def last(self) -> date | None:
        """The last day of its term."""
        return self.until

    def holds_on(self, day: date) -> bool:
        """Ask whether it was decided by a day (whether it was revoked is another question)."""
        return self.on <= day

    def covers(self, unit: str, period: Period | None, received: date | None = None) -> bool:
        """Ask whether it applies to this unit, and to a return of this period and day.

        Where the period is unknown, a waiver of one round does not apply; where the day
        of receipt is unknown, its term does not bound it.
        """
        if self.unit not in (EVERY_UNIT, unit):
            return False
        if self.until is not None and received is not None and received > self.until:
            return False
        return self.period is None or (period is not None and self.period.same_round(period))


Correction = Adjustment | Waiver


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a correction, named by its kind and id; it stays on record with the correction."""

    kind: CorrectionKind
    id: str
    author: str
    on: date
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections together: all on record, or those in force on a day; each in order of ids."""

    adjustments: tuple[Adjustment, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    revocations: tuple[Revocation, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Correction], ends: Iterable[Revocation] = ()) -> Corrections:
        """Keep adjustments and waivers apart, each in their order."""
        told = tuple(items)
        adjusted = tuple(item for item in told if isinstance(item, Adjustment))
        return cls(adjusted, tuple(item for item in told if isinstance(item, Waiver)), tuple(ends))

    @property
    def items(self) -> tuple[Correction, ...]:
        """Adjustments, then waivers."""
        return (*self.adjustments, *self.waivers)

    @property
    def figures(self) -> tuple[Adjustment, ...]:
        """Adjustments of figures."""
        return tuple(item for item in self.adjustments if item.key.data_set != RECEIVED)

    def received_day(self, unit: str, template: str, period: Period) -> Adjustment | None:
        """Find the adjustment of the day on which a return of a round came in."""
        return next(
            (
                item
                for item in self.adjustments
                if (item.unit, item.key.element) == (unit, template)
                and item.day is not None
                and item.period.same_round(period)
            ),
            None,
        )

    def in_force(self, day: date) -> Corrections:
        """Choose those that hold on a day: decided by then, not over and not revoked."""
        standing = self.unrevoked(day).items
        return Corrections.of(item for item in standing if item.holds_on(day))

    def unrevoked(self, day: date = date.max) -> Corrections:
        """Choose those that nobody took back by a day, whatever their term."""
        ended = {(end.kind, end.id) for end in self.revocations if end.on <= day}
        return Corrections.of(item for item in self.items if (item.kind, item.id) not in ended)


@dataclass(frozen=True, slots=True)
class Review:
    """What assessors gave a unit for a criterion."""

    points: Decimal
    reason: str = ""


ReviewKey = tuple[str, str, str, str]
"""Code of the period, of the unit, of the form, and number of the criterion."""
Reviews = Mapping[ReviewKey, Review]
