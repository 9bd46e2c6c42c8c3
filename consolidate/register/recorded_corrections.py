"""Record adjustments, waivers and revocations: whole workbooks, all of it or nothing.

An officer applies the same workbook again after adding a line: what is on record already, word for
word, is passed over. The same id with other words is refused; ids of a kind are used once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from consolidate.model.corrections import (
    Adjustment,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.register.events import standing_of
from consolidate.register.rows import Fact, add_rows, fact_of, read_rows, row_of
from consolidate.register.schema import Words, adjustments, revocations, waivers

_Correction = TypeVar("_Correction", Adjustment, Waiver, Revocation)


class CorrectionsDesk:
    """Corrections and locks as they are on record in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def on_record(self) -> Corrections:
        """Read everything that was ever recorded, revoked and expired corrections too."""
        return corrections_on_record(self._connection)

    def locked(self, period: Period) -> bool:
        """Tell whether the round of a period is locked."""
        return standing_of(self._connection, period).lock is not None

    def add(self, new: Corrections) -> int:
        """Record what is not on record yet; how many that was.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        known = self.on_record()
        fresh = Corrections(
            _fresh(new.adjustments, known.adjustments),
            _fresh(new.waivers, known.waivers),
            _fresh(new.revocations, known.revocations),
        )
        ids = {(item.kind, item.id) for item in (*known.items, *fresh.items)}
        for end in fresh.revocations:
            if (end.kind, end.id) not in ids:
                raise UserError((because("register.revokes_nothing", id=end.id),))
        groups = ((adjustments, fresh.adjustments), (waivers, fresh.waivers))
        for table, items in (*groups, (revocations, fresh.revocations)):
            add_rows(self._connection, table, (row_of(item, table) for item in items))
        return len(fresh.adjustments) + len(fresh.waivers) + len(fresh.revocations)


def corrections_on_record(connection: Connection) -> Corrections:
    """Read everything that was ever recorded, each kind in order of ids."""
    return Corrections(
        _all(connection, adjustments, Adjustment),
        _all(connection, waivers, Waiver),
        _all(connection, revocations, Revocation),
    )


def corrections_digest(corrections: Corrections) -> str:
    """Compute the SHA-256 of corrections, in hexadecimal; ``""`` when there are none."""
    parts = [
        [astuple(item) for item in group]
        for group in (corrections.adjustments, corrections.waivers, corrections.revocations)
    ]
    if not any(parts):
        return ""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _fresh(new: Sequence[_Correction], known: Sequence[_Correction]) -> tuple[_Correction, ...]:
    by_id = {_id(item): item for item in known}
    fresh: list[_Correction] = []
    for item in new:
        stored = _as_stored(item)
        other = by_id.setdefault(_id(stored), stored)
        if other != stored:
            raise UserError((because("register.correction_differs", id=item.id),))
        if other is stored:
            fresh.append(stored)
    return tuple(fresh)


def _id(item: Adjustment | Waiver | Revocation) -> tuple[str, str]:
    return item.id, item.kind.value if isinstance(item, Revocation) else ""


def _as_stored(item: _Correction) -> _Correction:
    """The fact with its texts as they will come back, so that it equals itself on record."""
    fields: dict[str, Any] = {
        name: Words.stored(value)
        for name in item.__slots__
        if type(value := getattr(item, name)) is str
    }
    return replace(item, **fields)


def _all(connection: Connection, table: Table, kind: type[Fact]) -> tuple[Fact, ...]:
    # Sorted here and not by the database, whose order of letters depends on its locale.
    rows = read_rows(connection, table)
    return tuple(fact_of(kind, row) for row in sorted(rows, key=lambda r: (r["id"], r.get("kind"))))
