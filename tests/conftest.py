"""What all tests share: LibreOffice and a PostgreSQL server, each once per run."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from tests import draws, issued_templates, merged_cells, messages
from tests.addin.engines.office import load_uno
from tests.databases import a_database
from tests.office.bridge import OpenOffice
from tests.office.office import Office, installed
from tests.postgres import Server, programs, running

NO_SERVER = "PostgreSQL (initdb, postgres) is not installed: the register is NOT tested on it"

draws.settle()
merged_cells.settle()
if messages.KEYS:
    messages.show_keys()


@pytest.fixture(scope="session")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenOffice]:
    """A running LibreOffice, or a loud skip."""
    uno = load_uno() if installed() else None
    if uno is None:
        pytest.skip("LibreOffice or python3-uno is not installed: formulas are NOT recalculated")
    made = OpenOffice(uno, tmp_path_factory.mktemp("bridge"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def office(bridge: OpenOffice) -> Office:
    """The same, to save workbooks with."""
    return Office(bridge)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the whole run, or a loud skip."""
    binaries = programs() if os.name == "posix" else None
    if binaries is None:
        pytest.skip(NO_SERVER)
    with running(binaries) as started:
        yield started


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty register, in an SQLite file of the workspace or where a test says."""
    with a_database(request, getattr(request, "param", "sqlite")) as url:
        yield url


def pytest_collection_finish() -> None:
    """Keep issued templates; spare the collector of garbage what stays to the end.

    All modules and all tests stay. Workbooks are many small objects that die young; it looked at
    them a hundred times a second.
    """
    issued_templates.settle()
    gc.collect()
    gc.freeze()
    gc.set_threshold(300_000, 10, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests of the wording where every message is its key (:mod:`tests.messages`)."""
    if messages.KEYS:
        for item in items:
            if item.get_closest_marker("wording") is not None:
                item.add_marker(pytest.mark.skip(reason="messages are keys"))
