"""The gate: real type by content, and sizes from the archive's directory, before anything is read.

Nothing here inflates a part or trusts an extension. Limits stand in one place, :class:`Limits`.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOK_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_KNOWN = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"{\\rtf", "word"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file of an inbox may be at most; bytes unless the name says otherwise.

    ``members`` are the files of one archive or mail, those of archives inside it included;
    ``depth`` is how many archives may lie inside each other. ``seconds`` and ``memory`` hold for
    the reading of one file in a worker process.
    """

    file_size: int = 50_000_000
    entries: int = 2_000
    inflated: int = 200_000_000
    ratio: int = 200
    cells: int = 2_000_000
    members: int = 1_000
    depth: int = 2
    seconds: float = 60.0
    memory: int = 1 << 30


class Refused(Exception):
    """A file that the gate does not let in. ``reason`` is a key of ``messages/intake.toml``.

    ``unreadable`` tells damaged or locked workbooks from files that are no workbook at all;
    ``detail`` fills the message.
    """

    def __init__(self, reason: str, *, unreadable: bool, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.unreadable = unreadable
        self.detail = detail


def open_package(data: bytes, limits: Limits) -> zipfile.ZipFile | None:
    """The package of an OOXML or ODF workbook, checked; ``None`` for a binary ``.xls``.

    Raises:
        Refused: the bytes are no workbook, or one that must not be opened.
    """
    if not data:
        raise Refused("empty_file", unreadable=True)
    if len(data) > limits.file_size:
        raise Refused("too_large", unreadable=True, detail=_megabytes(len(data)))
    if data.startswith(OLE):
        _check_ole(data)
        return None
    if not data.startswith(ZIP):
        raise Refused(_kind(data), unreadable=False)
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Refused("damaged", unreadable=True) from None
    _check_directory(package, limits)
    return package


def _check_ole(data: bytes) -> None:
    if _ENCRYPTED in data:
        raise Refused("encrypted", unreadable=True)
    if not any(stream in data for stream in _BOOK_STREAMS):
        raise Refused("word", unreadable=False)


def _kind(data: bytes) -> str:
    for signature, kind in _KNOWN:
        if data.startswith(signature):
            return kind
    return "not_a_workbook"


def _check_directory(package: zipfile.ZipFile, limits: Limits) -> None:
    entries = package.infolist()
    if len(entries) > limits.entries:
        raise Refused("too_many_parts", unreadable=True, detail=str(len(entries)))
    names = {entry.filename.casefold() for entry in entries}
    if len(names) < len(entries):
        # Two parts of one name: readers disagree about which of them is meant.
        raise Refused("damaged", unreadable=True)
    inflated = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    # Small honest parts compress well; the ratio matters only once the sizes do.
    bomb = inflated > limits.inflated or (
        inflated > limits.inflated // 20 and inflated > limits.ratio * packed
    )
    if bomb:
        raise Refused("bomb", unreadable=True, detail=_megabytes(inflated))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("encrypted", unreadable=True)
    if "word/document.xml" in names:
        raise Refused("word", unreadable=False)
    if "ppt/presentation.xml" in names:
        raise Refused("not_a_workbook", unreadable=False)
    if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
        raise Refused("archive", unreadable=False)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"
