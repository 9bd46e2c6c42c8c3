"""Find the file that a figure of a summary came from; what the summary says is checked.

A summary may have been sent by anybody: the names in it become a path only inside the folder of
returns, and a file is opened only when nothing in it can run.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from consolidate.intake.plain_files import is_link, read_plain
from consolidate.model.returns import INSIDE
from consolidate.xlsx.read.decrypt import is_locked
from consolidate.xlsx.read.file_kinds import looks_like_text
from consolidate.xlsx.read.gate import BROKEN, Limits, Refused

_MOST_FOLDERS = 500
_TEMPORARY, _NAMELESS = "tonghop-", "bao-cao"
_TYPES, _MOST_TYPES = "[Content_Types].xml", 1_000_000
_LIMITS = Limits()
_RUNS = ("vbaproject", "macrosheets", "activex", "dialogsheets")
_SHEET, _WORD = b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"
_PARTS = re.compile(r"[^/\\:*?\"<>|\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a file of the inbox: ``path`` as in reports, ``digest`` the head of its SHA-256."""

    path: str
    sheet: str
    cell: str
    digest: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class FigureSource:
    """A file that was found; ``same`` tells whether it is still as it was when it was merged."""

    path: Path
    same: bool


def safe_parts(path: str) -> tuple[str, ...] | None:
    """Split a path relative to the inbox into names; ``None`` if it could lead out of it."""
    parts = tuple(path.split("/"))
    for part in parts:
        if not _PARTS.fullmatch(part) or part.strip(" .") == "" or part != part.rstrip(" ."):
            return None
    return parts


def find_source(roots: Iterable[Path], place: Place) -> FigureSource | None:
    """Return the file of a place, in one of some folders.

    Of several files of that name the one with the same digest counts; else the first.
    """
    parts = safe_parts(place.path)
    if parts is None:
        return None
    first = None
    for root in roots:
        path = _resolved(root, parts)
        if path is None:
            continue
        try:
            digest = hashlib.sha256(read_plain(path, _LIMITS.container_size)).hexdigest()
        except Refused:
            continue
        if place.digest and digest.startswith(place.digest):
            return FigureSource(path, same=True)
        first = first or FigureSource(path, same=False)
    return first


class FileKind(StrEnum):
    """Kind of a file: only a ``SHEET`` is opened, for the others the reason is shown."""

    SHEET = "sheet"
    LOCKED = "locked"
    WORD = "word"
    CSV = "csv"
    OTHER = "other"
    MAY_RUN = "may_run"


def kind_of_file(path: Path) -> FileKind:
    """Tell what a file is; a ``SHEET`` only under the name of one.

    What a program opens, Excel opens without asking about macros.
    """
    try:
        kind = kind_of_bytes(read_plain(path, _LIMITS.file_size))
    except Refused:
        return FileKind.MAY_RUN
    if kind is FileKind.SHEET and path.suffix.casefold() != ".xlsx":
        return FileKind.OTHER
    return kind


def kind_of_bytes(data: bytes) -> FileKind:
    """Tell what bytes are: a ``SHEET`` is the package of a workbook without macros and controls."""
    if is_locked(data):
        return FileKind.LOCKED
    if looks_like_text(data):
        return FileKind.CSV
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [name.casefold() for name in package.namelist()]
            if package.getinfo(_TYPES).file_size > _MOST_TYPES:
                return FileKind.OTHER
            types = package.read(_TYPES).lower()
    except (*BROKEN, KeyError, RuntimeError):
        return FileKind.OTHER
    if b"macroenabled" in types or any(word in name for name in names for word in _RUNS):
        return FileKind.MAY_RUN
    if _WORD in types:
        return FileKind.WORD
    return FileKind.SHEET if _SHEET in types else FileKind.OTHER


def laid_out(data: bytes, place: Place) -> Path:
    """Write the bytes of a place to a read-only file of its name, in a new temporary folder.

    Raises:
        OSError: it cannot be written.
    """
    parts = safe_parts(place.path.rpartition(INSIDE)[2])
    name = f"{PurePosixPath(parts[-1]).stem if parts else _NAMELESS}.xlsx"
    path = Path(tempfile.mkdtemp(prefix=_TEMPORARY)) / name
    path.write_bytes(data)
    path.chmod(stat.S_IRUSR)
    return path


def root_with_most(roots: Iterable[Path], names: Sequence[str]) -> Path | None:
    """Choose the folder that holds most of some files; ``None`` if no folder holds any."""
    best, most = None, 0
    listed = [parts for name in names if (parts := safe_parts(name)) is not None]
    for root in roots:
        count = sum(_resolved(root, parts) is not None for parts in listed)
        if count > most:
            best, most = root, count
    return best


def beside(folder: Path) -> Iterator[Path]:
    """Folders beside a folder, then those in it; only so many."""
    parent = folder.parent
    count = 0
    for base in (parent, folder):
        for child in sorted(base.iterdir()):
            if child.is_dir() and not is_link(child):
                count += 1
                if count > _MOST_FOLDERS:
                    return
                yield child


def _resolved(root: Path, parts: tuple[str, ...]) -> Path | None:
    """Return the file below a root; names are compared as Unicode means them (macOS decomposes)."""
    path = root
    for part in parts:
        exact = path / part
        if not exact.exists():
            wanted = unicodedata.normalize("NFC", part)
            if not path.is_dir():
                return None
            names = (child for child in path.iterdir())
            found = next(
                (one for one in names if unicodedata.normalize("NFC", one.name) == wanted), None
            )
            if found is None:
                return None
            exact = found
        if is_link(exact):
            return None
        path = exact
    inside = path.resolve().is_relative_to(root.resolve())
    return path if inside and path.is_file() else None
