"""List the files of an inbox in the same order on every system; nothing is written there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from consolidate.intake.plain_files import is_link
from consolidate.model.text import file_key

_SYSTEM = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


@dataclass(frozen=True, slots=True)
class Inbox:
    """Paths relative to ``root`` with forward slashes; ``ignored`` are lock and system files."""

    root: Path
    files: tuple[str, ...]
    ignored: tuple[str, ...] = ()


def scan(root: Path) -> Inbox:
    """List a folder and its folders. No link is followed.

    A link, to a file or a folder, and a folder that may not be listed stand among the files:
    reading them says so, and nothing that may lie behind them is lost without a word.

    Raises:
        NotADirectoryError: ``root`` is not a folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    files: list[str] = []
    ignored: list[str] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError:
            files.append(folder.relative_to(root).as_posix())
            continue
        for entry in entries:
            path = folder / entry.name
            name = path.relative_to(root).as_posix()
            if is_link(path):
                files.append(name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                target = ignored if is_system(entry.name) else files
                target.append(name)
    return Inbox(
        root,
        tuple(sorted(files, key=lambda path: (file_key(path), path))),
        tuple(sorted(ignored)),
    )


def is_system(name: str) -> bool:
    """Whether a file of this name is a lock file or one that an operating system left behind."""
    return name.startswith(("~$", ".~lock.")) or name.casefold() in _SYSTEM
