"""An inbox to readings: every file read and asked every check that needs nothing but the file.

The work on one file is a function from a path to picklable readings. It runs in this process, or in
any ``concurrent.futures.Executor``; :func:`workers` gives one with limits on time and memory.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from consolidate.checks.all_checks import check_return
from consolidate.checks.form_changes import as_now, changed_since
from consolidate.intake.inbox import Inbox, scan
from consolidate.intake.plain_files import read_plain
from consolidate.intake.read_file import ReadSettings, member_names, read_file, read_source
from consolidate.merge.forked_worker import ForkedWorker, ForkedWorkers, can_fork
from consolidate.merge.shared_parts import SharedParts
from consolidate.merge.worker_start import LOST
from consolidate.model.datasets import Library
from consolidate.model.reasons import Reason, because, sorted_findings
from consolidate.model.returns import FileReading, Outcome, Source
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.read.other_reader import allow

if TYPE_CHECKING:
    from consolidate.merge.dask_workers import DaskWorkers
    from consolidate.merge.worker_pool import WorkerPool

P = ParamSpec("P")
T = TypeVar("T")

CHUNK = 16
"""Files that one task of an executor reads: enough to make the cost of a task disappear."""

CHUNK_SECONDS = 10.0
"""Time in which a worker must be through with a chunk; what is left then is read file by file."""

ONE_WORKER_UP_TO = 300
"""Files for which a second worker process does not pay for its start (``docs/performance.md``)."""

Progress = Callable[[int, int], None]
"""Told after every chunk: files read so far, files in all."""


def check(
    library: Library,
    path: Path,
    name: str | None = None,
    settings: ReadSettings | None = None,
    only: int | None = None,
) -> Source:
    """Read one file and ask it every check that needs nothing else.

    ``name`` is how reports call the file; by default its file name. An archive or a mail gives one
    reading for each file in it, or the reading of its member number ``only``.
    """
    name = name or path.name
    settings = settings or ReadSettings()
    try:
        data = read_plain(path, settings.limits.container_size)
    except Refused as refused:
        return Source((_not_read(path, name, refused),))
    return _source(library, name, data, settings, only)


def check_bytes(
    library: Library, name: str, data: bytes, settings: ReadSettings | None = None
) -> FileReading:
    """As :func:`check`, for the bytes of a single workbook that are already in memory."""
    return _checked(library, read_file(name, data, library, settings or ReadSettings()))


def check_many(
    library: Library, root: Path, names: Sequence[str], settings: ReadSettings | None = None
) -> list[Source]:
    """Check files of a folder, in the given order: one task of an executor (picklable)."""
    return [check(library, root / name, name, settings) for name in names]


def check_sent(
    library: Library, files: Sequence[tuple[str, bytes]], settings: ReadSettings
) -> list[Source]:
    """As :func:`check_many`, for the bytes of files: a worker elsewhere sees no inbox."""
    return [_source(library, name, data, settings) for name, data in files]


def _source(
    library: Library, name: str, data: bytes, settings: ReadSettings, only: int | None = None
) -> Source:
    source = read_source(name, data, library, settings, only=only)
    return Source(tuple(_checked(library, item) for item in source.readings), source.ignored)


def _checked(library: Library, reading: FileReading) -> FileReading:
    if reading.content is None:
        return reading
    content = reading.content
    view = library.of_pack(content.pack, content.round, content.definition)
    findings = check_return(content, view)
    if content.definition:
        now = library.of_pack(content.pack, content.round)
        findings = sorted_findings((*findings, changed_since(content, view, now)))
        content = as_now(content, view, now)
    return replace(reading, content=content, findings=findings)


def _not_read(path: Path, name: str, refused: Refused) -> FileReading:
    """The reading of a file that is a link, too large, or cannot be read to an end."""
    size = 0
    if refused.reason.key == "intake.too_large":
        with contextlib.suppress(OSError):
            size = path.stat().st_size
    return _unreadable(name, refused.reason, size)


def _unreadable(name: str, reason: Reason, size: int = 0, member: str = "") -> FileReading:
    return FileReading(name, "", size, outcome=Outcome.UNREADABLE, reason=reason, member=member)


def members_of(root: Path, name: str, settings: ReadSettings) -> tuple[str, ...]:
    """List the files in an archive or a mail; empty for any other file (picklable)."""
    try:
        return member_names(read_plain(root / name, settings.limits.container_size), settings)
    except Refused:
        return ()


_received: list[Library] = []
"""The library of this worker process: received once, at its start."""


def receive(library: Library) -> None:
    """Keep the library for the tasks of this worker process (picklable)."""
    _received[:] = [library]
    allow()


def in_worker(task: Callable[Concatenate[Library, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a task with the library that this worker process received (picklable)."""
    (library,) = _received
    return task(library, *args, **kwargs)


