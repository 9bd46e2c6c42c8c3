"""Print what ``consolidate trace`` found: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consolidate.cli.console import say as say_line
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Aggregation
from consolidate.model.figure_names import FigureName
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome, RunTotal
from consolidate.model.text import format_day, format_number, json_number
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import figure_caption, say
from consolidate.reports.run_diff_words import day_of
from consolidate.rollup.figure_trace import FigureTrace, LevelTrace, TraceLine

FIGURES, FILES = "consolidate/trace/1", "consolidate/trace-file/1"
"""Schemas of the JSON."""
_FigureKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class TracedRun:
    """The run that is asked about, and in words whether it is approved or locked."""

    run: Run
    mark: str


@dataclass(frozen=True, slots=True)
class TracedFile:
    """A file of a run with the figures that it moved, and the totals of the province."""

    file: RunOutcome
    moved: tuple[tuple[FigureName, TraceLine], ...]
    totals: Mapping[_FigureKey, RunTotal]


def say_figures(traced: TracedRun, traces: Sequence[FigureTrace]) -> None:
    """Print the way from each figure down to its cells."""
    for index, trace in enumerate(traces):
        if index:
            say_line()
        name = trace.figure
        named = dict.fromkeys((_caption(name), _label(name)))
        say_line(f"{name.data_set.sheet} {' · '.join(named)}", bold=True)
        say_line(_head(traced, _period(traced, name)))
        say_line(f"{text('trace.province')}: {_whole(trace)}", bold=True)
        for part in trace.levels:
            say_line(f"{part.level.label}: {_of_level(part)}", indent=2)
            for line in part.lines:
                _say_cell(line)
        _say_group("trace.given", trace.given)
        _say_group("trace.beside", trace.beside)
        if trace.silent:
            say_line(text("trace.silent", count=len(trace.silent)), indent=2)
        for line in trace.silent:
            _say_cell(line)
        _say_sum(trace)


def _say_group(key: str, lines: Sequence[TraceLine]) -> None:
    if lines:
        say_line(text(key), indent=2)
    for line in lines:
        _say_cell(line)


def _say_cell(line: TraceLine) -> None:
    say_line(f"{_unit(line.unit)}: {_used(line.used)}", indent=4)
    say_line(f"{line.file} › {_place(line)} · {_raw(line.value)}", indent=6)
    if line.adjustment is not None:
        item = line.adjustment
        words = text("trace.adjusted", id=item.id, before=_used(line.value), after=_used(line.used))
        decided = text("trace.decided", author=item.author, day=format_day(item.on))
        say_line(" · ".join(filter(None, (words, decided, item.reason, item.document))), indent=6)


def _say_sum(trace: FigureTrace) -> None:
    if not trace.sums:
        return
    if trace.whole and trace.added is None:
        return
    added = format_number(trace.added) if trace.added is not None else text("trace.nothing")
    if trace.whole:
        say_line(text("trace.adds_up", sum=added), colour="green")
    else:
        say_line(text("trace.differs", sum=added), colour="red")


def say_files(traced: TracedRun, files: Sequence[TracedFile]) -> None:
    """Print every figure that each file moved."""
    for index, item in enumerate(files):
        if index:
            say_line()
        file = item.file
        say_line(file.name, bold=True)
        say_line(_head(traced, traced.run.head.period))
        unit = f" ({file.unit})" if file.unit else ""
        outcome = text(f"terms.outcome.{file.outcome.value}")
        say_line(f"{outcome}{unit} · {sentence(file.reason)}")
        if not file.outcome.counted:
            say_line(text("trace.not_counted"), colour="yellow")
            continue
        telling = [(name, line) for name, line in item.moved if line.used.number]
        say_line(text("trace.moved", count=len(telling)))
        for name, line in telling:
            say_line(
                f"{name.data_set.sheet} {_caption(name)}: {_share(item, name, line)}", indent=2
            )
            say_line(f"{_place(line)} · {_raw(line.value)}", indent=4)
            if line.adjustment is not None:
                say_line(text("trace.adjusted_by", id=line.adjustment.id), indent=4)
        zeros = len(item.moved) - len(telling)
        if zeros:
            say_line(text("trace.zeros", count=zeros))


def _share(item: TracedFile, name: FigureName, line: TraceLine) -> str:
    """Show a number of a file beside the total of the province."""
    total = item.totals.get(_key(name))
    kind = name.data_set.aggregation_of(name.element, name.column)
    if kind is not Aggregation.SUM or not line.summed:
        return text("trace.not_summed", number=_used(line.used))
    whole = format_number(total.total) if total is not None and total.total is not None else "?"
    return text("trace.of_total", number=_used(line.used), total=whole)


def _head(traced: TracedRun, period: Period) -> str:
    run = traced.run
    words = text("trace.run", run=run.number, day=day_of(run))
    return " · ".join(filter(None, (period.label, words, traced.mark)))


def _period(traced: TracedRun, name: FigureName) -> Period:
    asked = traced.run.head.period
    return name.data_set.period_in(asked)


def _key(name: FigureName) -> _FigureKey:
    return name.data_set.code, name.element.code, name.column


def _caption(name: FigureName) -> str:
    return figure_caption(name.data_set, name.element, name.column)


def _label(name: FigureName) -> str:
    element = name.element
    return element.second_label if name.column and name.column == element.second else element.label


def _unit(unit: OrganisationUnit) -> str:
    return f"{unit.code} {unit.name}".strip()


def _total(total: RunTotal | None) -> str:
    if total is None or total.total is None:
        return text("trace.nothing")
    return text("trace.total", number=format_number(total.total), units=total.units)


def _whole(trace: FigureTrace) -> str:
    """The total of the province; how it is made where it is no sum, and why there is none."""
    name = trace.figure
    kind = name.data_set.aggregation_of(name.element, name.column)
    known = trace.total is not None and trace.total.total is not None
    if kind is Aggregation.SUM and (known or not trace.units):
        return _total(trace.total)
    made = sentence(trace.made)
    return f"{_total(trace.total)} · {made}" if known else made


def _of_level(part: LevelTrace) -> str:
    if part.total is None or part.total.total is None:
        units = len({line.unit.code for line in part.lines})
        return text("trace.level_units", units=units)
    return _total(part.total)


def _used(value: DataValue) -> str:
    return text(f"trace.status.{value.status.value}") if value.used is None else say(value.used)


def _place(line: TraceLine) -> str:
    row = text("trace.row", row=line.value.key.row) if line.value.key.row else ""
    cell = f"{line.value.cell.sheet}!{line.value.cell.a1}"
    return f"{cell} ({row})" if row else cell


def _raw(value: DataValue) -> str:
    return text("trace.raw", raw=value.raw.strip()) if value.raw.strip() else text("trace.blank")


def figures_document(traced: TracedRun, traces: Iterable[FigureTrace]) -> dict[str, Any]:
    """Build the traces of figures as JSON."""
    return {
        "schema": FIGURES,
        **_run_document(traced),
        "figures": [
            {
                "figure": trace.figure.data_set.name_of(
                    trace.figure.element.code, trace.figure.column
                ),
                "caption": _caption(trace.figure),
                "period": _period(traced, trace.figure).code,
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


def files_document(traced: TracedRun, files: Iterable[TracedFile]) -> dict[str, Any]:
    """Build the traces of files as JSON, figures to which a file gives 0 included."""
    return {
        "schema": FILES,
        **_run_document(traced),
        "files": [
            {
                "file": item.file.path,
                "member": item.file.member or None,
                "unit": item.file.unit or None,
                "outcome": item.file.outcome.value,
                "reason": sentence(item.file.reason),
                "figures": [
                    {
                        "figure": name.data_set.name_of(name.element.code, name.column),
                        "caption": _caption(name),
                        **_line_document(line),
                    }
                    for name, line in item.moved
                ],
            }
            for item in files
        ],
    }


def _run_document(traced: TracedRun) -> dict[str, Any]:
    head = traced.run.head
    return {
        "run": traced.run.number,
        "as_of": head.as_of.isoformat(),
        "made": traced.run.made.isoformat() if traced.run.made is not None else None,
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
