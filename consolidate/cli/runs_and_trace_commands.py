"""What the register knows of runs: ``runs``, ``diff RUN RUN``, ``trace FIGURE``.

``runs`` lists the merges on record, ``diff`` says what changed from one to another, ``trace`` leads
from a figure of the province to cells, with ``--file`` back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from consolidate.actions.diff import compare_runs, diff_document
from consolidate.actions.workspaces import loaded_with_roster
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import PeriodParameter, RunType, VietnameseCommand, workspace_option
from consolidate.cli.terminal import say, say_renamed
from consolidate.cli.workspace_and_inbox import chosen_run, workspace_at
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.adjustments_and_waivers import counted_files
from consolidate.merge.open_province_memory import opened_register
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Aggregation, Library
from consolidate.model.figure_names import FigureName, find_figures
from consolidate.model.period import Period
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunOutcome, RunTotal
from consolidate.model.text import file_key, format_day, format_number, json_number, name_key
from consolidate.model.units import Roster
from consolidate.register.register import Register
from consolidate.reports.captions import figure_caption
from consolidate.reports.captions import say as shown_value
from consolidate.reports.result_json import render
from consolidate.reports.run_diff_words import day_of, diff_lines
from consolidate.rollup.figure_trace import (
    FigureTrace,
    TraceLine,
    moved_by,
    trace_figure,
)
from consolidate.rollup.units_in_totals import counted_library


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
        click.echo(render(diff_document(workspace.library, old, new, changes)), nl=False)
    else:
        for line in diff_lines(workspace.library, old, new, changes):
            say(line.text, indent=line.indent, bold=line.bold, colour=line.colour or None)
    return 0 if changes.nothing else EXIT_FINDINGS


FIGURES, FILES = "consolidate/trace/1", "consolidate/trace-file/1"
"""Schemas of the JSON."""


_Traced = tuple[RunOutcome, tuple[tuple[FigureName, TraceLine], ...]]
"""A file of a run with the figures that it moved."""


@click.command(cls=VietnameseCommand, help=text("cli.trace.help"))
@click.argument("figure", metavar=text("cli.trace.figure"), required=False)
@click.option("--file", "file_name", metavar="TÊN_TỆP", help=text("cli.trace.file"))
@click.option("--unit", "unit", metavar="MÃ", help=text("cli.trace.unit"))
@click.option("--period", metavar="KỲ", type=PeriodParameter(), help=text("cli.trace.period"))
@click.option("--run", "number", metavar="SỐ", type=RunType(), help=text("cli.trace.run"))
@workspace_option
@click.option("--json", "as_json", is_flag=True, help=text("cli.check.json"))
def trace(
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
    _, roster = loaded_with_roster(workspace)
    with opened_register(workspace, trial=True) as register:
        run = chosen_run(register, number, period)
        mark = _mark(register, run.head.period, run.number)
        totals = register.totals(run.number)
        if file_name is not None:
            files = _files(workspace.library, register, run, roster, file_name)
            if as_json:
                click.echo(render(files_document(run, files)), nl=False)
            else:
                say_files(run, mark, files, totals)
            return 0
        names = _figures(workspace.library, run, figure or "", roster)
        code = _known_unit(roster, register, run, unit) if unit is not None else None
        counted = counted_files(workspace.library, register, run, roster)
    traces = [trace_figure(name, totals, counted, code) for name in names]
    if as_json:
        click.echo(render(figures_document(run, traces)), nl=False)
    else:
        say_figures(run, mark, traces)
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


def _known_unit(roster: Roster, register: Register, run: Run, code: str) -> str:
    key = name_key(code)
    codes = [unit.code for unit in roster.units]
    codes += [file.unit for file in register.outcomes(run.number) if file.unit]
    for known in codes:
        if name_key(known) == key:
            return known
    raise click.UsageError(text("issue.unknown_unit", code=code))


def _files(
    forms: Library, register: Register, run: Run, roster: Roster, words: str
) -> list[_Traced]:
    """Return the files of a run that the words name, each with the figures that it moved."""
    key = file_key(words)
    library = counted_library(forms.at(run.head.period), roster)
    named = [file for file in register.outcomes(run.number) if key in _names(file)]
    if not named:
        raise click.UsageError(text("trace.no_file", found=words, run=run.number))
    counted = {file.file: file for file in counted_files(forms, register, run, roster)}
    return [
        (file, moved_by(counted[file.name], library) if file.outcome.counted else ())
        for file in named
    ]


def _names(file: RunOutcome) -> set[str]:
    """Tell what a file may be called: by its whole name, its path, or its last part."""
    parts = {file.name, file.path, file.member or file.path}
    last = (file.member or file.path).replace("\\", "/").rpartition("/")[2]
    return {file_key(part) for part in (*parts, last)}


def _mark(register: Register, period: Period, run: int) -> str:
    """Word how a run stands: locked, approved, or ``""``."""
    standing = register.standing(period)
    if standing.lock is not None and standing.lock.run == run:
        return text("runs.locked")
    if standing.approval is not None and standing.approval.run == run:
        return text("runs.approved")
    return ""


def say_figures(run: Run, mark: str, traces: Sequence[FigureTrace]) -> None:
    """Print the way from each figure down to its cells."""
    for index, trace in enumerate(traces):
        if index:
            say()
        name = trace.figure
        element, column = name.element, name.column
        second = column and column == element.second
        label = element.second_label if second else element.label
        named = dict.fromkeys((_caption(name), label))
        say(f"{name.data_set.sheet} {' · '.join(named)}", bold=True)
        say(_head(run, mark, name.data_set.period_in(run.head.period)))
        say(f"{text('trace.province')}: {_whole(trace)}", bold=True)
        for part in trace.levels:
            units = len({line.unit.code for line in part.lines})
            known = part.total is not None and part.total.total is not None
            shown = _total(part.total) if known else text("trace.level_units", units=units)
            say(f"{part.level.label}: {shown}", indent=2)
            for line in part.lines:
                _say_cell(line)
        _say_group("trace.given", trace.given)
        _say_group("trace.beside", trace.beside)
        if trace.silent:
            say(text("trace.silent", count=len(trace.silent)), indent=2)
        for line in trace.silent:
            _say_cell(line)
        _say_sum(trace)


def _say_group(key: str, lines: Sequence[TraceLine]) -> None:
    if lines:
        say(text(key), indent=2)
    for line in lines:
        _say_cell(line)


def _say_cell(line: TraceLine) -> None:
    unit = f"{line.unit.code} {line.unit.name}".strip()
    say(f"{unit}: {_used(line.used)}", indent=4)
    say(f"{line.file} › {_place(line)} · {_raw(line.value)}", indent=6)
    if line.adjustment is not None:
        item = line.adjustment
        words = text("trace.adjusted", id=item.id, before=_used(line.value), after=_used(line.used))
        decided = text("trace.decided", author=item.author, day=format_day(item.on))
        say(" · ".join(filter(None, (words, decided, item.reason, item.document))), indent=6)


def _say_sum(trace: FigureTrace) -> None:
    if not trace.sums:
        return
    if trace.whole and trace.added is None:
        return
    added = format_number(trace.added) if trace.added is not None else text("trace.nothing")
    if trace.whole:
        say(text("trace.adds_up", sum=added), colour="green")
    else:
        say(text("trace.differs", sum=added), colour="red")


def say_files(run: Run, mark: str, files: Sequence[_Traced], totals: Iterable[RunTotal]) -> None:
    """Print every figure that each file moved, beside the ``totals`` of the run."""
    provincial = {
        (total.data_set, total.element, total.column): total for total in totals if not total.level
    }
    for index, (file, moved) in enumerate(files):
        if index:
            say()
        say(file.name, bold=True)
        say(_head(run, mark, run.head.period))
        unit = f" ({file.unit})" if file.unit else ""
        outcome = text(f"terms.outcome.{file.outcome.value}")
        say(f"{outcome}{unit} · {sentence(file.reason)}")
        if not file.outcome.counted:
            say(text("trace.not_counted"), colour="yellow")
            continue
        telling = [(name, line) for name, line in moved if line.used.number]
        say(text("trace.moved", count=len(telling)))
        for name, line in telling:
            total = provincial.get((name.data_set.code, name.element.code, name.column))
            share = _share(total, name, line)
            say(f"{name.data_set.sheet} {_caption(name)}: {share}", indent=2)
            say(f"{_place(line)} · {_raw(line.value)}", indent=4)
            if line.adjustment is not None:
                say(text("trace.adjusted_by", id=line.adjustment.id), indent=4)
        zeros = len(moved) - len(telling)
        if zeros:
            say(text("trace.zeros", count=zeros))


def _share(total: RunTotal | None, name: FigureName, line: TraceLine) -> str:
    """Show a number of a file beside the total of the province."""
    kind = name.data_set.aggregation_of(name.element, name.column)
    if kind is not Aggregation.SUM or not line.summed:
        return text("trace.not_summed", number=_used(line.used))
    whole = format_number(total.total) if total is not None and total.total is not None else "?"
    return text("trace.of_total", number=_used(line.used), total=whole)


def _head(run: Run, mark: str, period: Period) -> str:
    words = text("trace.run", run=run.number, day=day_of(run))
    return " · ".join(filter(None, (period.label, words, mark)))


def _caption(name: FigureName) -> str:
    return figure_caption(name.data_set, name.element, name.column)


def _total(total: RunTotal | None) -> str:
    if total is None or total.total is None:
        return text("trace.nothing")
    return text("trace.total", number=format_number(total.total), units=total.units)


def _whole(trace: FigureTrace) -> str:
    """Word the total of the province; say how it is made if no sum, or why it is absent."""
    name = trace.figure
    kind = name.data_set.aggregation_of(name.element, name.column)
    known = trace.total is not None and trace.total.total is not None
    if kind is Aggregation.SUM and (known or not trace.units):
        return _total(trace.total)
    made = sentence(trace.made)
    return f"{_total(trace.total)} · {made}" if known else made


def _used(value: DataValue) -> str:
    return (
        text(f"trace.status.{value.status.value}")
        if value.used is None
        else shown_value(value.used)
    )


def _place(line: TraceLine) -> str:
    row = text("trace.row", row=line.value.key.row) if line.value.key.row else ""
    cell = f"{line.value.cell.sheet}!{line.value.cell.a1}"
    return f"{cell} ({row})" if row else cell


def _raw(value: DataValue) -> str:
    return text("trace.raw", raw=value.raw.strip()) if value.raw.strip() else text("trace.blank")


def figures_document(run: Run, traces: Iterable[FigureTrace]) -> dict[str, Any]:
    """Build the traces of figures as JSON."""
    return {
        "schema": FIGURES,
        **_run_document(run),
        "figures": [
            {
                "figure": trace.figure.data_set.name_of(
                    trace.figure.element.code, trace.figure.column
                ),
                "caption": _caption(trace.figure),
                "period": trace.figure.data_set.period_in(run.head.period).code,
                "total": json_number(trace.total.total) if trace.total is not None else None,
                "units": trace.total.units if trace.total is not None else 0,
                "adds_up": trace.whole if trace.sums else None,
                "answered": trace.units,
                "made": trace.made.key.rpartition(".")[2],
                "levels": [
                    {
                        "level": part.level.value,
                        "total": json_number(part.total.total) if part.total is not None else None,
                        "sources": [_line_document(line) for line in part.lines],
                    }
                    for part in trace.levels
                ],
                "given": [_line_document(line) for line in trace.given],
                "beside": [_line_document(line) for line in trace.beside],
                "silent": [_line_document(line) for line in trace.silent],
            }
            for trace in traces
        ],
    }


def files_document(run: Run, files: Iterable[_Traced]) -> dict[str, Any]:
    """Build the traces of files as JSON, figures to which a file gives 0 included."""
    return {
        "schema": FILES,
        **_run_document(run),
        "files": [
            {
                "file": file.path,
                "member": file.member or None,
                "unit": file.unit or None,
                "outcome": file.outcome.value,
                "reason": sentence(file.reason),
                "figures": [
                    {
                        "figure": name.data_set.name_of(name.element.code, name.column),
                        "caption": _caption(name),
                        **_line_document(line),
                    }
                    for name, line in moved
                ],
            }
            for file, moved in files
        ],
    }


def _run_document(run: Run) -> dict[str, Any]:
    head = run.head
    return {
        "run": run.number,
        "as_of": head.as_of.isoformat(),
        "made": run.made.isoformat() if run.made is not None else None,
        "round": head.period.code,
    }


def _line_document(line: TraceLine) -> dict[str, Any]:
    value, item = line.value, line.adjustment
    return {
        "unit": line.unit.code,
        "file": line.file,
        "sheet": value.cell.sheet,
        "cell": value.cell.a1,
        "row": value.key.row,
        "status": value.status.value,
        "raw": value.raw,
        "value": json_number(value.number),
        "used": json_number(line.used.number),
        "adjustment": item.id if item is not None else None,
    }
