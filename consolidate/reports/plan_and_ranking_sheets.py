"""Write the lists of plans and of assessments: tasks that are not done, the ranking of units.

Tasks stand in the summary and in a calendar (.ics); behind the ranking stand the points of each
criterion.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Role
from consolidate.model.text import format_day, format_number
from consolidate.reports.captions import cell_note
from consolidate.reports.flat_list_sheet import FlatCell, FlatColumn, FlatText, write_flat
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import SetSheets
from consolidate.rollup.assessment import Judged, Placing, Ranked, ranking
from consolidate.rollup.late_tasks import TaskState, followed
from consolidate.rollup.result import MergeResult

_TASKS = (
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
    hint, stamp = text("summary.plan.hint"), plan_stamp(book.result)
    write_flat(book, book.plan.tasks, "plan", _TASKS, _task_rows(book), hint=hint, stamp=stamp)


def plan_stamp(result: MergeResult) -> str:
    """Count the tasks that are overdue and due soon, and name the day."""
    if result.day is None:
        return text("summary.plan.no_day")
    counts = Counter(line.state for line in followed(result))
    over, soon = counts[TaskState.OVERDUE], counts[TaskState.SOON]
    return text("summary.plan.stamp", day=format_day(result.day), overdue=over, soon=soon)


def _task_rows(book: Book) -> Iterator[tuple[FlatCell, ...]]:
    for number, line in enumerate(followed(book.result), 1):
        task = line.task
        label = text(f"summary.plan.is.{line.state.value}")
        cell = task.cells[Role.TASK].cell
        yield (
            number,
            FlatText(label, trait=_TRAITS.get(line.state, "")),
            line.item.unit.name,
            task.raw(Role.TASK),
            task.raw(Role.LEAD),
            task.raw(Role.TIME) or "; ".join(value.raw for value in task.due if value.raw),
            format_day(line.deadline) if line.deadline is not None else "",
            line.left if line.left is not None else "",
            task.raw(Role.STATUS) or text("summary.plan.no_status"),
            FlatText(cell_note(cell), book.file_target(line.item.record, cell)),
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
        name, unit = line.task.raw(Role.TASK), line.item.unit
        # What names an entry: family, unit, task, and which of its deadlines it is.
        part = f"{line.data_set.template}|{unit.code}|{name}"
        seen[part] += 1
        digest = hashlib.sha256(f"{part}|{seen[part]}".encode()).hexdigest()
        told = [name] + [
            f"{text(f'summary.plan.{role.value}')}: {line.task.raw(role)}"
            for role in (Role.LEAD, Role.TIME, Role.STATUS)
            if line.task.raw(role)
        ]
        event = Event()
        event.add("uid", f"{digest[:32]}@consolidate")
        event.add("dtstamp", stamp)
        event.add("dtstart", line.deadline)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
        event.add("summary", text("summary.plan.entry", task=short, unit=unit.name))
        event.add("description", "\n".join(told))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


_RANKING = (
    FlatColumn("rank", 7, ("center", "bold")),
    FlatColumn("unit", 44),
    FlatColumn("own", 14, ("center",)),
    FlatColumn("review", 14, ("center", "bold")),
    FlatColumn("difference", 13, ("center",)),
    FlatColumn("note", 34),
)
_REVIEWS = (
    FlatColumn("unit", 22),
    FlatColumn("number", 9, ("center",)),
    FlatColumn("label", 40),
    FlatColumn("maximum", 9, ("center",)),
    FlatColumn("typed", 9, ("center",)),
    FlatColumn("proofs", 9, ("center",)),
    FlatColumn("own", 9, ("center",)),
    FlatColumn("review", 9, ("center", "bold")),
    FlatColumn("reason", 34),
    FlatColumn("note", 24, ("small",)),
)


def write_ranking(book: Book, part: SetSheets) -> None:
    """Fill the two sheets of an assessment; the one to publish has no reasons."""
    lines = ranking(book.result, part.table)
    waiting = sum(line.standing is Placing.WAITING for line in lines)
    said = {"form": part.table.data_set.title, "period": part.table.period.label}
    hint, rows = text("summary.ranking.hint"), map(_line, lines)
    stamp = text(f"summary.ranking.{'waiting' if waiting else 'stamp'}", count=waiting, **said)
    write_flat(book, part.ranking, "ranking", _RANKING, rows, hint=hint, stamp=stamp)
    hint, stamp = text("summary.reviews.hint"), text("summary.ranking.stamp", **said)
    by_code = sorted(lines, key=lambda line: line.unit.code)
    points = (row for line in by_code for row in _criteria(book, part, line))
    write_flat(book, part.reviews, "reviews", _REVIEWS, points, hint=hint, stamp=stamp)


def _line(line: Ranked) -> tuple[FlatCell, ...]:
    note = text(f"summary.ranking.is.{line.standing.value}")
    part = line.judged[0].scoring.late if line.judged else Decimal(0)
    if line.standing is Placing.LATE and part:
        note = text("summary.ranking.late_part", part=format_number(100 * part))
    gone = line.standing in (Placing.LATE, Placing.ABSENT)
    return (
        line.rank if line.rank is not None else text("summary.missing_mark"),
        line.unit.name,
        format_number(line.own),
        _shown(line.review),
        _shown(line.review - line.own if line.review is not None else None),
        FlatText(note, trait="warning" if gone else ""),
    )


def _criteria(book: Book, part: SetSheets, line: Ranked) -> Iterator[tuple[FlatCell, ...]]:
    files = {item.unit.code: item.record for item in part.table.contributions}
    for each in line.judged:
        typed: FlatCell = ""
        if each.typed is not None:
            target = book.file_target(files[line.unit.code], each.typed.cell)
            typed = FlatText(each.typed.raw or cell_note(each.typed.cell), target)
        yield (
            line.unit.name,
            each.element.number,
            each.element.label,
            _shown(each.element.maximum),
            typed,
            each.proofs,
            format_number(each.own),
            _shown(each.counted),
            each.review.reason if each.review is not None else "",
            _note(each),
        )


def _note(each: Judged) -> FlatCell:
    if not each.proofs and each.typed is not None and each.typed.number:
        return FlatText(text("summary.reviews.no_proof"), trait="error")
    if not each.far:
        return ""
    part = format_number(100 * each.scoring.far)
    return FlatText(text("summary.reviews.far", part=part), trait="warning")


def _shown(number: Decimal | None) -> str:
    return format_number(number) if number is not None else text("summary.missing_mark")
