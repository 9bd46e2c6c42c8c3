"""A backup holds everything, is the same for the same register, and can be put back."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import warnings
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from consolidate.model.reasons import UserError, because
from consolidate.model.returns import Outcome
from consolidate.register import backup_file
from consolidate.register.backup_file import DATABASE, restore
from consolidate.register.blobs import digest_of
from consolidate.register.facts import Backup
from consolidate.register.register import Register, open_register
from tests.register.conftest import NewPlace, Place
from tests.register.made import a_head, a_return, a_total, an_outcome, damaged, keep

A, B = b"PK a", b"PK b"
Entry = tuple[Any, bytes]
"""An entry of an archive, or the name of a new one, and its bytes."""


def fill(register: Register) -> None:
    keep(register, A, B)
    register.add_returns([a_return(A)])
    files = (an_outcome(A), an_outcome(B, "X02", Outcome.HELD))
    register.add_run(a_head(), files, (a_total("5"),))


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_backup_is_private(place: Place, tmp_path: Path) -> None:
    with place.open() as register:
        fill(register)
        path = register.backup(tmp_path / "a.zip").path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_backup_under_a_password_or_with_bad_bytes_is_refused(
    new_place: NewPlace, tmp_path: Path
) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        whole = register.backup(tmp_path / "a.zip").path.read_bytes()
    locked = bytearray(whole)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = whole.find(mark)
        while start >= 0:
            locked[start + flags] |= 1  # The bit that says: encrypted.
            start = whole.find(mark, start + 1)
    database = whole.find(DATABASE.encode()) + len(DATABASE) + 20
    torn = whole[:database] + b"\xff" * 200 + whole[database + 200 :]
    for number, content in enumerate((bytes(locked), torn)):
        bad = tmp_path / f"{number}.zip"
        bad.write_bytes(content)
        with pytest.raises(UserError) as caught:
            restore(bad, tmp_path / str(number))
        assert caught.value.problems == (because("register.backup_damaged", place=str(bad)),)


def test_a_backup_is_put_back_whole(new_place: NewPlace, tmp_path: Path) -> None:
    place = new_place("sqlite")
    with place.open() as register:
        fill(register)
        told = register.backup(tmp_path / "sao-luu" / "a.zip")
        assert told == Backup(tmp_path / "sao-luu" / "a.zip", 2, (), database=True)
        assert told.notes() == ()
        again = tmp_path / "b.zip"
        register.backup(again)
        assert told.path.read_bytes() == again.read_bytes()
        before = (register.files(), register.runs(), register.outcomes(1), register.totals(1))
        counted = register.counted(1)
    assert list((tmp_path / "sao-luu").iterdir()) == [told.path]
    folder = tmp_path / "restored"
    assert restore(again, folder) == 2
    with open_register(folder / DATABASE, folder) as register:
        assert (register.files(), register.runs(), register.outcomes(1), register.totals(1)) == (
            before
        )
        assert register.counted(1) == counted
        assert damaged(register) == ()
        assert register.read(digest_of(B)) == B
    if os.name == "posix":
        modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.rglob("*")}
        assert modes == {0}


def test_files_are_named_in_order(new_place: NewPlace, tmp_path: Path) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        register.backup(tmp_path / "a.zip")
    kept = sorted(digest_of(content) for content in (A, B))
    assert names(tmp_path / "a.zip") == [f"files/{sha[:2]}/{sha}.bin" for sha in kept] + [DATABASE]


def test_another_program_may_write_meanwhile(new_place: NewPlace, tmp_path: Path) -> None:
    """A reader holds no lock that a backup needs, nor the other way round."""
    place = new_place("sqlite")
    with place.open() as register, closing(sqlite3.connect(place.where)) as other:
        fill(register)
        other.isolation_level = None
        other.execute("BEGIN")
        other.execute("SELECT * FROM files").fetchone()
        assert register.backup(tmp_path / "a.zip").files == 2


def test_a_damaged_file_is_left_out_and_said(place: Place, tmp_path: Path) -> None:
    with place.open() as register:
        fill(register)
        sha = digest_of(A)
        (place.folder / "files" / sha[:2] / f"{sha}.bin").write_bytes(b"PK")
        told = register.backup(tmp_path / "a.zip")
    assert (told.files, told.damaged) == (1, (sha,))
    assert because("register.backup_incomplete", count=1) in told.notes()
    assert f"files/{sha[:2]}/{sha}.bin" not in names(told.path)


def test_the_database_of_a_server_is_not_in_it(new_place: NewPlace, tmp_path: Path) -> None:
    with new_place("postgresql").open() as register:
        fill(register)
        told = register.backup(tmp_path / "a.zip")
    assert (told.files, told.database) == (2, False)
    assert told.notes() == (because("register.database_apart"),)
    assert DATABASE not in names(told.path)
    with pytest.raises(UserError, match=r"register\.not_a_backup"):
        restore(told.path, tmp_path / "restored")


def test_an_interrupted_backup_leaves_the_old_one(
    new_place: NewPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.zip"
    with new_place("sqlite").open() as register:
        register.backup(target)
        before = target.read_bytes()
        fill(register)

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupted)
        with pytest.raises(KeyboardInterrupt):
            register.backup(target)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "register0"]


def test_a_register_that_is_there_is_never_overwritten(new_place: NewPlace, tmp_path: Path) -> None:
    place = new_place("sqlite")
    with place.open() as register:
        register.backup(tmp_path / "a.zip")
    before = Path(place.where).read_bytes()
    with pytest.raises(UserError, match=r"register\.not_empty"):
        restore(tmp_path / "a.zip", place.folder)
    assert Path(place.where).read_bytes() == before


@pytest.mark.parametrize("strange", ["../a.bin", "files/ab/tên.bin", "/etc/passwd", "x.txt"])
def test_an_archive_with_strange_names_is_refused(tmp_path: Path, strange: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(DATABASE, b"")
        archive.writestr(strange, b"")
    with pytest.raises(UserError, match=r"register\.not_a_backup"):
        restore(tmp_path / "a.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


STRANGE = (
    (
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM events; END",
        "register.backup_altered",
    ),
    ("CREATE VIEW v AS SELECT 1", "register.backup_altered"),
    ("CREATE TABLE more (a)", "register.backup_altered"),
    ("ALTER TABLE files ADD COLUMN g TEXT GENERATED ALWAYS AS (name)", "register.backup_altered"),
    ("PRAGMA user_version=2", "register.backup_altered"),
    ("UPDATE outcomes SET received = 'never'", "register.backup_damaged"),
    ("UPDATE totals SET total = '6'", "register.backup_damaged"),
    ("UPDATE alembic_version SET version_num = '9999'", "register.newer"),
    ("DELETE FROM outcomes; DELETE FROM returns; DELETE FROM files", "register.not_a_backup"),
)


def rewritten(source: Path, target: Path, change: Callable[[list[Entry]], list[Entry]]) -> Path:
    """A backup with other entries."""
    with zipfile.ZipFile(source) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")  # Of names that are there twice.
        for entry, content in change(entries):
            archive.writestr(entry, content)
    return target


def test_a_database_that_was_altered_is_not_put_back(new_place: NewPlace, tmp_path: Path) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        good = register.backup(tmp_path / "a.zip").path
    bad, folder = tmp_path / "bad.zip", tmp_path / "new"
    with zipfile.ZipFile(good) as archive:
        whole = archive.read(DATABASE)
    for statements, key in STRANGE:
        path = tmp_path / "altered.sqlite3"
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as other, other:
            other.executescript(statements)
        content = path.read_bytes()
        rewritten(good, bad, lambda entries, other=content: [*entries[:-1], (DATABASE, other)])
        with pytest.raises(UserError, match=re.escape(key)):
            restore(bad, folder)
        assert not folder.exists(), statements
    folder.mkdir()
    assert restore(good, folder) == 2


def a_link(entries: list[Entry]) -> list[Entry]:
    entries[0][0].external_attr = (stat.S_IFLNK | 0o777) << 16
    return entries


def deflated(entries: list[Entry]) -> list[Entry]:
    entries[0][0].compress_type = zipfile.ZIP_DEFLATED
    return entries


def swollen(entries: list[Entry]) -> list[Entry]:
    """A database of 64 MB of nothing, which is 64 kB in the archive."""
    return [*entries[:-1], (entries[-1][0], entries[-1][1] + bytes(64 * 2**20))]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda entries: [*entries, entries[0]], "register.not_a_backup"),
        (lambda entries: [*entries, entries[-1]], "register.not_a_backup"),
        (lambda entries: entries[:-1], "register.not_a_backup"),
        (lambda entries: [("files/", b""), *entries], "register.not_a_backup"),
        (lambda entries: [(f"files/ab/../{DATABASE}", b""), *entries], "register.not_a_backup"),
        (a_link, "register.not_a_backup"),
        (deflated, "register.backup_size"),
        (swollen, "register.backup_size"),
    ],
)
def test_what_a_backup_never_holds_is_not_unpacked(
    change: Callable[[list[Entry]], list[Entry]], key: str, new_place: NewPlace, tmp_path: Path
) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        good = register.backup(tmp_path / "a.zip").path
    bad = rewritten(good, tmp_path / "bad.zip", change)
    with pytest.raises(UserError, match=re.escape(key)):
        restore(bad, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_directory_of_absurd_size_is_not_read(
    new_place: NewPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        good = register.backup(tmp_path / "a.zip").path
    monkeypatch.setattr(backup_file, "ENTRIES", 9)
    assert restore(good, tmp_path / "new") == 2
    more = rewritten(
        good, tmp_path / "b.zip", lambda found: [*found, *((str(n), b"") for n in range(9))]
    )
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(UserError, match=r"register\.backup_size"):
        restore(more, tmp_path / "newer")


def test_an_interrupted_restoration_leaves_nothing(
    new_place: NewPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        good = register.backup(tmp_path / "a.zip").path

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "new"
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(backup_file, "bring_up_to_date", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore(good, folder)
    assert list(folder.iterdir()) == []
    assert restore(good, folder) == 2


def test_an_archive_with_other_bytes_is_refused(new_place: NewPlace, tmp_path: Path) -> None:
    with new_place("sqlite").open() as register:
        fill(register)
        register.backup(tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(whole.replace(A, b"PK x", 1))
    with pytest.raises(UserError, match=r"register\.backup_damaged"):
        restore(tmp_path / "a.zip", tmp_path / "new")
    (tmp_path / "a.zip").write_bytes(whole[:-30])
    with pytest.raises(UserError, match=r"register\.backup_damaged"):
        restore(tmp_path / "a.zip", tmp_path / "newer")
    assert not (tmp_path / "new" / DATABASE).exists()
