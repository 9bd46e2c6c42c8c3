"""Bring a database to today's tables: alone, in one transaction, only ever forward."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.register.engine import Database
from consolidate.register.schema import SCHEMA_REVISION

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
    with database.read() as connection:
        if schema_revision(connection) == SCHEMA_REVISION:
            return
    with database.write() as connection:
        if schema_revision(connection) != SCHEMA_REVISION:
            _upgrade(connection, database.shown)


def has_tables(database: Database) -> bool:
    """Tell whether a database is a register of today or empty; changes nothing.

    Raises:
        UserError: the tables are of another revision, it is not a register, or it cannot be
            used.
    """
    with database.read() as connection:
        found = schema_revision(connection)
        if found not in (None, SCHEMA_REVISION):
            raise UserError((because("register.newer", place=database.shown),))
        if found is None:
            _must_be_empty(connection, database.shown)
        return found is not None


def schema_revision(connection: Connection) -> str | None:
    """The revision of the tables, ``None`` when they have none (an empty or foreign database)."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found) if found is not None else None


def _upgrade(connection: Connection, shown: str) -> None:
    # Imported here: a register that is up to date, which is nearly every one, needs no alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    if schema_revision(connection) is None:
        _must_be_empty(connection, shown)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, SCHEMA_REVISION)
    except CommandError as error:  # It has no step with the revision that was found.
        raise UserError((because("register.newer", place=shown),)) from error


def _must_be_empty(connection: Connection, shown: str) -> None:
    if inspect(connection).get_table_names():
        raise UserError((because("register.not_a_register", place=shown),))
