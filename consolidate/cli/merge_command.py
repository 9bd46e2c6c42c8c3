"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from consolidate.actions.merge import MergeDone, MergeOrder, do_merge, earlier_day
from consolidate.actions.workspaces import library_of
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, say_renamed, shown_path
from consolidate.cli.inboxes import (
    inbox_meant,
    inbox_options,
    reading_progress,
    settings_of,
    workspace_for,
)
from consolidate.cli.merge_watch import started, watched
from consolidate.cli.merge_words import say_summary
from consolidate.cli.next_command import say_next
from consolidate.cli.parameters import DayType, PathType, day_until_today, today
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period


@click.command(cls=VietnameseCommand, help=text("cli.merge.help"))
@click.argument("inbox", metavar=text("cli.merge.inbox"), required=False, type=PathType())
@inbox_options
@click.option("--out", metavar="DIR", type=PathType(), help=text("cli.merge.out"))
@click.option(
    "--json",
    "json_path",
    metavar="TỆP",
    type=PathType(),
    help=text("cli.merge.json"),
)
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.merge.as_of"))
@click.option("--dry-run", "trial", is_flag=True, help=text("cli.merge.dry_run"))
@click.option("--watch", is_flag=True, help=text("cli.merge.watch"))
def command(
    inbox: Path | None,
    out: Path | None,
    period: Period | None,
    roster: Path | None,
    json_path: Path | None,
    folder: Path | None,
    alone: bool,
    as_of: date | None,
    trial: bool,
    watch: bool,
    jobs: int | None,
    password_file: Path | None,
    limits: Path | None,
) -> int:
    if inbox is None:
        inbox = inbox_meant(folder, period, day_until_today(as_of), alone=alone)
    workspace = workspace_for(inbox, folder, alone=alone)
    if workspace is None and as_of is not None:
        raise click.UsageError(text("cli.merge.as_of_alone"))
    order = MergeOrder(
        library_of(workspace, shipped_library()),
        inbox,
        day_until_today(as_of),
        workspace=workspace,
        period=period,
        roster=roster,
        out=out,
        json_path=json_path,
        settings=settings_of(password_file, limits),
        jobs=jobs,
        trial=trial,
        made=today(),
    )
    if order.roster_beside is not None:
        found = shown_path(order.roster_beside)
        click.echo(text("cli.merge.roster_found", path=found), err=True)
    looks, before = started(inbox) if watch else (iter(()), frozenset())
    done = _merged(order)
    if not watch:
        return 0 if done.result.clean else EXIT_FINDINGS

    def again() -> MergeOrder:
        return replace(order, day=day_until_today(as_of), made=today())

    return watched(again, done.result, before, looks)


def _merged(order: MergeOrder) -> MergeDone:
    """Merge and tell all of it."""
    workspace = order.workspace
    with reading_progress() as progress:
        done = do_merge(order, progress)
    say_renamed(order.period, done.result.period)
    if done.overtaken:
        say(text("cli.merge.overtaken"), colour="yellow")
    if done.later is not None:
        say(sentence(earlier_day(order, done.later)), colour="yellow")
    say_summary(done.result, done.written)
    for note in done.notes(order):
        say(sentence(note), colour="yellow")
    if workspace is not None and done.result.roster is None:
        say(text("cli.merge.missing_roster"), colour="yellow")
    for item in done.idle:
        say(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit), colour="yellow")
    if done.run is not None:
        key = "recorded" if done.run.added else "recorded_before"
        say(text(f"cli.merge.{key}", number=done.run.run.number))
    if workspace is not None and not order.trial:
        say_next(workspace, order.day)
    return done
