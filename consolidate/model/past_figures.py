"""What counted in earlier periods, as a later return is compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidate.model.period import Period

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
