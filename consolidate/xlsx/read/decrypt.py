"""Decrypt workbooks in memory with the passwords that a person gave.

Excel opens a file that is encrypted with its own default password without asking anybody; it is
tried first, always.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from consolidate.xlsx.read.compound import OLE, Compound
from consolidate.xlsx.read.file_kinds import without_head
from consolidate.xlsx.read.old_workbook import is_encrypted_workbook
from consolidate.xlsx.read.package_gate import Limits, Refused, check_size

_DEFAULT_PASSWORD = "VelvetSweatshop"
_INFO, _PACKAGE = "encryptioninfo", "encryptedpackage"
_LONGEST_INFO = 100_000
_MARKUP_DECLARATION = re.compile(rb"<\0?!")
_ROUNDS = re.compile(rb"spinCount\s*=\s*[\"']\s*([0-9]{1,20})")
_MOST_ROUNDS = 1_000_000
"""Rounds of deriving a key from a password; Excel writes 100,000."""


def is_locked(data: bytes) -> bool:
    """Tell whether the bytes are an encrypted Office file: only then :func:`unlock` has work to do.

    Protection of a sheet or of the structure of a workbook encrypts nothing and does not count.
    """
    if not data.startswith(OLE):
        return False
    try:
        compound = Compound(data)
        return _PACKAGE in compound.top or is_encrypted_workbook(compound)
    except ValueError:
        return False


def unlock(data: bytes, passwords: Sequence[str], limits: Limits) -> bytes:
    """Decrypt an Office file; the bytes themselves when they are not encrypted.

    What stands before the file in the bytes is left out (:func:`without_head`).

    What comes out is unchecked: it goes through the gate like any other file.

    Raises:
        Refused: no password opens the file, or it is damaged or too large.
    """
    check_size(data, limits)
    data = without_head(data)
    if not is_locked(data):
        return data
    _check(data)
    for password in (_DEFAULT_PASSWORD, *passwords):
        opened = _try(data, password)
        if opened is not None:
            check_size(opened, limits)
            return opened
    rights = any("drmencrypted" in entry.name.casefold() for entry in Compound(data).entries)
    raise Refused("rights" if rights else "encrypted", unreadable=True)


def _check(data: bytes) -> None:
    """Check what the library would trust: sizes of streams, markup, the work of one try."""
    try:
        compound = Compound(data)
        compound.check_sizes()
        entry = compound.top.get(_INFO)
        info = compound.stream(entry) if entry is not None else b""
    except ValueError:
        raise Refused("damaged", unreadable=True) from None
    rounds = max((int(found) for found in _ROUNDS.findall(info)[:10]), default=0)
    if (
        len(info) > _LONGEST_INFO
        or _MARKUP_DECLARATION.search(info, 8) is not None
        or rounds > _MOST_ROUNDS
    ):
        raise Refused("damaged", unreadable=True)


def _try(data: bytes, password: str) -> bytes | None:
    """Open the file with a password; ``None`` when it is the wrong one."""
    import msoffcrypto  # No other file of an inbox needs it: not at the start.

    target = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=password)
        file.decrypt(target)
    except Exception:
        # A wrong password shows in many ways: a sum, a length, noise instead of a package.
        return None
    return target.getvalue() or None
