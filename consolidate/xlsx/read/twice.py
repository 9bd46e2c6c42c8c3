"""Find cells that the XML of a sheet gives twice: one reader takes the first, another the last."""

from __future__ import annotations

import re
from collections import Counter

from consolidate.model.cells import parse_a1

_CELL = re.compile(rb'<c r="([^"]*)')
_ROW = re.compile(rb'<row r="([^"]*)')
_VALUES = b"</v><v"


def cells_twice(xml: bytes) -> frozenset[tuple[int, int]]:
    """Cells (zero-based) with two elements or two values, and all of a row that stands twice."""
    cells, rows = _CELL.findall(xml), _ROW.findall(xml)
    found: set[bytes] = set()
    if len(set(cells)) < len(cells):
        found.update(cell for cell, times in Counter(cells).items() if times > 1)
    if len(set(rows)) < len(rows):
        again = {row for row, times in Counter(rows).items() if times > 1}
        found.update(cell for cell in cells if cell.lstrip(_LETTERS) in again)
    at = xml.find(_VALUES)
    while at >= 0:
        start = xml.rfind(b"<c ", 0, at)
        match = _CELL.match(xml, max(start, 0))
        if match is not None:
            found.add(match.group(1))
        at = xml.find(_VALUES, at + 1)
    places = (parse_a1(cell.decode("ascii", "replace")) for cell in found)
    return frozenset(place for place in places if place is not None)


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
