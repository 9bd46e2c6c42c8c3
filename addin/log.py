"""The log of faults of the program, for whoever maintains it. What cells say stays out of it."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from datetime import datetime
from pathlib import Path

LIMIT = 200_000
"""Bytes after which the log begins anew."""


def log_path() -> Path:
    """Where faults are written."""
    base = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None
    return (Path(base) if base else Path.home() / ".cache") / "consolidate" / "addin.log"


def write_fault(error: Exception) -> Path:
    """Append where a fault happened, without its message, and say where that is written."""
    path = log_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > LIMIT
        with path.open("w" if fresh else "a", encoding="utf-8") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {type(error).__name__}\n")
            log.writelines(traceback.format_tb(error.__traceback__))
    return path
