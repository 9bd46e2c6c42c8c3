"""Names of issued files that every system takes: Windows, mail programs, zips, network shares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from consolidate.model.period import Period, PeriodType
from consolidate.model.text import tidy

LONGEST = 120
"""Most characters of a name, its suffix included; paths of Windows end at 260."""
_LONGEST_BYTES = 240
"""Most bytes in UTF-8; file systems of Linux and macOS end at 255."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\.|$|\s)", re.I)
"""Names of devices, which Windows keeps for itself whatever follows the first point."""
_PERIODS = {
    PeriodType.Q1: "quy 1",
    PeriodType.Q2: "quy 2",
    PeriodType.Q3: "quy 3",
    PeriodType.Q4: "quy 4",
    PeriodType.SIX_MONTHS: "6 thang",
    PeriodType.NINE_MONTHS: "9 thang",
    PeriodType.YEAR: "nam",
}


def period_slug(period: Period) -> str:
    """A period in a file name, without diacritics: ``9 thang 2018``, ``quy 3 2018``."""
    return f"{_PERIODS[period.type]} {period.year}"


def safe_name(stem: str, ending: str) -> str:
    """A file name from any text: NFC, no signs that Windows refuses, at most ``LONGEST`` long.

    ``ending`` (`` - pctn 9 thang 2018.xlsx``) stays whole; the text before it is cut.
    """
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in tidy(stem))
    cleaned = tidy(_FORBIDDEN.sub(" ", kept)).strip(". ")
    if not cleaned or _RESERVED.match(cleaned):
        cleaned = f"_{cleaned}"
    while len(cleaned) + len(ending) > LONGEST or len(f"{cleaned}{ending}".encode()) > (
        _LONGEST_BYTES
    ):
        cleaned = cleaned[:-1].rstrip(". ")
    # A cut may leave a letter without the marks that followed it: compose what is left.
    return unicodedata.normalize("NFC", f"{cleaned}{ending}")


class Names:
    """Hands out names no two of which are one on a file system that ignores case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, make: Callable[[str], str]) -> str:
        """The first free one of ``make("")``, ``make(" (2)")``, ``make(" (3)")`` …"""
        count = 1
        while True:
            name = make("" if count == 1 else f" ({count})")
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
            count += 1
