"""``consolidate restore FILE.zip DIR``: a backup into a new folder."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.commands.base import VietnameseCommand
from consolidate.commands.console import say, shown_path
from consolidate.definitions.catalogue import text
from consolidate.register.store.backup import DATABASE, restore
from consolidate.register.store.errors import RegisterError
from consolidate.register.store.register import open_register


@click.command(cls=VietnameseCommand, help=text("cli.restore.help"))
@click.argument("file", metavar=text("cli.restore.file"), type=click.Path(path_type=Path))
@click.argument("folder", metavar=text("cli.restore.folder"), type=click.Path(path_type=Path))
def command(file: Path, folder: Path) -> int:
    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    try:
        count = restore(file, folder)
        with open_register(folder / DATABASE, folder) as register:  # Does it open at all?
            runs = len(register.runs())
    except RegisterError as error:
        raise click.ClickException(str(error)) from None
    say(text("backup.restored", count=count, runs=runs, folder=shown_path(folder)), bold=True)
    say(text("backup.next", folder=shown_path(folder)))
    return 0
