"""Write files whole or not at all, never over what somebody changed; make reproducible zips.

Every file that the program leaves for people or keeps for itself goes through here. The register
and the templates write files too, so this module lies below them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, TypeVar

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of every zip: the earliest that a zip can hold, and no clock is asked."""
CREATED = datetime(2018, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Creation time written into every workbook and letter: their bytes never depend on the clock."""
_PREFIX, _SUFFIX = ".consolidate-", ".tmp"
_OLD = 3600
"""Seconds after which a half-written file counts as left behind by a killed program."""
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.7) if os.name == "nt" else ()
"""Seconds between tries. Windows refuses a file while a virus scanner, an indexer or a program for
network folders has it open, which is over in a moment; a file open in Excel stays refused."""
_HELD = (5, 32, 33)
"""Numbers of Windows for that: access denied, sharing violation, lock violation."""
_Made = TypeVar("_Made")


class WriteOutcome(StrEnum):
    """What became of a file that was to be written.

    ``KEPT``: one with another content is there and was left alone.
    """

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    KEPT = "kept"


def write_atomically(
    path: Path,
    content: bytes | Callable[[BinaryIO], object],
    *,
    making: Path | None = None,
    mode: int = 0o666,
) -> None:
    """Write a file under another name and move it to its place; an existing one is replaced.

    Args:
        path: where the file is to be.
        content: its bytes, or what writes them to a stream.
        making: folder of the same disk to write it in; by default that of ``path``.
        mode: its permissions (POSIX), less what the umask takes away.

    Raises:
        OSError: the file cannot be written, for example because it is open in Excel; whatever
            was there before is still there.
    """
    # Two machines that write to one network folder may have the same process number.
    made = (making or path.parent) / f"{_PREFIX}{os.urandom(8).hex()}{_SUFFIX}"
    try:
        _create(made, content, mode)
        patiently(lambda: made.replace(path))
    except BaseException as error:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)
        if isinstance(error, OSError):
            # A full disk names no file, and the temporary name would tell the reader nothing.
            error.filename, error.filename2 = str(path), None
        raise


def write_unless_changed(path: Path, package: bytes, *, force: bool = False) -> WriteOutcome:
    """Write a package (.xlsx, .docx, .zip), unless one with another content is there already.

    ``force`` writes over that one, too.

    Raises:
        OSError: as :func:`write_atomically`, and when the file that is there cannot be read.
    """
    return _write_over(path, package, lambda _: force)


def _write_over(path: Path, package: bytes, may_go: Callable[[bytes], bool]) -> WriteOutcome:
    """Write a package unless the same is there already, or another one that may not go."""
    if path.exists():
        there = read_bytes(path)
        if same_content(there, package):
            return WriteOutcome.UNCHANGED
        if not may_go(there):
            return WriteOutcome.KEPT
    write_atomically(path, package)
    return WriteOutcome.WRITTEN


@dataclass(slots=True)
class FilesWritten:
    """Names of files of a folder, in order, by what became of each (:class:`WriteOutcome`)."""

    folder: Path
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def write(self, name: str, package: bytes, *, force: bool = False) -> None:
        """Write a package into the folder, as :func:`write_unless_changed`, and note its name.

        Raises:
            OSError: it cannot be written.
        """
        outcome = write_unless_changed(self.folder / name, package, force=force)
        getattr(self, outcome).append(name)


UNSEALED = "0" * 64
"""Stands in a package where :func:`sealed` puts its digest; it stands in no other place there."""
_SEAL = re.compile(rb"consolidate:([0-9a-f]{64})")
_SEAL_PARTS = ("docProps/custom.xml", "docProps/core.xml")
"""Parts of a workbook and of a document that hold its seal: ``consolidate:`` and a digest."""


def sealed(package: bytes) -> bytes:
    """Put the digest of a package into it, so that it tells later whether a person changed it."""
    seal = _digest(package)[1].encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as made, zipfile.ZipFile(target, "w") as ours:
        for name in made.namelist():
            part = made.read(name)
            if name in _SEAL_PARTS:
                part = part.replace(UNSEALED.encode(), seal)
            ours.writestr(zip_entry(name), part)
    return target.getvalue()


def _digest(package: bytes) -> tuple[str, str]:
    """The seal that a package holds, ``""`` for none, and the one that it should hold."""
    found, digest = "", hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        for name in sorted(parts.namelist()):
            part = parts.read(name)
            if name in _SEAL_PARTS and (seal := _SEAL.search(part)) is not None:
                found = seal[1].decode()
                part = part.replace(seal[1], UNSEALED.encode())
            digest.update(f"{name}\0{len(part)}\0".encode() + part)
    return found, digest.hexdigest()


def write_unless_edited(path: Path, package: bytes) -> WriteOutcome:
    """Write a sealed package over an earlier one, unless a person changed that one.

    Raises:
        OSError: as :func:`write_atomically`, and when the file that is there cannot be read.
    """
    return _write_over(path, package, as_sealed)


def as_sealed(package: bytes) -> bool:
    """Ask whether a package is as it was sealed: nobody changed it since."""
    try:
        found, own = _digest(package)
    except Exception:  # Whatever zipfile says of it: that is none of ours.
        return False
    return found == own


def write_new(path: Path, content: bytes, *, mode: int = 0o666) -> WriteOutcome:
    """Write a file unless its name is taken; one that was half-written is taken away again.

    Raises:
        OSError: the file cannot be written.
    """
    try:
        _create(path, content, mode)
    except FileExistsError:
        return WriteOutcome.KEPT
    except OSError as error:
        error.filename = str(path)
        raise
    return WriteOutcome.WRITTEN


def same_content(one: bytes, other: bytes) -> bool:
    """Tell whether two packages hold the same parts, however they were compressed."""
    if one == other:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(one)) as old, zipfile.ZipFile(io.BytesIO(other)) as new:
            if old.namelist() != new.namelist():
                return False
            return all(same_content(old.read(name), new.read(name)) for name in old.namelist())
    except Exception:  # A damaged file is another content, whatever zlib or zipfile say of it.
        return False


def clear_leftovers(written: Path) -> None:
    """Remove what killed programs left half-written beside a file that was written just now.

    Theirs are at least an hour older than that file, by the time of their own disk: another
    program may be writing here at this moment. What cannot be removed stays; nothing reads it.
    """
    with contextlib.suppress(OSError):
        now = written.stat().st_mtime
        for path in written.parent.glob(f"{_PREFIX}*{_SUFFIX}"):
            if now - path.stat().st_mtime > _OLD:
                path.unlink()


def zip_entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """Make an entry of a zip that says nothing of the clock or the system it was made on."""
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    entry.create_system, entry.compress_type = 0, method
    return entry


def _create(path: Path, content: bytes | Callable[[BinaryIO], object], mode: int) -> None:
    """Write a file that is not there yet, down to the disk; a failure leaves none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = patiently(lambda: os.open(path, flags, mode))
    try:
        with os.fdopen(handle, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.flush()
            # A power cut after the file got its name must not leave an empty one.
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def patiently(action: Callable[[], _Made]) -> _Made:
    """Do something to a file, again for two seconds while another program on Windows holds it.

    Raises:
        OSError: it is still refused, or is so for another reason.
    """
    for wait in _WAITS:
        try:
            return action()
        except OSError as error:
            held = getattr(error, "winerror", None) in _HELD
            if not held and not isinstance(error, PermissionError):
                raise
            time.sleep(wait)
    return action()


def digest_of(path: Path) -> str:
    """Compute the SHA-256 of a file in hexadecimal, patiently; ``""`` where it cannot be read."""
    try:
        with patiently(lambda: path.open("rb")) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def read_bytes(path: Path) -> bytes:
    """Read the bytes of a file, patiently.

    Raises:
        OSError: it cannot be read.
    """
    return patiently(path.read_bytes)
