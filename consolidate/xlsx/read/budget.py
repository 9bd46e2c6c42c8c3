"""What all sheets of a workbook together may ask of memory, counted before a reader reads it.

A few bytes can ask for much: a hundred sheets that share one part, a long text that ten thousand
cells show, one cell that says it is repeated a million times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from consolidate.xlsx.read.bounds import check_area
from consolidate.xlsx.read.gate import Limits, Refused

_SHEETS = 5
"""How many sheets of the largest size a workbook may have."""
_UNCOUNTED = 30
"""Plain sheets (at most 9,999 rows and 26 columns) that cannot fill the budget between them."""
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]([0-9]{1,4})"')
_PLAIN_COLUMNS = 26
_STRING = re.compile(rb"<(?:[\w.-]+:)?si[\s>/]")
_VALUE = re.compile(rb"<v>([^<>&+]{1,40})</v>")


def count_values(sheet: bytes) -> int:
    """Values of cells in the XML of a sheet; never too few."""
    return sheet.count(b"<v") + sheet.count(b":v")


class SheetBudget:
    """Count what the sheets of one workbook take; every method refuses what is too much.

    Texts are counted in bytes of the file and may take ``Limits.inflated`` in all, as if each cell
    held its own copy: that is what a reader makes of them. ``reason`` is why a workbook with too
    many cells is refused.
    """

    def __init__(self, limits: Limits, reason: str = "too_many_cells") -> None:
        self._limits = limits
        self._reason = reason
        self._cells = 0
        self._texts = 0
        self._plain = 0
        self._shown = 0

    def take(self, last: tuple[int, int], name: str) -> None:
        """Take a sheet whose filled cells end at ``last`` (zero-based).

        Raises:
            Refused: the sheet is too large, or all sheets so far are.
        """
        check_area(last, name, self._limits, self._reason)
        self._cells += (last[0] + 1) * (last[1] + 1)
        if self._cells > _SHEETS * self._limits.cells:
            raise Refused(self._reason, unreadable=True, detail=name)

    def take_plain(self, xml: bytes, name: str) -> None:
        """Take a sheet of which :func:`~consolidate.xlsx.read.bounds.is_plain` holds.

        Raises:
            Refused: all sheets so far are too large.
        """
        self._plain += 1
        if self._plain > _UNCOUNTED:
            rows = max(map(int, _PLAIN_ROW.findall(xml)), default=0)
            self.take((rows - 1, _PLAIN_COLUMNS - 1), name)

    def show(self, cells: int) -> None:
        """Note that ``cells`` more cells may show a shared text."""
        self._shown += cells

    def take_shared(self, xml: bytes, sheets: Iterable[bytes]) -> None:
        """Take the shared texts of an .xlsx, as often as the cells of its sheets show them.

        Any whole number in a cell may be that of a text: the count is never too low.

        Raises:
            Refused: the texts would take too much.
        """
        if self._shown * len(xml) <= self._limits.inflated:
            return
        starts = [match.start() for match in _STRING.finditer(xml)]
        ends = [*starts[1:], len(xml)]
        sizes = [end - start for start, end in zip(starts, ends, strict=True)]
        longest = max(sizes, default=0)
        if self._shown * longest <= self._limits.inflated:
            return
        for sheet in sheets:
            shown = Counter(_VALUE.findall(sheet))
            for value, times in shown.items():
                if value.strip().isdigit() and int(value) < len(sizes):
                    self.take_text(sizes[int(value)] * times)
            # What is written in no usual way may be the number of any text.
            self.take_text(longest * (count_values(sheet) - shown.total()))

    def take_text(self, size: int) -> None:
        """Take texts of ``size`` bytes in all.

        Raises:
            Refused: the texts so far take too much.
        """
        self._texts += size
        if self._texts > self._limits.inflated:
            detail = f"{self._texts / 1_000_000:.0f} MB"
            raise Refused("bomb", unreadable=True, detail=detail)
