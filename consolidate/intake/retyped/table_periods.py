"""Tell which period a retyped table is of, where one form is asked for a quarter and up to its end.

The line of the data window says it best: 15/6 to 14/9 is the third quarter, 15/12 of the year
before to 14/9 nine months (windows of the pack). Then the name of the sheet and the nearest line
above the table that names a period count, and must agree. A table that says nothing is of the only
period that the file names, if it is the only one of its form; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from consolidate.intake.retyped.heading_words import NamedPeriod
from consolidate.intake.retyped.lines import Line, is_window, lines_above, lines_before
from consolidate.intake.retyped.retyped_fixed import FixedPart
from consolidate.intake.retyped.retyped_tables import OpenPart
from consolidate.intake.typed_text.typed_dates import read_window
from consolidate.model.anchors import OPEN_END
from consolidate.model.datasets import DataSet
from consolidate.model.packs import Pack
from consolidate.model.period import DataWindow, Period, PeriodType, kinds_named
from consolidate.model.returns import WindowLine
from consolidate.model.text import tidy
from consolidate.xlsx.read.grid import Workbook

Part = FixedPart | OpenPart
_CLOSE = timedelta(days=21)
"""How far a window may be from the statutory one: a province may set other days."""

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_YEAR = re.compile(r"\W*(?:kỳ(?: báo cáo)?\W*)?(?:báo cáo )?năm \d{4}\W*")
"""A year on a line of its own, which names the period where nothing else does."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a table says: ``kinds`` of period (several: it contradicts itself), ``window``."""

    kinds: frozenset[PeriodType] = frozenset()
    period: Period | None = None
    window: WindowLine | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Tables by form, each with its parts and what it says, completed by what the file says.

    ``number`` is the round of all of them, 0 when they are of several or of none; ``silent`` are
    sheets whose table does not tell its period.
    """

    tables: Mapping[str, Sequence[tuple[Sequence[Part], Told]]] = field(default_factory=dict)
    number: int = 0
    silent: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()

    def of(self, data_set: DataSet) -> tuple[list[Part], WindowLine | None]:
        """Choose parts of the tables of a period of a data set, and the first window of them."""
        kinds = frozenset(data_set.periods)
        chosen = [
            (parts, told)
            for parts, told in self.tables[data_set.form]
            if len(told.kinds) == 1 and told.kinds <= kinds
        ]
        windows = (told.window for _, told in chosen if told.window is not None)
        return [part for parts, _ in chosen for part in parts], next(windows, None)


def date_tables(
    book: Workbook, pack: Pack, apart: Mapping[str, Sequence[Sequence[Part]]], said: Sequence[str]
) -> Dated:
    """Tell the periods of the tables of a file by form.

    ``said`` are other words of the file, the best first.
    """
    parts = [part for tables in apart.values() for table in tables for part in table]
    told = {
        form: [(table, told_by(book, table, parts, pack)) for table in tables]
        for form, tables in apart.items()
    }
    all_told = [each for tables in told.values() for _, each in tables]
    general = frozenset(kind for each in all_told for kind in each.kinds)
    for text in said if not general else ():
        general = kinds_of(text.splitlines())
        if general:
            break
    for form, tables in told.items():
        if len(tables) == 1 and not tables[0][1].kinds:
            told[form] = [(tables[0][0], replace(tables[0][1], kinds=general))]
    known = [each for tables in told.values() for _, each in tables if len(each.kinds) == 1]
    rounds = {kind.round for each in known for kind in each.kinds}
    silent = [
        table[0].grid.name
        for tables in told.values()
        for table, each in tables
        if len(each.kinds) != 1
    ]
    return Dated(
        told,
        rounds.pop() if len(rounds) == 1 else 0,
        tuple(dict.fromkeys(silent)),
        tuple(dict.fromkeys(each.period for each in known if each.period is not None)),
    )


def told_by(book: Workbook, parts: Sequence[Part], all_parts: Iterable[Part], pack: Pack) -> Told:
    """Read what stands above a table, up to the table before it, and the name of its sheet."""
    first = parts[0]
    name, top = first.grid.name, first.header.top
    ends = [bottom(part) for part in all_parts if part.grid.name == name]
    start = max((end for end in ends if end <= top), default=0)
    lines = [*lines_before(book, name), *lines_above(first.grid, top, start)]
    window = period = None
    for line in lines:
        if is_window(line.text):
            window = WindowLine(line.text, read_window(line.text), line.cell)
            period = _period_of(window.window, pack) if window.window is not None else None
    if period is not None:
        return Told(frozenset({period.type}), period, window)
    by_name = kinds_of((name,)) - {PeriodType.YEAR}
    return Told(by_name | _nearest(lines), None, window)


def bottom(part: Part) -> int:
    """Return the row below the last one of a table."""
    if isinstance(part, OpenPart):
        return part.places[OPEN_END]
    return 1 + max(row for rows in part.rows.claims.values() for row in rows)


def kinds_of(texts: Iterable[str]) -> frozenset[PeriodType]:
    """Read the kinds of period that texts name.

    "Năm 2026" on a line of its own may be the year of what another one names: it counts alone only.
    """
    several = list(texts)
    clear = frozenset(kind for text in several for kind in _clear(text))
    whole = any(_YEAR.fullmatch(tidy(text).casefold()) for text in several)
    return clear or frozenset({PeriodType.YEAR} if whole else ())


def period_told(texts: Sequence[str], packs: Iterable[Pack]) -> NamedPeriod:
    """Return the period that lines of a file name, as far as they agree about it."""
    lines = (read_window(text) for text in texts if is_window(text))
    windows = [window for window in lines if window is not None]
    plain = [text for text in texts if not is_window(text)]
    naming = [text for text in plain if kinds_of((text,))]
    years = {int(year) for text in naming for year in _YEARS.findall(text)}
    years |= {window.end.year for window in windows}
    known = {_period_of(window, pack) for window in windows for pack in packs} - {None}
    kinds = {period.type for period in known if period is not None} | kinds_of(plain)
    return NamedPeriod(years.pop() if len(years) == 1 else None, frozenset(kinds))


def _nearest(lines: Sequence[Line]) -> frozenset[PeriodType]:
    """Kinds of period in the nearest line that names any."""
    texts = [line.text for line in lines if not is_window(line.text)]
    found = (_clear(text) for text in reversed(texts))
    return next((kinds for kinds in found if kinds), kinds_of(texts))


def _clear(text: str) -> frozenset[PeriodType]:
    """Kinds of period in a text, without a year that may only be that of another kind."""
    named = kinds_named(text)
    return named if "cả năm" in text.casefold() else named - {PeriodType.YEAR}


def _period_of(window: DataWindow, pack: Pack) -> Period | None:
    """The period of a pack that has a data window, a few days more or less."""
    for kind in pack.windows:
        period = Period(window.end.year, kind)
        asked = pack.window(period)
        if asked is not None and all(
            abs(one - other) <= _CLOSE
            for one, other in ((asked.start, window.start), (asked.end, window.end))
        ):
            return period
    return None
