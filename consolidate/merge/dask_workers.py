"""The workers of a Dask cluster as an executor: an inbox that is read on several machines.

Needs ``distributed`` (extra ``dask``), here and on the workers, and this program on the workers. A
worker that dies, or hangs, costs nothing: what it had is read here, in a worker with limits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaskWorkers(Executor):
    """Runs tasks in a cluster.

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
        task.add_done_callback(partial(_pass_on, future=future))
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


def _pass_on(done: Any, *, future: Future[Any]) -> None:
    from distributed.scheduler import KilledWorker, NoValidWorkerError

    lost = (KilledWorker, NoValidWorkerError, CancelledError)
    try:
        future.set_result(done.result())
    except Exception as error:
        cancelled = done.cancelled() or isinstance(error, lost)
        future.set_exception(BrokenExecutor() if cancelled else error)
