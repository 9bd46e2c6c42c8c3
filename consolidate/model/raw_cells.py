"""Cells as a workbook holds them, and the text a person reads there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from consolidate.model.number_words import format_day, shortest

Cell = str | float | int | bool | date | datetime | time | timedelta
"""A cell as the grid holds it; a blank cell is the empty text."""


def raw_text(cell: Cell) -> str:
    """The text of a cell as a person would read it; numbers in the shortest exact form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return shortest(cell)
    if isinstance(cell, datetime) and cell.time() == time(0):
        return format_day(cell)
    return format_day(cell) if type(cell) is date else str(cell)
