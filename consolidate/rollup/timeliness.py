"""When each expected return came in, or by how much it is overdue; shares by branch of a province.

A return counts from the day on which the first file of its unit came in that counts as received:
one that is in the totals, or that a later one took the place of. A correction that is sent later
does not make it late, and a file that is blank, held, or cannot be read does not make it early.
:func:`round_statuses` is asked by everybody who says when a return came. What came in after the
final date of the calendar counts as not sent (rule of Đắk Lắk, 2024); where an officer waived that
for the unit, it is late. A day that nobody recorded, or that no calendar sets, is never taken for
being in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from consolidate.model.corrections import TOO_LATE, Corrections
from consolidate.model.data_values import rounded
from consolidate.model.datasets import Library, TemplateSpec
from consolidate.model.deadlines import Calendar, Deadline, Timeliness, deadline_for
from consolidate.model.period import Period
from consolidate.model.reasons import Reason
from consolidate.model.returns import Outcome
from consolidate.model.runs import RunOutcome
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.rollup.units_in_totals import Axis, parent_name

_TENTH = Decimal("0.1")
_PERCENT = Decimal(100)


class ReturnState(StrEnum):
    """Where an expected return is on a day.

    ``RECEIVED`` is in, with nothing to tell whether in time: no due date, or no day of receipt.
    """

    ON_TIME = "on_time"
    RECEIVED = "received"
    LATE = "late"
    TOO_LATE = "too_late"
    HELD = "held"
    REJECTED = "rejected"
    UNREADABLE = "unreadable"
    MISSING = "missing"

    @property
    def done(self) -> bool:
        """Whether the return counts as sent."""
        return self in (ReturnState.ON_TIME, ReturnState.RECEIVED, ReturnState.LATE)

    @property
    def asked_of_unit(self) -> bool:
        """Whether the unit has to send something."""
        return self in (ReturnState.REJECTED, ReturnState.UNREADABLE, ReturnState.MISSING)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in for one return: the outcome that stands and the day it counts from.

    ``received`` is ``None`` when nobody recorded the day; ``file`` and ``reason`` are those of the
    file whose outcome stands. ``redated`` is the id of the adjustment that set the day, ``""``
    for none.
    """

    outcome: Outcome
    received: date | None
    file: str = ""
    reason: Reason | None = None
    redated: str = ""


ReturnKey = tuple[str, str]
"""Code of a unit and code of a template."""
Arrivals = Mapping[ReturnKey, Arrival]
"""Arrivals by code of the unit and code of the template.

Without a template they stand for every return of the unit of which nothing else came in.
"""
Excused = Callable[[str, date | None], bool]
"""Whether what the unit with this code sent on a day counts although it came too late."""

_STANDS = (
    Outcome.ACCEPTED,
    Outcome.ACCEPTED_WITH_WARNINGS,
    Outcome.HELD,
    Outcome.SUPERSEDED,
    Outcome.DUPLICATE,
    Outcome.REJECTED,
    Outcome.UNREADABLE,
    Outcome.NOT_A_REPORT,
)
"""Outcomes that say where a return is, the one that stands against the others first.

A duplicate or superseded file without the other one beside it is for a person to look at. Files in
which nothing could be read have a unit only when their names say so.
"""
_NOTHING_READ = (Outcome.UNREADABLE, Outcome.NOT_A_REPORT)
_RECEIVED = (
    Outcome.ACCEPTED,
    Outcome.ACCEPTED_WITH_WARNINGS,
    Outcome.SUPERSEDED,
    Outcome.DUPLICATE,
)
"""Outcomes of files from whose day a return in the totals counts."""
OF_NO_USE = "identity.duplicate_uncounted"
"""Key of the reason of a duplicate of a file that does not count, such as a second blank form."""


def arrivals(outcomes: Iterable[RunOutcome]) -> dict[tuple[str, str], Arrival]:
    """Find what came in for each return, from the outcomes of one run.

    Files without a unit, or read without a template, are nobody's return (:func:`unplaced`).
    """
    groups: dict[tuple[str, str], list[RunOutcome]] = {}
    for outcome in outcomes:
        known = outcome.template or outcome.outcome in _NOTHING_READ
        if outcome.unit and known:
            groups.setdefault((outcome.unit, outcome.template), []).append(outcome)
    found = {}
    for key, files in groups.items():
        # Of several held files the one that came first tells whether one came in time.
        first = min(
            files, key=lambda file: (_STANDS.index(file.outcome), file.received or date.min)
        )
        days = [
            file.received
            for file in files
            if file.outcome in _RECEIVED and (file.reason is None or file.reason.key != OF_NO_USE)
        ]
        day = first.received
        if first.outcome.counted:
            day = min((day for day in days if day is not None), default=None)
        found[key] = Arrival(first.outcome, day, first.name, first.reason)
    return found


