"""Encrypt an Office file with a password (ECMA-376 agile encryption, AES-256)."""

from __future__ import annotations

import io

from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.gate import Limits


def encrypted(data: bytes, password: str) -> bytes:
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
