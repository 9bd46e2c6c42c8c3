"""``consolidate merge INBOX``: a folder of returned workbooks to the province's summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidate.actions.since_last_merge import Line, Printed, last_merge
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import (
    ChoiceType,
    DayType,
    PathType,
    VietnameseCommand,
    day_until_today,
    inbox_options,
    today,
)
from consolidate.cli.terminal import (
    as_said,
    heard,
    print_line,
    reading_progress,
    say,
    say_renamed,
    shown_path,
    width,
)
from consolidate.cli.workspace_and_inbox import inbox_meant, settings_of, workspace_for
from consolidate.definitions.catalogue import sentence, text

if TYPE_CHECKING:
    from consolidate.actions.merge import MergeDone, MergeOrder
    from consolidate.rollup.result import MergeResult


@click.command(cls=VietnameseCommand, help=text("cli.merge.help"))
@click.argument("inbox", metavar=text("cli.merge.inbox"), required=False, type=PathType())
@inbox_options
@click.option("--out", metavar="DIR", type=PathType(), help=text("cli.merge.out"))
@click.option("--json", "json_path", metavar="TỆP", type=PathType(), help=text("cli.merge.json"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.merge.as_of"))
@click.option("--dry-run", "trial", is_flag=True, help=text("cli.merge.dry_run"))
@click.option("--redact", is_flag=True, help=text("cli.merge.redact"))
@click.option(
    "--executor", metavar="dask", type=ChoiceType(["dask"]), help=text("cli.merge.executor")
)
@click.option("--scheduler", metavar="tcp://…", help=text("cli.merge.scheduler"))
@click.option("--send-files", "sends", is_flag=True, help=text("cli.merge.send_files"))
@click.option("--watch", is_flag=True, help=text("cli.merge.watch"))
def command(**given: Any) -> int:
    """Merge; where nothing has changed since the same was asked for, tell again what was told."""
    day, last = day_until_today(given["as_of"]), None
    if not any(given[name] for name in ("trial", "alone", "redact", "watch")):
        made = ("out", "json_path")
        last = last_merge(given["folder"], given["inbox"], given, day, width(), made)
    told = last.told() if last is not None else None
    if told is not None:
        for line, err in told.lines:
            print_line(line, err=err)
        print_line(text("cli.merge.unchanged"), err=True)
        return told.code
    from consolidate.actions.merge import do_merge

    lines: list[Line] = []
    with heard(lines):
        order = _order(given, day)
    if last is not None:
        last.begin(order.inbox)
    watch = _watch(order, given["as_of"]) if given["watch"] else None

    def settled(written: Mapping[str, Path]) -> None:
        if last is not None and order.workspace is not None:
            last.settle(order.workspace.database_file, written.values())

    with reading_progress() as progress:
        done = do_merge(order, progress, settled=settled)
    _tell(order, done, lines)
    code = 0 if done.result.clean else EXIT_FINDINGS
    if watch is not None:
        return watch(done.result)
    if last is not None and done.lasting:
        last.keep(order.inbox, Printed(tuple(lines), code))
    return code


def _order(given: Mapping[str, Any], day: date) -> MergeOrder:
    """Tell what to merge, from the options that were ``given``; what had to be guessed is said."""
    from consolidate.actions.merge import MergeOrder
    from consolidate.actions.workspaces import library_of
    from consolidate.definitions.loader import shipped_library

    folder, alone, period = given["folder"], given["alone"], given["period"]
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
        settings=settings_of(given["password_file"], given["limits"]),
        made=today(),
        executor=_cluster(given["executor"], given["scheduler"], sends=given["sends"]),
        **{name: given[name] for name in ("roster", "out", "json_path", "jobs", "trial", "redact")},
    )
    if order.roster_beside is not None:
        found = shown_path(order.roster_beside)
        click.echo(text("cli.merge.roster_found", path=found), err=True)
    return order


def _watch(order: MergeOrder, as_of: date | None) -> Callable[[MergeResult], int]:
    """Begin to watch the inbox; what it gives goes on after the first merge."""
    from consolidate.cli.merge_output import looks_at, state_of, watched

    looks, before = looks_at(order.inbox), state_of(order.inbox)

    def next_order() -> MergeOrder:
        return replace(order, day=day_until_today(as_of), made=today())

    return lambda first: watched(next_order, first, before, looks)


def _tell(order: MergeOrder, done: MergeDone, lines: list[Line]) -> None:
    """Print what a merge came to; ``lines`` is what the same merge would print again."""
    from consolidate.cli.merge_output import say_summary
    from consolidate.cli.workspace_and_inbox import say_next

    if done.overtaken:
        say(text("cli.merge.overtaken"), colour="yellow")
    with heard(lines):
        say_renamed(order.period, done.result.period)
        if done.earlier is not None:
            say(sentence(done.earlier), colour="yellow")
        say_summary(done.result, done.written)
        if "redacted" in done.written:
            say(text("redaction.written", folder=shown_path(done.written["redacted"])), bold=True)
        for note in done.notes(order):
            say(sentence(note), colour="yellow")
        if order.workspace is not None and done.result.roster is None:
            say(text("cli.merge.missing_roster"), colour="yellow")
        for item in done.idle:
            say(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit), colour="yellow")
    if done.run is not None:
        number = done.run.run.number
        again = text("cli.merge.recorded_before", number=number)
        say(text("cli.merge.recorded", number=number) if done.run.added else again)
        lines.append((as_said(again), False))  # What is true from now on.
    with heard(lines):
        if order.workspace is not None and not order.trial:
            say_next(order.workspace, order.day, done.state)


def _cluster(
    kind: str | None, scheduler: str | None, *, sends: bool
) -> Callable[[], AbstractContextManager[Executor]] | None:
    """Tell what connects to a cluster that reads the files, if one is asked for.

    Raises:
        click.UsageError: only a part of what names a cluster was given.
        click.ClickException: the library is not installed.
    """
    if kind is None and scheduler is None and not sends:
        return None
    if kind is None or scheduler is None:
        raise click.UsageError(text("cli.merge.cluster_unnamed"))
    from importlib.util import find_spec

    from consolidate.merge.worker_processes import dask_workers

    if find_spec("distributed") is None:
        raise click.ClickException(text("cli.merge.needs_distributed"))
    return partial(dask_workers, scheduler, sends=sends)
