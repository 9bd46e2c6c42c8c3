"""What all sheets of a workbook together may ask of memory, counted before a reader makes room.

A few bytes can ask for much: a hundred sheets that share one part, a long text that ten thousand
cells show, one cell that says it is repeated a million times.
"""

from __future__ import annotations

import re

from consolidate.intake.bounds import check_area
from consolidate.intake.gate import Limits, Refused

_SHEETS = 5
"""How many sheets of the largest size a workbook may have."""
_UNCOUNTED = 30
"""Plain sheets (at most 9,999 rows and 26 columns) that cannot fill the room between them."""
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]([0-9]{1,4})"')
_PLAIN_COLUMNS = 26
_STRING = re.compile(rb"<(?:[\w.-]+:)?si[\s>/]")


class Room:
    """Counts what the sheets of one workbook take; every method refuses what is too much.

    Texts are counted in bytes of the file and may take ``Limits.inflated`` in all, as if each cell
    held its own copy: that is what a reader makes of them.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cells = 0
        self._texts = 0
        self._plain = 0
        self._shown = 0

    def take(self, last: tuple[int, int], name: str) -> None:
        """Room for a sheet whose filled cells end at ``last`` (zero-based).

        Raises:
            Refused: the sheet is too large, or all sheets so far are.
        """
        check_area(last, name, self._limits)
        self._cells += (last[0] + 1) * (last[1] + 1)
        if self._cells > _SHEETS * self._limits.cells:
            raise Refused("too_many_cells", unreadable=True, detail=name)

    def take_plain(self, xml: bytes, name: str) -> None:
        """Room for a sheet of which :func:`~consolidate.intake.bounds.is_plain` holds.

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

    @property
    def shown(self) -> int:
        """Cells that may show a shared text."""
        return self._shown

    def fits_shared(self, size: int) -> bool:
        """Whether every cell noted could show one text of ``size`` bytes."""
        return self._shown * size <= self._limits.inflated

    def take_shared(self, xml: bytes) -> None:
        """Room for the shared texts of an .xlsx, each cell noted showing the longest of them.

        Raises:
            Refused: the texts would take too much.
        """
        starts = [match.start() for match in _STRING.finditer(xml)]
        ends = [*starts[1:], len(xml)]
        longest = max((end - start for start, end in zip(starts, ends, strict=True)), default=0)
        self.take_text(self._shown * longest)

    def take_text(self, size: int) -> None:
        """Room for texts of ``size`` bytes in all.

        Raises:
            Refused: the texts so far take too much.
        """
        self._texts += size
        if self._texts > self._limits.inflated:
            detail = f"{self._texts / 1_000_000:.0f} MB"
            raise Refused("bomb", unreadable=True, detail=detail)
