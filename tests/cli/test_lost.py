"""A register that is gone is never begun anew beside what it kept, by no command and no button."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from consolidate.actions.workspaces import kept_bytes
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence
from consolidate.model.reasons import UserError
from consolidate.register.blobs import digest_of
from consolidate.register.engine import connect
from consolidate.register.schema import metadata
from consolidate.templates.file_names import summary_name
from tests.cli.made import NINE, File, Province, record
from tests.cli.test_adjust import GOOD, write

SO = File("S01", {"pctn_01.c40": 12})
CALLS = (
    ("merge", "{inbox}", "--period", NINE.code, "--as-of", "2018-09-07", "--jobs", "0"),
    ("merge", "{inbox}", "--period", NINE.code, "--as-of", "2018-09-07", "--jobs", "0",
     "--dry-run"),
    ("return", "{inbox}", "--period", NINE.code, "--as-of", "2018-09-07"),
    ("issue", NINE.code, "--as-of", "2018-09-01"),
    ("status", NINE.code, "--as-of", "2018-09-07"),
    ("adjust",),
    ("adjust", "--dry-run"),
    ("approve", NINE.code, "--yes", "--author", "A", "--on", "2018-09-08"),
    ("lock", NINE.code, "--yes", "--author", "A", "--on", "2018-09-08"),
    ("unlock", NINE.code, "--author", "A", "--on", "2018-09-08", "--document", "1"),
    ("runs",),
    ("diff", "1", "2"),
    ("trace", "pctn_01.c40", "--period", NINE.code),
    ("backup", "{root}/backup-2018-09-09.zip"),
)  # fmt: skip


@pytest.fixture
def kept(province: Province) -> Province:
    """A province with one locked run, a backup of it, and a workbook of corrections to apply."""
    with province.register() as register:
        record(register, [SO])
    assert province.run("lock", NINE.code, "--yes", "--author", "A", "--on", "2018-09-07")[0] == 0
    (province.root / "inbox" / "S01.xlsx").write_bytes(SO.content)
    write(province.root / "corrections.xlsx", [GOOD], [])
    return province


def call(province: Province, arguments: tuple[str, ...]) -> tuple[int, str]:
    places = {"inbox": province.root / "inbox", "root": province.root}
    code, said = province.run(*(part.format(**places) for part in arguments))
    return code, " ".join(said.split())


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("lose", [gone, emptied])
def test_no_command_begins_a_register_beside_what_was_kept(
    lose: Callable[[Path], None], kept: Province
) -> None:
    for name, when in (("backup-2018-09-07.zip", 1_536_300_000), ("sao-luu.zip", 1_536_200_000)):
        assert kept.run("backup", str(kept.root / name))[0] == 0
        os.utime(kept.root / name, (when, when))
    (kept.root / "cu.zip").write_bytes(b"PK\x03\x04")
    # A unit may send what it likes: it is never proposed to put that back.
    sent = kept.root / "inbox" / "backup-2018-12-31.zip"
    sent.write_bytes((kept.root / "sao-luu.zip").read_bytes())
    lose(kept.workspace.register / "register.sqlite3")
    before = contents(kept.root)
    for arguments in CALLS:
        code, said = call(kept, arguments)
        told = sentence(kept.workspace.lost.problems[0])
        assert (code, " ".join(told.split()) in said) == (2, True), arguments
        assert f"consolidate restore {kept.root / 'backup-2018-09-07.zip'} {kept.root}" in told
        assert contents(kept.root) == before, arguments
    with pytest.raises(UserError, match=r"workspace\.lost_with_backup"):
        kept_bytes(kept.workspace, digest_of(SO.content))
    # And as it is told, everything is there again.
    folder = kept.root.with_name(f"{kept.root.name}-restored")
    assert f"{folder}" in told
    assert main(["restore", str(kept.root / "backup-2018-09-07.zip"), str(folder)]) == 0
    assert main(["runs", "--workspace", str(folder)]) == 0
    assert "Đã khóa" in kept.capsys.readouterr().out


def test_results_of_recorded_runs_alone_tell_that_it_was_there(province: Province) -> None:
    path = province.workspace.results / f"result-{NINE.code}.json"
    path.write_bytes(b"{}")
    assert province.run("runs")[0] == 2
    # An empty register that somebody put in its place kept no file: those results are not its own.
    path.unlink()
    with province.register():
        pass
    assert province.run("runs")[0] == 0
    path.write_bytes(b"{}")
    code, said = province.run("runs")
    assert (code, "khôi phục từ bản sao lưu" in " ".join(said.split())) == (2, True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_was_emptied_is_no_new_register(kept: Province) -> None:
    assert kept.run("runs")[0] == 0
    with closing(connect(kept.workspace.database_url)) as opened, opened.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    before = contents(kept.root)
    for arguments in CALLS:
        code, said = call(kept, arguments)
        assert (code, "pg_dump" in said) == (2, True), arguments
        assert contents(kept.root) == before, arguments


def test_a_new_workspace_still_starts(province: Province) -> None:
    assert province.run("runs")[0] == 0
    (province.root / "inbox" / "S01.xlsx").write_bytes(b"nothing that can be read")
    # Results without a register beside them, as a merge outside of the workspace leaves them.
    (province.workspace.results / summary_name(NINE)).write_bytes(b"")
    (province.workspace.results / "result.json").write_bytes(b"{}")
    for _ in range(2):
        code, said = call(province, CALLS[0])
        assert (code, "lần tổng hợp số 1" in said) == (1, True)
    if "postgresql" not in province.workspace.database_url:
        path = province.workspace.register / "register.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)


def test_a_file_of_no_bytes_that_a_killed_program_left_is_a_new_register(
    province: Province,
) -> None:
    province.workspace.register.joinpath("register.sqlite3").write_bytes(b"")
    assert province.run("runs")[0] == 0
    with province.register() as register:
        record(register, [SO])
    assert "Lần số 1" in province.run("runs")[1]
