"""Where a register of the tests is: in an SQLite file, or in a database of a PostgreSQL server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consolidate.province.places import CONFIG
from consolidate.province.workspace import DATABASE, Workspace
from tests.library_2018 import library_2018
from tests.postgres import Server

BOTH = ("sqlite", "postgresql")
ON_BOTH = pytest.mark.parametrize("database", BOTH, indirect=True)
"""For commands in which the database has a part: turns, kills, opening, one of every command.

Tests of the register's own room are on both throughout; all others have SQLite.
"""


@contextmanager
def a_database(request: pytest.FixtureRequest, kind: str) -> Iterator[str]:
    """The URL of an empty database of a kind; for SQLite the one that a new workspace names."""
    if kind == "sqlite":
        yield DATABASE
        return
    server: Server = request.getfixturevalue("server")
    with server.lent() as url:
        yield url


def keep_register_in(root: Path, database: str) -> Workspace:
    """Write the URL of the register into the configuration of a workspace."""
    path = root / CONFIG
    config = path.read_text(encoding="utf-8")
    assert config.count(json.dumps(DATABASE)) == 1
    changed = config.replace(json.dumps(DATABASE), json.dumps(database))
    path.write_text(changed, encoding="utf-8")
    return Workspace.at(library_2018(), root)
