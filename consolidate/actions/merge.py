"""Merge an inbox into results, in a workspace or with a roster alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.intake.read_file import ReadSettings
from consolidate.merge.merge_inbox import (
    MergeRequest,
    merge,
    remember,
    write_results,
)
from consolidate.merge.province_memory import Memory, Overtaken
from consolidate.merge.read_files import Progress, workers
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.returns import Outcome
from consolidate.model.units import Roster
from consolidate.province.calendar import other_inboxes, round_of_folder
from consolidate.province.own_forms import changed_forms
from consolidate.province.places import in_some_inbox
from consolidate.province.reviews_book import faults_of, write_reviews
from consolidate.province.roster import notes_of, read_roster
from consolidate.province.workspace import (
    Workspace,
    behind_link,
    is_root,
    with_passwords,
)
from consolidate.rollup.result import MergeResult
from consolidate.templates.file_names import summary_name

if TYPE_CHECKING:
    from consolidate.actions.adjust_and_decide import RoundState
    from consolidate.model.corrections import Adjustment
    from consolidate.register.facts import RecordedRun
    from consolidate.register.register import Register

ROSTER_NAME = "roster.xlsx"
"""Roster that is used when it lies beside the inbox and none is named."""
RESULTS_NAME = "results"
"""Folder beside the inbox that results go to when none is named."""

REDACTED = "da-che"
"""Folder of the results without names and free text, in that of the results."""

OVERTAKEN_AT_MOST = 5
"""How many times a merge is made before it gives up because the register grew meanwhile.

