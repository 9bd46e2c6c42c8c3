"""What commands that merge an inbox share: options, its workspace, a bar while it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import click

from consolidate.actions.workspaces import workspace_of
from consolidate.cli.bar import Advance, shown_progress
from consolidate.cli.parameters import CountType, PathType, PeriodType
from consolidate.cli.reading_options import reading_options
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.province.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])


def inbox_options(command: Command) -> Command:
    """Give a command the options of a merge that say what is read, and as whose.

    They are ``--period``, ``--roster``, ``--workspace`` (as ``folder``), ``--no-workspace`` (as
    ``alone``), ``--jobs`` and those of :func:`consolidate.cli.reading_options.reading_options`.
    """
    path = PathType()
    options = (
        click.option("--period", metavar="KỲ", type=PeriodType(), help=text("cli.merge.period")),
        click.option("--roster", metavar="TỆP", type=path, help=text("cli.merge.roster")),
        click.option(
            "--workspace", "folder", metavar="DIR", type=path, help=text("cli.merge.workspace")
        ),
        click.option("--no-workspace", "alone", is_flag=True, help=text("cli.merge.no_workspace")),
        reading_options,
        click.option("--jobs", metavar="N", type=CountType(0, 64), help=text("cli.merge.jobs")),
    )
    for option in reversed(options):
        command = option(command)
    return command


def workspace_for(inbox: Path, folder: Path | None, *, alone: bool) -> Workspace | None:
    """The workspace that was named, else the one that the inbox lies in.

    Raises:
        click.UsageError: there is no such inbox; a workspace is both named and not wanted.
        UserError: the workspace cannot be used.
    """
    if not inbox.is_dir():
        raise click.UsageError(text("cli.merge.no_inbox", path=inbox))
    if alone and folder is not None:
        raise click.UsageError(text("cli.merge.two_workspaces"))
    return None if alone else workspace_of(shipped_library(), folder, inbox)


def reading_progress() -> AbstractContextManager[Advance]:
    """A bar while an inbox is read; without a terminal one line when reading ends."""

    def ended(total: int) -> str:
        return text("cli.merge.read", total=total)

    return shown_progress(text("cli.merge.reading"), ended)
