"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import interactive, shown_path
from consolidate.commands.reading import reading_options, settings_of
from consolidate.commands.summary import say_summary
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.period import Period
from consolidate.model.units import Roster
from consolidate.pipeline import MergeRequest, NoReturns, Progress, merge, workers, write_results
from consolidate.register.roster import RosterError, read_roster

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
@reading_options
@click.option("--jobs", metavar="N", type=click.IntRange(0, 64), help=text("cli.merge.jobs"))
def command(
    inbox: Path,
    out: Path | None,
    period: Period | None,
    roster: Path | None,
    json_path: Path | None,
    jobs: int | None,
    password_file: Path | None,
    limits: Path | None,
) -> int:
    if not inbox.is_dir():
        raise click.UsageError(text("cli.merge.no_inbox", path=inbox))
    folder = out if out is not None else inbox.resolve().parent / RESULTS_NAME
    for target in (folder, json_path):
        if target is not None and _inside(target, inbox):
            raise click.UsageError(text("cli.merge.out_in_inbox", path=target))
    expected = _roster(roster, inbox)
    request = MergeRequest(inbox, period, expected, settings_of(password_file, limits))
    with workers(inbox, jobs, request.settings) as executor, _progress() as progress:
        try:
            result = merge(request, executor, progress)
        except NoReturns:
            raise click.UsageError(text("cli.merge.no_period", path=inbox)) from None
    written = write_results(result, folder, inbox, json_path)
    say_summary(result, written)
    return 0 if result.clean else EXIT_FINDINGS


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
