"""``backup [FILE.zip]`` writes a working folder to one file, ``restore FILE.zip DIR`` is back."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.backup import SECRETS, back_up, backup_name, put_back
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.next_command import say_next
from consolidate.cli.parameters import PathType, today
from consolidate.cli.register_options import workspace_at, workspace_option
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library


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
    target = file if file is not None else workspace.root / backup_name(today())
    made = back_up(workspace, target)
    counts = {"count": made.beside, "kept": made.files}
    say(text("backup.written", file=shown_path(made.path), **counts), bold=True)
    for note in made.notes():
        say(sentence(note), colour="yellow")
    secrets = [workspace.root / name for name in SECRETS if (workspace.root / name).exists()]
    if secrets:
        say(text("backup.secrets_apart", files=", ".join(map(shown_path, secrets))))
    say_next(workspace, today())
    return EXIT_FINDINGS if made.notes() else 0


@click.command("restore", cls=VietnameseCommand, help=text("cli.restore.help"))
@click.argument("file", metavar=text("cli.restore.file"), type=PathType())
@click.argument("folder", metavar=text("cli.restore.folder"), type=PathType())
def restore(file: Path, folder: Path) -> int:
    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    done = put_back(shipped_library(), file, folder)
    counts = {"count": done.files, "runs": done.runs}
    say(text("backup.restored", folder=shown_path(folder), **counts), bold=True)
    for note in done.notes:
        say(sentence(note), colour="yellow")
    say(text("backup.next", command=f'cd "{shown_path(folder)}"'))
    return EXIT_FINDINGS if done.missing else 0
