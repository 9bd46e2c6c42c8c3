"""``report``, ``export``, ``encrypt``: what the province hands on, in Word, as a table, locked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.actions.report_and_export import (
    draft_reports,
    encrypt_file,
    export_values,
    write_templates,
)
from consolidate.actions.status_and_next_step import open_round
from consolidate.actions.workspaces import loaded_with_roster
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import (
    ChoiceType,
    CountType,
    DayType,
    PathType,
    PeriodParameter,
    RunType,
    VietnameseCommand,
    day_until_today,
    reading_options,
    workspace_option,
)
from consolidate.cli.terminal import reading_progress, say, say_renamed, shown_path
from consolidate.cli.workspace_and_inbox import (
    chosen_run,
    inbox_meant,
    say_next,
    settings_of,
    workspace_at,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.open_province_memory import opened_register
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.province.workspace import read_passwords
from consolidate.reports.values_table import TableFormat
from consolidate.xlsx.write.atomic_files import WriteOutcome


@click.command(cls=VietnameseCommand, help=text("cli.report.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
@click.option("--template", "templates", is_flag=True, help=text("cli.report.template"))
@click.option("--as-of", "as_of", metavar="NGÀY", type=DayType(), help=text("cli.report.as_of"))
@reading_options
@click.option("--jobs", metavar="N", type=CountType(0, 64), help=text("cli.merge.jobs"))
@click.option("--force", is_flag=True, help=text("cli.report.force"))
def report(
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
        say(sentence(done.since), colour="yellow")
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


@click.command(cls=VietnameseCommand, help=text("cli.export.help"))
@click.argument("period", metavar=text("cli.export.period"), required=False, type=PeriodParameter())
@click.option("--run", "number", metavar="SỐ", type=RunType(), help=text("cli.trace.run"))
@click.option(
    "--format",
    "kind",
    type=ChoiceType([item.value for item in TableFormat]),
    default=TableFormat.CSV.value,
    help=text("cli.export.format"),
)
@click.option("--lists", is_flag=True, help=text("cli.export.lists"))
@click.option("--redact", is_flag=True, help=text("cli.export.redact"))
@click.option("--out", metavar="TỆP", type=PathType(dir_okay=False), help=text("cli.export.out"))
@workspace_option
def export(
    period: Period | None,
    *,
    number: int | None,
    kind: str,
    lists: bool,
    redact: bool,
    out: Path | None,
    folder: Path | None,
) -> int:
    workspace = workspace_at(folder)
    _, roster = loaded_with_roster(workspace)
    with opened_register(workspace, trial=True) as register:
        run = chosen_run(register, number, period)
        chosen = TableFormat(kind)
        done = export_values(
            workspace, register, run, roster, chosen, path=out, lists=lists, redact=redact
        )
    counts = {"values": done.values, "units": done.units, "run": run.number}
    say(text("export.written", file=shown_path(done.path), **counts), bold=True)
    if not lists:
        say(text("export.without_lists"))
    return 0


@click.command(cls=VietnameseCommand, help=text("cli.encrypt.help"))
@click.argument(
    "files", metavar=text("cli.encrypt.files"), nargs=-1, required=True, type=PathType()
)
@click.option(
    "--password-file", metavar="TỆP", type=PathType(), help=text("cli.encrypt.password_file")
)
@click.option("--force", is_flag=True, help=text("cli.encrypt.force"))
def encrypt(files: tuple[Path, ...], password_file: Path | None, *, force: bool) -> int:
    for file in files:
        if not file.is_file():
            raise click.UsageError(text("cli.check.no_file", path=file))
    password = _password(password_file)
    for file in files:
        made = encrypt_file(file, password, force=force)
        say(text("encrypt.written", file=shown_path(made)), bold=True)
    say(text("encrypt.tell_apart"))
    return 0


def _password(file: Path | None) -> str:
    """Read the first line of a file, else what a person types twice; never the command line."""
    if file is None:
        asked: str = click.prompt(
            text("encrypt.ask"), hide_input=True, confirmation_prompt=text("encrypt.ask_again")
        )
        return asked
    passwords = read_passwords(file)
    if not passwords:
        raise UserError.of("encrypt.no_password", wrong_call=True, file=str(file))
    return passwords[0]
