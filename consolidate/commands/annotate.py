"""``consolidate annotate INBOX``: marked copies and letters for units with something to correct."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import say, shown_path
from consolidate.commands.merge import (
    DayType,
    PeriodType,
    inside,
    merged,
    roster_beside,
    workspace_of,
)
from consolidate.commands.reading import reading_options, settings_of
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.calendar import Calendar
from consolidate.model.period import Period
from consolidate.model.text import name_key
from consolidate.pipeline import MergeRequest
from consolidate.rollup.result import MergeResult
from consolidate.workspace import Workspace, WorkspaceError

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
    workspace = workspace_of(folder, inbox, alone=alone)
    if out is not None and inside(out, inbox):
        raise click.UsageError(text("cli.merge.out_in_inbox", path=out))
    day = as_of if as_of is not None else date.today()
    request = MergeRequest(inbox, period, settings=settings_of(password_file, limits))
    with _prepared(request, workspace, roster, day) as (ready, calendar):
        result = merged(ready, jobs)
    _check_codes(codes, result)
    home = workspace.outbox if workspace is not None else inbox.resolve().parent
    target = out if out is not None else home / FOLDER / result.period.code
    given = give_back(
        result,
        inbox_bytes(inbox, request.settings),
        codes=codes,
        only_errors=only_errors,
        calendar=calendar,
        as_of=day,
        province=workspace.province if workspace is not None and not result.province else "",
        settings=request.settings,
    )
    done = write_given(given, target, force=force)
    _say(done, result, target)
    return EXIT_FINDINGS if done.written or done.unchanged or done.kept else 0


@contextlib.contextmanager
def _prepared(
    request: MergeRequest, workspace: Workspace | None, roster: Path | None, day: date
) -> Iterator[tuple[MergeRequest, Calendar]]:
    """The request with all that is remembered; nothing of it is written to the register."""
    if workspace is None:
        yield replace(request, roster=roster_beside(roster, request.inbox)), Calendar()
        return
    from consolidate.memory.opening import open_memory
    from consolidate.register.store.errors import RegisterError

    named = roster_beside(roster, request.inbox) if roster is not None else None
    try:
        loaded = workspace.load(library().template_by_code)
        with open_memory(
            workspace, loaded, day, roster=named, roster_path=roster, trial=True
        ) as memory:
            yield replace(request, memory=memory), loaded.calendar
    except WorkspaceError as error:
        raise click.UsageError("\n".join(error.problems)) from None
    except RegisterError as error:
        raise click.ClickException(str(error)) from None


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
