"""What the tests share: draws are the same in every run, bytes are made once, no file is lost."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import order, shared
from tests.draws import ORDINARY


def drawn() -> list[tuple[int, str]]:
    """What a property is asked."""
    found: list[tuple[int, str]] = []

    @settings(max_examples=200)
    @given(st.integers(), st.text(max_size=20))
    def asked(number: int, said: str) -> None:
        found.append((number, said))

    asked()
    return found


def test_a_property_is_asked_the_same_whatever_else_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.get_current_profile_name() != ORDINARY:
        pytest.skip("drawn freely, as asked")
    before = drawn()
    path = tmp_path / "numbers_of_ours.py"
    path.write_text(f"NUMBERS = {list(range(70_001, 71_000))}\nSAID = 'một chữ'\n")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    assert drawn() == before
    assert len(set(before)) > 100


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
