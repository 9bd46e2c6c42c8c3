"""``consolidate status [PERIOD]``: who is in, late or missing; the chase list and the letters."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import click

from consolidate.actions.changed_forms import changed_forms
from consolidate.actions.next_step import open_round
from consolidate.actions.status import (
    RoundProgress,
    follow_round,
    letters_of,
    progress_book,
    write_letters,
)
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say, say_renamed, shown_path, shown_progress
from consolidate.cli.mail_words import say_mails
from consolidate.cli.next_command import say_next, say_round
from consolidate.cli.parameters import ChoiceType, DayType, PathType, PeriodParameter, day_or_today
from consolidate.cli.register_options import workspace_at, workspace_option
from consolidate.cli.status_table import document_of, say_progress
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.province.workspace import Workspace
from consolidate.reports.letter_plan import Letter, LetterBy

_SHOWN = 10


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
    if as_json:
        from consolidate.reports.result_json import render

        click.echo(render(document_of(progress)), nl=False)
    else:
        say_progress(progress)
        for told in changed_forms(workspace, progress.period):
            say(sentence(told), colour="yellow")
    if chase is not None:
        from consolidate.xlsx.write.files import write_atomically

        chase.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(chase, progress_book(progress))
        _note(text("status.chase", path=shown_path(chase)), as_json)
    if letters is not None:
        planned = letters_of(progress, by=LetterBy(by), agency=agency.strip())
        _write_letters(planned, letters, progress, force=force, quiet=as_json)
        if mail:
            _write_mails(planned, letters, progress, force=force, quiet=as_json)
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


def _write_letters(
    planned: tuple[Letter, ...], folder: Path, progress: RoundProgress, *, force: bool, quiet: bool
) -> None:
    if not planned:
        _note(text("status.no_letters"), quiet)
        return
    with shown_progress(text("status.making")) as advance:
        done = write_letters(planned, folder, progress, force=force, progress=advance)
    if done.written:
        _note(text("status.written", count=len(done.written), folder=shown_path(folder)), quiet)
    if done.unchanged:
        _note(text("status.unchanged", count=len(done.unchanged)), quiet)
    if done.kept:
        _note(text("status.kept", count=len(done.kept)), quiet)
        for name in done.kept[:_SHOWN]:
            _note(f"  {name}", quiet)
        if len(done.kept) > _SHOWN:
            _note(text("issue.more", count=len(done.kept) - _SHOWN), quiet)


def _write_mails(
    planned: tuple[Letter, ...], folder: Path, progress: RoundProgress, *, force: bool, quiet: bool
) -> None:
    from consolidate.actions.mail import mails_of_letters, write_mails

    mails, several = mails_of_letters(planned, progress.province)
    say_mails(write_mails(mails, folder, force=force), partial(_note, quiet=quiet))
    if several:
        _note(text("mail.several", count=several), quiet)


def _note(line: str, quiet: bool) -> None:
    """Say what was written; beside JSON on standard error."""
    if quiet:
        click.echo(line, err=True)
    else:
        say(line)
