"""Dates as officers type them: ``28/8/2018``, ``06-11-2017``, ``ngày 28 tháng 12 năm 2017``."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, datetime

from consolidate.model.period import DataWindow
from consolidate.model.raw import Cell
from consolidate.model.text import tidy
from consolidate.model.values import ValueStatus

_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?!\d)")
_WORDS = re.compile(r"(?<!\d)(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})(?!\d)", re.IGNORECASE)
_NOTHING = re.compile(r"[\s./\-–…_]*")


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a cell answers as a day; ``day`` is set only when ``status`` is ``REPORTED``."""

    status: ValueStatus
    day: date | None = None
    normalisation: str = ""
    problem: str = ""
    readings: tuple[str, ...] = ()


def read_date(cell: Cell) -> DateReading:
    """Read a cell as one day. Typed text is day first, as Vietnamese forms write it."""
    if isinstance(cell, datetime):
        return DateReading(ValueStatus.REPORTED, cell.date())
    if isinstance(cell, date):
        return DateReading(ValueStatus.REPORTED, cell)
    if not isinstance(cell, str):
        return DateReading(ValueStatus.INVALID, problem="not_a_date")
    text = tidy(cell)
    if _NOTHING.fullmatch(text):
        return DateReading(ValueStatus.MISSING)
    found = _days(text)
    if len(found) != 1:
        return DateReading(ValueStatus.INVALID, problem="not_a_date")
    if found[0] is None:
        return _month_first(text)
    return DateReading(ValueStatus.REPORTED, found[0], "date_text")


def _month_first(text: str) -> DateReading:
    """A date that only makes sense with the month first: not used, but proposed."""
    match = _DAY.search(text)
    if match is not None:
        month, day, year = (int(part) for part in match.groups())
        with contextlib.suppress(ValueError):
            proposed = f"{date(year, month, day):%d/%m/%Y}"
            return DateReading(ValueStatus.INVALID, problem="month_first", readings=(proposed,))
    return DateReading(ValueStatus.INVALID, problem="not_a_date")


def read_window(text: str) -> DataWindow | None:
    """The two days of a line such as ``(Số liệu tính từ ngày 06/11/2017 đến 28/8/2018)``."""
    found = _days(tidy(text))
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return DataWindow(found[0], found[1])


def _days(text: str) -> list[date | None]:
    """Days written in a text, in order; ``None`` for one that is not in the calendar."""
    matches = sorted(
        (*_DAY.finditer(text), *_WORDS.finditer(text)), key=lambda match: match.start()
    )
    days: list[date | None] = []
    for match in matches:
        day, month, year = (int(part) for part in match.groups())
        try:
            days.append(date(year, month, day))
        except ValueError:
            days.append(None)
    return days
