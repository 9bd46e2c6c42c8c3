"""A province for every test of a command."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.cli.made import Province, a_province


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads costs more than what is read here; test_ways_in has the real ones."""
    monkeypatch.setattr("consolidate.actions.check.workers", lambda *_: nullcontext())


@pytest.fixture
def province(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database: str,
) -> Province:
    """A new workspace, its register on SQLite and on PostgreSQL; a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return a_province(tmp_path / "tỉnh", capsys, database)