Two or three people who merge at once let each other go first once or twice. Who is overtaken this
often competes with a program that never stops writing, and waiting longer ends nothing.
"""

MayWrite = Callable[[MergeResult, Path], bool]
"""Asked before anything is written, with the result and the path of the summary workbook."""
Settled = Callable[[Mapping[str, Path]], None]
"""Takes the files that were written, by kind; called while the exclusive lock is held."""


@dataclass(frozen=True, slots=True)
class MergeOrder:
    """What to merge and where to; ``day`` is when files not seen before came in.

    ``executor`` makes what files are read in, in the place of ``jobs`` processes here.
    ``made`` is the day of today. Without a ``workspace`` nothing is remembered and no day is used.
    ``roster`` is one that was named; without a ``period`` it is the one that the inbox is named
    after, or that most returns name; ``out`` and ``json_path`` take the place of the usual folder
    and file. With ``redact`` the results are also written without names and free text, in a folder
    of their own.
    """

    library: Library = field(repr=False)
    inbox: Path
    day: date
    workspace: Workspace | None = None
    period: Period | None = None
    roster: Path | None = None
    out: Path | None = None
    json_path: Path | None = None
    settings: ReadSettings = field(default_factory=ReadSettings)
    jobs: int | None = None
    trial: bool = False
    made: date | None = None
    executor: Callable[[], AbstractContextManager[Executor]] | None = field(
        default=None, repr=False
    )
    redact: bool = False

    @property
    def folder(self) -> Path:
        """Where results go."""
        if self.out is not None:
            return self.out
        if self.workspace is not None:
            return self.workspace.results
        return self.inbox.resolve().parent / RESULTS_NAME

    @property
    def named_period(self) -> Period | None:
        """The period that the inbox is named after (``inbox/2018-9M``), if it is."""
        return round_of_folder(self.inbox.resolve())

    @property
    def roster_beside(self) -> Path | None:
        """The roster beside the inbox, used when none was named."""
        if self.roster is not None or self.workspace is not None:
            return None
        if in_some_inbox(self.inbox.resolve().parent):
            return None  # What lies there came from a unit.
        path = self.inbox.resolve().parent / ROSTER_NAME
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class MergeDone:
    """A merge and what became of it.

    ``written`` are the files by kind, none for a trial and for one that was called off. ``idle``
    are adjustments of the round that had nothing to adjust; ``run`` is the run on record.
    ``overtaken``: another program added to the register meanwhile, so that it was made again.
    ``earlier`` warns of a run on record of a later day than that of this merge: the clock was set
    back, or an earlier day was asked for. ``lasting``: the same again comes to the same; not where
    a file could not be read, or only by another program, or where others decided meanwhile.
    ``state`` is how the round stands in that run, ``None`` where only the register can tell.
    """

    result: MergeResult
    written: dict[str, Path]
    idle: tuple[Adjustment, ...] = ()
    run: RecordedRun | None = None
    overtaken: bool = False
    earlier: Reason | None = None
    lasting: bool = False
    state: RoundState | None = None

    def notes(self, order: MergeOrder) -> tuple[Reason, ...]:
        """Tell what there is to say of forms changed since, of the roster, of another inbox."""
        others = other_inboxes(order.inbox, self.result.period)
        inbox = str(order.inbox)
        said = [because("cli.merge.other_inbox", path=str(path), inbox=inbox) for path in others]
        if order.workspace is not None:
            workspace = order.workspace
            said += changed_forms(workspace.library, workspace.root, self.result.period)
        if self.result.roster is not None:
            said += notes_of(self.result.roster, self.result.library)
        said += self.result.unnamed
        return tuple(said)


def do_merge(
    order: MergeOrder,
    progress: Progress | None = None,
    may_write: MayWrite | None = None,
    settled: Settled | None = None,
) -> MergeDone:
    """Merge, write the results and, in a workspace, record the run.

    Raises:
        UserError: the inbox is not there, results would go into it, a roster or the workspace
            cannot be used, points of assessors are wrong, the inbox is that of another round, the
            round is locked, a file changed while it was read, other programs added to the register
            each of ``OVERTAKEN_AT_MOST`` times that it was merged; no period was asked for and no
            return names one.
        OSError: a result cannot be written.
    """
    _refuse_places(order)
    order = replace(
        order,
        settings=with_passwords(order.settings, order.workspace),  # Workers read by it too.
        period=order.period or order.named_period,
    )
    for before in range(OVERTAKEN_AT_MOST):
        with contextlib.suppress(Overtaken), _request(order) as request:
            memory = request.memory
            earlier = _earlier_day(memory.register, order.day) if memory is not None else None
            reading: AbstractContextManager[Executor | None] = (
                order.executor()
                if order.executor is not None
                else workers(order.library, order.inbox, order.jobs, order.settings)
            )
            with reading as executor:
                result = merge(request, executor, progress)
            faults = faults_of(result)
            if faults:
                raise UserError(faults)
            done = MergeDone(result, {}, overtaken=before > 0, earlier=earlier)
            if memory is not None:
                from consolidate.merge.history import unused

                done = replace(done, idle=tuple(unused(memory, result.records, result.period)))
            summary = order.folder / summary_name(result.period)
            if order.trial or (may_write is not None and not may_write(result, summary)):
                return done
            to, run = (order.folder, order.json_path), None
            if memory is None:
                written = write_results(result, to[0], order.inbox, to[1])
            else:
                written, run = remember(request, result, *to, settled)
            if order.workspace is not None:
                book = order.workspace.reviews_path
                if write_reviews(book, result):
                    written["reviews"] = book
            lasting = memory is not None and _lasting(memory, result)
            if request.kept is not None:
                with contextlib.suppress(OSError):  # It only spares the next merge some time.
                    request.kept.keep()
            if order.redact:
                from consolidate.reports.redaction import redacted

                # Written without the inbox: they lead to no file of a unit.
                written["redacted"] = order.folder / REDACTED
                write_results(redacted(result), written["redacted"], None)
            state = None
            if order.workspace is not None and memory is not None and run is not None:
                from consolidate.actions.adjust_and_decide import merged_state

                state = merged_state(order.workspace, memory, result, run.run)
            return replace(done, written=written, run=run, lasting=lasting, state=state)
    # Each time by a program that is done since: who is overtaken lets one go first.
    root = order.workspace.root if order.workspace is not None else order.inbox
    values = {"times": OVERTAKEN_AT_MOST, "folder": str(root)}
    raise UserError((because("cli.merge.always_overtaken", **values),))


def _lasting(memory: Memory, result: MergeResult) -> bool:
    """Ask whether a merge of the same inbox would give this result again."""
    from consolidate.register.recorded_runs import decided_between

    if memory.revision is None or decided_between(memory.revision, memory.register.revision()):
        return False
    return not any(
        record.outcome is Outcome.UNREADABLE  # Time or a missing program may have been the cause.
        or any(finding.rule.startswith("internal.") for finding in record.findings)
        or any(
            anomaly.kind == "other_reader"
            for anomaly in (record.content.anomalies if record.content is not None else ())
        )
        for record in result.records
    )


def _refuse_places(order: MergeOrder) -> None:
    """Refuse an inbox that is not there, results in an inbox, the inbox of another round."""
    if not order.inbox.is_dir():
        raise _wrong("cli.merge.no_inbox", path=str(order.inbox))
    no_inboxes = [] if order.out is not None else [order.folder]
    if order.workspace is not None:
        no_inboxes.append(order.workspace.root)
    elif is_root(order.inbox):
        raise _wrong("cli.merge.not_inbox", path=str(order.inbox))
    if behind_link(order.inbox):
        raise _wrong("cli.merge.inbox_link", path=str(order.inbox))
    if order.inbox.resolve() in [path.resolve() for path in no_inboxes]:
        raise _wrong("cli.merge.not_inbox", path=str(order.inbox))
    for path in (order.folder, order.json_path):
        if path is not None and path.resolve().is_relative_to(order.inbox.resolve()):
            raise _wrong("cli.merge.out_in_inbox", path=str(path))
    named = order.named_period
    if order.period is not None and named is not None and not named.same_round(order.period):
        code, label = order.period.code, named.label
        raise _wrong("cli.merge.other_folder", path=str(order.inbox), label=label, code=code)


@contextlib.contextmanager
def _request(order: MergeOrder) -> Iterator[MergeRequest]:
    """What to merge, in a workspace with all that is on record."""
    request = MergeRequest(order.library, order.inbox, order.period, settings=order.settings)
    if order.workspace is None:
        roster = _roster(order.library, order.roster or order.roster_beside)
        yield replace(request, roster=roster)
        return
    from consolidate.merge.kept_readings import KeptReadings
    from consolidate.merge.open_province_memory import open_memory

    named = _roster(order.library, order.roster) if order.roster is not None else None
    with open_memory(
        order.workspace,
        order.workspace.load(),
        order.day,
        roster=named,
        roster_path=order.roster,
        trial=order.trial,
        made=order.made,
    ) as memory:
        limits = order.settings.limits
        kept = KeptReadings(order.workspace.register, order.inbox, order.library, limits)
        yield replace(request, memory=memory, kept=kept)


def _wrong(key: str, **values: object) -> UserError:
    return UserError((because(key, **values),), wrong_call=True)


def files_line(result: MergeResult) -> Reason:
    """Count the files, those inside archives and mails told apart, and those that count.

    The files of the inbox are those that a person sees there and that progress counts.
    """
    inside = [record for record in result.records if record.member]
    counts = {
        "total": len(result.records),
        "counted": sum(record.outcome.counted for record in result.records),
    }
    if not inside:
        return because("cli.summary.files", **counts)
    containers = len({record.path for record in inside})
    disk = len(result.records) - len(inside) + containers
    counts |= {"disk": disk, "containers": containers, "members": len(inside)}
    return because("cli.summary.files_inside", **counts)


def _earlier_day(register: Register, day: date) -> Reason | None:
    """Warn that a merge is of an earlier day than one on record."""
    runs = (run for run in register.runs() if run.head.as_of > day)
    last = max(runs, key=lambda run: (run.head.as_of, run.number), default=None)
    if last is None:
        return None
    return because("cli.merge.earlier", day=day, last=last.head.as_of, run=last.number)


def _roster(library: Library, path: Path | None) -> Roster | None:
    if path is None:
        return None
    if not path.is_file():
        raise _wrong("cli.merge.no_roster", path=str(path))
    return read_roster(path, library.families)
