"""Compound files ([MS-CFB]): the directory of an old Office file or an Outlook mail, and streams.

Only what the gate asks is read here, within the bytes of the file; whatever contradicts itself is
a :class:`ValueError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER_FAT = 109
_LAST_SECTOR = 0xFFFFFFFA
_ENTRY = 128
_SHIFTS, _SMALL_SHIFT = (9, 12), 6
_ROOT, _STREAM = 5, 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the directory: ``size`` in bytes, the others are numbers as they stand there."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int

    @property
    def is_stream(self) -> bool:
        """Whether the entry holds bytes of its own and not further entries."""
        return self.kind == _STREAM


class Compound:
    """A compound file in memory.

    Raises:
        ValueError: the file is damaged: here, and from every method.
    """

    def __init__(self, data: bytes) -> None:
        try:
            shift, small_shift = struct.unpack_from("<HH", data, 30)
            if shift not in _SHIFTS or small_shift != _SMALL_SHIFT:
                raise ValueError("sizes of sectors")
            size = 1 << shift
            (directory_at,) = struct.unpack_from("<I", data, 48)
            self._cutoff, small_fat_at = struct.unpack_from("<II", data, 56)
            self._length = len(data)
            self._sectors = [data[at : at + size] for at in range(size, len(data), size)]
            fat = b"".join(self._sectors[index] for index in _fat_sectors(data, self._sectors))
            self._fat = _numbers(fat)
            directory = self._chain(self._sectors, self._fat, directory_at)
            self.entries = tuple(
                _entry(directory[at : at + _ENTRY], wide=shift == _SHIFTS[1])
                for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)
            )
            self._small_fat = _numbers(self._chain(self._sectors, self._fat, small_fat_at))
        except (struct.error, IndexError) as error:
            raise ValueError(str(error)) from None

    def top(self) -> dict[str, Entry]:
        """Entries that lie directly in the root, by casefolded name."""
        if not self.entries or self.entries[0].kind != _ROOT:
            raise ValueError("no root")
        found: dict[str, Entry] = {}
        seen: set[int] = set()
        waiting = [self.entries[0].child]
        while waiting:
            number = waiting.pop()
            if number >= len(self.entries) or number in seen:
                continue
            seen.add(number)
            entry = self.entries[number]
            found[entry.name.casefold()] = entry
            waiting += [entry.left, entry.right]
        return found

    def stream(self, entry: Entry) -> bytes:
        """The bytes of a stream."""
        try:
            if entry.size >= self._cutoff:
                return self._chain(self._sectors, self._fat, entry.start)[: entry.size]
            root = next((one for one in self.entries if one.kind == _ROOT), None)
            small = self._chain(self._sectors, self._fat, root.start) if root is not None else b""
            size = 1 << _SMALL_SHIFT
            pieces = [small[at : at + size] for at in range(0, len(small), size)]
            return self._chain(pieces, self._small_fat, entry.start)[: entry.size]
        except IndexError as error:
            raise ValueError(str(error)) from None

    def check_sizes(self) -> None:
        """Ask that the streams together say no more than the file holds.

        Streams that share sectors would make a reader copy the same bytes again and again.
        """
        if sum(entry.size for entry in self.entries if entry.is_stream) > self._length:
            raise ValueError("streams larger than the file")

    @staticmethod
    def _chain(sectors: Sequence[bytes], fat: Sequence[int], start: int) -> bytes:
        """The sectors of a stream joined; a chain that leaves the file or turns back is damaged."""
        pieces: list[bytes] = []
        while start < _LAST_SECTOR:
            if len(pieces) > len(sectors):
                raise ValueError("chain of sectors turns back")
            pieces.append(sectors[start])
            start = fat[start]
        return b"".join(pieces)


def _entry(line: bytes, *, wide: bool) -> Entry:
    left, right, child = struct.unpack_from("<III", line, 68)
    # Files of small sectors may hold garbage in the upper half of a size.
    start, size = struct.unpack_from("<IQ" if wide else "<II", line, 116)
    # Readers take a name up to its first zero, whatever its length is said to be.
    name = line[:64].decode("utf-16-le", "replace").partition("\0")[0]
    return Entry(name, line[66], left, right, child, start, size)


def _fat_sectors(data: bytes, sectors: Sequence[bytes]) -> Iterator[int]:
    """Numbers of the sectors that hold the allocation table, those in the header first."""
    listed = _numbers(data[76 : 76 + 4 * _HEADER_FAT])
    (further,) = struct.unpack_from("<I", data, 68)
    for _ in range(len(sectors)):
        if further >= _LAST_SECTOR:
            break
        *more, further = _numbers(sectors[further])
        listed += more
        if len(listed) > _HEADER_FAT + len(sectors):
            raise ValueError("allocation table larger than the file")
    yield from (index for index in listed if index < _LAST_SECTOR)


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))
