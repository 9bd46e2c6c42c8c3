"""Back a working folder up, and restore it into a new folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.intake.inbox import is_left_behind
from consolidate.intake.plain_files import is_link
from consolidate.model.datasets import Library
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import file_key
from consolidate.province.places import CONFIG, REGISTER
from consolidate.province.workspace import DATABASE, FOLDERS, KEY, PASSWORDS, Workspace

if TYPE_CHECKING:
    from consolidate.register.facts import Backup

SECRETS = (f"{REGISTER}/{KEY}", PASSWORDS)
"""Files that no backup holds: who finds one may neither seal nor open what units sent."""
_MAKING = ".consolidate-"


def backup_name(day: date) -> str:
    """Name a backup that is made on a day and not named otherwise."""
    return f"backup-{day.isoformat()}.zip"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: how many kept files and runs; ``notes`` say what a person has to do.

    ``missing`` counts files that the register names and the backup never had.
    """

    files: int
    runs: int
    notes: tuple[Reason, ...] = ()
    missing: int = 0


def back_up(workspace: Workspace, target: Path) -> Backup:
    """Write a working folder into one zip, all but :data:`SECRETS` and earlier backups.

    Nothing in the workspace is made or cleared away. Links are not followed; they, and names that
    some system refuses, are left out and told.

    Raises:
        UserError: the register cannot be used.
        OSError: the backup cannot be written.
    """
    from consolidate.merge.open_province_memory import opened_register
    from consolidate.register.backup_file import Beside, may_be_put_back

    skipped = {path.resolve() for path in workspace.backups()} | {target.resolve()}
    if workspace.database_file is not None:
        database = workspace.database_file.resolve()
        ends = ("", "-wal", "-shm", "-journal")
        skipped |= {database.with_name(f"{database.name}{end}") for end in ends}
    taken: dict[str, str] = {}
    left_out = []
    for name, plain in _files(workspace.root):
        if (workspace.root / name).resolve() in skipped and plain:
            continue
        if plain and may_be_put_back(name) and name.casefold() not in taken:
            taken[name.casefold()] = name
        else:
            left_out.append(name)
    beside = Beside(workspace.root, REGISTER, tuple(taken.values()))
    with opened_register(workspace, trial=True) as register:
        made = register.backup(target, beside)
    return replace(made, left_out=tuple(sorted((*left_out, *made.left_out), key=file_key)))


def put_back(library: Library, archive: Path, folder: Path) -> Restored:
    """Put a backup into an empty or new folder, and see that it opens.

    Raises:
        UserError: the archive is not a backup, is damaged or was altered, or the folder is not
            empty.
        OSError: something cannot be read or written.
    """
    from consolidate.register import backup_file as backup
    from consolidate.register.register import open_register

    files = backup.restore(archive, folder, REGISTER, CONFIG)
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    notes = [because("backup.secrets", names=tuple(str(folder / name) for name in SECRETS))]
    try:
        workspace = Workspace.at(library, folder)
    except UserError as error:  # It was so when it was backed up; a person mends it there.
        notes += error.problems
    else:
        if workspace.database != DATABASE:
            values = {"place": workspace.shown_database, "default": DATABASE}
            notes.append(because("backup.other_database", **values))
    database = folder / REGISTER / backup.DATABASE
    if not database.is_file():
        return Restored(files, 0, (*notes, because("register.database_apart")))
    with open_register(database, folder / REGISTER) as register:
        runs, missing = len(register.runs()), len(register.files()) - files
    if missing:
        notes.insert(0, because("register.backup_incomplete", count=missing))
    return Restored(files, runs, tuple(notes), missing)


def _files(root: Path) -> Iterator[tuple[str, bool]]:
    """List files of a working folder outside its register, sorted; tell whether each is plain."""
    folders, found = [root], []
    while folders:
        with os.scandir(folders.pop()) as listing:
            for entry in listing:
                name = Path(entry.path).relative_to(root).as_posix()
                if name in (REGISTER, *SECRETS) or entry.name.startswith(_MAKING):
                    continue
                if is_link(entry.path):
                    found.append((name, False))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif not is_left_behind(name):
                    mode = entry.stat(follow_symlinks=False).st_mode
                    found.append((name, stat.S_ISREG(mode)))
    yield from sorted(found, key=lambda item: (file_key(item[0]), item[0]))
