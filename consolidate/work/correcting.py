"""The workbook of corrections of a workspace: made when it is not there, applied when asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.intake.typed_text.typed import read_typed
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.period import Period
from consolidate.register.corrections_book import (
    CorrectionsBook,
    CorrectionsError,
    Known,
    known_rules,
    read_corrections_book,
)
from consolidate.register.corrections_history import with_history
from consolidate.register.corrections_plan import (
    CorrectionsPlan,
    Ending,
    Round,
    plan_corrections,
    round_of,
    unrevoked,
)
from consolidate.register.store.corrections import CorrectionsDesk
from consolidate.register.store.register import Register, open_register
from consolidate.reports.captions import caption
from consolidate.work.places import loaded_with_roster
from consolidate.work.refused import WorkRefused, refusals
from consolidate.workspace import CORRECTIONS, Workspace
from consolidate.writing import write_atomically

Confirm = Callable[[CorrectionsPlan], bool]
"""Asked with what would be recorded; nothing is recorded unless it says so."""


class RowsRefused(WorkRefused):
    """Rows of the workbook have to be mended first; ``problems`` says which.

    ``unanswered`` is how many corrections would end beside that with nobody who answers for it.
    """

    def __init__(self, problems: tuple[str, ...], unanswered: int = 0) -> None:
        super().__init__(problems)
        self.unanswered = unanswered


def corrections_path(workspace: Workspace) -> Path:
    """Where the workbook of corrections of a workspace is kept."""
    return workspace.root / CORRECTIONS


def create_corrections(workspace: Workspace, path: Path, *, trial: bool = False) -> int:
    """Write the workbook of the corrections in force, and say how many rows it has.

    A ``trial`` writes nothing. Whoever asks has made sure that nothing is there.

    Raises:
        WorkRefused: the workspace or its register cannot be used.
        OSError: it cannot be written.
    """
    from consolidate.forms.corrections_book import build_corrections

    known = _known(workspace)
    with _looked(workspace) as desk:
        standing = unrevoked(desk.on_record())
    if not trial:
        rules = known_rules(known.library)
        write_atomically(path, build_corrections(standing, known.library, known.roster, rules))
    return len(standing.adjustments) + len(standing.waivers)


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
        WorkRefused: the workspace or its register cannot be used; nobody answers for revocations.
    """
    known = _known(workspace)
    try:
        book = read_corrections_book(path, known)
    except CorrectionsError as error:
        raise RowsRefused(error.problems) from None
    while True:
        with _looked(workspace) as desk:
            plan = _planned(desk, book, ending)
        if not confirm(plan):
            return plan
        if plan.removed and not ending.author:
            raise WorkRefused((text("corrections.who_revokes", count=len(plan.removed)),))
        if plan.new == Corrections():
            return plan
        with _opened(workspace) as register, register.correcting() as desk:
            if _planned(desk, book, ending) == plan:
                desk.add(plan.new)
                return plan


@contextlib.contextmanager
def _looked(workspace: Workspace) -> Iterator[CorrectionsDesk]:
    """Locks and corrections to look at: no register is made."""
    from consolidate.memory.opening import opened_register

    with (
        refusals(),
        opened_register(workspace, trial=True) as register,
        register.correcting(look=True) as desk,
    ):
        yield desk


@contextlib.contextmanager
def _opened(workspace: Workspace) -> Iterator[Register]:
    with refusals(), open_register(workspace.database_url, workspace.register) as register:
        yield register


def _planned(desk: CorrectionsDesk, book: CorrectionsBook, ending: Ending) -> CorrectionsPlan:
    on_record = desk.on_record()
    book = with_history(book, unrevoked(on_record), library())
    plan = plan_corrections(book, on_record, _locked(desk, book, on_record), ending)
    if plan.problems:
        unanswered = 0 if ending.author else len(plan.removed)
        raise RowsRefused(plan.problems, unanswered)
    return plan


def gone_from(path: Path) -> str:
    """The usual reason why a correction ends whose row is gone."""
    return text("corrections.gone", file=path.name)


def outcome_of(plan: CorrectionsPlan) -> str:
    """What recording a plan did, in one sentence."""
    added = len(plan.new.adjustments) + len(plan.new.waivers)
    ended = len(plan.new.revocations)
    if not added and not ended:
        return text("corrections.unchanged", kept=plan.kept)
    return text("corrections.recorded", added=added, ended=ended, kept=plan.kept)


def lines_of(plan: CorrectionsPlan) -> list[str]:
    """What a plan records, a line each: ``+`` for what is added, ``-`` for what ends."""
    added: list[Adjustment | Waiver] = [*plan.new.adjustments, *plan.new.waivers]
    lines = [f"+ {item.id} · {_words(item)}" for item in added]
    return lines + [f"- {end.id} · {end.reason}" for end in plan.new.revocations]


def _known(workspace: Workspace) -> Known:
    _, roster = loaded_with_roster(workspace)
    return Known(library(), roster, read_typed)


def _locked(desk: CorrectionsDesk, book: CorrectionsBook, on_record: Corrections) -> set[Round]:
    named: list[Period | None] = [row.period for row in book.broken]
    named += [item.period for _, item in book.adjustments]
    named += [item.period for _, item in book.waivers]
    named += [item.period for item in on_record.adjustments]
    named += [item.period for item in on_record.waivers]
    periods = {round_of(period): period for period in named if period is not None}
    return {number for number, period in periods.items() if desk.locked(period)}


def _words(item: Adjustment | Waiver) -> str:
    if isinstance(item, Waiver):
        parts = [item.rule, item.unit]
        if item.period is not None:
            parts.append(text("corrections.only", period=item.period.code))
        elif item.until is None:
            parts.append(text("corrections.endless"))
        return " · ".join(parts)
    key = item.key
    figure = caption(library(), key.data_set, key.element, key.column)
    row = f" · {text('corrections.of_row', row=key.row)}" if key.row else ""
    form = library().by_code[key.data_set].sheet
    shown = item.value or text("corrections.nothing")
    return f"{item.period.code} · {item.unit} · {form} {figure}{row} = {shown}"
