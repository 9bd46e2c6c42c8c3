"""One name for the files of a reporting round, whichever of its codes they were asked for by."""

from __future__ import annotations

import contextlib
from pathlib import Path

from consolidate.model.period import Period
from consolidate.pipeline import summary_name


def round_folder(parent: Path, name: Period) -> Path:
    """The folder of a round in ``parent``.

    An older program named it after the code that was typed: where only such a folder is there, it
    is the one, so that what stands in it is found and not made twice.
    """
    own = parent / name.code
    others = [parent / period.code for period in name.round_periods if period != name]
    return next((path for path in others if path.is_dir()), own) if not own.is_dir() else own


def superseded(folder: Path, name: Period) -> tuple[Path, ...]:
    """Summaries of the round that stand in a folder under another code and are kept up no more."""
    paths = (folder / summary_name(period) for period in name.round_periods if period != name)
    return tuple(path for path in paths if path.is_file())


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
