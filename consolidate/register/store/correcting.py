"""Deciding about corrections with nobody else at it: the look and the record in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from consolidate.model.corrections import Corrections
from consolidate.model.period import Period
from consolidate.register.store.corrections import add_corrections, corrections_on_record
from consolidate.register.store.events import standing_of


class Correcting:
    """What is on record in a transaction that may write (``Register.correcting``)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def on_record(self) -> Corrections:
        """Every correction ever recorded."""
        return corrections_on_record(self._connection)

    def locked(self, period: Period) -> bool:
        """Whether the round of a period is locked."""
        return standing_of(self._connection, period).lock is not None

    def add(self, new: Corrections) -> int:
        """Record corrections; how many were not on record yet.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        return add_corrections(self._connection, new)
