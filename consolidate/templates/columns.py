"""Lay out the columns of a form sheet: place, width, and where the heading divides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from consolidate.model.anchors import LABEL_COLUMN, NUMBER_COLUMN, UNIT_COLUMN
from consolidate.model.datasets import DataSet, Shape
from consolidate.xlsx.write.measure import column_points

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
