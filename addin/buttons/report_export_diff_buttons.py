"""The buttons "Xuất", "Báo cáo", "So sánh hai lần": values of a run, drafts, two runs compared."""

from __future__ import annotations

import re

from addin.session import Session, as_typed, open_folder, opened, replacing
from addin.settings import own_workspace, read_settings
from addin.summaries import round_in_front, standing_run, summary_in_front
from consolidate.actions.diff import compare_runs
from consolidate.actions.merge import MergeOrder
from consolidate.actions.report_and_export import draft_reports, export_path, export_values
from consolidate.actions.status_and_next_step import open_round
from consolidate.actions.workspaces import loaded_with_roster, round_inbox
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError
from consolidate.province.workspace import Workspace
from consolidate.register.register import Register
from consolidate.reports.run_diff_words import DiffLine, diff_lines


def export_round(session: Session) -> str | None:
    """Write every value of a round as one sheet and open it, as ``export --format xlsx``."""
    from consolidate.merge.open_province_memory import opened_register
    from consolidate.reports.values_table import TableFormat

    workspace = own_workspace(read_settings())
    roster = loaded_with_roster(workspace)[1]
    with opened_register(workspace, trial=True) as register:
        run = standing_run(session, workspace, register)
        path = export_path(workspace, run.head.period, TableFormat.XLSX)
        with replacing(session) as replaced:
            if not replaced.close(path):
                return text("addin.merge.kept", file=path)
            done = export_values(workspace, register, run, roster, TableFormat.XLSX)
    opened(session, done.path)
    counts = {"values": done.values, "units": done.units, "run": run.number}
    session.say(text("export.written", file=done.path, **counts))
    return None


def draft_round(session: Session) -> str | None:
    """Draft the reports of a round into the results, as ``consolidate report`` does.

    The round is that of the summary in front, else the newest one that is not locked. A draft that
    a person changed is kept and named.
    """
    workspace, day = own_workspace(read_settings()), session.today()
    summary = summary_in_front(session)
    period = summary.period if summary is not None else None
    period = period if period is not None else open_round(workspace, day)
    inbox = round_inbox(workspace, period)[0]

    order = MergeOrder(workspace.library, inbox, day, period=period)
    done = draft_reports(workspace, order, session.counted("addin.merge.reading"))
    lines = [sentence(done.since)] if done.since is not None else []
    lines += [text(f"report.{draft.outcome.value}", file=draft.path) for draft in done.drafts]
    open_folder(workspace.results)
    session.say("\n".join(lines))
    return None


NEWEST = "-"
"""What is typed for the two newest merges of the round."""
_INDENT = 2
"""Characters of an indent that are one column of the sheet."""
_WIDTHS = (3, 3, 110)


def compare_two(session: Session) -> str | None:
    """Show in a new workbook what changed between the two merges that were typed."""
    from consolidate.merge.open_province_memory import opened_register

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
            raise UserError.of("addin.diff.too_few")
        return found[-2].number, found[-1].number
    numbers = re.findall(r"\d{1,9}", typed)
    if len(numbers) != 2:
        raise UserError.of("addin.diff.typed", typed=typed)
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
