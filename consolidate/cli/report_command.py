"""``consolidate report [PERIOD]``: drafts of the reports of a round in Word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.next_step import open_round
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, say_renamed, shown_path
from consolidate.cli.inboxes import inbox_meant, reading_progress, settings_of, workspace_at
from consolidate.cli.next_command import say_next
from consolidate.cli.parameters import (
    CountType,
    DayType,
    PeriodParameter,
    day_until_today,
    reading_options,
    workspace_option,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.xlsx.write.files import WriteOutcome


@click.command(cls=VietnameseCommand, help=text("cli.report.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
@click.option("--template", "templates", is_flag=True, help=text("cli.report.template"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.report.as_of"))
@reading_options
@click.option("--jobs", metavar="N", type=CountType(0, 64), help=text("cli.merge.jobs"))
@click.option("--force", is_flag=True, help=text("cli.report.force"))
def command(
    period: Period | None,
    folder: Path | None,
    as_of: date | None,
    password_file: Path | None,
    limits: Path | None,
    jobs: int | None,
    *,
    templates: bool,
    force: bool,
) -> int:
    from consolidate.actions.merge import MergeOrder
    from consolidate.actions.report import draft_reports, write_templates

    workspace, day = workspace_at(folder), day_until_today(as_of)
    if templates:
        asked = period if period is not None else open_round(workspace, day)
        for made in write_templates(workspace, asked.round_name):
            new = made.outcome is WriteOutcome.WRITTEN
            key = "report.templates_written" if new else "report.template_there"
            say(text(key, file=shown_path(made.path)), bold=new)
        return 0
    inbox = inbox_meant(folder, period, day, alone=False)
    settings = settings_of(password_file, limits)
    order = MergeOrder(workspace.library, inbox, day, period=period, settings=settings, jobs=jobs)
    with reading_progress() as progress:
        done = draft_reports(workspace, order, progress, force=force)
    if period is not None:
        say_renamed(period, done.period)
    if done.since is not None:
        say(sentence(done.since.note()), colour="yellow")
    for draft in done.drafts:
        file = shown_path(draft.path)
        if draft.template is not None:
            say(text("report.by_template", file=shown_path(draft.template)))
        kept = draft.outcome is WriteOutcome.KEPT
        colour = "yellow" if kept else None
        say(text(f"report.{draft.outcome.value}", file=file), bold=not kept, colour=colour)
    say_next(workspace, day)
    kept_any = any(draft.outcome is WriteOutcome.KEPT for draft in done.drafts)
    return EXIT_FINDINGS if kept_any else 0
