"""Encrypt a file that is to be sent: a copy with a password (ECMA-376 agile, AES-256)."""

from __future__ import annotations

import io
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.model.reasons import UserError, because
from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.gate import Limits
from consolidate.xlsx.write.files import WriteOutcome, read_bytes, write_atomically, write_new


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
