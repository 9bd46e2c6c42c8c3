"""The calendar workbook that an officer keeps; ``register.calendar`` reads it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.definitions.catalogue import text
from consolidate.forms.kept_table import KeptTable, kept_columns, write_kept_table
from consolidate.forms.styles import DATE_FORMAT, YEAR_FORMAT
from consolidate.model.calendar import Calendar, CalendarRow
from consolidate.model.period import PeriodType
from consolidate.model.unit_kinds import UnitKind
from consolidate.model.units import Level

_WIDTHS = {
    "year": 8, "type": 18, "template": 11, "level": 11, "kind": 19, "start": 12, "end": 12,
    "due": 12, "final": 13, "letter": 20, "note": 34,
}  # fmt: skip
_FORMATS = dict.fromkeys(("start", "end", "due", "final"), DATE_FORMAT) | {"year": YEAR_FORMAT}
_CENTRED = ("template", "level")


def build_calendar(calendar: Calendar, templates: Iterable[str]) -> bytes:
    """The workbook of a calendar, its rows in their order; ``templates`` are the known codes."""
    choices = {
        "type": tuple(kind.label for kind in PeriodType),
        "template": tuple(templates),
        "level": tuple(level.label for level in Level if level is not Level.UNKNOWN),
        "kind": tuple(kind.label for kind in UnitKind if kind.label),
    }
    return write_kept_table(
        KeptTable(
            sheet=text("kept.calendar.sheet"),
            title=text("kept.calendar.title"),
            guidance=text("kept.calendar.guidance"),
            columns=kept_columns(
                "calendar", _WIDTHS, choices=choices, formats=_FORMATS, centred=_CENTRED
            ),
            rows=[_row(row) for row in calendar.rows],
            frozen=2,
        )
    )


def _row(row: CalendarRow) -> tuple[str | int | date | None, ...]:
    deadline, window = row.deadline, row.deadline.window
    fields: dict[str, str | int | date | None] = {
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
    return tuple(fields[field] for field in _WIDTHS)
