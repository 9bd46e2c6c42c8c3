"""Tell what changed since the last merge; recognise a merge that has nothing to do.

It has none where its sources and its results are unchanged. That is asked before definitions or the
register are loaded, so that a merge of an inbox in which nothing happened costs little more than to
read its bytes. Two digests cover all of it: of what a merge goes
by, the program, the day, the bytes of the inbox and of the files in the folder of the province; of
what it left, the register and the results. Of what only the line about the next step depends on,
names, sizes and times suffice.

Kept in the private folder of the register, once for each way in which a merge is asked for. A
register on a server has no bytes to compare: there every merge is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import consolidate
from consolidate import __version__
from consolidate.model.reasons import Reason, because
from consolidate.model.text import file_key
from consolidate.province.places import (
    CONFIG,
    INBOX,
    OUTBOX,
    REGISTER,
    in_some_inbox,
    root_of_inbox,
    root_over,
)

if TYPE_CHECKING:
    from consolidate.model.returns import ReturnRecord
    from consolidate.model.runs import RunOutcome
    from consolidate.province.workspace import Workspace
    from consolidate.rollup.result import MergeResult

FOLDER = "unchanged"
_FORMS, _BLOBS, _KEY = "forms", "files", "issue.key"
_PART = 1 << 20

Line = tuple[str, bool]
"""A line that was printed, and whether on standard error."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a merge printed, and its exit code."""

    lines: tuple[Line, ...]
    code: int


class LastMerge:
    """The merge that was asked for in the same words before, in the same working folder.

    ``words`` are all options by name; ``day`` is the day of the merge, ``shown`` whatever else the
    printed lines depend on. ``made`` are the options that name files to be written.
    """

    def __init__(
        self,
        root: Path,
        words: Mapping[str, object],
        day: date,
        shown: object,
        made: Iterable[str] = (),
    ) -> None:
        self._root = root
        asked = json.dumps([(name, str(words[name])) for name in sorted(words)])
        name = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._path = root / REGISTER / FOLDER / f"{name}.json"
        self._said = f"{__version__} {asked} {day} {shown} {Path.cwd()} {sys.version}"
        outputs = frozenset(made)
        self._named = [
            path
            for name, path in sorted(words.items())
            if isinstance(path, Path) and name not in outputs and path.is_file()
        ]
        self._before = self._after = ""
        self._seen: tuple[Path, str] | None = None
        self._written: tuple[str, ...] = ()
        self._database = ""

    def told(self) -> Printed | None:
        """Recall what it told, where nothing has changed since; ``None``: it is to be made."""
        try:
            found = json.loads(self._path.read_bytes())
            lines = tuple((str(line), bool(error)) for line, error in found["lines"])
            inbox, code = Path(found["inbox"]), int(found["code"])
            if not inbox.is_dir():
                return None
            given = self._given(inbox)
            self._seen = inbox, given
            if given != found["given"]:
                return None
            if self._left(found["database"], map(str, found["written"])) != found["left"]:
                return None
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return Printed(lines, code)

    def begin(self, inbox: Path) -> None:
        """Note what a merge of an inbox goes by, before it is made.

        What was seen when it was asked for still holds: what changed since then is found at the
        end, when all is looked at again.
        """
        self._before = self._after = ""
        inside = inbox.resolve().is_relative_to((self._root / INBOX).resolve())
        if self._seen is not None and self._seen[0] == inbox.absolute():
            self._before = self._seen[1] if inside else ""
            return
        with contextlib.suppress(OSError):
            self._before = self._given(inbox) if inside else ""

    def settle(self, database: Path | None, written: Iterable[Path]) -> None:
        """Note what the merge left. Call it while the exclusive lock is held."""
        if database is None or not self._before:
            return
        self._database = str(database)
        self._written = tuple(str(path.absolute()) for path in written)
        with contextlib.suppress(OSError):
            self._after = self._left(self._database, self._written)

    def keep(self, inbox: Path, told: Printed) -> None:
        """Keep what was noted and told, unless what the merge went by has changed meanwhile."""
        from consolidate.xlsx.write.atomic_files import (
            write_atomically,  # Only here, where it is used.
        )

        with contextlib.suppress(OSError):
            if not self._after or self._given(inbox) != self._before:
                return
            record = {
                "inbox": str(inbox.absolute()),
                "database": self._database,
                "written": self._written,
                "lines": told.lines,
                "code": told.code,
                "given": self._before,
                "left": self._after,
            }
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            write_atomically(self._path, json.dumps(record).encode(), mode=0o600)

    def _given(self, inbox: Path) -> str:
        """Digest of all that a merge goes by but the register.

        Raises:
            OSError: something cannot be listed or read.
        """
        digest = _Digest(self._said)
        package = Path(consolidate.__file__).parent
        digest.listed(package, lambda folder: folder.name == "__pycache__")
        for place in map(Path, sys.path):
            if place.name.endswith("-packages") and place.is_dir():
                digest.listing(place)  # A library of another release has another name there.
        digest.whole(inbox)
        for path in (*self._named, self._root / REGISTER / _KEY):
            digest.file(path)
        with os.scandir(self._root) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_file() and not entry.name.casefold().endswith(".zip"):
                    digest.file(Path(entry.path))  # Backups may be large; they are only looked at.
                elif entry.is_file():
                    digest.stat(entry.name, entry.stat())
        digest.whole(self._root / _FORMS)
        here = inbox.resolve()
        for name in (INBOX, OUTBOX):
            digest.listed(self._root / name, lambda folder: folder.resolve() == here)
        return digest.told()

    def _left(self, database: str, written: Iterable[str]) -> str:
        """Digest of the register and of results.

        Raises:
            OSError: something cannot be listed or read.
        """
        digest = _Digest("")
        folder = self._root / REGISTER
        digest.file(Path(database))
        digest.add(str(Path(database).stat().st_mtime_ns))  # A backup is compared with it.
        digest.add(str(Path(f"{database}-journal").exists()))
        with os.scandir(folder / _BLOBS) as entries:
            for part in sorted(entry.path for entry in entries if entry.is_dir()):
                with os.scandir(part) as blobs:
                    digest.add(*sorted(f"{item.name} {item.stat().st_size}" for item in blobs))
        for path in written:
            digest.file(Path(path))
        return digest.told()


