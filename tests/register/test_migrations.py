"""Tables are made by migrations, alone and safely, and are those that the program speaks of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from setuptools import find_packages
from sqlalchemy import Connection, inspect

from consolidate.model.reasons import UserError
from consolidate.register import migrate_and_check as migrate
from consolidate.register.blobs import BlobStore, digest_of
from consolidate.register.engine import Database, connect
from consolidate.register.facts import NewFile
from consolidate.register.migrate_and_check import (
    bring_up_to_date,
    must_be_sound,
    must_be_whole,
    schema_revision,
)
from consolidate.register.register import look_into_register
from consolidate.register.schema import SCHEMA_REVISION, metadata
from tests.databases import BOTH
from tests.register.conftest import NewPlace, Place
from tests.register.made import FIRST_DAY


@contextmanager
def database(place: Place) -> Iterator[Database]:
    """The database of a place, before anything was made in it."""
    BlobStore(place.folder).prepare()
    with closing(connect(place.where)) as found:
        yield found


def described(connection: Connection) -> dict[str, Any]:
    """Everything that the database says about its tables."""
    asked = inspect(connection)
    return {
        table: {
            "columns": [
                {**column, "type": str(column["type"])} for column in asked.get_columns(table)
            ],
            "key": asked.get_pk_constraint(table),
            "foreign": sorted(asked.get_foreign_keys(table), key=lambda key: str(key["name"])),
            "unique": sorted(asked.get_unique_constraints(table), key=str),
            "checks": sorted(asked.get_check_constraints(table), key=str),
            "indexes": sorted(asked.get_indexes(table), key=lambda key: str(key["name"])),
        }
        for table in asked.get_table_names()
    }


@pytest.mark.parametrize("kind", BOTH)
def test_migrations_make_the_tables_that_the_program_speaks_of(
    kind: str, new_place: NewPlace
) -> None:
    with database(new_place(kind)) as stepped:
        with stepped.write() as connection:
            migrate._upgrade(connection, stepped.shown)
        with stepped.read() as connection:
            made = described(connection), schema_revision(connection)
            must_be_sound(connection, stepped.shown)
    with database(new_place(kind)) as anew:
        bring_up_to_date(anew)
        with anew.read() as connection:
            wanted = described(connection), schema_revision(connection)
    assert set(made[0]) == {*metadata.tables, "alembic_version"}
    assert made == wanted


def test_the_newest_migration_is_the_one_that_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


@pytest.mark.parametrize("before", ["", "0001"])
def test_an_interruption_leaves_the_tables_as_they_were(
    before: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "_upgrade" if before else "_make_tables"
    done = getattr(migrate, name)

    def interrupted(*arguments: object) -> None:
        done(*arguments)
        raise KeyboardInterrupt

    with database(place) as opened:
        if before:
            _of_the_first_version(opened, monkeypatch)
        with opened.read() as connection:
            tables = inspect(connection).get_table_names()
        with monkeypatch.context() as patch:
            patch.setattr(migrate, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                bring_up_to_date(opened)
        with opened.read() as connection:
            assert inspect(connection).get_table_names() == tables
            assert schema_revision(connection) == (before or None)
        bring_up_to_date(opened)
        with opened.read() as connection:
            assert schema_revision(connection) == SCHEMA_REVISION


def test_a_newer_database_is_refused_and_left_alone(place: Place) -> None:
    with place.open():
        pass
    with database(place) as opened:
        with opened.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(UserError, match=r"register\.newer"), place.open():
            pass
        with opened.read() as connection:
            assert schema_revision(connection) == "9999"


def test_a_database_of_something_else_is_refused_and_left_alone(place: Place) -> None:
    with database(place) as opened:
        with opened.write() as connection:
            connection.exec_driver_sql("CREATE TABLE files (id INTEGER)")
        with pytest.raises(UserError, match=r"register\.not_a_register"), place.open():
            pass
        with opened.read() as connection:
            assert inspect(connection).get_table_names() == ["files"]


def _of_the_first_version(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, opened.write() as connection:
        patch.setattr(migrate, "SCHEMA_REVISION", "0001")
        migrate._upgrade(connection, opened.shown)


@pytest.fixture
def older(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A register of the first version with one run."""
    with database(place) as opened:
        _of_the_first_version(opened, monkeypatch)
        with opened.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO runs (number, period, as_of, program, result, roster, calendar, "
                "corrections, inputs) VALUES (1, '2018-9M', '2018-09-07', '0.1.0', 'r', '', '', "
                "'', 'i')"
            )
            connection.exec_driver_sql(
                'INSERT INTO totals (run, position, data_set, element, "column", level, total, '
                "units) VALUES (1, 0, 'd', 'a', '', '', '5', 1), (1, 1, 'd', 'b', '', '', NULL, 0)"
            )
    return place


