"""Compound files written by hand: streams and storages, as old Office files and mails are kept."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

Tree: TypeAlias = "Mapping[str, bytes | Tree]"

_SECTOR, _SMALL, _CUTOFF, _ENTRY = 512, 64, 4096, 128
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class _Writer:
    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self.chain: list[int] = []
        self.small = bytearray()
        self.small_chain: list[int] = []
        self.entries: list[list[object]] = []

    def stream(self, data: bytes) -> int:
        """Sectors of a stream; returned is the first one."""
        start = len(self.sectors)
        for at in range(0, len(data), _SECTOR):
            self.sectors.append(data[at : at + _SECTOR].ljust(_SECTOR, b"\0"))
            self.chain.append(len(self.sectors))
        if data:
            self.chain[-1] = _END
        return start if data else _END

    def small_stream(self, data: bytes) -> int:
        """Pieces of a small stream; returned is the first one."""
        start = len(self.small_chain)
        for at in range(0, len(data), _SMALL):
            self.small += data[at : at + _SMALL].ljust(_SMALL, b"\0")
            self.small_chain.append(len(self.small_chain) + 1)
        if data:
            self.small_chain[-1] = _END
        return start if data else _END

    def storage(self, tree: Tree) -> int:
        """Entries of a storage, each linked to the next; returned is the first one."""
        first, last = _FREE, -1
        for name in sorted(tree, key=lambda name: (len(name), name.upper())):
            content = tree[name]
            number = len(self.entries)
            if isinstance(content, bytes):
                place = self.stream if len(content) >= _CUTOFF else self.small_stream
                self.entries.append([name, _STREAM, _FREE, _FREE, place(content), len(content)])
            else:
                self.entries.append([name, _STORAGE, _FREE, _FREE, 0, 0])
                self.entries[number][3] = self.storage(content)
            if last >= 0:
                self.entries[last][2] = number
            else:
                first = number
            last = number
        return first


def compound(tree: Tree) -> bytes:
    """A compound file with these streams; a mapping is a storage. Up to some 50 KB."""
    writer = _Writer()
    writer.entries.append(["Root Entry", _ROOT, _FREE, _FREE, _END, 0])
    writer.entries[0][3] = writer.storage(tree)
    if writer.small:
        writer.entries[0][4:] = [writer.stream(bytes(writer.small)), len(writer.small)]
    small_fat = _END
    if writer.small_chain:
        coded = struct.pack(f"<{len(writer.small_chain)}I", *writer.small_chain)
        small_fat = writer.stream(coded.ljust(-(-len(coded) // _SECTOR) * _SECTOR, b"\xff"))
    entries = b"".join(_entry(*entry) for entry in writer.entries)  # type: ignore[arg-type]
    directory = writer.stream(entries)
    count = 1
    while count * _SECTOR < 4 * (len(writer.chain) + count):
        count += 1
    table = [*writer.chain, *[_FAT] * count]
    fat_at = len(writer.sectors)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(count * _SECTOR, b"\xff")
    listed = [*range(fat_at, fat_at + count), *[_FREE] * (109 - count)]
    small_sectors = -(-4 * len(writer.small_chain) // _SECTOR)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<III", 0, count, directory)
        + struct.pack("<IIIIII", 0, _CUTOFF, small_fat, small_sectors, _END, 0)
        + struct.pack("<109I", *listed)
    )
    return header + b"".join(writer.sectors) + fat


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(coded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )


def message(subject: str, *attachments: Tree, inside: bool = False) -> Tree:
    """The storages of an Outlook mail, by what [MS-OXMSG] asks of one.

    A mail that lies ``inside`` another has a shorter head and no table of names.
    """
    properties = bytes(8) + struct.pack("<IIII", 0, len(attachments), 0, len(attachments))
    names: Tree = {f"__substg1.0_{number:04X}0102": b"" for number in (2, 3, 4)}
    return {
        **({} if inside else {"__nameid_version1.0": names}),
        "__properties_version1.0": properties + (b"" if inside else bytes(8)),
        "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"),
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        **{
            f"__attach_version1.0_#{number:08X}": attachment
            for number, attachment in enumerate(attachments)
        },
    }


def attachment(
    name: str, content: bytes | Tree, *, hidden: bool = False, shown: str = "", method: int = 0
) -> Tree:
    """The storage of an attached file or message; ``method`` is PidTagAttachMethod."""
    embedded = not isinstance(content, bytes)
    properties = bytes(8) + _number(0x3705, method or (5 if embedded else 1))
    if hidden:
        properties += struct.pack("<HHIQ", 0x000B, 0x7FFE, 6, 1)
    tree: dict[str, bytes | Tree] = {
        "__properties_version1.0": properties,
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        ("__substg1.0_3701000D" if embedded else "__substg1.0_37010102"): content,
    }
    if shown:
        tree["__substg1.0_3712001F"] = shown.encode("utf-16-le")
    return tree


def _number(identifier: int, value: int) -> bytes:
    return struct.pack("<HHIII", 0x0003, identifier, 6, value, 0)
