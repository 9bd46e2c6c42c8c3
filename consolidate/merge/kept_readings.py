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
import importlib.util
import platform
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import consolidate
from consolidate.intake.inbox import Inbox
from consolidate.intake.plain_files import read_plain
from consolidate.merge.packed_readings import Key, packed, unpacked
from consolidate.model.datasets import Library
from consolidate.model.returns import Source
from consolidate.xlsx.read.file_kinds import ZIP
from consolidate.xlsx.read.gate import Limits, Refused
from consolidate.xlsx.write.files import write_atomically

FOLDER = "readings"
_ROOMS = ("model", "rules", "definitions", "xlsx", "checks", "intake")
"""Rooms of the program that a reading depends on."""
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
    own = ("read_files.py", "kept_readings.py", "packed_readings.py")
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
