"""Killed at any moment, or two at once: nothing acknowledged is lost, nothing half done stands."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from consolidate.register.blobs import digest_of
from tests.cli.processes import forkserver
from tests.databases import BOTH
from tests.register.conftest import NewPlace, Place
from tests.register.made import a_head, damaged
from tests.register.victim import UNITS, contents, register_some, register_without_end

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork are of POSIX")

KILLS = {"sqlite": 40, "postgresql": 8}
LINES = 2000
"""Opening a new register takes some 300 lines of ours, a turn 800, a backup 160."""
SECONDS = 0.1
PATIENCE = 600
"""Seconds after which a process hangs, on however busy a machine."""
MEMORY = Path("/dev/shm")
TURNS_OF_A_PLACE = 5
"""Kills after which a new place is taken, so that opening one for the first time is killed too."""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Memory where there is some: a killed program leaves the same there, and sooner."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that are forked from one that has imported everything."""
    return forkserver()


@pytest.mark.parametrize("kind", BOTH)
def test_a_killed_program_loses_nothing_that_it_acknowledged(
    kind: str,
    new_place: NewPlace,
    root: Path,
    processes: ForkServerContext,
) -> None:
    chance = random.Random(20180905)
    acknowledged = checked = 0
    place, acks = new_place(kind), root / "acks"
    for kill in range(KILLS[kind]):
        if kill % TURNS_OF_A_PLACE == 0:
            acks.unlink(missing_ok=True)
            place, checked = new_place(kind), 0
        # Half of them at a line of ours, each in its own part of all lines; half at a moment that
        # may be inside of the database.
        lines = 1 + int(LINES * (kill + chance.random()) / KILLS[kind]) if kill % 2 else 0
        arguments = (place.where, place.folder, acks, kill, lines)
        victim = processes.Process(target=register_without_end, args=arguments)
        known = len(lines_of(acks))
        victim.start()
        if not lines:
            # After the start and none to two runs that it said it had recorded.
            wanted = 1 + kill // 2 % 3
            while victim.is_alive() and lines_of(acks)[known + wanted - 1 :] == []:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, SECONDS))
            victim.kill()
        victim.join(PATIENCE)
        assert victim.exitcode == -signal.SIGKILL
        if place.kind == "sqlite":
            database_is_whole(Path(place.where))
        said = lines_of(acks)[known:]
        assert said[0] == "start"
        acknowledged += len(said) - 1
        everything_acknowledged_is_there(place, lines_of(acks))
        checked = every_new_run_is_whole(place, checked)
    assert acknowledged >= KILLS[kind] // 4


def lines_of(acks: Path) -> list[str]:
    return acks.read_text().splitlines() if acks.exists() else []


def database_is_whole(path: Path) -> None:
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def everything_acknowledged_is_there(place: Place, said: list[str]) -> None:
    told = [line.split() for line in said if line != "start"]
    with place.open() as register:
        assert list((place.folder / "files" / "tmp").iterdir()) == []
        assert damaged(register) == ()
        runs = {run.number: run.head for run in register.runs()}
        kept = {file.sha256 for file in register.files()}
    for number, seed, turn, *digests in told:
        assert runs[int(number)] == a_head(f"{seed} {turn}")
        assert kept.issuperset(digests)
    archive = place.folder.parent / "backup.zip"
    if archive.exists():
        with zipfile.ZipFile(archive) as opened:
            assert opened.testzip() is None


def every_new_run_is_whole(place: Place, checked: int = 0) -> int:
    """Looks at the runs after one that was looked at; returns the number of the last."""
    with place.open() as register:
        runs = register.runs()
        assert [run.number for run in runs] == list(range(1, len(runs) + 1))
        for run in runs[checked:]:
            assert len(register.outcomes(run.number)) == 3
            assert len(register.totals(run.number)) == 2
            counted = register.counted(run.number)
            assert [item.content.unit for item in counted] == list(UNITS)
    return len(runs)


@pytest.mark.parametrize("kind", BOTH)
def test_several_programs_at_once_take_turns(
    kind: str, new_place: NewPlace, processes: ForkServerContext
) -> None:
    """All open the same new register at one moment; two bring the same files."""
    place = new_place(kind)
    seeds, turns = (1, 1, 2), 6
    barrier = processes.Barrier(len(seeds))
    workers = [
        processes.Process(
            target=register_some, args=(place.where, place.folder, barrier, seed, turns)
        )
        for seed in seeds
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    every_new_run_is_whole(place)
    with place.open() as register:
        results = [run.head.result for run in register.runs()]
        wanted = {a_head(f"{seed} {turn}").result for seed in seeds for turn in range(turns)}
        # The two with the same files record a result once or twice, as their turns fall.
        assert set(results) == wanted
        assert len(results) <= len(seeds) * turns
        assert {file.sha256 for file in register.files()} == {
            digest_of(content)
            for seed in seeds
            for turn in range(turns)
            for content in contents(seed, turn)
        }
        assert damaged(register) == ()
