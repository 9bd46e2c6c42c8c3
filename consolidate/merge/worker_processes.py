"""Worker processes in which files are read: a file that hangs, swells or kills costs only itself.

:class:`Workers` is a ``concurrent.futures.Executor``: an inbox is read on it as on any other. Every
task has a time limit; where the platform allows (Linux, and other systems that honour
``RLIMIT_AS``) a worker also has a memory limit. A task that breaks a limit ends its worker, its
future raises one of :data:`LOST`, and the next task gets a fresh worker.

There are two ways to start one. Where a process can be forked (Linux) it begins as a copy of this
one: nothing is imported or sent twice, which for a single file costs more than the file, and for
two thousand a tenth of the processor time. Elsewhere it is started anew. The workers of a Dask
cluster may take their place (:class:`DaskWorkers`).
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
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LOST = (BrokenExecutor, TimeoutError, MemoryError)
"""What a future raises when its task did not end: the worker died, or was ended at a limit."""
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


class Workers(Executor):
    """Processes that do one task after the other, and are replaced when they die.

    A lone copy does its task while :meth:`submit` waits: without a thread of its own this process
    can be copied again. All others are spoken to by a thread each. Copies are made before the first
    thread starts; of several, one that dies is replaced by a process that is started anew.

    Args:
        jobs: number of processes, at least 1.
        seconds: time limit of a task, counted from when a worker takes it up.
        memory: bytes of address space of a worker; 0 sets no limit.
        warm: what a worker calls before its first task, outside the time limit.
        copies: whether they begin as copies of this process, which can be forked.
    """

    def __init__(
        self,
        jobs: int,
        *,
        seconds: float,
        memory: int = 0,
        warm: Callable[[], object] | None = None,
        copies: bool = False,
    ) -> None:
        self._seconds = seconds
        self._begin = partial(_prepare, memory, warm)
        self._threads = None if copies and jobs == 1 else ThreadPoolExecutor(jobs)
        made = jobs if copies and jobs > 1 else 0
        self._all: list[_Copy | _Started] = [_Copy(self._begin) for _ in range(made)]
        self._free: SimpleQueue[_Copy | _Started | None] = SimpleQueue()
        """Workers without a task; one is started in place of ``None`` when it is needed."""
        for number in range(jobs):
            self._free.put(self._all[number] if made else None)
        self._is_over = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a picklable function in a worker, under the time limit."""
        return self.within(self._seconds, fn, *args, **kwargs)

    def within(
        self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """As :meth:`submit`, under a time limit of its own."""
        task = partial(fn, *args, **kwargs)
        if self._threads is not None:
            return self._threads.submit(self._done, seconds, task)
        future: Future[T] = Future()
        try:
            future.set_result(self._done(seconds, task))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers at once: no task is ever left waiting."""
        self._is_over = True
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in tuple(self._all):
            worker.kill()
        if self._threads is not None:
            self._threads.shutdown()
        for worker in self._all:
            worker.end()
        self._all.clear()

    def _done(self, seconds: float, task: Callable[[], T]) -> T:
        """Have a task done; raises what it raised, or one of :data:`LOST`."""
        worker = self._free.get()
        try:
            if worker is None:
                worker = _Copy(self._begin) if self._threads is None else _Started(self._begin)
                self._all.append(worker)
                if self._is_over:
                    raise BrokenExecutor
            return worker.done(task, seconds)
        except (BrokenExecutor, TimeoutError):
            if worker is not None and not self._is_over:
                self._all.remove(worker)
                worker.end()
            worker = None
            raise
        finally:
            self._free.put(worker)


class _Copy:
    """A worker that begins as a copy of this process; its first answer says that it is ready."""

    def __init__(self, begin: Callable[[], object]) -> None:
        given, self._tasks = os.pipe()
        self._answers, told = os.pipe()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()  # What waits to be written would be written twice.
        self._is_ready = False
        self._process = os.fork()
        if not self._process:
            try:  # This copy of the program never comes further than here.
                os.close(self._tasks)
                os.close(self._answers)
                with os.fdopen(given, "rb") as tasks, os.fdopen(told, "wb") as answers:
                    begin()
                    _work(tasks, answers)
            finally:
                os._exit(1)
        os.close(given)
        os.close(told)

    def done(self, task: Callable[[], T], seconds: float) -> T:
        """Have a picklable task done; raises what it raised.

        Raises:
            BrokenExecutor: the worker died.
            TimeoutError: the time is over.
        """
        message = pickle.dumps(task)
        if not self._is_ready:
            self._received(None)
            self._is_ready = True
        try:
            with os.fdopen(os.dup(self._tasks), "wb") as tasks:
                _put(tasks, message)
        except BrokenPipeError:
            raise BrokenExecutor from None
        worked, value = pickle.loads(self._received(seconds))
        if not worked:
            raise value
        answer: T = value
        return answer

    def _received(self, seconds: float | None) -> bytes:
        until = None if seconds is None else time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._taken(_LENGTH.size, until))
        return self._taken(length, until)

    def _taken(self, length: int, until: float | None) -> bytes:
        taken = bytearray()
        while len(taken) < length:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError
            part = os.read(self._answers, length - len(taken))
            if not part:
                raise BrokenExecutor
            taken += part
        return bytes(taken)

    def kill(self) -> None:
        """End it at once; whoever waits for an answer learns that it died."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def end(self) -> None:
        """End it, and leave nothing of it behind."""
        self.kill()
        os.close(self._tasks)
        os.close(self._answers)
        os.waitpid(self._process, 0)
        self._process = 0  # Its number may be that of another one now.


class _Started:
    """A worker that is started anew, on every platform alike; its methods are those of a copy."""

    def __init__(self, begin: Callable[[], object]) -> None:
        from multiprocessing import get_context  # A copy does without both.

        from pebble import ProcessPool

        self._pool = ProcessPool(1, context=get_context("spawn"), initializer=begin)
        self._task: Future[Any] | None = None
        self._is_over = False

    def done(self, task: Callable[[], T], seconds: float) -> T:
        from pebble import ProcessExpired

        try:
            self._task = self._pool.schedule(task, timeout=seconds)
            if self._is_over:
                self._task.cancel()
            answer: T = self._task.result()
        except (CancelledError, ProcessExpired):
            raise BrokenExecutor from None
        except RuntimeError:
            if self._is_over:  # The pool takes no task any more.
                raise BrokenExecutor from None
            raise
        return answer

    def kill(self) -> None:
        self._is_over = True
        self._pool.stop()
        if self._task is not None:
            self._task.cancel()  # A pool that is stopped leaves who waits for it waiting.

    def end(self) -> None:
        self.kill()
        self._pool.join()


def _prepare(memory: int, warm: Callable[[], object] | None) -> None:
    """Begin as a worker: limit its memory, and keep what a reader prints to itself.

    ``warm`` is called first; ``memory`` are the bytes of address space, 0 for no limit.
    """
    if warm is not None:
        warm()
    if memory:
        with contextlib.suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # A reader that panics writes its own trace to the file descriptor, past sys.stderr.
    with contextlib.suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _work(tasks: BinaryIO, answers: BinaryIO) -> None:
    """Say that the worker is ready, then do tasks until there are no more."""
    _put(answers, b"")
    while head := tasks.read(_LENGTH.size):
        task = tasks.read(*_LENGTH.unpack(head))
        try:
            answer = pickle.dumps((True, pickle.loads(task)()))
        except Exception as error:
            answer = pickle.dumps((False, error))
        _put(answers, answer)


def _put(stream: BinaryIO, message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


class DaskWorkers(Executor):
    """Runs tasks in a cluster: an inbox is read on several machines.

    Needs ``distributed`` (extra ``dask``), here and on the workers, and this program on the
    workers. A worker that dies, or hangs, costs nothing: what it had is read here, in a worker with
    limits.

    Args:
        client: of ``distributed``, connected.
        sends: whether files go with the tasks; else the workers see the inbox at the same path.
    """

    def __init__(self, client: Any, *, sends: bool = False) -> None:
        self._client = client
        self.sends = sends
        self._held: set[Any] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a picklable function in the cluster; the same task twice is done twice."""
        future: Future[T] = Future()
        task = self._client.submit(partial(fn, *args, **kwargs), pure=False)
        # The scheduler drops a task without a reference: keep one until the task is done.
        self._held.add(task)
        task.add_done_callback(partial(_told, future=future))
        future.add_done_callback(lambda _: self._held.discard(task))
        return future


@contextlib.contextmanager
def dask_workers(scheduler: str, *, sends: bool = False) -> Iterator[Executor]:
    """Connect to the scheduler of a cluster (``tcp://host:8786``).

    Raises:
        ImportError: ``distributed`` is not installed.
        OSError: the scheduler does not answer.
    """
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        yield DaskWorkers(client, sends=sends)


def _told(done: Any, *, future: Future[Any]) -> None:
    from distributed.scheduler import KilledWorker, NoValidWorkerError

    lost = (KilledWorker, NoValidWorkerError, CancelledError)
    try:
        future.set_result(done.result())
    except Exception as error:
        cancelled = done.cancelled() or isinstance(error, lost)
        future.set_exception(BrokenExecutor() if cancelled else error)