def test_a_register_of_the_first_version_is_brought_up_to_date(older: Place) -> None:
    with older.open() as register:
        (run,) = register.runs()
        assert (run.number, run.made) == (1, None)
        again = register.add_run(replace(run.head, result="s"), (), (), made=FIRST_DAY)
        assert register.run(2).made == again.run.made == FIRST_DAY
        same = register.add_run(again.run.head, (), (), made=date(2019, 1, 1))
        assert (same.added, same.run.made) == (False, FIRST_DAY)
        assert [(figure.element, figure.total) for figure in register.totals(1)] == [
            ("a", 5),
            ("b", None),
        ]
    with database(older) as opened, opened.read() as connection:
        must_be_whole(connection, read=True)


def test_a_look_into_one_of_the_first_version_changes_nothing(older: Place) -> None:
    if older.kind == "postgresql":
        with (
            pytest.raises(UserError, match=r"register\.older"),
            look_into_register(older.where, older.folder),
        ):
            pass
    else:
        with look_into_register(older.where, older.folder) as register:
            assert register is not None
            assert [run.made for run in register.runs()] == [None]
    with database(older) as opened, opened.read() as connection:
        assert schema_revision(connection) == "0001"


def test_the_second_program_finds_the_work_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look at an empty database and its turn, another program made the tables."""
    with database(place) as opened:
        real = migrate.schema_revision
        looks = iter([lambda _: None])

        def late(connection: Connection) -> str | None:
            return next(looks, real)(connection)

        with place.open():
            pass
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "schema_revision", late)
            patch.setattr(migrate, "_make_tables", lambda *_: pytest.fail("made again"))
            bring_up_to_date(opened)


def test_a_new_register_and_one_of_today_need_no_alembic(new_place: NewPlace) -> None:
    place = new_place("sqlite")
    script = (
        "import sys; from pathlib import Path;"
        "from consolidate.register.register import open_register\n"
        "for _ in ('new', 'there'):\n"
        "  with open_register(sys.argv[1], Path(sys.argv[2])) as register: register.files()\n"
        "print('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, place.where, str(place.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["True", "False"]


def test_nothing_else_loads_sqlalchemy() -> None:
    script = (
        "import sys, consolidate.cli.main, consolidate.merge.merge_inbox;"
        "import consolidate.cli.merge_command;"
        "import consolidate.register.facts;"
        "print([name for name in ('sqlalchemy', 'alembic', 'sqlite3') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_migrations_are_shipped() -> None:
    shipped = find_packages(include=["consolidate*"])
    assert "consolidate.register.migrations.versions" in shipped


def test_a_look_makes_nothing_and_changes_nothing(place: Place) -> None:
    place.folder.mkdir()
    with look_into_register(place.where, place.folder) as register:
        assert register is None
    assert not (place.folder / "files").exists()
    with database(place) as opened:
        with opened.read() as connection:
            assert inspect(connection).get_table_names() == []
        bring_up_to_date(opened)
        with opened.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        look = look_into_register(place.where, place.folder)
        with pytest.raises(UserError, match=r"register\.newer"), look:
            pass


def test_a_look_into_a_register_of_today_reads(place: Place) -> None:
    with place.open() as register:
        register.add_files([NewFile("a.xlsx", b"PK", FIRST_DAY)])
    with look_into_register(place.where, place.folder) as found:
        assert found is not None
        assert [file.name for file in found.files()] == ["a.xlsx"]
        assert found.read(digest_of(b"PK")) == b"PK"
