"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import interactive, say, shown_path
from consolidate.commands.parameters import DayType, PeriodType
from consolidate.commands.reading import reading_options, settings_of
from consolidate.commands.refusals import said_by_click
from consolidate.commands.summary import say_summary
from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.pipeline import NoReturns, Progress
from consolidate.work.merging import MergeOrder, do_merge
from consolidate.work.places import workspace_of


def no_period(inbox: Path) -> click.UsageError:
    """Why a merge without ``--period`` does not know its period: an empty folder, or silence."""
    key = "no_period" if any(path.is_file() for path in inbox.rglob("*")) else "empty_inbox"
    return click.UsageError(text(f"cli.merge.{key}", path=inbox))


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
    if alone and folder is not None:
        raise click.UsageError(text("cli.merge.two_workspaces"))
    with said_by_click():
        workspace = None if alone else workspace_of(folder, inbox)
    if workspace is None and as_of is not None:
        raise click.UsageError(text("cli.merge.as_of_alone"))
    order = MergeOrder(
        inbox,
        as_of if as_of is not None else date.today(),
        workspace=workspace,
        period=period,
        roster=roster,
        out=out,
        json_path=json_path,
        settings=settings_of(password_file, limits),
        jobs=jobs,
        trial=trial,
    )
    if order.roster_beside is not None:
        found = shown_path(order.roster_beside)
        click.echo(text("cli.merge.roster_found", path=found), err=True)
    with said_by_click(), shown_progress() as progress:
        try:
            done = do_merge(order, progress)
        except NoReturns:
            raise no_period(inbox) from None
    if done.overtaken:
        say(text("cli.merge.overtaken"), colour="yellow")
    say_summary(done.result, done.written)
    if workspace is not None and done.result.roster is None:
        say(text("cli.merge.missing_roster"), colour="yellow")
    for item in done.idle:
        say(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit), colour="yellow")
    if done.run is not None:
        key = "recorded" if done.run.added else "recorded_before"
        say(text(f"cli.merge.{key}", number=done.run.run.number))
    return 0 if done.result.clean else EXIT_FINDINGS


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress]:
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
