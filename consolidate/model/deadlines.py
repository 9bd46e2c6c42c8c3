"""The reporting calendar: data windows and due dates that letters set, per class of unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.model.period import DataWindow, Period
from consolidate.model.text import Labelled, name_key
from consolidate.model.units import KIND_LEVELS, Level, OrganisationUnit, UnitKind

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years that a calendar may be about."""


class Timeliness(StrEnum):
    """When a return came in. ``TOO_LATE`` counts as not sent (rule of Đắk Lắk, 2024)."""

    ON_TIME = "on_time"
    LATE = "late"
    TOO_LATE = "too_late"
    NO_DEADLINE = "no_deadline"


class Secrecy(Labelled):
    """Marks of confidentiality, the lowest first (Luật Bảo vệ bí mật nhà nước, điều 8)."""

    NONE = "none", ""
    SECRET = "secret", "Mật"
    TOP_SECRET = "top_secret", "Tối mật"
    MOST_SECRET = "most_secret", "Tuyệt mật"

    @classmethod
    def parse(cls, text: str) -> Secrecy | None:
        """Read a mark in any case of letters: ``NONE`` for a blank, ``None`` if unknown."""
        key = name_key(text)
        return next((mark for mark in cls if name_key(mark.label) == key), None)

    @property
    def rank(self) -> int:
        """0 for none, more for a higher mark."""
        return tuple(Secrecy).index(self)


@dataclass(frozen=True, slots=True)
class Lateness:
    """``days`` after the due date (after the final one where no due date is set); 0 in time."""

    state: Timeliness
    days: int = 0


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a letter sets for a return; ``None`` and ``""`` where it says nothing.

    A return is late after ``due`` and counts as not sent after ``final``; both days are in time.
    ``before``: the letter says "trước ngày", of the day after ``due``. ``letter`` is the number of
    the official letter. ``secrecy`` is the mark that what is made of the returns bears.
    """

    window: DataWindow | None = None
    due: date | None = None
    final: date | None = None
    letter: str = ""
    note: str = ""
    before: bool = False
    secrecy: Secrecy = Secrecy.NONE

    def lateness(self, received: date) -> Lateness:
        """Tell how late a return is that came in on this day; both dates themselves are in time."""
        if self.due is None and self.final is None:
            return Lateness(Timeliness.NO_DEADLINE)
        measured = self.due if self.due is not None else self.final
        assert measured is not None
        days = max((received - measured).days, 0)
        if self.final is not None and received > self.final:
            return Lateness(Timeliness.TOO_LATE, days)
        return Lateness(Timeliness.LATE, days) if days else Lateness(Timeliness.ON_TIME)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A deadline and whom it is for; a blank ``template``, ``level`` or ``kind`` means all.

    ``number`` is the row in the workbook, 0 when it comes from none.
    """

    period: Period
    deadline: Deadline
    template: str = ""
    level: Level | None = None
    kind: UnitKind | None = None
    number: int = 0

    def applies(self, unit: OrganisationUnit, template: str, period: Period) -> bool:
        """Ask whether the row is about this return."""
        return (
            self.period == period
            and self.template in ("", template)
            and self.level in (None, unit.level)
            and (self.kind is None or self.kind.covers(unit.kind))
        )

    @property
    def _level(self) -> Level | None:
        """The level, said or implied by the kind."""
        if self.level is None and self.kind is not None:
            return KIND_LEVELS.get(self.kind)
        return self.level

    def within(self, other: CalendarRow) -> bool:
        """Ask whether every return that this row is about is one that the other is about too."""
        return (
            self.period == other.period
            and other.template in ("", self.template)
            and (other.kind is None or (self.kind is not None and other.kind.covers(self.kind)))
            and other.level in (None, self._level)
        )

    def about(self, templates: Iterable[str]) -> frozenset[tuple[object, ...]]:
        """List period, template, kind and level of all returns that the row can be about."""
        return frozenset(
            (self.period, template, kind, level)
            for template in templates
            if self.template in ("", template)
            for kind in UnitKind
            if self.kind is None or self.kind.covers(kind)
            for level in Level
            if self._level in (None, level)
        )


