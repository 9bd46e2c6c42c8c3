"""Connect to the database: SQLite by default, PostgreSQL by URL; one writer at a time on both.

SQLite keeps its rollback journal. Write-ahead logging needs memory shared by all users of the
file, which network folders do not give (sqlite.org/wal.html), and inspectorates keep their files
on network folders. ``synchronous=EXTRA`` is ``FULL`` plus a sync of the folder after the journal
is gone, so that what was acknowledged survives a power cut (sqlite.org/pragma.html). A writer
takes its lock when it begins (``BEGIN IMMEDIATE``): two of them wait for each other and never
have to give up half-way. On PostgreSQL an advisory lock of the transaction does the same.

Beside the lock of a transaction there is the exclusive lock, which a program holds while it
writes results that stand outside of the database. On SQLite it is the lock of an empty database
beside the real one: it works wherever the register does and ends with the program that holds it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from consolidate.model.reasons import UserError
from consolidate.register.rows import BadRow

WAIT = 60
"""Seconds that one program waits for another one to finish writing."""

LOCK = 0x636F6E73
"""Key of the advisory lock that writers take on PostgreSQL: the letters ``cons``."""
EXCLUSIVE = LOCK + 1
"""Key of the exclusive lock on PostgreSQL."""

_HEAD, _FORMATS = 20, {1, 2}
"""Bytes of an SQLite file that end with the formats to write and to read, and what these may be
(sqlite.org/fileformat.html)."""
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_NOTFOUND,
    sqlite3.SQLITE_TOOBIG,
}
_UNUSABLE = {
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


class Database:
    """An open database; ``shown`` is how messages call it, without a password."""

    def __init__(
        self, engine: Engine, shown: str, path: Path | None, beside: Engine | None = None
    ) -> None:
        self.path = path
        self.shown = shown
        self._engine = engine
        self._writer = engine.execution_options(consolidate_lock=LOCK)
        self._exclusive = (beside or engine).execution_options(consolidate_lock=EXCLUSIVE)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that reads.

        Raises:
            UserError: the database cannot be used now, or at all.
        """
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def look(self) -> Iterator[Connection]:
        """Open a transaction in which only fixed questions are asked, before anything else is.

        What the file of SQLite cannot answer then is the fault of the file.

        Raises:
            UserError: as :meth:`read`; the file is damaged.
        """
        broken = UserError.of("register.broken", place=self.shown)
        if self.path is not None and self.path.is_file():
            with self.path.open("rb") as file:
                formats = set(file.read(_HEAD)[18:])
            if not formats <= _FORMATS:
                raise broken  # SQLite would only say that it may not write.
        try:
            with self.read() as connection:
                yield connection
        except (SQLAlchemyError, BadRow, MemoryError, ValueError) as error:
            if self.path is None:
                raise
            raise broken from error

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write: alone from its beginning, all or nothing.

        Raises:
            UserError: the database cannot be used now, or at all; another program has been
                writing for longer than :data:`WAIT`.
        """
        with self._translated(), self._writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the exclusive lock; readers and writers who do not ask for it go on.

        Raises:
            UserError: another program has held it for longer than :data:`WAIT`.
        """
        with self._translated(self._exclusive.url.database), self._exclusive.begin():
            yield

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _translated(self, lock: str | None = None) -> Iterator[None]:
        """Say what a database complains of; ``lock`` is the file of the exclusive lock."""
        try:
            yield
        except BadRow as error:
            raise UserError.of("register.bad_row", place=self.shown) from error
        except DBAPIError as error:
            key = complaint(error)
            if key is None:
                raise
            if lock is not None and key == "register.broken":
                raise UserError.of("register.broken_lock", place=str(lock)) from error
            raise UserError.of(key, place=self.shown) from error


def complaint(error: DBAPIError) -> str | None:
    """Return the message for what a database says; ``None`` for a mistake of this program."""
    if isinstance(error.orig, sqlite3.Error):
        # Without a code it is the driver that complains, of text that is no UTF-8.
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        # The lowest byte is the kind of the error, the others its detail.
        if code & 0xFF in _BUSY:
            return "register.busy"
        if code & 0xFF in _BROKEN:
            return "register.broken"
        return "register.unusable" if code & 0xFF in _UNUSABLE else None
    state = getattr(error.orig, "sqlstate", None)
    if state is None and type(error).__name__ == "DataError":
        return "register.bad_row"  # The driver cannot read what is there, such as a day B.C.
    if state == "55P03":  # lock_not_available, appendix A of PostgreSQL's manual
        return "register.busy"
    # A server that cannot be reached, or goes away, has no state or one of these classes.
    if type(error).__name__ == "OperationalError" and (
        state is None or state[:2] in ("08", "28", "3D", "53", "57")
    ):
        return "register.no_server"
    return None


def connect(where: str | Path, *, make: bool = True) -> Database:
    """Open the database at a path (SQLite) or a URL; nothing is asked of it yet.

    ``make``: the file of SQLite is made when it is absent, and closed to others.

    Raises:
        UserError: the address is not one, or the driver for PostgreSQL is not installed.
        OSError: the file cannot be made.
    """
    if isinstance(where, Path) or "://" not in where:
        return _sqlite(Path(where), make=make)
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):
        raise UserError.of("register.bad_address") from None
    if url.drivername == "sqlite" and url.database:
        return _sqlite(Path(url.database), make=make)
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise UserError.of("register.bad_address")
    try:
        engine = _postgresql_engine(url.set(drivername="postgresql+psycopg"), WAIT)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UserError.of("register.no_driver") from None
    return Database(engine, engine.url.set(query={}).render_as_string(hide_password=True), None)


def _sqlite(path: Path, *, make: bool) -> Database:
    if path.exists() and not path.is_file():
        raise UserError.of("register.broken", place=str(path))
    if make:
        _make_private(path)
    # Whoever comes by a link waits for whoever comes by the file itself.
    real = path.resolve()
    beside = real.with_name(f"{real.name}.lock")
    engine = _sqlite_engine(path.absolute(), WAIT)
    return Database(engine, str(path), path, _sqlite_engine(beside, WAIT))


@lru_cache(maxsize=16)
def _sqlite_engine(path: Path, wait: int) -> Engine:
    """Make the engine of a file once: it keeps compiled statements, and no connection."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), poolclass=NullPool, connect_args={"timeout": wait}
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Make the file if it is absent; nobody but its owner may read it (POSIX)."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix" and os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _set_up(connection: Any, _record: object) -> None:
    # The driver opens no transaction by itself: _begin does, so that tables are made in one too.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=EXTRA", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    alone = connection.get_execution_options().get("consolidate_lock")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")


@lru_cache(maxsize=16)
def _postgresql_engine(url: URL, wait: int) -> Engine:
    """Make the engine of a database once, as for a file."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={
            "options": f"-c lock_timeout={wait * 1000}",
            "client_encoding": "utf8",  # Whatever the environment asks for.
        },
    )
    event.listen(engine, "begin", _lock)
    return engine


def _lock(connection: Connection) -> None:
    lock = connection.get_execution_options().get("consolidate_lock")
    if lock:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock:d})")
