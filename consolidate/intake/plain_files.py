"""Read plain files only: a link is never followed, a pipe never waited for, a size asked first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from consolidate.xlsx.read.package_gate import Refused, megabytes
from consolidate.xlsx.write.atomic_files import patiently, read_bytes

_REPARSE_POINT = 0x400
_STANDS_FOR_ANOTHER = 0x2000_0000
"""Bit of a reparse tag of Windows whose file or folder is only a name of another one: a symbolic
link, a junction. Placeholders of OneDrive are reparse points too, without it: they are files."""
_FLAGS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_NOINHERIT"):
    _FLAGS |= getattr(os, _name, 0)

SMALL = 1_000_000
"""Bytes of the largest file of settings that is read at all."""


def is_link(path: Path | str) -> bool:
    """Tell whether a path is a link or a junction of Windows, wherever it leads."""
    try:
        return _leads_elsewhere(os.lstat(path))
    except (OSError, ValueError):
        return False


def _leads_elsewhere(status: os.stat_result) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return True
    attributes: int = getattr(status, "st_file_attributes", 0)
    tag: int = getattr(status, "st_reparse_tag", 0)
    return bool(attributes & _REPARSE_POINT and tag & _STANDS_FOR_ANOTHER)


def read_plain(path: Path, most: int) -> bytes:
    """Read a file that somebody else may have put there, if it has at most so many bytes.

    Raises:
        Refused: it is a link, a folder, a pipe or a device, or larger; it cannot be opened.
    """
    try:
        # Asked before it is opened: to open a device may already do something.
        _check_plain(os.lstat(path), most)
        with os.fdopen(patiently(lambda: os.open(path, _FLAGS)), "rb") as stream:
            status = os.fstat(stream.fileno())
            _check_plain(status, most)
            # Asked for the most at once, a stream sets aside room for as much.
            data = stream.read(status.st_size + 1)
            if len(data) > status.st_size:  # It grew meanwhile.
                data += stream.read(max(most - len(data), 0) + 1)
    except (OSError, ValueError) as error:
        detail = type(error).__name__
        raise Refused("unreadable_path", unreadable=True, detail=detail) from None
    if len(data) > most:
        raise Refused("too_large", unreadable=True, detail=megabytes(len(data)))
    return data


def _check_plain(status: os.stat_result, most: int) -> None:
    if _leads_elsewhere(status):
        raise Refused("link", unreadable=True)
    if not stat.S_ISREG(status.st_mode):
        raise Refused("not_a_file", unreadable=True)
    if status.st_size > most:
        raise Refused("too_large", unreadable=True, detail=megabytes(status.st_size))


def read_own(path: Path, most: int) -> bytes:
    """Read a file that a person of the province keeps; a link of theirs is followed.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read: a folder, a pipe, a device.
        ValueError: it has more bytes than ``most``.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise IsADirectoryError(path)
    if status.st_size > most:
        raise ValueError(f"> {megabytes(most)}")
    return read_bytes(path)


def read_settings_text(path: Path) -> str:
    """Read a text in UTF-8 of at most ``SMALL`` bytes, as :func:`read_own`.

    Raises:
        OSError: as there.
        ValueError: as there; it is no text.
    """
    return read_own(path, SMALL).decode("utf-8-sig")
