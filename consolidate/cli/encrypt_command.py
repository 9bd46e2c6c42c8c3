"""``consolidate encrypt FILE…``: copies with a password, to be sent."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.encrypt import encrypt_file
from consolidate.cli.base import VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import PathType
from consolidate.definitions.catalogue import text
from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.province.workspace import read_passwords


@click.command(cls=VietnameseCommand, help=text("cli.encrypt.help"))
@click.argument(
    "files", metavar=text("cli.encrypt.files"), nargs=-1, required=True, type=PathType()
)
@click.option(
    "--password-file", metavar="TỆP", type=PathType(), help=text("cli.encrypt.password_file")
)
@click.option("--force", is_flag=True, help=text("cli.encrypt.force"))
def command(files: tuple[Path, ...], password_file: Path | None, *, force: bool) -> int:
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
    """The first line of a file, else what a person types twice; never from the command line."""
    if file is None:
        asked: str = click.prompt(
            text("encrypt.ask"), hide_input=True, confirmation_prompt=text("encrypt.ask_again")
        )
        return asked
    passwords = read_passwords(file)
    if not passwords:
        raise UserError((because("encrypt.no_password", file=str(file)),), wrong_call=True)
    return passwords[0]
