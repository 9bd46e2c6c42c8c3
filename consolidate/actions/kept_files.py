"""The bytes of a return as the register of a workspace keeps them."""

from __future__ import annotations

from consolidate.province.workspace import Workspace
from consolidate.register.refusals import DamagedFile

SHORTEST = 12
"""Digits of a digest that have to be known: fewer could be those of another file."""


def kept_bytes(workspace: Workspace, digest: str) -> bytes | None:
    """The file whose SHA-256 begins with some digits, checked; ``None`` when it is not kept.

    Only looks: no register is made.

    Raises:
        UserError: the register cannot be used.
    """
    if len(digest) < SHORTEST or not workspace.has_register:
        return None
    from consolidate.register.register import look_into_register

    with look_into_register(workspace.database_url, workspace.register) as register:
        if register is None:
            return None
        digests = [file.sha256 for file in register.files() if file.sha256.startswith(digest)]
        if len(digests) != 1:
            return None
        try:
            return register.read(digests[0])
        except DamagedFile:
            return None
