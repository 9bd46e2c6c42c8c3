"""Runs: recorded whole in one transaction, numbered from 1 without gaps.

A merge that is made again with the same inputs, the same day and the same result is the same run:
it is not recorded twice, so that "run 7" keeps naming one thing and the list stays readable.
Anything else, even only another day or version, is a run of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from consolidate.definitions.catalogue import text
from consolidate.model.history import Basis
from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunHead, RunOutcome, RunTotal
from consolidate.register.store.bases import add_bases
from consolidate.register.store.errors import Conflict
from consolidate.register.store.facts import RecordedRun, Sighting
from consolidate.register.store.files import add_sightings, files_by_digest
from consolidate.register.store.reasons import reason_from_json, reason_to_json
from consolidate.register.store.returns import ids_of
from consolidate.register.store.schema import Words, outcomes, runs, totals


def add_run(
    connection: Connection,
    head: RunHead,
    files: Sequence[RunOutcome],
    figures: Sequence[RunTotal],
    compared: Sequence[Basis] = (),
) -> RecordedRun:
    """Record a run, with where its files were seen; or find the same one on record.

    ``compared`` says which earlier runs its figures were compared with.

    Raises:
        ValueError: a file is counted whose bytes or figures are not registered.
    """
    inputs = inputs_digest(files)
    last = last_run(connection, head.period)
    if last is not None and (last.head, last.inputs) == (head, inputs):
        return RecordedRun(last, added=False)
    highest = connection.execute(select(func.max(runs.c.number))).scalar()
    run = Run((highest or 0) + 1, head, inputs)
    connection.execute(insert(runs), [_run_row(run)])
    read = ids_of(connection, (file.sha256 for file in files if file.sha256))
    rows = [
        _outcome_row(
            run,
            position,
            file,
            read.get((file.sha256, Words.stored(head.program), Words.stored(file.unit))),
        )
        for position, file in enumerate(files)
    ]
    if rows:
        connection.execute(insert(outcomes), rows)
    if figures:
        places = enumerate(figures)
        connection.execute(insert(totals), [_total_row(run, *place) for place in places])
    add_bases(connection, run.number, compared)
    _see(connection, run.number, files)
    return RecordedRun(run, added=True)


def inputs_digest(files: Iterable[RunOutcome]) -> str:
    """SHA-256 of the names and digests of all files, in any order."""
    lines = sorted([file.path, file.member, file.sha256] for file in files)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def last_run(connection: Connection, period: Period) -> Run | None:
    """The newest run of the reporting round of a period."""
    found = runs_of(connection, period)
    return found[-1] if found else None


def runs_of(connection: Connection, period: Period | None = None) -> tuple[Run, ...]:
    """Runs of the reporting round of a period, or all, the oldest first.

    The third quarter and nine months are one round: one merge reads both.
    """
    query = select(runs).order_by(runs.c.number)
    if period is not None:
        query = query.where(runs.c.year == period.year, runs.c.round == period.type.round)
    return tuple(_run_from(row) for row in connection.execute(query))


def run_numbered(connection: Connection, number: int) -> Run:
    """The run of a number.

    Raises:
        Conflict: there is none.
    """
    row = connection.execute(select(runs).where(runs.c.number == number)).one_or_none()
    if row is None:
        raise Conflict(text("register.no_run", number=number))
    return _run_from(row)


def outcomes_of(connection: Connection, number: int) -> tuple[RunOutcome, ...]:
    """What became of every file in a run, in the order of the run."""
    query = select(outcomes).where(outcomes.c.run == number).order_by(outcomes.c.position)
    return tuple(_outcome_from(row) for row in connection.execute(query))


def outcomes_of_file(connection: Connection, sha256: str) -> tuple[tuple[int, RunOutcome], ...]:
    """What became of one file in every run, with the number of the run, the oldest first."""
    query = (
        select(outcomes)
        .where(outcomes.c.sha256 == sha256)
        .order_by(outcomes.c.run, outcomes.c.position)
    )
    return tuple((row.run, _outcome_from(row)) for row in connection.execute(query))


def totals_of(connection: Connection, number: int) -> tuple[RunTotal, ...]:
    """Every total of a run, in the order of the run."""
    query = select(totals).where(totals.c.run == number).order_by(totals.c.position)
    return tuple(_total_from(row) for row in connection.execute(query))


def _see(connection: Connection, number: int, files: Sequence[RunOutcome]) -> None:
    known = files_by_digest(connection, (file.sha256 for file in files))
    add_sightings(
        connection,
        [
            Sighting(file.sha256, file.path, file.member, file.received, number)
            for file in files
            if file.sha256 in known
        ],
    )


def _run_row(run: Run) -> dict[str, object]:
    head = run.head
    return {
        "number": run.number,
        "period": head.period.code,
        "year": head.period.year,
        "round": head.period.type.round,
        "as_of": head.as_of,
        "program": head.program,
        "roster": head.roster,
        "calendar": head.calendar,
        "corrections": head.corrections,
        "inputs": run.inputs,
        "result": head.result,
    }


def _run_from(row: Row[Any]) -> Run:
    head = RunHead(
        period=Period.parse_code(row.period),
        as_of=row.as_of,
        program=row.program,
        result=row.result,
        roster=row.roster,
        calendar=row.calendar,
        corrections=row.corrections,
    )
    return Run(row.number, head, row.inputs)


def _outcome_row(
    run: Run, position: int, file: RunOutcome, return_id: int | None
) -> dict[str, object]:
    if file.outcome.counted and return_id is None:
        raise ValueError(f"counted, but its figures are not registered: {file.name}")
    return {
        "run": run.number,
        "position": position,
        "path": file.path,
        "member": file.member,
        "sha256": file.sha256,
        "unit": file.unit,
        "template": file.template,
        "outcome": file.outcome.value,
        "reason": reason_to_json(file.reason),
        "received": file.received,
        "return_id": return_id,
    }


def _outcome_from(row: Row[Any]) -> RunOutcome:
    return RunOutcome(
        path=row.path,
        member=row.member,
        sha256=row.sha256,
        unit=row.unit,
        template=row.template,
        outcome=Outcome(row.outcome),
        reason=reason_from_json(row.reason),
        received=row.received,
    )


def _total_row(run: Run, position: int, figure: RunTotal) -> dict[str, object]:
    return {
        "run": run.number,
        "position": position,
        "data_set": figure.data_set,
        "element": figure.element,
        "column": figure.column,
        "level": figure.level,
        "total": str(figure.total) if figure.total is not None else None,
        "units": figure.units,
    }


def _total_from(row: Row[Any]) -> RunTotal:
    return RunTotal(
        data_set=row.data_set,
        element=row.element,
        column=row.column,
        level=row.level,
        total=Decimal(row.total) if row.total is not None else None,
        units=row.units,
    )
