"""The stream of an old ``.xls`` and how far its cells reach, before a reader makes room for them.

Only what that question needs of BIFF records ([MS-XLS]) is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice, takewhile

from consolidate.intake.compound import Compound
from consolidate.intake.gate import Limits, Refused
from consolidate.intake.old_sheets import measure_old

_STREAMS = frozenset({"workbook", "book"})
_LOCKED, _END = 0x002F, 0x000A


def check_old_workbook(data: bytes, limits: Limits) -> None:
    """Refuse an ``.xls`` with a sheet that spans more cells than may be read.

    Raises:
        Refused: the file is damaged or encrypted, or the cells of a sheet span too large a
            rectangle.
    """
    if is_encrypted_workbook(data):
        raise Refused("encrypted", unreadable=True)
    measure_old(data, limits)


def is_encrypted_workbook(data: bytes) -> bool:
    """Whether the cells of an ``.xls`` are encrypted; ``False`` for anything that is none."""
    try:
        streams = list(islice(_workbooks(data), len(_STREAMS)))
        return any(_LOCKED in _globals(stream) for stream in streams)
    except ValueError:
        return False


def _globals(stream: bytes) -> set[int]:
    """Kinds of the records before the first sheet."""
    return {kind for kind, _ in takewhile(lambda record: record[0] != _END, _records(stream))}


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _workbooks(data: bytes) -> Iterator[bytes]:
    """Every stream of a compound file that a reader may take for the workbook."""
    compound = Compound(data)
    for entry in compound.entries:
        if entry.is_stream and entry.name.casefold() in _STREAMS:
            yield compound.stream(entry)
