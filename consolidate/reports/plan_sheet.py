"""List the tasks of all plans that are not done, in the summary and as a calendar (.ics)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Role
from consolidate.model.text import format_day
from consolidate.reports.captions import cell_note
from consolidate.reports.plain_lists import FlatCell, FlatColumn, Linked, Marked, write_flat
from consolidate.reports.summary_book import Book
from consolidate.rollup.follow_up import Followed, TaskState, followed
from consolidate.rollup.result import MergeResult

_COLUMNS = (
    FlatColumn("number", 5, ("center",)),
    FlatColumn("state", 12, ("center",)),
    FlatColumn("unit", 20),
    FlatColumn("task", 50),
    FlatColumn("lead", 22),
    FlatColumn("time", 24),
    FlatColumn("deadline", 11.5, ("center",)),
    FlatColumn("left", 8, ("center",)),
    FlatColumn("status", 14, ("center",)),
    FlatColumn("source", 14, ("center", "small"), screen=True),
)
_TRAITS = {TaskState.OVERDUE: "error", TaskState.SOON: "warning"}
_LONGEST = 120
"""Letters of a task in the title of an entry of the calendar; the entry itself has all."""


def write_plan(book: Book) -> None:
    """Fill the sheet of tasks: overdue, due soon, due later, those whose time means no day."""
    write_flat(
        book,
        book.plan.tasks,
        "plan",
        _COLUMNS,
        _rows(book),
        hint=text("summary.plan.hint"),
        title=text("summary.plan.title"),
        stamp=plan_stamp(book.result),
    )


def plan_stamp(result: MergeResult) -> str:
    """Count the tasks that are overdue and due soon, and name the day."""
    if result.day is None:
        return text("summary.plan.no_day")
    counts = Counter(line.state for line in followed(result))
    over, soon = counts[TaskState.OVERDUE], counts[TaskState.SOON]
    return text("summary.plan.stamp", day=format_day(result.day), overdue=over, soon=soon)


def _rows(book: Book) -> Iterator[tuple[FlatCell, ...]]:
    for number, line in enumerate(followed(book.result), 1):
        task = line.task
        label = text(f"summary.plan.is.{line.state.value}")
        trait = _TRAITS.get(line.state)
        cell = task.cells[Role.TASK].cell
        yield (
            number,
            Marked(label, trait) if trait is not None else label,
            line.item.unit.name,
            task.raw(Role.TASK),
            task.raw(Role.LEAD),
            task.raw(Role.TIME) or "; ".join(value.raw for value in task.due if value.raw),
            format_day(line.deadline) if line.deadline is not None else "",
            line.left if line.left is not None else "",
            task.raw(Role.STATUS) or text("summary.plan.no_status"),
            Linked(cell_note(cell), book.file_target(line.item.record, cell)),
        )


def plan_calendar(result: MergeResult) -> bytes | None:
    """Write open deadlines as a calendar file (RFC 5545); ``None`` without any.

    Equal results give equal bytes. An entry keeps its identity from merge to merge, so that a
    calendar that is imported again is not doubled.
    """
    lines = [line for line in followed(result) if line.deadline is not None]
    if not lines:
        return None
    from icalendar import Calendar, Event  # Only a merge with plans needs it.

    stamp = datetime.combine(result.day or result.period.last_day, time(), UTC)
    calendar = Calendar()
    calendar.add("prodid", "-//consolidate//VN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", text("summary.plan.title").capitalize())
    seen: Counter[str] = Counter()
    for line in lines:
        assert line.deadline is not None
        event = Event()
        event.add("uid", _identity(line, seen))
        event.add("dtstamp", stamp)
        event.add("dtstart", line.deadline)
        name = line.task.raw(Role.TASK)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
        event.add("summary", text("summary.plan.entry", task=short, unit=line.item.unit.name))
        event.add("description", _description(line))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _identity(line: Followed, seen: Counter[str]) -> str:
    """What names an entry: family, unit, task, and which of its deadlines it is."""
    part = f"{line.data_set.template}|{line.item.unit.code}|{line.task.raw(Role.TASK)}"
    seen[part] += 1
    return hashlib.sha256(f"{part}|{seen[part]}".encode()).hexdigest()[:32] + "@consolidate"


def _description(line: Followed) -> str:
    said = (
        line.task.raw(Role.TASK),
        *(
            f"{text(f'summary.plan.{role.value}')}: {line.task.raw(role)}"
            for role in (Role.LEAD, Role.TIME, Role.STATUS)
            if line.task.raw(role)
        ),
    )
    return "\n".join(said)
