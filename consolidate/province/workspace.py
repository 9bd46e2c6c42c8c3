"""The workspace of a province: one folder with roster, calendar, inbox, outbox, results, register.

``consolidate.toml`` marks it and says where its register is. The key that seals issued templates is
a file of its own that only its owner may read; it is never written anywhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.intake.plain_files import is_link, read_settings_text
from consolidate.model.corrections import Reviews
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.units import Roster
from consolidate.province.own_forms import library_in
from consolidate.province.places import (
    CONFIG,
    INBOX,
    OUTBOX,
    REGISTER,
    RESULTS,
    in_some_inbox,
    inboxes_over,
    root_of_inbox,
    root_over,
)
from consolidate.templates.file_names import RESULT
from consolidate.xlsx.write.atomic_files import WriteOutcome, read_bytes, write_new

if TYPE_CHECKING:
    from consolidate.intake.read_file import ReadSettings
    from consolidate.model.deadlines import Calendar

FORMAT = "consolidate/workspace/1"
ROSTER, CALENDAR, GUIDE = "roster.xlsx", "calendar.xlsx", "huong-dan.txt"
PASSWORDS = "passwords.txt"
REVIEWS = "reviews.xlsx"
"""Points that assessors give; made by the first merge that has an assessment."""
CORRECTIONS = "corrections.xlsx"
"""Workbook of corrections; made when it is first asked for."""
WORKED_IN = (INBOX, OUTBOX, RESULTS)
"""Folders of a workspace in which people open files."""
FOLDERS = (*WORKED_IN, REGISTER)
DATABASE = "sqlite:///register/register.sqlite3"
"""URL of the register unless another is given; a relative file is one of the workspace."""
LETTERS, GIVEN_BACK = "letters", "return"
"""Folders in the outbox, with a folder per round: reminder letters; what is given back to units."""
_RESTORED = "restored"
"""What follows the name of the folder in that of the one that a backup is put back into."""
KEY = "issue.key"
KEY_BYTES = 32
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files of a workspace say. Without a roster or calendar it is ``None`` or empty.

    ``key`` seals issued templates; ``None`` when the workspace has none.
    """

    roster: Roster | None
    calendar: Calendar
    key: bytes | None
    reviews: Reviews = field(default_factory=dict)

    def forms(self, workspace: Workspace, period: Period) -> Library:
        """Choose the forms of a round, by the data windows that its calendar sets."""
        return workspace.library.at(period, self.calendar.last_days(period))


