"""Cells far from the table: cut out of the XML of a sheet by their bytes and listed.

A stray character in A1048576 makes a sheet larger than any computer can hold, though the form in
its corner is sound. Such a cell is reported and left out; the bytes of all others stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from consolidate.intake.gate import Limits, Refused
from consolidate.intake.workbook.bounds import FarCell, SheetWalk, fits, is_addressed

_CELL = rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")? ?/>'
_EMPTY = re.compile(rb'<row r="[0-9]{1,7}"[^<>]*+(?:(?<=/)>|>(?:%b)*+</row>)|%b' % (_CELL, _CELL))
"""Rows and cells that carry a format and nothing else."""
_CUTS = ((False, True), (True, False), (True, True))
"""What to cut, the least first: beyond the last column, below the last row, both."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A sheet that can be held: its XML, its walk, and the cells that were cut, zero-based.

    ``last`` is the furthest row and column of what is left.
    """

    xml: bytes
    last: tuple[int, int]
    errors: frozenset[tuple[int, int]]
    no_value: frozenset[tuple[int, int]]
    far: tuple[tuple[int, int], ...] = ()


def without_empty(xml: bytes) -> bytes:
    """The XML without rows and cells that only carry a format, where that moves no other cell."""
    return _EMPTY.sub(b"", xml) if is_addressed(xml) else xml


def prune(xml: bytes, name: str, limits: Limits) -> Pruned:
    """A sheet whose filled cells span no more than may be held; few far cells are cut for that.

    Raises:
        Refused: the XML is damaged or hostile, or what is left still spans too much, or so much
            lies far away that it is no stray content.
    """
    walk = SheetWalk(xml, limits)
    errors, no_value = frozenset(walk.errors), frozenset(walk.no_value)
    last = walk.last(rows=False, columns=False)
    if fits(last, limits):
        return Pruned(xml, last, errors, no_value)
    if walk.far_count <= limits.far_cells:
        for rows, columns in _CUTS:
            last = walk.last(rows=rows, columns=columns)
            if fits(last, limits):
                cut = [cell for cell in walk.far if cell.beyond(limits, rows=rows, columns=columns)]
                far = tuple((cell.row, cell.column) for cell in cut)
                left = b"".join(_without(xml, cut))
                return Pruned(left, last, errors.difference(far), no_value, far)
    raise Refused("too_many_cells", unreadable=True, detail=name)


def _without(xml: bytes, cells: list[FarCell]) -> Iterator[bytes]:
    at = 0
    for cell in cells:
        yield xml[at : cell.start]
        at = cell.end
    yield xml[at:]
