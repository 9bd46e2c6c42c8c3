"""What a province knows on a day: its register, its lists, the corrections in force.

Nothing here asks the clock or writes anything: the same register and day say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from consolidate.model.corrections import Corrections, Reviews, Waiver
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Calendar
from consolidate.model.period import Period
from consolidate.model.returns import ReturnRecord
from consolidate.model.units import Roster

if TYPE_CHECKING:
    from consolidate.register.recorded_runs import Revision
    from consolidate.register.register import Register


class Overtaken(Exception):
    """Another program added to the register after it was asked: the merge is to be made again."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a province knows on a day, with the definitions that it is read by.

    ``roster`` holds the units of all times; ``key`` seals issued templates, ``None``: no seal is
    asked for. ``as_of`` is the day on which files not seen before were received. ``corrections``
    are those in force on it. ``issued`` are rounds and families of forms that went out with a
    seal, as far as the outbox tells. The digests are those of the workbooks, ``""`` for none.
    ``revision`` is how much was on record when all this was asked; ``None``: whenever. ``made`` is
    the day by the clock, for the record only; ``None`` when nobody told. ``reviews`` are the points
    that assessors gave.
    """

    library: Library = field(repr=False)
    register: Register
    as_of: date
    roster: Roster | None = None
    calendar: Calendar = field(default_factory=Calendar)
    key: bytes | None = None
    corrections: Corrections = field(default_factory=Corrections)
    issued: frozenset[tuple[Period, str]] = frozenset()
    roster_digest: str = ""
    calendar_digest: str = ""
    revision: Revision | None = None
    made: date | None = None
    reviews: Reviews = field(default_factory=dict)

    def present(self, period: Period) -> Roster | None:
        """Find the units that report a period."""
        return self.roster.for_period(period) if self.roster is not None else None

    def waiver(self, rule: str, record: ReturnRecord) -> Waiver | None:
        """Find the first waiver in force of a rule for a return: its unit, its period, its day."""
        if record.unit is None:
            return None
        period = record.content.period if record.content is not None else None
        day = record.received or self.as_of
        for item in self.corrections.waivers:
            if item.rule == rule and item.covers(record.unit.code, period, day):
                return item
        return None
