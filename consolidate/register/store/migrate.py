"""Bringing a database to today's tables: alone, in one transaction, only ever forward."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.register.store.engine import Database
from consolidate.register.store.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
"""The steps, as alembic finds them."""

_MARK = "alembic_version"


def bring_up_to_date(database: Database, target: str = REVISION) -> None:
    """Make or change the tables until they are those of ``target`` (a revision).

    Two programs that open a new or an old database at once take turns: the second one finds the
    work done. One that is killed leaves the tables as they were.

    Raises:
        UserError: the database was written by a newer program, is not a register, or cannot
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


def known_revision(database: Database) -> str | None:
    """The revision of a database, today's or an older one, ``None`` where there are no tables.

    Changes nothing.

    Raises:
        UserError: the tables are those of a newer program, it is not a register, or it cannot
            be used.
    """
    with database.read() as connection:
        found = revision_of(connection)
        if found != REVISION:
            _must_be_ours(connection, found, database.shown)
        return found


def revision_of(connection: Connection) -> str | None:
    """The revision of a database, ``None`` when it has none (an empty or foreign database)."""
    if not inspect(connection).has_table(_MARK):
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {_MARK}").scalar()
    return str(found) if found is not None else None


def _upgrade(connection: Connection, found: str | None, target: str, shown: str) -> None:
    from alembic import command

    _must_be_ours(connection, found, shown)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def _must_be_ours(connection: Connection, found: str | None, shown: str) -> None:
    from alembic.script import ScriptDirectory

    if found is None and inspect(connection).get_table_names():
        raise UserError((because("register.not_a_register", place=shown),))
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise UserError((because("register.newer", place=shown),))


def _config() -> Config:
    # Imported here: a register that is up to date, which is nearly every one, needs no alembic.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config
