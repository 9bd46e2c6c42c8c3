"""A cell that only its defined name points at must look like the cell of that question.

Names stay behind when a program that does not know them puts rows or columns in (openpyxl, many
converters). Where the hidden code of a row or a column is gone as well, what a person reads there
decides: the official number or the label beside the answer, the header above it.
"""

from __future__ import annotations

from collections.abc import Mapping

from consolidate.model.cells import CellRef
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataSet, InputCell
from consolidate.model.raw_cells import raw_text
from consolidate.model.text import name_key
from consolidate.xlsx.read.grid import Grid


def unconfirmed(
    grid: Grid,
    data_set: DataSet,
    cells: Mapping[ValueKey, CellRef],
    rows: Mapping[str, int],
    columns: Mapping[str, int],
) -> list[InputCell]:
    """Input cells of a fixed table whose row or column has lost its code and says another thing."""
    return [
        item
        for item in data_set.inputs
        if (cell := cells.get(item.key)) is not None
        and (
            (item.element.code not in rows and not _row_says(grid, cell, item))
            or (item.column not in columns and not _column_says(grid, cell, data_set, item))
        )
    ]


def _row_says(grid: Grid, cell: CellRef, item: InputCell) -> bool:
    shown = [raw_text(grid.get(cell.row, column)).strip() for column in range(cell.column)]
    label = name_key(item.element.label)
    return (bool(item.element.number) and item.element.number in shown) or any(
        text and name_key(text) == label for text in shown
    )


def _column_says(grid: Grid, cell: CellRef, data_set: DataSet, item: InputCell) -> bool:
    known = data_set.column_by_code.get(item.column)
    label = name_key(known.label) if known is not None else ""
    return not label or any(
        name_key(grid.text(row, cell.column)) == label for row in range(cell.row)
    )
