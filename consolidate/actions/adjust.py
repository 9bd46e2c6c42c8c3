"""Make the workbook of corrections of a workspace, and record what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from consolidate.actions.workspaces import loaded_with_roster
from consolidate.merge.opening import opened_register
from consolidate.model.corrections import Corrections
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.province.corrections_book import (
    Known,
    RowsRefused,
    known_rules,
    read_corrections_book,
)
from consolidate.province.corrections_plan import (
    CorrectionsBook,
    CorrectionsPlan,
    Ending,
    Round,
    plan_corrections,
    round_of,
    with_history,
)
from consolidate.province.workspace import CORRECTIONS, Workspace
from consolidate.register.recorded_corrections import CorrectionsDesk
from consolidate.xlsx.write.files import write_atomically

Confirm = Callable[[CorrectionsPlan], bool]
"""Asked with what would be recorded; nothing is recorded unless it says so."""


def corrections_path(workspace: Workspace) -> Path:
    """Find where the workbook of corrections of a workspace is kept."""
    return workspace.root / CORRECTIONS


def create_corrections(workspace: Workspace, path: Path, *, trial: bool = False) -> int:
    """Write the workbook of the corrections in force, and say how many rows it has.

    A ``trial`` writes nothing. Whoever asks has made sure that nothing is there.

    Raises:
        UserError: the workspace or its register cannot be used.
        OSError: it cannot be written.
    """
    from consolidate.province.corrections_book import build_corrections

    known = _known(workspace)
    with _looked(workspace) as desk:
        standing = desk.on_record().unrevoked()
    if not trial:
        rules = known_rules(known.library)
        write_atomically(path, build_corrections(standing, known.library, known.roster, rules))
    return len(standing.items)


def apply_corrections(
    workspace: Workspace, path: Path, ending: Ending, confirm: Confirm
) -> CorrectionsPlan:
    """Record what the saved workbook says beyond the register, once it is confirmed.

    ``ending`` says who answers for corrections whose rows are gone; without an author they are
    not taken back. Until it is confirmed the register is only looked at. Nobody waits while a
    person thinks about it: what was confirmed is planned again where nobody else writes, and
    asked about again if that is not the same any more.

    Raises:
        RowsRefused: rows cannot be applied; none is.
        UserError: the workspace or its register cannot be used; revocations have no author.
    """
    known = _known(workspace)
    book = read_corrections_book(path, known)
    while True:
        with _looked(workspace) as desk:
            plan = _planned(known.library, desk, book, ending)
        if not confirm(plan):
            return plan
        if plan.removed and not ending.author:
            nobody = because("corrections.who_revokes", count=len(plan.removed))
            raise UserError((nobody,), wrong_call=True)
        if plan.new == Corrections():
            return plan
        with (
            opened_register(workspace, trial=False) as register,
            register.correcting() as desk,
        ):
            if _planned(known.library, desk, book, ending) == plan:
                desk.add(plan.new)
                return plan


@contextlib.contextmanager
def _looked(workspace: Workspace) -> Iterator[CorrectionsDesk]:
    """Open locks and corrections read-only; no register is made."""
    with (
        opened_register(workspace, trial=True) as register,
        register.correcting(look=True) as desk,
    ):
        yield desk


def _planned(
    library: Library, desk: CorrectionsDesk, book: CorrectionsBook, ending: Ending
) -> CorrectionsPlan:
    on_record = desk.on_record()
    book = with_history(book, on_record.unrevoked(), library)
    plan = plan_corrections(book, on_record, _locked(desk, book, on_record), ending)
    if plan.problems:
        unanswered = 0 if ending.author else len(plan.removed)
        raise RowsRefused(plan.problems, unanswered)
    return plan


def outcome_of(plan: CorrectionsPlan) -> Reason:
    """Tell what recording a plan did."""
    added, ended = len(plan.new.items), len(plan.new.revocations)
    if not added and not ended and not plan.kept:
        return because("corrections.no_row")
    if not added and not ended:
        return because("corrections.unchanged", kept=plan.kept)
    return because("corrections.recorded", added=added, ended=ended, kept=plan.kept)


def _known(workspace: Workspace) -> Known:
    _, roster = loaded_with_roster(workspace)
    return Known(workspace.library, roster)


def _locked(desk: CorrectionsDesk, book: CorrectionsBook, on_record: Corrections) -> set[Round]:
    named: list[Period | None] = [row.period for row in book.broken]
    named += [item.period for _, item in book.rows]
    named += [item.period for item in on_record.items]
    periods = {round_of(period): period for period in named if period is not None}
    return {number for number, period in periods.items() if desk.locked(period)}
