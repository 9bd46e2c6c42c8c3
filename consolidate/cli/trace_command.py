"""``consolidate trace FIGURE``: from a figure of the province to cells; ``--file``: and back."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.parameters import PeriodParameter, RunType
from consolidate.cli.register_options import (
    chosen_run,
    looked_into,
    roster_of,
    standing_mark,
    workspace_at,
    workspace_option,
)
from consolidate.cli.trace_words import (
    TracedFile,
    TracedRun,
    figures_document,
    files_document,
    say_figures,
    say_files,
)
from consolidate.definitions.catalogue import text
from consolidate.merge.adjusting import counted_files
from consolidate.model.datasets import Library
from consolidate.model.figure_names import FigureName, find_figures
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import file_key, name_key
from consolidate.model.units import Roster
from consolidate.register.register import Register
from consolidate.reports.result_json import render
from consolidate.rollup.figure_trace import moved_by, trace_figure
from consolidate.rollup.single import counted_library


@click.command(cls=VietnameseCommand, help=text("cli.trace.help"))
@click.argument("figure", metavar=text("cli.trace.figure"), required=False)
@click.option("--file", "file_name", metavar="TÊN_TỆP", help=text("cli.trace.file"))
@click.option("--unit", "unit", metavar="MÃ", help=text("cli.trace.unit"))
@click.option("--period", metavar="KỲ", type=PeriodParameter(), help=text("cli.trace.period"))
@click.option("--run", "number", metavar="SỐ", type=RunType(), help=text("cli.trace.run"))
@workspace_option
@click.option("--json", "as_json", is_flag=True, help=text("cli.check.json"))
def command(
    figure: str | None,
    *,
    file_name: str | None,
    unit: str | None,
    period: Period | None,
    number: int | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    if (figure is None) == (file_name is None):
        raise click.UsageError(text("trace.one_of_two"))
    workspace = workspace_at(folder)
    roster = roster_of(workspace)
    with looked_into(workspace) as register:
        run = chosen_run(register, number, period)
        traced = TracedRun(run, standing_mark(register, run.head.period, run.number))
        if file_name is not None:
            files = _files(workspace.library, register, run, roster, file_name)
            if as_json:
                click.echo(render(files_document(traced, files)), nl=False)
            else:
                say_files(traced, files)
            return 0
        names = _figures(workspace.library, run, figure or "", roster)
        code = _unit(roster, register, run, unit) if unit is not None else None
        counted = counted_files(workspace.library, register, run, roster)
        totals = register.totals(run.number)
    traces = [trace_figure(name, totals, counted, code) for name in names]
    if as_json:
        click.echo(render(figures_document(traced, traces)), nl=False)
    else:
        say_figures(traced, traces)
    return 0 if all(trace.whole for trace in traces) else EXIT_FINDINGS


def _figures(forms: Library, run: Run, words: str, roster: Roster) -> tuple[FigureName, ...]:
    """Find the figures of a round that the words name: the numeric ones if there are any."""
    found = find_figures(counted_library(forms.at(run.head.period), roster), words)
    if not found:
        raise click.UsageError(text("trace.no_figure", found=words))
    numeric = tuple(
        name for name in found if name.data_set.type_of(name.element, name.column).numeric
    )
    return numeric or found


def _unit(roster: Roster, register: Register, run: Run, code: str) -> str:
    key = name_key(code)
    codes = [unit.code for unit in roster.units]
    codes += [file.unit for file in register.outcomes(run.number) if file.unit]
    for known in codes:
        if name_key(known) == key:
            return known
    raise click.UsageError(text("issue.unknown_unit", code=code))


def _files(
    forms: Library, register: Register, run: Run, roster: Roster, words: str
) -> list[TracedFile]:
    """The files of a run that the words name, each with the figures that it moved."""
    key = file_key(words)
    library = counted_library(forms.at(run.head.period), roster)
    named = [file for file in register.outcomes(run.number) if key in _names(file)]
    if not named:
        raise click.UsageError(text("trace.no_file", found=words, run=run.number))
    counted = {file.file: file for file in counted_files(forms, register, run, roster)}
    provincial = {
        (total.data_set, total.element, total.column): total
        for total in register.totals(run.number)
        if not total.level
    }
    return [
        TracedFile(
            file,
            moved_by(counted[file.name], library) if file.outcome.counted else (),
            provincial,
        )
        for file in named
    ]


def _names(file: RunOutcome) -> set[str]:
    """What a file may be called: by its whole name, its path, or its last part."""
    parts = {file.name, file.path, file.member or file.path}
    last = (file.member or file.path).replace("\\", "/").rpartition("/")[2]
    return {file_key(part) for part in (*parts, last)}
