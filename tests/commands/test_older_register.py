"""A register of an older program: what only reads it leaves it as it is, on both databases."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, inspect, select

from consolidate.cli import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import EVERY_UNIT, TOO_LATE, Waiver
from consolidate.model.errors import UserError
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.register.corrections_plan import Ending
from consolidate.register.store.backup import DATABASE
from consolidate.register.store.engine import Database, connect
from consolidate.register.store.events import add_event
from consolidate.register.store.facts import NewFile
from consolidate.register.store.files import add_files
from consolidate.register.store.looking import look_at_decisions
from consolidate.register.store.migrate import bring_up_to_date, revision_of
from consolidate.register.store.register import look_into_register, open_register
from consolidate.register.store.returns import add_returns
from consolidate.register.store.runs import add_run
from consolidate.register.store.schema import REVISION
from consolidate.register.store.vault import Vault, digest_of
from consolidate.work.correcting import apply_corrections
from tests.commands.made import NINE, SECOND, Province
from tests.commands.test_adjust import ADJUST, GOOD, WAIVER, changed, write
from tests.databases import ONE
from tests.register.store.made import (
    FIRST_DAY,
    a_head,
    a_return,
    a_total,
    an_outcome,
)

CONTENT = b"PK a"
ON_RECORD = Waiver(
    "MT-1", "pctn_01.r40", EVERY_UNIT, None, "Phòng A", date(2018, 9, 6), "Mẫu cũ", "13/CV"
)


def database(province: Province) -> Database:
    return connect(province.workspace.database_url)


def older(province: Province, revision: str, *, locked: bool = False) -> Province:
    """Fill the register as a program of some revision did: a run, a waiver, perhaps a lock."""
    vault = Vault(province.workspace.register)
    vault.prepare()
    with closing(database(province)) as opened:
        bring_up_to_date(opened, revision)
        add_files(opened, vault, [NewFile("a.xlsx", CONTENT, FIRST_DAY)])
        with opened.write() as connection:
            add_returns(connection, [a_return(CONTENT)])
            add_run(connection, a_head(), (an_outcome(CONTENT),), (a_total("5"),))
            if locked:
                lock = PeriodEvent(EventKind.LOCKED, NINE, "Phòng A", SECOND, "7/QĐ", 1)
                add_event(connection, lock)
            if revision > "0001":
                old = MetaData()
                old.reflect(connection, only=["waivers"])
                row = {
                    "id": ON_RECORD.id,
                    "rule": ON_RECORD.rule,
                    "unit": ON_RECORD.unit,
                    "until": None,
                    "author": ON_RECORD.author,
                    "day": ON_RECORD.on,
                    "reason": ON_RECORD.reason,
                    "document": ON_RECORD.document,
                }
                connection.execute(insert(old.tables["waivers"]), [row])
    return province


def state(province: Province) -> dict[str, Any]:
    """Everything in the database and every file of the workspace but its workbook."""
    with closing(database(province)) as opened, opened.read() as connection:
        found = MetaData()
        found.reflect(connection)
        tables = {
            name: (
                [column.name for column in table.columns],
                sorted(map(tuple, connection.execute(select(table))), key=repr),
            )
            for name, table in found.tables.items()
        }
    files = {p: p.read_bytes() for p in province.root.rglob("*") if p.is_file()}
    return {"tables": tables, "files": files}


REVISIONS = pytest.mark.parametrize("revision", ["0001", "0002", "0003"])


@REVISIONS
def test_a_dry_run_reads_an_older_register_and_leaves_it(province: Province, revision: str) -> None:
    older(province, revision)
    path = write(province.root / "dieu-chinh.xlsx", [GOOD], [WAIVER])
    before = state(province)
    code, said = province.run("adjust", "--dry-run")
    lines = [line for line in said.splitlines() if line.startswith("  + ")]
    # What an older program recorded is still on record: its row adds nothing.
    assert (code, len(lines)) == (0, 2 if revision == "0001" else 1)
    assert f"{lines[0]}\n".endswith(" · 2018-9M · S01 · Biểu 01 MS 40 = 21\n")
    assert state(province) == before
    path.unlink()
    before = state(province)
    code, said = province.run("adjust", "--dry-run")
    count = 0 if revision == "0001" else 1
    shown = "tỉnh/dieu-chinh.xlsx"
    would = text("corrections.would_create", file=shown, count=count)
    assert (code, " ".join(said.split())) == (0, would)
    assert state(province) == before
    write(path, [GOOD], [WAIVER])
    assert province.run("adjust")[0] == 0
    with closing(database(province)) as opened, opened.read() as connection:
        assert revision_of(connection) == REVISION
    with province.register() as register:
        found = register.corrections()
        assert [item.value for item in found.adjustments] == ["21"]
        assert [(item.rule, item.period) for item in found.waivers] == [("pctn_01.r40", None)]


def test_what_is_refused_or_declined_leaves_an_older_register(province: Province) -> None:
    older(province, "0003", locked=True)
    path = write(province.root / "dieu-chinh.xlsx", [GOOD], [WAIVER])
    before = state(province)
    for more in ((), ("--dry-run",)):
        code, said = province.run("adjust", *more)
        locked = text("corrections.locked", sheet=ADJUST, row=5, period=NINE.label)
        assert (code, locked in " ".join(said.split())) == (1, True)
        assert state(province) == before
    write(path, [], [changed(WAIVER, rule=TOO_LATE), WAIVER])
    before = state(province)
    plan = apply_corrections(province.workspace, path, Ending("A", SECOND, "Bỏ"), lambda _: False)
    assert [item.rule for item in plan.new.waivers] == [TOO_LATE]
    assert state(province) == before
    write(path, [], [WAIVER])
    before = state(province)
    assert province.run("adjust") == (0, "Không có gì thay đổi: 1 hàng đã có trong sổ lưu.\n")
    assert state(province) == before


def test_a_newer_register_is_refused(province: Province) -> None:
    older(province, "0003")
    write(province.root / "dieu-chinh.xlsx", [GOOD], [WAIVER])
    with closing(database(province)) as opened, opened.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = state(province)
    for call in (("adjust", "--dry-run"), ("backup", str(province.root.parent / "a.zip"))):
        code, said = province.run(*call)
        assert (code, "phiên bản mới hơn" in " ".join(said.split())) == (2, True)
    look = look_at_decisions(province.workspace.database_url)
    with pytest.raises(UserError, match=r"register\.newer"), look:
        pass
    assert state(province) == before
    assert not (province.root.parent / "a.zip").exists()


@REVISIONS
def test_a_backup_of_an_older_register_is_as_old(
    province: Province, revision: str, tmp_path: Path
) -> None:
    older(province, revision)
    before = state(province)
    server = "://" in province.workspace.database and "sqlite" not in province.workspace.database
    code, said = province.run("backup", str(tmp_path / "a.zip"))
    assert (code, text("backup.older") in " ".join(said.split())) == (int(server), True)
    assert state(province) == before
    first = (tmp_path / "a.zip").read_bytes()
    digest = digest_of(CONTENT)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = [f"files/{digest[:2]}/{digest}.bin"]
        assert archive.namelist() == (names if server else [*names, DATABASE])
        if server:
            return
        (tmp_path / "copy.sqlite3").write_bytes(archive.read(DATABASE))
    with closing(connect(tmp_path / "copy.sqlite3")) as opened, opened.read() as connection:
        assert revision_of(connection) == revision
        assert "adjustments" in inspect(connection).get_table_names() or revision == "0001"
    province.capsys.readouterr()
    assert main(["restore", str(tmp_path / "a.zip"), str(tmp_path / "mới")]) == 0
    said = " ".join(province.capsys.readouterr().out.split())
    assert text("backup.brought_up") in said
    folder = tmp_path / "mới"
    with open_register(folder / DATABASE, folder) as register:
        assert [run.head.period for run in register.runs()] == [NINE]
        assert register.read(digest) == CONTENT
        waivers = register.corrections().waivers
        assert waivers == (() if revision == "0001" else (ON_RECORD,))
    assert (tmp_path / "a.zip").read_bytes() == first


LOOKS = (
    ("runs",),
    ("diff", "1", "2"),
    ("status", NINE.code, "--as-of", "10/09/2018"),
    ("status", NINE.code, "--as-of", "10/09/2018", "--json"),
    ("trace", "pctn_01.c3", "--period", NINE.code),
)


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_what_only_shows_reads_an_older_register_and_leaves_it(
    province: Province, revision: str
) -> None:
    """Of SQLite it says what it says once the register is brought to today's tables."""
    older(province, revision, locked=revision > "0001")
    with closing(database(province)) as opened, opened.write() as connection:
        server = opened.path is None
        add_run(connection, a_head("2"), (an_outcome(CONTENT),), (a_total("6"),))
    before = state(province)
    told = [province.run(*call) for call in LOOKS]
    assert state(province) == before
    assert all((code == 2) is server for code, _ in told)
    assert all(("phiên bản cũ hơn" in " ".join(out.split())) is server for _, out in told)
    with province.register() as register:
        assert [run.number for run in register.runs()] == [1, 2]
    assert server or told == [province.run(*call) for call in LOOKS]
    assert ("Đã khóa" in told[0][1]) is (not server and revision > "0001")


