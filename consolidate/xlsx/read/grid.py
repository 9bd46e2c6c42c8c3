"""Hold a workbook as facts: the values of its sheets by absolute address, and where from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from consolidate.model.cells import Cell
from consolidate.model.text import Convention
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.package_facts import SheetFacts
from consolidate.xlsx.read.risks import Risk

ERROR_TEXT = "#ERROR"
"""Stands for a cell that shows an error value: calamine would return it as blank."""


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """What a cell holds in the file when the grid holds something else for it.

    ``how`` is the normalisation that made the one of the other (a key of the message catalogue),
    ``problem`` what a person has to be told of the cell, ``""`` for nothing.
    """

    raw: str
    how: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Values of one sheet. Rows may be of any length; an address outside them is blank.

    ``origins`` are the cells that intake changed, by zero-based address; ``convention`` is how the
    file writes numbers, once it is known.
    """

    name: str
    rows: list[list[Cell]]
    visible: bool = True
    facts: SheetFacts = field(default_factory=SheetFacts)
    origins: Mapping[tuple[int, int], CellOrigin] = field(default_factory=dict)
    convention: Convention = Convention.NONE

    def get(self, row: int, column: int) -> Cell:
        """Find the value at a zero-based address, ``""`` for a blank."""
        if row < 0 or column < 0:
            return ""
        try:
            return self.rows[row][column]
        except IndexError:
            return ""

    def text(self, row: int, column: int) -> str:
        """Find the text at an address, trimmed; ``""`` if it holds none."""
        value = self.get(row, column)
        return value.strip() if value and isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A returned workbook as facts: sheets in order, global defined names (casefolded).

    ``risks`` is what it carries beside values: macros, links, objects. ``fonts`` gives the names of
    the fonts of the workbook; they are looked up when it is called. ``saved`` is the time at which
    it says that it was last saved, ``""`` when it does not.
    """

    sheets: Sequence[Grid]
    names: DefinedNames
    risks: tuple[Risk, ...] = ()
    fonts: Callable[[], tuple[str, ...]] = tuple
    saved: str = ""


def without_crossed(sheet: Grid) -> Grid:
    """Leave in texts of a sheet only what is not struck out, raised or lowered."""
    origins = dict(sheet.origins)
    for (row, column), left in sheet.facts.crossed.left.items():
        held = sheet.get(row, column)
        if isinstance(held, str) and held:
            sheet.rows[row][column] = left
            origins[row, column] = CellOrigin(held, "crossed", "crossed_part")
    return replace(sheet, origins=origins)
