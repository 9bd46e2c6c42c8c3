"""Read what changes how a person sees answers: merged cells, hidden rows, filters.

Read by regular expressions from the bytes around the cells, and only where their tokens occur.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from consolidate.model.cells import SHOWN, CellRef, first_cells, parse_a1
from consolidate.model.returns import Anomaly

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*\bref="([A-Z]{1,3}[0-9]+):([A-Z]{1,3}[0-9]+)"')
_FLAT = rb'\bht="[0-2](?:\.[0-9]*)?"'
_THIN = rb'\bwidth="0(?:\.[0-4][0-9]*)?"'
_ROW = re.compile(
    rb'<(?:\w+:)?row\b(?=[^<>]*(?:\bhidden="(?:1|true)"|%b))[^<>]*?\br="([0-9]{1,7})"' % _FLAT
)
_COLUMN = re.compile(rb'<(?:\w+:)?col\b(?=[^<>]*(?:\bhidden="(?:1|true)"|%b))([^<>]*)>' % _THIN)
_LOW, _NO_WIDTH = re.compile(rb' ht="(?:0|[12]["\.])'), b' width="0'
_BOUND = re.compile(rb'\b(min|max)="([0-9]{1,5})"')
_HIDDEN = b'hidden="'
_OWN_HIDDEN = 2
"""Hidden rows and columns of every sheet of a template: those of the codes."""
_MOST = 10_000
"""Merged areas and hidden rows that are looked at."""

_FURTHEST, _WIDEST, _MOST_COVERED = 20_000, 200, 200_000
"""Last row and column of a form, and covered cells of a sheet, that are looked at."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column; zero-based, inclusive."""


@dataclass(frozen=True, eq=False)
class Features:
    """Merged areas, hidden rows and columns (zero-based), and whether a filter hides rows.

    Sheets of one template share one object of merged areas, so that what follows from them is
    worked out once.
    """

    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    filtered: bool = False

    @cached_property
    def covered(self) -> frozenset[tuple[int, int]]:
        """Cells under the first cell of a merged area: nobody sees what they hold."""
        cells = (
            (row, column)
            for top, left, bottom, right in self.merged
            for row in range(top, min(bottom, _FURTHEST) + 1)
            for column in range(left, min(right, _WIDEST) + 1)
            if (row, column) != (top, left)
        )
        return frozenset(islice(cells, _MOST_COVERED))


NONE = Features()


def read_features(xml: bytes) -> Features:
    """Read the features of a sheet from its XML; rows without a number are skipped."""
    start, end = xml.find(b"mergeCells"), xml.rfind(b"mergeCells")
    plain = _merged(xml[start:end]) if start >= 0 else NONE
    second_row = xml.find(b"<row", xml.find(b"<row") + 1)
    own = xml.count(_HIDDEN, 0, second_row) <= _OWN_HIDDEN if second_row >= 0 else False
    # A row may have no height, a column no width.
    flat = xml.find(_NO_WIDTH, 0, xml.find(b"<sheetData")) >= 0 or _LOW.search(xml) is not None
    if own and not flat and xml.find(_HIDDEN, second_row) < 0:
        return plain
    rows = frozenset(int(match.group(1)) - 1 for match in islice(_ROW.finditer(xml), _MOST))
    columns = frozenset(_hidden_columns(xml))
    return Features(plain.merged, rows, columns, filtered=b"filterColumn" in xml)


@lru_cache(maxsize=64)
def _merged(block: bytes) -> Features:
    areas = []
    for match in islice(_MERGED.finditer(block), _MOST):
        first, last = (parse_a1(corner.decode()) for corner in match.groups())
        if first is not None and last is not None:
            areas.append((*first, *last))
    return Features(tuple(areas))


def _hidden_columns(xml: bytes) -> Iterator[int]:
    end = xml.find(b"sheetData")
    for tag in _COLUMN.findall(xml, 0, max(end, 0)):
        bounds = {name: int(number) for name, number in _BOUND.findall(tag)}
        yield from range(bounds.get(b"min", 1) - 1, min(bounds.get(b"max", 0), 16_384))


def merged_answers(
    areas: Iterable[Area], asked: Collection[tuple[int, int]], data_set: str, sheet: str
) -> list[Anomaly]:
    """Note, as one anomaly, the merged areas that take in cells (row, column) read as answers."""
    columns = sorted({column for _, column in asked})
    found: list[str] = []
    cells: list[CellRef] = []
    for top, left, bottom, right in areas:
        wide = [column for column in columns if left <= column <= right]
        inside = [
            CellRef(sheet, row, column)
            for row in (range(top, bottom + 1) if wide else ())
            for column in wide
            if (row, column) in asked
        ]
        if inside:
            found.append(f"{CellRef(sheet, top, left).a1}:{CellRef(sheet, bottom, right).a1}")
            cells += inside
    said = ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
    return [Anomaly("cells_merged", data_set, "", first_cells(cells), said)] if found else []
