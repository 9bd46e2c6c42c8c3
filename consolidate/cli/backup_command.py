"""``backup [FILE.zip]`` writes the register to one file, ``restore FILE.zip DIR`` puts it back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.backup import back_up, put_back
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import PathType
from consolidate.cli.register_options import workspace_at, workspace_option
from consolidate.definitions.catalogue import sentence, text


@click.command("backup", cls=VietnameseCommand, help=text("cli.backup.help"))
@click.argument(
    "file",
    metavar=text("cli.backup.file"),
    required=False,
    type=PathType(dir_okay=False),
)
@workspace_option
def backup(file: Path | None, folder: Path | None) -> int:
    workspace = workspace_at(folder)
    target = file if file is not None else workspace.root / _name(date.today())
    made = back_up(workspace, target)
    say(text("backup.written", file=shown_path(made.path), count=made.files), bold=True)
    for note in made.notes():
        say(sentence(note), colour="yellow")
    say(text("backup.key_apart", file=shown_path(workspace.key_path)))
    return EXIT_FINDINGS if made.notes() else 0


@click.command("restore", cls=VietnameseCommand, help=text("cli.restore.help"))
@click.argument("file", metavar=text("cli.restore.file"), type=PathType())
@click.argument("folder", metavar=text("cli.restore.folder"), type=PathType())
def restore(file: Path, folder: Path) -> int:
    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    done = put_back(file, folder)
    counts = {"count": done.files, "runs": done.runs}
    say(text("backup.restored", folder=shown_path(folder), **counts), bold=True)
    for note in done.notes():
        say(sentence(note), colour="yellow")
    say(text("backup.next", folder=shown_path(folder)))
    return EXIT_FINDINGS if done.notes() else 0


def _name(today: date) -> str:
    return f"sao-luu-{today.isoformat()}.zip"
