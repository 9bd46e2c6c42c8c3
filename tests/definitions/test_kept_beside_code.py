"""What is kept beside the compiled modules is used for the same definitions and program only."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from consolidate.definitions import building, catalogue, loader
from consolidate.model.datasets import Library


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of that of the compiled modules; nothing is known yet."""
    monkeypatch.setattr(catalogue, "_path", lambda name: tmp_path / name)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def test_a_kept_library_is_the_one_that_was_built(
    kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = loader.shipped_library.__wrapped__
    built = load()
    # The texts of a catalogue may be kept too.
    assert "library" in [path.name for path in kept_in.iterdir()]

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(building, "build_library", never)
    known = load()
    assert _said(known) == _said(built)
    assert known.packs.digest == built.packs.digest
    monkeypatch.setattr(loader, "shipped_files", lambda: {"cover.toml": ""})
    with pytest.raises(AssertionError):
        load()


def test_texts_that_are_kept_are_those_that_were_read(kept_in: Path) -> None:
    read = catalogue.texts.__wrapped__
    first = read("terms")
    assert [path.name for path in kept_in.iterdir()] == ["messages.terms"]
    assert read("terms") == first


def test_nothing_stale_or_damaged_is_taken(kept_in: Path) -> None:
    catalogue.keep("a", b"1", b"what was made")
    assert [path.name for path in kept_in.iterdir()] == ["a"]
    assert catalogue.kept("a", b"1") == b"what was made"
    assert catalogue.kept("a", b"2") is None
    content = (kept_in / "a").read_bytes()
    for wrong in (content[:-1], content[:-1] + b"?", content[:5], b""):
        (kept_in / "a").write_bytes(wrong)
        assert catalogue.kept("a", b"1") is None


def test_nothing_is_kept_where_python_keeps_no_modules(
    kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    catalogue.keep("a", b"1", b"what was made")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(catalogue, "_path", lambda name: kept_in / "no folder" / name)
    catalogue.keep("a", b"1", b"what was made")
    assert list(kept_in.iterdir()) == []


def _said(library: Library) -> str:
    """Everything that packs hold, sets in one order: trees of expressions compare by identity."""
    return re.sub(
        r"frozenset\({(.*?)}\)",
        lambda found: str(sorted(found[1].split(", "))),
        repr(library.packs.packs),
    )
