"""Reporting periods: what a figure is about, and which figures belong to one reporting round."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consolidate.model.cells import sent_flat
from consolidate.model.text import format_day, tidy

_ROMAN = ("I", "II", "III", "IV")
_CODE = re.compile(r"(\d{4})-(Q[1-4]|6M|9M|Y)")
_YEAR = re.compile(r"(?<!\d)(20\d{2}|19\d{2})(?!\d)")
_QUARTER = re.compile(r"q(?:u[ýyíi]|úy|úi|(?=\d))\s*(iv|iii|ii|i|[1-4])(?![a-z0-9])")
_MONTHS = re.compile(r"(?<!\d)(?<!ngày )0?([69])\s*tháng(?!\s*cuối)")
_YEAR_ALONE = re.compile(r"(cả\s+)?năm(\s+\d{4})?|\d{4}|.*\bcả\s+năm\b.*")
_PLAIN_QUARTER = re.compile(r"(?<![a-z])q(?:u[yi])?[\s.-]*(iv|iii|ii|i|[1-4])(?![a-z0-9])")
_PLAIN_MONTHS = re.compile(r"(?<!\d)(?<!ngay )0?([69])\s*(?:thang|t)(?![a-z])(?!\s*cuoi)")
_PART = re.compile(r"\bvà\b|\bva\b|[,;:+&()]|\s[-–]\s")
"""What divides the periods that one line names: Quý III và 9 tháng đầu năm 2026."""
_CODE_TURNED = re.compile(r"(\d{4})[\s./-]*(q[1-4]|6m|9m|y)|(q[1-4]|6m|9m|y)[\s./-]*(\d{4})")
"""A code as people turn it: Q3-2026, 9m/2026, 2026 Q3."""
_NUMBER_ALONE = re.compile(
    r"(?:(?:tháng|thang)\s*)?(\d{1,2})(?:\s*[./-]\s*|\s+(?:năm|nam)\s+)(\d{4})"
)
"""A number and a year, of which nobody knows whether it is a quarter or a month: 3/2026."""
_OF_A_ROUND = re.compile(r"(?:(?:kỳ|ky|đợt|dot|báo cáo|bao cao)\s+)+")
_PLAIN_YEAR = re.compile(r"(ca\s+)?nam(\s+\d{4})?|.*\bca\s+nam\b.*")
"""The same phrases typed without diacritics, and the short forms of file names: 9T2018, QIII."""


class PeriodType(StrEnum):
    """Kinds of reporting period in use (plan of Quảng Ngãi: Q1, Q2 + 6M, Q3 + 9M, Q4 + year).

    ``label`` is the Vietnamese name as the official forms print it, without the year; ``beside``
    stands behind the name of a form where the round has two periods of it. ``round`` is the
    reporting round of the year, 1 to 4: the third quarter and nine months share one.
    """

    label: str
    beside: str
    round: int

    Q1 = "Q1", "Quý I", "quý I", 1
    Q2 = "Q2", "Quý II", "quý II", 2
    Q3 = "Q3", "Quý III", "quý III", 3
    Q4 = "Q4", "Quý IV", "quý IV", 4
    SIX_MONTHS = "6M", "6 tháng đầu năm", "6 tháng", 2
    NINE_MONTHS = "9M", "9 tháng đầu năm", "9 tháng", 3
    YEAR = "Y", "Cả năm", "năm", 4

    def __new__(cls, code: str, label: str = "", beside: str = "", number: int = 0) -> PeriodType:
        kind = str.__new__(cls, code)
        kind._value_, kind.label, kind.beside, kind.round = code, label, beside, number
        return kind


_NAMES = {kind.round: kind for kind in PeriodType}
"""The period that each round goes by, which adds up from the beginning of the year."""


@sent_flat
@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period type of a year; its data window is set by an official letter, not computed."""

    year: int
    type: PeriodType

    @property
    def code(self) -> str:
        """Machine code, such as ``2018-9M``; :meth:`parse_code` reads it back."""
        return f"{self.year}-{self.type.value}"

    @property
    def label(self) -> str:
        """Vietnamese name, such as ``9 tháng đầu năm 2018`` or ``Quý III/2018``."""
        if self.type.value.startswith("Q"):
            return f"{self.type.label}/{self.year}"
        if self.type is PeriodType.YEAR:
            return f"Năm {self.year}"
        return f"{self.type.label} {self.year}"

    @property
    def cumulative(self) -> bool:
        """Whether flows add up from the beginning of the year: six and nine months, the year."""
        return self.type in (PeriodType.SIX_MONTHS, PeriodType.NINE_MONTHS, PeriodType.YEAR)

    @property
    def last_year(self) -> Period:
        """The same period of the year before."""
        return Period(self.year - 1, self.type)

    def same_round(self, other: Period) -> bool:
        """Ask whether both are of one round: nine months and the third quarter of a year are."""
        return (self.year, self.type.round) == (other.year, other.type.round)

    @property
    def round_name(self) -> Period:
        """The period that a round goes by: first quarter, six months, nine months, the year.

        A round has one due date and one letter (plan of Quảng Ngãi: Q2 + 6M, Q3 + 9M, Q4 + year);
        whichever of its codes is typed, this one names its files.
        """
        return Period(self.year, _NAMES[self.type.round])

    @property
    def round_periods(self) -> tuple[Period, ...]:
        """All periods of the round, the one that it goes by first: ``2018-9M``, ``2018-Q3``."""
        kinds = [kind for kind in PeriodType if kind.round == self.type.round]
        name = self.round_name
        return (name, *(other for kind in kinds if (other := Period(self.year, kind)) != name))

    def before(self, kinds: Iterable[PeriodType]) -> Period:
        """Find the period before this one among the types that a template is returned for.

        Six months come before nine months, the fourth quarter of last year before the first one.
        """
        rounds = sorted(kinds, key=lambda kind: kind.round)
        earlier = [kind for kind in rounds if kind.round < self.type.round]
        return Period(self.year, earlier[-1]) if earlier else Period(self.year - 1, rounds[-1])

    @property
    def last_day(self) -> date:
        """Last day of the calendar months that the period is named after (not of its window)."""
        month = self.type.round * 3
        return date(self.year, month, 31 if month in (3, 12) else 30)

    @classmethod
    def parse_code(cls, text: str) -> Period:
        """Read a code such as ``2018-9M``.

        Raises:
            ValueError: the text is not a period code.
        """
        match = _CODE.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(text)
        return cls(int(match.group(1)), PeriodType(match.group(2)))

    @classmethod
    def parse_text(cls, text: str, year: int | None = None) -> Period | None:
        """Read the period out of a Vietnamese phrase, or ``None`` when it names none.

        ``9 tháng đầu năm 2018``, ``Quý III/2018``, ``Năm 2018``, also without diacritics at all
        (``9 thang dau nam 2018``, ``9T2018``); ``year`` serves for phrases that do not name one.
        """
        phrase = tidy(unicodedata.normalize("NFKC", text)).casefold()
        found = _YEAR.search(phrase)
        if found is not None:
            year = int(found.group(1))
        if year is None:
            return None
        kind = _kind_named(phrase)
        return cls(year, kind) if kind is not None else None


