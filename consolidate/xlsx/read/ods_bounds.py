"""Measure the tables and texts of an .ods, repetitions unrolled.

In an open document a row, a cell and a blank say how often they are repeated, and the reader writes
each of them out. The walk follows the names of tags as that reader does: by their usual prefix.
"""

from __future__ import annotations

from consolidate.xlsx.read.bounds import SheetBudget
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.read.xml import walk_part

_ROWS, _COLUMNS = 1_048_576, 16_384
"""A reader repeats no further than a sheet of Excel is large."""
_VALUES = frozenset(
    {
        "office:value",
        "office:string-value",
        "office:date-value",
        "office:time-value",
        "office:boolean-value",
        "table:formula",
    }
)


class TableWalk:
    """One pass over ``content.xml``; what its tables need is taken from the budget.

    Raises:
        Refused: the XML is damaged or hostile, or the tables need more than the budget.
    """

    def __init__(self, xml: bytes, budget: SheetBudget) -> None:
        self._budget = budget
        self._name = ""
        self._row = self._column = 0
        self._repeated_row = self._repeated_cell = 1
        self._last = (-1, -1)
        self._reaches = self._filled = self._in_cell = False
        self._text = self._row_text = 0
        walk_part(xml, self._start, self._end, self._characters)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "table:table":
                self._name = attributes.get("table:name", "")
                self._row, self._last = 0, (-1, -1)
            case "table:table-row":
                self._column = self._row_text = 0
                self._reaches = False
                self._repeated_row = _times(attributes, "table:number-rows-repeated", _ROWS)
            case "table:table-cell" | "table:covered-table-cell":
                self._in_cell = True
                self._repeated_cell = _times(attributes, "table:number-columns-repeated", _COLUMNS)
                self._text = sum(len(attributes.get(name, "")) for name in _VALUES)
                self._filled = attributes.get("office:value-type") == "string"
                self._filled |= not _VALUES.isdisjoint(attributes)
                if self._filled:
                    self._reaches = True
                    self._last = self._last[0], max(self._last[1], self._reach() - 1)
            case "text:s" if self._in_cell:
                self._text += int(attributes.get("text:c", "1"))

    def _reach(self) -> int:
        return min(self._column + self._repeated_cell, _COLUMNS)

    def _characters(self, data: str) -> None:
        if self._in_cell:
            self._text += len(data)

    def _end(self, tag: str) -> None:
        match tag:
            case "table:table-cell" | "table:covered-table-cell":
                self._in_cell = False
                if self._filled:
                    self._row_text += self._text * self._repeated_cell
                self._column = self._reach()
            case "table:table-row":
                self._row = min(self._row + self._repeated_row, _ROWS)
                if self._reaches:
                    self._last = self._row - 1, self._last[1]
                    self._budget.take_text(self._row_text * self._repeated_row)
            case "table:table":
                self._budget.take(self._last, self._name)


def _times(attributes: dict[str, str], name: str, most: int) -> int:
    times = int(attributes.get(name, "1"))
    if times < 0:
        raise Refused("damaged", unreadable=True)
    return min(max(times, 1), most)
