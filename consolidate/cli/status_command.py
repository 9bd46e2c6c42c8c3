"""``consolidate status [PERIOD]``: who is in, late or missing; the chase list and the letters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import click

from consolidate.actions.status_and_next_step import (
    RoundProgress,
    follow_round,
    letters_of,
    open_round,
    progress_book,
    write_letters,
)
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import (
    ChoiceType,
    DayType,
    PathType,
    PeriodParameter,
    VietnameseCommand,
    day_or_today,
    workspace_option,
)
from consolidate.cli.terminal import (
    listed,
    say,
    say_files,
    say_mails,
    say_renamed,
    shown_path,
    shown_progress,
    width,
)
from consolidate.cli.workspace_and_inbox import say_next, say_round, workspace_at
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.runs import RunOutcome
from consolidate.model.text import format_day
from consolidate.province.own_forms import changed_forms
from consolidate.province.workspace import Workspace
from consolidate.reports.captions import in_sentence, status_text
from consolidate.reports.letter_plan import LetterBy
from consolidate.reports.run_diff_words import day_of
from consolidate.rollup.timeliness import Branch, ReturnState, ReturnStatus, branches, share_of
from consolidate.rollup.units_in_totals import Axis
from consolidate.xlsx.write.safe_text import clean

MOST_RETURNS = 15
MOST_PARENTS = 20
"""How many are listed on the terminal; the chase list and JSON hold all."""
_COLUMNS = (
    "expected", "received", "on_time", "late", "too_late", "held", "refused", "missing",
    "completeness", "timeliness",
)  # fmt: skip
_FIGURE = 5
"""Width of a column of figures: ``100,0``, or a count of five digits."""
_BROKEN = (ReturnState.REJECTED, ReturnState.UNREADABLE)


@click.command(cls=VietnameseCommand, help=text("cli.status.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
@click.option("--as-of", "day", metavar="NGÀY", type=DayType(), help=text("cli.status.as_of"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.status.json"))
@click.option("--letters", metavar="DIR", type=PathType(), help=text("cli.status.letters"))
@click.option(
    "--by",
    metavar="|".join(LetterBy),
    type=ChoiceType([by.value for by in LetterBy]),
    default=LetterBy.UNIT.value,
    help=text("cli.status.by"),
)
@click.option("--agency", metavar="TÊN", default="", help=text("cli.status.agency"))
@click.option("--mail", is_flag=True, help=text("cli.status.mail"))
@click.option("--force", is_flag=True, help=text("cli.status.force"))
@click.option("--chase", metavar="TỆP", type=PathType(), help=text("cli.status.chase"))
def command(
    period: Period | None,
    folder: Path | None,
    day: date | None,
    as_json: bool,
    letters: Path | None,
    by: str,
    agency: str,
    *,
    mail: bool,
    force: bool,
    chase: Path | None,
) -> int:
    if mail and letters is None:
        raise click.UsageError(text("mail.needs_letters"))
    workspace = workspace_at(folder)
    _may_write(workspace, letters, chase)
    as_of = day_or_today(day)
    if period is None:
        period = open_round(workspace, as_of)
        say_round(period)
    progress = follow_round(workspace, period, as_of)
    say_renamed(period, progress.period)
    # What was written is said beside JSON on standard error.
    note: Callable[[str], None] = partial(click.echo, err=True) if as_json else say
    if as_json:
        from consolidate.reports.result_json import render
        from consolidate.reports.round_progress import status_document

        document = status_document(
            progress.returns,
            progress.unplaced,
            progress.roster,
            period=progress.period,
            as_of=as_of,
            run=progress.run.number,
        )
        click.echo(render(document), nl=False)
    else:
        _say_progress(progress)
        for told in changed_forms(workspace.library, workspace.root, progress.period):
            say(sentence(told), colour="yellow")
    if chase is not None:
        from consolidate.xlsx.write.atomic_files import write_atomically

        chase.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(chase, progress_book(progress))
        note(text("status.chase", path=shown_path(chase)))
    if letters is not None:
        planned = letters_of(progress, LetterBy(by), agency.strip())
        if planned:
            with shown_progress(text("status.making")) as advance:
                done = write_letters(planned, letters, progress, force=force, progress=advance)
            keys = ("status.written", "status.unchanged", "status.kept", "issue.more")
            say_files(keys, done, note)
        else:
            note(text("status.no_letters"))
        if mail:
            from consolidate.actions.mail import mails_of_letters, write_mails

            mails, several = mails_of_letters(planned, progress.province)
            say_mails(write_mails(mails, letters, force=force), note)
            if several:
                note(text("mail.several", count=several))
        if not as_json:
            say_next(workspace, as_of)
    return 0 if progress.clean else EXIT_FINDINGS


def _may_write(workspace: Workspace, letters: Path | None, chase: Path | None) -> None:
    """Refuse targets in the inbox and hand-kept books.

    Raises:
        click.UsageError: a target is there.
    """
    for target in (letters, chase):
        if target is not None and target.resolve().is_relative_to(workspace.inbox.resolve()):
            raise click.UsageError(text("cli.merge.out_in_inbox", path=target))
    kept = (workspace.roster_path.resolve(), workspace.calendar_path.resolve())
    if chase is not None and chase.resolve() in kept:
        raise click.UsageError(text("status.keep_inputs", path=chase))


def _say_progress(progress: RoundProgress) -> None:
    """Print everything that the status says."""
    province = f" · {progress.roster.province}" if progress.roster.province else ""
    label, day = progress.period.label, format_day(progress.as_of)
    say(text("status.title", period=label, province=clean(province), day=day), bold=True)
    run = progress.run
    say(text("status.run", run=run.number, day=day_of(run)))
    if progress.standing is not None:
        say(text("status.standing", run=progress.standing.number), colour="yellow")
    say()
    _table(branches(progress.returns, progress.roster))
    undated = share_of(progress.returns).counts.get(ReturnState.RECEIVED, 0)
    if undated:
        say(text("status.undated", count=undated), colour="yellow")
    asked = [status for status in progress.returns if status.state.asked_of_unit]
    # Who owes longest comes first; sorting is stable, so that others stay in roster order.
    asked.sort(key=lambda status: -(status.days if status.days is not None else -(10**6)))
    _list(text("status.missing", count=len(asked)), asked, "red")
    for state, key in (
        (ReturnState.HELD, "status.held"),
        (ReturnState.TOO_LATE, "status.too_late"),
        (ReturnState.LATE, "status.late"),
    ):
        some = [status for status in progress.returns if status.state is state]
        _list(text(key, count=len(some)), some, "yellow")
    _unplaced(progress.unplaced)
    if progress.clean and not undated:
        say(text("status.all_in"), colour="green")


def _table(found: Sequence[Branch]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colour = sys.stdout.isatty()
    parents = sum(branch.axis is Axis.PARENT for branch in found)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column(text("status.column.branch"), overflow="fold", ratio=1, vertical="bottom")
    for column in _COLUMNS:
        heading = text(f"status.column.{column}")
        table.add_column(heading, justify="right", width=_FIGURE, vertical="bottom")
    shown = [branch for branch in found if branch.axis is not Axis.PARENT]
    shown += [branch for branch in found if branch.axis is Axis.PARENT][:MOST_PARENTS]
    axis = Axis.PROVINCE
    for branch in shown:
        if branch.axis is not axis:
            table.add_row()
            axis = branch.axis
        table.add_row(Text(_name(branch)), *map(Text, _figures(branch)))
    Console(file=sys.stdout, width=max(80, width()), no_color=not colour, highlight=False).print(
        table
    )
    if parents > MOST_PARENTS:
        say(text("status.more_branches", count=parents - MOST_PARENTS))


def _name(branch: Branch) -> str:
    if branch.name:
        return clean(branch.name)
    return text("status.axis.province" if branch.axis is Axis.PROVINCE else "status.axis.kind")


def _figures(branch: Branch) -> tuple[str, ...]:
    share, counts = branch.share, branch.share.counts
    figures: dict[str, int | Decimal | None] = {
        "expected": share.expected,
        "received": share.received,
        "on_time": share.on_time,
        "refused": sum(counts.get(state, 0) for state in _BROKEN),
        "completeness": share.completeness,
        "timeliness": share.timeliness,
    }
    for state in (ReturnState.LATE, ReturnState.TOO_LATE, ReturnState.HELD, ReturnState.MISSING):
        figures[state.value] = counts.get(state, 0)
    said = (figures[column] for column in _COLUMNS)
    # A decimal comma, as Vietnamese write.
    return tuple("–" if figure is None else str(figure).replace(".", ",") for figure in said)


def _list(title: str, some: Sequence[ReturnStatus], colour: str) -> None:
    if not some:
        return
    say()
    say(title, bold=True, colour=colour)
    for status in listed(some, MOST_RETURNS, "status.more"):
        report = f"{status.template.short_title} {in_sentence(status.period)}"
        line = text(
            "status.line", name=clean(status.unit.name), report=report, state=status_text(status)
        )
        more = [text("status.due", day=format_day(status.due))] if status.due is not None else []
        more += [clean(status.unit.email)] if status.unit.email else []
        say(" · ".join((line, *more)), indent=2)
        if status.reason and not status.state.done and status.state is not ReturnState.TOO_LATE:
            say(f"{clean(status.file)}: {clean(sentence(status.reason))}", indent=4)


def _unplaced(files: Sequence[RunOutcome]) -> None:
    if not files:
        return
    say()
    say(text("status.unplaced", count=len(files)), bold=True, colour="yellow")
    for file in listed(files, MOST_RETURNS, "issue.more"):
        say(f"– {clean(file.name)}: {clean(sentence(file.reason))}", indent=2)