class _Part:
    """A file or folder of a workspace, by its name below the root."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, workspace: Workspace, kind: type) -> Path:
        return workspace.root / self._name


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything is. ``root`` is absolute; ``database`` is the URL as configured.

    ``library`` holds the definitions by which its files are read: those that were given, or with
    the packs of its own folder ``forms`` all that are shipped.
    """

    library: Library = field(repr=False)
    root: Path
    province: str = ""
    database: str = DATABASE

    @classmethod
    def find(cls, library: Library, path: Path, named: Path | None = None) -> Workspace | None:
        """Find the workspace in a folder that is named, else that a path is in, if any.

        Raises:
            UserError: there is one, but its configuration cannot be used; the folder that is named
                holds none, or lies in an inbox.
        """
        if named is not None:
            must_be_outside(named)
        root = named if named is not None else root_over(path)
        return cls.at(library, root) if root is not None else None

    @classmethod
    def of_inbox(
        cls, library: Library, path: Path, folders: tuple[str, ...] = (INBOX,)
    ) -> Workspace | None:
        """Return the workspace in whose own inbox a path lies (:func:`root_of_inbox`), if any.

        Raises:
            UserError: there is one, but its configuration cannot be used.
        """
        root = root_of_inbox(path, folders)
        return cls.at(library, root) if root is not None else None

    @classmethod
    def at(cls, library: Library, root: Path) -> Workspace:
        """Return the workspace whose configuration is in this folder.

        Raises:
            UserError: there is no configuration that can be used, or a form of its own has faults.
        """
        import tomllib  # Not every file lies in a workspace.

        path = root.resolve() / CONFIG
        try:
            config = tomllib.loads(read_settings_text(path))
        except OSError:
            raise UserError.of("workspace.none", folder=str(root)) from None
        except (ValueError, RecursionError) as error:  # Digits without end are a ValueError too.
            detail = "UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise UserError.of("workspace.bad_config", file=str(path), detail=detail) from None
        found = config.get("format")
        if found is None:
            key = "workspace.no_format" if config else "workspace.empty_config"
            raise UserError.of(key, file=str(path))
        if found != FORMAT:
            raise UserError.of("workspace.other_format", file=str(path), found=str(found))
        settings = {name: config.get(name, "") for name in ("province", "database")}
        problems = tuple(
            because("workspace.not_text", file=str(path), name=name)
            for name, value in settings.items()
            if not isinstance(value, str)
        )
        if problems:
            raise UserError(problems)
        library = library_in(library, path.parent)
        return cls(library, path.parent, settings["province"], settings["database"] or DATABASE)

    roster_path = _Part(ROSTER)
    calendar_path = _Part(CALENDAR)
    reviews_path = _Part(REVIEWS)
    corrections_path = _Part(CORRECTIONS)
    passwords_path = _Part(PASSWORDS)
    """The text file of passwords that units told; an officer makes it when there is need."""
    inbox = _Part(INBOX)
    """Where returned files go."""
    outbox = _Part(OUTBOX)
    """Where issued templates go, one folder per period."""
    results = _Part(RESULTS)
    """Where summaries go."""
    register = _Part(REGISTER)
    """Private folder of the register and the key."""
    key_path = _Part(f"{REGISTER}/{KEY}")
    """The file with the key that seals issued templates."""

    @property
    def database_url(self) -> str:
        """URL of the register; the file of a relative SQLite URL is one of the workspace."""
        name = self.database.removeprefix(_SQLITE)
        absolute = name.startswith("/") or PureWindowsPath(name).is_absolute()
        if not self.database.startswith(_SQLITE) or absolute or name in ("", ":memory:"):
            return self.database
        return f"{_SQLITE}{(self.root / name).as_posix()}"

    @property
    def database_file(self) -> Path | None:
        """The file of the register; ``None`` for one on a server."""
        url = self.database_url
        return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None

    @property
    def newest_backup(self) -> Path | None:
        """The backup in the folder that was written last, if there is any."""
        return max(self.backups(), key=lambda path: (path.stat().st_mtime, path), default=None)

    @property
    def has_register(self) -> bool:
        """Whether a register was made (one on a server always counts as made).

        Raises:
            UserError: its file is gone or empty, and what it kept or recorded is still there.
        """
        traces, path = self.has_traces, self.database_file  # In this order: see has_traces.
        if path is None:
            return True
        made = path.exists() and not (path.is_file() and path.stat().st_size == 0)
        if not made and traces:
            raise self.lost
        return made

    @property
    def has_traces(self) -> bool:
        """Whether files that a register kept, or results of runs that it recorded, are there.

        Tables are made before anything is kept, and files are kept before results are written: who
        sees traces and no register then has lost one.
        """
        kept = (self.register / "files").glob("[0-9a-f][0-9a-f]/*.bin")
        return any(kept) or self.has_recorded_results

    @property
    def has_recorded_results(self) -> bool:
        """Whether there are results that only a merge with a register writes."""
        return any(self.results.glob(f"{RESULT}*.json"))

    @property
    def lost(self) -> UserError:
        """The refusal to go on without the register; it names the newest backup in the folder."""
        newest = self.newest_backup
        values = {
            "place": self.shown_database,
            "files": str(self.register / "files"),
            "results": str(self.results),
            "folder": str(self.root.with_name(f"{self.root.name}-{_RESTORED}")),
        }
        if not self.database_url.startswith(_SQLITE):
            return UserError((because("workspace.lost_on_server", **values),))
        if newest is None:
            return UserError((because("workspace.lost", **values),))
        return UserError((because("workspace.lost_with_backup", backup=str(newest), **values),))

    def backups(self) -> Iterator[Path]:
        """Backups that lie in the folder, by what is in them; never those sent."""
        for path in self.root.glob("*.zip"):
            try:
                with zipfile.ZipFile(path) as archive:
                    whole = DATABASE.removeprefix(_SQLITE) in archive.namelist()
            # NotImplementedError: a compression that zipfile does not know; no backup has one.
            except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
                continue
            if whole:
                yield path

    @property
    def shown_database(self) -> str:
        """The address of the register without what may be a password."""
        return self.database_url.removeprefix(_SQLITE).rpartition("@")[2]

    def load(self) -> Loaded:
        """Read roster, calendar and key.

        Raises:
            UserError: with every problem of all of them.
        """
        from consolidate.model.deadlines import Calendar  # Not every file lies in a workspace.
        from consolidate.province.calendar import read_calendar
        from consolidate.province.reviews_book import read_reviews
        from consolidate.province.roster import read_roster

        templates = self.library.families
        problems: list[Reason] = []
        roster, calendar, key = None, Calendar(), None
        reviews: Reviews = {}
        with _told_together(problems):
            if self.roster_path.is_file():
                roster = read_roster(self.roster_path, templates)
        with _told_together(problems):
            if self.calendar_path.is_file():
                calendar = read_calendar(self.calendar_path, templates)
        with _told_together(problems):
            if self.reviews_path.is_file():
                reviews = read_reviews(self.reviews_path)
        try:
            key = read_bytes(self.key_path)
        except FileNotFoundError:
            key = None
        except OSError:
            problems.append(because("workspace.key_unreadable", file=str(self.key_path)))
        if key is not None and len(key) != KEY_BYTES:
            problems.append(because("workspace.key_damaged", file=str(self.key_path)))
        if problems:
            raise UserError(tuple(problems))
        return Loaded(roster, calendar, key, reviews)