@ONE
def test_a_copy_of_an_older_register_goes_again(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(province, "0002")
    (tmp_path / "tạm").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tạm"))
    look = look_into_register(province.workspace.database_url, province.workspace.register)
    with look as register:
        assert register is not None
        (folder,) = (tmp_path / "tạm").iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        # The bytes of files are those of the workspace itself.
        assert register.read(digest_of(CONTENT)) == CONTENT
        assert (register.damaged(), register.corrections().waivers) == ((), (ON_RECORD,))
    assert list((tmp_path / "tạm").iterdir()) == []


@ONE
def test_without_a_register_a_dry_run_and_a_backup_make_none(
    province: Province, tmp_path: Path
) -> None:
    path = write(province.root / "dieu-chinh.xlsx", [GOOD], [WAIVER])
    before = sorted(province.root.rglob("*"))
    code, said = province.run("adjust", "--dry-run")
    assert (code, said.count("  + ")) == (0, 2)
    write(path, [changed(GOOD, unit="S99")])
    assert province.run("adjust")[0] == 1
    assert province.run("backup", str(tmp_path / "a.zip"))[0] == 0
    assert sorted(province.root.rglob("*")) == before
    assert main(["restore", str(tmp_path / "a.zip"), str(tmp_path / "mới")]) == 0
    assert text("backup.brought_up") not in " ".join(province.capsys.readouterr().out.split())


def test_a_register_of_today_says_nothing_of_older_ones(province: Province, tmp_path: Path) -> None:
    older(province, REVISION)
    before = state(province)
    said = " ".join(province.run("backup", str(tmp_path / "a.zip"))[1].split())
    assert text("backup.older") not in said
    assert state(province) == before
