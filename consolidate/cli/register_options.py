"""What commands over the register share: the workspace, opening the register, days, decisions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from consolidate.actions.workspaces import loaded_with_roster, workspace_of
from consolidate.cli.console import say_renamed
from consolidate.cli.parameters import DayType, PathType
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.runs import Run
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace

if TYPE_CHECKING:
    from consolidate.register.register import Register

Command = TypeVar("Command", bound=Callable[..., Any])


def workspace_option(command: Command) -> Command:
    """Give a command the option ``--workspace`` (``folder``); see :func:`opened`."""
    return click.option(
        "--workspace",
        "folder",
        metavar="DIR",
        type=PathType(),
        help=text("cli.issue.workspace"),
    )(command)


def workspace_at(folder: Path | None) -> Workspace:
    """Find the workspace that is named, or the one that holds the current folder.

    Raises:
        click.UsageError: neither exists.
        UserError: it cannot be used.
    """
    workspace = workspace_of(shipped_library(), folder, Path())
    if workspace is None:
        raise click.UsageError(text("issue.no_workspace", path=Path().resolve()))
    return workspace


def roster_of(workspace: Workspace) -> Roster:
    """Load the roster of a workspace.

    Raises:
        UserError: it is missing or cannot be used.
    """
    return loaded_with_roster(workspace)[1]


@contextlib.contextmanager
def opened(workspace: Workspace) -> Iterator[Register]:
    """Open the register of a workspace.

    Raises:
        UserError: it cannot be used, or refuses what is asked.
    """
    from consolidate.merge.opening import opened_register

    with opened_register(workspace, trial=False) as register:
        yield register


@contextlib.contextmanager
def looked_into(workspace: Workspace) -> Iterator[Register]:
    """Open the register of a workspace read-only: nothing is made and nothing is changed.

    Raises:
        UserError: it cannot be used.
    """
    from consolidate.merge.opening import opened_register

    with opened_register(workspace, trial=True) as register:
        yield register


def day_option(key: str) -> Callable[[Command], Command]:
    """Add an option ``--on``: the day of a decision, today by default (:func:`day_or_today`).

    ``key`` is the key of its help text.
    """
    return click.option("--on", "day", metavar="NGÀY", type=DayType(), help=text(key))


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


def standing_mark(register: Register, period: Period, run: int) -> str:
    """Word how a run stands: locked, approved, or ``""``."""
    standing = register.standing(period)
    if standing.lock is not None and standing.lock.run == run:
        return text("runs.locked")
    if standing.approval is not None and standing.approval.run == run:
        return text("runs.approved")
    return ""
