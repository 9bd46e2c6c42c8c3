"""Keep what the files of an inbox held, so that the next merge reads only files that changed.

Kept in the private folder of a register, never in an inbox. A reading is used for a file of the
same name and SHA-256, by the same program, definitions and limits, and for nothing else. Only
returns that were read without a password and without another reader are kept: all others depend on
more than that. A reading that is lost or damaged costs the time to read the file.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import platform
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import consolidate
from consolidate.intake.inbox import Inbox
from consolidate.intake.plain_files import read_plain
from consolidate.merge.shared_parts import SharedParts
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
from consolidate.xlsx.read.gate import Limits, Refused
from consolidate.xlsx.write.files import write_atomically

FOLDER = "readings"
_ROOMS = ("model", "rules", "definitions", "xlsx", "checks", "intake")
"""Rooms of the program that a reading depends on."""
_DAMAGED = (OSError, EOFError, ValueError, zlib.error)

Key = tuple[str, str]
"""Name of a file in its inbox, and the SHA-256 of its bytes."""


class KeptReadings:
    """The readings of one inbox in one file, which is replaced as a whole.

    ``folder`` is that of the register. A library whose definitions have no digest keeps nothing.
    """

    def __init__(self, folder: Path, inbox: Path, library: Library, limits: Limits) -> None:
        name = hashlib.sha256(str(inbox.resolve()).encode("utf-8", "surrogatepass")).hexdigest()
        self._path = folder / FOLDER / f"{name[:16]}.gz"
        self._limits = limits
        self._stand = _stand(library, limits)
        self._used: set[Key] = set()
        self._new: dict[Key, Source] = {}
        self._stale = False

    def known(self, inbox: Inbox) -> dict[str, Source]:
        """Find the readings of files of an inbox that are as they were, by name."""
        self._used, self._stale = set(), False
        if not self._stand or not self._path.is_file():
            return {}
        asked = {(name, digest) for name, digest in self._digests(inbox)}
        found: dict[str, Source] = {}
        shared = SharedParts()
        with contextlib.suppress(*_DAMAGED):
            for key, text in self._lines():
                if key in asked:
                    (found[key[0]],) = shared.sources([source_of(text)])
                    self._used.add(key)
                else:
                    self._stale = True
        return found

    def learn(self, sources: Mapping[str, Source], known: Iterable[str]) -> None:
        """Take the readings of an inbox by name, of which some were ``known``, to be kept."""
        old = frozenset(known)
        self._new = {
            (name, source.readings[0].sha256): source
            for name, source in sources.items()
            if name not in old and _may_be_kept(source)
        }

    def keep(self) -> None:
        """Write what was learned, beside what is still in use; nothing where nothing changed.

        Raises:
            OSError: the file cannot be written.
        """
        if not self._stand or not (self._new or self._stale):
            return
        made = io.BytesIO()
        with gzip.GzipFile("", "wb", compresslevel=1, fileobj=made, mtime=0) as packed:
            packed.write(f"{self._stand}\n".encode())
            with contextlib.suppress(*_DAMAGED):
                for key, text in self._lines() if self._used else ():
                    if key in self._used:
                        packed.write(_line(key, text))
            for key, source in self._new.items():
                with contextlib.suppress(TypeError):
                    packed.write(_line(key, text_of(source)))
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._path, made.getvalue(), mode=0o600)

    def _digests(self, inbox: Inbox) -> Iterator[Key]:
        for name in inbox.files:
            with contextlib.suppress(Refused):
                data = read_plain(inbox.root / name, self._limits.file_size)
                if data.startswith(ZIP):
                    yield name, hashlib.sha256(data).hexdigest()

    def _lines(self) -> Iterator[tuple[Key, str]]:
        with gzip.open(self._path, "rt", encoding="ascii", newline="\n") as lines:
            if next(lines, "") != f"{self._stand}\n":
                self._stale = True
                return
            for line in lines:
                digest, name, text = line.rstrip("\n").split("\t")
                yield (str(json.loads(name)), digest), text


def _line(key: Key, text: str) -> bytes:
    name, digest = key
    return f"{digest}\t{json.dumps(name)}\t{text}\n".encode("ascii")


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
    digest = hashlib.sha256()
    digest.update(platform.python_version().encode())
    digest.update(metadata.version("python-calamine").encode())
    files = [path for room in _ROOMS for path in (root / room).rglob("*.*")]
    read = sorted(path for path in files if path.suffix in (".py", ".toml"))
    for path in [*read, root / "merge" / "read_files.py", root / "merge" / "kept_readings.py"]:
        with contextlib.suppress(OSError):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if read else ""


_CLASSES: tuple[type[Any], ...] = (
    *(Source, FileReading, Return, DataSetReturn, DataValue, ValueKey, CellRef),
    *(WindowLine, DataWindow, Period, Anomaly, Evidence, Finding, Reason),
)
_ENUMS: tuple[type[Enum], ...] = (Outcome, ValueStatus, PeriodType, Severity)
_FIELDS: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind)) if is_dataclass(kind) else kind._fields
    for kind in _CLASSES
}
_MAKERS: dict[str, Callable[..., object]] = {
    **{kind.__name__: kind for kind in (*_CLASSES, *_ENUMS)},
    "": lambda *parts: parts,
    "Decimal": Decimal,
    "date": date.fromisoformat,
}
_PLAIN = (str, int, bool, type(None))


def text_of(source: Source) -> str:
    """Write what one file held as a line of JSON.

    Raises:
        TypeError: it holds something of another class.
    """
    return json.dumps(_told(source), separators=(",", ":"))


def source_of(text: str) -> Source:
    """Read what :func:`text_of` wrote.

    Raises:
        ValueError: the text is none of its texts.
    """
    try:
        made = _DECODER.decode(text)
    except (LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError("no reading") from error
    if not isinstance(made, Source):
        raise ValueError("no reading")
    return made


def _told(value: object) -> object:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple) and kind is tuple:
        return {"": [*map(_told, value)]}
    if kind in _FIELDS:
        return {kind.__name__: [_told(getattr(value, name)) for name in _FIELDS[kind]]}
    if isinstance(value, Enum) and kind in _ENUMS:
        return {kind.__name__: [value.value]}
    if kind is Decimal or kind is date:
        return {kind.__name__: [str(value)]}
    raise TypeError(f"no part of a reading: {kind.__name__}")


def _made(told: dict[str, list[Any]]) -> object:
    ((kind, parts),) = told.items()
    return _MAKERS[kind](*parts)


_DECODER = json.JSONDecoder(object_hook=_made)
"""Makes every object as soon as its text was read, the inner ones first."""
