"""The refusals of the register that other code has to tell apart from all others."""

from __future__ import annotations

from consolidate.model.errors import UserError


class DamagedFile(UserError):
    """The kept bytes of a file are missing or are no longer those that were received."""


class PeriodLocked(UserError):
    """The period is locked: only the locked result may be made again."""
