"""``consolidate adjust [FILE]``: the rows of the workbook of corrections into the register."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.adjust import (
    apply_corrections,
    corrections_path,
    create_corrections,
    outcome_of,
)
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.inboxes import workspace_at
from consolidate.cli.next_command import say_next
from consolidate.cli.parameters import PathType, day_option, day_or_today, workspace_option
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.corrections import Corrections
from consolidate.province.corrections_book import RowsRefused
from consolidate.province.corrections_plan import CorrectionsPlan
from consolidate.reports.captions import ending_of, lines_of


@click.command(cls=VietnameseCommand, help=text("cli.adjust.help"))
@click.argument("file", metavar="[TỆP]", required=False, type=PathType())
@workspace_option
@click.option("--author", metavar="TÊN", default="", help=text("cli.adjust.author"))
@click.option("--document", metavar="SỐ", default="", help=text("cli.adjust.document"))
@click.option("--reason", metavar="LÝ_DO", default="", help=text("cli.adjust.reason"))
@day_option("cli.adjust.on")
@click.option("--dry-run", is_flag=True, help=text("cli.adjust.dry_run"))
def command(
    file: Path | None,
    *,
    folder: Path | None,
    author: str,
    document: str,
    reason: str,
    day: date | None,
    dry_run: bool,
) -> int:
    workspace = workspace_at(folder)
    path = file if file is not None else corrections_path(workspace)
    if not path.is_file():
        if file is not None:
            raise click.UsageError(text("cli.check.no_file", path=path))
        count = create_corrections(workspace, path, trial=dry_run)
        key = "corrections.would_create" if dry_run else "corrections.created"
        say(text(key, file=shown_path(path), count=count), bold=True)
        return 0

    def confirm(plan: CorrectionsPlan) -> bool:
        for line in lines_of(workspace.library, plan):
            say(line, indent=2, colour="green" if line.startswith("+") else "yellow")
        return not dry_run

    ending = ending_of(path, author, day_or_today(day), reason, document)
    try:
        plan = apply_corrections(workspace, path, ending, confirm)
    except RowsRefused as error:
        say(text("corrections.refused", count=len(error.problems)), bold=True)
        for problem in error.problems:
            say(f"✗ {sentence(problem)}", indent=2, colour="red")
        _say_unanswered(error.unanswered)
        return EXIT_FINDINGS
    for row in plan.history:
        say(sentence(row), colour="yellow")
    say(text("corrections.dry_run") if dry_run else sentence(outcome_of(plan)), bold=True)
    if dry_run and not author:
        _say_unanswered(len(plan.removed))
    elif not dry_run and (plan.kept or plan.new != Corrections()):
        say_next(workspace, day_or_today(day))
    return 0


def _say_unanswered(count: int) -> None:
    """Ask for the author of corrections that end because their rows are gone."""
    if count:
        say(text("corrections.who_revokes", count=count), colour="yellow")
