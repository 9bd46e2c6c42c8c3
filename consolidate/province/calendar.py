"""The calendar workbook ("Lịch báo cáo"): due dates per period, template and class of unit.

One row per deadline below the headings of :data:`consolidate.province.book_columns.CALENDAR`;
columns that are not required may be missing. A blank template, level or kind means all. Days are
date cells or texts ``dd/mm/yyyy`` and include themselves; a due date may be "trước dd/mm/yyyy",
which is the day before.

Before a round is issued its days are checked: what is missing is a matter of the province, so that
a reason names the cells of its calendar, not units.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import is_link
from consolidate.model.cells import column_letters
from consolidate.model.datasets import Library
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
from consolidate.province.kept_fields import Table, TableRow, read_table

if TYPE_CHECKING:
    from consolidate.templates.issued import Issue

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
        entry = _entry(row, known)
        problems += row.problems
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


def _entry(row: TableRow, templates: frozenset[str]) -> CalendarRow | None:
    """Return the deadline of a row, ``None`` when something is wrong with it."""
    period = _period(row)
    template = row.text("template")
    if template not in templates and template.casefold() in templates:
        template = template.casefold()  # The form is called PCTN everywhere else.
    if name_key(template) in _ALL:
        template = ""
    elif template not in templates:
        known = ", ".join(sorted(templates))
        row.problem("calendar.template", template=template, known=known)
    level = kind = None
    if name_key(row.text("level")) not in _ALL:
        level = Level.parse(row.text("level"))
        if level is None or level is Level.UNKNOWN:
            row.problem("calendar.level", level=row.text("level"))
    if name_key(row.text("kind")) not in _ALL:
        kind = row.kind(level, "calendar.kind", "calendar.kind_level")
    deadline = _deadline(row)
    if period is None or row.problems:
        return None
    return CalendarRow(period, deadline, template, level, kind, row.number)


def _period(row: TableRow) -> Period | None:
    shown, named = row.text("year"), row.text("type")
    year = int(shown) if shown.isascii() and shown.isdigit() else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        row.problem("calendar.year", found=shown)
        return None
    period: Period | None
    try:
        period = Period.parse_code(f"{year}-{named}")
    except ValueError:
        period = Period.parse_text(named, year) if named else None
    if period is None or period.year != year:
        known = ", ".join(f"“{kind.label}”" for kind in PeriodType)
        row.problem("calendar.period", found=named, known=known)
        return None
    return period


def _deadline(row: TableRow) -> Deadline:
    start, end, final = (row.asked_day(name, "calendar.day") for name in ("start", "end", "final"))
    due = row.day_before("due")
    before = due is not None
    if not before:
        due = row.asked_day("due", "calendar.due")
    window = None
    if (row.text("start") == "") != (row.text("end") == ""):
        row.problem("calendar.half_window")
    elif start is not None and end is not None:
        window = DataWindow(start, end)
        if end < start:
            row.problem("calendar.backwards", window=window.label)
        elif due is not None and due < start:
            row.problem("calendar.due_early", due=due, window=window.label)
    if due is not None and final is not None and final < due:
        row.problem("calendar.final_early", due=due, final=final)
    mark = Secrecy.parse(row.text("secrecy"))
    if mark is None:
        known = ", ".join(f"“{item.label}”" for item in Secrecy if item.label)
        row.problem("calendar.secrecy", found=row.text("secrecy"), known=known)
        mark = Secrecy.NONE
    return Deadline(window, due, final, row.text("letter"), row.text("note"), before, mark)


def build_calendar(calendar: Calendar, templates: Iterable[str]) -> bytes:
    """Build the workbook of a calendar, rows in their order; ``templates`` are the known codes."""
    # Imported where a workbook is written: most commands write none.
    from consolidate.province.kept_table import book_table, write_kept_tables

    choices = {"template": tuple(templates)}
    return write_kept_tables(book_table(CALENDAR, map(_row, calendar.rows), choices=choices))


def _row(row: CalendarRow) -> dict[str, CellContent]:
    window, asked, due = row.deadline.window, row.period, row.deadline.due
    before = ""
    if due is not None and row.deadline.before:
        before = text("calendar.before", day=format_day(due + timedelta(days=1)))
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
        due=before or due,
    )


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


_Gap = tuple[str, Period, int, tuple[str, ...]]
"""Template, period, number of the row (0: none), columns without a day."""


def lacking_days(
    library: Library, calendar: Calendar, issues: Iterable[Issue], path: Path
) -> tuple[Reason, ...]:
    """List what a calendar at ``path`` lacks for some issues, then what to do.

    A reason for each template and row; where there is no row, what to write into a new one.
    """
    gaps: dict[_Gap, dict[str, str]] = {}
    for issue in issues:
        columns = _blank(issue)
        if not columns:
            continue
        row = calendar.row_for(issue.unit, issue.template, issue.period)
        gap = (issue.template, issue.period, row.number if row is not None else 0, columns)
        unit = issue.unit
        gaps.setdefault(gap, {})[unit.code] = unit.kind.label or unit.level.label
    if not gaps:
        return ()
    there = path.is_file()
    free = calendar.sheet.free
    problems = []
    for (template, period, number, columns), classes in gaps.items():
        values = {
            "file": path.name,
            "sheet": calendar.sheet.name,
            "title": library.template_by_code[template].short_title,
            "period": period,
            "classes": tuple(dict.fromkeys(classes.values())),
            "count": len(classes),
        }
        if not there:
            problems.append(because("issue.days_no_file", **values))
            continue
        typed = () if number else (("year", period.year), ("type", period.type.label))
        named = () if number else (("template", template),)
        at = number or free
        free += not number
        cells = tuple(
            because("issue.days_typed", cell=_cell(calendar, column, at), text=str(content))
            for column, content in (*typed, *named)
        )
        days = tuple(
            because(
                "issue.days_day",
                cell=_cell(calendar, column, at),
                heading=CALENDAR.by_key[column].heading,
            )
            for column in columns
        )
        key = "issue.days_blank" if number else "issue.days_no_row"
        problems.append(because(key, row=at, cells=(*cells, *days), **values))
    if there and all(number for _, _, number, _ in gaps):
        return (*problems, because("issue.days_fill", file=path.name))
    year = min(period.year for _, period, *_ in gaps)
    key = "issue.days_then" if there else "issue.days_make"
    folder = str(path.parent)
    return (*problems, because(key, file=path.name, folder=folder, year=str(year)))


def _blank(issue: Issue) -> tuple[str, ...]:
    deadline = issue.deadline
    window = ("start", "end") if deadline is None or deadline.window is None else ()
    return (*window, *(("due",) if deadline is None or deadline.due is None else ()))


def _cell(calendar: Calendar, column: str, row: int) -> Reason | str:
    """Give the address of a cell; for a column that the sheet lacks, say that it is to be added."""
    at = calendar.sheet.columns.get(column)
    if at is None:
        return because("issue.days_column", heading=CALENDAR.by_key[column].heading, row=row)
    return f"{column_letters(at)}{row}"


def later_days(library: Library, calendar: Calendar, issues: Iterable[Issue]) -> Iterator[Reason]:
    """List due dates of a calendar that are later than those by law: once for each row."""
    told: set[tuple[str, CalendarRow]] = set()
    for issue in issues:
        row = calendar.row_for(issue.unit, issue.template, issue.period)
        legal = statutory_deadline(library.pack_of[issue.template], issue.period)
        if row is None or legal is None or (issue.template, row) in told:
            continue
        due = row.deadline.due
        if due is not None and legal.due is not None and due > legal.due:
            told.add((issue.template, row))
            yield because(
                "issue.due_later",
                title=library.template_by_code[issue.template].short_title,
                period=issue.period,
                due=due,
                cell=_cell(calendar, "due", row.number),
                legal=legal.due,
                form=legal.letter,
            )
