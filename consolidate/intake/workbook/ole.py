"""The stream of an old ``.xls``: how far its cells reach, before a reader makes room for them.

What it carries beside values is noted on the way. Only what these questions need of BIFF records
([MS-XLS]) is read.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice, takewhile

from consolidate.intake.gate import Limits, Refused
from consolidate.intake.workbook.compound import Compound
from consolidate.intake.workbook.old_sheets import measure_old
from consolidate.intake.workbook.risks import Risk, Risks
from consolidate.model.cells import CellRef

_STREAMS = frozenset({"workbook", "book"})
_LOCKED, _END = 0x002F, 0x000A
_SHEET, _NOTE, _BOOK_LINK = 0x0085, 0x001C, 0x01AE
_NOTED = frozenset({_SHEET, _NOTE, _BOOK_LINK})
_MACRO_SHEET = 1
_OWN_BOOK = (b"\x01\x04", b"\x01\x3a")
"""What stands for a name in the record of a link to the workbook itself, to functions."""
_MACROS = ("_vba_project", "vba")
_OBJECT = re.compile(r"MBD[0-9A-F]{8}")


def check_old_workbook(data: bytes, limits: Limits) -> tuple[Risk, ...]:
    """Refuse an ``.xls`` with a sheet that spans more cells than may be read; else its risks.

    Raises:
        Refused: the file is damaged or encrypted, or the cells of a sheet span too large a
            rectangle.
    """
    if is_encrypted_workbook(data):
        raise Refused("encrypted", unreadable=True)
    measure_old(data, limits)
    risks = Risks()
    try:
        compound = Compound(data)
        for entry in compound.entries:
            if entry.name.casefold().startswith(_MACROS):
                risks.add("has_macros", entry.name)
            elif _OBJECT.fullmatch(entry.name):
                risks.add("has_objects", entry.name)
        for stream in _workbooks(compound):
            for kind, content in _records(stream):
                if kind in _NOTED:
                    _note(risks, kind, content)
    except (struct.error, IndexError, ValueError):
        raise Refused("damaged", unreadable=True) from None
    return risks.listed()


def is_encrypted_workbook(data: bytes) -> bool:
    """Whether the cells of an ``.xls`` are encrypted; ``False`` for anything that is none."""
    try:
        streams = list(islice(_workbooks(Compound(data)), len(_STREAMS)))
        return any(_LOCKED in _globals(stream) for stream in streams)
    except ValueError:
        return False


def _note(risks: Risks, kind: int, content: bytes) -> None:
    """Note a sheet of macros, a comment, a link to another workbook or program."""
    if kind == _SHEET and content[5:6] == bytes([_MACRO_SHEET]):
        risks.add("has_macros", "Excel 4.0")
    elif kind == _NOTE and len(content) >= 4:
        row, column = struct.unpack_from("<HH", content)
        risks.add("has_comments", CellRef("", row, column).a1)
    elif kind == _BOOK_LINK and content[2:4] not in _OWN_BOOK and len(content) > 5:
        coding = "utf-16-le" if content[4] & 1 else "latin-1"
        target = content[5:].decode(coding, "replace")
        shown = "".join(letter if letter.isprintable() else "/" for letter in target[:200])
        risks.add("has_dde" if "\3" in target else "has_links", shown.strip("/"))


def _globals(stream: bytes) -> set[int]:
    """Kinds of the records before the first sheet."""
    return {kind for kind, _ in takewhile(lambda record: record[0] != _END, _records(stream))}


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _workbooks(compound: Compound) -> Iterator[bytes]:
    """Every stream of a compound file that a reader may take for the workbook."""
    for entry in compound.entries:
        if entry.is_stream and entry.name.casefold() in _STREAMS:
            yield compound.stream(entry)
