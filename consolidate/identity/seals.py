"""The seal of an issued template: proof that this province issued it, to this unit.

HMAC-SHA256 (RFC 2104, FIPS 180-4) over template, version, unit, period and serial with the key of
the workspace. It says nothing of the figures: those are the unit's.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from consolidate.model.anchors import STAMP_SEAL
from consolidate.model.returns import Return

SEALED = ("template", "version", "unit", "period", "serial")
"""Keys of the stamp that the seal is made over, in their order."""
_PURPOSE = "consolidate/issue/1"


class Seal(StrEnum):
    """What a seal says of a file.

    ``MISSING``: the template was not issued to one unit (or its stamp is gone). ``FORGED``: the
    stamp was changed, or another province issued it.
    """

    VALID = "valid"
    MISSING = "missing"
    FORGED = "forged"


def seal(key: bytes, stamp: Mapping[str, str]) -> str:
    """Make the seal of a stamp, 64 hexadecimal digits; keys that it lacks count as empty.

    Raises:
        ValueError: the key is empty.
    """
    if not key:
        raise ValueError("a seal needs a key")
    # JSON keeps the fields apart: no two stamps have the same text.
    content = json.dumps([_PURPOSE, *(stamp.get(name, "") for name in SEALED)], ensure_ascii=True)
    return hmac.new(key, content.encode("ascii"), sha256).hexdigest()


def verify(key: bytes, stamp: Mapping[str, str]) -> Seal:
    """Check whether the seal in a stamp is the one that the key makes for it.

    Raises:
        ValueError: the key is empty.
    """
    given = stamp.get(STAMP_SEAL, "")
    if not given:
        return Seal.MISSING
    # Anything may stand in a stamp; compare_digest takes texts of ASCII or bytes.
    genuine = hmac.compare_digest(given.encode(errors="replace"), seal(key, stamp).encode())
    return Seal.VALID if genuine else Seal.FORGED


def verify_return(key: bytes, content: Return) -> Seal:
    """Check the seal of a return that was read, as :func:`verify` does."""
    evidence = content.evidence
    return verify(
        key,
        {
            "template": content.pack,
            "version": content.version,
            "unit": evidence.stamp_unit,
            "period": evidence.stamp_period,
            "serial": evidence.serial,
            STAMP_SEAL: evidence.seal,
        },
    )
