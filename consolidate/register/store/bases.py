"""What a run was compared with: the earlier runs that spoke for their periods on that day."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from consolidate.model.history import Basis
from consolidate.model.period import Period
from consolidate.register.store.schema import bases


def add_bases(connection: Connection, run: int, found: Iterable[Basis]) -> None:
    """Record what a new run was compared with."""
    rows = [
        {
            "run": run,
            "period": basis.period.code,
            "other": basis.run,
            "adjustments": json.dumps(basis.adjustments),
        }
        for basis in found
    ]
    if rows:
        connection.execute(insert(bases), rows)


def bases_of(connection: Connection, run: int) -> tuple[Basis, ...]:
    """What a run was compared with, by period."""
    query = select(bases).where(bases.c.run == run).order_by(bases.c.period)
    return tuple(
        Basis(Period.parse_code(row.period), row.other, tuple(json.loads(row.adjustments)))
        for row in connection.execute(query)
    )
