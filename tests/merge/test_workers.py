"""A task that dies, hangs or swells costs itself and nothing else; limits hold."""

from __future__ import annotations

import _thread
import contextlib
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from consolidate.intake.read_file import ReadSettings
from consolidate.merge.read_files import workers
from consolidate.merge.worker_processes import LOST, Workers, can_fork
from tests.library_2018 import library_2018

ROOMY = 2 << 30
FORKED = """
import os
from concurrent.futures import BrokenExecutor
from functools import partial
from consolidate.merge.worker_processes import Workers, can_fork
from tests.merge.test_workers import ROOMY, die, double, fail, hang, scream, swell

assert can_fork() and can_fork(ROOMY)
assert not can_fork(1 << 20)  # This process takes more.
print("waits to be written", end=" ")
warm = partial(os.putenv, "WARM", "1")
with Workers(1, seconds=2, memory=ROOMY, warm=warm, copies=True) as worker:
    assert worker.submit(double, 1).result() == 2
    first = worker.submit(os.getpid).result()
    assert first != os.getpid()
    assert isinstance(worker.submit(fail).exception(), KeyError)
    assert worker.submit(swell, 1 << 20).result() == 1 << 20
    assert isinstance(worker.submit(swell, 2 * ROOMY).exception(), MemoryError)
    assert worker.submit(scream).result() == 23
    assert len(worker.submit(bytes, 1 << 22).result()) == 1 << 22
    assert worker.submit(os.getpid).result() == first
    assert isinstance(worker.submit(die, 9).exception(), BrokenExecutor)
    assert worker.submit(len, bytes(1 << 22)).result() == 1 << 22
    assert isinstance(worker.submit(hang).exception(), TimeoutError)
    last = worker.submit(os.getpid).result()
try:
    os.kill(last, 0)
except ProcessLookupError:
    print("gone")
"""
SEVERAL = """
import os
from concurrent.futures import BrokenExecutor
from functools import partial
from consolidate.merge.worker_processes import Workers
from tests.merge.test_workers import ROOMY, die, double, fail, hang, swell

warm = partial(os.putenv, "WARM", "1")
with Workers(2, seconds=60, memory=ROOMY, warm=warm, copies=True) as workers:
    tasks = [workers.submit(double, number) for number in range(40)]
    assert [task.result() for task in tasks] == list(range(0, 80, 2))
    assert isinstance(workers.submit(fail).exception(), KeyError)
    assert isinstance(workers.submit(swell, 2 * ROOMY).exception(), MemoryError)
    assert isinstance(workers.within(0.2, hang).exception(), TimeoutError)
    lost = [workers.submit(die, 9) for _ in range(3)]
    assert all(isinstance(task.exception(), BrokenExecutor) for task in lost)
    found = {workers.submit(os.getpid).result() for _ in range(4)}
    assert found and os.getpid() not in found
    tasks = [workers.submit(double, number) for number in range(40)]
    assert [task.result() for task in tasks] == list(range(0, 80, 2))
try:
    with Workers(2, seconds=600, memory=ROOMY, warm=warm, copies=True) as workers:
        tasks = [workers.submit(hang) for _ in range(5)]
        raise KeyboardInterrupt
except KeyboardInterrupt:
    assert all(task.done() for task in tasks)
print("ended")
"""


def double(number: int) -> int:
    return 2 * number


def die(number: int) -> int:
    os._exit(number)


def hang() -> None:
    time.sleep(600)


def swell(size: int) -> int:
    return len(bytearray(size))


def scream() -> int:
    return os.write(2, b"thread 'main' panicked\n")


def fail() -> None:
    raise KeyError("no such thing")


def test_tasks_give_their_results_in_processes_of_their_own() -> None:
    with Workers(2, seconds=60) as pool:
        futures = [pool.submit(double, number) for number in range(20)]
        assert [future.result() for future in futures] == list(range(0, 40, 2))
        assert pool.submit(os.getpid).result() != os.getpid()


def test_a_lost_task_costs_only_itself() -> None:
    with Workers(1, seconds=60) as pool:
        before, dead, after = pool.submit(double, 1), pool.submit(die, 9), pool.submit(double, 2)
        assert before.result() == 2
        with pytest.raises(BrokenExecutor):
            dead.result()
        assert after.result() == 4
        slow, next_one = pool.within(0.2, hang), pool.submit(double, 3)
        with pytest.raises(TimeoutError):
            slow.result()
        assert next_one.result() == 6


def test_what_a_lost_task_raises_is_told_from_what_a_task_raises() -> None:
    assert issubclass(BrokenExecutor, LOST)
    with Workers(1, seconds=60) as pool, pytest.raises(KeyError):
        pool.submit(fail).result()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_the_memory_limit_holds_and_the_worker_goes_on() -> None:
    with Workers(1, seconds=60, memory=ROOMY) as pool:
        assert pool.submit(swell, 1 << 20).result() == 1 << 20
        with pytest.raises(MemoryError):
            pool.submit(swell, 2 * ROOMY).result()
        assert pool.submit(double, 4).result() == 8


def test_what_a_reader_prints_stays_in_its_worker(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(1, seconds=60) as pool:
        assert pool.submit(scream).result() == 23
    assert capfd.readouterr().err == ""


def interrupted() -> None:
    with Workers(1, seconds=600) as pool:
        pool.submit(hang)
        raise KeyboardInterrupt


def test_an_error_outside_ends_the_workers_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_worker_that_is_a_copy_keeps_the_same_limits() -> None:
    """In a process of its own: one that has threads, as this one may have, is not copied."""
    ran = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "waits to be written gone\n"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_several_copies_work_side_by_side_and_the_dead_are_replaced() -> None:
    main = 'if __name__ == "__main__":\n' + textwrap.indent(SEVERAL, "    ")
    ran = subprocess.run(
        [sys.executable, "-c", main], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "ended\n")


@contextlib.contextmanager
def unknown_thread() -> Iterator[None]:
    """A thread of which Python's list of threads knows nothing, as that of a library."""
    goes_on, ended = _thread.allocate_lock(), _thread.allocate_lock()
    goes_on.acquire()
    ended.acquire()

    def stay() -> None:
        goes_on.acquire()
        ended.release()

    known = threading.active_count()
    _thread.start_new_thread(stay, ())
    assert threading.active_count() == known
    try:
        yield
    finally:
        goes_on.release()
        ended.acquire()


def test_a_process_with_a_thread_of_a_library_is_not_copied(tmp_path: Path) -> None:
    """As while an inbox is watched: its lock may be held at the moment of the copy."""
    settings = ReadSettings()
    with unknown_thread():
        assert not can_fork()
        with workers(library_2018(), tmp_path, 1, settings) as pool:
            assert isinstance(pool, Workers)
            assert pool.submit(len, "abc").result() == 3
            assert threading.active_count() > 1  # It is spoken to by a thread: no copy.
