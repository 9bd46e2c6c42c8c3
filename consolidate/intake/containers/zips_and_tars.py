"""Take files out of ZIP and tar archives, and out of what gzip, bzip2 or xz packed.

Of ZIP: names in any encoding, both encryptions, lying directories.
"""

from __future__ import annotations

import bz2
import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Protocol

from consolidate.intake.containers.members import (
    Container,
    ExtractionBudget,
    Listed,
    damaged_archive,
    library,
    take,
)
from consolidate.xlsx.read.file_kinds import BZIP2, GZIP, SPLIT_ZIP, ZIP, is_tar
from consolidate.xlsx.read.package_gate import Refused, megabytes, records

_ENCRYPTED, _UTF8 = 1, 0x800
_AES = 99
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Methods whose reading never gives more bytes at once than it is asked for."""
_LOCAL_SIZE = 30
_UNICODE_PATH = 0x7075


def take_zip(data: bytes, budget: ExtractionBudget) -> Container:
    """Take the files of a ZIP archive.

    Raises:
        Refused: it cannot be opened, or its parts lie over each other.
    """
    if data.startswith(SPLIT_ZIP):
        raise Refused("archive_part", unreadable=True)
    budget.check_count(sum(1 for _ in records(data)))
    package = _open(data, zipfile.ZipFile)
    entries = package.infolist()
    budget.check_count(len(entries))
    _check_overlap(data, entries)
    listed = [
        Listed(_name(entry), entry.file_size, entry.compress_size, entry, _is_special(entry))
        for entry in entries
        if not entry.is_dir()
    ]

    def read(entry: zipfile.ZipInfo) -> bytes:
        if not entry.flag_bits & _ENCRYPTED:
            return _read(package, entry, None)
        if entry.compress_type == _AES:
            return _read_aes(data, entry, budget.passwords)
        return _try(budget.passwords, lambda password: _read(package, entry, password))

    return take(listed, len(data), budget, read)


def _open(data: bytes, kind: Callable[[io.BytesIO], zipfile.ZipFile]) -> zipfile.ZipFile:
    try:
        return kind(io.BytesIO(data))
    except UnicodeDecodeError:
        # A name that says it is UTF-8 and is not: read again as if it said nothing.
        return _open(_without_flags(data), kind)


def _without_flags(data: bytes) -> bytes:
    """The archive with no name marked as UTF-8.

    Raises:
        Refused: none is, so that there is nothing to change.
    """
    changed = bytearray(data)
    for record in records(data):
        (local,) = struct.unpack_from("<I", data, record + 42)
        places = [record + 8] + [local + 6] * data.startswith(ZIP, local)
        for place in places:
            if place + 2 <= len(data):
                (flags,) = struct.unpack_from("<H", changed, place)
                struct.pack_into("<H", changed, place, flags & ~_UTF8)
    if changed == data:
        raise damaged_archive()
    return bytes(changed)


def _check_overlap(data: bytes, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse parts that share bytes: a few kilobytes could so be inflated again and again."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("archive_overlap", unreadable=True)
        end = entry.header_offset + _LOCAL_SIZE + entry.compress_size
        if entry.header_offset + _LOCAL_SIZE <= len(data):
            end += sum(struct.unpack_from("<HH", data, entry.header_offset + 26))


def _is_special(entry: zipfile.ZipInfo) -> bool:
    """A link, a device or the like: nothing that has a content of its own."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind not in (0, stat.S_IFREG)


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; its bytes are read as UTF-8 wherever they are, whatever it says."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437", "replace")
    further = _unicode_path(entry.extra, zlib.crc32(raw))
    for encoding in ("utf-8", "cp1258"):
        try:
            return further or raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.orig_filename


def _unicode_path(extra: bytes, crc: int) -> str:
    """The name in UTF-8 that WinRAR and WinZip write beside one in an old encoding."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[1:5] == struct.pack("<I", crc):
            return field[5:].decode("utf-8", "replace")
        at += 4 + size
    return ""


def _read(package: zipfile.ZipFile, entry: zipfile.ZipInfo, password: bytes | None) -> bytes:
    if entry.compress_type not in _METHODS:
        raise Refused("unsupported_member", unreadable=True)
    with package.open(entry, pwd=password) as part:
        return part.read(entry.file_size + 1)


def _read_aes(data: bytes, entry: zipfile.ZipInfo, passwords: Sequence[str]) -> bytes:
    """A part in the encryption of WinZip, which Python's own library does not know."""
    package = _open(data, library("pyzipper").AESZipFile)
    same = next(one for one in package.infolist() if one.header_offset == entry.header_offset)
    return _try(passwords, lambda password: _read(package, same, password))


def _try(passwords: Sequence[str], read: Callable[[bytes], bytes]) -> bytes:
    for password in passwords:
        try:
            return read(password.encode())
        except NotImplementedError:  # A compression that zipfile does not know.
            raise Refused("unsupported_member", unreadable=True) from None
        except (RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, ValueError):
            # Old encryption tells a wrong password by one byte: most errors come later.
            continue
    raise Refused("encrypted_member", unreadable=True)


_NAMED, _FURTHER = 8, 4
_LARGEST_WINDOW = 128 * 1_048_576
"""Bytes of memory that a packed file may ask for."""


class _Inflater(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def take_packed(data: bytes, budget: ExtractionBudget) -> Container:
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


def take_tar(data: bytes, budget: ExtractionBudget) -> Container:
    """Take the files of a tar archive; links and devices are only named.

    Raises:
        Refused: it is damaged, or holds more than the budget.
    """
    import tarfile  # Few files are such archives: not at the start.

    listed: list[Listed[tarfile.TarInfo]] = []
    try:
        archive = tarfile.TarFile(fileobj=io.BytesIO(data))
        for count, entry in enumerate(archive, 1):
            budget.check_count(count)
            if not entry.isdir():
                special = not entry.isreg()
                listed.append(Listed(entry.name, entry.size, entry.size, entry, special))
    except (tarfile.TarError, OSError, EOFError, ValueError):
        if all(file.special for file in listed):
            raise damaged_archive() from None

    def read(entry: tarfile.TarInfo) -> bytes:
        part = archive.extractfile(entry)
        return part.read(entry.size) if part is not None else b""

    return take(listed, len(data), budget, read)


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