@contextlib.contextmanager
def _told_together(problems: list[Reason]) -> Iterator[None]:
    """Add what a book is refused for to the problems of others."""
    try:
        yield
    except UserError as error:
        problems += error.problems


def is_root(folder: Path) -> bool:
    """Tell whether a folder is a workspace with a key of its own: settings alone make none."""
    key = folder / REGISTER / KEY
    return all(path.is_file() for path in (folder / CONFIG, key)) and (folder / INBOX).is_dir()


def behind_link(path: Path) -> bool:
    """Tell whether a path in the inbox of a workspace leads out of it by a link that lies there."""
    here = path.absolute()
    return any(
        is_link(part)
        for inbox in inboxes_over(here)
        for part in (here, *here.parents)
        if inbox in part.parents
    )


@dataclass(frozen=True, slots=True)
class Created:
    """A file or folder of a new workspace (relative path); ``made`` is false for one kept."""

    path: str
    made: bool


def must_be_outside(folder: Path) -> None:
    """Refuse the inbox of a workspace, and what lies in it, as a workspace: units write there.

    Raises:
        UserError: the folder lies there.
    """
    if in_some_inbox(folder) or in_some_inbox(folder.resolve()):
        raise UserError.of("workspace.in_inbox", wrong_call=True, folder=str(folder))


def create(
    root: Path, roster: Roster, calendar: Calendar, templates: Iterable[str]
) -> Iterator[Created]:
    """Make what a workspace needs and does not have yet; nothing that is there is touched.

    ``templates`` are the codes that the calendar offers. Yields each part as soon as it is there,
    in a fixed order.

    Raises:
        UserError: the folder lies in the inbox of a workspace.
        OSError: a file cannot be written.
    """
    from consolidate.province.calendar import build_calendar
    from consolidate.province.roster import build_roster

    must_be_outside(root)
    books = {ROSTER: build_roster(roster), CALENDAR: build_calendar(calendar, templates)}
    guide = text("workspace.guide").lstrip().replace("\n", "\r\n")
    root.mkdir(parents=True, exist_ok=True)
    for name, content in {**books, GUIDE: guide.encode("utf-8-sig")}.items():
        yield Created(name, _made(root / name, content))
    for name in FOLDERS:
        folder = root / name
        new = not folder.is_dir()
        if new:
            folder.mkdir(mode=0o700 if name == REGISTER else 0o777)
        yield Created(f"{name}/", new)
    made = _made(root / REGISTER / KEY, os.urandom(KEY_BYTES), mode=0o600)
    yield Created(f"{REGISTER}/{KEY}", made)
    config = (
        f"# {text('workspace.config_note')}",
        f"format = {json.dumps(FORMAT)}",
        f"province = {json.dumps(roster.province, ensure_ascii=False)}",
        f"# {text('workspace.database_note')}",
        f"database = {json.dumps(DATABASE)}",
    )
    # Last, so that a folder without it is not taken for a whole workspace.
    yield Created(CONFIG, _made(root / CONFIG, "\n".join((*config, "")).encode()))


def _made(path: Path, content: bytes, *, mode: int = 0o666) -> bool:
    return write_new(path, content, mode=mode) is WriteOutcome.WRITTEN


def read_passwords(path: Path) -> tuple[str, ...]:
    """Read passwords, one a line; spaces inside and at the ends of a line belong to it.

    Raises:
        UserError: there is no such file, or it is no text.
    """
    try:
        lines = read_settings_text(path).splitlines()
    except (OSError, ValueError):
        raise UserError.of(
            "cli.reading.no_password_file", wrong_call=True, path=str(path)
        ) from None
    return tuple(dict.fromkeys(line for line in lines if line))


def with_passwords(settings: ReadSettings, workspace: Workspace | None) -> ReadSettings:
    """Return the settings with the passwords of the workspace behind those that they have.

    Commands and buttons open the same files so: a merge by a button must not lose what a merge by
    the command line could read.

    Raises:
        UserError: the file is there but is no text.
    """
    if workspace is None or not workspace.passwords_path.exists():
        return settings
    known = read_passwords(workspace.passwords_path)
    return replace(settings, passwords=tuple(dict.fromkeys((*settings.passwords, *known))))
