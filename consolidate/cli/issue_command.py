"""``consolidate issue [PERIOD]``: one prefilled, sealed template per unit into the outbox."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.issue import issue_round, plan_round
from consolidate.actions.next_step import open_round
from consolidate.actions.workspaces import make_inbox
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.next_command import say_next, say_round
from consolidate.cli.options import (
    DayType,
    PeriodParameter,
    VietnameseCommand,
    day_or_today,
    workspace_option,
)
from consolidate.cli.terminal import (
    first_of,
    say,
    say_mails,
    say_renamed,
    shown_path,
    shown_progress,
)
from consolidate.cli.workspace_and_inbox import workspace_at
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period


@click.command(cls=VietnameseCommand, help=text("cli.issue.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
@click.option("--unit", "codes", metavar="MÃ", multiple=True, help=text("cli.issue.unit"))
@click.option("--as-of", "day", metavar="NGÀY", type=DayType(), help=text("cli.issue.as_of"))
@click.option("--mail", is_flag=True, help=text("cli.issue.mail"))
@click.option("--force", is_flag=True, help=text("cli.issue.force"))
def command(
    period: Period | None,
    folder: Path | None,
    codes: tuple[str, ...],
    day: date | None,
    *,
    mail: bool,
    force: bool,
) -> int:
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
