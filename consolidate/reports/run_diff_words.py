"""Word what changed between two runs of a round, line by line, for any reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import format_day, format_number
from consolidate.model.units import Level
from consolidate.reports.captions import caption
from consolidate.rollup.run_differences import FigureChange, FileChange, RunDiff


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line; ``indent`` in characters, ``bold`` for a heading, ``colour`` as of a terminal."""

    text: str
    indent: int = 0
    bold: bool = False
    colour: str = ""


def diff_lines(forms: Library, old: Run, new: Run, changes: RunDiff) -> Iterator[DiffLine]:
    """Tell what changed from one run to another of the same round."""
    yield DiffLine(text("diff.title", period=new.head.period.label), bold=True)
    for run in (old, new):
        said = text("diff.run", run=run.number, day=day_of(run), program=run.head.program)
        yield DiffLine(said, 2)
    if changes.nothing:
        yield DiffLine(text("diff.nothing"), colour="green")
        return
    for name in changes.inputs:
        yield DiffLine(text(f"diff.input.{name}"), colour="yellow")
    if changes.bases:
        periods = "; ".join(period.label for period in changes.bases)
        yield DiffLine(text("diff.bases", periods=periods), colour="yellow")
    if changes.elsewhere:
        yield DiffLine(text("diff.elsewhere"), colour="yellow")
    if changes.files:
        yield DiffLine(text("diff.files", count=len(changes.files)), bold=True)
    for file in changes.files:
        yield DiffLine(f"{text(f'diff.file.{file.kind.value}')} · {file.name}", 2)
        for line in _file_lines(file):
            yield DiffLine(line, 4)
    if changes.figures:
        yield DiffLine(text("diff.figures", count=len(changes.figures)), bold=True)
    for figure in changes.figures:
        named = caption_of(forms, figure, new.head.period)
        level = figure.key[3]
        level = Level(level).label if level in set(Level) else level or text("diff.province")
        yield DiffLine(f"{named} · {level}", 2)
        yield DiffLine(_figure_line(figure), 4)


def day_of(run: Run) -> str:
    """Give the day that a run asked about, and the one when it was made if another."""
    day = format_day(run.head.as_of)
    if run.made is None or run.made == run.head.as_of:
        return day
    return text("runs.made", day=day, made=format_day(run.made))


def _file_lines(change: FileChange) -> list[str]:
    before, after = change.before, change.after
    if before is None or after is None:
        return [_decision(file) for file in (before, after) if file is not None]
    lines = []
    if before.name != after.name:
        lines.append(text("diff.was_called", name=before.name))
    if _decision(before) != _decision(after):
        return [*lines, f"{_decision(before)} → {_decision(after)}", sentence(after.reason)]
    lines.append(_decision(after))
    if before.reason != after.reason:
        lines += [sentence(before.reason), f"→ {sentence(after.reason)}"]
    return lines


def _decision(file: RunOutcome) -> str:
    word = text(f"terms.outcome.{file.outcome.value}")
    return f"{word} ({file.unit})" if file.unit else word


def caption_of(forms: Library, change: FigureChange, period: Period) -> str:
    """Name the figure that changed as people know it: sheet and number, or its codes."""
    data_set, element, column, _ = change.key
    library = forms.at(period)
    form = library.by_code.get(data_set)
    named = caption(library, data_set, element, column)
    if form is None or not named:
        return ".".join(filter(None, (data_set, element, column)))
    return f"{form.sheet} {named}"


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
