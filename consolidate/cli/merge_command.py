"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from consolidate.actions.last_merge import LastMerge, Line, Printed, last_merge
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import as_said, heard, print_line, say, say_renamed, shown_path, width
from consolidate.cli.inboxes import (
    inbox_meant,
    inbox_options,
    reading_progress,
    settings_of,
    workspace_for,
)
from consolidate.cli.parameters import ChoiceType, DayType, PathType, day_until_today, today
from consolidate.definitions.catalogue import sentence, text


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
@click.option("--redact", is_flag=True, help=text("cli.merge.redact"))
@click.option(
    "--executor",
    metavar="dask",
    type=ChoiceType(["dask"]),
    help=text("cli.merge.executor"),
)
@click.option("--scheduler", metavar="tcp://…", help=text("cli.merge.scheduler"))
@click.option("--send-files", "sends", is_flag=True, help=text("cli.merge.send_files"))
@click.option("--watch", is_flag=True, help=text("cli.merge.watch"))
def command(
    inbox: Path | None,
    folder: Path | None,
    alone: bool,
    as_of: date | None,
    trial: bool,
    *,
    redact: bool,
    watch: bool,
    **_: object,
) -> int:
    context = click.get_current_context()
    day = day_until_today(as_of)
    last = None
    if not (trial or alone or redact or watch):
        last = last_merge(folder, inbox, context.params, day, width(), ("out", "json_path"))
    told = last.told() if last is not None else None
    if told is not None:
        for line, err in told.lines:
            print_line(line, err=err)
        print_line(text("cli.merge.unchanged"), err=True)
        return told.code
    return _merged(context.params, day, last)


def _merged(given: dict[str, Any], day: date, last: LastMerge | None) -> int:
    """Merge with the options that were ``given``, and tell of it; keep that for the next time."""
    from consolidate.actions.merge import MergeOrder, do_merge, earlier_day
    from consolidate.actions.workspaces import library_of
    from consolidate.cli.merge_watch import started, watched
    from consolidate.cli.merge_words import say_summary
    from consolidate.cli.next_command import say_next
    from consolidate.definitions.loader import shipped_library

    lines: list[Line] = []
    folder, alone, trial, period = (given[name] for name in ("folder", "alone", "trial", "period"))
    with heard(lines):
        inbox = given["inbox"] or inbox_meant(folder, period, day, alone=alone)
        workspace = workspace_for(inbox, folder, alone=alone)
    if workspace is None and given["as_of"] is not None:
        raise click.UsageError(text("cli.merge.as_of_alone"))
    order = MergeOrder(
        library_of(workspace, shipped_library()),
        inbox,
        day,
        workspace=workspace,
        period=period,
        roster=given["roster"],
        out=given["out"],
        json_path=given["json_path"],
        settings=settings_of(given["password_file"], given["limits"]),
        jobs=given["jobs"],
        trial=trial,
        made=today(),
        redact=given["redact"],
        executor=_cluster(given["executor"], given["scheduler"], sends=given["sends"]),
    )
    if order.roster_beside is not None:
        found = shown_path(order.roster_beside)
        click.echo(text("cli.merge.roster_found", path=found), err=True)
    if last is not None:
        last.begin(inbox)
    looks, before = started(inbox) if given["watch"] else (iter(()), frozenset())

    def settled(written: Mapping[str, Path]) -> None:
        if last is not None and workspace is not None:
            last.settle(workspace.database_file, written.values())

    with reading_progress() as progress:
        done = do_merge(order, progress, settled=settled)
    if done.overtaken:
        say(text("cli.merge.overtaken"), colour="yellow")
    with heard(lines):
        say_renamed(order.period, done.result.period)
        if done.later is not None:
            say(sentence(earlier_day(order, done.later)), colour="yellow")
        say_summary(done.result, done.written)
        if "redacted" in done.written:
            say(text("redaction.written", folder=shown_path(done.written["redacted"])), bold=True)
        for note in done.notes(order):
            say(sentence(note), colour="yellow")
        if workspace is not None and done.result.roster is None:
            say(text("cli.merge.missing_roster"), colour="yellow")
        for item in done.idle:
            say(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit), colour="yellow")
    if done.run is not None:
        number = done.run.run.number
        again = text("cli.merge.recorded_before", number=number)
        say(text("cli.merge.recorded", number=number) if done.run.added else again)
        lines.append((as_said(again), False))  # What is true from now on.
    with heard(lines):
        if workspace is not None and not trial:
            say_next(workspace, order.day, done.state)
    code = 0 if done.result.clean else EXIT_FINDINGS
    if given["watch"]:

        def next_order() -> MergeOrder:
            return replace(order, day=day_until_today(given["as_of"]), made=today())

        return watched(next_order, done.result, before, looks)
    if last is not None and done.lasting:
        last.keep(inbox, Printed(tuple(lines), code))
    return code


def _cluster(
    kind: str | None, scheduler: str | None, *, sends: bool
) -> Callable[[], AbstractContextManager[Executor]] | None:
    """What connects to a cluster that reads the files, if one is asked for.

    Raises:
        click.UsageError: only a part of what names a cluster was given.
        click.ClickException: the library is not installed.
    """
    if kind is None and scheduler is None and not sends:
        return None
    if kind is None or scheduler is None:
        raise click.UsageError(text("cli.merge.cluster_unnamed"))
    from importlib.util import find_spec

    from consolidate.merge.dask_workers import dask_workers

    if find_spec("distributed") is None:
        raise click.ClickException(text("cli.merge.needs_distributed"))
    return partial(dask_workers, scheduler, sends=sends)
