"""Commands as processes of their own, and what must hold of a workspace after any of them."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from consolidate.province.workspace import Workspace
from consolidate.register.blobs import digest_of
from tests.cli.victim import run
from tests.library_2018 import library_2018
from tests.merge.province import Province
from tests.register.made import damaged

MEMORY = Path("/dev/shm")
PATIENCE = 600
"""Seconds after which a process hangs, on however busy a machine."""


def forkserver() -> ForkServerContext:
    """Processes that are forked from one that has imported everything and merged once.

    There is one such server in a run: whoever asks first says what it has imported.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.cli.practised"])
    return context


@contextmanager
def quick_folder(usual: Path) -> Iterator[Path]:
    """Memory where there is some: a killed program leaves the same there, and sooner."""
    if not os.access(MEMORY, os.W_OK):
        yield usual
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as made:
        yield Path(made)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it printed."""

    code: int
    said: str

    @property
    def killed(self) -> bool:
        return self.code in (-signal.SIGKILL, -signal.SIGALRM)

    @property
    def lines(self) -> int:
        """Watched lines of a command that came to its end."""
        return int(self.said.split()[-1])

    @property
    def words(self) -> str:
        """What it said, on one line."""
        return " ".join(self.said.split())


class Office:
    """Starts commands in a workspace."""

    def __init__(self, context: ForkServerContext, root: Path, scratch: Path) -> None:
        self.context = context
        self.root = root
        self.scratch = scratch
        self._started = 0

    def call(self, *arguments: str, lines: int = 0, seconds: float = 0) -> Ended:
        """Run a command to its end or to its violent end."""
        return self.end(self.start(arguments, lines=lines, seconds=seconds))

    def at_once(self, *calls: tuple[str, ...]) -> list[Ended]:
        """Run commands that begin at one moment."""
        barrier = self.context.Barrier(len(calls))
        started = [self.start(call, barrier=barrier) for call in calls]
        return [self.end(each) for each in started]

    def start(
        self, call: tuple[str, ...], *, lines: int = 0, seconds: float = 0, barrier: Any = None
    ) -> tuple[BaseProcess, Path]:
        self._started += 1
        output = self.scratch / f"said {self._started}"
        arguments = [*call, "--workspace", str(self.root)]
        process = self.context.Process(
            target=run, args=(arguments, output, lines, seconds, barrier)
        )
        process.start()
        return process, output

    def end(self, started: tuple[BaseProcess, Path]) -> Ended:
        """Wait for a command, and for what it had begun on a server."""
        process, output = started
        process.join(PATIENCE)
        assert process.exitcode is not None
        ended = Ended(process.exitcode, output.read_text(encoding="utf-8"))
        if ended.killed:
            settle(self.root)
        return ended


def settle(root: Path) -> None:
    """Wait until a server is through with the last COMMIT of a killed program.

    The server goes on with it when nobody is left to be answered: who looks too early sees the
    register as it was before, and a moment later as it is after. The next writer waits for it.
    """
    province = Province(Workspace.at(library_2018(), root))
    if not province.workspace.database.startswith("sqlite"):
        with province.register() as register, register.correcting():
            pass


def register_is_whole(workspace: Workspace) -> None:
    """Every file has its bytes, every run its parts; numbers have no gap."""
    path = workspace.register / "register.sqlite3"
    if path.exists():
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with Province(workspace).register() as register:
        assert damaged(register) == ()
        assert list((workspace.register / "files" / "tmp").iterdir()) == []
        runs = register.runs()
        assert [run.number for run in runs] == list(range(1, len(runs) + 1))
        for run_ in runs:
            outcomes = register.outcomes(run_.number)
            counted = register.counted(run_.number)
            assert len(counted) == sum(item.outcome.counted for item in outcomes)
            assert register.totals(run_.number)


def kept_digests(workspace: Workspace) -> set[str]:
    """Digests of all registered files."""
    with Province(workspace).register() as register:
        return {file.sha256 for file in register.files()}


def inbox_digests(folder: Path) -> set[str]:
    """Digests of the files of an inbox."""
    return {digest_of(path.read_bytes()) for path in folder.iterdir()}


def results(workspace: Workspace) -> dict[str, bytes]:
    """The results that a person or a program would take for such."""
    return {
        path.name: path.read_bytes()
        for path in workspace.results.iterdir()
        if not path.name.startswith(".")
    }


def sha256(content: bytes) -> str:
    """The digest that a run has of its result."""
    return hashlib.sha256(content).hexdigest()
