"""``consolidate runs [PERIOD]``: the merges on record, what came of them and how they stand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from consolidate.cli.base import VietnameseCommand
from consolidate.cli.console import day_of, say, say_renamed
from consolidate.cli.parameters import PeriodParameter
from consolidate.cli.register_options import looked_into, workspace_at, workspace_option
from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.model.runs import PeriodEvent, Run
from consolidate.model.text import format_day
from consolidate.register.register import Register


@click.command(cls=VietnameseCommand, help=text("cli.runs.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
def command(period: Period | None, folder: Path | None) -> int:
    with looked_into(workspace_at(folder)) as register:
        runs = register.runs(period)
        if period is not None:
            say_renamed(period, period.round_name)
            period = period.round_name
        if not runs:
            key = "runs.none_of" if period is not None else "runs.none"
            say(text(key, period=period.label) if period is not None else text(key))
        rounds: dict[tuple[int, int], list[Run]] = {}
        for run in reversed(runs):
            asked = run.head.period
            rounds.setdefault((asked.year, asked.type.round), []).append(run)
        for key_of_round in sorted(rounds, reverse=True):
            _say_round(register, rounds[key_of_round])
    return 0


def _say_round(register: Register, runs: list[Run]) -> None:
    say(" · ".join(dict.fromkeys(run.head.period.label for run in runs)), bold=True)
    standing = register.standing(runs[0].head.period)
    for run in runs:
        head = run.head
        words = text("runs.line", run=run.number, day=day_of(run), program=head.program)
        say(words, indent=2)
        outcomes = Counter(file.outcome for file in register.outcomes(run.number))
        counts = [
            text("runs.counts", outcome=text(f"terms.outcome.{item.value}"), count=outcomes[item])
            for item in Outcome
            if outcomes[item]
        ]
        say(" · ".join(counts) or text("runs.no_files"), indent=4)
        for event, key in ((standing.approval, "runs.approved"), (standing.lock, "runs.locked")):
            if event is not None and event.run == run.number:
                say(_decided(event, text(key)), indent=4, colour="green")


def _decided(event: PeriodEvent, what: str) -> str:
    words = text("runs.decided", what=what, day=format_day(event.on), author=event.author)
    return " · ".join(filter(None, (words[:1].upper() + words[1:], event.document)))
