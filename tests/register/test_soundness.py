"""A register that is damaged, altered or lost in part is refused in words, and nothing else is."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from consolidate.definitions.catalogue import texts
from consolidate.model.corrections import Corrections, Waiver
from consolidate.model.reasons import UserError
from consolidate.model.runs import EventKind, FormsIssued, PeriodEvent
from consolidate.register.engine import connect
from consolidate.register.register import Register, look_into_register, open_register
from consolidate.register.rows import checksum_of
from consolidate.register.schema import metadata
from tests.databases import BOTH
from tests.postgres import Server
from tests.register.conftest import NewPlace, Place
from tests.register.made import (
    FIRST_DAY,
    NINE_MONTHS,
    SECOND_DAY,
    a_head,
    a_return,
    a_total,
    an_outcome,
    keep,
)

OPENERS = (open_register, look_into_register)
WORKBOOKS = [b"PK %d" % number for number in range(12)]


def fill(register: Register) -> None:
    """Something in every table but one."""
    keep(register, *WORKBOOKS)
    register.add_returns(a_return(content) for content in WORKBOOKS)
    outcomes = [an_outcome(content) for content in WORKBOOKS]
    register.add_run(a_head(), outcomes, [a_total("5", element=f"c{at}") for at in range(20)])
    for kind in (EventKind.APPROVED, EventKind.LOCKED):
        register.add_event(PeriodEvent(kind, NINE_MONTHS, "Phòng A", SECOND_DAY, "7/QĐ", 1))
    waiver = Waiver("MT-1", "memory.too_late", "X01", None, "A", FIRST_DAY, "lũ")
    register.add_corrections(Corrections(waivers=(waiver,)))
    register.add_issued([FormsIssued(NINE_MONTHS, "pctn", FIRST_DAY)])


def everything(register: Register) -> object:
    return (
        register.files(), register.runs(), register.outcomes(1), register.totals(1),
        register.counted(1), register.events(), register.corrections(), register.periods(),
        register.standing_run(NINE_MONTHS), register.issued(),
    )  # fmt: skip


def refusal(place: Place) -> str | None:
    """The key under which both ways of opening refuse a register; ``None`` when both read it."""
    found = set()
    for opener in OPENERS:
        try:
            with opener(place.where, place.folder) as register:
                assert register is not None
                everything(register)
            found.add(None)
        except UserError as error:
            (problem,) = error.problems
            found.add(problem.key)
    (key,) = found
    return key


@pytest.fixture
def filled(new_place: NewPlace) -> Place:
    place = new_place("sqlite")
    with place.open() as register:
        fill(register)
    assert refusal(place) is None
    return place


STRANGE = (
    ("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM events; END", "register.altered"),
    ("CREATE VIEW v AS SELECT 1", "register.altered"),
    ("CREATE TABLE more (a)", "register.altered"),
    ("CREATE INDEX more ON runs (program)", "register.altered"),
    ("DROP INDEX ix_events_period", "register.altered"),
    ("DROP TABLE baselines", "register.altered"),
    ("ALTER TABLE waivers ADD COLUMN more TEXT", "register.altered"),
    ("ALTER TABLE waivers ADD COLUMN g TEXT GENERATED ALWAYS AS (id)", "register.altered"),
    ("ALTER TABLE events RENAME COLUMN author TO autor", "register.altered"),
    ("PRAGMA user_version=7", "register.altered"),
    ("PRAGMA application_id=7", "register.altered"),
    ("DELETE FROM alembic_version", "register.broken"),
    ("UPDATE alembic_version SET version_num = '00a1'", "register.broken"),
    ("INSERT INTO alembic_version VALUES ('0001')", "register.broken"),
    ("UPDATE alembic_version SET version_num = '0002'", "register.broken"),
    ("UPDATE alembic_version SET version_num = '0001'", "register.broken"),
    ("UPDATE outcomes SET run = 9 WHERE position = 0", "register.broken"),
    ("UPDATE outcomes SET outcome = 'taken' WHERE position = 0", "register.bad_row"),
    ("UPDATE outcomes SET received = '2018-13-01' WHERE position = 0", "register.bad_row"),
    ("UPDATE outcomes SET received = 5 WHERE position = 0", "register.bad_row"),
    ("UPDATE outcomes SET reason = '[1,2]' WHERE position = 0", "register.bad_row"),
    ("UPDATE outcomes SET reason = '{' WHERE position = 0", "register.bad_row"),
    ("UPDATE files SET size = 'many'", "register.bad_row"),
    ("UPDATE files SET name = x'ff00'", "register.bad_row"),
    ("UPDATE files SET name = CAST(x'41ff42' AS TEXT)", "register.broken"),
    ("UPDATE totals SET total = 'NaN'", "register.bad_row"),
    ("UPDATE totals SET total = 'five'", "register.bad_row"),
    ("UPDATE runs SET period = '2018-X'", "register.bad_row"),
    ("UPDATE runs SET as_of = ''", "register.bad_row"),
    ("UPDATE events SET kind = 'opened'", "register.bad_row"),
    ("UPDATE events SET \"on\" = '0000-00-00'", "register.bad_row"),
    ("UPDATE waivers SET until = 'never'", "register.bad_row"),
    ("UPDATE returns SET \"values\" = '[[[\"d\"]]]'", "register.bad_row"),
    ("UPDATE returns SET \"values\" = '[null]'", "register.bad_row"),
    ("UPDATE returns SET findings = replace(findings, '\"error\"', '\"grave\"')",
     "register.bad_row"),
    ("UPDATE returns SET window = '2018-01-01'", "register.bad_row"),
    ("UPDATE returns SET window = '2018-01-01/'", "register.bad_row"),
)  # fmt: skip


def test_what_this_program_did_not_write_is_refused(filled: Place) -> None:
    path = Path(filled.where)
    whole = path.read_bytes()
    for statement, key in STRANGE:
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute(statement)
        before = path.read_bytes()
        assert refusal(filled) == key, statement
        assert path.read_bytes() == before
        if key == "register.bad_row":  # And the same with checksums that somebody made anew.
            resummed(path)
            assert refusal(filled) == key, statement
    path.write_bytes(whole)
    resummed(path)
    assert refusal(filled) is None


def resummed(path: Path) -> None:
    """Write the checksum of every row of an SQLite file anew."""
    with closing(sqlite3.connect(path)) as other, other:
        other.row_factory = sqlite3.Row
        for table in metadata.tables:
            for row in other.execute(f"SELECT rowid AS place, * FROM {table}").fetchall():
                told = {name: row[name] for name in dict(row) if name != "place"}
                change = f"UPDATE {table} SET checksum = ? WHERE rowid = ?"
                other.execute(change, (checksum_of(told), row["place"]))


MIGHT_BE = (
    ("files", "size = size + 1", "size = size - 1"),
    ("files", "name = name || ' '", "name = trim(name)"),
    ("returns", "\"values\" = replace(\"values\", '\"5\"', '\"7\"')",
     "\"values\" = replace(\"values\", '\"7\"', '\"5\"')"),
    ("returns", "unit = 'X11'", "unit = 'X01'"),
    ("returns", "period = '2018-6M'", "period = '2018-9M'"),
    ("runs", "as_of = '2018-09-06'", "as_of = '2018-09-07'"),
    ("runs", "period = '2018-6M'", "period = '2018-9M'"),
    ("outcomes", "outcome = 'held'", "outcome = 'accepted'"),
    ("outcomes", "return_id = 13 - return_id", "return_id = 13 - return_id"),
    ("outcomes", "received = NULL", "received = '2018-09-05'"),
    ("totals", "total = '4'", "total = '5'"),
    ("totals", "units = 3", "units = 1"),
    ("events", "kind = 'withdrawn' WHERE number = 1", "kind = 'approved' WHERE number = 1"),
    ("events", "period = '2018-6M'", "period = '2018-9M'"),
    ("events", "\"on\" = '2018-09-06'", "\"on\" = '2018-09-07'"),
    ("waivers", "until = '2018-12-31'", "until = NULL"),
    ("issues", "period = '2018-6M'", "period = '2018-9M'"),
    ("events", "checksum = '1' || checksum", "checksum = substr(checksum, 2)"),
)  # fmt: skip


@pytest.mark.parametrize("kind", BOTH)
def test_a_value_that_might_be_one_is_not_taken_for_what_was_written(
    kind: str, new_place: NewPlace
) -> None:
    place = new_place(kind)
    with place.open() as register:
        fill(register)
        before = everything(register)
    with closing(connect(place.where)) as database:
        for table, change, undo in MIGHT_BE:
            with database.write() as connection:
                connection.exec_driver_sql(f"UPDATE {table} SET {change}")
            assert refusal(place) == "register.bad_row", change
            with database.write() as connection:
                connection.exec_driver_sql(f"UPDATE {table} SET {undo}")
    with place.open() as register:
        assert everything(register) == before


@pytest.mark.parametrize("kind", BOTH)
def test_a_damaged_register_takes_the_place_of_no_backup(
    kind: str, new_place: NewPlace, tmp_path: Path
) -> None:
    place = new_place(kind)
    with place.open() as register:
        fill(register)
        kept = register.backup(tmp_path / "a.zip").path
        saved = kept.read_bytes()
        with closing(connect(place.where)) as database, database.write() as connection:
            connection.exec_driver_sql("UPDATE returns SET unit = 'X11'")
        with pytest.raises(UserError, match=r"register\.(bad_row|broken)"):
            register.backup(kept)
    assert kept.read_bytes() == saved
    assert [path.name for path in tmp_path.glob("*.zip")] == ["a.zip"]


ON_SERVER = (
    ("UPDATE runs SET period = 'never'", "UPDATE runs SET period = '2018-9M'", "register.bad_row"),
    ("UPDATE runs SET as_of = 'infinity'", "UPDATE runs SET as_of = '2018-09-07'",
     "register.bad_row"),
    ("UPDATE outcomes SET outcome = 'taken'", "UPDATE outcomes SET outcome = 'accepted'",
     "register.bad_row"),
    ("UPDATE returns SET findings = 'x' || findings", "UPDATE returns SET findings = "
     "substr(findings, 2)", "register.bad_row"),
    ("ALTER TABLE waivers RENAME TO w", "ALTER TABLE w RENAME TO waivers", "register.altered"),
    ("DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('0003')",
     "register.broken"),
)  # fmt: skip


def test_the_same_on_a_server(new_place: NewPlace) -> None:
    place = new_place("postgresql")
    with place.open() as register:
        fill(register)
    assert refusal(place) is None
    with closing(connect(place.where)) as database:
        for statement, undo, key in ON_SERVER:
            with database.write() as connection:
                connection.exec_driver_sql(statement)
            assert refusal(place) == key, statement
            with database.write() as connection:
                connection.exec_driver_sql(undo)
    assert refusal(place) is None


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_server_that_keeps_no_utf_8_is_refused(
    encoding: str, server: Server, tmp_path: Path
) -> None:
    name = f"in_{encoding.lower()}"
    made = f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' "
    server._run("postgres", made + "LC_CTYPE 'C'")
    for opener in OPENERS:
        with (
            pytest.raises(UserError, match=r"register\.not_utf8") as caught,
            opener(server.url(name), tmp_path / "r"),
        ):
            pass
        assert dict(caught.value.problems[0].values)["found"] == encoding


@pytest.mark.parametrize("kind", BOTH)
def test_another_encoding_of_the_environment_changes_nothing(
    kind: str, new_place: NewPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    place = new_place(kind)
    with place.open() as register:
        fill(register)
        assert [event.author for event in register.events()] == ["Phòng A"] * 2


def test_flipped_bits_are_never_a_fault_of_the_program_nor_read(
    filled: Place,
) -> None:
    """Anywhere in the file, and in its head and its schema more often than by chance.

    What is read at all is what was written.
    """
    path, draw = Path(filled.where), random.Random(13)
    with filled.open() as register:
        before = everything(register)
    whole = path.read_bytes()
    found = set()
    for number in range(60):
        torn = bytearray(whole)
        for _ in range(draw.choice((1, 3, 40))):
            at = draw.randrange((100, 4096, len(whole))[number % 3])
            torn[at] ^= 1 << draw.randrange(8)
        path.write_bytes(torn)
        try:
            with filled.open() as register:
                assert everything(register) == before
        except UserError as error:
            found |= {problem.key for problem in error.problems}
    assert {"register.broken", "register.altered", "register.bad_row"} >= found
    assert "register.broken" in found
    path.write_bytes(whole)
    assert refusal(filled) is None


def test_something_else_in_the_place_of_the_file(filled: Place) -> None:
    path = Path(filled.where)
    whole = path.read_bytes()
    for torn in (whole[:50], whole[:5000], whole[: len(whole) // 2], b"\0" * 100, whole[::-1]):
        path.write_bytes(torn)
        assert refusal(filled) == "register.broken"
    path.write_bytes(whole[:18] + b"\x03" + whole[19:])  # Only to be read, SQLite would say.
    assert refusal(filled) == "register.broken"
    path.unlink()
    path.mkdir()
    assert refusal(filled) == "register.broken"


@pytest.mark.parametrize("left", ["-journal", "-wal", "-shm"])
def test_leftovers_of_another_database_are_no_harm(left: str, filled: Place) -> None:
    path = Path(filled.where)
    path.with_name(path.name + left).write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 600)
    assert refusal(filled) is None


def test_each_of_these_refusals_says_to_put_a_backup_back() -> None:
    said = texts("register")
    for key in ("broken", "altered", "bad_row"):
        assert "hỏng" in said[key]
        assert "khôi phục" in said[key].lower()
        assert "consolidate restore" in said[key]
