"""``runs [PERIOD]``: the merges on record; ``diff RUN RUN``: what changed from one to another."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from consolidate.actions.what_changed import compare_runs
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import PeriodParameter, RunType, VietnameseCommand, workspace_option
from consolidate.cli.terminal import say, say_renamed
from consolidate.cli.workspace_and_inbox import workspace_at
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.opening import opened_register
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import format_day, json_number
from consolidate.register.register import Register
from consolidate.reports.result_json import render
from consolidate.reports.run_diff_words import caption_of, day_of, diff_lines
from consolidate.rollup.run_differences import RunDiff

DOCUMENT = "consolidate/run-diff/1"
"""Schema of the JSON."""


@click.command(cls=VietnameseCommand, help=text("cli.runs.help"))
@click.argument("period", metavar=text("cli.open_round"), required=False, type=PeriodParameter())
@workspace_option
def runs(period: Period | None, folder: Path | None) -> int:
    with opened_register(workspace_at(folder), trial=True) as register:
        found = register.runs(period)
        if period is not None:
            say_renamed(period, period.round_name)
            period = period.round_name
        if not found:
            key = "runs.none_of" if period is not None else "runs.none"
            say(text(key, period=period.label) if period is not None else text(key))
        rounds: dict[tuple[int, int], list[Run]] = {}
        for run in reversed(found):
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
                who = {"day": format_day(event.on), "author": event.author}
                words = text("runs.decided", what=text(key), **who)
                words = words[:1].upper() + words[1:]
                say(" · ".join(filter(None, (words, event.document))), indent=4, colour="green")


@click.command(cls=VietnameseCommand, help=text("cli.diff.help"))
@click.argument("before", metavar=text("cli.diff.before"), type=RunType())
@click.argument("after", metavar=text("cli.diff.after"), type=RunType())
@workspace_option
@click.option("--json", "as_json", is_flag=True, help=text("cli.check.json"))
def diff(before: int, after: int, *, folder: Path | None, as_json: bool) -> int:
    workspace = workspace_at(folder)
    with opened_register(workspace, trial=True) as register:
        old, new, changes = compare_runs(register, before, after)
    if as_json:
        click.echo(render(_document(workspace.library, old, new, changes)), nl=False)
    else:
        for line in diff_lines(workspace.library, old, new, changes):
            say(line.text, indent=line.indent, bold=line.bold, colour=line.colour or None)
    return 0 if changes.nothing else EXIT_FINDINGS


def _document(forms: Library, old: Run, new: Run, changes: RunDiff) -> dict[str, Any]:
    return {
        "schema": DOCUMENT,
        "period": new.head.period.code,
        "before": old.number,
        "after": new.number,
        "same": changes.nothing,
        "inputs": list(changes.inputs),
        "bases": [period.code for period in changes.bases],
        "elsewhere": changes.elsewhere,
        "files": [
            {
                "change": item.kind.value,
                "before": _file_document(item.before),
                "after": _file_document(item.after),
            }
            for item in changes.files
        ],
        "figures": [
            {
                "data_set": item.key[0],
                "element": item.key[1],
                "column": item.key[2],
                "level": item.key[3] or None,
                "caption": caption_of(forms, item, new.head.period),
                "before": json_number(item.before),
                "after": json_number(item.after),
                "difference": json_number(item.difference),
                "units_before": item.units_before,
                "units_after": item.units_after,
            }
            for item in changes.figures
        ],
    }


def _file_document(file: RunOutcome | None) -> dict[str, Any] | None:
    if file is None:
        return None
    return {
        "file": file.path,
        "member": file.member or None,
        "sha256": file.sha256,
        "unit": file.unit or None,
        "outcome": file.outcome.value,
        "reason": sentence(file.reason),
    }
