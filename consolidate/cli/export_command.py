"""``consolidate export [PERIOD]``: every value of a round as one table for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.export import export_values
from consolidate.cli.base import VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import ChoiceType, PathType, PeriodParameter, RunType
from consolidate.cli.register_options import (
    chosen_run,
    looked_into,
    roster_of,
    workspace_at,
    workspace_option,
)
from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.reports.values_table import TableFormat


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
def command(
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
    roster = roster_of(workspace)
    with looked_into(workspace) as register:
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
