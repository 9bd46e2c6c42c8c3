"""Read what the headings over a column say: is it of this period, of another one, or of neither?

People put last period's figures, the plan and the differences beside those that are asked for.
Words tell ("Kỳ trước", "Thực hiện", "Tăng, giảm"), and periods that are named ("Quý II/2026") tell
by the period of the file itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from consolidate.model.datasets import DataSet
from consolidate.model.period import Period, PeriodType, kinds_named
from consolidate.model.text import plain, tidy

_OTHER = re.compile(
    r"\b(?:(?:ky|quy|nam|thang|dot|lan)(?: bao cao)? )?truoc\b|\bcung ky\b|\bdau ky\b"
    r"|\b(?:ky|quy|nam|thang|dot) (?:ngoai|sau|toi|goc|lien ke)\b"
    r"|\bke hoach\b|\bkh\b|\bchi tieu\b|\bmuc tieu\b|\bdu (?:kien|toan|bao)\b|\buoc\b|\bphan dau\b"
    r"|\b(?:duoc )?giao\b|\btang\b|\bgiam\b|\bso sanh\b|\bso voi\b|\bchenh lech\b|\bbien dong\b"
    r"|\bt[yi] (?:le|trong)\b|%|\+/-|±|\bnhiem ky\b|\bcuoi nam\b|\bbinh quan\b"
    r"|(?<!den )\bthang\s*(?:nay|0?\d|1[0-2])\b"
)
"""Figures of another time, plans, differences and shares (without diacritics, in small letters)."""
_SINCE = re.compile(r"\bluy ke\b|\bcong don\b|\btu dau nam\b|\bden (?:nay|het|ngay|cuoi|thang)\b")
_QUARTER = re.compile(r"\b(?:trong quy|quy (?:nay|bao cao|hien tai|hien nay))\b")
_THIS = re.compile(
    r"\b(?:ky|nam|dot|lan) (?:nay|bao cao|hien tai|hien nay)\b|\bhien (?:tai|nay)\b"
    r"|\btrong (?:ky|nam)\b"
)
_DONE = re.compile(r"\bthuc hien\b|\bket qua\b|\bphat sinh\b|\bdat duoc\b|\bth\b")
_YEAR = re.compile(r"(?<!\d)(?:nam )?((?:19|20)\d{2})(?!\d)")
_NAMED = re.compile(
    r"\bq(?:uy)?[\s.-]*(?:iv|iii|ii|i|[1-4])(?![a-z0-9])"
    r"|(?<!\d)0?\d\s*(?:thang|t)\b(?: dau nam)?|\b12 thang\b|\bca nam\b"
)
_COUNT = re.compile(r"(?<!\d)(\d{1,2})\s*(?:thang|t)\b")
_WHOLE = (3, 6, 9, 12)
"""Months of a year that periods have; figures of "8 tháng" are of no period."""
_MONTHS = {"3 thang": PeriodType.Q1, "12 thang": PeriodType.YEAR, "ca nam": PeriodType.YEAR}
_ENDS = " ()[]-–:;,./\n"
_LONGEST = 200


class Says(StrEnum):
    """What headings say of a column: its figures are of this period surely or likely, of another
    one, of a period that nobody knows, or nothing at all.
    """

    THIS = "this"
    LIKELY = "likely"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """The period that a file names: its year, and its kinds (several where it names several)."""

    year: int | None = None
    kinds: frozenset[PeriodType] = frozenset()

    def wanted(self, data_set: DataSet) -> frozenset[PeriodType]:
        """Find the kinds of period that a form asks for in this round, none if unknown."""
        rounds = {kind.round for kind in self.kinds}
        if len(rounds) != 1:
            return frozenset()
        return frozenset(kind for kind in data_set.periods if kind.round in rounds)


def speaks(text: str) -> bool:
    """Tell whether a heading tells columns apart by period or kind of figure."""
    words = _words(text)
    return any(
        pattern.search(words)
        for pattern in (_OTHER, _SINCE, _QUARTER, _THIS, _DONE, _YEAR, _NAMED)
    )  # fmt: skip


def phrases(text: str) -> frozenset[str]:
    """Return the words in an official heading that would tell columns apart in another one."""
    words = _words(text)
    patterns = (_OTHER, _SINCE, _QUARTER, _THIS, _DONE)
    return frozenset(found for pattern in patterns for found in pattern.findall(words))


def without(text: str, known: Iterable[str]) -> str:
    """Leave phrases that are the form's own out of a heading (without diacritics)."""
    words = _words(text)
    for phrase in known:
        words = words.replace(phrase, " ")
    return words


def without_period(text: str) -> str:
    """Leave the words about periods out of a heading: ``Tổng số (kỳ này)`` is ``Tổng số``."""
    typed = tidy(unicodedata.normalize("NFKC", text[:_LONGEST]))
    left = list(typed)
    words = _words(text)
    if len(words) != len(typed):
        return typed
    for pattern in (_OTHER, _SINCE, _QUARTER, _THIS, _NAMED, _YEAR):
        for match in pattern.finditer(words):
            left[match.start() : match.end()] = "\0" * (match.end() - match.start())
    return tidy("".join(left).replace("\0", " ")).replace("( )", "").strip(_ENDS)


def says(headings: Iterable[str], data_set: DataSet, asked: NamedPeriod) -> Says:
    """Tell what all headings over a column say together, in a file that names a period."""
    texts = [text for text in headings if text]
    words = " | ".join(map(_words, texts))
    if _OTHER.search(words):
        return Says.OTHER
    wanted = asked.wanted(data_set)
    named = _named(texts, words, wanted, asked)
    if named is Says.OTHER or named is Says.THIS:
        return named
    since, quarter = _SINCE.search(words), _QUARTER.search(words)
    if since or quarter:
        kinds = wanted or frozenset(data_set.periods)
        if all(map(_cumulative, kinds)):
            return Says.THIS if since else Says.OTHER
        if not any(map(_cumulative, kinds)):
            return Says.THIS if quarter and not since else Says.OTHER
        return Says.UNKNOWN
    if _THIS.search(words):
        return Says.THIS
    if named:
        return named
    return Says.LIKELY if _DONE.search(words) else Says.NOTHING


def _named(
    texts: Sequence[str], words: str, wanted: frozenset[PeriodType], asked: NamedPeriod
) -> Says:
    """What the periods say that headings name."""
    years = {int(year) for year in _YEAR.findall(words)}
    kinds = {kind for text in texts for kind in kinds_named(text)} - {PeriodType.YEAR}
    kinds |= {kind for months, kind in _MONTHS.items() if re.search(rf"\b0?{months}\b", words)}
    if any(int(months) not in _WHOLE for months in _COUNT.findall(words)):
        return Says.OTHER
    if not years and not kinds:
        return Says.NOTHING
    if len(years) > 1 or len(kinds) > 1:
        return Says.UNKNOWN
    if asked.year is not None and years and years != {asked.year}:
        return Says.OTHER
    if not kinds:
        return Says.LIKELY if asked.year is not None else Says.UNKNOWN
    if not wanted:
        return Says.UNKNOWN
    if kinds <= wanted:
        return Says.THIS
    if any(kind.round == one.round for kind in kinds for one in wanted):
        if _SINCE.search(words) and all(map(_cumulative, wanted)):
            return Says.THIS
        return Says.LIKELY if kinds <= asked.kinds else Says.OTHER
    return Says.OTHER


def _cumulative(kind: PeriodType) -> bool:
    return Period(1, kind).cumulative


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    return plain(tidy(unicodedata.normalize("NFKC", text[:_LONGEST]))).casefold()
