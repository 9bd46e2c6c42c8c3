"""Read compound files ([MS-CFB]) with olefile: old Office files, mails, encrypted workbooks.

olefile follows as many sectors as a file says it has. What a file says is held against its length
first, so that nothing is read longer than the file is; whatever is wrong is a ``ValueError``.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import olefile

OLE: bytes = olefile.MAGIC
_SHIFTS, _SMALL_SHIFT = (9, 12), 6
_HEADER_TABLES, _SECTORS_PER_TABLE = 109, 128
_ENTRY = 128
_MOST_ENTRIES = 50_000
"""Lines of a directory; a mail of a thousand attached files has some thirty thousand."""


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One line of the directory: a stream of so many bytes, or a storage of further entries."""

    name: str
    is_stream: bool
    start: int
    size: int


class _Reader(olefile.OleFileIO):  # type: ignore[misc]  # olefile has no types.
    """olefile in a time that grows no faster than the file."""

    def _check_duplicate_stream(self, *_: object) -> None:
        """Compare no stream with all before it: ``check_sizes`` sees shared bytes at once."""

    def _load_direntry(self, at: int) -> Any:
        if len(self.direntries) > _MOST_ENTRIES:
            raise ValueError("directory longer than any that a program made")
        return super()._load_direntry(at)


class Compound:
    """A compound file in memory.

    ``entries`` are all lines of the directory in their order, those that no storage lists included:
    the reader of an ``.xls`` takes such a workbook too.

    Raises:
        ValueError: the file is damaged: here, and from every method.
    """

    def __init__(self, data: bytes) -> None:
        self._length = len(data)
        with _damage():
            _check_header(data)
            self._ole = _Reader(io.BytesIO(data))
            if self._ole.directory_fp.size % _ENTRY or self._noted("sector index"):
                raise ValueError("directory that leaves the file")
            self.entries = tuple(
                _entry(line or self._ole._load_direntry(at))
                for at, line in enumerate(self._ole.direntries)
            )

    @cached_property
    def top(self) -> Mapping[str, DirectoryEntry]:
        """Entries that lie directly in the root, by casefolded name."""
        if self._ole.root.entry_type != olefile.STGTY_ROOT:
            raise ValueError("no root")
        kids = (self.entries[kid.sid] for kid in self._ole.root.kids)
        return {entry.name.casefold(): entry for entry in kids}

    def stream(self, entry: DirectoryEntry) -> bytes:
        """Read the bytes of a stream: fewer than its size if it says itself that it ends before."""
        small = entry.size < self._ole.minisectorcutoff
        if (self._ole.root.size if small else entry.size) > self._length:
            raise ValueError("stream larger than the file")
        self._ole.parsing_issues.clear()
        with _damage():
            found: bytes = self._ole._open(entry.start, entry.size).getvalue()
        if len(found) < entry.size and not self._noted("incomplete OLE stream"):
            raise ValueError("stream that leaves the file")
        return found

    def _noted(self, words: str) -> bool:
        """Whether olefile noted something that it reads over."""
        return any(words in said for _, said in self._ole.parsing_issues)

    def check_sizes(self) -> None:
        """Check that the streams together claim no more than the file holds.

        Streams that share sectors would make a reader copy the same bytes again and again.
        """
        if sum(entry.size for entry in self.entries if entry.is_stream) > self._length:
            raise ValueError("streams larger than the file")


@contextmanager
def _damage() -> Iterator[None]:
    """Turn whatever olefile raises into a ``ValueError``."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(str(error)) from None


def _check_header(data: bytes) -> None:
    """Check the sizes of sectors, and that no table of sectors is larger than it need be."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    (tables,) = struct.unpack_from("<I", data, 44)
    (small_tables,) = struct.unpack_from("<I", data, 64)
    if shift not in _SHIFTS or small_shift != _SMALL_SHIFT:
        raise ValueError("sizes of sectors")
    sectors = len(data) >> shift
    if tables > _HEADER_TABLES + 2 * sectors // _SECTORS_PER_TABLE or small_tables > sectors:
        raise ValueError("tables larger than the file")


def _entry(line: Any) -> DirectoryEntry:
    # Readers take a name up to its first zero, whatever its length is said to be.
    name = bytes(line.name_raw).decode("utf-16-le", "replace").partition("\0")[0]
    return DirectoryEntry(name, line.entry_type == olefile.STGTY_STREAM, line.isectStart, line.size)
