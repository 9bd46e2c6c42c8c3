"""``consolidate diff RUN RUN``: what changed between two runs of a round."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import day_of, say
from consolidate.cli.parameters import RunType
from consolidate.cli.register_options import (
    looked_into,
    workspace_at,
    workspace_option,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import format_number, json_number
from consolidate.model.units import Level
from consolidate.register.register import Register
from consolidate.reports.captions import caption
from consolidate.reports.result_json import render
from consolidate.rollup.run_differences import FigureChange, FileChange, RunDiff, RunFacts, run_diff

DOCUMENT = "consolidate/run-diff/1"
"""Schema of the JSON."""


@click.command(cls=VietnameseCommand, help=text("cli.diff.help"))
@click.argument("before", metavar=text("cli.diff.before"), type=RunType())
@click.argument("after", metavar=text("cli.diff.after"), type=RunType())
@workspace_option
@click.option("--json", "as_json", is_flag=True, help=text("cli.check.json"))
def command(before: int, after: int, *, folder: Path | None, as_json: bool) -> int:
    workspace = workspace_at(folder)
    with looked_into(workspace) as register:
        old, new = _facts(register, before), _facts(register, after)
    rounds = [(run.head.period.year, run.head.period.type.round) for run in (old.run, new.run)]
    if rounds[0] != rounds[1]:
        labels = {"first": old.run.head.period.label, "second": new.run.head.period.label}
        raise click.UsageError(text("diff.other_round", before=before, after=after, **labels))
    changes = run_diff(old, new)
    if as_json:
        click.echo(render(_document(workspace.library, old.run, new.run, changes)), nl=False)
    else:
        _say(workspace.library, old.run, new.run, changes)
    return 0 if changes.nothing else EXIT_FINDINGS


def _facts(register: Register, number: int) -> RunFacts:
    run, outcomes, totals = (
        register.run(number),
        register.outcomes(number),
        register.totals(number),
    )
    return RunFacts(run, outcomes, totals, register.baselines(number))


def _say(forms: Library, old: Run, new: Run, changes: RunDiff) -> None:
    say(text("diff.title", period=new.head.period.label), bold=True)
    for run in (old, new):
        day = day_of(run)
        say(text("diff.run", run=run.number, day=day, program=run.head.program), indent=2)
    if changes.nothing:
        say(text("diff.nothing"), colour="green")
        return
    for name in changes.inputs:
        say(text(f"diff.input.{name}"), colour="yellow")
    if changes.bases:
        periods = "; ".join(period.label for period in changes.bases)
        say(text("diff.bases", periods=periods), colour="yellow")
    if changes.elsewhere:
        say(text("diff.elsewhere"), colour="yellow")
    if changes.files:
        say(text("diff.files", count=len(changes.files)), bold=True)
    for file in changes.files:
        say(f"{text(f'diff.file.{file.kind.value}')} · {file.name}", indent=2)
        for line in _file_lines(file):
            say(line, indent=4)
    if changes.figures:
        say(text("diff.figures", count=len(changes.figures)), bold=True)
    for figure in changes.figures:
        say(f"{_caption(forms, figure, new.head.period)} · {_level(figure)}", indent=2)
        say(_figure_line(figure), indent=4)


def _file_lines(change: FileChange) -> list[str]:
    before, after = change.before, change.after
    lines = []
    if before is not None and after is not None and before.name != after.name:
        lines.append(text("diff.was_called", name=before.name))
    if before is not None and after is not None and _decision(before) != _decision(after):
        return [*lines, f"{_decision(before)} → {_decision(after)}", sentence(after.reason)]
    if before is not None and after is not None and before.reason != after.reason:
        return [*lines, _decision(after), sentence(before.reason), f"→ {sentence(after.reason)}"]
    file = after or before
    return [*lines, _decision(file)] if file is not None else lines


def _decision(file: RunOutcome) -> str:
    word = text(f"terms.outcome.{file.outcome.value}")
    return f"{word} ({file.unit})" if file.unit else word


def _caption(forms: Library, change: FigureChange, period: Period) -> str:
    data_set, element, column, _ = change.key
    library = forms.at(period)
    form = library.by_code.get(data_set)
    named = caption(library, data_set, element, column)
    if form is None or not named:
        return ".".join(filter(None, (data_set, element, column)))
    return f"{form.sheet} {named}"


def _level(change: FigureChange) -> str:
    level = change.key[3]
    return Level(level).label if level in set(Level) else level or text("diff.province")


def _figure_line(change: FigureChange) -> str:
    before, after = _number(change.before), _number(change.after)
    line = f"{before} → {after}"
    if change.difference:
        sign = "+" if change.difference > 0 else ""
        line = f"{line} ({sign}{format_number(change.difference)})"
    if change.units_before != change.units_after:
        units = text("diff.units", before=change.units_before, after=change.units_after)
        line = f"{line} · {units}"
    return line


def _number(number: Decimal | None) -> str:
    return format_number(number) if number is not None else text("diff.none")


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
                "caption": _caption(forms, item, new.head.period),
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
