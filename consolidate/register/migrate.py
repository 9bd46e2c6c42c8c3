"""Bring a database to today's tables: alone, in one transaction, only ever forward.

A new one is given the tables of today at once, without the steps that an older one goes through.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import OperationalError, ProgrammingError

from consolidate.model.reasons import UserError, because
from consolidate.register.engine import Database, complaint
from consolidate.register.schema import SCHEMA_REVISION, metadata
from consolidate.register.soundness import VERSION_TABLE, must_be_sound, must_be_usable

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
        raise UserError((because("register.newer", place=database.shown),))
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
            raise UserError((because("register.broken", place=database.shown),))
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
        raise UserError((because("register.newer", place=shown),)) from error
    except (OperationalError, ProgrammingError) as error:
        if complaint(error) is not None:
            raise
        # Its tables are not those of the revision that it tells.
        raise UserError((because("register.broken", place=shown),)) from error


def _must_be_empty(connection: Connection, shown: str) -> None:
    found = set(inspect(connection).get_table_names())
    if not found or schema_revision(connection) is not None:  # Made by another program just now.
        return
    once = len(found & metadata.tables.keys()) > 1
    raise UserError((because(f"register.{'broken' if once else 'not_a_register'}", place=shown),))
