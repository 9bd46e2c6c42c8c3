"""Record decisions of the province: corrections of figures, waivers, what holds for a round.

``adjust`` makes the workbook of corrections of a workspace and records what it says; the others
approve and lock a round, and describe the run that they name.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from consolidate.actions.workspaces import loaded_with_roster
from consolidate.merge.open_province_memory import list_digest, opened_register
from consolidate.merge.province_memory import Memory
from consolidate.merge.receiving import run_outcome
from consolidate.merge.recording import recounted
from consolidate.model.corrections import Corrections
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, Severity, UserError, because, joined
from consolidate.model.returns import Outcome
from consolidate.model.runs import EventKind, PeriodEvent, Run, RunOutcome
from consolidate.model.units import Roster
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
from consolidate.province.workspace import Loaded, Workspace
from consolidate.register.facts import StoredReturn
from consolidate.register.recorded_decisions import CorrectionsDesk
from consolidate.register.register import Register
from consolidate.rollup.completeness import Undecided
from consolidate.rollup.contradictions import Contradiction, each_once
from consolidate.rollup.result import MergeResult
from consolidate.rollup.timeliness import ReturnState, ReturnStatus, round_statuses
from consolidate.xlsx.write.atomic_files import write_atomically
from consolidate.xlsx.write.safe_text import clean


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
    workspace: Workspace, path: Path, ending: Ending, confirm: Callable[[CorrectionsPlan], bool]
) -> CorrectionsPlan:
    """Record what the saved workbook says beyond the register, once it is confirmed.

    ``ending`` says who answers for corrections whose rows are gone; without an author they are
    not taken back. Until it is confirmed the register is only looked at, without its lock. Then the
    plan is made again under the lock; if it differs from the confirmed one, it is asked again.

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
            raise UserError.of("corrections.who_revokes", wrong_call=True, count=len(plan.removed))
        if plan.new == Corrections():
            return plan
        with opened_register(workspace, trial=False) as register, register.correcting() as desk:
            if _planned(known.library, desk, book, ending) == plan:
                desk.add(plan.new)
                return plan


@contextlib.contextmanager
def _looked(workspace: Workspace) -> Iterator[CorrectionsDesk]:
    """Open locks and corrections read-only; no register is made."""
    with opened_register(workspace, trial=True) as register, register.correcting(look=True) as desk:
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


NAMING_A_RUN = (EventKind.APPROVED, EventKind.LOCKED)
"""Decisions that name the run that they are about."""
_Said = tuple[str, str, StoredReturn]
"""Path and member of a file in the totals of a run, and what it said."""
_SHOWN = 5
"""Units that the words name; ``consolidate status`` lists all."""
_NOT_SENT = (ReturnState.MISSING, ReturnState.TOO_LATE)
_BROKEN = (Outcome.REJECTED, Outcome.UNREADABLE)


