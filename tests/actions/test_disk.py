"""A disk that is full, only to be read or out of reach is told to a person, not to a programmer."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from addin import ribbon
from addin.session import Session
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.reasons import Reason, UserError, because, disk_trouble
from consolidate.register import backup_file as backup
from consolidate.xlsx.write import atomic_files as writing


class _OfWindows(OSError):
    """An error as Windows gives it, with a number of its own."""

    winerror = 112


def _error(number: int, *files: str) -> OSError:
    error = OSError(number, os.strerror(number), *files[:1])
    if files[1:]:
        error.filename2 = files[1]
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (_error(errno.ENOSPC), because("disk.full", file="")),
        (_error(errno.ENOSPC, "a.xlsx"), because("disk.full", file=" “a.xlsx”")),
        (_error(errno.EROFS, "made", "a.xlsx"), because("disk.read_only", file=" “a.xlsx”")),
        (_error(errno.ENAMETOOLONG, "a"), because("disk.long_name", file=" “a”")),
        (_error(errno.EIO, "a"), because("disk.out_of_reach", file=" “a”")),
        (_OfWindows(errno.EINVAL, "", "a"), because("disk.full", file=" “a”")),
        (_error(errno.EINVAL, "a"), None),
        (FileNotFoundError(errno.ENOENT, "", "a"), None),
        (OSError("a text"), None),
    ],
)
def test_what_a_disk_refuses_is_said(error: OSError, said: Reason | None) -> None:
    assert disk_trouble(error) == said


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_names_the_file_and_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing.os, "fsync", _full)
    target = tmp_path / "kết quả.xlsx"
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="No space") as caught:
        writing.write_atomically(target, b"new")
    assert caught.value.filename == str(target)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == {target: b"old"}


def test_a_command_on_a_full_disk_is_no_internal_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(handle: int, _: str) -> None:
        os.close(handle)
        _full(handle)

    root = tmp_path / "tỉnh"
    monkeypatch.setattr("consolidate.xlsx.write.atomic_files.os.fdopen", full)
    assert main(["init", str(root)]) == 2
    err = capsys.readouterr().err
    assert text("disk.full", file=f" “{root / 'roster.xlsx'}”") in err
    assert "Traceback" not in err
    assert list(root.iterdir()) == []
    assert main(["--debug", "init", str(root)]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_file_that_cannot_be_made_goes_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(made: Path, *_: int) -> None:
        raise PermissionError(errno.EACCES, "", str(made))

    monkeypatch.setattr(writing.os, "open", refused)
    with pytest.raises(PermissionError) as caught:
        writing.write_atomically(tmp_path / "a.xlsx", b"")
    assert caught.value.filename == str(tmp_path / "a.xlsx")


def test_a_backup_for_which_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    source = tmp_path / "register.sqlite3"
    monkeypatch.setattr(backup.sqlite3, "connect", full)
    with pytest.raises(UserError) as caught:
        backup.copy_database(source, tmp_path / "copy")
    assert caught.value.problems == (because("register.unusable", place=str(source)),)


def test_a_button_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def press(_: Session) -> str:
        raise _error(errno.ENOSPC, "a.xlsx")

    monkeypatch.setattr("addin.ribbon.connected", lambda: None)
    monkeypatch.setattr("addin.ribbon.pkgutil.resolve_name", lambda _: press)
    monkeypatch.setattr("addin.ribbon._tell", lambda _, message: told.append(message))
    ribbon.run("merge")
    assert told == [text("disk.full", file=" “a.xlsx”")]
