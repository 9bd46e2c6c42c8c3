"""Runs as they are kept: what one merge read, decided and summed; what people decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from consolidate.model.period import Period
from consolidate.model.reasons import Reason
from consolidate.model.returns import Outcome, full_name


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of one file in one run.

    ``path``, ``member`` and ``reason`` are those of the ``ReturnRecord``; ``sha256`` is that of
    the file, ``""`` when it could not be read from disk. ``unit`` and ``template`` are codes,
    ``""`` while unknown. ``received`` is the day on which the file came in, when it is known.
    """

    path: str
    member: str
    sha256: str
    unit: str
    template: str
    outcome: Outcome
    reason: Reason | None
    received: date | None = None

    @property
    def name(self) -> str:
        """The one name of the file in reports: ``thu.zip › Sở Nội vụ.xlsx``."""
        return full_name(self.path, self.member)


@dataclass(frozen=True, slots=True)
class RunTotal:
    """One total of one run; ``level`` is ``""`` for the whole province.

    ``total`` is exact, ``None`` when no unit gave a figure; ``units`` counts the units in it.
    """

    data_set: str
    element: str
    column: str
    level: str
    total: Decimal | None
    units: int


@dataclass(frozen=True, slots=True)
class RunHead:
    """What a run was made of and what came out, in a few digests.

    ``program`` is the version that ran. ``roster``, ``calendar`` and ``corrections`` are digests
    of what was used, ``""`` for none; ``result`` is the SHA-256 of ``result.json``. ``as_of`` is
    the day for which the province's state was asked.
    """

    period: Period
    as_of: date
    program: str
    result: str
    roster: str = ""
    calendar: str = ""
    corrections: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the register keeps it: its number, counted from 1, and what it was made of.

    ``inputs`` is a digest of the names and bytes of all its files. ``made`` is the day by the clock
    on which it was recorded, whatever day it asked about; ``None`` where nobody recorded that.
    """

    number: int
    head: RunHead
    inputs: str
    made: date | None = None


class EventKind(StrEnum):
    """What a person decided about a period."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


@dataclass(frozen=True, slots=True)
class PeriodEvent:
    """A decision about the reporting round of a period, with the document that it rests on.

    Approvals and locks name a ``run``; a withdrawal takes back the approval, an unlock the lock.
    """

    kind: EventKind
    period: Period
    author: str
    on: date
    document: str = ""
    run: int | None = None


@dataclass(frozen=True, slots=True)
class FormsIssued:
    """Forms of a family (``template``) that went out with seals for a round, first on a day.

    ``period`` is that by which the round goes (:attr:`Period.round_name`).
    """

    period: Period
    template: str
    on: date
