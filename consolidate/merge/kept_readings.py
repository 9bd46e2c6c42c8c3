"""Keep what the files of an inbox held, so that the next merge reads only files that changed.

Kept in the private folder of a register, never in an inbox. A reading is used for a file of the
same name and SHA-256, by the same program, definitions and limits, and for nothing else. Only
returns that were read without a password and without another reader are kept: all others depend on
more than that. A reading that is lost or damaged costs the time to read the file.

They are one line of JSON in which everything stands once: returns repeat each other, a blank or a 0
in the same cell. Each such part is written once and read as one object, which the returns share as
those that are read do (``SharedParts`` in :mod:`consolidate.merge.read_files`). To read a province
takes a third of the time that its returns take one by one.

The line is an object of three lists. ``plain`` are texts, numbers and the like; ``made`` says how
each other part is made: the number of its kind, then the numbers of its parts, counted from the
first plain one, all of which stand before it; ``files`` are name, digest and number of each file.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib.util
import json
import platform
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import consolidate
from consolidate.intake.inbox import Inbox
from consolidate.intake.plain_files import read_plain
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Finding, Reason, Severity
from consolidate.model.returns import (
    Anomaly,
    DataSetReturn,
    Evidence,
    FileReading,
    Outcome,
    Return,
    Source,
    WindowLine,
)
from consolidate.xlsx.read.file_kinds import ZIP
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.write.atomic_files import write_atomically

FOLDER = "readings"
_ROOMS = ("model", "rules", "definitions", "xlsx", "checks", "intake")
"""Rooms of the program that a reading depends on."""
Key = tuple[str, str]
"""Name of a file in its inbox, and the SHA-256 of its bytes."""
_DAMAGED = (OSError, EOFError, ValueError, zlib.error)


class KeptReadings:
    """The readings of one inbox in one file, which is replaced as a whole.

    ``folder`` is that of the register. A library whose definitions have no digest keeps nothing.
    """

    def __init__(self, folder: Path, inbox: Path, library: Library, limits: Limits) -> None:
        name = hashlib.sha256(str(inbox.resolve()).encode("utf-8", "surrogatepass")).hexdigest()
        self._path = folder / FOLDER / f"{name[:16]}.gz"
        self._limits = limits
        self._stand = _stand(library, limits)
        self._sources: dict[Key, Source] = {}
        self._changed = False

    def known(self, inbox: Inbox) -> dict[str, Source]:
        """Find the readings of files of an inbox that are as they were, by name."""
        kept: dict[Key, Source] = {}
        if self._stand and self._path.is_file():
            with contextlib.suppress(*_DAMAGED):
                kept = self._kept()
        asked = set(self._digests(inbox)) if kept else set()
        self._sources = {key: source for key, source in kept.items() if key in asked}
        self._changed = len(self._sources) < len(kept)
        return {name: source for (name, _), source in self._sources.items()}

    def learn(self, sources: Mapping[str, Source], known: Iterable[str]) -> None:
        """Take the readings of an inbox by name, of which some were ``known``, to be kept."""
        old = frozenset(known)
        new = {
            (name, source.readings[0].sha256): source
            for name, source in sources.items()
            if name not in old and _may_be_kept(source)
        }
        self._sources |= new
        self._changed |= bool(new)

    def keep(self) -> None:
        """Write what was learned, beside what is still in use; nothing where nothing changed.

        Raises:
            OSError: the file cannot be written.
        """
        if not self._stand or not self._changed:
            return
        text = f"{self._stand}\n{packed(self._sources)}"
        made = gzip.compress(text.encode("ascii"), 1, mtime=0)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._path, made, mode=0o600)

    def _digests(self, inbox: Inbox) -> Iterator[Key]:
        for name in inbox.files:
            with contextlib.suppress(Refused):
                data = read_plain(inbox.root / name, self._limits.file_size)
                if data.startswith(ZIP):
                    yield name, hashlib.sha256(data).hexdigest()

    def _kept(self) -> dict[Key, Source]:
        """What the file holds, if it was made by the same.

        Raises:
            OSError, EOFError, ValueError, zlib.error: it is damaged.
        """
        with self._path.open("rb") as file:
            text = gzip.decompress(file.read()).decode("ascii")
        stand, _, line = text.partition("\n")
        return unpacked(line) if stand == self._stand else {}


def _may_be_kept(source: Source) -> bool:
    """Whether what a file held follows from its bytes and name alone, as far as is known."""
    (reading, *others) = source.readings
    content = reading.content
    if others or source.ignored or reading.member or content is None:
        return False
    if any(finding.rule.startswith("internal.") for finding in reading.findings):
        return False
    return not any(anomaly.kind == "other_reader" for anomaly in content.anomalies)


def _stand(library: Library, limits: Limits) -> str:
    """Digest of all that a reading depends on beside the file; ``""`` where that is not known."""
    digest = library.packs.digest
    program = _program()
    if not digest or not program:
        return ""
    return hashlib.sha256(f"{program} {digest} {limits!r}".encode()).hexdigest()


@cache
def _program() -> str:
    """Digest of the code that reads, and of what it is run by; ``""`` for one without files."""
    root = Path(consolidate.__file__).parent
    digest = hashlib.sha256(f"{platform.python_version()} {_reader()}".encode())
    files = [path for room in _ROOMS for path in (root / room).rglob("*.*")]
    read = sorted(path for path in files if path.suffix in (".py", ".toml"))
    own = ("read_files.py", "kept_readings.py")
    for path in [*read, *(root / "merge" / name for name in own)]:
        with contextlib.suppress(OSError):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if read else ""


def _reader() -> str:
    """The version of python-calamine, by the folder beside it that says it.

    The library for versions takes longer to import than this one folder to list.
    """
    found = importlib.util.find_spec("python_calamine")
    if found is None or found.origin is None:
        return ""
    beside = Path(found.origin).parent.parent.glob("python_calamine-*")
    named = sorted(path.name for path in beside)
    if named:
        return " ".join(named)
    from importlib import metadata

    return metadata.version("python-calamine")


_CLASSES: tuple[type[Any], ...] = (
    *(Source, FileReading, Return, DataSetReturn, DataValue, ValueKey, CellRef),
    *(WindowLine, DataWindow, Period, Anomaly, Evidence, Finding, Reason),
)
_ENUMS: tuple[type[Enum], ...] = (Outcome, ValueStatus, PeriodType, Severity)
_FIELDS: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind)) if is_dataclass(kind) else kind._fields
    for kind in _CLASSES
}
_MAKERS: tuple[Callable[..., object], ...] = (
    *(lambda *parts: parts, Decimal, date.fromisoformat),
    *(*_CLASSES, *_ENUMS),
)
_KINDS: dict[type[Any], int] = {
    kind: at for at, kind in enumerate((tuple, Decimal, date, *_CLASSES, *_ENUMS))
}
_PLAIN = frozenset((str, int, bool, type(None)))


def packed(sources: Mapping[Key, Source]) -> str:
    """Write what files held as one line of ASCII; a file that holds anything else is left out."""
    line = _Line()
    files = []
    for (name, digest), source in sources.items():
        try:
            files.append((name, digest, line.part(source)))
        except TypeError:
            continue
    return line.told(files)


def unpacked(text: str) -> dict[Key, Source]:
    """Read what :func:`packed` wrote.

    Raises:
        ValueError: the text was not written by :func:`packed`.
    """
    try:
        told = json.loads(text)
        found: list[Any] = told["plain"]
        part, keep = found.__getitem__, found.append
        for kind, *parts in told["made"]:
            keep(_MAKERS[kind](*map(part, parts)))
        sources = {(name, digest): part(at) for name, digest, at in told["files"]}
    except (LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError("no readings") from error
    if not all(isinstance(source, Source) for source in sources.values()):
        raise ValueError("no readings")
    return sources


class _Line:
    """The parts of one line, each with its number: plain ones from 0 up, others from -1 down."""

    def __init__(self) -> None:
        self._plain: dict[tuple[type[Any], object], int] = {}
        self._made: dict[tuple[int, ...], int] = {}
        self._seen: dict[int, tuple[int, object]] = {}

    def part(self, value: object) -> int:
        """Number a value; what it consists of is numbered before it.

        Raises:
            TypeError: it is no part of a reading.
        """
        kind = type(value)
        if kind in _PLAIN:
            return self._plain.setdefault((kind, value), len(self._plain))
        seen = self._seen.get(id(value))
        if seen is not None:
            return seen[0]
        if kind not in _KINDS:
            raise TypeError(f"no part of a reading: {kind.__name__}")
        row = (_KINDS[kind], *map(self.part, _parts(value)))
        number = self._made.setdefault(row, -1 - len(self._made))
        self._seen[id(value)] = number, value  # Held, so that no other object gets its id.
        return number

    def told(self, files: Iterable[tuple[str, str, int]]) -> str:
        """Write the line; a number of ``files`` is that of a part."""
        count = len(self._plain)

        def at(number: int) -> int:
            return number if number >= 0 else count - 1 - number

        made = [[kind, *map(at, parts)] for kind, *parts in self._made]
        said = {
            "plain": [value for _, value in self._plain],
            "made": made,
            "files": [(name, digest, at(number)) for name, digest, number in files],
        }
        return json.dumps(said, separators=(",", ":"))


def _parts(value: Any) -> Iterable[object]:
    """What a value is made of."""
    kind = type(value)
    if kind is tuple:
        return value  # type: ignore[no-any-return]  # A tuple: its type was asked.
    if isinstance(value, Enum):
        return (value.value,)
    if kind in _FIELDS:
        return [getattr(value, name) for name in _FIELDS[kind]]
    return (str(value),)
