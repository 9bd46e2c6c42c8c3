"""Tell which column holds the figures of this period, where a unit put others beside it.

"Kỳ trước | Kỳ này" under "SỐ LIỆU", a plan beside what was done, two quarters, a column of
differences: the headings over a column say which it is, those of merged cells and those that stand
once over several columns included. Where they do not tell one column, none is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.retyped.heading_words import (
    NamedPeriod,
    Says,
    phrases,
    says,
    speaks,
    without,
)
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import CellRef, column_letters, raw_text
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.grid import Grid

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
    def official(self) -> tuple[frozenset[str], frozenset[str]]:
        """Headings of the form itself, and words in them: they say nothing about other columns."""
        items = self.data_set.columns or self.data_set.elements
        said = [words for item in items for words in (item.label, item.group) if words]
        known = frozenset(phrase for words in said for phrase in phrases(words))
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
        headings, known = self.official
        texts = [text for text in found if name_key(text) not in headings]
        return [without(text, known) for text in texts] if known else texts

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
        column: says(table.texts(column), table.data_set, asked)
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
