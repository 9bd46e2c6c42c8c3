"""Find the folder of a round in a workspace, its lists, a file that its register keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.province.calendar import has_files, round_of_folder
from consolidate.province.workspace import Loaded, Workspace
from consolidate.register.facts import DamagedFile

if TYPE_CHECKING:
    from consolidate.model.units import Roster


def library_of(workspace: Workspace | None, shipped: Library) -> Library:
    """Choose the definitions of a workspace; without one those that are shipped."""
    return workspace.library if workspace is not None else shipped


def round_inbox(workspace: Workspace, period: Period | None = None) -> tuple[Path, Period | None]:
    """Find the folder of the inbox for files of a round (``inbox/2018-9M``), and its period.

    Without a ``period`` that of the newest round that has files. Where no folder is named after a
    round, the whole inbox, and what was asked for.

    Raises:
        UserError: files of the round lie in two folders, so that either would lack some.
    """
    found: dict[Period, list[Path]] = {}
    for path in sorted(workspace.inbox.iterdir()) if workspace.inbox.is_dir() else ():
        named = round_of_folder(path)
        wanted = named is not None and (period is None or named.same_round(period))
        if named is not None and wanted and has_files(path):
            found.setdefault(named.round_name, []).append(path)
    if not found:
        return workspace.inbox, period
    newest = max(found, key=lambda item: item.last_day)
    folder, *others = found[newest]
    if others:
        values = {"inbox": str(folder)}
        both = [because("cli.merge.other_inbox", path=str(other), **values) for other in others]
        raise UserError(tuple(both), wrong_call=True)
    return folder, newest


def make_inbox(workspace: Workspace, period: Period) -> Path:
    """Make the folder that returns of a round are put into, unless there is one; where it is.

    Raises:
        OSError: it cannot be made.
    """
    for other in period.round_periods:
        if (workspace.inbox / other.code).is_dir():
            return workspace.inbox / other.code
    folder = workspace.inbox / period.round_name.code
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def loaded_with_roster(workspace: Workspace) -> tuple[Loaded, Roster]:
    """Load what the files of a workspace say, and its roster.

    Raises:
        UserError: a file cannot be used, or there is no roster.
    """
    loaded = workspace.load()
    if loaded.roster is None:
        raise UserError.of("issue.no_roster", wrong_call=True, file=str(workspace.roster_path))
    return loaded, loaded.roster


SHORTEST_DIGEST = 12
"""Digits of a digest that have to be known: fewer could be those of another file."""


def kept_bytes(workspace: Workspace, digest: str) -> bytes | None:
    """Read the file whose SHA-256 begins with some digits, checked; ``None`` if not kept.

    Only looks: no register is made.

    Raises:
        UserError: the register cannot be used.
    """
    if len(digest) < SHORTEST_DIGEST or not workspace.has_register:
        return None
    from consolidate.merge.open_province_memory import opened_register

    with opened_register(workspace, trial=True) as register:
        digests = [file.sha256 for file in register.files() if file.sha256.startswith(digest)]
        if len(digests) != 1:
            return None
        try:
            return register.read(digests[0])
        except DamagedFile:
            return None
