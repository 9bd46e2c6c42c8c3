"""Read tasks of a plan as units write them, and the days that a time in words means.

Only words that mean one day are read; anything else stays as it was typed and means none.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataSet, Role

_LONGEST = 2000
"""Letters of a text that are read."""
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_YEAR = r"(?:\s*[/-]\s*|\s+năm\s+|\s+)(?P<year>20\d\d)"
_MORE = r"(?!\s*(?:,|và|hoặc|-|–|&)\s*(?:\d+|i{1,3}|iv)\b)"
"""A list of numbers (``quý I, II``, ``tháng 5 và 11``) may mean any of them: none is read."""
_SINCE = "".join(rf"(?<!{word} )" for word in ("từ", "sau", "trước", "đầu", "giữa"))
"""Words before a quarter or month after which its last day is not what is meant."""
_DAY = r"(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s+tháng\s+)(?P<month>\d{1,2})"
_LIMIT = re.compile(
    r"(?P<limit>trước|chậm nhất|muộn nhất|không quá)"
    rf"(?:\s+(?:là|vào|đến))?(?:\s+hết)?(?:\s+ngày)?\s+{_DAY}(?:{_YEAR})?(?![\d/])"
)
"""A last day: it is itself the last one, but for ``trước ngày``: then the day before is."""
_DATE = re.compile(rf"(?:(?:đến|vào|hết|trong)\s+)*(?:ngày\s+)?{_DAY}(?:{_YEAR})?")
"""A day that is the whole of a text."""
_QUARTER = re.compile(rf"{_SINCE}\bquý\s+(?P<quarter>iv|i{{1,3}}|[1-4])\b{_MORE}(?:{_YEAR})?")
_MONTH = re.compile(
    rf"{_SINCE}(?<!\d )(?<!\d)\btháng\s+(?P<month>\d{{1,2}})\b"
    rf"(?![/.-]\d{{1,2}}/){_MORE}(?:{_YEAR})?"
)
_WHOLE_YEAR = re.compile(r"\btrong(?:\s+cả)?\s+năm\s+(?P<year>20\d\d)")


def limits_in(text: str, year: int) -> tuple[date, ...]:
    """Read the last days that a text of any kind names: ``trước ngày 31/5`` is 30 May.

    Args:
        text: as typed.
        year: that of a day without one.
    """
    return tuple(sorted(set(_limits(_plain(text), year))))


def days_in(text: str, year: int) -> tuple[date, ...]:
    """Read the last days of what a time of a task names: ``Quý I/2023`` is 31 March 2023.

    Args:
        text: what stands in the column of the time, as typed.
        year: that of a quarter, month or day without one.
    """
    plain = _plain(text)
    found = list(_limits(plain, year))
    rest = _LIMIT.sub(" ", plain)
    whole = _DATE.fullmatch(rest.strip(" ."))
    if whole is not None:
        return tuple(sorted({*found, *_day(whole, year)}))
    for match in _QUARTER.finditer(rest):
        month = 3 * _QUARTERS[match["quarter"]]
        found += _end(int(match["year"] or year), month)
    for match in _MONTH.finditer(rest):
        found += _end(int(match["year"] or year), int(match["month"]))
    found += [date(int(match["year"]), 12, 31) for match in _WHOLE_YEAR.finditer(rest)]
    return tuple(sorted(set(found)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).casefold().split())


def _limits(plain: str, year: int) -> Iterator[date]:
    for match in _LIMIT.finditer(plain):
        for day in _day(match, year):
            yield day - timedelta(days=1) if match["limit"] == "trước" else day


def _day(match: re.Match[str], year: int) -> Iterator[date]:
    try:
        yield date(int(match["year"] or year), int(match["month"]), int(match["day"]))
    except ValueError:  # No day of the calendar: nothing is read.
        return


def _end(year: int, month: int) -> Iterator[date]:
    if 1 <= month <= 12:
        yield date(year, month, monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One row of a plan. ``cells`` are its values by role, those of ``Role.DUE`` in ``due``.

    ``typed`` are the days of the columns of deadlines, ``said`` those that the time means, and
    ``within`` last days that the text of the task itself names.
    """

    cells: Mapping[Role, DataValue]
    due: tuple[DataValue, ...]
    typed: tuple[date, ...]
    said: tuple[date, ...]
    within: tuple[date, ...]
    done: bool

    @property
    def deadlines(self) -> tuple[date, ...]:
        """The days by which it is due: those of the columns, else those that the time means."""
        return self.typed or self.said

    def raw(self, role: Role) -> str:
        """Find what was typed for a role, ``""`` for nothing."""
        value = self.cells.get(role)
        return value.raw.strip() if value is not None else ""


def is_plan(data_set: DataSet) -> bool:
    """Whether a form lists tasks that are followed up: it has a column of tasks and of times."""
    roles = {element.role for element in data_set.elements}
    return {Role.TASK, Role.TIME} <= roles


def planned_task(row: Mapping[str, DataValue], data_set: DataSet, year: int) -> PlannedTask:
    """Read a row of a plan.

    Args:
        row: its values by the code of their column.
        data_set: the form, for which :func:`is_plan` holds.
        year: that of the plan, for days that are typed without one.
    """
    cells: dict[Role, DataValue] = {}
    due: list[DataValue] = []
    done = False
    for element in data_set.elements:
        value = row.get(element.code)
        if value is None or element.role is None:
            continue
        if element.role is Role.DUE:
            due.append(value)
            continue
        cells[element.role] = value
        # The last of the choices of a status says that a task is done.
        done |= element.role is Role.STATUS and value.value == element.choices[-1]
    task, time = cells.get(Role.TASK), cells.get(Role.TIME)
    return PlannedTask(
        cells,
        tuple(due),
        typed=tuple(sorted({value.value for value in due if isinstance(value.value, date)})),
        said=days_in(time.raw, year) if time is not None else (),
        within=limits_in(task.raw, year) if task is not None else (),
        done=done,
    )
