"""Any file that may hold a return, told by its content: workbook, Word document or text."""

from __future__ import annotations

from collections.abc import Callable

from consolidate.intake.csv_sheet import read_csv
from consolidate.intake.gate import OLE, ZIP, Limits
from consolidate.intake.grid import Workbook, read_workbook
from consolidate.intake.names import DefinedNames


def read_any(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None = None
) -> Workbook:
    """Bytes of a returned file to grids; ``is_ours`` is that of :func:`read_workbook`.

    Raises:
        Refused: the file holds no tables, or is locked, damaged, or too large to be honest.
    """
    if data.startswith(ZIP):
        # Names in the directory of a package are never compressed: a workbook is told at once.
        if b"xl/workbook.xml" not in data[-_DIRECTORY:]:
            from consolidate.intake.word import is_word, read_word

            if is_word(data):
                return read_word(data, limits)
    elif data and not data.startswith(OLE) and len(data) <= limits.file_size:
        book = read_csv(data, limits)
        if book is not None:
            return book
    return read_workbook(data, limits, is_ours)


_DIRECTORY = 1 << 20
"""Bytes at the end of a package in which its directory is looked for."""
