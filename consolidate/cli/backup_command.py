"""``consolidate backup [FILE.zip]``: the whole register in one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.backup import back_up
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import PathType
from consolidate.cli.register_options import workspace_at, workspace_option
from consolidate.definitions.catalogue import sentence, text


@click.command(cls=VietnameseCommand, help=text("cli.backup.help"))
@click.argument(
    "file",
    metavar=text("cli.backup.file"),
    required=False,
    type=PathType(dir_okay=False),
)
@workspace_option
def command(file: Path | None, folder: Path | None) -> int:
    workspace = workspace_at(folder)
    target = file if file is not None else workspace.root / _name(date.today())
    made = back_up(workspace, target)
    say(text("backup.written", file=shown_path(made.path), count=made.files), bold=True)
    for note in made.notes():
        say(sentence(note), colour="yellow")
    say(text("backup.key_apart", file=shown_path(workspace.key_path)))
    return EXIT_FINDINGS if made.notes() else 0


def _name(today: date) -> str:
    return f"sao-luu-{today.isoformat()}.zip"
