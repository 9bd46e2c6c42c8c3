"""List the files of an inbox in the same order on every system; nothing is written there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from consolidate.intake.plain_files import is_link
from consolidate.model.text import file_key

_FILES = frozenset({"thumbs.db", "desktop.ini", ".ds_store", "icon\r", ".dropbox", ".dropbox.attr"})
_FOLDERS = frozenset(
    {
        *("__macosx", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems"),
        *("$recycle.bin", "system volume information", "@eadir", ".stversions", ".stfolder"),
        *(".dropbox.cache", ".tmp.drivedownload", ".tmp.driveupload", ".sync"),
    }
)
_BEGINNINGS = ("~$", ".~", "._", ".syncthing.", ".sync_", ".nfs", ".fuse_hidden")
"""Locks of Excel, WPS and LibreOffice, forks of macOS, what programs that copy files leave."""
_ENDINGS = (".tmp", ".swp", "sync.log")
_SAVING = re.compile(r"(?=.*[0-9])(?=.*[A-F])[0-9A-F]{8}")
"""What Excel calls a workbook while it saves it; a save that was cut off leaves it behind."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Paths relative to ``root`` with forward slashes; ``ignored`` are files of programs."""

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
                target = ignored if is_left_behind(name) else files
                target.append(name)
    return Inbox(
        root,
        tuple(sorted(files, key=lambda path: (file_key(path), path))),
        tuple(sorted(ignored)),
    )


def is_left_behind(path: str) -> bool:
    """Whether a program put a file beside a document: a lock, a temporary save, a fork, a cache.

    ``path`` has forward slashes. Such files are counted and not read.
    """
    *folders, name = path.split("/")
    folded = name.casefold()
    return (
        folded in _FILES
        or folded.startswith(_BEGINNINGS)
        or folded.endswith(_ENDINGS)
        or _SAVING.fullmatch(name) is not None
        or any(folder.casefold() in _FOLDERS for folder in folders)
    )
