"""An inbox to readings: every file read and asked every check that needs nothing but the file.

The work on one file is a function from a path to picklable readings. It runs in this process, or in
any ``concurrent.futures.Executor``; :func:`workers` gives one with limits on time and memory.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from consolidate.checks.all_checks import check_return
from consolidate.checks.form_version_checks import as_now, changed_since
from consolidate.intake.inbox import Inbox, scan
from consolidate.intake.plain_files import read_plain
from consolidate.intake.read_file import ReadSettings, member_names, read_file, read_source
from consolidate.merge.worker_processes import LOST, DaskWorkers, Workers, can_fork
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.datasets import Library
from consolidate.model.reasons import Reason, because, sorted_findings
from consolidate.model.returns import DataSetReturn, FileReading, Outcome, Return, Source
from consolidate.xlsx.read.libreoffice_reader import allow
from consolidate.xlsx.read.package_gate import Refused

P = ParamSpec("P")
T = TypeVar("T")
H = TypeVar("H", bound=Hashable)

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
    held: Path | bytes,
    name: str = "",
    settings: ReadSettings | None = None,
    only: int | None = None,
) -> Source:
    """Read one file, or its bytes, and ask it every check that needs nothing else.

    ``name`` is how reports call the file; by default that of its path. An archive or a mail gives
    one reading for each file in it, or the reading of its member number ``only``.
    """
    settings = settings or ReadSettings()
    if isinstance(held, Path):
        name = name or held.name
        try:
            data = read_plain(held, settings.limits.container_size)
        except Refused as refused:
            return Source((_not_read(held, name, refused),))
    else:
        data = held
    source = read_source(name, data, library, settings, only)
    return Source(tuple([_checked(library, item) for item in source.readings]), source.ignored)


def check_bytes(
    library: Library, name: str, data: bytes, settings: ReadSettings | None = None
) -> FileReading:
    """As :func:`check`, for the bytes of a single workbook that are already in memory."""
    return _checked(library, read_file(name, data, library, settings or ReadSettings()))


def check_many(
    library: Library, files: Mapping[str, Path | bytes], settings: ReadSettings | None = None
) -> list[Source]:
    """Check files by name, in the given order: one task of an executor (picklable).

    A worker elsewhere, which sees no inbox, is given their bytes.
    """
    return [check(library, held, name, settings) for name, held in files.items()]


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

    Our own :class:`Workers` have the library already; any other executor is given it with every
    task. A file that outlasts its worker, or ends it, takes nothing else with it: its
    chunk is read again file by file, and a lost archive member by member.
    """
    settings = settings or ReadSettings()
    root, files = inbox.root, inbox.files
    sources: dict[str, Source] = dict(known or {})
    shared = SharedParts()
    asked = [name for name in files if name not in sources]
    if sources and progress is not None:
        progress(len(sources), len(files))

    def keep(names: Collection[str], read: Sequence[Source]) -> None:
        sources.update(zip(names, shared.sources(read), strict=True))
        if progress is not None:
            progress(len(sources), len(files))

    waiting: dict[Future[list[Source]], Collection[str]] = {}
    lost: list[str] = []
    for part in (asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK)):
        held: dict[str, Path | bytes] = {name: root / name for name in part}
        try:
            if executor is None:
                keep(part, check_many(library, held, settings))
                continue
            if isinstance(executor, Workers):  # They have limits, and the library.
                seconds = min(CHUNK_SECONDS, settings.limits.seconds)
                task = executor.within(seconds, in_worker, check_many, held, settings)
            else:
                if isinstance(executor, DaskWorkers) and executor.sends:
                    held = _sent(root, part, settings)
                    lost += [name for name in part if name not in held]
                task = executor.submit(check_many, library, held, settings)
            waiting[task] = held
        except LOST:
            lost += part
    # Workers of others have no limits: what none of them brings back is read here.
    patience = None if isinstance(executor, Workers) else settings.limits.seconds * 2
    for future in _ended(waiting, patience):
        names = waiting.pop(future)
        try:
            keep(names, future.result())
        except LOST:
            lost += names
    lost += (name for names in waiting.values() for name in names)
    if lost:
        with start_workers(library, settings) as pool:
            for name in sorted(lost):
                keep([name], [read_alone(pool, root, name, settings)])
    return tuple(sources[name] for name in files)