def unplaced(outcomes: Iterable[RunOutcome]) -> tuple[RunOutcome, ...]:
    """List files that may be somebody's return, with nothing to tell whose or which.

    An unreadable file of a known unit is one of them only beside a return of that unit that counts:
    it may be a later one.
    """
    files = tuple(outcomes)
    counted = {(file.unit, file.template) for file in files if file.outcome.counted}
    sent = {unit for unit, _ in counted}

    def nobody(file: RunOutcome) -> bool:
        if not file.unit:
            return True
        if file.outcome is not Outcome.UNREADABLE:
            return not file.template
        return (file.unit, file.template) in counted if file.template else file.unit in sent

    waiting = (Outcome.HELD, Outcome.REJECTED, Outcome.UNREADABLE)
    return tuple(file for file in files if file.outcome in waiting and nobody(file))


@dataclass(frozen=True, slots=True)
class ReturnStatus:
    """Where the return of a unit on a template is.

    ``period`` is the template's own. ``days`` are days after the due date (after the final one
    where no due date is set): of the day on which the return came in, else of the day asked about;
    negative when days are left, ``None`` when there is no such date or day. ``redated`` is the id
    of the adjustment that set the day of receipt, ``""`` for none.
    """

    unit: OrganisationUnit
    template: TemplateSpec
    period: Period
    deadline: Deadline | None
    state: ReturnState
    days: int | None = None
    received: date | None = None
    file: str = ""
    reason: Reason | None = None
    redated: str = ""

    @property
    def due(self) -> date | None:
        """The day that lateness is counted from."""
        return _due(self.deadline)

    @property
    def days_late(self) -> int | None:
        """Days after the due date on which it came in, 0 for none; ``None`` while nobody knows.

        Also of what came after the final date, which counts as not sent.
        """
        in_ = (ReturnState.ON_TIME, ReturnState.LATE, ReturnState.TOO_LATE)
        return max(self.days, 0) if self.state in in_ and self.days is not None else None

    @property
    def overdue(self) -> bool:
        """Whether the return is not in and its due date is over."""
        return not self.state.done and self.days is not None and self.days > 0


def round_statuses(
    library: Library,
    roster: Roster,
    calendar: Calendar,
    period: Period,
    outcomes: Iterable[RunOutcome],
    corrections: Corrections,
    as_of: date,
) -> tuple[ReturnStatus, ...]:
    """Tell where every expected return of a round is on a day, from the files of one run.

    ``corrections`` are those in force: days of receipt that an officer set, waivers of the final
    date.
    """
    waivers = [item for item in corrections.waivers if item.rule == TOO_LATE]

    def excused(code: str, received: date | None) -> bool:
        return any(item.covers(code, period, received) for item in waivers)

    came = arrivals(outcomes)
    for (unit, template), arrival in list(came.items()):
        item = corrections.received_day(unit, template, period)
        if item is not None:
            changed = replace(arrival, received=item.day, redated=item.id)
            came[unit, template] = changed
    return statuses(library, roster, calendar, period, came, as_of, excused)


def statuses(
    library: Library,
    roster: Roster,
    calendar: Calendar,
    period: Period,
    came: Arrivals,
    as_of: date,
    excused: Excused | None = None,
) -> tuple[ReturnStatus, ...]:
    """Tell where every expected return of a reporting round is, in the order of the roster.

    ``period`` names the round: each template is returned for its own period of it. Whoever reports
    is whoever is there on its last day.
    """
    found = []
    for unit in roster.for_period(period).units:
        for template in library.templates:
            own = library.period_for(template.code, period)
            if own is None or not library.owes(template.code, unit, period):
                continue
            arrival = came.get((unit.code, template.code)) or came.get((unit.code, ""))
            if arrival is not None and arrival.received is not None and arrival.received > as_of:
                arrival = None
            received = arrival.received if arrival is not None else None
            deadline = deadline_for(library, calendar, unit, template.code, own)
            waived = excused is not None and excused(unit.code, received)
            state = _state(arrival, deadline, excused=waived)
            settled = arrival is not None and arrival.outcome.counted
            day = received if settled or state is ReturnState.TOO_LATE else as_of
            due = _due(deadline)
            days = (day - due).days if due is not None and day is not None else None
            told = (arrival.file, arrival.reason, arrival.redated) if arrival is not None else ()
            status = ReturnStatus(unit, template, own, deadline, state, days, received, *told)
            found.append(status)
    return tuple(found)


