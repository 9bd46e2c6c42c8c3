"""Files are kept once, whole, under the name and day on which they first came."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from consolidate.register import recorded_runs as files_module
from consolidate.register.blobs import BlobStore, digest_of
from consolidate.register.facts import DamagedFile, NewFile, StoredFile
from consolidate.register.register import Register
from tests.register.conftest import Place
from tests.register.made import FIRST_DAY, SECOND_DAY, damaged, keep

A, B = b"PK a workbook", b"PK another one"


def test_a_file_is_kept_with_its_first_name_and_day(register: Register) -> None:
    first = register.add_files([NewFile("Sở Nội vụ.xlsx", A, FIRST_DAY)])
    again = register.add_files([NewFile("bản sao.xlsx", A, SECOND_DAY)])
    assert first == (StoredFile(digest_of(A), len(A), "Sở Nội vụ.xlsx", FIRST_DAY),)
    assert again == first
    assert register.files() == first
    assert register.known([digest_of(A), digest_of(B)]) == {digest_of(A): first[0]}
    assert register.read(digest_of(A)) == A


def test_files_are_told_in_order_with_twins_among_them(register: Register) -> None:
    new = [NewFile(name, content, FIRST_DAY) for name, content in (("1", A), ("2", B), ("3", A))]
    stored = register.add_files(new)
    assert [(file.name, file.sha256) for file in stored] == [
        ("1", digest_of(A)),
        ("2", digest_of(B)),
        ("1", digest_of(A)),
    ]


def test_any_number_of_files_in_transactions_of_some(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "FILES_AT_ONCE", 3)
    contents = [str(number % 8).encode() for number in range(11)]
    stored = register.add_files(NewFile("x", content, FIRST_DAY) for content in contents)
    assert [file.sha256 for file in stored] == [digest_of(content) for content in contents]
    assert len(register.files()) == 8


def test_what_was_kept_before_an_interruption_stays(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "FILES_AT_ONCE", 1)

    def broken() -> object:
        yield NewFile("1", A, FIRST_DAY)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        register.add_files(broken())  # type: ignore[arg-type]
    assert [file.sha256 for file in register.files()] == [digest_of(A)]


def test_names_that_a_database_refuses_are_kept_as_escapes(register: Register) -> None:
    (stored,) = register.add_files([NewFile("tệp\0\udcff.xlsx", A, FIRST_DAY)])
    assert stored.name == "tệp\\x00\\udcff.xlsx"
    assert register.files() == (stored,)


def test_a_changed_or_missing_file_is_said(register: Register, place: Place) -> None:
    keep(register, A, B)
    bytes_of_a = place.folder / "files" / digest_of(A)[:2] / f"{digest_of(A)}.bin"
    bytes_of_a.write_bytes(A[:-1])
    with pytest.raises(DamagedFile, match=r"register\.file_changed"):
        register.read(digest_of(A))
    assert damaged(register) == (digest_of(A),)
    bytes_of_a.unlink()
    with pytest.raises(DamagedFile, match=r"register\.file_missing"):
        register.read(digest_of(A))
    assert damaged(register) == (digest_of(A),)
    keep(register, A)
    assert register.read(digest_of(A)) == A
    assert damaged(register) == ()


def test_bytes_that_a_killed_program_left_are_taken_or_replaced(place: Place) -> None:
    with place.open():
        pass
    for content, left in ((A, A), (B, B[:3])):
        path = place.folder / "files" / digest_of(content)[:2] / f"{digest_of(content)}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(left)
    (place.folder / "files" / "tmp" / "half").write_bytes(b"half")
    with place.open() as register:
        assert register.files() == ()
        assert list((place.folder / "files" / "tmp").iterdir()) == []
        keep(register, A, B)
        assert register.read(digest_of(A)) == A
        assert register.read(digest_of(B)) == B


@pytest.mark.parametrize("name", ["ab", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_only_a_digest_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        BlobStore(tmp_path).read(name)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_nobody_else_may_read_it(place: Place) -> None:
    old = os.umask(0)
    try:
        with place.open() as register:
            keep(register, A)
    finally:
        os.umask(old)
    assert others(place.folder) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_was_open_to_others_is_closed(place: Place) -> None:
    with place.open() as register:
        keep(register, A)
    place.folder.chmod(0o755)
    if place.kind == "sqlite":
        Path(place.where).chmod(0o644)
    with place.open():
        pass
    assert others(place.folder) == []


def others(folder: Path) -> list[str]:
    """Files and folders that somebody else than the owner may do anything with."""
    return [
        path.name
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
