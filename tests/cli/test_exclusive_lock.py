"""One workspace by two paths, clocks set back, registers replaced, only read, or left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from consolidate.actions import merge as merging
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.intake.read_file import ReadSettings
from consolidate.merge import recording
from consolidate.merge.province_memory import Memory
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import UserError, because
from consolidate.province.workspace import Workspace
from consolidate.register import engine
from consolidate.register.backup_file import restore
from consolidate.register.register import look_into_register, open_register
from consolidate.rollup.result import MergeResult
from tests.cli.processes import (
    Office,
    forkserver,
    quick_folder,
    register_is_whole,
    results,
)
from tests.cli.test_killed import TWO
from tests.databases import ON_BOTH
from tests.library_2018 import library_2018
from tests.merge.province import CALENDAR, NINE, UNITS, Merged, Province, blank_filled
from tests.register.made import keep

posix = pytest.mark.skipif(os.name != "posix", reason="links, rights and fork are of POSIX")
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with quick_folder(tmp_path) as made:
        yield made


@pytest.fixture
def province(folder: Path, database: str) -> Province:
    made = Province.make(folder / "tỉnh", TWO, CALENDAR, database)
    send(made, 5, 7)
    return made


def send(province: Province, *numbers: int) -> None:
    for unit, number in zip(UNITS, numbers, strict=False):
        province.send(NINE, f"{unit.code}.xlsx", blank_filled(unit, NINE, c3=number))


def days_of(merged: Merged) -> dict[str, str]:
    return {item["file"]: item["received"] for item in merged.document["returns"]}


# Two paths


@posix
@ON_BOTH
def test_a_workspace_by_a_link_and_by_its_own_path_at_once(
    province: Province, folder: Path
) -> None:
    """Both take turns and record one run; what stands is what one merge alone gives."""
    real = province.workspace.root
    link = folder / "lối tắt"
    link.symlink_to(real, target_is_directory=True)
    offices = []
    for number, root in enumerate((real, link)):
        scratch = folder / f"nháp {number}"
        scratch.mkdir()
        offices.append(Office(forkserver(), root, scratch))
    barrier = offices[0].context.Barrier(2)
    started = [
        office.start(
            (
                "merge",
                str(office.root / "inbox" / NINE.code),
                "--as-of",
                "2018-09-01",
                "--jobs",
                "0",
            ),
            barrier=barrier,
        )
        for office in offices
    ]
    ended = [office.end(each) for office, each in zip(offices, started, strict=True)]
    assert [each.code for each in ended] == [0, 0], ended
    register_is_whole(province.workspace)
    alone = Province.make(folder / "một mình", TWO, CALENDAR)
    send(alone, 5, 7)
    alone.merge(NINE, "2018-09-01")
    assert results(province.workspace) == results(alone.workspace)
    with Province(Workspace.at(library_2018(), link)).register() as register:
        assert len(register.runs()) == 1


@posix
def test_a_register_by_a_link_to_its_file_has_the_same_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = tmp_path / "kho" / "sổ.sqlite3", tmp_path / "tỉnh" / "register.sqlite3"
    for path in (real, link):
        path.parent.mkdir()
    with open_register(real, real.parent / "r") as register, register.exclusive():
        link.symlink_to(real)
        monkeypatch.setattr(engine, "WAIT", 0.05)
        with open_register(link, real.parent / "r") as other:
            assert other.files() == ()
            with pytest.raises(UserError) as caught, other.exclusive():
                pass
    assert caught.value.problems == (because("register.busy", place=str(link)),)
    with open_register(link, real.parent / "r") as other, other.exclusive():
        pass


# Clocks


def test_a_merge_of_an_earlier_day_says_so_and_spoils_nothing(province: Province) -> None:
    """As after a clock was set back: what was decided meanwhile is not in force on that day."""
    key = ValueKey("pctn_01", "c3", "value")
    assert province.merge(NINE, "2018-09-04").total("c3") == 12
    decided = Adjustment("D1", NINE, "S1", key, "20", "A", date(2018, 9, 5), "Sai sót")
    with province.register() as register:
        register.add_corrections(Corrections((decided,)))
    forward = province.merge(NINE, "2018-09-05")
    assert forward.total("c3") == 27
    start = text("cli.merge.earlier", day="|", last="|", run=0).partition("|")[0]
    assert start not in forward.said
    said = text("cli.merge.earlier", day="03/09/2018", last="05/09/2018", run=2)
    tried = province.merge(NINE, "2018-09-03", "--dry-run")
    assert said in tried.said
    send(province, 5, 8)
    back = province.merge(NINE, "2018-09-03")
    assert said in back.said
    assert back.total("c3") == 13
    # A file keeps the day on which it was seen first, the new one has that of the merge.
    assert days_of(back) == {"S1.xlsx": "2018-09-04", "H1.xlsx": "2018-09-03"}
    register_is_whole(province.workspace)
    again = province.merge(NINE, "2018-09-05")
    assert again.total("c3") == 28
    assert start not in again.said  # The same day is no earlier one.
    with province.register() as register:
        assert [run.head.as_of.day for run in register.runs()] == [4, 5, 3, 5]
        assert register.standing_run(NINE) == register.runs()[-1]


# Registers that are replaced


def replace_register(province: Province, archive: Path, scratch: Path) -> None:
    """Put the database of a backup in the place of the one in use."""
    restore(archive, scratch)
    (scratch / "register.sqlite3").replace(province.workspace.register / "register.sqlite3")


@posix
def test_a_register_replaced_while_files_are_read_is_merged_into_as_it_is_then(
    province: Province, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.merge(NINE, "2018-09-01")
    with province.register() as register:
        register.backup(folder / "b.zip")
    send(province, 6, 7)
    province.merge(NINE, "2018-09-02")
    real = merging.merge
    moments = iter([folder / "r"])

    def replaced(*arguments: object) -> MergeResult:
        result = real(*arguments)  # type: ignore[arg-type]
        for scratch in moments:
            replace_register(province, folder / "b.zip", scratch)
        return result

    monkeypatch.setattr(merging, "merge", replaced)
    merged = province.merge(NINE, "2018-09-03")
    assert text("cli.merge.overtaken") in merged.said
    # The register of the backup never saw the second file of S1.
    assert days_of(merged) == {"S1.xlsx": "2018-09-03", "H1.xlsx": "2018-09-01"}
    register_is_whole(province.workspace)
    with province.register() as register:
        assert [run.head.as_of.day for run in register.runs()] == [1, 3]


@posix
def test_a_register_replaced_before_the_run_is_recorded_gets_no_half_of_it(
    province: Province, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.merge(NINE, "2018-09-01")
    with province.register() as register:
        register.backup(folder / "b.zip")
    send(province, 6, 7)
    real = recording.keep_files

    def replaced(
        memory: Memory, result: MergeResult, inbox: Path, settings: ReadSettings
    ) -> frozenset[str]:
        kept = real(memory, result, inbox, settings)
        replace_register(province, folder / "b.zip", folder / "r")
        return kept

    monkeypatch.setattr(recording, "keep_files", replaced)
    refused = province.merge(NINE, "2018-09-02")
    assert refused.code == 2
    assert text("register.replaced") in refused.said
    register_is_whole(province.workspace)
    with province.register() as register:
        assert len(register.runs()) == 1
    monkeypatch.undo()
    merged = province.merge(NINE, "2018-09-02")
    assert text("cli.merge.recorded", number=2) in merged.said
    register_is_whole(province.workspace)
    assert results(province.workspace)["result-2018-9M.json"] == merged.files["result.json"]


# Registers that may not be written


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Nobody in particular, where the tests run as somebody who may do everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def allow(root: Path, *, write: bool) -> None:
    """Let everybody read a folder, and its owner write in it or not."""
    for path in (root.parent, root, *root.rglob("*")):
        path.chmod((0o755 if path.is_dir() else 0o644) & (~0 if write else 0o555))


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*")) if path.is_file()}  # fmt: skip


@posix
def test_a_register_that_may_only_be_read_is_asked_and_left_alone(
    province: Province, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = province.workspace.root
    assert province.merge(NINE, "2018-09-01").code == 0
    at = ("--workspace", str(root))
    looks = [
        ("runs", *at),
        ("status", NINE.code, "--as-of", "2018-09-01", *at),
        ("trace", "MS 3", "--period", NINE.code, *at),
        ("merge", str(province.inbox(NINE)), "--as-of", "2018-09-02", "--jobs", "0", "--dry-run"),
    ]
    writes = [
        ("merge", str(province.inbox(NINE)), "--as-of", "2018-09-02", "--jobs", "0",
         "--out", str(folder / "ra")),
        ("lock", NINE.code, "--yes", "--author", "A", "--on", "2018-09-02", *at),
        ("issue", NINE.code, *at),
    ]  # fmt: skip
    expected = [(main(list(call)), capsys.readouterr().out) for call in looks]
    allow(root, write=False)
    before = contents(root)
    try:
        with unprivileged():
            found = [(main(list(call)), capsys.readouterr().out) for call in looks]
            assert found == expected
            for call in writes:
                assert main(list(call)) == 2
                said = " ".join(capsys.readouterr().err.split())
                assert text("cli.no_permission", file=province.workspace.register) in said
    finally:
        allow(root, write=True)
    assert contents(root) == before
    assert not (folder / "ra").exists()


# What the dead leave


def test_a_turn_that_is_never_given_back_says_what_can_be_done(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server of files keeps it for a machine that was switched off."""
    assert province.merge(NINE, "2018-09-01").code == 0
    before = results(province.workspace)
    path = province.workspace.register / "register.sqlite3"
    monkeypatch.setattr(engine, "WAIT", 0.05)
    with closing(sqlite3.connect(f"{path}.lock", isolation_level=None)) as dead:
        dead.execute("BEGIN IMMEDIATE")
        refused = province.merge(NINE, "2018-09-02")
        assert refused.code == 2
        assert text("register.busy", place=path) in refused.said
        assert "khởi động lại máy đó" in text("register.busy")
    assert results(province.workspace) == before
    register_is_whole(province.workspace)
    assert province.merge(NINE, "2018-09-02").code == 0


