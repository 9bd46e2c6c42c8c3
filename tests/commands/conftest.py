"""A province for every test of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.made import Province, a_province


@pytest.fixture
def province(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Province:
    """A new workspace; the terminal is 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return a_province(tmp_path / "tỉnh", capsys)
