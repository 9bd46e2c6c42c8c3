"""One answer that is given outside of any form, read as the cell of a form would be read."""

from __future__ import annotations

from consolidate.intake.answers import read_answer, read_answers
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.raw_cells import Cell
from consolidate.xlsx.read.grid import Grid

_NOWHERE = Grid("", [])


def read_typed(data_set: DataSet, key: ValueKey, content: Cell) -> tuple[DataValue, ...]:
    """The value of a figure, and the further figures of an ``a/b`` answer under their own keys.

    ``cell`` of the values says nothing. ``key.row`` tells the row of an open table.

    Raises:
        KeyError: the form has no such cell.
    """
    cell = CellRef("", 0, 0)
    if data_set.shape is Shape.OPEN:
        element = data_set.by_code[key.element]
        return (read_answer(_NOWHERE, content, cell, key, element, element.type)[0],)
    for item in data_set.inputs:
        if (item.key.element, item.key.column) == (key.element, key.column):
            return tuple(read_answers(_NOWHERE, content, cell, item))
    raise KeyError(key)
