"""Find what a command is about: workspace, inbox, run; read its settings of reading.

Imported by commands that may have nothing to do: what reads definitions, workbooks or the register
is imported where it is used.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidate.cli.terminal import print_line, say_renamed, shown_path
from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.model.text import format_number
from consolidate.province.places import CONFIG

if TYPE_CHECKING:
    from consolidate.intake.read_file import ReadSettings
    from consolidate.model.runs import Run
    from consolidate.province.workspace import Workspace
    from consolidate.register.register import Register
    from consolidate.xlsx.read.gate import Limits


def workspace_at(folder: Path | None) -> Workspace:
    """Find the workspace that is named, or the one that holds the current folder.

    Raises:
        click.UsageError: neither exists.
        UserError: it cannot be used.
    """
    from consolidate.actions.workspaces import workspace_of
    from consolidate.definitions.loader import shipped_library

    workspace = workspace_of(shipped_library(), folder, Path())
    if workspace is None:
        raise click.UsageError(text("issue.no_workspace", path=Path().resolve()))
    return workspace


def inbox_meant(folder: Path | None, period: Period | None, day: date, *, alone: bool) -> Path:
    """Find the inbox of a round, of the newest open one where no period is given.

    Raises:
        click.UsageError: there is no workspace, or none is wanted.
        UserError: the workspace cannot be used; files of the round lie in two folders.
    """
    if alone:
        raise click.UsageError(text("cli.merge.none_given"))
    from consolidate.actions.next_step import open_round
    from consolidate.actions.workspaces import round_inbox, workspace_of
    from consolidate.definitions.loader import shipped_library

    workspace = workspace_of(shipped_library(), folder, Path())
    if workspace is None:
        raise click.UsageError(text("cli.merge.none_given"))
    period = period if period is not None else open_round(workspace, day)
    inbox = round_inbox(workspace, period)[0]
    if inbox == workspace.inbox:  # Nothing lies in a folder of the round.
        inbox = workspace.inbox / period.round_name.code
    print_line(text("cli.merge.meant", path=shown_path(inbox), period=period.label), err=True)
    return inbox


def workspace_for(inbox: Path, folder: Path | None, *, alone: bool) -> Workspace | None:
    """Find the workspace that was named, else the one whose inbox this is or lies in.

    Raises:
        click.UsageError: there is no such inbox; a workspace is both named and not wanted.
        UserError: the workspace cannot be used.
    """
    if not inbox.is_dir():
        raise click.UsageError(text("cli.merge.no_inbox", path=inbox))
    if alone and folder is not None:
        raise click.UsageError(text("cli.merge.two_workspaces"))
    if alone:
        return None
    from consolidate.actions.workspaces import workspace_of
    from consolidate.definitions.loader import shipped_library
    from consolidate.province.workspace import Workspace

    shipped = shipped_library()
    if folder is not None:
        return workspace_of(shipped, folder, inbox)
    workspace = Workspace.of_inbox(shipped, inbox)
    if workspace is None and any((above / CONFIG).is_file() for above in inbox.resolve().parents):
        click.echo(text("cli.merge.outside_workspace", path=inbox), err=True)
    return workspace


def settings_of(password_file: Path | None, limits: Path | None) -> ReadSettings:
    """Read the settings that the two files give.

    Raises:
        UserError: the file of passwords cannot be read.
        click.UsageError: that of limits cannot be read, or names one that does not exist.
    """
    from consolidate.intake.read_file import ReadSettings
    from consolidate.province.workspace import read_passwords
    from consolidate.xlsx.read.gate import Limits

    passwords = read_passwords(password_file) if password_file is not None else ()
    return ReadSettings(_limits(limits) if limits is not None else Limits(), passwords)


_MOST, _MOST_SECONDS = 10**15, 86_400
"""Largest limit of bytes and counts, and of seconds: no larger one would limit anything."""


def _limits(path: Path) -> Limits:
    from consolidate.intake.plain_files import read_settings_text
    from consolidate.xlsx.read.gate import Limits

    def refuse(kind: str, /, **values: object) -> click.UsageError:
        problem = text(f"cli.reading.{kind}", **values)
        return click.UsageError(text("cli.reading.no_limits", path=path, problem=problem))

    import tomllib  # Few commands set limits.

    try:
        given = tomllib.loads(read_settings_text(path))
    except OSError:
        raise refuse("limits_absent") from None
    except (ValueError, RecursionError) as error:  # Digits without end are a ValueError too.
        raise refuse("limits_syntax", detail=error) from None
    known: dict[str, type[Any]] = {
        field.name: type(getattr(Limits(), field.name)) for field in fields(Limits)
    }
    for key, value in given.items():
        if key not in known:
            raise refuse("limits_key", key=key, known=", ".join(known))
        # Compared before anything is made of it: no number is beyond this, nan is within nothing.
        number = isinstance(value, int | float) and not isinstance(value, bool)
        most = _MOST_SECONDS if known[key] is float else _MOST
        if not number or not 0 < value <= most or known[key](value) != value:
            raise refuse("limits_value", key=key, most=format_number(Decimal(most)))
    return replace(Limits(), **{key: known[key](value) for key, value in given.items()})


def chosen_run(register: Register, number: int | None, period: Period | None) -> Run:
    """Choose the run: by its number, else the locked, approved or newest one of the round.

    Without a round it is that of the newest run. A round that goes by another code is said so.

    Raises:
        click.UsageError: there is none, or the number is of another round.
    """
    if period is not None:
        say_renamed(period, period.round_name)
        period = period.round_name
    if number is not None:
        run = register.run(number)
        if period is not None and run not in register.runs(period):
            raise click.UsageError(
                text("trace.other_period", run=number, period=run.head.period.label)
            )
        return run
    if period is None:
        runs = register.runs()
        if not runs:
            raise click.UsageError(text("runs.none"))
        period = runs[-1].head.period
    standing = register.standing_run(period)
    if standing is None:
        raise click.UsageError(text("runs.none_of", period=period.label))
    return standing
