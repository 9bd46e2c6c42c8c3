"""Worker processes in which files are read: a file that hangs, swells or kills costs only itself.

A :class:`WorkerPool` is a ``concurrent.futures.Executor``: the pipeline runs on it as on any other.
Every task has a time limit; where the platform allows (Linux, and other systems that honour
``RLIMIT_AS``) a worker also has a memory limit. A task that breaks a limit ends its worker, its
future raises one of ``LOST`` (:mod:`consolidate.merge.worker_start`), and the next task gets a
fresh worker.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from multiprocessing import get_context
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from consolidate.merge.worker_start import prepare

P = ParamSpec("P")
T = TypeVar("T")


class WorkerPool(Executor):
    """Processes that are started anew on every platform alike, and replaced when they die.

    Args:
        jobs: number of processes, at least 1.
        seconds: time limit of a task, counted from when a worker takes it up.
        memory: bytes of address space of a worker; 0 sets no limit.
        warm: what a worker calls before its first task, outside the time limit.
    """

    def __init__(
        self,
        jobs: int,
        *,
        seconds: float,
        memory: int = 0,
        warm: Callable[[], object] | None = None,
    ) -> None:
        self.jobs = jobs
        self.seconds = seconds
        self._pool = ProcessPool(
            max_workers=jobs,
            context=get_context("spawn"),
            initializer=prepare,
            initargs=(memory, warm),
        )

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a picklable function in a worker, under the time limit of the pool."""
        return self.within(self.seconds, fn, *args, **kwargs)

    def within(
        self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """As :meth:`submit`, under a time limit of its own."""
        done: Future[T] = self._pool.schedule(
            fn, args=list(args), kwargs=dict(kwargs), timeout=seconds
        )
        future: Future[T] = Future()
        done.add_done_callback(partial(_pass_on, future=future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers; tasks that wait are finished first unless they are cancelled."""
        if cancel_futures:
            self._pool.stop()
        else:
            self._pool.close()
        if wait:
            self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an error, such as Ctrl+C, nobody waits for the files that are left.
        self.shutdown(cancel_futures=error is not None)


def _pass_on(done: Future[T], future: Future[T]) -> None:
    """Hand on how a task ended; a worker that died is told as any executor tells it."""
    if done.cancelled():
        future.cancel()
        return
    error = done.exception()
    if error is None:
        future.set_result(done.result())
    else:
        future.set_exception(BrokenExecutor() if isinstance(error, ProcessExpired) else error)
