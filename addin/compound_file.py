"""Compound files, [MS-CFB] version 3: storages and streams in sectors of 512 bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Tree: TypeAlias = Mapping[str, "bytes | Tree"]
"""Names of a storage: bytes are a stream, a mapping is a storage."""

SECTOR = 512
_MINI_SECTOR = 64
_MINI_LIMIT = 4096
"""Streams shorter than this live in the mini stream."""
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_HEADER_FATS = 109
_ENTRY = "<64sHBBIII16sIQQIQ"
_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")


@dataclass(slots=True)
class _Entry:
    """One entry of the directory while it is laid out."""

    name: str
    kind: int
    data: bytes = b""
    child: int = _FREE
    left: int = _FREE
    right: int = _FREE
    red: bool = False
    start: int = _END
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        return struct.pack(
            _ENTRY,
            name,
            len(name) + 2 if name else 0,
            self.kind,
            0 if self.red or not self.kind else 1,
            self.left,
            self.right,
            self.child,
            bytes(16),
            0,
            0,
            0,
            0 if not self.kind else self.start,
            self.size,
        )


def compound_file(tree: Tree) -> bytes:
    """Return a compound file with the given storages and streams; equal trees give equal bytes.

    Raises:
        ValueError: it would be larger than a file without further FAT tables may be (6.8 MB).
    """
    entries = [_Entry("Root Entry", _ROOT)]
    _add(entries, 0, tree)
    mini, mini_fat, long_streams = _place_short_streams(entries)
    sectors = _Sectors(
        [
            -(-len(entries) // 4),
            -(-len(mini_fat) // 128),
            _count(mini),
            *(_count(entry.data) for entry in long_streams),
        ]
    )
    directory_at = sectors.place()
    mini_fat_at = sectors.place()
    entries[0].start, entries[0].size = sectors.place(), len(mini)
    for entry in long_streams:
        entry.start = sectors.place()
    blank = _Entry("", 0)
    directory = b"".join(entry.packed() for entry in entries)
    directory += blank.packed() * (-len(entries) % 4)
    packed_fat = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    parts = [
        directory,
        packed_fat.ljust(_count(packed_fat) * SECTOR, b"\xff"),
        bytes(mini),
        *(entry.data for entry in long_streams),
    ]
    header = _header(sectors.fats, directory_at, mini_fat_at, -(-len(mini_fat) // 128))
    body = b"".join(part.ljust(_count(part) * SECTOR, b"\0") for part in parts)
    return header + sectors.table() + body


def _add(entries: list[_Entry], parent: int, tree: Tree) -> None:
    added = []
    for name, node in tree.items():
        added.append(len(entries))
        if isinstance(node, bytes):
            entries.append(_Entry(name, _STREAM, node, size=len(node)))
        else:
            entries.append(_Entry(name, _STORAGE, start=0))
    for index, node in zip(added, tree.values(), strict=True):
        if not isinstance(node, bytes):
            _add(entries, index, node)
    added.sort(key=lambda index: (len(entries[index].name), entries[index].name.upper()))
    # Every full level of the search tree is black; the incomplete last one is red.
    full = (len(added) + 1).bit_length() - 1
    entries[parent].child = _search_tree(entries, added, 0, full)


def _search_tree(entries: list[_Entry], part: list[int], depth: int, full: int) -> int:
    if not part:
        return _FREE
    middle = len(part) // 2
    entry = entries[part[middle]]
    entry.left = _search_tree(entries, part[:middle], depth + 1, full)
    entry.right = _search_tree(entries, part[middle + 1 :], depth + 1, full)
    entry.red = depth >= full
    return part[middle]


def _place_short_streams(entries: list[_Entry]) -> tuple[bytearray, list[int], list[_Entry]]:
    mini, chain, long_streams = bytearray(), list[int](), []
    for entry in entries:
        if entry.kind != _STREAM or not entry.size:
            continue
        if entry.size >= _MINI_LIMIT:
            long_streams.append(entry)
            continue
        count = -(-entry.size // _MINI_SECTOR)
        entry.start = len(chain)
        chain += [*range(len(chain) + 1, len(chain) + count), _END]
        mini += entry.data.ljust(count * _MINI_SECTOR, b"\0")
    return mini, chain, long_streams


class _Sectors:
    """Hands out runs of sectors, in the given order, and writes the allocation table."""

    def __init__(self, counts: list[int]) -> None:
        self._counts = iter(counts)
        total = sum(counts)
        self.fats = 1
        while self.fats * 128 < total + self.fats:
            self.fats += 1
        if self.fats > _HEADER_FATS:
            raise ValueError("the project is larger than 6.8 MB")
        self._chain = [_FAT_SECTOR] * self.fats

    def place(self) -> int:
        """First sector of the next run, the mark of an empty chain when it has none."""
        count = next(self._counts)
        if not count:
            return _END
        first = len(self._chain)
        self._chain += [*range(first + 1, first + count), _END]
        return first

    def table(self) -> bytes:
        """Return the allocation table, its own sectors first."""
        packed = struct.pack(f"<{len(self._chain)}I", *self._chain)
        return packed.ljust(self.fats * SECTOR, b"\xff")


def _header(fats: int, directory_at: int, mini_fat_at: int, mini_fats: int) -> bytes:
    first = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII",
        _SIGNATURE,
        bytes(16),
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        0,
        0,
        fats,
        directory_at,
        0,
        _MINI_LIMIT,
        mini_fat_at,
        mini_fats,
        _END,
        0,
    )
    table = [*range(fats), *[_FREE] * (_HEADER_FATS - fats)]
    return first + struct.pack(f"<{_HEADER_FATS}I", *table)


def _count(data: bytes | bytearray) -> int:
    return -(-len(data) // SECTOR)
