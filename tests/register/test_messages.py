"""Everything that the register refuses is said in Vietnamese, with what to do.

The keys that other tests of this folder provoke are listed.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from consolidate.definitions.catalogue import sentence, text, texts
from consolidate.model.reasons import UserError
from consolidate.register import engine
from consolidate.register.register import open_register
from tests.postgres import Server
from tests.register.conftest import NewPlace, Place
from tests.register.made import keep

PROVOKED_ELSEWHERE = (
    "register.not_a_register",
    "register.newer",
    "register.older",
    "register.file_missing",
    "register.file_changed",
    "register.no_run",
    "register.not_empty",
    "register.not_a_backup",
    "register.backup_damaged",
    "register.backup_altered",
    "register.backup_size",
    "register.altered",
    "register.bad_row",
    "register.not_utf8",
    "register.locked",
    "register.locked_already",
    "register.not_locked",
    "register.not_approved",
    "register.decided_later",
    "register.other_round",
    "register.correction_differs",
    "register.revokes_nothing",
)
TESTS = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(__file__).parent.glob("test_*.py")
    if path.name != Path(__file__).name
)


@pytest.mark.parametrize("key", PROVOKED_ELSEWHERE)
def test_a_message_is_provoked_by_another_test(key: str) -> None:
    assert key.removeprefix("register.") in texts("register")
    assert re.escape(key) in TESTS or f'"{key}"' in TESTS


@pytest.mark.parametrize("key", ["register.backup_incomplete", "register.database_apart"])
def test_a_note_is_asked_for_by_its_key(key: str) -> None:
    assert f'because("{key}"' in TESTS


def said(error: UserError) -> str:
    return "\n".join(map(sentence, error.problems))


def refused(where: str, folder: Path) -> str:
    with pytest.raises(UserError) as caught, open_register(where, folder):
        pass
    return said(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite3"
    path.write_bytes(b"PK\x03\x04 a workbook that was renamed" * 100)
    before = path.read_bytes()
    assert refused(str(path), tmp_path / "r") == text("register.broken", place=path)
    assert path.read_bytes() == before


def test_a_database_with_torn_pages(new_place: NewPlace) -> None:
    place = new_place("sqlite")
    with place.open() as register:
        keep(register, *(str(number).encode() for number in range(200)))
    whole = Path(place.where).read_bytes()
    Path(place.where).write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(UserError) as caught, place.open() as register:
        register.files()
    assert said(caught.value) == text("register.broken", place=place.where)


def holding_sqlite(place: Place) -> Callable[[], object]:
    other = sqlite3.connect(place.where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def holding_postgresql(place: Place) -> Callable[[], object]:
    other = engine.connect(place.where)
    turn = other.write()
    turn.__enter__()
    return lambda: turn.__exit__(None, None, None)


def test_another_program_writes_for_too_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.open():
        pass
    monkeypatch.setattr(engine, "WAIT", 0.05)
    hold = holding_sqlite if place.kind == "sqlite" else holding_postgresql
    let_go = hold(place)
    try:
        with place.open() as register:
            assert register.files() == ()  # Reading goes on.
            with pytest.raises(UserError) as caught:
                keep(register, b"PK")
    finally:
        let_go()
    assert said(caught.value).startswith(text("register.busy", place="|").split("|")[0])
    with place.open() as register:
        keep(register, b"PK")


def test_a_database_that_may_not_be_written(
    new_place: NewPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anything, so the database itself is told to refuse."""
    place = new_place("sqlite")
    with place.open():
        pass
    real = engine._set_up

    def read_only(connection: sqlite3.Connection, record: object) -> None:
        real(connection, record)
        connection.execute("PRAGMA query_only=ON")

    monkeypatch.setattr(engine, "_set_up", read_only)
    engine._sqlite_engine.cache_clear()
    with place.open() as register, pytest.raises(UserError) as caught:
        keep(register, b"PK")
    engine._sqlite_engine.cache_clear()
    assert said(caught.value) == text("register.unusable", place=place.where)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    where = f"postgresql://officer:secret@/register?host={tmp_path}"
    said = refused(where, tmp_path / "r")
    assert said == text("register.no_server", place="postgresql+psycopg://officer:***@/register")
    assert "secret" not in said


def test_a_database_that_the_server_does_not_have(server: Server, tmp_path: Path) -> None:
    said = refused(server.url("absent"), tmp_path / "r")
    assert said == text("register.no_server", place="postgresql+psycopg://postgres@/absent")


def test_a_mistake_of_this_program_is_no_message(place: Place) -> None:
    with place.open():
        pass
    with (
        closing(engine.connect(place.where)) as database,
        pytest.raises(DBAPIError),
        database.read() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM absent")


@pytest.mark.parametrize("where", ["mysql://h/d", "sqlite://", "://", "postgresql+x://h/d"])
def test_an_address_of_another_kind(where: str, tmp_path: Path) -> None:
    assert refused(where, tmp_path / "r") == text("register.bad_address")


def test_without_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refused("postgresql://h/d", tmp_path / "r") == text("register.no_driver")


def test_a_url_of_sqlite_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "sổ lưu %41.sqlite3"
    with open_register(path, tmp_path / "r") as register:
        keep(register, b"PK")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM files").fetchone() == (1,)
    other_path = tmp_path / "other.sqlite3"
    with open_register(f"sqlite:///{other_path}", tmp_path / "r"):
        assert other_path.exists()
