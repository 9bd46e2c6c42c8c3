"""What counted: the returns behind the totals of a run, for comparisons, rules and traces."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.register.store.facts import CountedReturn
from consolidate.register.store.returns import return_from
from consolidate.register.store.schema import (
    adjustments,
    events,
    files,
    outcomes,
    returns,
    revocations,
    runs,
    waivers,
)

Mark = tuple[int, ...]
"""How much is on record."""
_TOLD = (files, runs, events, adjustments, waivers, revocations)
COUNTED = tuple(outcome.value for outcome in Outcome if outcome.counted)
"""Outcomes whose figures are in the totals."""


def counted_in(
    connection: Connection,
    number: int,
    *,
    period: Period | None = None,
    unit: str | None = None,
    data_set: str | None = None,
) -> tuple[CountedReturn, ...]:
    """Returns in the totals of a run, in its order; all, or those of one unit.

    With a ``period`` only returns for exactly that period (a run takes quarters and cumulative
    periods of one round); with a ``data_set`` only its values, and no return without any.
    """
    query = (
        select(returns, outcomes.c.path, outcomes.c.member)
        .join(outcomes, outcomes.c.return_id == returns.c.id)
        .where(outcomes.c.run == number, outcomes.c.outcome.in_(COUNTED))
        .order_by(outcomes.c.position)
    )
    if period is not None:
        query = query.where(returns.c.period == period.code)
    if unit is not None:
        query = query.where(outcomes.c.unit == unit)
    found = (
        CountedReturn(number, row.path, row.member, return_from(row, data_set))
        for row in connection.execute(query)
    )
    return tuple(item for item in found if data_set is None or item.content.values)


def periods_on_record(connection: Connection) -> tuple[Period, ...]:
    """Periods that returns in the totals of any run are for, the oldest first."""
    query = (
        select(returns.c.period)
        .join(outcomes, outcomes.c.return_id == returns.c.id)
        .where(outcomes.c.outcome.in_(COUNTED), returns.c.period.is_not(None))
        .distinct()
    )
    periods = [Period.parse_code(code) for code in connection.execute(query).scalars()]
    return tuple(sorted(periods, key=lambda period: (period.year, period.type.round, period.code)))


def mark_of(connection: Connection) -> Mark:
    """How many rows there are of everything that a merge goes by; rows are only ever added."""
    counts = (select(func.count()).select_from(table).scalar_subquery() for table in _TOLD)
    return tuple(connection.execute(select(*counts)).one())
