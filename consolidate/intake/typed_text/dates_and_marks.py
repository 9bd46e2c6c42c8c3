"""Read typed dates and marks: ``28/8/2018``, ``ngày 28 tháng 12 năm 2017``, ``x``, ``✓``."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from consolidate.intake.typed_text.typed_numbers import NOTHING
from consolidate.model.cells import Cell, raw_text
from consolidate.model.data_values import ValueStatus
from consolidate.model.period import DataWindow
from consolidate.model.text import tidy

_MARK = r"\s*[/.-]\s*"
_DAY = re.compile(rf"(?<!\d)(\d{{1,2}}){_MARK}(\d{{1,2}}){_MARK}(\d{{4}})(?!\d)")
_SHORT = re.compile(
    rf"(?<!\d)(?<!\d[/.-])(\d{{1,2}}){_MARK}(\d{{1,2}}){_MARK}([123]\d)(?!\d|{_MARK}\d)"
)
"""A year in two digits is one of 2010 to 2039; other pairs of digits may be no year at all."""
_YEAR_FIRST = re.compile(r"(?<!\d)(?<!\d[/.-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_WORDS = re.compile(r"(?<!\d)(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})(?!\d)", re.IGNORECASE)
_SERIALS = range(36_526, 60_001)
"""Excel's numbers of the days from 2000 to April 2064."""
_EPOCH = date(1899, 12, 30)
_LATER = 1_462
"""Days from the start of the days of Excel to that of workbooks that count from 1904."""
_HERE = timezone(timedelta(hours=7))
_WITH_ZONE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)
_KNOWN = (_DAY, _SHORT, _YEAR_FIRST, _WORDS)
_NOTHING = re.compile(r"[\s./\-–…_]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell answers as a day or a mark, set only when ``status`` is ``REPORTED``.

    ``step`` is how it was read, ``""`` as it stands.
    """

    status: ValueStatus
    answer: date | str | None = None
    step: str = ""
    problem: str = ""
    readings: tuple[str, ...] = ()


def read_date(cell: Cell, *, from_1904: bool = False) -> Reading:
    """Read a cell as one day. Typed text is day first, as Vietnamese forms write it.

    A whole number is the day that Excel counts by it, if that is one of this century: the cell was
    formatted as a number. A workbook may count its days ``from_1904``. A time with its zone is the
    day in Việt Nam at that time.
    """
    if isinstance(cell, datetime):
        return Reading(ValueStatus.REPORTED, _day_here(cell))
    if isinstance(cell, date):
        return Reading(ValueStatus.REPORTED, cell)
    if from_1904 and isinstance(cell, float | int) and not isinstance(cell, bool):
        cell += _LATER
    if isinstance(cell, float | int) and not isinstance(cell, bool) and cell in _SERIALS:
        day = _EPOCH + timedelta(days=int(cell))
        return Reading(ValueStatus.REPORTED, day, "date_serial")
    if not isinstance(cell, str):
        return Reading(ValueStatus.INVALID, problem="not_a_date")
    text = _plain(cell)
    if _WITH_ZONE.fullmatch(text):
        with contextlib.suppress(ValueError):
            return Reading(ValueStatus.REPORTED, _day_here(datetime.fromisoformat(text)))
    if _NOTHING.fullmatch(text):
        return Reading(ValueStatus.MISSING)
    found = _days(text)
    if len(found) != 1:
        return Reading(ValueStatus.INVALID, problem="not_a_date")
    if found[0] is None:
        return _month_first(text)
    how = "two_digit_year" if _SHORT.search(text) else "date_text"
    return Reading(ValueStatus.REPORTED, found[0], how)


def _day_here(moment: datetime) -> date:
    """The day of a moment; one with a zone is told as clocks in Việt Nam tell it."""
    return (moment if moment.tzinfo is None else moment.astimezone(_HERE)).date()


def _plain(text: str) -> str:
    """A text with digits and marks in their plain width."""
    return tidy(text if text.isascii() else unicodedata.normalize("NFKC", text))


def _month_first(text: str) -> Reading:
    """A date that only makes sense with the month first: not used, but proposed."""
    match = _DAY.search(text) or _SHORT.search(text)
    if match is not None:
        month, day, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
        with contextlib.suppress(ValueError):
            proposed = f"{date(year, month, day):%d/%m/%Y}"
            return Reading(ValueStatus.INVALID, problem="month_first", readings=(proposed,))
    return Reading(ValueStatus.INVALID, problem="not_a_date")


@lru_cache(maxsize=256)
def read_window(text: str) -> DataWindow | None:
    """Read the two days of a line such as ``(Số liệu tính từ ngày 06/11/2017 đến 28/8/2018)``."""
    found = _days(_plain(text))
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return DataWindow(found[0], found[1])


def _days(text: str) -> list[date | None]:
    """Days written in a text, in order; ``None`` for one that is not in the calendar."""
    matches = sorted(
        (match for known in _KNOWN for match in known.finditer(text)), key=re.Match.start
    )
    days: list[date | None] = []
    for match in matches:
        day, month, year = (int(part) for part in match.groups())
        if match.re is _YEAR_FIRST:
            day, year = year, day
        year += 2000 if year < 100 else 0
        try:
            days.append(date(year, month, day))
        except ValueError:
            days.append(None)
    return days


MARK = "x"
"""The mark as the forms print it; every other spelling becomes it."""
_SPELLINGS = frozenset({"x", "х", "×", "✗", "✕", "✖", "✘", "☒", "✓", "✔", "☑", "có"})
"""What stands for a mark, casefolded; the second is the Cyrillic letter of the same look."""
_NO_MARK = NOTHING | {"0", "☐"}


def read_mark(cell: Cell) -> Reading:
    """Read a cell as a mark; words for nothing and 0 are no mark, anything else is refused."""
    text = tidy(raw_text(cell))
    if not text:
        return Reading(ValueStatus.MISSING)
    plain = unicodedata.normalize("NFKC", text)
    word = plain.casefold().rstrip(".").replace("\ufe0f", "")  # The sign that asks for a picture.
    if word in _SPELLINGS:
        return Reading(ValueStatus.REPORTED, MARK, "" if text == MARK else "mark")
    if word in _NO_MARK:
        return Reading(ValueStatus.MISSING, step="no_mark")
    return Reading(ValueStatus.INVALID, problem="not_a_mark")
