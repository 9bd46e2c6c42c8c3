"""Files that are written whole or not at all, and never over what somebody changed."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import zipfile
from enum import StrEnum
from pathlib import Path

_PREFIX, _SUFFIX = ".consolidate-", ".tmp"
_OLD = 3600
"""Seconds after which a file that is still being written is taken for one that nobody writes."""


class Fate(StrEnum):
    """What became of a file that was to be written.

    ``KEPT``: one with another content is there and was left alone.
    """

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    KEPT = "kept"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its final place and move it there; an existing one is replaced.

    Raises:
        OSError: the file cannot be written, for example because it is open in Excel; whatever
            was there before is still there.
    """
    # Two machines that write to one network folder may have the same process number.
    made = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        with made.open("xb") as file:
            file.write(content)
            file.flush()
            # A power cut after the move must not leave an empty file under the final name.
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)
        if isinstance(error, OSError):
            # A full disk names no file, and nobody knows the name that it was written under.
            error.filename, error.filename2 = str(path), None
        raise


def write_unless_changed(path: Path, package: bytes, *, force: bool = False) -> Fate:
    """Write a package (.xlsx, .docx, .zip), unless one with another content is there already.

    ``force`` writes over that one, too.

    Raises:
        OSError: as :func:`write_atomically`, and when the file that is there cannot be read.
    """
    if path.exists():
        if same_content(path.read_bytes(), package):
            return Fate.UNCHANGED
        if not force:
            return Fate.KEPT
    write_atomically(path, package)
    return Fate.WRITTEN


def same_content(one: bytes, other: bytes) -> bool:
    """Whether two packages hold the same parts, however they were compressed."""
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
