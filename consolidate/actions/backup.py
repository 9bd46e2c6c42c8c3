"""Back a register up, and restore a backup into a new folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.model.reasons import Reason, because
from consolidate.province.workspace import Workspace

if TYPE_CHECKING:
    from consolidate.register.facts import Backup


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: how many files and runs, and how many files the backup never had."""

    files: int
    runs: int
    missing: int = 0

    def notes(self) -> tuple[Reason, ...]:
        """What a person has to know about what is not there."""
        if not self.missing:
            return ()
        return (because("register.backup_incomplete", count=self.missing),)


def back_up(workspace: Workspace, target: Path) -> Backup:
    """Write the register of a workspace into one zip; a missing register gives an empty one.

    Nothing in the workspace is made or cleared away.

    Raises:
        UserError: the register cannot be used.
        OSError: the backup cannot be written.
    """
    from consolidate.merge.opening import opened_register

    with opened_register(workspace, trial=True) as register:
        return register.backup(target)


def put_back(archive: Path, folder: Path) -> Restored:
    """Put a backup into an empty or new folder, and see that it opens.

    Raises:
        UserError: the archive is not a backup, is damaged or was altered, or the folder is not
            empty.
        OSError: something cannot be read or written.
    """
    from consolidate.register import backup_file as backup
    from consolidate.register.register import open_register

    files = backup.restore(archive, folder)
    database = folder / backup.DATABASE
    with open_register(database, folder) as register:
        return Restored(files, len(register.runs()), len(register.files()) - files)