def read_inbox(
    library: Library,
    inbox: Inbox,
    executor: Executor | None = None,
    progress: Progress | None = None,
    settings: ReadSettings | None = None,
    known: Mapping[str, Source] | None = None,
) -> tuple[Source, ...]:
    """Check every file of an inbox, in its order, in this process or in any executor.

    Files of which it is ``known`` what they hold are not read.

    The workers of a :class:`WorkerPool` have the library already; any other executor is given it
    with every task. A file that outlasts its worker, or ends it, takes nothing else with it: its
    chunk is read again file by file, and a lost archive member by member.
    """
    settings = settings or ReadSettings()
    ours, cluster = _kinds(executor)
    root, files = inbox.root, inbox.files
    sources: dict[str, Source] = dict(known or {})
    shared = SharedParts()
    asked = [name for name in files if name not in sources]
    if sources and progress is not None:
        progress(len(sources), len(files))

    def keep(names: Sequence[str], read: Sequence[Source]) -> None:
        sources.update(zip(names, shared.sources(read), strict=True))
        if progress is not None:
            progress(len(sources), len(files))

    waiting: dict[Future[list[Source]], Sequence[str]] = {}
    lost: list[str] = []
    for part in (asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK)):
        try:
            if executor is None:
                keep(part, check_many(library, root, part, settings))
            elif ours is not None:
                seconds = min(CHUNK_SECONDS, settings.limits.seconds)
                task = ours.within(seconds, in_worker, check_many, root, part, settings)
                waiting[task] = part
            elif cluster is not None and cluster.sends:
                sent = _sent(root, part, settings)
                lost += [name for name in part if name not in sent]
                task = cluster.submit(check_sent, library, tuple(sent.items()), settings)
                waiting[task] = tuple(sent)
            else:
                waiting[executor.submit(check_many, library, root, part, settings)] = part
        except LOST:
            lost += part
    # Workers of others have no limits: what none of them brings back is read here.
    patience = None if ours is not None else settings.limits.seconds * 2
    for future in _ended(waiting, patience):
        names = waiting.pop(future)
        try:
            keep(names, future.result())
        except LOST:
            lost += names
    lost += (name for names in waiting.values() for name in names)
    if lost:
        with _pool(library, 1, settings) as pool:
            for name in sorted(lost):
                keep([name], [read_alone(pool, root, name, settings)])
    return tuple(sources[name] for name in files)


def _kinds(
    executor: Executor | None,
) -> tuple[ForkedWorker | ForkedWorkers | WorkerPool | None, DaskWorkers | None]:
    """The executor as workers of ours, which have limits and the library; or as a cluster."""
    if executor is None or isinstance(executor, ForkedWorker | ForkedWorkers):
        return executor, None
    from consolidate.merge.dask_workers import DaskWorkers  # A few files do without.
    from consolidate.merge.worker_pool import WorkerPool

    ours = executor if isinstance(executor, WorkerPool) else None
    return ours, executor if isinstance(executor, DaskWorkers) else None


