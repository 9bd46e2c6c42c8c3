"""Keep the bytes of files beside the database, under their digest: ``files/ab/ab12….bin``.

A file is written under another name, synced, and moved to its place; only then may the database
say that it is kept. So a program killed at any moment leaves a whole file or none. Bytes are
written only while the caller holds the write transaction of the database: what lies in
``files/tmp`` when somebody else holds it was left by a killed program.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO

from consolidate.register.facts import DamagedFile
from consolidate.xlsx.write.atomic_files import patiently, read_bytes, write_atomically

_PART = 2**20
"""Bytes that are held at a time."""
DIGEST = re.compile(r"[0-9a-f]{64}")
"""A SHA-256 as the register writes it; nothing else ever becomes part of a path."""


def digest_of(content: bytes) -> str:
    """Compute the SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class BlobStore:
    """The folder of the bytes. ``folder`` is the register's own; only its owner may look in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "files"
        self._making = self.root / "tmp"

    def prepare(self) -> None:
        """Make the folders that are absent and close them to others (POSIX).

        Raises:
            OSError: a folder cannot be made.
        """
        for folder in (self.folder, self.root, self._making):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.name == "posix" and folder.stat().st_mode & 0o077:
                folder.chmod(0o700)

    def has_leftovers(self) -> bool:
        """Tell whether something stands half-made, by a killed program or by one at work now."""
        return any(self._making.iterdir())

    def clear_leftovers(self) -> None:
        """Remove what stands half-made. Only for the holder of the write transaction."""
        for path in self._making.iterdir():
            patiently(partial(path.unlink, missing_ok=True))

    def holds(self, sha256: str, size: int) -> bool:
        """Tell whether there is a file of this digest and size (the bytes are not read)."""
        try:
            return self._path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def keep(self, contents: Iterable[bytes]) -> None:
        """Put bytes in their places and return when they are there for good.

        A whole file that is there already stays; a damaged one is replaced.

        Raises:
            OSError: something cannot be written.
        """
        folders = set()
        for content in contents:
            path = self._path(digest_of(content))
            if path.is_file() and read_bytes(path) == content:
                continue
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700)
                folders.add(self.root)
            write_atomically(path, content, making=self._making, mode=0o600)
            folders.add(path.parent)
        for folder in sorted(folders):
            sync_folder(folder)

    def receive(self, stream: IO[bytes], sha256: str) -> None:
        """Put the bytes of a stream in the place of their digest, a part at a time.

        Raises:
            ValueError: they are not those of the digest.
            OSError: they cannot be written.
        """
        path = self._path(sha256)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        made = self._making / path.name
        found = hashlib.sha256()
        try:
            with made.open("xb") as into:
                while part := stream.read(_PART):
                    found.update(part)
                    into.write(part)
                into.flush()
                os.fsync(into.fileno())
            if found.hexdigest() != sha256:
                raise ValueError(sha256)
            if os.name == "posix":
                made.chmod(0o600)
            patiently(lambda: made.replace(path))
        finally:
            made.unlink(missing_ok=True)
        sync_folder(path.parent)

    def read(self, sha256: str) -> bytes:
        """Read the bytes of a digest, exactly those that were received.

        Raises:
            ValueError: the text is not a digest.
            DamagedFile: the bytes are missing or have changed.
        """
        path = self._path(sha256)
        try:
            content = read_bytes(path)
        except FileNotFoundError:
            raise DamagedFile.of("register.file_missing", path=str(path)) from None
        if digest_of(content) != sha256:
            raise DamagedFile.of("register.file_changed", path=str(path))
        return content

    def _path(self, sha256: str) -> Path:
        if DIGEST.fullmatch(sha256) is None:
            raise ValueError(sha256)
        return self.root / sha256[:2] / f"{sha256}.bin"


def sync_folder(folder: Path) -> None:
    """Make names given in a folder last (POSIX; Windows has no such call and needs none)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
