"""Make text and file names of units safe to write and to link."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from consolidate.model.cells import CellRef

TEXT_LIMIT = 32_767
"""Most UTF-16 units that a cell holds."""
SHEET_NAME_LIMIT = 31
"""Most UTF-16 units that the name of a sheet holds."""
_LINK_LIMIT = 1_000
_CUT = " …[…]"
_SHORT = 200
"""Texts shorter than this, such as names of units and files, are cleaned once."""
_BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
# What Excel itself escapes in the target of a link; "#" would begin the address in the file.
_ESCAPED = {ord(letter): f"%{ord(letter):02x}" for letter in '%"<>[]^`{} #'}


def clean(text: str) -> str:
    """Text of a unit as a cell may hold it: NFC, visible marks for what cannot be shown or kept.

    Control characters, marks of direction, line separators, lone surrogates and non-characters
    become ``\N{REPLACEMENT CHARACTER}``;
    text over the limit of a cell ends in ``…[…]``.
    """
    return _cleaned(text) if len(text) < _SHORT else _cleaned.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _cleaned(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BAD.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(text) * 2 > TEXT_LIMIT and _utf16(text) > TEXT_LIMIT:
        room = TEXT_LIMIT - len(_CUT)
        text = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + _CUT
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a string for the mark-up of a rich string and writes it raw.
        text = f" {text}"
    return text


def sheet_name(name: str, taken: Iterable[str] = ()) -> str:
    """A valid name for a sheet of the summary that is not among those taken.

    Excel compares names of sheets without regard to case.
    """
    used = {other.casefold() for other in taken}
    base = _NOT_IN_SHEET_NAME.sub(" ", clean(name)).strip("' ") or "Sheet"
    number, made = 1, _cut_name(base, "")
    while made.casefold() in used:
        number += 1
        made = _cut_name(base, f" ({number})")
    return made


def file_link(inbox: str | None, path: str, cell: CellRef | None = None) -> str | None:
    """Target of a link to a file of the inbox, at a cell of it; ``None`` when there can be none.

    Args:
        inbox: path of the inbox from the folder of the summary, with forward slashes.
        path: path of the file in the inbox, with forward slashes.
    """
    if inbox is None or _BAD.search(path) or "\\" in path:
        return None
    whole = f"{inbox.rstrip('/')}/{path}" if inbox else path
    target = whole.translate(_ESCAPED)
    if len(target) > _LINK_LIMIT:
        return None
    if cell is None or _BAD.search(cell.sheet):
        return f"external:{target}"
    return f"external:{target}#{cell.quoted}"


def _cut_name(base: str, ending: str) -> str:
    room = SHEET_NAME_LIMIT - len(ending)
    while _utf16(base) > room:
        base = base[:-1]
    return f"{base.rstrip()}{ending}"


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