@dataclass(frozen=True, slots=True)
class CalendarSheet:
    """Where the rows of a calendar stand, for messages; ``""`` and 0 for one from no workbook.

    ``columns`` are zero-based, by the keys of the book; ``free`` is the first row below the table,
    as Excel counts it.
    """

    name: str = ""
    columns: Mapping[str, int] = field(default_factory=dict)
    free: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """The rows of a calendar in their order, and the sheet that they come from."""

    rows: tuple[CalendarRow, ...] = ()
    sheet: CalendarSheet = field(default_factory=CalendarSheet, compare=False)

    def entry_for(self, unit: OrganisationUnit, template: str, period: Period) -> Deadline | None:
        """Find the deadline of :meth:`row_for`; :func:`deadline_for` adds what the law sets."""
        row = self.row_for(unit, template, period)
        return row.deadline if row is not None else None

    def row_for(self, unit: OrganisationUnit, template: str, period: Period) -> CalendarRow | None:
        """Find the most specific row about this return, ``None`` without any.

        ``period`` is the template's own. Of rows of which none is the most specific
        (:meth:`ties`) the first is taken.
        """
        found = [row for row in self.rows if row.applies(unit, template, period)]
        best = [row for row in found if all(row.within(other) for other in found)]
        return next(iter(best or found), None)

    def last_days(self, period: Period) -> dict[str, date]:
        """List last days of the data windows of a round by template; rows for all serve none alone.

        Of several rows of a template the latest day counts.
        """
        found: dict[str, date] = {}
        for row in self.rows:
            window = row.deadline.window
            if window is not None and row.template and row.period.same_round(period):
                found[row.template] = max(window.end, found.get(row.template, window.end))
        return found

    def secrecy(self, period: Period) -> Secrecy:
        """Find the mark of what is made of a round: the highest that a row of it sets."""
        marks = (row.deadline.secrecy for row in self.rows if row.period.same_round(period))
        return max(marks, key=lambda mark: mark.rank, default=Secrecy.NONE)

    def ties(self) -> tuple[tuple[CalendarRow, CalendarRow], ...]:
        """Find pairs of rows about the same return with nothing to say which one counts.

        Neither is within the other (or both are), and no third row is about just what both are.
        """
        templates = {"", *(row.template for row in self.rows)}  # "": any that no row names.
        about = [row.about(templates) for row in self.rows]
        known = set(about)
        return tuple(
            (one, other)
            for (one, mine), (other, its) in combinations(zip(self.rows, about, strict=True), 2)
            if (both := mine & its)
            and (mine <= its) == (its <= mine)
            and (mine == its or both not in known)
        )


def statutory_deadline(pack: Pack, period: Period) -> Deadline | None:
    """Find what the legal basis of a pack sets; ``None`` where a letter has to."""
    window, due = pack.window(period), pack.due.get("unit")
    if window is None and due is None:
        return None
    return Deadline(window, due.of(period) if due is not None else None, letter=pack.citation)


def deadline_for(
    library: Library, calendar: Calendar, unit: OrganisationUnit, template: str, period: Period
) -> Deadline | None:
    """Decide the deadline of a return: by the calendar, and by law where that says nothing.

    ``period`` is the template's own. The forms are those that serve it, whichever round the
    library shows.
    """
    said = calendar.entry_for(unit, template, period)
    serving = library.packs.serving(period, calendar.last_days(period))
    pack = next((pack for pack in serving if pack.family == template), None)
    legal = statutory_deadline(pack, period) if pack is not None else None
    if said is None or legal is None:
        return said or legal
    due = said.due or legal.due
    if due is not None and said.final is not None:
        due = min(due, said.final)  # A last day that is stricter than the law is the due day too.
    return replace(said, window=said.window or legal.window, due=due)