def test_a_damaged_file_of_turns_is_not_taken_for_a_damaged_register(province: Province) -> None:
    assert province.merge(NINE, "2018-09-01").code == 0
    turns = province.workspace.register / "register.sqlite3.lock"
    turns.write_bytes(b"\0garbage" * 1000)
    refused = province.merge(NINE, "2018-09-02")
    assert refused.code == 2
    assert text("register.broken_lock", place=turns) in refused.said
    turns.unlink()
    assert province.merge(NINE, "2018-09-02").code == 0
    register_is_whole(province.workspace)


@pytest.mark.parametrize("looking", [False, True])
def test_a_transaction_of_a_machine_that_died_is_taken_back_by_whoever_opens_next(
    tmp_path: Path, looking: bool
) -> None:
    """The database and its journal as they stood on the disk in the middle of writing."""
    path, left = tmp_path / "register.sqlite3", tmp_path / "sót lại" / "register.sqlite3"
    left.parent.mkdir()
    with open_register(path, tmp_path) as register:
        keep(register, *(str(number).encode() for number in range(50)))
        expected = register.files()
    with closing(sqlite3.connect(path, isolation_level=None)) as dying:
        dying.execute("PRAGMA cache_size=1")
        dying.execute("BEGIN IMMEDIATE")
        dying.execute("UPDATE files SET name = hex(randomblob(500))")
        for name in ("register.sqlite3", "register.sqlite3-journal"):
            shutil.copy(tmp_path / name, left.parent / name)
    assert left.read_bytes() != path.read_bytes()
    opened = look_into_register if looking else open_register
    with opened(left, tmp_path) as found:
        assert found is not None
        assert found.files() == expected
    assert not left.with_name("register.sqlite3-journal").exists()
