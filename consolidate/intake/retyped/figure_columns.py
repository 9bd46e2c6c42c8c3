"""Tell which column holds the figures of this period, where a unit put others beside it.

"Kỳ trước | Kỳ này" under "SỐ LIỆU", a plan beside what was done, two quarters, a column of
differences: the headings over a column say which it is, those of merged cells and those that stand
once over several columns included. Words tell ("Kỳ trước", "Thực hiện", "Tăng, giảm"), and periods
that are named ("Quý II/2026") tell by the period of the file itself. Where they do not tell one
column, none is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import CellRef, column_letters, raw_text
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.period import Period, PeriodType, kinds_named
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key, plain, tidy
from consolidate.xlsx.read.grid import Grid

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
_TELLING = (_OTHER, _SINCE, _QUARTER, _THIS)
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
    return any(pattern.search(words) for pattern in (*_TELLING, _DONE, _YEAR, _NAMED))


def _phrases(text: str) -> frozenset[str]:
    """Return the words in an official heading that would tell columns apart in another one."""
    words = _words(text)
    return frozenset(found for pattern in (*_TELLING, _DONE) for found in pattern.findall(words))


def _without(text: str, known: Iterable[str]) -> str:
    words = _words(text)
    for phrase in known:  # Phrases that are the form's own.
        words = words.replace(phrase, " ")
    return words


def without_period(text: str) -> str:
    """Leave the words about periods out of a heading: ``Tổng số (kỳ này)`` is ``Tổng số``."""
    typed = tidy(unicodedata.normalize("NFKC", text[:_LONGEST]))
    left = list(typed)
    words = _words(text)
    if len(words) != len(typed):
        return typed
    for pattern in (*_TELLING, _NAMED, _YEAR):
        for match in pattern.finditer(words):
            left[match.start() : match.end()] = "\0" * (match.end() - match.start())
    return tidy("".join(left).replace("\0", " ")).replace("( )", "").strip(_ENDS)


def _says(headings: Iterable[str], data_set: DataSet, asked: NamedPeriod) -> Says:
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


KIND = "figure_columns"
"""Kind of the anomaly of a table none of whose columns can be told to be of this period."""
Place = tuple[int, int]
_FULL = 3
"""Figures from which a column without any heading of its own is a second one under its heading."""
_FIGURE = re.compile(r"\s*[-+(]?\d[^\n]{0,20}\s*$")
"""A text that is a figure, perhaps with its unit of measure; a remark is none."""
_ABOVE = 2
"""Rows above a header in which headings of several columns may stand."""
_SHOWN, _LISTED = 40, 8
"""Letters of a heading, and columns, that a finding shows."""


@dataclass(frozen=True)
class Headed:
    """A table as its columns are told apart: rows of headings and of figures, and known columns.

    ``own`` are the cells of headings by the column of the form that they name, ``taken`` columns
    that hold no figures. In an ``anchored`` table hidden codes say which column is the form's own.
    """

    grid: Grid
    data_set: DataSet
    rows: range
    body: Sequence[int]
    own: Mapping[str, Sequence[Place]]
    taken: frozenset[int]
    anchored: bool = False

    @cached_property
    def headings(self) -> range:
        """The rows of headings with those above that speak of several columns."""
        top = self.rows.start
        for row in range(top - 1, max(-1, top - 1 - _ABOVE), -1):
            cells = [
                (at, raw_text(cell)) for at, cell in enumerate(self.grid.rows[row]) if cell != ""
            ]
            if len(cells) < 2 or any(at in self.taken for at, _ in cells):
                break
            if not any(speaks(text) for _, text in cells):
                break
            top = row
        return range(top, self.rows.stop)

    @cached_property
    def width(self) -> int:
        """Columns that hold anything in the rows of the table."""
        rows = self.grid.rows
        return max((len(rows[row]) for row in (*self.headings, *self.body)), default=0)

    @cached_property
    def _official(self) -> tuple[frozenset[str], frozenset[str]]:
        """Headings of the form itself, and words in them: they say nothing about other columns."""
        items = self.data_set.columns or self.data_set.elements
        said = [words for item in items for words in (item.label, item.group) if words]
        known = frozenset(phrase for words in said for phrase in _phrases(words))
        return frozenset(map(name_key, said)), known

    def heading(self, row: int, column: int) -> Place | None:
        """Find the cell whose text stands over a column in a row: its own, or a wider one."""
        get = self.grid.get
        if get(row, column) != "":
            return row, column
        for top, left, bottom, right in self.grid.facts.features.merged:
            if top <= row <= bottom and left <= column <= right and get(top, left) != "":
                return None if left in self.taken else (top, left)
        if any(get(above, column) != "" for above in range(self.headings.start, row)):
            return None
        for at in range(column - 1, -1, -1):
            if at in self.taken:
                return None
            if get(row, at) != "":
                return None if (row, at) in self._wide else (row, at)
        return None

    @cached_property
    def _wide(self) -> frozenset[Place]:
        """First cells of merged areas: their text stands over these columns and no others."""
        return frozenset((top, left) for top, left, *_ in self.grid.facts.features.merged)

    def texts(self, column: int) -> list[str]:
        """List texts over a column, from the top down, without the headings of the form itself."""
        cells = dict.fromkeys(self.heading(row, column) for row in self.headings)
        found = [tidy(raw_text(self.grid.get(*cell))) for cell in cells if cell is not None]
        headings, known = self._official
        texts = [text for text in found if name_key(text) not in headings]
        return [_without(text, known) for text in texts] if known else texts

    def filled(self, column: int) -> int:
        """List rows in which a column holds a figure."""
        cells = (self.grid.get(row, column) for row in self.body)
        return sum(1 for cell in cells if not isinstance(cell, str) or _FIGURE.match(cell))

    def headed(self, column: int) -> bool:
        """Tell whether a text of its own stands over a column."""
        return any(self.grid.get(row, column) != "" for row in self.headings)


def figure_codes(data_set: DataSet) -> tuple[str, ...]:
    """Codes of the columns of a form that hold figures; none of a report in words."""
    if data_set.shape is Shape.OPEN:
        return tuple(element.code for element in data_set.elements if element.type.numeric)
    if data_set.narrative:
        return ()
    return tuple(c.code for c in data_set.columns if c.type is None or c.type.numeric)


def told_columns(table: Headed, asked: NamedPeriod) -> Mapping[str, int] | Anomaly:
    """Find the column of this period for each column of figures there, or why there is none.

    A code is left out when its headings stand over several columns and say nothing of periods.
    """
    codes = figure_codes(table.data_set)
    said = {
        column: _says(table.texts(column), table.data_set, asked)
        for column in range(table.width)
        if column not in table.taken
    }
    chosen: dict[str, int] = {}
    rivals: dict[int, None] = {}
    under: set[int] = set()
    for code in codes:
        own = dict.fromkeys(column for _, column in table.own.get(code, ()))
        beside = dict.fromkeys(_beside(table, code, said, alone=len(codes) == 1))
        columns = [*own, *(column for column in beside if column not in own)]
        under.update(columns)
        if not columns or (len(own) > 1 and not any(said.get(column) for column in columns)):
            continue
        column = _one(table, columns, set(own), said)
        if column is None or (table.anchored and column not in own):
            rivals |= dict.fromkeys(columns)
        else:
            chosen[code] = column
    strange = [
        column
        for column, found in said.items()
        if found is Says.THIS and column not in under and table.filled(column)
    ]
    if not rivals and strange and any(not said[column] for column in chosen.values()):
        rivals = dict.fromkeys([*chosen.values(), *strange])
    return _untold(table, sorted(rivals)) if rivals else chosen


@cache
def _headings(data_set: DataSet) -> frozenset[str]:
    """Texts, as keys, by which the head of a form is known."""
    layout = data_set.layout
    texts = (layout.number_header, layout.label_header, *(c.label for c in data_set.columns))
    return frozenset(map(name_key, texts)) - {""}


def untold_columns(sheet: LocatedSheet, asked: NamedPeriod) -> Anomaly | None:
    """Tell why the coded columns of a template's fixed table are not surely of this period.

    ``None`` when they are: columns that a unit put beside them are last period's, or no rivals.
    """
    table = headed_table(sheet)
    told = {} if table is None else told_columns(table, asked)
    return told if isinstance(told, Anomaly) else None


def headed_table(sheet: LocatedSheet) -> Headed | None:
    """The headings and figures of a fixed table with codes; ``None`` for one without figures."""
    data_set, grid = sheet.data_set, sheet.grid
    codes = figure_codes(data_set) if data_set.shape is Shape.FIXED else ()
    own = {code: sheet.columns[code] for code in codes if code in sheet.columns}
    body = sorted(row for code, row in sheet.rows.items() if code in data_set.by_code)
    if not own or not body:
        return None
    known = [column for column in sheet.columns.values() if column != CODE_COLUMN]
    tops = (
        row
        for row in range(CODE_ROW + 1, body[0])
        if any(is_heading(grid.text(row, column), data_set) for column in known)
    )
    rows = range(next(tops, body[0] - 1), body[0])
    cells = {
        code: [(next((r for r in rows if grid.get(r, at) != ""), rows.stop - 1), at)]
        for code, at in own.items()
    }
    taken = {CODE_COLUMN, *known} - set(own.values())
    return Headed(grid, data_set, rows, body, cells, frozenset(taken), True)


@lru_cache(maxsize=16_384)
def is_heading(text: str, data_set: DataSet) -> bool:
    """Tell whether the head of a form is known by a text; the same ones stand in all returns."""
    return name_key(text) in _headings(data_set)


def _beside(table: Headed, code: str, said: Mapping[int, Says], *, alone: bool) -> Iterator[int]:
    """Other columns under the headings of a code; of a form with one column, all that speak."""
    places = table.own.get(code, ())
    others = {at for other, cells in table.own.items() if other != code for _, at in cells}
    for column, found in said.items():
        over = places if column not in others else ()
        shared = [
            place
            for row, place in ((row, (row, at)) for row, at in over if at != column)
            if table.heading(row, column) == place
        ]
        if not shared and not (alone and found):
            continue
        count = table.filled(column)
        most = max((table.filled(at) for _, at in places), default=0) if shared else 0
        for place in shared:
            areas = table.grid.facts.features.merged
            merged = place in {area[:2] for area in areas if area[1] <= column <= area[3]}
            full = count >= _FULL or (count and 2 * count >= most)
            if table.headed(column) or (count and merged) or (full and not table.anchored):
                yield column
        if alone and found and (count or (found is Says.THIS and table.headed(column))):
            yield column


def _one(
    table: Headed, columns: Sequence[int], own: set[int], said: Mapping[int, Says]
) -> int | None:
    """The one of several columns that is of this period; ``None`` when that is not certain."""
    if len(columns) == 1:
        (column,) = columns
        return None if said[column] is Says.OTHER else column
    silent = [c for c in columns if not said[c] and table.filled(c)]
    for kind in (Says.THIS, Says.LIKELY):
        found = [column for column in columns if said[column] is kind]
        if found:
            unsure = kind is Says.LIKELY and any(said[c] is Says.UNKNOWN for c in columns)
            return found[0] if len(found) == 1 and not silent and not unsure else None
    left = [column for column in columns if said[column] is not Says.OTHER]
    left = [column for column in left if said[column] or column in own or column in silent]
    return left[0] if len(left) == 1 and left[0] in own and not said[left[0]] else None


def _untold(table: Headed, columns: Sequence[int]) -> Anomaly:
    """Name the columns between which nothing decides, with their headings."""
    cells, shown = [], []
    below = range(table.rows.stop, min(table.body, default=table.rows.stop))
    for column in columns:
        places = [at for row in table.headings if (at := table.heading(row, column)) is not None]
        own = [row for row, at in places if at == column] or [row for row, _ in places]
        cells.append(CellRef(table.grid.name, own[-1] if own else table.rows.start, column))
        places += [(row, column) for row in below]  # Words that say nothing to us do to a person.
        texts = dict.fromkeys(tidy(raw_text(table.grid.get(*at))) for at in places)
        words = " / ".join(text for text in texts if any(map(str.isalpha, text)) or len(text) > 3)
        letters = column_letters(column)
        shown.append(f"{letters} “{words[:_SHOWN]}”" if words else letters)
    more = " …" if len(shown) > _LISTED else ""
    found = ", ".join(shown[:_LISTED]) + more
    return Anomaly(KIND, table.data_set.code, "", tuple(cells), found, str(len(columns)))
