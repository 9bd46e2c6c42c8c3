"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

_PREFIX, _SUFFIX = ".consolidate-", ".tmp"
_OLD = 3600
"""Seconds after which a file that is still being written is taken for one that nobody writes."""


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
