"""Decisions about a reporting round: approve, lock, and taking them back; one command each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.commands.base import VietnameseCommand
from consolidate.commands.console import say
from consolidate.commands.parameters import PeriodType, RunType, day_or_today
from consolidate.commands.register import (
    day_option,
    opened,
    workspace_at,
    workspace_option,
)
from consolidate.commands.rounds import say_renamed
from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.register.store.register import Register

_NAMING_A_RUN = (EventKind.APPROVED, EventKind.LOCKED)
_ON_PAPER = (EventKind.UNLOCKED,)
"""Decisions that need the number of a document: what was defended is opened again."""


def decision(name: str, kind: EventKind) -> click.Command:
    """The command that records a decision; ``name`` is its own, as in ``cli.<name>.help``."""
    on_paper = kind in _ON_PAPER

    @click.command(name, cls=VietnameseCommand, help=text(f"cli.{name}.help"))
    @click.argument("period", metavar=text("cli.issue.period"), type=PeriodType())
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
        period: Period,
        *,
        author: str,
        document: str,
        day: date | None,
        folder: Path | None,
        number: int | None = None,
    ) -> int:
        for given, option in ((author, "--author"), (document or not on_paper, "--document")):
            if not given or not str(given).strip():
                raise click.UsageError(text("cli.missing", name=option))
        with opened(workspace_at(folder)) as register:
            on = day_or_today(day)
            with register.turn():  # A merge at work ends first, so that its results are decided on.
                name = register.round_name(period)
                run = _run(register, kind, name, number) if kind in _NAMING_A_RUN else None
                newer = _newer(register, name, run)
                register.add_event(PeriodEvent(kind, name, author, on, document, run))
        say_renamed(period, name)
        words = {"period": name.label, "run": run, "day": f"{on:%d/%m/%Y}", "author": author}
        say(text(f"runs.done.{kind.value}", **words), bold=True)
        if newer is not None:
            unlock = text("runs.unlock_first") if kind is EventKind.LOCKED else ""
            said = text("runs.newer", last=newer, run=run, unlock=unlock)
            say(said, colour="yellow")
        return 0

    if kind in _NAMING_A_RUN:
        click.option(
            "--run",
            "number",
            metavar="SỐ",
            type=RunType(),
            help=text(f"cli.decision.run_{kind.value}"),
        )(record)
    return record


def _newer(register: Register, period: Period, run: int | None) -> int | None:
    """The newest run of a round when a decision names an older one."""
    last = register.last_run(period)
    return last.number if run is not None and last is not None and last.number > run else None


def _run(register: Register, kind: EventKind, period: Period, number: int | None) -> int:
    """The run that a decision names: the one given; for a lock the approved one; the newest."""
    if number is not None:
        return number
    approval = register.standing(period).approval if kind is EventKind.LOCKED else None
    if approval is not None and approval.run is not None:
        return approval.run
    last = register.last_run(period)
    if last is None:
        raise click.UsageError(text("runs.none_of", period=period.label))
    return last.number
