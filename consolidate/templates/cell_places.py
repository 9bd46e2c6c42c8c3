"""Find the cells of a written form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataElement, DataSet, Shape

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


_CAPTION = 40
"""Characters of a caption that names an answer in a list."""


def frame_name(data_set: str) -> str:
    """Name the body of an open table with the row above it and the row below.

    It grows with every row that is inserted among the entries, above the first and below the last
    of them, too.
    """
    return f"_frame.{data_set}"


@dataclass(frozen=True)
class FormPlace:
    """The sheet of a data set; all indexes are zero-based.

    ``columns`` gives the column of each column code, ``rows`` the row of each element of a fixed
    table. ``first`` and ``last`` are the rows of the body. ``window`` is the cell of the line
    "Số liệu tính từ ngày …", if the form has one. ``crossed`` are the elements and columns that do
    not concern the unit. ``previous`` is the column of the grey figures of the period before.
    """

    data_set: DataSet
    sheet: Worksheet = field(repr=False)
    columns: Mapping[str, int]
    rows: Mapping[str, int]
    first: int
    last: int
    window: tuple[int, int] | None = None
    crossed: frozenset[tuple[str, str]] = frozenset()
    previous: int | None = None

    @property
    def open(self) -> bool:
        """Whether people add rows to the table."""
        return self.data_set.shape is Shape.OPEN

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """Codes of the columns that take answers, from left to right."""
        if self.open:
            return tuple(element.code for element in self.data_set.elements)
        return tuple(column.code for column in self.data_set.columns)

    @cached_property
    def first_answer(self) -> int:
        """The leftmost column that takes answers; the others follow without a gap."""
        return self.columns[self.answers[0]]

    def cell(self, element: str, column: str = "", row: int = 0) -> CellRef:
        """Give the cell of an answer; ``row`` counts the rows of an open table from 0."""
        if self.open:
            return CellRef(self.data_set.sheet, self.first + row, self.columns[element])
        return CellRef(self.data_set.sheet, self.rows[element], self.columns[column])

    def caption(self, element: DataElement) -> str:
        """Name an element in a list: by its caption, or by its row where that is long."""
        caption = self.data_set.caption(element)
        if self.open or len(caption) <= _CAPTION:
            return caption
        return text("template.check.unnumbered", row=self.rows[element.code] + 1)

    @property
    def prefix(self) -> str:
        """What stands before an address of this sheet in a formula: ``'Biểu 01'!``."""
        return CellRef(self.data_set.sheet, 0, 0).quoted.removesuffix("A1")

    def address(self, column: str, row: int) -> str:
        """Give the address of a cell from other sheets, its column fixed: ``'Biểu 01'!$E9``."""
        return f"{self.prefix}${column_letters(self.columns[column])}{row + 1}"

    @property
    def frame(self) -> str:
        """Name of the frame of an open table (:func:`frame_name`)."""
        return frame_name(self.data_set.code)

    def elements_of(self, column: str) -> tuple[DataElement, ...]:
        """Give elements that have an answer in a column, from top to bottom."""
        if self.open:
            return (self.data_set.by_code[column],)
        return tuple(e for e in self.data_set.elements if column in e.columns)

    def required(self, element: DataElement, column: str) -> bool:
        """Ask whether the answer may not be blank."""
        return bool(element.required) if self.open else column in element.required
