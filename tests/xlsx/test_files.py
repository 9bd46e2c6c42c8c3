"""Files are written whole, and never over what somebody changed."""

from __future__ import annotations

import errno
import os
import zipfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from consolidate.intake.plain_files import read_plain
from consolidate.merge.open_province_memory import list_digest
from consolidate.model.reasons import because
from consolidate.model.units import Roster
from consolidate.province.kept_fields import sheets_of
from consolidate.province.roster import build_roster
from consolidate.register.blobs import BlobStore, digest_of
from consolidate.xlsx.write import atomic_files as writing
from consolidate.xlsx.write.atomic_files import (
    WriteOutcome,
    same_content,
    write_atomically,
    write_new,
    write_unless_changed,
)
from tests.saved import packed

PARTS = {"a.xml": b"one" * 100, "b.xml": b"two"}


OURS = packed(PARTS, zipfile.ZIP_STORED)
RECOMPRESSED = packed(PARTS)
CHANGED = packed({**PARTS, "b.xml": b"edited"})


@pytest.mark.parametrize(
    ("there", "force", "outcome", "left"),
    [
        (None, False, WriteOutcome.WRITTEN, OURS),
        (OURS, False, WriteOutcome.UNCHANGED, OURS),
        (RECOMPRESSED, False, WriteOutcome.UNCHANGED, RECOMPRESSED),
        (RECOMPRESSED, True, WriteOutcome.UNCHANGED, RECOMPRESSED),
        (CHANGED, False, WriteOutcome.KEPT, CHANGED),
        (CHANGED, True, WriteOutcome.WRITTEN, OURS),
        (b"half a file", False, WriteOutcome.KEPT, b"half a file"),
        (b"", True, WriteOutcome.WRITTEN, OURS),
    ],
)
def test_a_file_that_somebody_changed_is_kept_unless_forced(
    tmp_path: Path, there: bytes | None, force: bool, outcome: WriteOutcome, left: bytes
) -> None:
    path = tmp_path / "biểu.xlsx"
    if there is not None:
        path.write_bytes(there)
    assert write_unless_changed(path, OURS, force=force) is outcome
    assert path.read_bytes() == left
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (RECOMPRESSED, True),
        (packed({"x.zip": OURS}), False),
        (packed(dict(reversed(PARTS.items()))), False),
        (OURS[:-30], False),
        (b"PK\x03\x04", False),
    ],
)
def test_compression_is_no_content_but_parts_and_their_order_are(other: bytes, same: bool) -> None:
    assert same_content(other, OURS) is same


def test_packages_in_packages_are_compared_by_their_parts() -> None:
    assert same_content(packed({"x.xlsx": OURS}), packed({"x.xlsx": RECOMPRESSED}))
    assert not same_content(packed({"x.xlsx": OURS}), packed({"x.xlsx": CHANGED}))


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "khóa"
    assert write_new(path, b"one", mode=0o600) is WriteOutcome.WRITTEN
    assert write_new(path, b"two") is WriteOutcome.KEPT
    assert path.read_bytes() == b"one"


class OfWindows(OSError):
    """An error as Windows gives it, with a number of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.EINVAL, "as Windows says it")
        self.winerror = number


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, ""), OfWindows(5), OfWindows(32),
                                   OfWindows(33)])  # fmt: skip
def test_a_file_that_is_held_for_a_moment_is_read(
    error: OSError, tmp_path: Path, windows: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading, and every other use of a file that goes through the same door."""
    path = tmp_path / "sổ.xlsx"
    path.write_bytes(b"PK")
    refusals = iter((error, error))
    real = Path.read_bytes

    def held(self: Path) -> bytes:
        for refusal in refusals:
            raise refusal
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", held)
    assert writing.read_bytes(path) == b"PK"
    assert windows.slept == [0.5, 0.5]


def test_other_errors_are_not_waited_for(tmp_path: Path, windows: Refusing) -> None:
    def gone() -> None:
        raise OfWindows(2)

    with pytest.raises(OfWindows):
        writing.patiently(gone)
    with pytest.raises(FileNotFoundError):
        writing.read_bytes(tmp_path / "không có")
    assert windows.slept == []


class Refusing:
    """Stands in for Windows, which refuses a file while another program has it open."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.slept: list[float] = []

    def replace(self, made: Path, target: Path) -> Path:
        if self.times:
            self.times -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(made))
        target.write_bytes(made.read_bytes())
        made.unlink()
        return target


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Refusing:
    stand_in = Refusing(0)
    monkeypatch.setattr(writing, "_WAITS", (0.5, 0.5, 1.0))
    monkeypatch.setattr(writing.time, "sleep", stand_in.slept.append)

    def replace(made: Path, target: Path) -> Path:
        return stand_in.replace(made, target)

    monkeypatch.setattr(Path, "replace", replace)
    return stand_in


def test_a_file_that_windows_refuses_for_a_moment_is_tried_again(
    tmp_path: Path, windows: Refusing
) -> None:
    path, windows.times = tmp_path / "sổ.xlsx", 2
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert windows.slept == [0.5, 0.5]


def test_a_file_that_stays_open_in_excel_is_refused_after_two_seconds(
    tmp_path: Path, windows: Refusing
) -> None:
    path, windows.times = tmp_path / "sổ.xlsx", 9
    path.write_bytes(b"old")
    with pytest.raises(PermissionError) as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert sum(windows.slept) == 2
    assert {found: found.read_bytes() for found in tmp_path.iterdir()} == {path: b"old"}


def test_whatever_reads_files_of_a_workspace_reads_them_patiently(
    tmp_path: Path, windows: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One refusal for each of the first reads: of an inbox, of a list, of a kept file."""
    path = tmp_path / "roster.xlsx"
    path.write_bytes(build_roster(Roster.of(())))
    store = BlobStore(tmp_path / "register")
    store.prepare()
    store.keep([b"PK"])
    real, reads = Path.read_bytes, count()

    def held(self: Path) -> bytes:
        if next(reads) % 2 == 0:
            raise OfWindows(32)
        return real(self)

    opened, opens = os.open, count()

    def held_open(*arguments: Any, **more: Any) -> int:
        if next(opens) == 0:
            raise OfWindows(32)
        return opened(*arguments, **more)

    monkeypatch.setattr(Path, "read_bytes", held)
    assert list_digest(path)
    assert sheets_of(path, because("roster.unreadable"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", held_open)
        assert read_plain(path, 1_000_000) == real(path)
    assert store.read(digest_of(b"PK")) == b"PK"
    assert windows.slept == [0.5] * 4
