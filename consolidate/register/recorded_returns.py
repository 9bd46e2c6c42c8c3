"""What workbooks said, one row per workbook, version of the program and unit; and what counted."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.register.facts import CountedReturn, StoredReturn
from consolidate.register.recorded_files import files_by_digest
from consolidate.register.rows import add_rows, fact_of, row_of
from consolidate.register.schema import Words, outcomes, portions, returns

ReturnKey = tuple[str, str, str]
"""SHA-256 of the workbook, version of the program, code of the unit."""

COUNTED = tuple(outcome for outcome in Outcome if outcome.counted)
"""Outcomes whose figures are in the totals."""


def add_returns(connection: Connection, new: Iterable[StoredReturn]) -> int:
    """Record returns; one that is on record stays as it is. Returns how many were added.

    The same version reads the same bytes alike, so there is nothing to compare.
    """
    wanted: dict[ReturnKey, StoredReturn] = {}
    for item in new:
        wanted.setdefault(return_key(item.sha256, item.reader, item.unit), item)
    digests = {sha256 for sha256, _, _ in wanted}
    absent = digests - files_by_digest(connection, digests).keys()
    if absent:
        raise ValueError(f"not registered: {', '.join(sorted(absent))}")
    for key in ids_of(connection, digests):
        wanted.pop(key, None)
    add_rows(connection, returns, (row_of(item, returns) for item in wanted.values()))
    return len(wanted)


def return_key(sha256: str, reader: str, unit: str) -> ReturnKey:
    """The key of a return as the database gives it back."""
    return sha256, Words.stored(reader), Words.stored(unit)


def ids_of(connection: Connection, digests: Iterable[str]) -> dict[ReturnKey, int]:
    """Row numbers of the returns of these workbooks."""
    columns = (returns.c.sha256, returns.c.reader, returns.c.unit, returns.c.id)
    found: dict[ReturnKey, int] = {}
    for some in portions(sorted(set(digests))):
        query = select(*columns).where(returns.c.sha256.in_(some))
        for sha256, reader, unit, number in connection.execute(query):
            found[sha256, reader, unit] = number
    return found


def counted_in(
    connection: Connection, number: int, period: Period | None = None
) -> tuple[CountedReturn, ...]:
    """Returns in the totals of a run, in its order; all, or those for exactly one period.

    A run takes quarters and cumulative periods of one round.
    """
    query = (
        select(returns, outcomes.c.path, outcomes.c.member)
        .join(outcomes, outcomes.c.return_id == returns.c.id)
        .where(outcomes.c.run == number, outcomes.c.outcome.in_(COUNTED))
        .order_by(outcomes.c.position)
    )
    if period is not None:
        query = query.where(returns.c.period == period)
    rows = connection.execute(query).mappings()
    return tuple(fact_of(CountedReturn, row) for row in rows)


def periods_on_record(connection: Connection) -> tuple[Period, ...]:
    """Periods that returns in the totals of any run are for, the oldest first."""
    query = (
        select(returns.c.period)
        .join(outcomes, outcomes.c.return_id == returns.c.id)
        .where(outcomes.c.outcome.in_(COUNTED), returns.c.period.is_not(None))
        .distinct()
    )
    periods = connection.execute(query).scalars()
    return tuple(sorted(periods, key=lambda period: (period.year, period.type.round, period.code)))
