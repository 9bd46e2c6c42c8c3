"""Names of files in archives and mails: safe to show, never a path that anything is written to."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from consolidate.intake.inbox import is_system

NAMELESS = "không tên"
"""Name of a file without a name that could be shown."""
_LONGEST = 200
"""Characters of the longest name that is shown whole."""
_DRIVE = re.compile(r"[A-Za-z]:")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that cannot be seen, or that turn what stands around them."""
_APPLE = "__MACOSX/"


def safe_name(raw: str) -> str:
    """The name as it may be shown: NFC, forward slashes, no way out of the archive.

    Characters that cannot be seen, or that turn the direction of writing, become
    ``\\N{REPLACEMENT CHARACTER}``.
    """
    text = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    parts = ["".join(map(_shown, part)).strip() for part in text.split("/")]
    name = "/".join(
        part for part in parts if part not in ("", ".", "..") and not _DRIVE.fullmatch(part)
    )
    if len(name) > _LONGEST:
        suffix = PurePosixPath(name).suffix[:10]
        name = name[: _LONGEST - len(suffix)] + suffix
    return name


def _shown(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in _HIDDEN else sign


def is_ignored(name: str) -> bool:
    """Whether a file in an archive is none that a person put there."""
    last = name.rpartition("/")[2]
    return is_system(last) or f"{name}/".startswith(_APPLE) or last.startswith("._")


class UniqueNames:
    """Gives the second file of one name another one: ``a.xlsx``, ``a (2).xlsx``."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def give(self, raw: str) -> str:
        """A safe name that was not given before."""
        name = safe_name(raw) or NAMELESS
        folder, slash, last = name.rpartition("/")
        suffix = PurePosixPath(last).suffix
        stem = last.removesuffix(suffix)
        unique, number = name, self._next.get(name, 1)
        while unique in self._given:
            number += 1
            unique = f"{folder}{slash}{stem} ({number}){suffix}"
        self._next[name] = number
        self._given.add(unique)
        return unique
