"""Data values with their provenance: what was typed, where, and what was used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from consolidate.model.cells import CellRef
from consolidate.model.sent import sent_flat

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
    ``None`` for ``HELD`` too. ``normalisation`` names
    how raw became used, step by step: ``("tcvn3", "nothing")``, each the key of a message; empty
    when nothing was changed. ``problem`` names what is wrong with an invalid or doubtful value,
    likewise by key. ``readings`` lists the candidates when the text could be read in more than
    one way.
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
