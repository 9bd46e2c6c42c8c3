"""Read one inbox file: its returns, or why it cannot be read.

Each file in an archive or a mail, and each row of a table of units, has its own reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consolidate.intake.carried_pack import UnknownPack
from consolidate.intake.containers import Container, Member, open_container
from consolidate.intake.csv_sheet import read_csv
from consolidate.intake.extract import extract_return
from consolidate.model.datasets import Library
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import FileReading, Outcome, Source
from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.decrypt import unlock
from consolidate.xlsx.read.defined_names import DefinedNames, carries_no_answers
from consolidate.xlsx.read.file_kinds import ZIP
from consolidate.xlsx.read.grid import Workbook
from consolidate.xlsx.read.package_gate import Limits, PlainPackage, Refused, is_word, open_plain
from consolidate.xlsx.read.read_workbook import read_workbook

if TYPE_CHECKING:
    from consolidate.intake.unit_rows import UnitRow


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Limits of size, and passwords that units have told."""

    limits: Limits = field(default_factory=Limits)
    passwords: tuple[str, ...] = ()


def read_source(
    path: str,
    data: bytes,
    library: Library,
    settings: ReadSettings,
    only: int | None = None,
) -> Source:
    """Read a file of the inbox, each member if it is an archive or a mail.

    ``path`` is relative to the inbox, ``only`` the number of the one member to read. A table of
    units has a reading for each of its rows. The member of a file that is no container has no name.
    """
    package = open_plain(data, settings.limits)
    try:
        container = None
        if package is None:  # A workbook as office programs write it is no container.
            container = open_container(data, settings.limits, settings.passwords)
    except Refused as refused:
        return Source((_refused(path, data, refused),))
    except MemoryError:
        raise
    except Exception:
        return Source((_crashed(path, data),))
    members = (Member("", data),) if container is None else container.members
    if container is not None and only is not None:
        members = members[only : only + 1]
    readings: list[FileReading] = []
    for member in members:
        if member.refused is not None:
            readings.append(_refused(path, member.data, member.refused, member.name))
            continue
        reading = read_file(path, member.data, library, settings, member.name, package)
        if reading.reason is not None and reading.reason.key == "intake.not_our_form":
            readings += _rows_of(path, member, library, settings) or (reading,)
        else:
            readings.append(reading)
    return Source(tuple(readings), () if container is None else container.ignored)


def member_names(data: bytes, settings: ReadSettings) -> tuple[str, ...]:
    """List the files in an archive or a mail; empty when the bytes are neither.

    Never raises for anything the bytes hold.
    """
    try:
        container: Container | None = open_container(data, settings.limits, settings.passwords)
    except Exception:
        return ()
    return () if container is None else tuple(member.name for member in container.members)


def _rows_of(
    path: str, member: Member, library: Library, settings: ReadSettings
) -> tuple[FileReading, ...]:
    """The readings of the rows of a table of units; none for any other file."""
    name = member.name
    try:
        rows = read_unit_rows(name or path, member.data, library, settings)
    except Refused as refused:
        return (_refused(path, member.data, refused, name),)
    return tuple(
        FileReading(
            path,
            hashlib.sha256(row.data).hexdigest(),
            len(row.data),
            row.content,
            member=f"{name}/{row.name}" if name else row.name,
        )
        for row in rows
    )


def read_unit_rows(
    name: str, data: bytes, library: Library, settings: ReadSettings
) -> tuple[UnitRow, ...]:
    """Read the rows of a table of units; empty for any other file.

    ``name`` is that of the file.

    Raises:
        MemoryError: reading needs more memory than this process may have.
        Refused: there are more rows than files may lie in an archive.
    """
    from consolidate.intake.unit_rows import unit_rows  # Few files need it: not at the start.

    try:
        book = read_any(unlock(data, settings.passwords, settings.limits), settings.limits)
    except MemoryError:
        raise
    except Exception:
        return ()
    try:
        return unit_rows(book, library, name, settings.limits.members)
    except (MemoryError, Refused):
        raise
    except Exception:
        # The file is told as what it was found to be before: none of our forms.
        return ()


def read_file(
    path: str,
    data: bytes,
    library: Library,
    settings: ReadSettings | None = None,
    member: str = "",
    package: PlainPackage | None = None,
) -> FileReading:
    """Read a single workbook, Word file or table in text.

    Never raises for anything the bytes hold, except for want of memory; a refused file carries its
    outcome and the reason, whose sentence says what to do. ``package`` is that of the workbook,
    where it was opened before.

    Raises:
        MemoryError: reading needs more memory than this process may have.
    """
    settings = settings or ReadSettings()
    try:
        if package is not None:
            book = read_workbook(data, settings.limits, carries_no_answers, package)
        else:
            plain = unlock(data, settings.passwords, settings.limits)
            book = read_any(plain, settings.limits, carries_no_answers)
        content = extract_return(book, library, member or path)
    except Refused as refused:
        return _refused(path, data, refused, member)
    except UnknownPack as unknown:
        reason = because("intake.unknown_pack", code=unknown.code)
        return _unread(path, data, Outcome.HELD, reason, member)
    except MemoryError:
        raise
    except Exception:
        # Nothing that one file holds may cost the rest of the inbox.
        return _crashed(path, data, member)
    if content is None:
        return _unread(path, data, Outcome.NOT_A_REPORT, because("intake.not_our_form"), member)
    return FileReading(path, hashlib.sha256(data).hexdigest(), len(data), content, member=member)


def _refused(path: str, data: bytes, refused: Refused, member: str = "") -> FileReading:
    outcome = Outcome.UNREADABLE if refused.unreadable else Outcome.NOT_A_REPORT
    return _unread(path, data, outcome, refused.reason, member)


def _crashed(path: str, data: bytes, member: str = "") -> FileReading:
    return _unread(path, data, Outcome.UNREADABLE, because("intake.crashed"), member)


def _unread(path: str, data: bytes, outcome: Outcome, reason: Reason, member: str) -> FileReading:
    digest = hashlib.sha256(data).hexdigest()
    return FileReading(path, digest, len(data), None, (), outcome, reason, member)


def read_any(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None = None
) -> Workbook:
    """Turn a workbook, Word document or text, told by content, into grids.

    ``is_ours`` is that of :func:`read_workbook`.

    Raises:
        Refused: the file holds no tables, or is locked, damaged, or too large to be honest.
    """
    if is_word(data):
        from consolidate.intake.word import read_word  # Few files need it: not at the start.

        return read_word(data, limits)
    if data and not data.startswith((ZIP, OLE)):
        book = read_csv(data, limits)
        if book is not None:
            return book
    return read_workbook(data, limits, is_ours)
