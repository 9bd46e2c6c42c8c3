"""The calendar workbook ("Lịch báo cáo"): due dates per period, template and class of unit.

One row per deadline below a header row; ``Năm`` and ``Kỳ báo cáo`` must be there, the other columns
(:data:`COLUMNS`) may be. A blank template, level or kind means all. Days are date cells or texts
``dd/mm/yyyy``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.model.calendar import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.problems import Problems
from consolidate.model.raw import Cell
from consolidate.model.text import name_key
from consolidate.model.unit_kinds import UnitKind
from consolidate.model.units import KIND_LEVELS, Level
from consolidate.register.fields import (
    KeptSheet,
    NotADay,
    TableRow,
    Unopened,
    find_table,
    kept_sheet,
)

COLUMNS = {
    "năm": "year",
    "kỳ báo cáo": "type",
    "kỳ": "type",
    "biểu mẫu": "template",
    "cấp": "level",
    "loại đơn vị": "kind",
    "số liệu từ ngày": "start",
    "số liệu đến ngày": "end",
    "hạn nộp": "due",
    "ngày cuối cùng nhận": "final",
    "số văn bản": "letter",
    "ghi chú": "note",
}
"""Header texts (as :func:`name_key` gives them) and the field each one fills."""
_REQUIRED = ("year", "type")
_DAYS = ("start", "end", "due", "final")
_ALL = ("", "tất cả", "mọi biểu mẫu", "mọi cấp", "mọi loại")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class CalendarError(Problems):
    """A calendar that cannot be used; ``problems`` says in Vietnamese what to mend, row by row."""


def read_calendar(path: Path, templates: Iterable[str]) -> Calendar:
    """Read a calendar from the sheet of a workbook that has one; ``templates`` are known codes.

    Raises:
        CalendarError: the file cannot be read as a calendar, with every problem found.
    """
    try:
        sheet = kept_sheet(path, COLUMNS, _REQUIRED)
    except Unopened:
        raise CalendarError((text("calendar.unreadable", file=path.name),)) from None
    return parse_calendar(sheet, path.name, templates)


def parse_calendar(
    sheet: KeptSheet | list[list[Cell]], source: str, templates: Iterable[str]
) -> Calendar:
    """A calendar from its sheet, or the cells of one; without rows it has no deadlines.

    Raises:
        CalendarError: there is no header row, some rows are wrong, or two rows contradict.
    """
    if not isinstance(sheet, KeptSheet):
        sheet = KeptSheet(sheet)
    table = find_table(sheet.rows, COLUMNS, _REQUIRED)
    if table is None:
        raise CalendarError((text("calendar.no_header", file=source),))
    merged = sheet.spans(table)
    if merged:
        # Only the first of its rows has what is in it: a day that others share would be lost.
        raise CalendarError(tuple(text("calendar.merged", first=a, last=b) for a, b in merged))
    known = frozenset(templates)
    problems: list[str] = []
    made: list[CalendarRow] = []
    for row in table.rows:
        entry, found = _entry(row, known)
        problems += found
        if entry is not None:
            made.append(entry)
    calendar = Calendar(tuple(made))
    problems += [
        text(
            "calendar.tie",
            row=max(one.number, other.number),
            first=min(one.number, other.number),
            period=one.period.label,
        )
        for one, other in calendar.ties()
    ]
    if problems:
        raise CalendarError(tuple(problems))
    return calendar


def _entry(row: TableRow, templates: frozenset[str]) -> tuple[CalendarRow | None, list[str]]:
    """The deadline of a row, ``None`` when it cannot be placed, and what is wrong with it."""
    problems: list[str] = []
    number = row.number
    period = _period(row, problems)
    template = row.text("template")
    if template not in templates and template.casefold() in templates:
        template = template.casefold()  # The form is called PCTN everywhere else.
    if name_key(template) in _ALL:
        template = ""
    elif template not in templates:
        known = ", ".join(sorted(templates))
        problems.append(text("calendar.template", row=number, template=template, known=known))
    level = kind = None
    if name_key(row.text("level")) not in _ALL:
        level = Level.parse(row.text("level"))
        if level is None or level is Level.UNKNOWN:
            problems.append(text("calendar.level", row=number, level=row.text("level")))
    if name_key(row.text("kind")) not in _ALL:
        kind = UnitKind.parse(row.text("kind"))
        if kind is None:
            shown = ", ".join(f"“{item.label}”" for item in UnitKind if item.label)
            problems.append(text("calendar.kind", row=number, kind=row.text("kind"), known=shown))
        elif level is not None and KIND_LEVELS.get(kind, level) is not level:
            problems.append(
                text("calendar.kind_level", row=number, kind=kind.label, level=level.label)
            )
    deadline = _deadline(row, problems)
    if period is None or problems:
        return None, problems
    return CalendarRow(period, deadline, template, level, kind, number), problems


def _period(row: TableRow, problems: list[str]) -> Period | None:
    shown = row.text("year")
    year = int(shown) if shown.isascii() and shown.isdigit() else 0
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        problems.append(text("calendar.year", row=row.number, found=shown))
        return None
    named = row.text("type")
    period: Period | None
    try:
        period = Period.parse_code(f"{year}-{named}")
    except ValueError:
        period = Period.parse_text(named, year) if named else None
    if period is None or period.year != year:
        known = ", ".join(f"“{kind.label}”" for kind in PeriodType)
        problems.append(text("calendar.period", row=row.number, found=named, known=known))
        return None
    return period


def _deadline(row: TableRow, problems: list[str]) -> Deadline:
    number = row.number
    days: dict[str, date | None] = {}
    for field in _DAYS:
        try:
            days[field] = row.day(field)
        except NotADay as error:
            problems.append(text("calendar.day", row=number, found=error.shown))
            days[field] = None
    start, end, due, final = (days[field] for field in _DAYS)
    window = None
    if (row.text("start") == "") != (row.text("end") == ""):
        problems.append(text("calendar.half_window", row=number))
    elif start is not None and end is not None:
        window = DataWindow(start, end)
        if end < start:
            problems.append(text("calendar.backwards", row=number, window=window.label))
        elif due is not None and due < start:
            problems.append(
                text("calendar.due_early", row=number, due=_shown(due), window=window.label)
            )
    if due is not None and final is not None and final < due:
        problems.append(
            text("calendar.final_early", row=number, due=_shown(due), final=_shown(final))
        )
    return Deadline(window, due, final, row.text("letter"), row.text("note"))


def _shown(day: date) -> str:
    return f"{day:%d/%m/%Y}"
