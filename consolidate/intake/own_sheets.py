"""Sheets that the program itself wrote, beside those of a form: lists of findings, summaries."""

from __future__ import annotations

from consolidate.model.anchors import (
    CHECK_SHEET,
    CHECK_SIGNATURE,
    RETURN_SHEET,
    RETURN_SIGNATURE,
    SUMMARY_SIGNATURE,
)
from consolidate.xlsx.read.grid import Grid

_ROWS, _COLUMNS = 12, 20
"""Where a signature may stand, with some room for rows that a person inserted."""
_ADDED = {CHECK_SHEET: CHECK_SIGNATURE, RETURN_SHEET: RETURN_SIGNATURE}


def is_added(sheet: Grid) -> bool:
    """Whether a sheet calls itself one of ours and is signed as such.

    Anybody can type a signature: it proves nothing, and no more follows from it than that nobody
    is told of a sheet outside the form.
    """
    return any(
        sheet.name.startswith(name) and _is_signed(sheet, signature)
        for name, signature in _ADDED.items()
    )


def is_summary(sheet: Grid) -> bool:
    """Whether a sheet, whatever its name, is signed as one of the province's own summary."""
    return _is_signed(sheet, SUMMARY_SIGNATURE)


def _is_signed(sheet: Grid, signature: str) -> bool:
    return any(signature in row[:_COLUMNS] for row in sheet.rows[:_ROWS])
