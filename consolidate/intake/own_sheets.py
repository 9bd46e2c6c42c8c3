"""Sheets that the program itself adds to a workbook: what is wrong in it, listed for people."""

from __future__ import annotations

from functools import cache

from consolidate.definitions.catalogue import text
from consolidate.intake.workbook.grid import Grid
from consolidate.model.anchors import CHECK_SIGNATURE, RETURN_SIGNATURE

_ROWS, _COLUMNS = 12, 20
"""Where a signature may stand, with some room for rows that a person inserted."""


def is_added(sheet: Grid) -> bool:
    """Whether a sheet calls itself one of ours and is signed as such.

    Anybody can type a signature: it proves nothing, and no more follows from it than that nobody
    is told of a sheet outside the form.
    """
    for name, signature in _added().items():
        if sheet.name.startswith(name):
            return any(signature in row[:_COLUMNS] for row in sheet.rows[:_ROWS])
    return False


@cache
def _added() -> dict[str, str]:
    return {text("addin.check.sheet"): CHECK_SIGNATURE, text("annotate.sheet"): RETURN_SIGNATURE}
