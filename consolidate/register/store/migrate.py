"""Bringing a database to today's tables: alone, in one transaction, only ever forward."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect

from consolidate.definitions.catalogue import text
from consolidate.register.store.engine import Database
from consolidate.register.store.errors import RegisterError
from consolidate.register.store.schema import REVISION

SCRIPTS = Path(__file__).parent / "migrations"
"""The steps, as alembic finds them."""

_MARK = "alembic_version"


def bring_up_to_date(database: Database, target: str = REVISION) -> None:
    """Make or change the tables until they are those of ``target`` (a revision).

    Two programs that open a new or an old database at once take turns: the second one finds the
    work done. One that is killed leaves the tables as they were.

    Raises:
        RegisterError: the database was written by a newer program, is not a register, or cannot
            be used.
    """
    with database.read() as connection:
        if revision_of(connection) == target:
            return
    with database.write() as connection:
        found = revision_of(connection)
        if found == target:
            return
        _upgrade(connection, found, target, database.shown)


def revision_of(connection: Connection) -> str | None:
    """The revision of a database, ``None`` when it has none (an empty or foreign database)."""
    if not inspect(connection).has_table(_MARK):
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {_MARK}").scalar()
    return str(found) if found is not None else None


def _upgrade(connection: Connection, found: str | None, target: str, shown: str) -> None:
    # Imported here: a register that is up to date, which is nearly every one, needs no alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    if found is None and inspect(connection).get_table_names():
        raise RegisterError(text("register.not_a_register", place=shown))
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise RegisterError(text("register.newer", place=shown))
    command.upgrade(config, target)
