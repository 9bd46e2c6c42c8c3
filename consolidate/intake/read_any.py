"""Any file that may hold a return, told by its content: workbook, Word document or text."""

from __future__ import annotations

from collections.abc import Callable

from consolidate.intake.csv_sheet import read_csv
from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.file_kinds import ZIP
from consolidate.xlsx.read.gate import Limits, is_word
from consolidate.xlsx.read.grid import Workbook, read_workbook


def read_any(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None = None
) -> Workbook:
    """Bytes of a returned file to grids; ``is_ours`` is that of :func:`read_workbook`.

    Raises:
        Refused: the file holds no tables, or is locked, damaged, or too large to be honest.
    """
    if is_word(data):
        from consolidate.intake.word import read_word  # Few files need it: not at the start.

        return read_word(data, limits)
    if data and not data.startswith((ZIP, OLE)):
        book = read_csv(data, limits)
        if book is not None:
            return book
    return read_workbook(data, limits, is_ours)
