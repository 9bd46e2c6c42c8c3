"""Name what people open, sign or send: small letters without diacritics, with hyphens.

``s01-so-noi-vu-pctn-9-thang-2018.xlsx``: one manner, which every system takes (Windows, mail
programs, zips, network shares). What only programs read has English names and codes of periods.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from consolidate.model.period import Period, PeriodType
from consolidate.model.text import plain

LONGEST = 120
"""Most characters of a name, its suffix included; paths of Windows end at 260."""
_OTHER = re.compile(r"[^a-z0-9]+")
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
"""Names of devices, which Windows keeps for itself whatever suffix follows."""
_NAMELESS = "tep"
_PERIODS = {
    PeriodType.Q1: "quy-1",
    PeriodType.Q2: "quy-2",
    PeriodType.Q3: "quy-3",
    PeriodType.Q4: "quy-4",
    PeriodType.SIX_MONTHS: "6-thang",
    PeriodType.NINE_MONTHS: "9-thang",
    PeriodType.YEAR: "ca-nam",
}


def slug(text: str) -> str:
    """Write any text in small letters and digits of ASCII with single hyphens: ``so-noi-vu``."""
    letters = plain(unicodedata.normalize("NFKC", text)).casefold()
    return _OTHER.sub("-", plain(letters)).strip("-")


def period_slug(period: Period) -> str:
    """Write a period in a file name: ``9-thang-2018``, ``quy-3-2018``, ``ca-nam-2018``."""
    return f"{_PERIODS[period.type]}-{period.year}"


def period_of_slug(text: str) -> Period | None:
    """Read the period that :func:`period_slug` wrote; ``None`` for any other text."""
    period = Period.parse_text(text.replace("-", " "))
    return period if period is not None and period_slug(period) == text else None


SUMMARY, OVERVIEW, OFFICIAL = "tong-hop-", "tong-quan-", "bao-cao-"
"""What names of a summary workbook, of its page and of official tables and reports begin with."""
RESULT = "result-"
"""What the name of the result of a round for other programs begins with."""


def summary_name(period: Period) -> str:
    """Name the summary workbook of a period."""
    return f"{SUMMARY}{period_slug(period)}.xlsx"


def overview_name(period: Period) -> str:
    """Name the overview of a period, a page for a browser."""
    return f"{OVERVIEW}{period_slug(period)}.html"


def official_name(period: Period) -> str:
    """Name the workbook of the official tables of a period."""
    return f"{OFFICIAL}{period_slug(period)}.xlsx"


def calendar_name(period: Period) -> str:
    """Name the calendar of tasks of a period."""
    return f"lich-nhiem-vu-{period_slug(period)}.ics"


def result_name(period: Period) -> str:
    """Name the result of a period for other programs."""
    return f"{RESULT}{period.code}.json"


def safe_name(stem: str, suffix: str, *, ending: str = "") -> str:
    """Make a file name from any text, at most ``LONGEST`` characters long.

    ``ending`` (``pctn 9 thang 2018``) stays whole; the text before it is cut.
    """
    last = slug(ending)
    room = LONGEST - len(suffix) - len(last) - 1
    parts = [part for part in (slug(stem)[:room].rstrip("-"), last) if part]
    name = "-".join(parts) or _NAMELESS
    return f"{_NAMELESS}-{name}{suffix}" if _RESERVED.fullmatch(name) else f"{name}{suffix}"


class Names:
    """Hands out names no two of which are one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """Take the first free one of ``a.zip``, ``a-2.zip``, ``a-3.zip`` …"""
        path = PurePath(name)
        count = 1
        while name in self._taken:
            count += 1
            name = f"{path.stem}-{count}{path.suffix}"
        self._taken.add(name)
        return name
