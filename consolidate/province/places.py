"""Where the folder of a province is, told from paths alone: nothing is read, so it costs nothing.

A working folder is found from above only. What lies in an inbox came from some unit and names none.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

CONFIG = "consolidate.toml"
INBOX, OUTBOX, RESULTS, REGISTER = "inbox", "outbox", "results", "register"


def root_over(path: Path) -> Path | None:
    """Find the working folder that a path is in, itself or one above it; ``None`` without one.

    One that lies in the inbox of another is what some unit sent, and none.
    """
    start = path.resolve()
    found = [folder for folder in (start, *start.parents) if (folder / CONFIG).is_file()]
    inboxes = [folder / INBOX for folder in found]
    for folder in found:
        if not any(folder.is_relative_to(inbox) for inbox in inboxes):
            return folder
    return None


def root_of_inbox(path: Path, folders: tuple[str, ...] = (INBOX,)) -> Path | None:
    """Return the working folder whose own inbox a path is, or lies in; ``None`` without one.

    What lies in an inbox, or just beside files of units, names no working folder. With ``folders``
    the path may lie in any of these of its folders.
    """
    real = path.resolve()
    above = (*path.absolute().parents, *real.parents)
    roots = [root for root in dict.fromkeys(above) if (root / CONFIG).is_file()]
    inboxes = [root / INBOX for root in roots]
    for root in roots:
        if any(_lies_in(real, root / name) for name in folders) and not any(
            _lies_in(root.resolve(), inbox) for inbox in inboxes
        ):
            return root
    return None


def in_some_inbox(path: Path) -> bool:
    """Tell whether a path lies in the inbox of a working folder, where units put what they like."""
    return any(True for _ in inboxes_over(path.absolute()))


def inboxes_over(here: Path) -> Iterator[Path]:
    """Inboxes of working folders that a path is, or lies in."""
    for part in (here, *here.parents):
        if part.name.casefold() == INBOX and (part.parent / CONFIG).is_file():
            yield part


def _lies_in(path: Path, folder: Path) -> bool:
    """Tell whether a path is a folder or lies in it, by whatever link or case of letters."""
    try:
        there = folder.stat()
    except OSError:
        return False
    for part in (path, *path.parents):
        with contextlib.suppress(OSError):
            if os.path.samestat(part.stat(), there):
                return True
    return False
