"""``consolidate trace FIGURE``: from a figure of the province to cells; ``--file``: and back."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.cli.console import say_renamed
from consolidate.cli.parameters import PeriodType, RunType
from consolidate.cli.register_options import (
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
from consolidate.merge.adjusting import adjusted_values
from consolidate.model.datasets import Library
from consolidate.model.figure_names import FigureName, find_figures
from consolidate.model.period import Period
from consolidate.model.returns import INSIDE
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import file_key, name_key
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.register.facts import CountedReturn
from consolidate.register.register import Register
from consolidate.reports.result_json import render
from consolidate.rollup.figure_trace import CountedFile, moved_by, trace_figure
from consolidate.rollup.single import counted_library


@click.command(cls=VietnameseCommand, help=text("cli.trace.help"))
@click.argument("figure", metavar=text("cli.trace.figure"), required=False)
@click.option("--file", "file_name", metavar="TÊN_TỆP", help=text("cli.trace.file"))
@click.option("--unit", "unit", metavar="MÃ", help=text("cli.trace.unit"))
@click.option("--period", metavar="KỲ", type=PeriodType(), help=text("cli.trace.period"))
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
        if period is not None:
            say_renamed(period, period.round_name)
            period = period.round_name
        run = _run(register, number, period)
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
        counted = _counted(workspace.library, register, run, roster)
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


def _run(register: Register, number: int | None, period: Period | None) -> Run:
    """Choose the run: by its number, else the locked, approved or newest one of the round."""
    if number is not None:
        run = register.run(number)
        if period is not None and run not in register.runs(period):
            raise click.UsageError(
                text("trace.other_period", run=number, period=run.head.period.label)
            )
        return run
    if period is None:
        runs = register.runs()
        if not runs:
            raise click.UsageError(text("runs.none"))
        period = runs[-1].head.period
    standing = register.standing_run(period)
    if standing is None:
        raise click.UsageError(text("runs.none_of", period=period.label))
    return standing


def _unit(roster: Roster, register: Register, run: Run, code: str) -> str:
    key = name_key(code)
    codes = [unit.code for unit in roster.units]
    codes += [file.unit for file in register.outcomes(run.number) if file.unit]
    for known in codes:
        if name_key(known) == key:
            return known
    raise click.UsageError(text("issue.unknown_unit", code=code))


def _counted(forms: Library, register: Register, run: Run, roster: Roster) -> list[CountedFile]:
    units = {unit.code: unit for unit in roster.units}
    library = forms.at(run.head.period)
    in_force = register.corrections().in_force(run.head.as_of).figures
    found = []
    for item in register.counted(run.number):
        content = item.content
        own = [
            adjustment
            for adjustment in in_force
            if (adjustment.unit, adjustment.period) == (content.unit, content.period)
        ]
        unit = units.get(content.unit) or OrganisationUnit(content.unit, "", Level.UNKNOWN)
        instead = adjusted_values(content.values, own, library).instead
        summed = content.template not in library.pack_of or library.summed(content.template, unit)
        found.append(CountedFile(unit, _name(item), content.values, instead, summed))
    return found


def _name(item: CountedReturn) -> str:
    return f"{item.path}{INSIDE}{item.member}" if item.member else item.path


def _files(
    forms: Library, register: Register, run: Run, roster: Roster, words: str
) -> list[TracedFile]:
    """The files of a run that the words name, each with the figures that it moved."""
    key = file_key(words)
    library = counted_library(forms.at(run.head.period), roster)
    named = [file for file in register.outcomes(run.number) if key in _names(file)]
    if not named:
        raise click.UsageError(text("trace.no_file", found=words, run=run.number))
    counted = {file.file: file for file in _counted(forms, register, run, roster)}
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
