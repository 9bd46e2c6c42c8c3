"""Tell where a round is: every return of it, how far it is, what comes next; plan reminder letters.

How far it is and what comes next is decided from what lies in the folder and the register, and from
nothing that anybody would have to keep up to date. Only looks: nothing is made, locked or changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.actions.workspaces import loaded_with_roster, round_inbox
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import is_link
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Secrecy
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.units import Roster
from consolidate.province.calendar import has_files, round_of_folder
from consolidate.province.workspace import GIVEN_BACK, LETTERS, Loaded, Workspace
from consolidate.rollup.timeliness import ReturnState, ReturnStatus, round_statuses, unplaced
from consolidate.xlsx.write.atomic_files import FilesWritten, digest_of

if TYPE_CHECKING:
    from consolidate.actions.adjust_and_decide import RoundState
    from consolidate.merge.read_files import Progress as Advance
    from consolidate.register.recorded_decisions import Standing
    from consolidate.register.register import Register
    from consolidate.reports.letter_plan import Letter, LetterBy


class Step(StrEnum):
    """What a person does next."""

    LIST_UNITS = "list_units"
    FILL_CALENDAR = "fill_calendar"
    ISSUE = "issue"
    SEND = "send"
    MERGE = "merge"
    RETURN = "return"
    CHASE = "chase"
    WAIT = "wait"
    LOOK = "look"
    APPROVE = "approve"
    LOCK = "lock"
    BACK_UP = "back_up"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is. ``expected`` and ``issued`` count units, ``waiting`` files.

    Units are not counted behind a merge, where nobody asks for them: both are 0. ``waiting`` are
    files in ``inbox`` that no merge has seen. ``state`` is that of the newest run, ``None`` before
    any; ``outdated`` says that roster, calendar or corrections changed since.
    """

    period: Period
    expected: int
    issued: int
    inbox: Path
    waiting: int
    state: RoundState | None = None
    standing: Standing | None = None
    outdated: bool = False

    def lines(self) -> Iterator[Reason]:
        """Tell how far the round is, in an order that does not change."""
        counts = {"issued": self.issued, "expected": self.expected}
        yield because("next.issued" if self.issued else "next.not_issued", **counts)
        state = self.state
        if state is not None:
            values = {"received": state.received, "expected": state.expected}
            yield because("next.received", run=state.run.number, **values)
            problems = {"held": state.held, "broken": state.broken, "errors": state.errors}
            problems["contradicted"] = len(state.contradicted)
            problems["undecided"] = len(state.undecided)
            for name, count in problems.items():
                if count:
                    yield because(f"next.{name}", count=count, returns=state.erring)
        if self.waiting:
            key = "next.waiting" if state is not None else "next.arrived"
            yield because(key, count=self.waiting)
        standing = self.standing
        if standing is not None and standing.approval is not None:
            yield because("next.approved", run=standing.approval.run, day=standing.approval.on)
        if standing is not None and standing.lock is not None:
            yield because("next.locked", run=standing.lock.run, day=standing.lock.on)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next, by which command; ``progress`` is of the round that it is about.

    ``command`` are the words behind the name of the program, paths as paths, empty where a person
    works outside it. ``others`` are earlier rounds that are still open.
    """

    step: Step
    reason: Reason
    command: tuple[str | Path, ...] = ()
    progress: Progress | None = None
    others: tuple[Period, ...] = ()


def next_step(workspace: Workspace, day: date, known: RoundState | None = None) -> NextStep:
    """Find where the newest open round is and what comes next on a day.

    ``known`` is how a round stands in a run that was just made; while that is the newest run of
    its round, nothing of it is read again.

    Raises:
        UserError: roster, calendar or register cannot be used; files of the round lie in two
            folders of the inbox.
    """
    loaded = workspace.load()
    if loaded.roster is None:
        return NextStep(Step.LIST_UNITS, because("next.list_units"), ("init", workspace.root))
    rounds = _Rounds(workspace, day, known)
    if not rounds.open and rounds.locked and not _backed_up(workspace):
        progress = _progress(workspace, loaded, rounds.locked[0], rounds, known)
        return NextStep(Step.BACK_UP, because("next.back_up"), ("backup",), progress)
    period = rounds.open[0] if rounds.open else _coming(loaded, day, rounds.locked)
    if period is None:
        year = max([day.year, *(done.year + 1 for done in rounds.locked)])
        command = ("init", workspace.root, "--year", str(year))
        return NextStep(Step.FILL_CALENDAR, because("next.fill_calendar"), command)
    progress = _progress(workspace, loaded, period, rounds, known)
    return replace(_next(workspace, progress, day), progress=progress, others=rounds.open[1:])


def open_round(workspace: Workspace, day: date) -> Period:
    """Find the round that is meant where none is named: the newest open, else the coming one.

    Raises:
        UserError: as :func:`next_step`; no round is open and none can be named.
    """
    rounds = _Rounds(workspace)
    period = rounds.open[0] if rounds.open else _coming(workspace.load(), day, rounds.locked)
    if period is None:
        raise UserError.of("next.no_round", wrong_call=True)
    return period


def decided_round(workspace: Workspace, *, locked: bool) -> Period:
    """Find the newest round that is locked, or else the newest approved one.

    Raises:
        UserError: the register cannot be used; no round is approved or locked.
    """
    rounds = _Rounds(workspace)
    approved = [period for period in rounds.open if rounds.standing[period].approval is not None]
    found = rounds.locked if locked else tuple(approved)
    if not found:
        raise UserError.of("next.no_round", wrong_call=True)
    return found[0]


class _Rounds:
    """Rounds that left a trace, the newest first, and which of them are locked.

    With a ``day`` also how the newest open round stands on it, else the newest locked one.
    """

    def __init__(
        self, workspace: Workspace, day: date | None = None, known: RoundState | None = None
    ) -> None:
        found = {
            period.round_name
            for folder in (workspace.outbox, workspace.inbox)
            for path in (folder.iterdir() if folder.is_dir() else ())
            if (period := round_of_folder(path)) is not None and has_files(path)
        }
        self.standing: dict[Period, Standing] = {}
        self.states: dict[Period, RoundState] = {}
        self.kept: frozenset[str] = frozenset()
        self.outdated: set[Period] = set()
        self.unread: dict[Period, frozenset[str]] = {}
        if workspace.has_register:
            from consolidate.merge.open_province_memory import opened_register

            with opened_register(workspace, trial=True) as register:
                found |= {run.head.period.round_name for run in register.runs()}
                self.standing = {period: register.standing(period) for period in found}
                self._order(found)
                self.kept = frozenset(file.sha256 for file in register.files())
                if day is not None:
                    for period in (*self.open, *self.locked)[:1]:
                        self._ask(workspace, register, period, day, known)
        self._order(found)

    def _order(self, found: Iterable[Period]) -> None:
        order = sorted(found, key=lambda period: period.last_day, reverse=True)
        self.open = tuple(period for period in order if not self._is_locked(period))
        self.locked = tuple(period for period in order if self._is_locked(period))

    def _ask(
        self,
        workspace: Workspace,
        register: Register,
        period: Period,
        day: date,
        known: RoundState | None,
    ) -> None:
        from consolidate.actions.adjust_and_decide import round_state
        from consolidate.register.recorded_decisions import corrections_digest

        run = register.last_run(period)
        if run is None:
            return
        if known is not None and known.run == run:
            state = known
        else:
            state = round_state(workspace, register, run.number)
        self.states[period] = state
        corrections = corrections_digest(register.corrections().in_force(day))
        if state.other_lists or run.head.corrections != corrections:
            self.outdated.add(period)
        outcomes = register.outcomes(run.number)
        self.unread[period] = frozenset(file.path for file in outcomes if not file.sha256)

    def _is_locked(self, period: Period) -> bool:
        standing = self.standing.get(period)
        return standing is not None and standing.lock is not None


def _progress(
    workspace: Workspace, loaded: Loaded, period: Period, rounds: _Rounds, known: RoundState | None
) -> Progress:
    state = rounds.states.get(period)
    expected = issued = 0
    if state is None or known is None:
        expected, issued = _issued(workspace, loaded, period)
    inbox = round_inbox(workspace, period)[0]
    if inbox == workspace.inbox:
        inbox = workspace.inbox / period.code if not has_files(inbox) else inbox
    return Progress(
        period,
        expected,
        issued,
        inbox,
        sum(1 for _ in _waiting(inbox, rounds.kept, rounds.unread.get(period, frozenset()))),
        state,
        rounds.standing.get(period),
        period in rounds.outdated,
    )


def _issued(workspace: Workspace, loaded: Loaded, period: Period) -> tuple[int, int]:
    """How many units report in a round, and how many of them have all their files in the outbox."""
    from consolidate.actions.issue import plan_issue

    assert loaded.roster is not None
    folder = workspace.outbox / period.code
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    try:
        files = plan_issue(loaded.forms(workspace, period), loaded.roster, loaded.calendar, period)
    except UserError:  # Nobody reports in it.
        return 0, 0
    single = [(file.issues[0].unit.code, file.name) for file in files if not file.members]
    units = {code for code, _ in single}
    return len(units), len(units - {code for code, name in single if name not in there})


def _waiting(inbox: Path, kept: frozenset[str], unread: frozenset[str]) -> Iterator[str]:
    """Files of an inbox that no merge has seen; one that no merge could read is seen."""
    for name in scan(inbox).files if inbox.is_dir() else ():
        path = inbox / name
        if name not in unread and not is_link(path) and digest_of(path) not in kept:
            yield name


def _coming(loaded: Loaded, day: date, before: Iterable[Period]) -> Period | None:
    """The round of the calendar behind those that are done; without any the one of the day."""
    due: dict[Period, date] = {}
    for row in loaded.calendar.rows:
        period = row.period.round_name
        due[period] = max(due.get(period, period.last_day), row.deadline.due or period.last_day)
    order = sorted(due, key=lambda period: period.last_day)
    newest = max((period.last_day for period in before), default=None)
    if newest is not None:
        return next((period for period in order if period.last_day > newest), None)
    return next((period for period in order if due[period] >= day), None)


def _next(workspace: Workspace, progress: Progress, day: date) -> NextStep:
    code, inbox, state = progress.period.code, progress.inbox, progress.state
    if progress.waiting:
        return NextStep(Step.MERGE, because("next.merge"), ("merge", inbox))
    if state is None and not progress.expected:
        return NextStep(Step.LIST_UNITS, because("next.nobody", period=progress.period))
    if state is None and progress.issued < progress.expected:
        return NextStep(Step.ISSUE, because("next.issue"), ("issue", code))
    if state is None:
        places = {"outbox": _short(workspace, workspace.outbox / code)}
        places["inbox"] = _short(workspace, inbox)
        return NextStep(Step.SEND, because("next.send", **places), ("merge", inbox))
    signed = ("--author", "…")
    if progress.standing is not None and progress.standing.approval is not None:
        return NextStep(Step.LOCK, because("next.lock"), ("lock", code, *signed))
    if progress.outdated:
        return NextStep(Step.MERGE, because("next.merge_again"), ("merge", inbox))
    given = has_files(workspace.outbox / GIVEN_BACK / code)
    letters = workspace.outbox / LETTERS / code
    if (state.errors or state.held or state.broken) and not given:
        return NextStep(Step.RETURN, because("next.return"), ("return", inbox))
    where, missing = _short(workspace, inbox), state.missing or ()
    coming = [item.due for item in missing if item.due is not None and item.due >= day]
    if coming:
        wait = because("next.wait", due=min(coming), inbox=where)
        return NextStep(Step.WAIT, wait, ("merge", inbox))
    if missing and not has_files(letters):
        return NextStep(Step.CHASE, because("next.chase"), ("status", code, "--letters", letters))
    decide = state.contradicted or state.undecided
    if missing or state.held or state.broken or state.errors or decide:
        look = because("next.look_held" if state.held else "next.look", inbox=where)
        return NextStep(Step.LOOK, look, ("approve", code, *signed))
    return NextStep(Step.APPROVE, because("next.approve"), ("approve", code, *signed))


def _short(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.root).as_posix()


def _backed_up(workspace: Workspace) -> bool:
    """Whether a backup in the folder is newer than the register."""
    made = workspace.newest_backup
    if made is None:
        return False
    database = workspace.database_file
    return database is None or made.stat().st_mtime_ns >= database.stat().st_mtime_ns


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
            no unit reports in the round.
    """
    from consolidate.merge.open_province_memory import opened_register

    loaded, roster = loaded_with_roster(workspace)
    name = period.round_name
    with opened_register(workspace, trial=True) as register:
        run = register.last_run(name)
        if run is None:
            raise UserError.of("status.no_run", wrong_call=True, period=name, code=name.code)
        standing = register.standing_run(name)
        in_force = register.corrections().in_force(day)
        outcomes = register.outcomes(run.number)
    library, calendar = loaded.forms(workspace, name), loaded.calendar
    found = round_statuses(library, roster, calendar, name, outcomes, in_force, day)
    if not found:
        raise UserError.of("status.nobody", wrong_call=True, period=name)
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
    from consolidate.merge.open_province_memory import opened_register

    with opened_register(workspace, trial=True) as register:
        runs = register.runs()
        return runs[-1].head.period if runs else None


def progress_book(progress: RoundProgress) -> bytes:
    """Write the progress as a workbook: shares, chase list, late files, files of no unit."""
    from consolidate.reports.round_progress import progress_workbook

    return progress_workbook(
        progress.returns, progress.unplaced, progress.roster, progress.period, progress.as_of
    )


def letters_of(progress: RoundProgress, by: LetterBy, agency: str = "") -> tuple[Letter, ...]:
    """Plan letters about everything that units have to send; ``agency`` as in ``plan_letters``."""
    from consolidate.reports.letter_plan import plan_letters

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
    progress: Advance | None = None,
) -> FilesWritten:
    """Write letters of a round; one that is there and was changed is kept unless ``force``.

    ``progress`` is told after every letter: made so far, to make in all.

    Raises:
        OSError: the folder cannot be written.
    """
    from consolidate.reports.letterhead import authority_of
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
