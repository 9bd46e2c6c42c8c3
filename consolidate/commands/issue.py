"""``consolidate issue PERIOD``: one prefilled, sealed template per unit into the outbox."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import interactive, say, shown_path
from consolidate.commands.parameters import DayType, PeriodType, day_or_today
from consolidate.commands.refusals import said_by_click
from consolidate.commands.register import workspace_at, workspace_option
from consolidate.commands.rounds import say_renamed
from consolidate.definitions.catalogue import text
from consolidate.issue import Progress
from consolidate.model.period import Period
from consolidate.work.issuing import issue_round, plan_round

_SHOWN = 10


@click.command(cls=VietnameseCommand, help=text("cli.issue.help"))
@click.argument("period", metavar=text("cli.issue.period"), type=PeriodType())
@workspace_option
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.issue.unit"))
@click.option("--as-of", "day", metavar="NGÀY", type=DayType(), help=text("cli.issue.as_of"))
@click.option("--force", is_flag=True, help=text("cli.issue.force"))
def command(
    period: Period, folder: Path | None, codes: tuple[str, ...], day: date | None, force: bool
) -> int:
    workspace = workspace_at(folder)
    with said_by_click():
        plan = plan_round(workspace, period, day_or_today(day), codes)
    say_renamed(period, plan.period)
    with _progress() as progress:
        done = issue_round(plan, force=force, progress=progress)
    if done.written:
        say(
            text("issue.written", count=len(done.written), folder=shown_path(plan.folder)),
            bold=True,
        )
    if done.unchanged:
        say(text("issue.unchanged", count=len(done.unchanged)))
    if done.without_deadline:
        say(text("issue.no_deadline", count=done.without_deadline), colour="yellow")
    if not done.kept:
        return 0
    say(text("issue.kept", count=len(done.kept)), colour="yellow")
    for name in done.kept[:_SHOWN]:
        say(name, indent=2)
    if len(done.kept) > _SHOWN:
        say(text("issue.more", count=len(done.kept) - _SHOWN), indent=2)
    say(text("issue.force"))
    return EXIT_FINDINGS


@contextlib.contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not interactive():
        yield None
        return
    with click.progressbar(length=1, label=text("issue.making"), file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield advance
