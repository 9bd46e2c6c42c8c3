"""Find what a command is about: workspace, inbox, run, settings; say where its round is.

Imported by commands that may have nothing to do: what reads definitions, workbooks or the register
is imported where it is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidate.cli.options import today
from consolidate.cli.terminal import print_line, say, say_renamed, shown_path, width
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.model.text import format_number
from consolidate.province.places import CONFIG

if TYPE_CHECKING:
    from consolidate.actions.adjust_and_decide import RoundState
    from consolidate.actions.status_and_next_step import NextStep
    from consolidate.intake.read_file import ReadSettings
    from consolidate.model.runs import Run
    from consolidate.province.workspace import Workspace
    from consolidate.register.register import Register
    from consolidate.xlsx.read.package_gate import Limits


def workspace_at(folder: Path | None) -> Workspace:
    """Find the workspace that is named, or the one that holds the current folder.

    Raises:
        click.UsageError: neither exists.
        UserError: it cannot be used.
    """
    from consolidate.definitions.loader import shipped_library
    from consolidate.province.workspace import Workspace

    workspace = Workspace.find(shipped_library(), Path(), folder)
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
    from consolidate.actions.status_and_next_step import open_round
    from consolidate.actions.workspaces import round_inbox
    from consolidate.definitions.loader import shipped_library
    from consolidate.province.workspace import Workspace

    workspace = Workspace.find(shipped_library(), Path(), folder)
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
    from consolidate.definitions.loader import shipped_library
    from consolidate.province.workspace import Workspace

    shipped = shipped_library()
    if folder is not None:
        return Workspace.find(shipped, inbox, folder)
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
    from consolidate.xlsx.read.package_gate import Limits

    passwords = read_passwords(password_file) if password_file is not None else ()
    return ReadSettings(_limits(limits) if limits is not None else Limits(), passwords)


_MOST, _MOST_SECONDS = 10**15, 86_400
"""Largest limit of bytes and counts, and of seconds: no larger one would limit anything."""


def _limits(path: Path) -> Limits:
    from consolidate.intake.plain_files import read_settings_text
    from consolidate.xlsx.read.package_gate import Limits

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


_BY_PATH = ("merge", "return", "init")
"""Commands that find the workspace by the path that they are given."""
_ROUNDS_SHOWN = 5


def say_where(workspace: Workspace | None) -> None:
    """Say where the newest open round is and what comes next; outside, how to begin.

    Raises:
        UserError: roster, calendar or register cannot be used.
    """
    if workspace is None:
        _say_start()
        return
    province = f" ({workspace.province})" if workspace.province else ""
    say(text("next.workspace", folder=workspace.root, province=province))
    from consolidate.actions.status_and_next_step import next_step

    found = next_step(workspace, today())
    if found.progress is not None:
        standing = "; ".join(map(sentence, found.progress.lines()))
        say(text("next.round", period=found.progress.period.label, standing=standing), bold=True)
    if found.others:
        shown = ", ".join(period.label for period in found.others[:_ROUNDS_SHOWN])
        say(text("next.others", periods=shown))
    _say_step(found, workspace)


def say_next(workspace: Workspace, day: date, known: RoundState | None = None) -> None:
    """Say what comes next behind what a command did; nothing where that cannot be told.

    ``known`` is how a round stands in a run that the command made.
    """
    from consolidate.actions.status_and_next_step import next_step

    with contextlib.suppress(UserError):
        _say_step(next_step(workspace, day, known), workspace)


def say_round(period: Period) -> None:
    """Say on standard error which round is meant where none was named."""
    click.echo(text("next.of_round", period=period.label), err=True)


def _say_step(found: NextStep, workspace: Workspace) -> None:
    reason = sentence(found.reason)
    if not found.command:
        say(text("next.then_alone", reason=reason))
        return
    words = list(found.command)
    apart = Path.cwd() != workspace.root and workspace.root not in Path.cwd().parents
    if apart and words[0] not in _BY_PATH:
        words += ["--workspace", workspace.root]
    command = _shown(words)
    line = text("next.then", reason=reason, command=command)
    if len(line) <= width():
        say(line)
    else:
        # A command that is to be typed or copied stays in one piece.
        say(text("next.then", reason=reason, command="").rstrip())
        print_line(f"  {command}")


def _shown(words: Sequence[str | Path]) -> str:
    said = [shown_path(word) if isinstance(word, Path) else word for word in words]
    quoted = [f'"{word}"' if " " in word or word == "…" else word for word in said]
    return " ".join(["consolidate", *quoted])


def _say_start() -> None:
    say(text("next.start.none"))
    inside = [path.parent for path in sorted(Path().glob(f"*/{CONFIG}"))]
    if inside:
        say(text("next.start.inside"))
        for folder in inside[:_ROUNDS_SHOWN]:
            click.echo(f'  cd "{folder}"')
    starts = (
        ("init", f'init tinh --province "Quảng Ngãi" --year {today().year}'),
        ("merge", f"merge {text('next.start.folder')}"),
        ("help", "--help"),
    )
    for name, command in starts:
        say(text(f"next.start.{name}"))
        click.echo(f"  consolidate {command}")
