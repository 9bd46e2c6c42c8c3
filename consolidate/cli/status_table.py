"""The progress of a round on the terminal: a table by branch, then who is to be asked for what."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from consolidate.actions.status import RoundProgress
from consolidate.cli.console import say, width
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.runs import RunOutcome
from consolidate.model.text import format_day
from consolidate.reports.captions import in_sentence, status_text
from consolidate.reports.run_diff_words import day_of
from consolidate.reports.status_json import status_document
from consolidate.rollup.groups import Axis
from consolidate.rollup.timeliness import (
    Branch,
    ReturnState,
    ReturnStatus,
    branches,
    share_of,
)
from consolidate.xlsx.write.safe_text import clean

MOST_RETURNS = 15
MOST_PARENTS = 20
"""How many are listed on the terminal; the chase list and JSON hold all."""
_COLUMNS = (
    "expected", "received", "on_time", "late", "too_late", "held", "refused", "missing",
    "completeness", "timeliness",
)  # fmt: skip
_FIGURE = 5
"""Width of a column of figures: ``100,0``, or a count of five digits."""
_BROKEN = (ReturnState.REJECTED, ReturnState.UNREADABLE)


def document_of(progress: RoundProgress) -> dict[str, Any]:
    """Build the progress for other programs."""
    return status_document(
        progress.returns,
        progress.unplaced,
        progress.roster,
        period=progress.period,
        as_of=progress.as_of,
        run=progress.run.number,
    )


def say_progress(progress: RoundProgress) -> None:
    """Print everything that the status says."""
    province = f" · {progress.roster.province}" if progress.roster.province else ""
    label, day = progress.period.label, format_day(progress.as_of)
    say(text("status.title", period=label, province=clean(province), day=day), bold=True)
    run = progress.run
    say(text("status.run", run=run.number, day=day_of(run)))
    if progress.standing is not None:
        say(text("status.standing", run=progress.standing.number), colour="yellow")
    say()
    _table(branches(progress.returns, progress.roster))
    undated = share_of(progress.returns).counts.get(ReturnState.RECEIVED, 0)
    if undated:
        say(text("status.undated", count=undated), colour="yellow")
    asked = [status for status in progress.returns if status.state.asked_of_unit]
    # Who owes longest comes first; sorting is stable, so that others stay in roster order.
    asked.sort(key=lambda status: -(status.days if status.days is not None else -(10**6)))
    _list(text("status.missing", count=len(asked)), asked, "red")
    for state, key in (
        (ReturnState.HELD, "status.held"),
        (ReturnState.TOO_LATE, "status.too_late"),
        (ReturnState.LATE, "status.late"),
    ):
        some = [status for status in progress.returns if status.state is state]
        _list(text(key, count=len(some)), some, "yellow")
    _unplaced(progress.unplaced)
    if progress.clean and not undated:
        say(text("status.all_in"), colour="green")


def _table(found: Sequence[Branch]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colour = sys.stdout.isatty()
    parents = sum(branch.axis is Axis.PARENT for branch in found)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column(text("status.column.branch"), overflow="fold", ratio=1, vertical="bottom")
    for column in _COLUMNS:
        heading = text(f"status.column.{column}")
        table.add_column(heading, justify="right", width=_FIGURE, vertical="bottom")
    shown = [branch for branch in found if branch.axis is not Axis.PARENT]
    shown += [branch for branch in found if branch.axis is Axis.PARENT][:MOST_PARENTS]
    axis = Axis.PROVINCE
    for branch in shown:
        if branch.axis is not axis:
            table.add_row()
            axis = branch.axis
        table.add_row(Text(_name(branch)), *map(Text, _figures(branch)))
    Console(file=sys.stdout, width=max(80, width()), no_color=not colour, highlight=False).print(
        table
    )
    if parents > MOST_PARENTS:
        say(text("status.more_branches", count=parents - MOST_PARENTS))


def _name(branch: Branch) -> str:
    if branch.name:
        return clean(branch.name)
    return text("status.axis.province" if branch.axis is Axis.PROVINCE else "status.axis.kind")


def _figures(branch: Branch) -> tuple[str, ...]:
    share, counts = branch.share, branch.share.counts
    figures: dict[str, int | Decimal | None] = {
        "expected": share.expected,
        "received": share.received,
        "on_time": share.on_time,
        "refused": sum(counts.get(state, 0) for state in _BROKEN),
        "completeness": share.completeness,
        "timeliness": share.timeliness,
    }
    for state in (
        ReturnState.LATE,
        ReturnState.TOO_LATE,
        ReturnState.HELD,
        ReturnState.MISSING,
    ):
        figures[state.value] = counts.get(state, 0)
    return tuple(_shown(figures[column]) for column in _COLUMNS)


def _shown(figure: int | Decimal | None) -> str:
    """A number as Vietnamese write it, with a decimal comma."""
    return "–" if figure is None else str(figure).replace(".", ",")


def _list(title: str, some: Sequence[ReturnStatus], colour: str) -> None:
    if not some:
        return
    say()
    say(title, bold=True, colour=colour)
    for status in some[:MOST_RETURNS]:
        report = f"{status.template.short_title} {in_sentence(status.period)}"
        line = text(
            "status.line", name=clean(status.unit.name), report=report, state=status_text(status)
        )
        more = [text("status.due", day=format_day(status.due))] if status.due is not None else []
        more += [clean(status.unit.email)] if status.unit.email else []
        say(" · ".join((line, *more)), indent=2)
        if status.reason and not status.state.done and status.state is not ReturnState.TOO_LATE:
            say(f"{clean(status.file)}: {clean(sentence(status.reason))}", indent=4)
    if len(some) > MOST_RETURNS:
        say(text("status.more", count=len(some) - MOST_RETURNS), indent=2)


def _unplaced(files: Sequence[RunOutcome]) -> None:
    if not files:
        return
    say()
    say(text("status.unplaced", count=len(files)), bold=True, colour="yellow")
    for file in files[:MOST_RETURNS]:
        say(f"– {clean(file.name)}: {clean(sentence(file.reason))}", indent=2)
    if len(files) > MOST_RETURNS:
        say(text("issue.more", count=len(files) - MOST_RETURNS), indent=2)
