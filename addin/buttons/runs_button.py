"""The button "So sánh hai lần": what changed between two merges of a round, as ``diff`` says."""

from __future__ import annotations

import re

from addin.listing import as_typed
from addin.session import Session
from addin.settings import own_workspace, read_settings
from addin.summaries import round_in_front
from consolidate.actions.decisions import compare_runs
from consolidate.model.reasons import UserError, because
from consolidate.province.workspace import Workspace
from consolidate.register.register import Register
from consolidate.reports.run_diff_words import DiffLine, diff_lines

NEWEST = "-"
"""What is typed for the two newest merges of the round."""
_INDENT = 2
"""Characters of an indent that are one column of the sheet."""
_WIDTHS = (3, 3, 110)


def compare_two(session: Session) -> str | None:
    """Show in a new workbook what changed between the two merges that were typed."""
    from consolidate.merge.opening import opened_register

    workspace = own_workspace(read_settings())
    with opened_register(workspace, trial=True) as register:
        before, after = _numbers(session, workspace, register)
        old, new, changes = compare_runs(register, before, after)
    lines = list(diff_lines(workspace.library, old, new, changes))
    _show(session, lines)
    head = [line.text for line in lines if not line.indent]
    session.say("\n".join(head))
    return None


def _numbers(session: Session, workspace: Workspace, register: Register) -> tuple[int, int]:
    """Return the numbers typed; the two newest of the round in front, or of the newest run's round.

    Raises:
        UserError: there are no two, or something else was typed.
    """
    typed = session.argument.strip()
    if typed == NEWEST:
        period = round_in_front(session, workspace)
        runs = register.runs()
        if period is None and runs:
            period = runs[-1].head.period
        found = register.runs(period.round_name) if period is not None else ()
        if len(found) < 2:
            raise UserError((because("addin.compare.too_few"),))
        return found[-2].number, found[-1].number
    numbers = re.findall(r"\d{1,9}", typed)
    if len(numbers) != 2:
        raise UserError((because("addin.compare.typed", typed=typed),))
    return int(numbers[0]), int(numbers[1])


def _show(session: Session, lines: list[DiffLine]) -> None:
    sheet = session.app.books.add().sheets[0]
    width = len(_WIDTHS)
    rows = []
    for line in lines:
        row: list[str | None] = [None] * width
        row[min(line.indent // _INDENT, width - 1)] = as_typed(line.text)
        rows.append(row)
    sheet.range((1, 1), (len(rows), width)).value = rows
    for number, line in enumerate(lines, 1):
        if line.bold:
            sheet.range((number, 1)).font.bold = True
    for column, points in enumerate(_WIDTHS, 1):
        sheet.range((1, column)).column_width = points
    sheet.activate()
