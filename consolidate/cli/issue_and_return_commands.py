"""What units are sent: ``issue [PERIOD]``, ``return [INBOX]``.

One prefilled, sealed template per unit into the outbox; marked copies and letters for units with
something to correct.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.actions.status_and_next_step import open_round
from consolidate.actions.workspaces import library_of, make_inbox
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import (
    DayType,
    PathType,
    PeriodParameter,
    VietnameseCommand,
    day_or_today,
    day_until_today,
    inbox_options,
    workspace_option,
)
from consolidate.cli.terminal import (
    first_of,
    reading_progress,
    say,
    say_mails,
    say_renamed,
    shown_path,
    shown_progress,
)
from consolidate.cli.workspace_and_inbox import (
    inbox_meant,
    say_next,
    say_round,
    settings_of,
    workspace_at,
    workspace_for,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period

if TYPE_CHECKING:
    from consolidate.actions.return_files import WrittenCopies


@click.command(cls=VietnameseCommand, help=text("cli.issue.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.issue.unit"))
@click.option("--as-of", "day", metavar="NGÀY", type=DayType(), help=text("cli.issue.as_of"))
@click.option("--mail", is_flag=True, help=text("cli.issue.mail"))
@click.option("--force", is_flag=True, help=text("cli.issue.force"))
def issue(
    period: Period | None,
    folder: Path | None,
    codes: tuple[str, ...],
    day: date | None,
    *,
    mail: bool,
    force: bool,
) -> int:
    from consolidate.actions.issue import issue_round, plan_round

    workspace = workspace_at(folder)
    if period is None:
        period = open_round(workspace, day_or_today(day))
        say_round(period)
    plan = plan_round(workspace, period, day_or_today(day), codes)
    say_renamed(period, plan.period)
    # Said first: who would rather mend calendar or roster can stop here.
    for note in plan.notes:
        say(sentence(note), colour="yellow")
    with shown_progress(text("issue.making")) as progress:
        done = issue_round(plan, force=force, progress=progress)
    if done.written:
        folder_shown = shown_path(plan.folder)
        say(text("issue.written", count=len(done.written), folder=folder_shown), bold=True)
    if done.unchanged:
        say(text("issue.unchanged", count=len(done.unchanged)))
    inbox = make_inbox(workspace, plan.period)
    say(text("issue.inbox", folder=shown_path(inbox)))
    clean = True
    if mail:
        from consolidate.actions.mail import mails_of_issue, write_mails

        mails = write_mails(mails_of_issue(plan), plan.folder, force=force)
        say_mails(mails)
        clean = mails.clean
    if not done.kept:
        say_next(workspace, day_or_today(day))
        return 0 if clean else EXIT_FINDINGS
    say(text("issue.kept", count=len(done.kept)), colour="yellow")
    for line in first_of(done.kept, "issue.more"):
        say(line, indent=2)
    say(text("issue.force"))
    return EXIT_FINDINGS


@click.command(cls=VietnameseCommand, help=text("cli.return.help"))
@click.argument("inbox", metavar=text("cli.merge.inbox"), required=False, type=PathType())
@inbox_options
@click.option("--out", metavar="DIR", type=PathType(), help=text("cli.return.out"))
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.return.unit"))
@click.option("--only-errors", is_flag=True, help=text("cli.return.only_errors"))
@click.option("--agency", metavar="TÊN", default="", help=text("cli.return.agency"))
@click.option("--mail", is_flag=True, help=text("cli.return.mail"))
@click.option("--force", is_flag=True, help=text("cli.return.force"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.return.as_of"))
def return_files(
    inbox: Path | None,
    out: Path | None,
    period: Period | None,
    codes: tuple[str, ...],
    roster: Path | None,
    folder: Path | None,
    agency: str,
    as_of: date | None,
    jobs: int | None,
    password_file: Path | None,
    limits: Path | None,
    *,
    only_errors: bool,
    mail: bool,
    force: bool,
    alone: bool,
) -> int:
    from consolidate.actions.return_files import ReturnOrder, do_return, plan_return

    if inbox is None:
        inbox = inbox_meant(folder, period, day_until_today(as_of), alone=alone)
    workspace = workspace_for(inbox, folder, alone=alone)
    order = ReturnOrder(
        library_of(workspace, shipped_library()),
        inbox,
        day_until_today(as_of),
        workspace=workspace,
        period=period,
        roster=roster,
        out=out,
        codes=codes,
        only_errors=only_errors,
        agency=agency.strip(),
        settings=settings_of(password_file, limits),
        jobs=jobs,
    )
    with reading_progress() as progress:
        plan = plan_return(order, progress)
    say_renamed(period, plan.result.period)
    if plan.since is not None:
        say(sentence(plan.since), colour="yellow")
    with shown_progress(text("cli.return.making")) as progress:
        done = do_return(plan, force=force, progress=progress)
    _say(done, plan.result.period, plan.folder)
    if mail:
        from consolidate.actions.mail import mails_of_returns, write_mails

        say_mails(write_mails(mails_of_returns(done), plan.folder, force=force))
    if workspace is not None:
        say_next(workspace, day_until_today(as_of))
    return EXIT_FINDINGS if done.everything else 0


def _say(done: WrittenCopies, period: Period, target: Path) -> None:
    if not done.everything:
        say(text("cli.return.nothing", period=period.label), colour="green")
        return
    if done.written:
        say(sentence(done.count(period, shown_path(target))), bold=True)
    if done.unchanged:
        say(text("cli.return.unchanged", count=len(done.unchanged)))
    for item in done.everything:
        if item.why:
            say(text("cli.return.list_only", name=item.name, why=item.why), colour="yellow")
    if done.kept:
        say(text("cli.return.kept", count=len(done.kept)), colour="yellow")
        for line in first_of([item.name for item in done.kept], "issue.more"):
            say(line, indent=2)
