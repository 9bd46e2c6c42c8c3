"""A program that registers without end, says what was acknowledged, and is killed at it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from consolidate.model.corrections import Corrections
from consolidate.model.returns import Outcome
from consolidate.register import migrate_and_check as migrate
from consolidate.register.blobs import digest_of
from consolidate.register.facts import NewFile
from consolidate.register.register import Register, open_register
from tests.register.made import FIRST_DAY, a_head, a_return, a_total, an_outcome
from tests.register.test_decisions import ADJUSTED

STORE = str(Path(migrate.__file__).parent)
UNITS = ("X01", "X02")


def contents(seed: int, turn: int) -> list[bytes]:
    """The files of one turn: one of its own, one that every turn of the seed brings."""
    return [f"{seed} {turn} ".encode() * 500, f"{seed} always ".encode() * 500]


def turn(register: Register, seed: int, number: int) -> tuple[int, list[str]]:
    """Two files, their returns, a correction and a run; the number of the run and the digests."""
    new = contents(seed, number)
    register.add_files(NewFile(f"{number}.xlsx", content, FIRST_DAY) for content in new)
    register.add_returns(a_return(content, unit) for content, unit in zip(new, UNITS, strict=True))
    register.add_corrections(Corrections((ADJUSTED,)))
    files = [an_outcome(content, unit) for content, unit in zip(new, UNITS, strict=True)]
    files.append(an_outcome(b"", "", Outcome.UNREADABLE, sha256=""))
    recorded = register.add_run(
        a_head(f"{seed} {number}"), files, [a_total("5", 2), a_total("5", 2, "commune")]
    )
    return recorded.run.number, [digest_of(content) for content in new]


def register_without_end(where: str, folder: Path, acks: Path, seed: int, lines: int) -> None:
    """Work until killed: by this program itself at its ``lines``-th line in the store, if any."""
    handle = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, b"start\n")
    if lines:
        sys.settrace(_killer(lines))
    number = 0
    while True:
        with open_register(where, folder) as register:
            for _ in range(3):
                number += 1
                run, digests = turn(register, seed, number)
                said = f"{run} {seed} {number} {' '.join(digests)}\n"
                os.write(handle, said.encode())
            register.backup(folder.parent / "backup.zip")


def _killer(lines: int) -> Any:
    left = lines

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(STORE):
            return None
        left -= event == "line"
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def register_some(where: str, folder: Path, barrier: Any, seed: int, turns: int) -> None:
    """Open a register when all others do, and work in it for some turns."""
    barrier.wait()
    with open_register(where, folder) as register:
        for number in range(turns):
            turn(register, seed, number)
