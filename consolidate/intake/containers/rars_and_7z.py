"""Take files out of RAR archives with rarfile, which needs a tool for compressed ones, and 7z."""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Sequence
from typing import Any

from consolidate.intake.containers.members import (
    Container,
    ExtractionBudget,
    Listed,
    damaged_archive,
    damaged_member,
    library,
    take,
)
from consolidate.xlsx.read.package_gate import Refused

_STORED = 0x30
_MISLEADING = ("-", "@")


def take_rar(data: bytes, budget: ExtractionBudget) -> Container:
    """Take the files of a RAR archive; of one in several parts, none.

    Raises:
        Refused: it cannot be opened, or rarfile is not installed.
    """
    rar = library("rarfile")
    archive = _open_rar(rar, data, budget)

    def read(entry: Any) -> bytes:
        # The library finds entries by name: of several with one name it knows the last.
        if archive.getinfo(entry) is not entry:
            raise damaged_member()
        return _read_rar(rar, archive, entry, budget.passwords)

    listed = [
        Listed(entry.filename, entry.file_size, entry.compress_size, entry, not entry.is_file())
        for entry in archive.infolist()
        if not entry.is_dir()
    ]
    return take(listed, len(data), budget, read)


def _open_rar(rar: Any, data: bytes, budget: ExtractionBudget) -> Any:
    """The archive with its directory read, by the first password that opens it."""
    count = 0

    def counted(_: object) -> None:
        nonlocal count
        count += 1
        budget.check_count(count)

    try:
        archive = rar.RarFile(io.BytesIO(data), info_callback=counted)
    except rar.NeedFirstVolume:
        raise Refused("archive_part", unreadable=True) from None
    if not archive.needs_password() or archive.infolist():
        return archive
    for password in budget.passwords:
        try:
            archive.setpassword(password)
        except Refused:
            raise
        except Exception:
            continue
        if archive.infolist():
            return archive
    raise Refused("encrypted_archive", unreadable=True)


def _read_rar(rar: Any, archive: Any, entry: Any, passwords: Sequence[str]) -> bytes:
    locked = bool(entry.needs_password())
    name = entry.filename
    by_tool = locked or entry.compress_type != _STORED
    if by_tool and (name.startswith(_MISLEADING) or any(sign in name for sign in "*?")):
        # The tool would take such a name for something else than a name.
        raise Refused("unsupported_member", unreadable=True)
    for password in passwords if locked else (None,):
        try:
            with archive.open(entry, pwd=password) as part:
                return bytes(part.read(entry.file_size))
        except rar.RarCannotExec:
            raise Refused("rar_needs_tool", unreadable=True) from None
        except Exception:
            if not locked:
                raise
    raise Refused("encrypted_member", unreadable=True)


_AES = b"\x06\xf1\x07\x01"
_COPY, _LZMA, _LZMA2, _PPMD = b"\x00", b"\x03\x01\x01", b"\x21", b"\x03\x04\x01"
_DELTA, _BRANCHES = b"\x03", b"\x03\x03"
_BOUNDED = frozenset(
    {_AES, _COPY, _LZMA, _LZMA2, _PPMD, _DELTA, *map(bytes, ([4], [5], [6], [7], [8], [9]))}
)
"""Methods that never give more bytes at once than they are asked for; 4 to 9 filter programs."""
_NO_PASSWORD = ""


def take_7z(data: bytes, budget: ExtractionBudget) -> Container:
    """Take the files of a 7z archive.

    Raises:
        Refused: it cannot be opened, or py7zr is not installed.
    """
    seven = library("py7zr")
    archive, password = _open_7z(seven, data, budget)
    budget.check_count(len(archive.files))
    listed = [
        Listed(file.filename, file.uncompressed, file.uncompressed, file.id, _is_special(file))
        for file in archive.files
        if not file.is_directory
    ]
    reader = _BlockReader(seven, archive, _passwords(archive, password, budget.passwords))
    return take(listed, len(data), budget, reader.read, reader.extract)


def _open_7z(seven: Any, data: bytes, budget: ExtractionBudget) -> tuple[Any, str]:
    """The archive, and the password that opened its directory, ``""`` when it needed none."""
    locked = False
    for password in (_NO_PASSWORD, *budget.passwords):
        try:
            archive = seven.SevenZipFile(
                io.BytesIO(data), password=password or None, max_extract_size=budget.limits.inflated
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


class _BlockReader:
    """Takes files out block by block: those of a solid block come out together or not at all."""

    def __init__(self, seven: Any, archive: Any, passwords: Sequence[str]) -> None:
        self._io = seven.io
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
        """Give the bytes of a file, in the order of the directory."""
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
        files[0].folder.password = password or None
        self._archive.reset()
        # Bounded methods give a file no more bytes than the directory says, which were admitted.
        written = self._io.BytesIOFactory(max(file.uncompressed for file in files))
        with contextlib.suppress(Exception):  # What came out before the damage is looked at below.
            self._archive.extract(targets=[str(file.id) for file in files], factory=written)
        contents = {path.rpartition("/")[2]: one for path, one in written.products.items()}
        for file in files:
            if (found := contents.get(str(file.id))) is None:
                continue
            found.seek(0)
            content: bytes = found.read()
            expected = self._sums[file.id]
            whole = expected is None or zlib.crc32(content) == expected
            if whole and len(content) == file.uncompressed:
                self._found[file.id] = content


def _is_bounded(folder: Any) -> bool:
    methods = [bytes(coder["method"]) for coder in folder.coders]
    return all(method in _BOUNDED or method.startswith(_BRANCHES) for method in methods)
