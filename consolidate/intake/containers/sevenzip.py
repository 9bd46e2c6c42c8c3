"""7z archives, through py7zr."""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Sequence
from typing import Any

from consolidate.intake.containers.members import (
    Listed,
    Room,
    Taken,
    damaged_archive,
    damaged_member,
    library,
    take,
)
from consolidate.intake.gate import Refused

_AES = b"\x06\xf1\x07\x01"
_COPY, _LZMA, _LZMA2, _PPMD = b"\x00", b"\x03\x01\x01", b"\x21", b"\x03\x04\x01"
_DELTA, _BRANCHES = b"\x03", b"\x03\x03"
_BOUNDED = frozenset(
    {_AES, _COPY, _LZMA, _LZMA2, _PPMD, _DELTA, *map(bytes, ([4], [5], [6], [7], [8], [9]))}
)
"""Methods that never give more bytes at once than they are asked for; 4 to 9 filter programs."""
_NO_PASSWORD = ""


def take_7z(data: bytes, room: Room) -> Taken:
    """The files of a 7z archive.

    Raises:
        Refused: it cannot be opened, or py7zr is not installed.
    """
    seven = library("py7zr")
    archive, password = _open(seven, data, room)
    room.check_count(len(archive.files))
    files = [file for file in archive.files if not file.is_directory]
    listed = [
        Listed(file.filename, file.uncompressed, file.uncompressed, file.id)
        for file in files
        if not _is_special(file)
    ]
    special = tuple(file.filename for file in files if _is_special(file))
    reader = _Reader(archive, _passwords(archive, password, room.passwords))
    taken = take(listed, len(data), room, reader.read, reader.extract)
    return Taken(taken.members, taken.ignored + special)


def _open(seven: Any, data: bytes, room: Room) -> tuple[Any, str]:
    """The archive, and the password that opened its directory, ``""`` when it needed none."""
    locked = False
    for password in (_NO_PASSWORD, *room.passwords):
        try:
            archive = seven.SevenZipFile(
                io.BytesIO(data), password=password or None, max_extract_size=room.limits.inflated
            )
        except seven.PasswordRequired:
            locked = True
            continue
        except Exception:
            # With a wrong password the directory is noise; without one it is damaged.
            if password or locked:
                continue
            raise damaged_archive() from None
        return archive, password if locked else _NO_PASSWORD
    raise Refused("encrypted_archive", unreadable=True)


def _passwords(archive: Any, opened: str, passwords: Sequence[str]) -> Sequence[str]:
    """Passwords to try on the files; none at all when they are not encrypted."""
    if not archive.password_protected:
        return ()
    return (opened,) if opened else passwords


def _is_special(file: Any) -> bool:
    return bool(file.is_symlink or file.is_junction or file.is_socket)


class _Reader:
    """Takes files out block by block: those of a solid block come out together or not at all."""

    def __init__(self, archive: Any, passwords: Sequence[str]) -> None:
        self._archive = archive
        self._locked = bool(archive.password_protected)
        self._passwords = passwords
        self._found: dict[int, bytes] = {}
        self._refused: dict[int, Refused] = {}
        self._sums: dict[int, int | None] = {}
        for file in archive.files:
            line = archive.files.files_list[file.id]
            # Names stay out of the library, which gives up an archive for one it does not like;
            # sums are asked here, so that one damaged file does not hide those after it.
            line["filename"] = str(file.id)
            self._sums[file.id] = line.pop("digest", None)

    def read(self, number: int) -> bytes:
        """The bytes of a file, in the order of the directory."""
        if number in self._refused:
            raise self._refused[number]
        return self._found.pop(number)

    def extract(self, numbers: Sequence[int]) -> None:
        """Take these files out."""
        blocks: dict[int, list[Any]] = {}
        for number in numbers:
            file = self._archive.files[number]
            if file.emptystream:
                self._found[number] = b""
            else:
                blocks.setdefault(id(file.folder), []).append(file)
        for files in blocks.values():
            refused = self._extract_block(files)
            for file in files:
                if file.id not in self._found:
                    self._refused[file.id] = refused

    def _extract_block(self, files: Sequence[Any]) -> Refused:
        """Take a block out; returned is why some of its files may be missing."""
        folder = files[0].folder
        if not _is_bounded(folder):
            return Refused("unsupported_member", unreadable=True)
        locked = self._locked and any(coder["method"] == _AES for coder in folder.coders)
        for password in self._passwords if locked else (_NO_PASSWORD,):
            self._extract_with(password, files)
            # An empty file comes out whole by any password.
            if any(file.uncompressed and file.id in self._found for file in files):
                return damaged_member()
        return Refused("encrypted_member", unreadable=True) if locked else damaged_member()

    def _extract_with(self, password: str, files: Sequence[Any]) -> None:
        folder = files[0].folder
        folder.password = password or None
        self._archive.reset()
        writers = _Writers({str(file.id): file.uncompressed for file in files})
        with contextlib.suppress(Exception):  # What came out before the damage is looked at below.
            self._archive.extract(targets=list(writers.room), factory=writers)
        for file in files:
            content = writers.content(str(file.id))
            expected = self._sums[file.id]
            whole = expected is None or zlib.crc32(content) == expected
            if whole and len(content) == file.uncompressed:
                self._found[file.id] = content


class _Writers:
    """What py7zr writes files to: memory, and no more of it than the directory says."""

    def __init__(self, room: dict[str, int]) -> None:
        self.room = room
        self._buffers: dict[str, _Buffer] = {}

    def create(self, filename: str) -> _Buffer:
        """A buffer for a file; called by py7zr with the path it would write to."""
        name = filename.rpartition("/")[2]
        return self._buffers.setdefault(name, _Buffer(self.room.get(name, 0)))

    def content(self, name: str) -> bytes:
        """What was written to a file, ``b""`` when nothing was."""
        buffer = self._buffers.get(name)
        return buffer.content() if buffer is not None else b""


class _Buffer:
    """A file in memory, with the methods that py7zr calls."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, data: bytes | bytearray) -> int:
        if self._length + len(data) > self._most:
            raise ValueError("more bytes than the directory says")
        self._pieces.append(bytes(data))
        self._length += len(data)
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        return None

    def close(self) -> None:
        return None

    def size(self) -> int:
        return self._length

    def content(self) -> bytes:
        return b"".join(self._pieces)


def _is_bounded(folder: Any) -> bool:
    methods = [bytes(coder["method"]) for coder in folder.coders]
    return all(method in _BOUNDED or method.startswith(_BRANCHES) for method in methods)
