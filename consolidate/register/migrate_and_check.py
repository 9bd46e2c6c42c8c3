"""Bring a database to today's tables; refuse one that is not as this program made it.

Tables are changed alone, in one transaction, only ever forward. A new database is given the tables
of today at once, without the steps that an older one goes through.

A trigger, a view or a generated column runs by itself when the register is opened or written, so a
database is compared with the tables that are known before anything else is asked of it. SQLite is
asked to check its own pages, indexes and references, too: a torn index would hide a lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateTable

from consolidate.model.reasons import UserError
from consolidate.register.engine import Database, complaint
from consolidate.register.rows import read_rows, stored_rows
from consolidate.register.schema import SCHEMA_REVISION, metadata

VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""What makes the table of the revision."""
SCRIPTS = Path(__file__).parent / "migrations"
"""The steps, as alembic finds them."""


def bring_up_to_date(database: Database) -> None:
    """Make or change the tables until they are today's.

    Two programs that open a new database at once wait for each other: the second one finds the
    work done. One that is killed leaves the tables as they were.

    Raises:
        UserError: the database was written by a newer program, is not a register, or cannot
            be used.
    """
    if _revision_of(database) == SCHEMA_REVISION:
        return
    with database.write() as connection:
        found = schema_revision(connection)
        if found is None:
            _must_be_empty(connection, database.shown)
            _make_tables(connection)
        elif found != SCHEMA_REVISION:
            _upgrade(connection, database.shown)
    with database.look() as connection:
        must_be_sound(connection, database.shown)


def usable_revision(database: Database) -> str | None:
    """Find the revision of a register, today's or an older one; ``None`` when nothing is in it.

    Nothing is changed.

    Raises:
        UserError: it was written by a newer program, is not a register, is damaged or was altered,
            or it cannot be used.
    """
    found = _revision_of(database)
    if found is None:
        with database.look() as connection:
            _must_be_empty(connection, database.shown)
    elif found > SCHEMA_REVISION:
        raise UserError.of("register.newer", place=database.shown)
    return found


def _revision_of(database: Database) -> str | None:
    """The revision of a database that may be used; that of today was compared with what is known.

    Raises:
        UserError: it is damaged or was altered, or it cannot be used.
    """
    with database.look() as connection:
        must_be_usable(connection, database.shown)
        found = schema_revision(connection)
        if found == SCHEMA_REVISION:
            must_be_sound(connection, database.shown)
        elif found is not None and not found.isdigit():
            raise UserError.of("register.broken", place=database.shown)
        return found


def schema_revision(connection: Connection) -> str | None:
    """Read the revision of the tables; ``None`` in an empty or foreign database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    return ",".join(map(str, found)) or None  # Two of them are none that this program wrote.


def _make_tables(connection: Connection) -> None:
    """Make the tables of today in an empty database, and say of which revision they are."""
    metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(VERSION_TABLE)
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{SCHEMA_REVISION}')")


def _upgrade(connection: Connection, shown: str) -> None:
    """Go through the steps from the revision of a database to that of today.

    Raises:
        UserError: there is no step from its revision, or its tables are not those of it.
    """
    # Imported here: a register that is new or up to date, nearly every one, needs no alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, SCHEMA_REVISION)
    except CommandError as error:  # It has no step with the revision that was found.
        raise UserError.of("register.newer", place=shown) from error
    except (OperationalError, ProgrammingError) as error:
        if complaint(error) is not None:
            raise
        # Its tables are not those of the revision that it tells.
        raise UserError.of("register.broken", place=shown) from error


def _must_be_empty(connection: Connection, shown: str) -> None:
    found = set(inspect(connection).get_table_names())
    if not found or schema_revision(connection) is not None:  # Made by another program just now.
        return
    once = len(found & metadata.tables.keys()) > 1
    raise UserError.of(f"register.{'broken' if once else 'not_a_register'}", place=shown)


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
        raise UserError.of("register.not_utf8", place=shown, found=str(encoding))


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
        raise UserError.of("register.broken", place=shown)


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
        raise UserError.of("register.altered", place=shown, names=told)


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
    known = {("table", "alembic_version"): _parts(VERSION_TABLE)}
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
