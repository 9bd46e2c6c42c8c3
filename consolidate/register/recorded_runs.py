"""Record merges: kept files, what they said, and runs, numbered from 1 without gaps.

What a workbook said is kept by workbook, version of the program and unit. A run is recorded whole,
in one transaction. A merge that is made again with the same inputs, the same day and the same
result is the same run: it is not recorded twice, so that "run 7" keeps naming one thing and the
list stays readable. Anything else, even only another day or version, is a run of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, Table, func, select

from consolidate.model.data_values import Baseline
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunHead, RunOutcome, RunTotal
from consolidate.register.blobs import BlobStore, digest_of
from consolidate.register.engine import Database
from consolidate.register.facts import CountedReturn, NewFile, RecordedRun, StoredFile, StoredReturn
from consolidate.register.rows import Fact, add_rows, fact_of, next_number, read_rows, row_of
from consolidate.register.schema import (
    Words,
    adjustments,
    baselines,
    events,
    files,
    issues,
    outcomes,
    portions,
    returns,
    revocations,
    runs,
    totals,
    waivers,
)

ReturnKey = tuple[str, str, str]
"""SHA-256 of the workbook, version of the program, code of the unit."""

COUNTED = tuple(outcome for outcome in Outcome if outcome.counted)
"""Outcomes whose figures are in the totals."""


def add_returns(connection: Connection, new: Iterable[StoredReturn]) -> int:
    """Record returns; one that is on record stays as it is. Returns how many were added.

    The same version reads the same bytes alike, so there is nothing to compare.

    Raises:
        ValueError: a workbook is not kept.
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
    first = next_number(connection, returns.c.id)
    rows = (row_of(item, returns, id=at) for at, item in enumerate(wanted.values(), first))
    add_rows(connection, returns, rows)
    return len(wanted)


def return_key(sha256: str, reader: str, unit: str) -> ReturnKey:
    """Return the key of a return as the database gives it back."""
    return sha256, Words.stored(reader), Words.stored(unit)


def ids_of(connection: Connection, digests: Iterable[str]) -> dict[ReturnKey, int]:
    """Find the row numbers of the returns of these workbooks."""
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
    """List returns in the totals of a run, in its order; all, or those for exactly one period.

    A run takes quarters and cumulative periods of one round.
    """
    files = list(read_rows(connection, outcomes, outcomes.c.run == number))
    asked = select(outcomes.c.return_id).where(outcomes.c.run == number)
    only = {"period": period.code} if period is not None else None
    read = read_rows(connection, returns, returns.c.id.in_(asked), only=only)
    said = {row["id"]: fact_of(StoredReturn, row) for row in read}
    return tuple(
        CountedReturn(file["path"], file["member"], said[file["return_id"]])
        for file in files
        if file["outcome"].counted and file["return_id"] in said
    )


def periods_on_record(connection: Connection) -> tuple[Period, ...]:
    """List periods that returns in the totals of any run are for, the oldest first."""
    query = (
        select(returns.c.period)
        .join(outcomes, outcomes.c.return_id == returns.c.id)
        .where(outcomes.c.outcome.in_(COUNTED), returns.c.period.is_not(None))
        .distinct()
    )
    periods = connection.execute(query).scalars()
    return tuple(sorted(periods, key=lambda period: (period.year, period.type.round, period.code)))


FILES_AT_ONCE = 64
BYTES_AT_ONCE = 32 * 2**20
"""What one transaction registers at most: others get their turn, and little is held in memory."""


def add_files(database: Database, blobs: BlobStore, new: Iterable[NewFile]) -> list[StoredFile]:
    """Keep files and register them, in several transactions; in order, what is on record of each.

    Bytes that are on record keep their first name and day. A file whose bytes went missing from
    the folder is kept anew.
    """
    stored: list[StoredFile] = []
    for batch in _batches(new):
        with database.write() as connection:
            stored += _add(connection, blobs, batch)
    return stored


def _batches(new: Iterable[NewFile]) -> Iterator[list[NewFile]]:
    batch: list[NewFile] = []
    size = 0
    for item in new:
        batch.append(item)
        size += len(item.content)
        if len(batch) == FILES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _add(connection: Connection, blobs: BlobStore, batch: list[NewFile]) -> list[StoredFile]:
    digests = [item.sha256 or digest_of(item.content) for item in batch]
    known = files_by_digest(connection, digests)
    fresh: dict[str, StoredFile] = {}
    missing: dict[str, bytes] = {}
    for digest, item in zip(digests, batch, strict=True):
        size = len(item.content)
        if digest not in known:
            name = Words.stored(item.name)
            fresh.setdefault(digest, StoredFile(digest, size, name, item.seen))
        if digest in fresh or not blobs.holds(digest, size):
            missing[digest] = item.content
    blobs.keep(missing.values())
    add_rows(connection, files, (row_of(file, files) for file in fresh.values()))
    return [known.get(digest) or fresh[digest] for digest in digests]


def files_by_digest(connection: Connection, digests: Iterable[str]) -> dict[str, StoredFile]:
    """Find what is on record about files, by digest; those that are not kept are absent."""
    known = {}
    for some in portions(sorted(set(digests))):
        for row in read_rows(connection, files, files.c.sha256.in_(some)):
            known[row["sha256"]] = fact_of(StoredFile, row)
    return known


def all_files(connection: Connection) -> tuple[StoredFile, ...]:
    """List every registered file, by digest."""
    return tuple(fact_of(StoredFile, row) for row in read_rows(connection, files))


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
    raise UserError.of("register.no_run", number=number)


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
