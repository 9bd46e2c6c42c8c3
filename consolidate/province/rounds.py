"""Find the inboxes that are named after a reporting round, by either of its codes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from consolidate.model.period import Period


def other_inboxes(inbox: Path, name: Period) -> tuple[Path, ...]:
    """Folders beside an inbox that is named after a round, with files of the same round in them."""
    folder = inbox.resolve()
    if round_of_folder(folder) is None:
        return ()
    paths = (folder.with_name(period.code) for period in name.round_periods)
    return tuple(path for path in paths if path != folder and has_files(path))


def round_of_folder(folder: Path) -> Period | None:
    """The period that a folder is named after."""
    with contextlib.suppress(ValueError):
        return Period.parse_code(folder.name)
    return None


def has_files(folder: Path) -> bool:
    """Whether a folder is there and holds a file, itself or further down."""
    return any(path.is_file() for path in folder.rglob("*"))
