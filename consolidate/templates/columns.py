"""Lay out the columns of a form sheet: place, width, where the heading divides; find its cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LABEL_COLUMN, NUMBER_COLUMN, UNIT_COLUMN
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import DataElement, DataSet, Shape
from consolidate.xlsx.write.text_sizes import column_points

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


RIGHT_HALF = 262.0
"""Least width in points of the right half of the heading (the national motto in bold 12)."""
GOES_ON = "^"
"""A line of the headings above a column on which the one before it goes on."""
LEFT_HALF = 170.0
"""Least width in points of the left half of the heading (the name of the unit)."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet.

    ``width`` is in characters, ``group`` are the merged headings above it from the top down, each
    on a line of its own. A column without a code continues the one before it: their cells are
    merged.
    """

    code: str
    label: str
    width: float
    group: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The merged headings above the column, from the top down."""
        return tuple(self.group.split("\n")) if self.group else ()


@dataclass(frozen=True)
class SheetColumns:
    """The visible columns of a sheet from left to right; ``first`` is the index of the first."""

    columns: tuple[SheetColumn, ...]
    first: int = 1

    @property
    def last(self) -> int:
        """Index of the last column."""
        return self.first + len(self.columns) - 1

    @cached_property
    def positions(self) -> dict[str, int]:
        """Index of each column by its code."""
        return {
            column.code: self.first + index
            for index, column in enumerate(self.columns)
            if column.code
        }

    @cached_property
    def points(self) -> tuple[float, ...]:
        """Width of each column in points."""
        return tuple(column_points(column.width) for column in self.columns)

    def span(self, first: int, last: int) -> float:
        """Measure the columns ``first`` to ``last`` (indexes, both included) in points."""
        return sum(self.points[first - self.first : last - self.first + 1])

    def end_of(self, code: str) -> int:
        """Give the index of the last column merged into the one with this code."""
        index = self.positions[code] - self.first
        while index + 1 < len(self.columns) and not self.columns[index + 1].code:
            index += 1
        return self.first + index

    @cached_property
    def middle(self) -> int:
        """Index of the first column of the right half of the heading and of the signatures."""
        best, most = self.last, float("-inf")
        for index in range(self.first + 1, self.last + 1):
            left, right = self.span(self.first, index - 1), self.span(index, self.last)
            missing = min(left - LEFT_HALF, 0.0) + min(right - RIGHT_HALF, 0.0)
            score = missing * 1000 - abs(left - right)
            if score > most:
                best, most = index, score
        return best


def columns_of(data_set: DataSet) -> SheetColumns:
    """List the columns of the official table of a data set, in the order of the form.

    Fixed table: number, label, unit of measure (when the form has it), value columns. The label
    column becomes two merged columns when no other boundary leaves room for both halves of the
    heading. Open table: number, elements.
    """
    layout = data_set.layout
    columns = [SheetColumn(NUMBER_COLUMN, layout.number_header, layout.number_width)]
    if data_set.shape is Shape.OPEN:
        columns += [SheetColumn(e.code, e.label, e.width, e.group) for e in data_set.elements]
        return SheetColumns(tuple(columns))
    columns.append(SheetColumn(LABEL_COLUMN, layout.label_header, layout.label_width))
    if layout.unit_header:
        columns.append(SheetColumn(UNIT_COLUMN, layout.unit_header, layout.unit_width))
    columns += [SheetColumn(c.code, c.label, c.width, c.group) for c in data_set.columns]
    made = SheetColumns(tuple(columns))
    missing = RIGHT_HALF - made.span(made.first + 2, made.last)
    return _divided(made, missing) if missing > 0 else made


def _divided(made: SheetColumns, missing: float) -> SheetColumns:
    """The same columns with ``missing`` points of the label column cut off to its right."""
    label = made.columns[1]
    width = 1.0
    while column_points(width) < missing:
        width += 1
    if label.width - width < width / 2:
        return made
    left = SheetColumn(label.code, label.label, label.width - width, label.group)
    right = SheetColumn("", "", width, label.group)
    return SheetColumns((made.columns[0], left, right, *made.columns[2:]), made.first)


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
