"""Looking at what was decided without changing a register, that of an older program too.

The decisions of an older register (runs, approvals, locks, corrections) are copied into a database
of their own that goes again, and only that copy is brought to today's tables.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, MetaData, insert, inspect, select

from consolidate.register.store.correcting import Correcting
from consolidate.register.store.engine import Database, connect
from consolidate.register.store.migrate import bring_up_to_date, known_revision
from consolidate.register.store.schema import REVISION

_DECIDED = ("runs", "events", "adjustments", "waivers", "revocations")
"""Tables of decisions, and of what they name."""


@contextlib.contextmanager
def look_at_decisions(where: str | Path | None) -> Iterator[Correcting]:
    """Locks and corrections to read in one transaction; none when there is no register.

    ``where`` is that of ``register.open_register``, ``None`` where nothing was ever recorded.

    Raises:
        RegisterError: the database was written by a newer program, is not a register, or cannot
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