@dataclass(frozen=True, slots=True)
class Readings:
    """The periods that a text can mean, the likeliest first.

    ``certain`` says that it means the only one of them; else a person is asked. Without a year in
    the text the periods have the year that was given for that, and nothing is certain.
    """

    periods: tuple[Period, ...] = ()
    certain: bool = False


def read_period(text: str, year: int) -> Readings:
    """Read what a person wrote for a round: a code in either order, or words in any spelling.

    ``2026-9M``, ``Q3-2026``, ``9 tháng 2026``, ``quý III năm 2026``, ``6 thang dau nam 2026``,
    ``năm 2026``. A bare year, a number beside a year (``3/2026``) and what names no year can mean
    more than one round; ``year`` is the one to offer then.
    """
    phrase = _OF_A_ROUND.sub("", tidy(unicodedata.normalize("NFKC", text)).casefold(), count=1)
    turned = _CODE_TURNED.fullmatch(phrase)
    if turned is not None:
        number, kind = turned[1] or turned[4], turned[2] or turned[3]
        return Readings((Period(int(number), PeriodType(kind.upper())),), certain=True)
    alone = _NUMBER_ALONE.fullmatch(phrase)
    if alone is not None:
        month = phrase[0] == "t"
        return Readings(tuple(_of_number(int(alone[1]), int(alone[2]), month=month)))
    years = {int(found) for found in _YEAR.findall(phrase)}
    if phrase.isdigit():
        return Readings(tuple(Period(int(one), kind) for one in years for kind in _NAMES.values()))
    kinds = sorted(kinds_named(_YEAR.sub(" ", phrase)), key=list(PeriodType).index)
    found = [Period(one, kind) for one in sorted(years) or [year] for kind in kinds]
    if len({period.round_name for period in found}) == 1:
        # "Quý III và 9 tháng" names both periods of one round.
        name = found[0] if len(found) == 1 else found[0].round_name
        return Readings((name,), certain=bool(years))
    return Readings(tuple(found))


def _of_number(number: int, year: int, *, month: bool) -> Iterator[Period]:
    """The periods that a number beside a year can mean: the quarter, the months that end so."""
    if not month and 1 <= number <= 4:
        yield Period(year, PeriodType(f"Q{number}"))
    if number in (3, 6, 9, 12):
        yield Period(year, _NAMES[number // 3])


def kinds_named(text: str) -> frozenset[PeriodType]:
    """Read every kind of period that a line names, with or without a year."""
    phrase = tidy(unicodedata.normalize("NFKC", text)).casefold()
    named = (_kind_named(part.strip()) for part in _PART.split(phrase))
    return frozenset(kind for kind in named if kind is not None)


def _kind_named(phrase: str) -> PeriodType | None:
    kind = _kind(phrase, _QUARTER, _MONTHS, _YEAR_ALONE)
    if kind is None and phrase.isascii():
        kind = _kind(phrase, _PLAIN_QUARTER, _PLAIN_MONTHS, _PLAIN_YEAR)
    return kind


def _kind(
    phrase: str, quarters: re.Pattern[str], months: re.Pattern[str], whole: re.Pattern[str]
) -> PeriodType | None:
    quarter = quarters.search(phrase)
    if quarter is not None:
        digit = quarter.group(1)
        index = int(digit) if digit.isdigit() else _ROMAN.index(digit.upper()) + 1
        return PeriodType(f"Q{index}")
    month = months.search(phrase)
    if month is not None:
        return PeriodType(f"{month.group(1)}M")
    return PeriodType.YEAR if whole.fullmatch(phrase) else None


@sent_flat
@dataclass(frozen=True, slots=True, order=True)
class DataWindow:
    """First and last day that the figures cover (``Số liệu tính từ ngày … đến ngày …``)."""

    start: date
    end: date

    @property
    def label(self) -> str:
        """The window as the forms print it: ``06/11/2017 – 28/08/2018``."""
        return f"{format_day(self.start)} – {format_day(self.end)}"
