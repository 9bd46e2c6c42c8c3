"""Export every value of a run as one flat table; encrypt a file that is to be sent.

An encrypted copy opens with a password only (ECMA-376 agile, AES-256).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.reasons import UserError, because
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace
from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.gate import Limits
from consolidate.xlsx.write.files import WriteOutcome, read_bytes, write_atomically, write_new

if TYPE_CHECKING:
    from consolidate.model.period import Period
    from consolidate.model.runs import Run
    from consolidate.register.register import Register
    from consolidate.reports.values_table import TableFormat


EXPORT_STEM = "values-"
"""Beginning of the name of an exported table; the round follows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written table: its path, how many values and units are in it."""

    path: Path
    values: int
    units: int


def export_path(workspace: Workspace, period: Period, kind: TableFormat) -> Path:
    """Choose where the values of a round are written when nothing else is said."""
    return workspace.results / f"{EXPORT_STEM}{period.code}{kind.ending}"


def export_values(
    workspace: Workspace,
    register: Register,
    run: Run,
    roster: Roster,
    kind: TableFormat,
    *,
    path: Path | None = None,
    lists: bool = False,
    redact: bool = False,
) -> Exported:
    """Write the values of a run into the results of a workspace, or to ``path``.

    Open tables (names of cases and persons) are left out without ``lists``. With ``redact`` words
    of units are covered wherever they stand.

    Raises:
        UserError: the library that writes this format is not installed.
        OSError: the file cannot be written.
    """
    from consolidate.merge.memory import counted_files
    from consolidate.reports.values_table import values_table, write_table
    from consolidate.xlsx.write.files import write_atomically

    period = run.head.period
    library = workspace.library.at(period)
    files = counted_files(workspace.library, register, run, roster)
    rows = values_table(files, library, period, lists=lists, redact=redact)
    try:
        content = write_table(rows, kind)
    except ImportError:
        raise UserError((because("export.needs_library", format=kind.value),)) from None
    target = path or export_path(workspace, period, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    return Exported(target, len(rows), len({row.unit for row in rows}))


def encrypt_file(path: Path, password: str, *, force: bool = False) -> Path:
    """Write the copy with a password beside a file, and return its path.

    The copy opens again with the password before it is written. No two are the same: they are
    outside of what a merge makes and of what the register compares.

    Raises:
        UserError: it is no .xlsx or .docx file, or it has a password already; the copy is there
            and may not be written over without ``force``.
        OSError: a file cannot be read or written.
    """
    try:
        made = _encrypted(read_bytes(path), password)
    except ValueError:
        raise UserError((because("encrypt.no_office_file", file=str(path)),)) from None
    target = path.with_name(f"{path.stem}{text('encrypt.file_ending')}{path.suffix}")
    if force:
        write_atomically(target, made)
    elif write_new(target, made) is WriteOutcome.KEPT:
        raise UserError((because("encrypt.there", file=str(target)),))
    return target


def _encrypted(data: bytes, password: str) -> bytes:
    """Encrypt an .xlsx or .docx file; salts are drawn, so that no two results are the same.

    The result is opened again with the password before it is given out.

    Raises:
        ValueError: the bytes are no such file, or they are encrypted already.
    """
    # Imported late: few commands need it.
    from msoffcrypto.exceptions import EncryptionError, FileFormatError
    from msoffcrypto.format.ooxml import OOXMLFile

    target = io.BytesIO()
    try:
        OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    except (EncryptionError, FileFormatError) as error:
        raise ValueError(str(error)) from None
    made = target.getvalue()
    if not is_locked(made) or unlock(made, (password,), Limits()) != data:
        raise ValueError("the encrypted file does not open again")
    return made
