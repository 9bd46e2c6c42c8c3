"""Follow every return of a round from the newest run on record; plan reminder letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.actions.workspaces import loaded_with_roster
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Secrecy
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace
from consolidate.reports.authority import authority_of
from consolidate.reports.letter_plan import Letter, LetterBy, plan_letters
from consolidate.rollup.timeliness import ReturnState, ReturnStatus, round_statuses, unplaced
from consolidate.xlsx.write.files import FilesWritten

if TYPE_CHECKING:
    from consolidate.actions.issue import Progress


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """Where every return of a round is on a day, from the newest ``run``.

    ``standing`` is the run that speaks for the round when that is another one. ``secrecy`` is the
    mark of its letters.
    """

    period: Period
    as_of: date
    roster: Roster
    province: str
    returns: tuple[ReturnStatus, ...]
    unplaced: tuple[RunOutcome, ...]
    run: Run
    library: Library = field(repr=False)
    standing: Run | None = None
    secrecy: Secrecy = Secrecy.NONE

    @property
    def clean(self) -> bool:
        """Whether everything is in and nothing is known to be late or waits for a person."""
        good = (ReturnState.ON_TIME, ReturnState.RECEIVED)
        return not self.unplaced and all(status.state in good for status in self.returns)


def follow_round(workspace: Workspace, period: Period, day: date) -> RoundProgress:
    """Find where every return of a round is on a day. Asking makes no register.

    Any period of the round names it; the answer has the one that the round goes by.

    Raises:
        UserError: the round was not merged yet; roster, calendar or register cannot be used;
            nobody reports in the round.
    """
    from consolidate.merge.opening import opened_register

    loaded, roster = loaded_with_roster(workspace)
    name = period.round_name
    with opened_register(workspace, trial=True) as register:
        run = register.last_run(name)
        if run is None:
            absent = because("status.no_run", period=name, code=name.code)
            raise UserError((absent,), wrong_call=True)
        standing = register.standing_run(name)
        in_force = register.corrections().in_force(day)
        outcomes = register.outcomes(run.number)
    library, calendar = loaded.forms(workspace, name), loaded.calendar
    found = round_statuses(library, roster, calendar, name, outcomes, in_force, day)
    if not found:
        raise UserError((because("status.nobody", period=name),), wrong_call=True)
    return RoundProgress(
        name,
        day,
        roster,
        roster.province or workspace.province,
        found,
        unplaced(outcomes),
        run,
        library,
        standing if standing is not None and standing.number != run.number else None,
        calendar.secrecy(name),
    )


def latest_round(workspace: Workspace) -> Period | None:
    """Find the period of the round of the newest run, ``None`` when nothing was merged yet.

    Raises:
        UserError: the register cannot be used.
    """
    from consolidate.merge.opening import opened_register

    with opened_register(workspace, trial=True) as register:
        runs = register.runs()
        return runs[-1].head.period if runs else None


def progress_book(progress: RoundProgress) -> bytes:
    """Write the progress as a workbook: shares, chase list, late files, files of no unit."""
    from consolidate.reports.round_progress import progress_workbook

    return progress_workbook(
        progress.returns, progress.unplaced, progress.roster, progress.period, progress.as_of
    )


def letters_of(
    progress: RoundProgress, *, by: LetterBy = LetterBy.UNIT, agency: str = ""
) -> tuple[Letter, ...]:
    """Plan letters about everything that units have to send; ``agency`` as in ``plan_letters``."""
    packs = progress.library.pack_of
    bases = {code: pack.citation for code, pack in packs.items() if pack.citation}
    return plan_letters(
        progress.returns,
        progress.roster,
        progress.period,
        progress.as_of,
        by=by,
        agency=agency,
        bases=bases,
    )


def write_letters(
    planned: Sequence[Letter],
    folder: Path,
    standing: RoundProgress,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> FilesWritten:
    """Write letters of a round; one that is there and was changed is kept unless ``force``.

    ``progress`` is told after every letter: made so far, to make in all.

    Raises:
        OSError: the folder cannot be written.
    """
    from consolidate.reports.letters import letter_bytes

    signatories, mark = standing.roster.signatories, standing.secrecy.label
    folder.mkdir(parents=True, exist_ok=True)
    written = FilesWritten(folder)
    for done, letter in enumerate(planned, 1):
        authority = authority_of(letter.agency, standing.province, signatories)
        content = letter_bytes(letter, authority, standing.as_of, mark)
        written.write(letter.file_name, content, force=force)
        if progress is not None:
            progress(done, len(planned))
    return written
