"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import interactive, say, shown_path
from consolidate.commands.reading import reading_options, settings_of
from consolidate.commands.summary import say_summary
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.period import Period
from consolidate.model.units import Roster
from consolidate.pipeline import (
    MergeRequest,
    NoReturns,
    Progress,
    merge,
    remember,
    workers,
    write_results,
)
from consolidate.register.roster import RosterError, read_roster
from consolidate.rollup.result import MergeResult
from consolidate.workspace import Workspace, WorkspaceError

ROSTER_NAME = "roster.xlsx"
"""Roster that is used without being named when it stands beside the inbox."""
RESULTS_NAME = "results"
"""Folder beside the inbox that results go to when none is named."""


class PeriodType(click.ParamType[Period]):
    """A period code such as ``2018-9M``."""

    name = "period"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        if isinstance(value, Period):
            return value
        try:
            return Period.parse_code(str(value))
        except ValueError:
            self.fail(text("cli.merge.bad_period", value=value), param, ctx)


class DayType(click.ParamType[date]):
    """A day such as ``2018-09-05`` or ``05/09/2018``."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        typed = str(value).strip()
        form = "%d/%m/%Y" if "/" in typed else "%Y-%m-%d"
        try:
            return datetime.strptime(typed, form).date()
        except ValueError:
            self.fail(text("cli.merge.bad_day", value=value), param, ctx)


@click.command(cls=VietnameseCommand, help=text("cli.merge.help"))
@click.argument("inbox", metavar=text("cli.merge.inbox"), type=click.Path(path_type=Path))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help=text("cli.merge.out"))
@click.option("--period", metavar="KỲ", type=PeriodType(), help=text("cli.merge.period"))
@click.option(
    "--roster", metavar="TỆP", type=click.Path(path_type=Path), help=text("cli.merge.roster")
)
@click.option(
    "--json",
    "json_path",
    metavar="TỆP",
    type=click.Path(path_type=Path),
    help=text("cli.merge.json"),
)
@click.option(
    "--workspace",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=text("cli.merge.workspace"),
)
@click.option("--no-workspace", "alone", is_flag=True, help=text("cli.merge.no_workspace"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.merge.as_of"))
@click.option("--dry-run", "trial", is_flag=True, help=text("cli.merge.dry_run"))
@reading_options
@click.option("--jobs", metavar="N", type=click.IntRange(0, 64), help=text("cli.merge.jobs"))
def command(
    inbox: Path,
    out: Path | None,
    period: Period | None,
    roster: Path | None,
    json_path: Path | None,
    folder: Path | None,
    alone: bool,
    as_of: date | None,
    trial: bool,
    jobs: int | None,
    password_file: Path | None,
    limits: Path | None,
) -> int:
    if not inbox.is_dir():
        raise click.UsageError(text("cli.merge.no_inbox", path=inbox))
    workspace = _workspace(folder, inbox, alone=alone)
    if workspace is None and as_of is not None:
        raise click.UsageError(text("cli.merge.as_of_alone"))
    beside = workspace.results if workspace is not None else inbox.resolve().parent / RESULTS_NAME
    target = out if out is not None else beside
    for path in (target, json_path):
        if path is not None and _inside(path, inbox):
            raise click.UsageError(text("cli.merge.out_in_inbox", path=path))
    request = MergeRequest(inbox, period, settings=settings_of(password_file, limits))
    if workspace is not None:
        day = as_of if as_of is not None else date.today()
        return _in_workspace(workspace, request, roster, day, jobs, target, json_path, trial=trial)
    request = replace(request, roster=_roster(roster, inbox))
    result = _merged(request, jobs)
    written = {} if trial else write_results(result, target, inbox, json_path)
    say_summary(result, written)
    return 0 if result.clean else EXIT_FINDINGS


def _in_workspace(
    workspace: Workspace,
    request: MergeRequest,
    roster: Path | None,
    day: date,
    jobs: int | None,
    target: Path,
    json_path: Path | None,
    *,
    trial: bool,
) -> int:
    """Merge with the memory of a province, and record the merge in it unless it is a trial."""
    from consolidate.memory.judging import unused
    from consolidate.memory.opening import open_memory
    from consolidate.memory.recording import Changed
    from consolidate.register.store.errors import RegisterError

    named = _roster(roster, request.inbox) if roster is not None else None
    written: dict[str, Path] = {}
    run = None
    try:
        loaded = workspace.load(library().template_by_code)
        with open_memory(
            workspace, loaded, day, roster=named, roster_path=roster, trial=trial
        ) as memory:
            request = replace(request, memory=memory)
            result = _merged(request, jobs)
            idle = unused(memory, result.records, result.period)
            if not trial:
                written, run = remember(request, memory, result, target, json_path)
    except WorkspaceError as error:
        raise click.UsageError("\n".join(error.problems)) from None
    except (RegisterError, Changed) as error:
        raise click.ClickException(str(error)) from None
    say_summary(result, written)
    for item in idle:
        say(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit), colour="yellow")
    if run is not None:
        key = "recorded" if run.added else "recorded_before"
        say(text(f"cli.merge.{key}", number=run.run.number))
    return 0 if result.clean else EXIT_FINDINGS


def _workspace(folder: Path | None, inbox: Path, *, alone: bool) -> Workspace | None:
    if alone:
        if folder is not None:
            raise click.UsageError(text("cli.merge.two_workspaces"))
        return None
    try:
        return Workspace.at(folder) if folder is not None else Workspace.find(inbox)
    except WorkspaceError as error:
        raise click.UsageError("\n".join(error.problems)) from None


def _merged(request: MergeRequest, jobs: int | None) -> MergeResult:
    inbox = request.inbox
    with workers(inbox, jobs, request.settings) as executor, _progress() as progress:
        try:
            return merge(request, executor, progress)
        except NoReturns:
            raise click.UsageError(text("cli.merge.no_period", path=inbox)) from None


def _inside(target: Path, inbox: Path) -> bool:
    return target.resolve().is_relative_to(inbox.resolve())


def _roster(path: Path | None, inbox: Path) -> Roster | None:
    """The roster that was named, else the one beside the inbox if there is one."""
    if path is None:
        beside = inbox.resolve().parent / ROSTER_NAME
        if not beside.is_file():
            return None
        path = beside
        click.echo(text("cli.merge.roster_found", path=shown_path(path)), err=True)
    elif not path.is_file():
        raise click.UsageError(text("cli.merge.no_roster", path=path))
    try:
        return read_roster(path, library().template_by_code)
    except RosterError as error:
        raise click.UsageError("\n".join(error.problems)) from None


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal; elsewhere one line when reading ends."""
    if not interactive():
        yield _log
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text("cli.merge.reading"), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def _log(done: int, total: int) -> None:
    if done == total:
        click.echo(text("cli.merge.read", total=total), err=True)