def _sent(root: Path, names: Sequence[str], settings: ReadSettings) -> dict[str, Path | bytes]:
    """The content of files by name; without those that cannot be read to an end."""
    read: dict[str, Path | bytes] = {}
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
    with start_workers(library, settings or ReadSettings(), jobs) as executor:
        yield executor


def start_workers(library: Library, settings: ReadSettings, jobs: int = 1) -> Workers:
    """Start worker processes that have the library, under the limits of ``settings``.

    Where the platform allows it they are copies of this process.
    """
    limits, warm = settings.limits, partial(receive, library)
    return Workers(
        jobs,
        seconds=limits.seconds,
        memory=limits.memory,
        warm=warm,
        copies=can_fork(limits.memory),
    )


_MOST_PARTS = 40_000
"""Objects that are remembered: memory does not grow with returns that say nothing alike."""


class SharedParts:
    """Hold one object for what many returns of an inbox say alike: a merge keeps every return.

    Returns repeat each other: most figures are blank, 0 or a small number in the same cell. Without
    these a return is little more than a tuple. Worker processes send each task by itself, so that
    every return would otherwise hold values of its own.
    """

    def __init__(self) -> None:
        self._parts: dict[Hashable, Hashable] = {}
        self._values: dict[tuple[ValueKey, CellRef, str], DataValue] = {}
        self._held: dict[int, DataValue] = {}

    def sources(self, sources: Sequence[Source]) -> list[Source]:
        """Give files that hold the same, made of what those before them hold."""
        shared = self._shared
        seen: dict[int, DataValue] = {}
        made = []
        for source in sources:
            readings = []
            for reading in source.readings:
                content = reading.content
                if content is not None:
                    content = Return(
                        template=shared(content.template),
                        version=shared(content.version),
                        cover=self._part(content.cover, seen),
                        data_sets=tuple([self._part(part, seen) for part in content.data_sets]),
                        anomalies=shared(content.anomalies),
                        period=shared(content.period),
                        window=shared(content.window),
                        revision=content.revision,
                        evidence=shared(content.evidence),
                        pack=shared(content.pack),
                        round=content.round,
                        definition=content.definition,
                    )
                readings.append(replace(reading, content=content) if content else reading)
            made.append(Source(tuple(readings), source.ignored))
        return made

    def _part(self, part: DataSetReturn, seen: dict[int, DataValue]) -> DataSetReturn:
        shared = self._shared
        # What is held already is known by being the same object.
        known = list(map(self._held.get, map(id, part.values)))
        values = [
            self._value(own, seen) if value is None else value
            for value, own in zip(known, part.values, strict=True)
        ]
        code, sheet, window = shared(part.code), shared(part.sheet), shared(part.window)
        return DataSetReturn(code, sheet, tuple(values), window, part.rows)

    def _value(self, value: DataValue, seen: dict[int, DataValue]) -> DataValue:
        known = seen.get(id(value))
        if known is None:
            known = self._values.get((value.key, value.cell, value.raw))
            if known is None:
                key, cell = self._shared(value.key), self._shared(value.cell)
                same = key is value.key and cell is value.cell
                known = value if same else replace(value, key=key, cell=cell)
                if len(self._values) < _MOST_PARTS:
                    self._values[key, cell, known.raw] = self._held[id(known)] = known
            # Equal numbers may be written differently: 1 and 1.0.
            elif known != value or str(known.value) != str(value.value):
                known = value
            seen[id(value)] = known
        return known

    def _shared(self, part: H) -> H:
        known = self._parts.get(part)
        if known is None and len(self._parts) < _MOST_PARTS:
            self._parts[part] = known = part
        return known if isinstance(known, type(part)) else part
