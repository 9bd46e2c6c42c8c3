"""``consolidate diff RUN RUN``: what changed between two runs of a round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from consolidate.actions.compare_runs import compare_runs
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say
from consolidate.cli.parameters import RunType
from consolidate.cli.register_options import (
    looked_into,
    workspace_at,
    workspace_option,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.datasets import Library
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import json_number
from consolidate.reports.result_json import render
from consolidate.reports.run_diff_words import caption_of, diff_lines
from consolidate.rollup.run_differences import RunDiff

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
