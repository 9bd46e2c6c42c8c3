"""A province for every test of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from consolidate.intake.read_file import ReadSettings
from consolidate.merge import read_files
from consolidate.model.datasets import Library
from tests.cli.made import Province, a_province


class Here(Executor):
    """Does every task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def check_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``check`` read in this process: one that reads costs more than what is read."""

    @contextmanager
    def here(library: Library, _: ReadSettings) -> Iterator[Executor]:
        monkeypatch.setattr(read_files, "_received", [library])
        yield Here()

    monkeypatch.setattr("consolidate.actions.check.start_workers", here)


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of its own for a file; test_ways_in has the real ones."""
    check_here(monkeypatch)


@pytest.fixture
def province(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database: str,
) -> Province:
    """A new workspace; a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return a_province(tmp_path / "tỉnh", capsys, database)
