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
from consolidate.commands.merge import PeriodType
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.issue import History, IssueError, Progress, plan_issue, write_issue
from consolidate.model.period import Period
from consolidate.workspace import Loaded, Workspace, WorkspaceError

_SHOWN = 10


@click.command(cls=VietnameseCommand, help=text("cli.issue.help"))
@click.argument("period", metavar=text("cli.issue.period"), type=PeriodType())
@click.option(
    "--workspace",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=text("cli.issue.workspace"),
)
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.issue.unit"))
@click.option("--force", is_flag=True, help=text("cli.issue.force"))
def command(period: Period, folder: Path | None, codes: tuple[str, ...], force: bool) -> int:
    try:
        workspace = Workspace.at(folder) if folder is not None else Workspace.find(Path())
        if workspace is None:
            raise click.UsageError(text("issue.no_workspace", path=Path().resolve()))
        loaded = workspace.load(library().template_by_code)
        if loaded.roster is None:
            raise click.UsageError(text("issue.no_roster", file=workspace.roster_path))
        if loaded.key is None:
            raise click.UsageError(text("issue.no_key", file=workspace.key_path))
        with _history(workspace, loaded, period) as history:
            files = plan_issue(
                library(), loaded.roster, loaded.calendar, period, codes=codes, history=history
            )
    except (WorkspaceError, IssueError) as error:
        raise click.UsageError("\n".join(error.problems)) from None
    outbox = workspace.outbox / period.code
    with _progress() as progress:
        done = write_issue(files, library(), loaded.key, outbox, force=force, progress=progress)
    if done.written:
        say(text("issue.written", count=len(done.written), folder=shown_path(outbox)), bold=True)
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
def _history(workspace: Workspace, loaded: Loaded, period: Period) -> Iterator[History | None]:
    """What counted before, from the register; nothing while there is no register yet."""
    from consolidate.memory.opening import has_register, open_memory
    from consolidate.memory.past import Past
    from consolidate.register.store.errors import RegisterError

    if not has_register(workspace):
        yield None
        return
    try:
        with open_memory(workspace, loaded, date.today()) as memory:
            past = Past(memory.register, library(), loaded.roster, memory.corrections, period)
            yield past.answers
    except RegisterError as error:
        raise click.ClickException(str(error)) from None


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
