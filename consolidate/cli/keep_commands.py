"""``export``, ``encrypt``, ``backup``, ``restore``: what leaves a working folder and comes back."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.backup import SECRETS, back_up, backup_name, put_back
from consolidate.actions.encrypt import encrypt_file
from consolidate.actions.export import export_values
from consolidate.actions.workspaces import loaded_with_roster
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.inboxes import chosen_run, workspace_at
from consolidate.cli.next_command import say_next
from consolidate.cli.parameters import (
    ChoiceType,
    PathType,
    PeriodParameter,
    RunType,
    today,
    workspace_option,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.merge.opening import opened_register
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.province.workspace import read_passwords
from consolidate.reports.values_table import TableFormat


@click.command(cls=VietnameseCommand, help=text("cli.export.help"))
@click.argument("period", metavar=text("cli.export.period"), required=False, type=PeriodParameter())
@click.option("--run", "number", metavar="SỐ", type=RunType(), help=text("cli.trace.run"))
@click.option(
    "--format",
    "kind",
    type=ChoiceType([item.value for item in TableFormat]),
    default=TableFormat.CSV.value,
    help=text("cli.export.format"),
)
@click.option("--lists", is_flag=True, help=text("cli.export.lists"))
@click.option("--redact", is_flag=True, help=text("cli.export.redact"))
@click.option("--out", metavar="TỆP", type=PathType(dir_okay=False), help=text("cli.export.out"))
@workspace_option
def export(
    period: Period | None,
    *,
    number: int | None,
    kind: str,
    lists: bool,
    redact: bool,
    out: Path | None,
    folder: Path | None,
) -> int:
    workspace = workspace_at(folder)
    _, roster = loaded_with_roster(workspace)
    with opened_register(workspace, trial=True) as register:
        run = chosen_run(register, number, period)
        chosen = TableFormat(kind)
        done = export_values(
            workspace, register, run, roster, chosen, path=out, lists=lists, redact=redact
        )
    counts = {"values": done.values, "units": done.units, "run": run.number}
    say(text("export.written", file=shown_path(done.path), **counts), bold=True)
    if not lists:
        say(text("export.without_lists"))
    return 0


@click.command(cls=VietnameseCommand, help=text("cli.encrypt.help"))
@click.argument(
    "files", metavar=text("cli.encrypt.files"), nargs=-1, required=True, type=PathType()
)
@click.option(
    "--password-file", metavar="TỆP", type=PathType(), help=text("cli.encrypt.password_file")
)
@click.option("--force", is_flag=True, help=text("cli.encrypt.force"))
def encrypt(files: tuple[Path, ...], password_file: Path | None, *, force: bool) -> int:
    for file in files:
        if not file.is_file():
            raise click.UsageError(text("cli.check.no_file", path=file))
    password = _password(password_file)
    for file in files:
        made = encrypt_file(file, password, force=force)
        say(text("encrypt.written", file=shown_path(made)), bold=True)
    say(text("encrypt.tell_apart"))
    return 0


def _password(file: Path | None) -> str:
    """Read the first line of a file, else what a person types twice; never the command line."""
    if file is None:
        asked: str = click.prompt(
            text("encrypt.ask"), hide_input=True, confirmation_prompt=text("encrypt.ask_again")
        )
        return asked
    passwords = read_passwords(file)
    if not passwords:
        raise UserError((because("encrypt.no_password", file=str(file)),), wrong_call=True)
    return passwords[0]


@click.command("backup", cls=VietnameseCommand, help=text("cli.backup.help"))
@click.argument(
    "file", metavar=text("cli.backup.file"), required=False, type=PathType(dir_okay=False)
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
