"""What workers share is made once; the order of files loses none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import order, shared


def test_bytes_are_made_by_whoever_needs_them_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shared.FOLDER, str(tmp_path))
    made = iter([b"1", b"2", b"3"])
    assert [shared.shared(name, lambda: next(made)) for name in "aab"] == [b"1", b"1", b"2"]
    monkeypatch.delenv(shared.FOLDER)
    assert shared.shared("a", lambda: next(made)) == b"3"


def test_the_longest_files_are_there() -> None:
    assert [name for name in order.LONGEST if not (order.ROOT / name).is_file()] == []
