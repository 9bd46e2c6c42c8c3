"""``consolidate restore FILE.zip DIR``: a backup into a new folder."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.backup import put_back
from consolidate.cli.base import VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import PathType
from consolidate.definitions.catalogue import text


@click.command(cls=VietnameseCommand, help=text("cli.restore.help"))
@click.argument("file", metavar=text("cli.restore.file"), type=PathType())
@click.argument("folder", metavar=text("cli.restore.folder"), type=PathType())
def command(file: Path, folder: Path) -> int:
    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    done = put_back(file, folder)
    counts = {"count": done.files, "runs": done.runs}
    say(text("backup.restored", folder=shown_path(folder), **counts), bold=True)
    say(text("backup.next", folder=shown_path(folder)))
    return 0
