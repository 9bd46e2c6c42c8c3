"""Make text of units safe to write, names of sheets valid, and links that lead to cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from consolidate.definitions.catalogue import text as message
from consolidate.model.cells import CellRef
from consolidate.model.returns import ReturnRecord
from consolidate.model.text import CELL_LIMIT, is_longer, utf16_length

SHEET_NAME_LIMIT = 31
"""Most UTF-16 units that the name of a sheet holds."""
_ROOM_OF_MARK = 100
"""UTF-16 units kept free for the words that a text was cut."""
_SHORT = 200
"""Texts shorter than this, such as names of units and files, are cleaned once."""
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
"""Characters that cannot be shown or kept."""
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def clean(text: str) -> str:
    """Clean a text of a unit for a cell: NFC, visible marks for what cannot be shown or kept.

    Control characters, marks of direction, line separators, lone surrogates and non-characters
    become ``\N{REPLACEMENT CHARACTER}``;
    text over the limit of a cell is cut (:func:`cut_to`).
    """
    return _cleaned(text) if len(text) < _SHORT else cut_to(clean_whole(text))


def clean_whole(text: str) -> str:
    """Clean a text that is not cut: it goes into several cells."""
    return _cleaned.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _cleaned(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a string for the mark-up of a rich string and writes it raw.
        text = f" {text}"
    return text


def cut_to(text: str, most: int = CELL_LIMIT, place: str = "") -> str:
    """Cut a text to so many UTF-16 units; say at its end how much more there is.

    ``place`` are words for where the whole text is, those for the file of the unit by default.
    """
    if not is_longer(text, most):
        return text
    room = max(0, most - _ROOM_OF_MARK)
    kept = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore")
    where = place or message("terms.cut.file")
    return f"{kept} … {message('terms.cut.mark', count=len(text) - len(kept), place=where)}"


def sheet_name(name: str, taken: Iterable[str] = ()) -> str:
    """Make a valid name for a sheet of the summary that is not among those taken.

    Excel compares names of sheets without regard to case.
    """
    used = {other.casefold() for other in taken}
    base = _NOT_IN_SHEET_NAME.sub(" ", clean(name)).strip("' ") or "Sheet"
    number, made = 1, _cut_name(base, "")
    while made.casefold() in used:
        number += 1
        made = _cut_name(base, f" ({number})")
    return made


def _cut_name(base: str, ending: str) -> str:
    room = SHEET_NAME_LIMIT - len(ending)
    while utf16_length(base) > room:
        base = base[:-1]
    return f"{base.rstrip()}{ending}"


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
