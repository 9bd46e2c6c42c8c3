"""How a trace sheet notes where a figure came from: one notation, written and read here only.

Over a column stands the unit and, on a line of its own, its file; in a cell ``Sheet!A1``, followed
by ``← «…»`` with the text as typed where another figure was used.
"""

from __future__ import annotations

from consolidate.model.cells import CellRef, parse_a1

_OPENING, _CLOSING = " ← «", "»"


def column_note(unit: str, file: str) -> str:
    """Note whose column it is."""
    return f"{unit}\n{file}"


def file_noted(note: str) -> str:
    """Read the file that a note over a column names."""
    return note.rpartition("\n")[2]


def cell_note(cell: CellRef, raw: str = "") -> str:
    """Note the cell of a figure, and the text that stands in it where it differs."""
    place = f"{cell.sheet}!{cell.a1}"
    return f"{place}{_OPENING}{raw}{_CLOSING}" if raw else place


def cell_noted(note: str) -> tuple[str, str, str] | None:
    """Read sheet, cell and verbatim text of a note, ``None`` if it names no cell."""
    place, found, raw = note.partition(_OPENING)
    sheet, mark, cell = place.rpartition("!")
    if not mark or not sheet or parse_a1(cell) is None:
        return None
    return sheet, cell, raw.removesuffix(_CLOSING) if found else ""
