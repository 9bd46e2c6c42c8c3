"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its final place and move it there; an existing one is replaced.

    Raises:
        OSError: the file cannot be written, for example because it is open in Excel; whatever
            was there before is still there.
    """
    made = path.with_name(f".consolidate-{os.getpid()}.tmp")
    try:
        with made.open("wb") as file:
            file.write(content)
            file.flush()
            # A power cut after the move must not leave an empty file under the final name.
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
