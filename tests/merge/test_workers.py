"""A task that dies, hangs or swells costs itself and nothing else; limits hold."""

from __future__ import annotations

import os
import sys
import time

import pytest
from pebble import ProcessExpired

from consolidate.merge.worker_pool import LOST, WorkerPool

ROOMY = 2 << 30


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
    with WorkerPool(2, seconds=60) as pool:
        futures = [pool.submit(double, number) for number in range(20)]
        assert [future.result() for future in futures] == list(range(0, 40, 2))
        assert pool.submit(os.getpid).result() != os.getpid()


def test_a_lost_task_costs_only_itself() -> None:
    with WorkerPool(1, seconds=60) as pool:
        before, dead, after = pool.submit(double, 1), pool.submit(die, 9), pool.submit(double, 2)
        assert before.result() == 2
        with pytest.raises(ProcessExpired):
            dead.result()
        assert after.result() == 4
        slow, next_one = pool.within(0.2, hang), pool.submit(double, 3)
        with pytest.raises(TimeoutError):
            slow.result()
        assert next_one.result() == 6


def test_what_a_lost_task_raises_is_told_from_what_a_task_raises() -> None:
    assert issubclass(ProcessExpired, LOST)
    with WorkerPool(1, seconds=60) as pool, pytest.raises(KeyError):
        pool.submit(fail).result()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_the_memory_limit_holds_and_the_worker_goes_on() -> None:
    with WorkerPool(1, seconds=60, memory=ROOMY) as pool:
        assert pool.submit(swell, 1 << 20).result() == 1 << 20
        with pytest.raises(MemoryError):
            pool.submit(swell, 2 * ROOMY).result()
        assert pool.submit(double, 4).result() == 8


def test_what_a_reader_prints_stays_in_its_worker(capfd: pytest.CaptureFixture[str]) -> None:
    with WorkerPool(1, seconds=60) as pool:
        assert pool.submit(scream).result() == 23
    assert capfd.readouterr().err == ""


def interrupted() -> None:
    with WorkerPool(1, seconds=600) as pool:
        pool.submit(hang)
        raise KeyboardInterrupt


def test_an_error_outside_ends_the_workers_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted()
