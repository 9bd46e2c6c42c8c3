"""Looking into a register without changing it, that of an older program too.

A copy of an older register goes into a private folder that goes again, and only that copy is
brought to today's tables. SQLite copies a whole database; of one on a server only the decisions
(runs, approvals, locks, corrections) are copied.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, MetaData, insert, inspect, select

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.register.store.backup import copy_database
from consolidate.register.store.correcting import Correcting
from consolidate.register.store.engine import Database, connect
from consolidate.register.store.migrate import bring_up_to_date, known_revision
from consolidate.register.store.schema import REVISION

_DECIDED = ("runs", "events", "adjustments", "waivers", "revocations")
"""Tables of decisions, and of what they name."""


@contextlib.contextmanager
def looked_at(database: Database) -> Iterator[Database | None]:
    """The database to read in, with today's tables: itself or a copy; ``None`` without tables.

    What is written into a copy is lost: it is for those who only ask.

    Raises:
        UserError: the database was written by a newer program, is not a register, or cannot
            be used; it is an older one on a server, or there is no room for a copy.
    """
    found = known_revision(database)
    if found in (None, REVISION):
        yield database if found is not None else None
        return
    if database.path is None:
        raise UserError((because("register.older", place=database.shown),))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "register.sqlite3")
        copy_database(database.path, path)
        with contextlib.closing(connect(path)) as copy:
            bring_up_to_date(copy)
            yield copy


@contextlib.contextmanager
def look_at_decisions(where: str | Path | None) -> Iterator[Correcting]:
    """Locks and corrections to read in one transaction; none when there is no register.

    ``where`` is that of ``register.open_register``, ``None`` where nothing was ever recorded.

    Raises:
        UserError: the database was written by a newer program, is not a register, or cannot
            be used.
    """
    with contextlib.ExitStack() as stack:
        database = None
        if where is not None:
            database = stack.enter_context(contextlib.closing(connect(where, make=False)))
        if database is None or known_revision(database) != REVISION:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            copy = connect(Path(folder, "register.sqlite3"))
            stack.callback(copy.close)
            _fill(copy, database)
            database = copy
        yield Correcting(stack.enter_context(database.read()))


def _fill(copy: Database, source: Database | None) -> None:
    """Make the tables of today in a new database, with the decisions of an older one in them."""
    found = known_revision(source) if source is not None else None
    if source is not None and found is not None:
        bring_up_to_date(copy, found)
        with source.read() as reading, copy.write() as writing:
            _copy_rows(reading, writing)
    bring_up_to_date(copy)


def _copy_rows(reading: Connection, writing: Connection) -> None:
    there = set(inspect(writing).get_table_names())
    names = [name for name in _DECIDED if name in there]
    old, new = MetaData(), MetaData()
    # Each as its own database describes it: a day is a day to one and a text to the other.
    old.reflect(reading, only=names)
    new.reflect(writing, only=names)
    for name in names:
        rows = [dict(row) for row in reading.execute(select(old.tables[name])).mappings()]
        if rows:
            writing.execute(insert(new.tables[name]), rows)