@dataclass(frozen=True, slots=True)
class RoundState:
    """How a round stands in one run, as far as the register knows.

    ``missing`` are the returns that were not sent by the day of the run, by today's roster and
    calendar; ``None`` when there are none that can be read. ``other_lists`` tells whether these
    are not those of the run. ``held`` and ``broken`` count files. ``questioned`` counts returns in
    the totals that a person has to look at; ``errors`` those errors in returns in the totals that
    no waiver of that day lets off, ``erring`` the returns that have any. They are those of what
    units sent: what ``adjusted`` figures of the round mend is still among them, and what follows
    from earlier periods is not. ``contradicted`` are rules of the forms that the totals of the run
    break without a waiver, ``undecided`` numbers that these totals lack. ``unapproved``: the run
    was locked without an approval. Of ``expected`` units ``received`` have sent all they owe.
    """

    run: Run
    missing: tuple[ReturnStatus, ...] | None
    other_lists: bool
    held: int
    broken: int
    questioned: int
    errors: int
    erring: int
    adjusted: int
    contradicted: tuple[Contradiction, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    unapproved: bool = False
    expected: int = 0
    received: int = 0

    @property
    def open(self) -> bool:
        """Whether anything is missing, held, broken or questioned, or nobody knows."""
        return self.missing is None or any(
            (
                self.missing,
                self.held,
                self.broken,
                self.questioned,
                self.errors,
                self.contradicted,
                self.undecided,
            )
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on record; ``state`` and ``newer`` are of the run that it names.

    ``newer`` is the number of the newest run of the round when it names an older one.
    """

    event: PeriodEvent
    state: RoundState | None = None
    newer: int | None = None


def decide(
    workspace: Workspace,
    kind: EventKind,
    period: Period,
    *,
    author: str,
    on: date,
    document: str = "",
    number: int | None = None,
    confirm: Callable[[RoundState], bool] | None = None,
    always: bool = False,
) -> Decided | None:
    """Record a decision about the round of a period, alone with the register.

    ``number`` is the run that it names; without it a lock names the approved run, else the newest.
    ``confirm`` is asked where something of that run is open, or ``always``, and ``None`` returned
    if it declines.
    The question is asked without the lock. Under the lock the facts are compared with those that
    were confirmed; if they changed meanwhile, the question is asked again.

    Raises:
        UserError: the round was never merged; the decision does not fit what is on record.
    """
    name = period.round_name
    with opened_register(workspace, trial=False) as register:

        def looked() -> tuple[PeriodEvent, RoundState | None]:
            run = _run(register, kind, name, number) if kind in NAMING_A_RUN else None
            event = PeriodEvent(kind, name, author, on, document, run)
            register.must_fit(event)
            if run is None:
                return event, None
            state = round_state(workspace, register, run)
            approval = register.standing(name).approval
            unapproved = kind is EventKind.LOCKED and (approval is None or approval.run != run)
            return event, replace(state, unapproved=unapproved)

        seen: RoundState | None = None
        while True:
            _, state = looked()
            asked = state is not None and (always or state.open)
            if confirm is not None and state is not None and asked and state != seen:
                if not confirm(state):
                    return None
                seen = state
            # A merge at work ends first, so that its results are decided on.
            with register.exclusive():
                event, now = looked()
                if now != state:
                    continue
                last = register.last_run(name)
                newer = event.run is not None and last is not None and last.number > event.run
                register.add_event(event)
                return Decided(event, state, last.number if last is not None and newer else None)


def round_state(workspace: Workspace, register: Register, number: int) -> RoundState:
    """Describe how a round stands in one of its runs.

    Raises:
        UserError: there is no such run.
    """
    run = register.run(number)
    outcomes = register.outcomes(number)
    in_force = register.corrections().in_force(run.head.as_of)
    counted = register.counted(number)
    lists, period = _lists(workspace), run.head.period
    forms, roster = workspace.library.at(period), None
    if lists is not None:
        loaded, dated_roster = lists
        forms, roster = loaded.forms(workspace, period), dated_roster.for_period(period)
    contradicted, undecided = recounted(counted, run, outcomes, forms, roster, in_force)
    decide = tuple(item for item in each_once(contradicted) if item.open), undecided
    said = ((item.path, item.member, item.content) for item in counted)
    return _state(workspace, lists, run, outcomes, in_force, said, decide)


def merged_state(
    workspace: Workspace, memory: Memory, result: MergeResult, run: Run
) -> RoundState | None:
    """Describe how a round stands in the run of a merge that was just made.

    What :func:`round_state` reads from the register is taken from the merge. ``None`` where it
    went by other days or lists than the run or the workspace: then only the register can tell.
    """
    head, lists = run.head, _lists(workspace)
    if lists is None or (head.as_of, head.roster) != (memory.as_of, memory.roster_digest):
        return None
    outcomes = tuple(run_outcome(memory.library, record) for record in result.records)
    counted = {(item.path, item.member) for item in result.records if item.outcome.counted}
    said = (
        (record.path, record.member, stored)
        for record in result.placed
        if (record.path, record.member) in counted
        and (stored := StoredReturn.of(record, head.program)) is not None
    )
    decide = tuple(item for item in result.contradicted if item.open), result.undecided
    found = _state(workspace, lists, run, outcomes, memory.corrections, said, decide)
    return None if found.other_lists else found


def _state(
    workspace: Workspace,
    lists: tuple[Loaded, Roster] | None,
    run: Run,
    outcomes: tuple[RunOutcome, ...],
    in_force: Corrections,
    said: Iterable[_Said],
    decide: tuple[tuple[Contradiction, ...], tuple[Undecided, ...]],
) -> RoundState:
    counts = Counter(file.outcome for file in outcomes)
    errors = _errors(said, run, outcomes, in_force)
    found, other, head = None, False, run.head
    if lists is not None:
        loaded, roster = lists
        forms = loaded.forms(workspace, head.period)
        about = (loaded.calendar, head.period, outcomes, in_force, head.as_of)
        found = round_statuses(forms, roster, *about)
        now = list_digest(workspace.roster_path), list_digest(workspace.calendar_path)
        other = now != (head.roster, head.calendar)
    units = {status.unit.code for status in found or ()}
    owing = {status.unit.code for status in found or () if not status.state.done}
    missing = tuple(status for status in found if status.state in _NOT_SENT) if found else found
    return RoundState(
        run,
        missing,
        other,
        counts[Outcome.HELD],
        sum(counts[outcome] for outcome in _BROKEN),
        counts[Outcome.ACCEPTED_WITH_WARNINGS],
        sum(errors),
        len(errors),
        sum(item.period.same_round(head.period) for item in in_force.figures),
        *decide,
        expected=len(units),
        received=len(units - owing),
    )


def state_lines(state: RoundState) -> Iterator[Reason]:
    """Tell how a round stands: a heading, then a line each for what there is to know."""
    run = state.run
    key = "head" if run.made in (None, run.head.as_of) else "head_made"
    told = {"run": run.number, "day": run.head.as_of, "made": run.made or run.head.as_of}
    yield because(f"runs.state.{key}", **told)
    if state.missing is None:
        yield because("runs.state.no_roster")
    else:
        units = {status.unit.code: status.unit.name for status in state.missing}
        if units:
            named = "; ".join(clean(name) for name in list(units.values())[:_SHOWN])
            over = len(units) - _SHOWN
            parts = [named, because("runs.state.more", count=over)] if over > 0 else [named]
            count, shown = len(state.missing), joined("", parts)
            yield because("runs.state.missing", count=count, units=len(units), named=shown)
        else:
            yield because("runs.state.all_sent")
        if state.other_lists:
            yield because("runs.state.other_lists")
    if state.unapproved:
        yield because("runs.state.unapproved")
    for name, count in (("held", state.held), ("broken", state.broken)):
        if count:
            yield because(f"runs.state.{name}", count=count)
    if state.questioned:
        yield because("runs.state.questioned", count=state.questioned)
    if state.errors:
        yield because("runs.state.errors", count=state.errors, returns=state.erring)
    for key, lines in (
        ("contradicted", [item.told for item in state.contradicted]),
        ("undecided", [item.told for item in state.undecided]),
    ):
        if lines:
            yield because(f"runs.state.{key}", count=len(lines), told=tuple(lines[:_SHOWN]))
        if len(lines) > _SHOWN:
            yield because(f"runs.state.more_{key}", count=len(lines) - _SHOWN)
    if state.adjusted:
        yield because("runs.state.adjusted", count=state.adjusted)
    if not state.open:
        yield because("runs.state.clean")


def decided_lines(done: Decided) -> list[Reason]:
    """Tell what was decided, and whether there is a newer run than the one it names."""
    event = done.event
    words = {"period": event.period, "run": event.run or 0, "day": event.on}
    lines = [because(f"runs.done.{event.kind.value}", **words, author=event.author)]
    if done.newer is not None:
        unlock = because("runs.unlock_first") if event.kind is EventKind.LOCKED else ""
        newer = {"last": done.newer, "run": event.run or 0, "unlock": unlock}
        lines.append(because("runs.newer", **newer))
    return lines


def _run(register: Register, kind: EventKind, period: Period, number: int | None) -> int:
    """Find the run that a decision names: that given; for a lock the approved; the newest."""
    if number is not None:
        return number
    approval = register.standing(period).approval if kind is EventKind.LOCKED else None
    if approval is not None and approval.run is not None:
        return approval.run
    last = register.last_run(period)
    if last is None:
        raise UserError.of("runs.none_of", wrong_call=True, period=period)
    return last.number


def _errors(
    returns: Iterable[_Said], run: Run, outcomes: tuple[RunOutcome, ...], in_force: Corrections
) -> list[int]:
    """Count the errors of each return in the totals; returns without errors are left out."""
    received = {(file.path, file.member): file.received for file in outcomes}
    found = []
    for path, member, content in returns:
        # A file of which nobody knows the day came on that of the run.
        day = received.get((path, member)) or run.head.as_of
        excused = {
            item.rule for item in in_force.waivers if item.covers(content.unit, content.period, day)
        }
        errors = sum(
            finding.severity is Severity.ERROR and finding.rule not in excused
            for finding in content.findings
        )
        if errors:
            found.append(errors)
    return found


def _lists(workspace: Workspace) -> tuple[Loaded, Roster] | None:
    """Read roster and calendar; ``None`` if either is missing or cannot be read."""
    try:
        return loaded_with_roster(workspace)
    except UserError:
        return None
