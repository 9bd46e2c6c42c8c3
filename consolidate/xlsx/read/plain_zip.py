"""Read the directory of a workbook as every office program writes it, and inflate single parts.

Nothing unusual is read: ``None`` sends the file to :mod:`zipfile` and the gate, which judge it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from consolidate.xlsx.read.file_kinds import EMPTY_ZIP, ZIP
from consolidate.xlsx.read.gate import Limits

_END = struct.Struct("<4sHHHHIIH")
_RECORD = struct.Struct("<4s2xHHH4xIIIHHHH6xI")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_SIGNATURE = b"PK\x01\x02"
_USUAL_FLAGS = 0x80E
"""How hard it was packed, sizes behind the data, names in UTF-8."""
_STORED, _DEFLATED = _METHODS = 0, 8
_NEWEST = 45
"""Version of the format that packages of more than 4 GB ask for; no office program writes more."""
_WORKBOOK, _WORD = "xl/workbook.xml", "word/document.xml"


class ZipPart(NamedTuple):
    """Where a part lies in the bytes of a package: its local header, its sizes and its checksum."""

    start: int
    packed: int
    inflated: int
    checksum: int
    deflated: bool


def plain_parts(data: bytes, limits: Limits) -> Mapping[str, ZipPart] | None:
    """List parts of a workbook's package by name, within the limits.

    ``None`` where anything is unusual, and for whatever else may be in a package.
    """
    end = len(data) - _END.size
    if not data.startswith(ZIP) or end < 0 or len(data) > limits.file_size:
        return None
    signature, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, end)
    if signature != EMPTY_ZIP or disk or first_disk or here != count or comment:
        return None
    if start + size != end or not 0 < count <= limits.entries:
        return None
    if data.count(EMPTY_ZIP, start) != 1:
        return None
    parts = _directory(data, start, end)
    folded = {name.casefold() for name in parts}
    if len(folded) != count or _WORKBOOK not in parts or _WORD in folded:
        return None
    whole = sum([part.inflated for part in parts.values()])
    packed = sum([part.packed for part in parts.values()])
    return parts if _lie_apart(parts, start) and not limits.is_bomb(whole, packed) else None


def _directory(data: bytes, start: int, end: int) -> dict[str, ZipPart]:
    """The records of a directory by name; none where one of them is unusual."""
    parts: dict[str, ZipPart] = {}
    at = start
    while at + _RECORD.size <= end:
        record = _RECORD.unpack_from(data, at)
        signature, version, flags, method, checksum, packed, inflated, length, *rest, offset = (
            record
        )
        if signature != _SIGNATURE or version > _NEWEST or flags & ~_USUAL_FLAGS:
            return {}
        if any(rest) or method not in _METHODS:
            return {}
        at += _RECORD.size + length
        parts[data[at - length : at].decode("latin-1")] = ZipPart(
            offset, packed, inflated, checksum, method == _DEFLATED
        )
    names = "".join(parts)
    usual = names.isascii() and "\\" not in names and "\0" not in names
    return parts if at == end and usual else {}


def _lie_apart(parts: Mapping[str, ZipPart], end: int) -> bool:
    """Whether the parts lie behind each other, from the first byte to the directory at ``end``."""
    behind = 0
    for part in sorted(parts.values()):
        if part.start < behind or (part.start and not behind):
            return False
        behind = part.start + _LOCAL.size + part.packed
    return behind <= end


def packed(data: bytes, name: str, part: ZipPart) -> bytes | None:
    """The bytes of a part as they are packed; ``None`` where its own header names another one."""
    header = _LOCAL.unpack_from(data, part.start)
    signature, length, extra = header[0], header[9], header[10]
    start = part.start + _LOCAL.size
    if signature != ZIP or data[start : start + length] != name.encode("ascii"):
        return None
    start += length + extra
    return data[start : start + part.packed]


def inflated(data: bytes, name: str, part: ZipPart) -> bytes | None:
    """The content of a part; ``None`` when it is damaged, or not of the size that it says."""
    content = packed(data, name, part)
    if content is not None and part.deflated:
        inflator = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflator.decompress(content, part.inflated + 1)
        except zlib.error:
            return None
        if not inflator.eof or inflator.unused_data:
            return None
    if content is None or len(content) != part.inflated:
        return None
    return content if zlib.crc32(content) == part.checksum else None
