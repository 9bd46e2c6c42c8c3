"""Worker processes that begin as copies of this one: nothing is imported or sent twice.

Where a process can be forked (Linux) this spares the start of workers, which for a single file
costs more than the file, and for two thousand a tenth of the processor time. The limits are those
of :mod:`consolidate.merge.worker_pool`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, ParamSpec, TypeVar

from consolidate.merge.worker_start import prepare

if TYPE_CHECKING:
    from consolidate.merge.worker_pool import WorkerPool

P = ParamSpec("P")
T = TypeVar("T")

_LENGTH = struct.Struct("!Q")
_SELF = Path("/proc/self")


def can_fork(memory: int = 0) -> bool:
    """Tell whether a worker limited to ``memory`` bytes may be a copy of this process.

    Only on Linux, while this process has a single thread: a lock that another thread holds would
    stay locked in the copy for ever. Threads of libraries count, of which Python does not know:
    the one that watches an inbox, for example. And only while this process takes at most half of
    ``memory`` (0: no limit): the copy begins with all of its address space, and would soon end.
    """
    if sys.platform != "linux":
        return False
    try:
        pages = int((_SELF / "statm").read_text().split()[0])
        alone = sum(1 for _ in (_SELF / "task").iterdir()) == 1
    except OSError:
        return False
    return alone and (not memory or 2 * pages * os.sysconf("SC_PAGE_SIZE") <= memory)


class ForkedWorker(Executor):
    """A process that does one task after the other, and is replaced when it dies.

    A task is done when :meth:`submit` returns.

    Args:
        seconds: time limit of a task.
        memory: bytes of address space of the worker; 0 sets no limit.
        warm: what the worker calls before its first task, outside the time limit.
    """

    def __init__(
        self, *, seconds: float, memory: int = 0, warm: Callable[[], object] | None = None
    ) -> None:
        self._seconds = seconds
        self._prepare = partial(prepare, memory, warm)
        self._worker = 0
        self._tasks = self._answers = -1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a picklable function in the worker, under its time limit."""
        return self.within(self._seconds, fn, *args, **kwargs)

    def within(
        self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """As :meth:`submit`, under a time limit of its own."""
        future: Future[T] = Future()
        value: Any
        try:
            worked, value = self._ask(pickle.dumps(partial(fn, *args, **kwargs)), seconds)
        except (BrokenExecutor, TimeoutError) as error:
            self._end()
            worked, value = False, error
        if worked:
            future.set_result(value)
        else:
            future.set_exception(value)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the worker: no task is ever left waiting."""
        self._end()

    def _ask(self, task: bytes, seconds: float) -> tuple[bool, object]:
        """Have a task done; whether it came to its end, and what it gave or raised.

        Raises:
            BrokenExecutor: the worker died.
            TimeoutError: the time is over.
        """
        if not self._worker:
            self.start()
        until = time.monotonic() + seconds
        try:
            with os.fdopen(os.dup(self._tasks), "wb") as tasks:
                _put(tasks, task)
        except BrokenPipeError:
            raise BrokenExecutor from None
        (length,) = _LENGTH.unpack(self._taken(_LENGTH.size, until))
        answer: tuple[bool, object] = pickle.loads(self._taken(length, until))
        return answer

    def _taken(self, length: int, until: float) -> bytes:
        taken = bytearray()
        while len(taken) < length:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError
            part = os.read(self._answers, length - len(taken))
            if not part:
                raise BrokenExecutor
            taken += part
        return bytes(taken)

    def start(self) -> None:
        """Copy this process now; the first task does it otherwise."""
        given, self._tasks = os.pipe()
        self._answers, told = os.pipe()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()  # What waits to be written would be written twice.
        self._worker = os.fork()
        if not self._worker:
            os.close(self._tasks)
            os.close(self._answers)
            _work(given, told, self._prepare)
        os.close(given)
        os.close(told)

    @property
    def lives(self) -> bool:
        """Whether the worker has begun and was not ended."""
        return self._worker != 0

    def kill(self) -> None:
        """End the worker at once; a task that it had raises ``BrokenExecutor``."""
        if self._worker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._worker, signal.SIGKILL)

    def _end(self) -> None:
        if self._worker:
            self.kill()
            os.close(self._tasks)
            os.close(self._answers)
            os.waitpid(self._worker, 0)
            self._worker = 0


class ForkedWorkers(Executor):
    """Several such workers at the same time, each spoken to by a thread of its own.

    All are copied before the first thread starts. One that dies is replaced by a newly
    started process (:class:`WorkerPool`): copying this one, which now has threads, could hang.

    Args:
        jobs: number of processes, at least 1; the others as in :class:`ForkedWorker`.
    """

    def __init__(
        self, jobs: int, *, seconds: float, memory: int, warm: Callable[[], object]
    ) -> None:
        self._seconds, self._memory, self._warm = seconds, memory, warm
        self._workers: list[ForkedWorker] = []
        self._pools: list[WorkerPool] = []
        self._free: SimpleQueue[ForkedWorker | WorkerPool] = SimpleQueue()
        for _ in range(jobs):
            worker = ForkedWorker(seconds=seconds, memory=memory, warm=warm)
            worker.start()
            self._workers.append(worker)
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(jobs)
        self._is_over = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a picklable function in a worker, under the time limit."""
        return self.within(self._seconds, fn, *args, **kwargs)

    def within(
        self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """As :meth:`submit`, under a time limit of its own."""
        return self._threads.submit(self._done, seconds, partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: no task is ever left waiting."""
        self._is_over = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)
        self._threads.shutdown()
        for worker in self._workers:
            worker.shutdown()

    def _done(self, seconds: float, task: Callable[[], T]) -> T:
        worker = self._free.get()
        try:
            return worker.within(seconds, task).result()
        finally:
            dead = isinstance(worker, ForkedWorker) and not worker.lives
            self._free.put(self._started_anew() if dead and not self._is_over else worker)

    def _started_anew(self) -> WorkerPool:
        from consolidate.merge.worker_pool import WorkerPool  # Only where a worker died.

        pool = WorkerPool(1, seconds=self._seconds, memory=self._memory, warm=self._warm)
        self._pools.append(pool)
        return pool


def _work(given: int, told: int, prepare: Callable[[], None]) -> NoReturn:
    """Do tasks until there are no more; this copy of the program never comes further than here."""
    try:
        prepare()
        with os.fdopen(given, "rb") as tasks, os.fdopen(told, "wb") as answers:
            while head := tasks.read(_LENGTH.size):
                task = tasks.read(*_LENGTH.unpack(head))
                try:
                    answer = pickle.dumps((True, pickle.loads(task)()))
                except Exception as error:
                    answer = pickle.dumps((False, error))
                _put(answers, answer)
    finally:
        os._exit(1)


def _put(stream: BinaryIO, message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()
