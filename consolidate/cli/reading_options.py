"""Options of every command that reads returned files: passwords, and what a file may be at most."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from consolidate.cli.parameters import PathType
from consolidate.definitions.catalogue import text
from consolidate.intake.read_file import ReadSettings
from consolidate.province.passwords import read_passwords
from consolidate.xlsx.read.gate import Limits

Command = TypeVar("Command", bound=Callable[..., Any])


def reading_options(command: Command) -> Command:
    """Give a command the options ``--password-file`` and ``--limits``; see :func:`settings_of`."""
    for name, key in (("--limits", "limits"), ("--password-file", "password_file")):
        command = click.option(
            name,
            metavar="TỆP",
            type=PathType(),
            help=text(f"cli.reading.{key}"),
        )(command)
    return command


def settings_of(password_file: Path | None, limits: Path | None) -> ReadSettings:
    """The settings that the two files give.

    Raises:
        UserError: the file of passwords cannot be read.
        click.UsageError: that of limits cannot be read, or names one that does not exist.
    """
    passwords = read_passwords(password_file) if password_file is not None else ()
    return ReadSettings(_limits(limits) if limits is not None else Limits(), passwords)


def _limits(path: Path) -> Limits:
    def refuse(kind: str, /, **values: object) -> click.UsageError:
        problem = text(f"cli.reading.{kind}", **values)
        return click.UsageError(text("cli.reading.no_limits", path=path, problem=problem))

    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise refuse("limits_absent") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse("limits_syntax", detail=error) from None
    known = {field.name: type(getattr(Limits(), field.name)) for field in fields(Limits)}
    for key, value in given.items():
        if key not in known:
            raise refuse("limits_key", key=key, known=", ".join(known))
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise refuse("limits_value", key=key)
    return replace(Limits(), **{key: known[key](value) for key, value in given.items()})
