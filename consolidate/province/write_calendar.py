"""The calendar workbook that an officer keeps; ``register.calendar`` reads it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.model.deadlines import Calendar, CalendarRow
from consolidate.province.book_columns import CALENDAR
from consolidate.province.kept_table import book_table, write_kept_table


def build_calendar(calendar: Calendar, templates: Iterable[str]) -> bytes:
    """The workbook of a calendar, its rows in their order; ``templates`` are the known codes."""
    choices = {"template": tuple(templates)}
    return write_kept_table(book_table(CALENDAR, map(_row, calendar.rows), choices=choices))


def _row(row: CalendarRow) -> dict[str, str | int | date | None]:
    deadline, window = row.deadline, row.deadline.window
    return {
        "year": row.period.year,
        "type": row.period.type.label,
        "template": row.template,
        "level": row.level.label if row.level is not None else "",
        "kind": row.kind.label if row.kind is not None else "",
        "start": window.start if window is not None else None,
        "end": window.end if window is not None else None,
        "due": deadline.due,
        "final": deadline.final,
        "letter": deadline.letter,
        "note": deadline.note,
    }
