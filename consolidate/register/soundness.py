"""Check that a database is as this program made it: nothing damaged, added or altered.

A trigger, a view or a generated column runs by itself when the register is opened or written, so a
database is compared with the tables that are known before anything else is asked of it. SQLite is
asked to check its own pages, indexes and references, too: a torn index would hide a lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from consolidate.model.reasons import UserError, because
from consolidate.register.rows import read_rows, stored_rows
from consolidate.register.schema import metadata

_VERSION = "alembic_version"
VERSION_TABLE = (
    f"CREATE TABLE {_VERSION} (version_num VARCHAR(32) NOT NULL, "
    f"CONSTRAINT {_VERSION}_pkc PRIMARY KEY (version_num))"
)
"""What makes the table of the revision, as alembic does."""
_NUMBERED = ("user_version", "application_id")
"""Numbers in the head of an SQLite file that programs set; this one leaves them at 0."""

_Object = tuple[str, str]
"""Kind and name of something in a schema."""


def must_be_usable(connection: Connection, shown: str) -> None:
    """Refuse what must not be used even to bring it up to date.

    Raises:
        UserError: there are triggers, views or other things than tables and their indexes; a
            server does not keep texts as UTF-8.
    """
    if connection.dialect.name == "sqlite":
        strange = [name for kind, name in _objects(connection) if kind not in ("table", "index")]
        strange += [
            name for name in _NUMBERED if connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        ]
        _refuse(strange, shown)
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UserError((because("register.not_utf8", place=shown, found=str(encoding)),))


def must_be_sound(connection: Connection, shown: str) -> None:
    """Refuse a register of today with other tables than today's, or with torn pages.

    Of a server only the names of the tables are asked: it answers for the rest.

    Raises:
        UserError: something is damaged, missing, added or altered.
    """
    if connection.dialect.name != "sqlite":
        _refuse(sorted(metadata.tables.keys() - set(inspect(connection).get_table_names())), shown)
        return
    known, found = _known(), _objects(connection)
    _refuse(sorted(name for kind, name in known.keys() ^ found.keys()), shown)
    _refuse(
        sorted(name for (kind, name), said in known.items() if found[kind, name] != said), shown
    )
    checked = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalars().all()
    if checked != ["ok"] or connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise UserError((because("register.broken", place=shown),))


def must_be_whole(connection: Connection, *, read: bool = False) -> None:
    """Compare every row of every kind with its checksum; ``read``: and read what it says.

    A row is compared whenever it is read, too; this finds the ones that nobody has read yet.

    Raises:
        BadRow: one is damaged, or nobody can read it.
    """
    rows = read_rows if read else stored_rows
    for table in metadata.tables.values():
        for _ in rows(connection, table):
            pass


def _refuse(names: list[str], shown: str) -> None:
    if names:
        told = ", ".join(dict.fromkeys(names))
        raise UserError((because("register.altered", place=shown, names=told),))


def _objects(connection: Connection) -> dict[_Object, tuple[str, ...]]:
    """Everything in an SQLite file that has a name, and the statement that made it, in parts."""
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_schema")
    return {
        (str(kind), str(name)): _parts(sql)
        for kind, name, sql in rows
        if sql is not None or kind != "index"  # Those of keys come and go with their table.
    }


@cache
def _known() -> Mapping[_Object, tuple[str, ...]]:
    """The same of a register of today."""
    dialect = sqlite.dialect()
    known = {("table", _VERSION): _parts(VERSION_TABLE)}
    for table in metadata.tables.values():
        known["table", table.name] = _parts(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            made = str(CreateIndex(index).compile(dialect=dialect))
            known["index", str(index.name)] = _parts(made)
    return known


def _parts(sql: object) -> tuple[str, ...]:
    """A statement in its parts, whatever their order, white space and quotation marks."""
    plain = re.sub(r"\s+", " ", re.sub(r'["`\[\]]', "", str(sql or ""))).strip().casefold()
    head, _, rest = plain.partition("(")
    body, _, tail = rest.rpartition(")")
    return (re.sub(r"\s", "", head), *sorted(_separated(body)), tail.strip())


def _separated(body: str) -> Iterator[str]:
    """What stands between the commas that are in no brackets."""
    depth = start = 0
    for at, mark in enumerate(body):
        depth += (mark == "(") - (mark == ")")
        if mark == "," and not depth:
            yield body[start:at].strip()
            start = at + 1
    yield body[start:].strip()
