"""Where the tests keep a register: in an SQLite file and in a database of a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from consolidate.register.store.backup import DATABASE
from consolidate.register.store.register import Register, open_register
from tests.register.store.postgres import Server, programs, running

NO_SERVER = "PostgreSQL (initdb, postgres) is not installed: the register is NOT tested on it"
BOTH = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """Where a register is; opened as often as a test likes."""

    kind: str
    where: str
    folder: Path

    def open(self) -> AbstractContextManager[Register]:
        return open_register(self.where, self.folder)


NewPlace = Callable[[str], Place]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the whole run, or a loud skip."""
    binaries = programs() if os.name == "posix" else None
    if binaries is None:
        pytest.skip(NO_SERVER)
    with running(binaries) as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder in which places are made."""
    return tmp_path


@pytest.fixture
def new_place(request: pytest.FixtureRequest, root: Path) -> NewPlace:
    """Makes places of either kind, each new and empty."""
    made = count()

    def make(kind: str) -> Place:
        number = next(made)
        folder = root / f"register{number}"
        if kind == "sqlite":
            return Place(kind, str(folder / DATABASE), folder)
        started: Server = request.getfixturevalue("server")
        return Place(kind, started.empty_database(number), folder)

    return make


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, new_place: NewPlace) -> Place:
    """A new and empty place, on SQLite and then on PostgreSQL."""
    return new_place(request.param)


@pytest.fixture
def register(place: Place) -> Iterator[Register]:
    """A new register."""
    with place.open() as opened:
        yield opened
