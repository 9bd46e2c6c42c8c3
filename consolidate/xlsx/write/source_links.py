"""Make links to cells: of files in the inbox where a figure is from, and of the same workbook."""

from __future__ import annotations

from functools import lru_cache

from consolidate.model.cells import CellRef
from consolidate.model.returns import ReturnRecord
from consolidate.xlsx.write.safe_text import HIDDEN

LINK_LIMIT = 60_000
"""Links of a sheet: Excel takes 65,530, and drops the text of a cell with one more."""
_LONGEST = 1_000
_ANCHOR_LIMIT = 255
# What Excel itself escapes in the target of a link; "#" would begin the address in the file, "?" a
# query.
_ESCAPED = {ord(letter): f"%{ord(letter):02x}" for letter in '%"<>[]^`{} #?'}
_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".ods")


def file_link(inbox: str | None, path: str, cell: CellRef | None = None) -> str | None:
    """Write the target of a link to a file of the inbox, at a cell of it; ``None`` without any.

    Args:
        inbox: path of the inbox from the folder of the summary, with forward slashes.
        path: path of the file in the inbox, with forward slashes.
    """
    if inbox is None or HIDDEN.search(path) or "\\" in path:
        return None
    whole = f"{inbox.rstrip('/')}/{path}" if inbox else path
    target = whole.translate(_ESCAPED)
    if len(target) > _LONGEST:
        return None
    anchor = anchor_of(cell) if cell is not None else ""
    return f"external:{target}#{anchor}" if anchor else f"external:{target}"


@lru_cache(maxsize=16_384)
def anchor_of(cell: CellRef) -> str:
    """Return the cell as a link ends in it, ``""`` when none can."""
    quoted = cell.quoted
    return "" if HIDDEN.search(cell.sheet) or len(quoted) > _ANCHOR_LIMIT else quoted


def internal(cell: CellRef) -> str:
    """Write the target of a link to a cell of this workbook."""
    return f"internal:{cell.quoted}"


def has_cells(record: ReturnRecord) -> bool:
    """Ask whether a link can go to a cell of a file: it is a workbook and lies in no other."""
    return not record.member and record.path.casefold().endswith(_WORKBOOKS)
