"""Commands killed at any moment: what is there is whole, the same command completes the work."""

from __future__ import annotations

import io
import os
import random
import signal
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

from consolidate.actions.backup import put_back
from consolidate.definitions.loader import shipped_library
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace
from consolidate.register.register import open_register
from tests.cli.processes import (
    PATIENCE,
    Office,
    forkserver,
    inbox_digests,
    kept_digests,
    quick_folder,
    register_is_whole,
    results,
    settle,
    sha256,
)
from tests.cli.test_adjust import GOOD, changed, write
from tests.databases import BOTH, a_database
from tests.merge.province import CALENDAR, NINE, UNITS, Province, blank_filled

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork are of POSIX")

MERGES = {"sqlite": 6, "postgresql": 2}
OTHERS = {"sqlite": 4, "postgresql": 2}
KILLS_OF_A_PLACE = 3
"""Kills after which a new workspace is taken, so that making its register is killed too."""
SOON = 0.004
"""Seconds in which about ten watched lines run, and most of a transaction of a database."""
DAY = "2018-09-01"
TWO = Roster.of(UNITS[:2], province="Tỉnh Sông Tiền")


@dataclass
class Shop:
    """A place to make workspaces in, on one database after the other."""

    request: pytest.FixtureRequest
    kind: str
    folder: Path
    made: int = 0

    def province(self) -> tuple[Province, Office]:
        self.made += 1
        root = self.folder / f"tỉnh {self.made}"
        url = self.request.getfixturevalue("lend")(self.kind)
        province = Province.make(root, TWO, CALENDAR, url)
        return province, Office(forkserver(), root, self.folder)


@pytest.fixture
def lend(request: pytest.FixtureRequest) -> Iterator[object]:
    """Empty databases, given back after the test."""
    import contextlib

    with contextlib.ExitStack() as lent:
        yield lambda kind: lent.enter_context(a_database(request, kind))


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with quick_folder(tmp_path) as folder:
        yield Shop(request, getattr(request, "param", "sqlite"), folder)


on_both = pytest.mark.parametrize("shop", BOTH, indirect=True)
"""For what is all or nothing in a database; ``tests/register/test_killed.py`` kills below that."""