def _state(arrival: Arrival | None, deadline: Deadline | None, *, excused: bool) -> ReturnState:
    if arrival is None:
        return ReturnState.MISSING
    counted = arrival.outcome.counted
    state = ReturnState.RECEIVED
    if deadline is not None and arrival.received is not None:
        state = _IN[deadline.lateness(arrival.received).state]
    if state is ReturnState.TOO_LATE and excused:
        state = ReturnState.LATE
    if counted:
        return state
    held = _NOT_COUNTED.get(arrival.outcome, ReturnState.HELD)
    # A merge holds what came too late: nobody has to look at it, it counts as not sent.
    too_late = held is ReturnState.HELD and state is ReturnState.TOO_LATE
    return ReturnState.TOO_LATE if too_late else held


_NOT_COUNTED = {
    Outcome.REJECTED: ReturnState.REJECTED,
    Outcome.UNREADABLE: ReturnState.UNREADABLE,
    Outcome.NOT_A_REPORT: ReturnState.UNREADABLE,
}
_IN = {
    Timeliness.ON_TIME: ReturnState.ON_TIME,
    Timeliness.LATE: ReturnState.LATE,
    Timeliness.TOO_LATE: ReturnState.TOO_LATE,
    Timeliness.NO_DEADLINE: ReturnState.RECEIVED,
}


def _due(deadline: Deadline | None) -> date | None:
    if deadline is None:
        return None
    return deadline.due if deadline.due is not None else deadline.final


@dataclass(frozen=True, slots=True)
class Share:
    """How many returns are where; ``expected`` is their sum.

    ``dated`` counts expected returns with a due date: only they can be in time.
    """

    counts: Mapping[ReturnState, int]
    dated: int = 0

    @property
    def expected(self) -> int:
        """Returns that have to come in."""
        return sum(self.counts.values())

    @property
    def received(self) -> int:
        """Returns that count as sent."""
        return sum(count for state, count in self.counts.items() if state.done)

    @property
    def on_time(self) -> int:
        """Returns known to have come in in time."""
        return self.counts.get(ReturnState.ON_TIME, 0)

    @property
    def completeness(self) -> Decimal | None:
        """Received of expected in percent; ``None`` when nothing is expected."""
        return percent(self.received, self.expected)

    @property
    def timeliness(self) -> Decimal | None:
        """On time of expected with a due date in percent; ``None`` without any due date."""
        return percent(self.on_time, self.dated)


def percent(part: int, whole: int) -> Decimal | None:
    """Work out a share in percent to one decimal, half up; only none is 0, only all is 100."""
    if not whole:
        return None
    share = rounded(_PERCENT * part / whole, 1)
    if 0 < part < whole:
        return min(max(share, _TENTH), _PERCENT - _TENTH)
    return share


def share_of(found: Iterable[ReturnStatus]) -> Share:
    """Count the share of some returns."""
    counts: dict[ReturnState, int] = {}
    dated = 0
    for status in found:
        counts[status.state] = counts.get(status.state, 0) + 1
        dated += status.due is not None
    return Share(counts, dated)


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the province: ``name`` as people call it, ``""`` for the whole and for no kind."""

    axis: Axis
    name: str
    share: Share


def branches(found: Iterable[ReturnStatus], roster: Roster) -> tuple[Branch, ...]:
    """List the whole province, then its levels, kinds and parent units, as the roster has them.

    Units without a parent belong to no branch of parents. ``roster`` tells what parents are called.
    """
    groups: dict[tuple[Axis, str], list[ReturnStatus]] = {(Axis.PROVINCE, ""): []}
    for status in found:
        unit = status.unit
        keys = [(Axis.PROVINCE, ""), (Axis.LEVEL, unit.level.label), (Axis.KIND, unit.kind.label)]
        if unit.parent:
            keys.append((Axis.PARENT, parent_name(unit, roster)))
        for key in keys:
            groups.setdefault(key, []).append(status)
    order = list(Axis)
    # Sorting is stable: within an axis, branches stay in the order of the roster.
    ordered = sorted(groups, key=lambda key: order.index(key[0]))
    return tuple(Branch(axis, name, share_of(groups[axis, name])) for axis, name in ordered)
