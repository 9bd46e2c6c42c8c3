"""Reasons: why something was decided, refused or found, as a key and values.

A reason becomes a Vietnamese sentence where it is shown, and only there
(:func:`consolidate.definitions.catalogue.sentence`). Code that has to know a reason compares keys
and reads values; no code reads a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consolidate.model.period import Period
from consolidate.model.sent import sent_flat


@sent_flat
@dataclass(frozen=True, slots=True)
class Reason:
    """A key of the message catalogue with the values that fill its blanks.

    ``values`` are pairs of blank and value, sorted by blank, so that equal reasons are equal.
    Build one with :func:`because`. Reasons can be sorted: the order means nothing, but it is the
    same on every day and machine.
    """

    key: str
    values: tuple[tuple[str, object], ...] = ()

    def value(self, blank: str) -> object:
        """Return the value of a blank of the message.

        Raises:
            KeyError: the reason has no such blank.
        """
        for name, found in self.values:
            if name == blank:
                return found
        raise KeyError(blank)

    def __lt__(self, other: Reason) -> bool:
        return repr(self) < repr(other)


def because(key: str, /, **values: object) -> Reason:
    """Make a reason; values may be texts, numbers, days, periods, reasons and tuples of these.

    Raises:
        TypeError: a value is of another type, which could not be recorded or shown.
    """
    waiting = [*values.values()]
    for value in waiting:  # Grows by the parts of tuples.
        if isinstance(value, tuple):
            waiting += value
        elif isinstance(value, bool) or not isinstance(value, _TYPES):
            raise TypeError(f"no value of a reason: {value!r}")
    return Reason(key, tuple(sorted(values.items())))


def joined(separator: str, parts: Iterable[object]) -> Reason:
    """Make a reason that shows its parts one after the other.

    ``separator`` is the key of a message that stands between the parts, or ``""`` for a space.
    """
    return because(JOINED, separator=separator, parts=tuple(parts))


def capital(part: object) -> Reason:
    """Make a reason that shows its part with a capital first letter."""
    return because(CAPITAL, part=part)


JOINED, CAPITAL = "joined", "capital"
"""Keys of reasons that only arrange others; the catalogue does not hold them."""


_TYPES = (str, int, Decimal, date, Period, Reason)
