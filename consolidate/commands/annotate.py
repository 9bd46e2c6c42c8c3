"""``consolidate annotate INBOX``: marked copies and letters for units with something to correct."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import say, shown_path
from consolidate.commands.merge import DayType, PeriodType, no_period, shown_progress
from consolidate.commands.reading import reading_options, settings_of
from consolidate.commands.refusals import said_by_click
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.calendar import Calendar
from consolidate.model.period import Period
from consolidate.model.text import name_key
from consolidate.pipeline import NoReturns
from consolidate.rollup.result import MergeResult
from consolidate.work.merging import MergeOrder, do_merge
from consolidate.work.places import workspace_of

if TYPE_CHECKING:
    from consolidate.give_back import Written

FOLDER = "tra-lai"
"""Folder of what goes back, in the outbox of a workspace or beside the inbox."""
_SHOWN = 10


@click.command(cls=VietnameseCommand, help=text("cli.annotate.help"))
@click.argument("inbox", metavar=text("cli.merge.inbox"), type=click.Path(path_type=Path))
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help=text("cli.annotate.out")
)
@click.option("--period", metavar="KỲ", type=PeriodType(), help=text("cli.merge.period"))
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.annotate.unit"))
@click.option("--only-errors", is_flag=True, help=text("cli.annotate.only_errors"))
@click.option("--force", is_flag=True, help=text("cli.annotate.force"))
@click.option(
    "--roster", metavar="TỆP", type=click.Path(path_type=Path), help=text("cli.merge.roster")
)
@click.option(
    "--workspace",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=text("cli.merge.workspace"),
)
@click.option("--no-workspace", "alone", is_flag=True, help=text("cli.merge.no_workspace"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.annotate.as_of"))
@reading_options
@click.option("--jobs", metavar="N", type=click.IntRange(0, 64), help=text("cli.merge.jobs"))
def command(
    inbox: Path,
    out: Path | None,
    period: Period | None,
    codes: tuple[str, ...],
    roster: Path | None,
    folder: Path | None,
    as_of: date | None,
    jobs: int | None,
    password_file: Path | None,
    limits: Path | None,
    *,
    only_errors: bool,
    force: bool,
    alone: bool,
) -> int:
    from consolidate.give_back import give_back, inbox_bytes, write_given

    if not inbox.is_dir():
        raise click.UsageError(text("cli.merge.no_inbox", path=inbox))
    if alone and folder is not None:
        raise click.UsageError(text("cli.merge.two_workspaces"))
    with said_by_click():
        workspace = None if alone else workspace_of(folder, inbox)
    day = as_of if as_of is not None else date.today()
    order = MergeOrder(
        inbox,
        day,
        workspace=workspace,
        period=period,
        roster=roster,
        out=out,
        settings=settings_of(password_file, limits),
        jobs=jobs,
        trial=True,
    )
    calendar = Calendar()
    with said_by_click(), shown_progress() as progress:
        if workspace is not None:
            calendar = workspace.load(library().template_by_code).calendar
        try:
            result = do_merge(order, progress).result
        except NoReturns:
            raise no_period(inbox) from None
    _check_codes(codes, result)
    home = workspace.outbox if workspace is not None else inbox.resolve().parent
    target = out if out is not None else home / FOLDER / result.period.code
    given = give_back(
        result,
        inbox_bytes(inbox, order.settings),
        codes=codes,
        only_errors=only_errors,
        calendar=calendar,
        as_of=day,
        province=workspace.province if workspace is not None and not result.province else "",
        settings=order.settings,
    )
    done = write_given(given, target, force=force)
    _say(done, result, target)
    return EXIT_FINDINGS if done.written or done.unchanged or done.kept else 0


def _check_codes(codes: tuple[str, ...], result: MergeResult) -> None:
    there = {name_key(record.unit.code) for record in result.records if record.unit is not None}
    problems = [
        text("cli.annotate.unknown_unit", code=code)
        for code in codes
        if name_key(code) not in there
    ]
    if problems:
        raise click.UsageError("\n".join(problems))


def _say(done: Written, result: MergeResult, target: Path) -> None:
    from consolidate.give_back import Kind

    everything = (*done.written, *done.unchanged, *done.kept)
    if not everything:
        say(text("cli.annotate.nothing", period=result.period.label), colour="green")
        return
    counts = {kind: sum(item.kind is kind for item in done.written) for kind in Kind}
    if done.written:
        line = text(
            "cli.annotate.written",
            period=result.period.label,
            copies=counts[Kind.COPY],
            lists=counts[Kind.LIST],
            letters=counts[Kind.LETTER],
            folder=shown_path(target),
        )
        say(line, bold=True)
    if done.unchanged:
        say(text("cli.annotate.unchanged", count=len(done.unchanged)))
    for item in everything:
        if item.why:
            say(text("cli.annotate.list_only", name=item.name, why=item.why), colour="yellow")
    if done.kept:
        say(text("cli.annotate.kept", count=len(done.kept)), colour="yellow")
        for item in done.kept[:_SHOWN]:
            say(item.name, indent=2)
        if len(done.kept) > _SHOWN:
            say(text("cli.annotate.more", count=len(done.kept) - _SHOWN), indent=2)
