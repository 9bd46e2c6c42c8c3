"""Take files out of RAR archives with rarfile, which needs a tool for compressed ones."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from consolidate.intake.containers.members import (
    ExtractionBudget,
    Listed,
    Taken,
    damaged_member,
    library,
    take,
)
from consolidate.xlsx.read.gate import Refused

_STORED = 0x30
_MISLEADING = ("-", "@")


def take_rar(data: bytes, budget: ExtractionBudget) -> Taken:
    """Take the files of a RAR archive; of one in several parts, none.

    Raises:
        Refused: it cannot be opened, or rarfile is not installed.
    """
    rar = library("rarfile")
    archive = _open(rar, data, budget)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    files = [entry for entry in entries if entry.is_file()]

    def read(entry: Any) -> bytes:
        # The library finds entries by name: of several with one name it knows the last.
        if archive.getinfo(entry) is not entry:
            raise damaged_member()
        return _read(rar, archive, entry, budget.passwords)

    listed = [
        Listed(entry.filename, entry.file_size, entry.compress_size, entry) for entry in files
    ]
    special = [entry.filename for entry in entries if not entry.is_file()]
    return take(listed, len(data), budget, read, special=special)


def _open(rar: Any, data: bytes, budget: ExtractionBudget) -> Any:
    """The archive with its directory read, by the first password that opens it."""
    count = 0

    def counted(_: object) -> None:
        nonlocal count
        count += 1
        budget.check_count(count)

    try:
        archive = rar.RarFile(io.BytesIO(data), info_callback=counted)
    except rar.NeedFirstVolume:
        raise Refused("archive_part", unreadable=True) from None
    if not archive.needs_password() or archive.infolist():
        return archive
    for password in budget.passwords:
        try:
            archive.setpassword(password)
        except Refused:
            raise
        except Exception:
            continue
        if archive.infolist():
            return archive
    raise Refused("encrypted_archive", unreadable=True)


def _read(rar: Any, archive: Any, entry: Any, passwords: Sequence[str]) -> bytes:
    locked = bool(entry.needs_password())
    name = entry.filename
    by_tool = locked or entry.compress_type != _STORED
    if by_tool and (name.startswith(_MISLEADING) or any(sign in name for sign in "*?")):
        # The tool would take such a name for something else than a name.
        raise Refused("unsupported_member", unreadable=True)
    for password in passwords if locked else (None,):
        try:
            with archive.open(entry, pwd=password) as part:
                return bytes(part.read(entry.file_size))
        except rar.RarCannotExec:
            raise Refused("rar_needs_tool", unreadable=True) from None
        except Exception:
            if not locked:
                raise
    raise Refused("encrypted_member", unreadable=True)
