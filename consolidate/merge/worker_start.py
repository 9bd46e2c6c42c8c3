"""How a worker process begins, whatever starts it, and how a task of it ends that did not end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor

LOST = (BrokenExecutor, TimeoutError, MemoryError)
"""What a future raises when its task did not end: the worker died, or was ended at a limit."""


def prepare(memory: int, warm: Callable[[], object] | None) -> None:
    """Limit the memory of a worker, and keep what a reader prints to itself.

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
