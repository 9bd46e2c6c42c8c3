"""``adjust``, ``approve``, ``withdraw``, ``lock``, ``unlock``: record decisions of the province."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import click

from consolidate.actions.adjust_and_decide import (
    NAMING_A_RUN,
    Decided,
    RoundState,
    apply_corrections,
    create_corrections,
    decide,
    decided_lines,
    outcome_of,
    state_lines,
)
from consolidate.actions.status_and_next_step import decided_round, open_round
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS, missing_option
from consolidate.cli.options import (
    PathType,
    PeriodParameter,
    RunType,
    VietnameseCommand,
    day_option,
    day_or_today,
    today,
    workspace_option,
)
from consolidate.cli.terminal import ask, can_ask, say, say_renamed, shown_path
from consolidate.cli.workspace_and_inbox import say_next, say_round, workspace_at
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.corrections import Corrections
from consolidate.model.period import Period
from consolidate.model.runs import EventKind
from consolidate.model.text import format_day
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
def adjust(
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
    path = file if file is not None else workspace.corrections_path
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


def decision(name: str, kind: EventKind) -> click.Command:
    """Make the command of a decision: who decides, on which day, by which document."""
    # What was defended is opened again: that needs the number of a document.
    on_paper = kind is EventKind.UNLOCKED

    @click.command(name, cls=VietnameseCommand, help=text(f"cli.{name}.help"))
    @click.argument(
        "period", metavar=text("cli.open_round"), required=False, type=PeriodParameter()
    )
    @click.option("--author", metavar="TÊN", required=True, help=text("cli.decision.author"))
    @click.option(
        "--document",
        metavar="SỐ",
        required=on_paper,
        default=None if on_paper else "",
        help=text("cli.decision.document"),
    )
    @day_option("cli.decision.on")
    @workspace_option
    def record(
        period: Period | None,
        *,
        author: str,
        document: str,
        day: date | None,
        folder: Path | None,
        number: int | None = None,
        yes: bool = False,
    ) -> int:
        for given, option, value in (
            (author, "--author", "TÊN"),
            (document or not on_paper, "--document", "SỐ"),
        ):
            if not given or not str(given).strip():
                raise missing_option(option, value)
        on = day_or_today(day)
        if on > today():
            shown = {"day": format_day(on), "today": format_day(today())}
            raise click.UsageError(text("runs.not_yet", **shown))
        workspace = workspace_at(folder)
        if period is None:
            if kind in NAMING_A_RUN:
                period = open_round(workspace, on)
            else:
                period = decided_round(workspace, locked=kind is EventKind.UNLOCKED)
            say_round(period)
        done = decide(
            workspace,
            kind,
            period,
            author=author,
            on=on,
            document=document,
            number=number,
            confirm=None if yes else partial(_confirmed, kind),
        )
        if done is None:
            say(text("runs.ask.declined"), bold=True)
            say_next(workspace, on)
            return EXIT_FINDINGS
        say_renamed(period, done.event.period)
        _say(done, told=not yes)
        say_next(workspace, on)
        return 0

    if kind in NAMING_A_RUN:
        said = text(f"cli.decision.run_{kind.value}")
        click.option("--run", "number", metavar="SỐ", type=RunType(), help=said)(record)
        click.option("--yes", is_flag=True, help=text("cli.decision.yes"))(record)
    return record


def _confirmed(kind: EventKind, state: RoundState) -> bool:
    """Show what is open, and ask; who cannot be asked is told so.

    Raises:
        click.UsageError: nobody is there to answer.
    """
    _say_state(state)
    if not can_ask():
        raise click.UsageError(text(f"runs.ask.nobody.{kind.value}"))
    return ask(text(f"runs.ask.{kind.value}", period=state.run.head.period.round_name.label))


def _say_state(state: RoundState) -> None:
    colour = "yellow" if state.open else "green"
    heading, *lines = map(sentence, state_lines(state))
    say(heading)
    for line in lines:
        say(f"– {line}", indent=2, colour=colour)


def _say(done: Decided, *, told: bool) -> None:
    """Tell how the round stands, then what was decided about it, and whether there is a newer run.

    Where something is open the person was ``told`` before the question.
    """
    if done.state is not None and not (told and done.state.open):
        _say_state(done.state)
    decided, *newer = map(sentence, decided_lines(done))
    say(decided, bold=True)
    for line in newer:
        say(line, colour="yellow")


approve = decision("approve", EventKind.APPROVED)
withdraw = decision("withdraw", EventKind.WITHDRAWN)
lock = decision("lock", EventKind.LOCKED)
unlock = decision("unlock", EventKind.UNLOCKED)
