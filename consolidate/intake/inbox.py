"""List the files of an inbox in the same order on every system; nothing is written there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from consolidate.model.text import file_key

_SYSTEM = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


@dataclass(frozen=True, slots=True)
class Inbox:
    """Paths relative to ``root`` with forward slashes; ``ignored`` are lock and system files."""

    root: Path
    files: tuple[str, ...]
    ignored: tuple[str, ...] = ()


def scan(root: Path) -> Inbox:
    """List a folder and its folders. Links to folders are not followed.

    A folder that may not be listed stands among the files: reading it says so, and nothing that
    may lie in it is lost without a word.

    Raises:
        NotADirectoryError: ``root`` is not a folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    files: list[str] = []
    ignored: list[str] = []

    def unlisted(error: OSError) -> None:
        files.append(Path(error.filename).relative_to(root).as_posix())

    for folder, _, names in os.walk(root, onerror=unlisted):
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            target = ignored if is_system(name) else files
            target.append(path)
    return Inbox(
        root,
        tuple(sorted(files, key=lambda path: (file_key(path), path))),
        tuple(sorted(ignored)),
    )


def is_system(name: str) -> bool:
    """Whether a file of this name is a lock file or one that an operating system left behind."""
    return name.startswith(("~$", ".~lock.")) or name.casefold() in _SYSTEM