def last_merge(
    folder: Path | None,
    inbox: Path | None,
    words: Mapping[str, object],
    day: date,
    shown: object,
    made: Iterable[str] = (),
) -> LastMerge | None:
    """Find the merge asked for in the same words before; ``None`` outside a working folder.

    ``folder`` is the working folder that was named, if one was, and ``inbox`` likewise.
    """
    if folder is not None:
        named = (folder / CONFIG).is_file() and not in_some_inbox(folder)
        root = folder if named and not in_some_inbox(folder.resolve()) else None
    else:
        root = root_of_inbox(inbox) if inbox is not None else root_over(Path())
    if root is None:
        return None
    return LastMerge(root.resolve(), words, day, shown, made)


class _Digest:
    """One digest of names, sizes, times and contents."""

    def __init__(self, said: str) -> None:
        self._sum = hashlib.sha256(said.encode("utf-8", "surrogatepass"))

    def told(self) -> str:
        return self._sum.hexdigest()

    def add(self, *words: str) -> None:
        for word in words:
            self._sum.update(word.encode("utf-8", "surrogateescape") + b"\0")

    def stat(self, name: str, status: os.stat_result) -> None:
        self.add(name, f"{status.st_mode} {status.st_size} {status.st_mtime_ns}")

    def file(self, path: Path) -> None:
        """Add the content of a plain file; of anything else only what it is."""
        try:
            status = path.stat()
        except FileNotFoundError:
            self.add("", "none")
            return
        if not stat.S_ISREG(status.st_mode):
            self.add(path.name, f"{status.st_mode}")
            return
        self.add(path.name, str(status.st_size))
        with path.open("rb") as stream:
            while part := stream.read(_PART):
                self._sum.update(part)

    def listing(self, folder: Path) -> None:
        """Add the names in a folder."""
        with os.scandir(folder) as entries:
            self.add(*sorted(entry.name for entry in entries))

    def whole(self, folder: Path) -> None:
        """Add the contents of all files of a folder and of its folders; no link is followed."""
        self._walk(folder, self._content)

    def listed(self, folder: Path, passed: Callable[[Path], bool]) -> None:
        """Add names, sizes and times in a folder and its folders, except those that are passed."""
        self._walk(folder, self._look, passed)

    def _content(self, entry: os.DirEntry[str]) -> None:
        if entry.is_symlink():
            self.add(entry.name, str(Path(entry.path).readlink()))
        else:
            self.file(Path(entry.path))

    def _look(self, entry: os.DirEntry[str]) -> None:
        self.stat(entry.name, entry.stat(follow_symlinks=False))

    def _walk(
        self,
        folder: Path,
        each: Callable[[os.DirEntry[str]], None],
        passed: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        if not folder.is_dir():
            self.add("", "none")
            return
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                each(entry)
            elif not passed(Path(entry.path)):
                self.add(entry.name, "(")
                self._walk(Path(entry.path), each, passed)
                self.add(")")


_SHOWN = 5
"""Files that a note names."""


def since_last_merge(workspace: Workspace, result: MergeResult) -> Reason | None:
    """Name files of a trial that the newest merge on record has not seen so; ``None`` without.

    What goes back is of the inbox as it is, so the summary of that merge does not show all of it.
    """
    from consolidate.merge.open_province_memory import opened_register

    with opened_register(workspace, trial=True) as register:
        run = register.last_run(result.period)
        if run is None:
            return None
        merged = {(item.path, item.member): item for item in register.outcomes(run.number)}
    now = {(record.path, record.member): record for record in result.records}
    names = {
        (now.get(place) or merged[place]).name
        for place in merged.keys() | now.keys()
        if _digest(merged.get(place)) != _digest(now.get(place))
    }
    if not names:
        return None
    shown = ", ".join(sorted(names, key=file_key)[:_SHOWN])
    shown = f"{shown}, …" if len(names) > _SHOWN else shown
    return because("cli.return.since", run=run.number, count=len(names), files=shown)


def _digest(file: RunOutcome | ReturnRecord | None) -> str | None:
    return file.sha256 if file is not None else None
