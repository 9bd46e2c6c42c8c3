"""A PostgreSQL server of the tests' own: made in a temporary folder, stopped when they end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=30",
    "listen_addresses=",
    "autovacuum=off",  # It locks tables when it likes, and some tests wait for no lock.
)


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: on the path, else the newest of Debian's."""
    found = shutil.which("initdb")
    if found is not None and shutil.which("postgres") is not None:
        return Path(found).resolve().parent
    versions = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


class Server:
    """A running server that listens on a socket in its own folder, and on nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0
        self._free: list[int] = []

    def url(self, database: str = "postgres") -> str:
        """Address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Address of an empty database, for a while: one emptied again is had ten times sooner."""
        if self._free:
            number = self._free.pop()
            self._run(f"register_{number}", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        else:
            number, self._made = self._made, self._made + 1
            self._run("postgres", f"CREATE DATABASE register_{number}")
        try:
            yield self.url(f"register_{number}")
        finally:
            self._free.append(number)

    def _run(self, database: str, *statements: str) -> None:
        engine = create_engine(
            self.url(database),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"options": "-c lock_timeout=20000"},
        )
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Start a server; ``initdb`` and ``postgres`` refuse root, which so becomes another user."""
    user = _user()
    # A short path in a folder that everybody may enter: sockets take 107 bytes, other users pass.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        make = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
        options = ["-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*make, *options], user=user, cwd=folder, check=True, capture_output=True)
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        start = [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([*start], user=user, cwd=folder, stdout=log, stderr=log)
            try:
                _wait(server, folder)
                yield Server(folder)
            finally:
                server.terminate()
                try:
                    server.wait(10)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Until it answers, or ends, or a minute is over."""
    for _ in range(600):
        if server.poll() is None and (folder / ".s.PGSQL.5432").exists() and _answers(folder):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text())


def _answers(folder: Path) -> bool:
    engine = create_engine(Server(folder).url(), poolclass=NullPool)
    try:
        with engine.connect():
            return True
    except Exception:
        return False
