"""Passwords that units told: a text file with one password a line, named or of the workspace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from consolidate.intake.read_file import ReadSettings
from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.province.workspace import Workspace


def read_passwords(path: Path) -> tuple[str, ...]:
    """One password a line; spaces inside and at the ends of a line belong to it.

    Raises:
        UserError: there is no such file, or it is no text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        unread = because("cli.reading.no_password_file", path=str(path))
        raise UserError((unread,), wrong_call=True) from None
    return tuple(dict.fromkeys(line for line in lines if line))


def with_passwords(settings: ReadSettings, workspace: Workspace | None) -> ReadSettings:
    """The settings with the passwords of the workspace behind those that they have.

    Commands and buttons open the same files so: a merge by a button must not lose what a merge by
    the command line could read.

    Raises:
        UserError: the file is there but is no text.
    """
    if workspace is None or not workspace.passwords_path.exists():
        return settings
    known = read_passwords(workspace.passwords_path)
    return replace(settings, passwords=tuple(dict.fromkeys((*settings.passwords, *known))))
