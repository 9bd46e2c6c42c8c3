"""Take files out of tar archives, and out of what gzip, bzip2 or xz packed."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import Protocol

from consolidate.intake.containers.members import (
    ExtractionBudget,
    Listed,
    Taken,
    damaged_archive,
    take,
)
from consolidate.xlsx.read.file_kinds import BZIP2, GZIP, is_tar
from consolidate.xlsx.read.gate import Refused, megabytes

_NAMED, _FURTHER = 8, 4
_LARGEST_WINDOW = 128 * 1_048_576
"""Bytes of memory that a packed file may ask for."""


class _Inflater(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def take_packed(data: bytes, budget: ExtractionBudget) -> Taken:
    """Take the files of a packed tar archive, or the one file that was packed.

    Raises:
        Refused: it is damaged, or holds more than the budget.
    """
    content = _inflated(data, budget)
    if is_tar(content):
        return take_tar(content, budget)
    listed = [Listed(_gzip_name(data), len(content), len(data), content)]
    return take(listed, len(data), budget, lambda entry: entry)


def _inflated(data: bytes, budget: ExtractionBudget) -> bytes:
    most = budget.inflated
    inflater: _Inflater
    if data.startswith(GZIP):
        inflater = zlib.decompressobj(31)
    elif data.startswith(BZIP2):
        inflater = bz2.BZ2Decompressor()
    else:
        inflater = lzma.LZMADecompressor(memlimit=_LARGEST_WINDOW)
    try:
        content = inflater.decompress(data, most + 1)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError):
        raise damaged_archive() from None
    if len(content) > most or budget.limits.is_bomb(len(content), len(data)):
        raise Refused("bomb", unreadable=True, detail=megabytes(len(content)))
    if not getattr(inflater, "eof", True):
        raise damaged_archive()
    return content


def take_tar(data: bytes, budget: ExtractionBudget) -> Taken:
    """Take the files of a tar archive; links and devices are only named.

    Raises:
        Refused: it is damaged, or holds more than the budget.
    """
    import tarfile  # Few files are such archives: not at the start.

    files: list[tarfile.TarInfo] = []
    special: list[str] = []
    count = 0
    try:
        archive = tarfile.TarFile(fileobj=io.BytesIO(data))
        for entry in archive:
            count += 1
            budget.check_count(count)
            if entry.isreg():
                files.append(entry)
            elif not entry.isdir():
                special.append(entry.name)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        if not files:
            raise damaged_archive() from None

    def read(entry: tarfile.TarInfo) -> bytes:
        part = archive.extractfile(entry)
        return part.read(entry.size) if part is not None else b""

    listed = [Listed(entry.name, entry.size, entry.size, entry) for entry in files]
    return take(listed, len(data), budget, read, special=special)


def _gzip_name(data: bytes) -> str:
    """Read the name that gzip keeps of the file it packed, ``""`` when it keeps no name."""
    if not data.startswith(GZIP) or len(data) < 12 or not data[3] & _NAMED:
        return ""
    start = 12 + int.from_bytes(data[10:12], "little") if data[3] & _FURTHER else 10
    raw = data[start : start + 1_000].partition(b"\0")[0]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
