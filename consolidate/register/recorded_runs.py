"""Record runs, each whole in one transaction, numbered from 1 without gaps.

A merge that is made again with the same inputs, the same day and the same result is the same run:
it is not recorded twice, so that "run 7" keeps naming one thing and the list stays readable.
Anything else, even only another day or version, is a run of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, Table, func, select

from consolidate.model.data_values import Baseline
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import Run, RunHead, RunOutcome, RunTotal
from consolidate.register.facts import RecordedRun
from consolidate.register.recorded_returns import ids_of, return_key
from consolidate.register.rows import Fact, add_rows, fact_of, next_number, read_rows, row_of
from consolidate.register.schema import (
    adjustments,
    baselines,
    events,
    files,
    issues,
    outcomes,
    revocations,
    runs,
    totals,
    waivers,
)

Revision = tuple[int, ...]
"""How much is on record."""
_TOLD = (files, runs, events, adjustments, waivers, revocations, issues)
_OF_MERGES = 2
"""How many of these only merges add to."""


def add_run(
    connection: Connection,
    head: RunHead,
    files: Sequence[RunOutcome],
    figures: Sequence[RunTotal],
    compared: Sequence[Baseline],
    made: date | None,
) -> RecordedRun:
    """Record a run and all that belongs to it; or find the same one on record."""
    inputs = _inputs_digest(files)
    last = last_run(connection, head.period)
    if last is not None and (last.head, last.inputs) == (head, inputs):
        return RecordedRun(last, added=False)
    run = Run(next_number(connection, runs.c.number), head, inputs, made)
    add_rows(connection, runs, [row_of(run, runs)])
    ids = ids_of(connection, (file.sha256 for file in files if file.sha256))
    read = [ids.get(return_key(file.sha256, head.program, file.unit)) for file in files]
    for file, number in zip(files, read, strict=True):
        if file.outcome.counted and number is None:
            raise ValueError(f"counted, but its figures are not registered: {file.name}")
    rows = (
        row_of(file, outcomes, run=run.number, position=position, return_id=number)
        for position, (file, number) in enumerate(zip(files, read, strict=True))
    )
    add_rows(connection, outcomes, rows)
    rows = (row_of(f, totals, run=run.number, position=at) for at, f in enumerate(figures))
    add_rows(connection, totals, rows)
    rows = (row_of(basis, baselines, compared=run.number) for basis in compared)
    add_rows(connection, baselines, rows)
    return RecordedRun(run, added=True)


def last_run(connection: Connection, period: Period) -> Run | None:
    """Return the newest run of the reporting round of a period."""
    found = runs_of(connection, period)
    return found[-1] if found else None


def runs_of(connection: Connection, period: Period | None = None) -> tuple[Run, ...]:
    """List runs of the reporting round of a period, or all, the oldest first."""
    # All are read, so that none is passed over because of what became of its period.
    found = (fact_of(Run, row) for row in read_rows(connection, runs))
    return tuple(run for run in found if period is None or run.head.period.same_round(period))


def run_numbered(connection: Connection, number: int) -> Run:
    """Return a run by its number.

    Raises:
        UserError: there is none.
    """
    for row in read_rows(connection, runs, runs.c.number == number):
        return fact_of(Run, row)
    raise UserError((because("register.no_run", number=number),))


def outcomes_of(connection: Connection, number: int) -> tuple[RunOutcome, ...]:
    """Tell what became of every file in a run, in the order of the run."""
    return _part_of(connection, RunOutcome, outcomes, number)


def totals_of(connection: Connection, number: int) -> tuple[RunTotal, ...]:
    """List every total of a run, in the order of the run."""
    return _part_of(connection, RunTotal, totals, number)


def baselines_of(connection: Connection, number: int) -> tuple[Baseline, ...]:
    """Return the earlier runs that a run was compared with, by period."""
    found = read_rows(connection, baselines, baselines.c.compared == number)
    return tuple(fact_of(Baseline, row) for row in found)


def revision_of(connection: Connection) -> Revision:
    """Count the rows of everything that a merge goes by.

    Rows are only ever added: equal counts mean that nothing was added in between.
    """
    counts = (select(func.count()).select_from(table).scalar_subquery() for table in _TOLD)
    return tuple(connection.execute(select(*counts)).one())


def decided_between(one: Revision, other: Revision) -> bool:
    """Tell whether anything but the files and runs of merges was recorded between two revisions."""
    return one[_OF_MERGES:] != other[_OF_MERGES:]


def _inputs_digest(files: Iterable[RunOutcome]) -> str:
    """SHA-256 of the names and digests of all files, in any order."""
    lines = sorted([file.path, file.member, file.sha256] for file in files)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _part_of(
    connection: Connection, kind: type[Fact], table: Table, number: int
) -> tuple[Fact, ...]:
    return tuple(fact_of(kind, row) for row in read_rows(connection, table, table.c.run == number))