@cache
def letter(number: int) -> bytes:
    """An archive; made again it would be another file, of another hour."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("H1.xlsx", blank_filled(UNITS[1], NINE, c3=number))
    return made.getvalue()


def inbox_of(turn: int) -> dict[str, bytes]:
    """A loose file and one in an archive; of two inboxes in turn."""
    number = 5 + turn % 2
    return {"S1.xlsx": blank_filled(UNITS[0], NINE, c3=number), "thư.zip": letter(number)}


def put(province: Province, inbox: dict[str, bytes]) -> None:
    for name, content in inbox.items():
        province.send(NINE, name, content)


def merge_call(province: Province) -> tuple[str, ...]:
    return (
        "merge",
        str(province.inbox(NINE)),
        "--period",
        NINE.code,
        "--as-of",
        DAY,
        "--jobs",
        "0",
    )


class Moment(TypedDict):
    """When a command is killed: at which of our lines, and how many seconds after it."""

    lines: int
    seconds: float


def moments(chance: random.Random, kill: int, kills: int, lines: int) -> Moment:
    """At a line of ours, or a moment after it that may be inside of the database or of the disk.

    Each kill falls into a part of its own of the command: few of them reach all of it.
    """
    seconds = chance.uniform(SOON / 100, SOON) if kill % 2 else 0.0
    return {"lines": 1 + int(lines * (kill + chance.random()) / kills), "seconds": seconds}


@on_both
def test_a_killed_merge_loses_nothing_and_is_completed_by_the_same_merge(shop: Shop) -> None:
    chance = random.Random(20180928)
    province, office = shop.province()
    expected, lines = [], 0
    for turn in range(2):
        put(province, inbox_of(turn))
        ended = office.call(*merge_call(province))
        assert ended.code == 0, ended.said
        lines = max(lines, ended.lines)
        expected.append(results(province.workspace))
    assert expected[0].keys() == {
        "bao-cao-9-thang-2018.xlsx",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
        "result-2018-9M.json",
        "result.json",
    }
    assert all(expected[0][name] != expected[1][name] for name in expected[0])
    killed, kills = 0, MERGES[shop.kind]
    known: set[str] = set()
    for kill in range(kills):
        if kill % KILLS_OF_A_PLACE == 0:
            province, office = shop.province()
            known = set()
        workspace = province.workspace
        put(province, inbox_of(kill))
        ended = office.call(*merge_call(province), **moments(chance, kill, kills, lines))
        assert ended.killed or ended.code == 0, ended.said
        killed += ended.killed
        for name, content in results(workspace).items():
            assert content in [whole[name] for whole in expected]
        register_is_whole(workspace)
        assert kept_digests(workspace) >= known
        assert province.merge(NINE, DAY).code == 0
        assert results(workspace) == expected[kill % 2]
        known |= inbox_digests(province.inbox(NINE))
        assert kept_digests(workspace) >= known
        with province.register() as register:
            runs = register.runs()
            assert len(runs) == kill % KILLS_OF_A_PLACE + 1
            assert runs[-1].head.result == sha256(results(workspace)["result.json"])
    register_is_whole(province.workspace)
    assert killed >= kills * 3 // 4


def test_a_merge_is_killed_with_the_processes_that_read_for_it(shop: Shop) -> None:
    chance = random.Random(5)
    province, office = shop.province()
    put(province, inbox_of(0))
    call = (*merge_call(province)[:-1], "2")
    whole = Province.make(shop.folder / "đối chứng", TWO, CALENDAR)
    put(whole, inbox_of(0))
    undisturbed = Office(office.context, whole.workspace.root, shop.folder)
    assert undisturbed.call(*merge_call(whole)).code == 0
    for _ in range(OTHERS[shop.kind]):
        process, _ = office.start(call)
        time.sleep(chance.uniform(0, 1))
        # Its group may be gone, or not be there yet.
        for end in (os.killpg, os.kill):
            try:
                end(process.pid or 0, signal.SIGKILL)
                break
            except ProcessLookupError:
                continue
        process.join(PATIENCE)
        settle(province.workspace.root)
        register_is_whole(province.workspace)
        expected = results(whole.workspace)
        found = results(province.workspace)
        assert found == {name: expected[name] for name in found}
    assert office.call(*call).code == 0
    assert results(province.workspace) == results(whole.workspace)
    with province.register() as register:
        assert len(register.runs()) == 1


def test_a_killed_issue_is_completed(shop: Shop) -> None:
    chance = random.Random(1)
    province, office = shop.province()
    outbox = province.workspace.outbox / NINE.code
    lines = office.call("issue", NINE.code).lines
    expected = {path.name: path.read_bytes() for path in outbox.iterdir()}
    assert len(expected) == 2
    for kill in range(OTHERS[shop.kind]):
        for path in outbox.iterdir():
            path.unlink()
        office.call("issue", NINE.code, **moments(chance, kill, OTHERS[shop.kind], lines))
        found = {p.name: p.read_bytes() for p in outbox.iterdir() if not p.name.startswith(".")}
        assert found == {name: expected[name] for name in found}
        assert office.call("issue", NINE.code).code == 0
        found = {p.name: p.read_bytes() for p in outbox.iterdir() if not p.name.startswith(".")}
        assert found == expected


@on_both
def test_killed_corrections_are_all_on_record_or_none(shop: Shop) -> None:
    chance = random.Random(2)
    province, office = shop.province()
    path = province.workspace.root / "corrections.xlsx"
    row = changed(GOOD, unit="S1")
    lines = office.call("adjust").lines
    for kill in range(OTHERS[shop.kind]):
        path.unlink(missing_ok=True)
        office.call("adjust", **moments(chance, kill, OTHERS[shop.kind], lines))
        write(path, [changed(row, value=str(kill))])
        ended = office.call("adjust", **moments(chance, kill, OTHERS[shop.kind], 2 * lines))
        with province.register() as register:
            standing = [item.value for item in register.corrections().unrevoked().adjustments]
        assert standing in ([str(kill)], [str(kill - 1)] if kill else [])
        assert ended.killed or standing == [str(kill)]
        assert office.call("adjust").code == 0
        with province.register() as register:
            on_record = register.corrections()
        assert [item.value for item in on_record.unrevoked().adjustments] == [str(kill)]
        assert (len(on_record.adjustments), len(on_record.revocations)) == (kill + 1, kill)


def test_a_killed_lock_stands_or_does_not(shop: Shop) -> None:
    chance = random.Random(3)
    province, office = shop.province()
    put(province, inbox_of(0))
    assert office.call(*merge_call(province)).code == 0
    call = ("lock", NINE.code, "--yes", "--author", "A", "--on", "2018-09-07")
    lines = office.call(*call).lines
    for kill in range(OTHERS[shop.kind]):
        undo = ("unlock", NINE.code, "--author", "A", "--document", "1", "--on", "2018-09-07")
        assert office.call(*undo).code == 0
        office.call(*call, **moments(chance, kill, OTHERS[shop.kind], lines))
        with province.register() as register:
            stood = register.standing(NINE).lock is not None
        again = office.call(*call)
        assert again.code == (2 if stood else 0), again.said
        assert not stood or "đang khóa ở lần tổng hợp số 1" in again.words
        with province.register() as register:
            lock = register.standing(NINE).lock
            assert lock is not None
            assert lock.run == 1
            assert len(register.events()) == 2 * kill + 3


def test_a_killed_backup_is_whole_or_not_there_and_its_leavings_go(shop: Shop) -> None:
    chance = random.Random(4)
    province, office = shop.province()
    put(province, inbox_of(0))
    assert office.call(*merge_call(province)).code == 0
    target = shop.folder / "sao lưu" / "a.zip"
    first = office.call("backup", str(target))
    assert first.code == 0, first.said
    expected = target.read_bytes()
    for kill in range(OTHERS[shop.kind]):
        target.unlink()
        office.call("backup", str(target), **moments(chance, kill, OTHERS[shop.kind], first.lines))
        assert not target.exists() or target.read_bytes() == expected
        assert office.call("backup", str(target)).code == 0
        assert target.read_bytes() == expected
    left = [path for path in target.parent.iterdir() if path != target]
    for path in left:
        assert path.name.startswith(".consolidate-backup-")
        os.utime(path, (0, 0))
    assert office.call("backup", str(target)).code == 0
    assert list(target.parent.iterdir()) == [target]
    folder = shop.folder / "khôi phục"
    put_back(shipped_library(), target, folder)
    back = Workspace.at(shipped_library(), folder)
    assert kept_digests(back) == kept_digests(province.workspace)
    with open_register(back.database_url, back.register) as register:
        assert len(register.runs()) == 1


def test_what_a_killed_merge_left_half_written_is_cleared_an_hour_later(shop: Shop) -> None:
    province, office = shop.province()
    put(province, inbox_of(0))
    old, new = (province.workspace.results / f".consolidate-{name}.tmp" for name in ("a", "b"))
    for path in (old, new):
        path.write_bytes(b"PK")
    os.utime(old, (0, 0))
    assert office.call(*merge_call(province)).code == 0
    assert not old.exists()
    assert new.exists()
