"""A command in a process of its own: watched line by line, killed at one of them, or let go on."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite  # noqa: F401

import consolidate
import consolidate.merge.open_province_memory
import consolidate.merge.recording
import consolidate.reports.result_json
import consolidate.reports.summary
from consolidate.cli.main import main
from tests.library_2018 import library_2018

ROOM = Path(consolidate.__file__).parent
WATCHED = tuple(
    str(ROOM / part)
    for part in (
        "register",
        "xlsx/write/atomic_files.py",
        "merge/recording.py",
        "merge/merge_inbox.py",
        "actions",
    )
)
"""Where a command keeps, writes and records; what it only reads and computes leaves nothing."""

library_2018()


def run(
    arguments: list[str], output: Path, lines: int, seconds: float, barrier: Any = None
) -> None:
    """Run a command as the leader of a process group; its exit code becomes that of the process.

    At its ``lines``-th watched line (0: never) it is killed, or, with ``seconds``, that much later
    by the kernel, wherever it is then. What it prints, and how many watched lines there were when
    it came to its end, goes to ``output``.
    """
    os.setsid()
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    watch = _Watch(lines, seconds)
    if barrier is not None:
        barrier.wait()
    else:
        sys.settrace(watch.called)
    code = main(arguments)
    sys.settrace(None)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(watch.seen, flush=True)
    sys.exit(code)


class _Watch:
    def __init__(self, lines: int, seconds: float) -> None:
        self.seen = 0
        self._lines = lines
        self._seconds = seconds

    def called(self, frame: FrameType, _event: str, _argument: object) -> Any:
        return self.line if frame.f_code.co_filename.startswith(WATCHED) else None

    def line(self, _frame: FrameType, event: str, _argument: object) -> Any:
        self.seen += event == "line"
        if self.seen == self._lines and event == "line":
            if not self._seconds:
                os.kill(os.getpid(), signal.SIGKILL)
            # Nobody catches it, so that it ends the process like the other one, inside of C too.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self.line
