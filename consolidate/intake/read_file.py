"""Read one inbox file: its returns, or why it cannot be read.

Each file in an archive or a mail, and each row of a table of units, has its own reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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
from consolidate.xlsx.read.gate import Limits, Refused, is_word
from consolidate.xlsx.read.grid import Workbook
from consolidate.xlsx.read.plain_zip import ZipPart, plain_parts
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

    ``path`` is relative to the inbox.

    ``only`` is the number of the one member to read.
    """
    parts = plain_parts(data, settings.limits)
    try:
        container = None
        if parts is None:  # A workbook as office programs write them is no container.
            container = open_container(data, settings.limits, settings.passwords)
    except Refused as refused:
        return Source((_refused(path, data, refused),))
    except MemoryError:
        raise
    except Exception:
        return Source((_crashed(path, data),))
    if container is None:
        return Source(_read_member(path, Member("", data), library, settings, parts))
    members = container.members if only is None else container.members[only : only + 1]
    readings = tuple(
        reading for member in members for reading in _read_member(path, member, library, settings)
    )
    return Source(readings, container.ignored)


def member_names(data: bytes, settings: ReadSettings) -> tuple[str, ...]:
    """List the files in an archive or a mail; empty when the bytes are neither.

    Never raises for anything the bytes hold.
    """
    try:
        container: Container | None = open_container(data, settings.limits, settings.passwords)
    except Exception:
        return ()
    return () if container is None else tuple(member.name for member in container.members)


def _read_member(
    path: str,
    member: Member,
    library: Library,
    settings: ReadSettings,
    parts: Mapping[str, ZipPart] | None = None,
) -> tuple[FileReading, ...]:
    """Read a file, or each of its rows when it is a table of units.

    The member of a file that is no container has no name.
    """
    name, data = member.name, member.data
    if member.refused is not None:
        return (_refused(path, data, member.refused, name),)
    reading = read_file(path, data, library, settings, name, parts)
    if reading.reason is None or reading.reason.key != "intake.not_our_form":
        return (reading,)
    try:
        rows = read_unit_rows(name or path, data, library, settings)
    except Refused as refused:
        return (_refused(path, data, refused, name),)
    return tuple(
        FileReading(
            path,
            hashlib.sha256(row.data).hexdigest(),
            len(row.data),
            row.content,
            member=f"{name}/{row.name}" if name else row.name,
        )
        for row in rows
    ) or (reading,)


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
    parts: Mapping[str, ZipPart] | None = None,
) -> FileReading:
    """Read a single workbook, Word file or table in text.

    Never raises for anything the bytes hold, except for want of memory; a refused file carries its
    outcome and the reason, whose sentence says what to do. ``parts`` are those of the package of a
    workbook (:func:`~consolidate.xlsx.read.plain_zip.plain_parts`), where they are known.

    Raises:
        MemoryError: reading needs more memory than this process may have.
    """
    settings = settings or ReadSettings()
    try:
        if parts is not None:
            book = read_workbook(data, settings.limits, carries_no_answers, parts)
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
