"""Answers that were moved together: one anomaly for a block that was cut and pasted elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from consolidate.model.cells import CellRef, first_cells
from consolidate.model.returns import Anomaly

_ONE, _SEVERAL = "anchors_disagree", "block_moved"
_Way = tuple[str, int, int]


def grouped(anomalies: Iterable[Anomaly]) -> list[Anomaly]:
    """The anomalies of one table; answers whose names lie equally far from their codes become one.

    The one takes the place of the first of them. It names the block by the codes (``expected``) and
    by the names (``found``), as ranges of the outermost cells, and holds the first cells of both.
    """
    items = list(anomalies)
    blocks: dict[_Way, list[Anomaly]] = {}
    for item in items:
        if item.kind == _ONE:
            blocks.setdefault(_way(item), []).append(item)
    made: list[Anomaly] = []
    for item in items:
        block = blocks.get(_way(item), []) if item.kind == _ONE else []
        if len(block) < 2:
            made.append(item)
        elif item is block[0]:
            made.append(_block(block))
    return made


def _way(item: Anomaly) -> _Way:
    """How far, in rows and columns, a name lies from the code of its answer."""
    coded, named = item.cells
    return item.data_set, named.row - coded.row, named.column - coded.column


def _block(items: list[Anomaly]) -> Anomaly:
    coded = tuple(item.cells[0] for item in items)
    named = tuple(item.cells[1] for item in items)
    cells = (*first_cells(coded), *first_cells(named))
    return Anomaly(_SEVERAL, items[0].data_set, "", cells, _area(named), _area(coded))


def _area(cells: Iterable[CellRef]) -> str:
    """The range of the outermost cells: ``F14:F15``."""
    cells = list(cells)
    first = CellRef(cells[0].sheet, min(c.row for c in cells), min(c.column for c in cells))
    last = CellRef(cells[0].sheet, max(c.row for c in cells), max(c.column for c in cells))
    return f"{first.a1}:{last.a1}"