def _sent(root: Path, names: Sequence[str], settings: ReadSettings) -> dict[str, bytes]:
    """The content of files by name; without those that cannot be read to an end."""
    read: dict[str, bytes] = {}
    for name in names:
        with contextlib.suppress(Refused):
            read[name] = read_plain(root / name, settings.limits.container_size)
    return read


def _ended(waiting: Collection[Future[T]], patience: float | None) -> Iterator[Future[T]]:
    """Futures as they end; the rest is given up once none ends for so many seconds."""
    left = set(waiting)
    while left:
        done, left = wait(left, patience, FIRST_COMPLETED)
        if not done:
            return
        yield from done


def read_alone(pool: Executor, root: Path, name: str, settings: ReadSettings) -> Source:
    """Read one file as a task of its own; if it is lost, each file in it as a task of its own.

    ``pool`` is one of :func:`workers`: it has the library already.
    """
    path = root / name
    try:
        return pool.submit(in_worker, check, path, name, settings).result()
    except LOST as error:
        reason = _reason(error, settings)
    try:
        members = pool.submit(members_of, root, name, settings).result()
    except LOST:
        members = ()
    if not members:
        return Source((_unreadable(name, reason),))
    readings = []
    for index, member in enumerate(members):
        try:
            (reading, *_) = (
                pool.submit(in_worker, check, path, name, settings, index).result().readings
            )
        except LOST as error:
            reading = _unreadable(name, _reason(error, settings), member=member)
        readings.append(reading)
    return Source(tuple(readings))


def bytes_alone(pool: Executor, name: str, data: bytes, settings: ReadSettings) -> FileReading:
    """As :func:`read_alone`, for the bytes of a single workbook."""
    try:
        return pool.submit(in_worker, check_bytes, name, data, settings).result()
    except LOST as error:
        return _unreadable(name, _reason(error, settings), len(data))


def _reason(error: BaseException, settings: ReadSettings) -> Reason:
    if isinstance(error, TimeoutError):
        return because("intake.too_slow", detail=f"{settings.limits.seconds:g}")
    if isinstance(error, MemoryError):
        return because("intake.too_hungry")
    return because("intake.crashed")


@contextlib.contextmanager
def workers(
    library: Library,
    inbox: Path,
    jobs: int | None = None,
    settings: ReadSettings | None = None,
) -> Iterator[Executor | None]:
    """Start worker processes for an inbox, under the limits of ``settings``.

    ``jobs`` fixes their number; 0 reads in this process, where no limit on time or memory holds.
    """
    if jobs is None:
        few = len(scan(inbox).files) <= ONE_WORKER_UP_TO
        jobs = 1 if few else min(os.cpu_count() or 1, 8)
    if jobs < 1:
        yield None
        return
    with _workers(library, jobs, settings or ReadSettings()) as executor:
        yield executor


def lone_worker(library: Library, settings: ReadSettings) -> Executor:
    """One worker process for files one after the other, under the limits of ``settings``.

    It has the library already. Where the platform allows it is a copy of this process.
    """
    return _workers(library, 1, settings)


def _workers(library: Library, jobs: int, settings: ReadSettings) -> Executor:
    limits = settings.limits
    if not can_fork(limits.memory):
        return _pool(library, jobs, settings)
    warm = partial(receive, library)
    if jobs == 1:
        return ForkedWorker(seconds=limits.seconds, memory=limits.memory, warm=warm)
    return ForkedWorkers(jobs, seconds=limits.seconds, memory=limits.memory, warm=warm)


def _pool(library: Library, jobs: int, settings: ReadSettings) -> WorkerPool:
    from consolidate.merge.worker_pool import WorkerPool  # One file does without.

    limits = settings.limits
    return WorkerPool(
        jobs, seconds=limits.seconds, memory=limits.memory, warm=partial(receive, library)
    )
