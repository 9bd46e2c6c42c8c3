"""Check the days of a round before it is issued: which are missing, which are too late.

What is missing is a matter of the province: a reason names the cells of its calendar, not units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from consolidate.model.cells import column_letters
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Calendar, CalendarRow, statutory_deadline
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.province.book_columns import CALENDAR
from consolidate.templates.issued import Issue

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
