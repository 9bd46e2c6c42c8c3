"""Where the tests keep a register: in an SQLite file and in a database of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from consolidate.register.backup_file import DATABASE
from consolidate.register.register import Register, open_register
from tests.databases import BOTH, a_database


@dataclass(frozen=True)
class Place:
    """Where a register is; opened as often as a test likes."""

    kind: str
    where: str
    folder: Path

    def open(self) -> AbstractContextManager[Register]:
        return open_register(self.where, self.folder)


NewPlace = Callable[[str], Place]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder in which places are made."""
    return tmp_path


@pytest.fixture
def new_place(request: pytest.FixtureRequest, root: Path) -> Iterator[NewPlace]:
    """Makes places of either kind, each new and empty."""
    made = count()
    lent = ExitStack()

    def make(kind: str) -> Place:
        number = next(made)
        folder = root / f"register{number}"
        if kind == "sqlite":
            return Place(kind, str(folder / DATABASE), folder)
        return Place(kind, lent.enter_context(a_database(request, kind)), folder)

    with lent:
        yield make


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, new_place: NewPlace) -> Place:
    """A new and empty place, on SQLite and then on PostgreSQL."""
    return new_place(request.param)


@pytest.fixture
def register(place: Place) -> Iterator[Register]:
    """A new register."""
    with place.open() as opened:
        yield opened
