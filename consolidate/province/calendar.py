"""The calendar workbook ("Lịch báo cáo"): due dates per period, template and class of unit.

One row per deadline below the headings of :data:`consolidate.province.book_columns.CALENDAR`;
columns that are not required may be missing. A blank template, level or kind means all. Days are
date cells or texts ``dd/mm/yyyy`` and include themselves; a due date may be "trước dd/mm/yyyy",
which is the day before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import is_link
from consolidate.model.deadlines import (
    FIRST_YEAR,
    LAST_YEAR,
    Calendar,
    CalendarRow,
    CalendarSheet,
    Deadline,
    Secrecy,
    statutory_deadline,
)
from consolidate.model.packs import Pack, Packs
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import format_day, name_key
from consolidate.model.units import Level
from consolidate.province.book_columns import CALENDAR, CellContent, row_of
from consolidate.province.kept_fields import RowReader, Table, read_table

_ALL = ("", "tất cả", "mọi biểu mẫu", "mọi cấp", "mọi loại")


def read_calendar(path: Path, templates: Iterable[str]) -> Calendar:
    """Read a calendar from the sheet of a workbook that has one; ``templates`` are known codes.

    Raises:
        UserError: the file cannot be read as a calendar, with every problem found.
    """
    return parse_calendar(read_table(path, CALENDAR), templates)


def parse_calendar(table: Table, templates: Iterable[str]) -> Calendar:
    """Parse a calendar from its table; without rows it has no deadlines.

    Raises:
        UserError: some rows are wrong, or two rows contradict.
    """
    known = frozenset(templates)
    problems: list[Reason] = []
    made: list[CalendarRow] = []
    for row in table.rows:
        reader = RowReader(row)
        entry = _entry(reader, known)
        problems += reader.problems
        if entry is not None:
            made.append(entry)
    free = max((row.number for row in table.rows), default=table.head) + 1
    calendar = Calendar(tuple(made), CalendarSheet(table.sheet, table.columns, free))
    for one, other in calendar.ties():
        first, row_number = sorted((one.number, other.number))
        problems.append(because("calendar.tie", row=row_number, first=first, period=one.period))
    if problems:
        raise UserError(tuple(problems))
    return calendar


def _entry(reader: RowReader, templates: frozenset[str]) -> CalendarRow | None:
    """Return the deadline of a row, ``None`` when something is wrong with it."""
    row = reader.row
    period = _period(reader)
    template = row.text("template")
    if template not in templates and template.casefold() in templates:
        template = template.casefold()  # The form is called PCTN everywhere else.
    if name_key(template) in _ALL:
        template = ""
    elif template not in templates:
        known = ", ".join(sorted(templates))
        reader.problem("calendar.template", template=template, known=known)
    level = kind = None
    if name_key(row.text("level")) not in _ALL:
        level = Level.parse(row.text("level"))
        if level is None or level is Level.UNKNOWN:
            reader.problem("calendar.level", level=row.text("level"))
    if name_key(row.text("kind")) not in _ALL:
        kind = reader.kind(level, "calendar.kind", "calendar.kind_level")
    deadline = _deadline(reader)
    if period is None or reader.problems:
        return None
    return CalendarRow(period, deadline, template, level, kind, row.number)


def _period(reader: RowReader) -> Period | None:
    shown, named = reader.row.text("year"), reader.row.text("type")
    year = int(shown) if shown.isascii() and shown.isdigit() else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        reader.problem("calendar.year", found=shown)
        return None
    period: Period | None
    try:
        period = Period.parse_code(f"{year}-{named}")
    except ValueError:
        period = Period.parse_text(named, year) if named else None
    if period is None or period.year != year:
        known = ", ".join(f"“{kind.label}”" for kind in PeriodType)
        reader.problem("calendar.period", found=named, known=known)
        return None
    return period


def _deadline(reader: RowReader) -> Deadline:
    row = reader.row
    start, end, final = (reader.day(name, "calendar.day") for name in ("start", "end", "final"))
    due = row.day_before("due")
    before = due is not None
    if not before:
        due = reader.day("due", "calendar.due")
    window = None
    if (row.text("start") == "") != (row.text("end") == ""):
        reader.problem("calendar.half_window")
    elif start is not None and end is not None:
        window = DataWindow(start, end)
        if end < start:
            reader.problem("calendar.backwards", window=window.label)
        elif due is not None and due < start:
            reader.problem("calendar.due_early", due=due, window=window.label)
    if due is not None and final is not None and final < due:
        reader.problem("calendar.final_early", due=due, final=final)
    mark = Secrecy.parse(row.text("secrecy"))
    if mark is None:
        known = ", ".join(f"“{item.label}”" for item in Secrecy if item.label)
        reader.problem("calendar.secrecy", found=row.text("secrecy"), known=known)
        mark = Secrecy.NONE
    return Deadline(window, due, final, row.text("letter"), row.text("note"), before, mark)


def build_calendar(calendar: Calendar, templates: Iterable[str]) -> bytes:
    """Build the workbook of a calendar, rows in their order; ``templates`` are the known codes."""
    # Imported where a workbook is written: most commands write none.
    from consolidate.province.kept_table import book_table, write_kept_tables

    choices = {"template": tuple(templates)}
    return write_kept_tables(book_table(CALENDAR, map(_row, calendar.rows), choices=choices))


def _row(row: CalendarRow) -> dict[str, CellContent]:
    window, asked = row.deadline.window, row.period
    return row_of(
        CALENDAR,
        row.deadline,
        year=asked.year,
        type=asked.type.label,
        template=row.template,
        level=row.level.label if row.level is not None else "",
        kind=row.kind.label if row.kind is not None else "",
        start=window.start if window is not None else None,
        end=window.end if window is not None else None,
        due=_due(row.deadline),
    )


def _due(deadline: Deadline) -> date | str | None:
    if deadline.due is None or not deadline.before:
        return deadline.due
    return text("calendar.before", day=format_day(deadline.due + timedelta(days=1)))


def other_inboxes(inbox: Path, name: Period) -> tuple[Path, ...]:
    """Folders beside an inbox that is named after a round, with files of the same round in them."""
    folder = inbox.resolve()
    if round_of_folder(folder) is None:
        return ()
    paths = (folder.with_name(period.code) for period in name.round_periods)
    return tuple(path for path in paths if path != folder and has_files(path))


def round_of_folder(folder: Path) -> Period | None:
    """Return the period that a folder is named after."""
    with contextlib.suppress(ValueError):
        return Period.parse_code(folder.name)
    return None


def has_files(folder: Path) -> bool:
    """Tell whether a folder holds a file, itself or further down; a link is no folder."""
    if is_link(folder) or not folder.is_dir():
        return False
    found = scan(folder)
    return bool(found.files or found.ignored)


def statutory_calendar(packs: Packs, year: int) -> Calendar:
    """Make a row for every family of forms and period of a year that some pack serves.

    A period of which the legal basis says nothing has a row too, its days blank: whoever has to
    fill it in is then told the cells.
    """
    return Calendar(tuple(row for pack in packs.packs for row in _rows(pack, year)))


def _rows(pack: Pack, year: int) -> Iterator[CalendarRow]:
    kinds = {kind for data_set in pack.data_sets for kind in data_set.periods}
    for kind in sorted(kinds, key=lambda kind: (kind.round, list(PeriodType).index(kind))):
        period = Period(year, kind)
        if not pack.serves(period):
            continue
        deadline = statutory_deadline(pack, period)
        notes = []
        if deadline is None or deadline.window is None or deadline.due is None:
            notes.append(text("calendar.to_fill"))
        own = pack.period_for(period)
        if own is not None and own != period:
            notes.append(text("calendar.same_round", period=own.type.label))
        if "province" in pack.due:
            last = format_day(pack.due["province"].of(period))
            notes.append(text("calendar.province_due", day=last))
        said = deadline or Deadline()
        yield CalendarRow(
            period,
            Deadline(said.window, said.due, letter=said.letter, note=" ".join(notes)),
            pack.family,
        )
