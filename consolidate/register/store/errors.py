"""What the register refuses; every message is Vietnamese, for the person at the screen."""

from __future__ import annotations


class RegisterError(Exception):
    """The register cannot do what was asked; ``str(error)`` says why and what to do."""


class DamagedFile(RegisterError):
    """The kept bytes of a file are missing or are no longer those that were received."""


class PeriodLocked(RegisterError):
    """The period is locked: only the locked result may be made again."""


class Conflict(RegisterError):
    """Something else is on record under this id or state; records are added, never changed."""
