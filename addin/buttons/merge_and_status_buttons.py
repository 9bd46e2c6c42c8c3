"""The round: the buttons "Tổng hợp hộp thư đến", "Tình hình nộp" and "Việc tiếp theo".

A folder of returns to the summary workbook, opened; who is in, late, missing and held, with letters
for them; what comes next.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from addin.session import Session, open_folder, opened, replacing, wanted_folder
from addin.settings import own_workspace, read_settings
from addin.summaries import (
    SummaryPlace,
    go_back,
    inbox_of,
    round_in_front,
    standing_in,
    summary_in_front,
)
from consolidate.actions.merge import ROSTER_NAME, MergeDone, MergeOrder, do_merge, files_line
from consolidate.actions.status_and_next_step import (
    NextStep,
    RoundProgress,
    Step,
    follow_round,
    latest_round,
    letters_of,
    next_step,
    progress_book,
    write_letters,
)
from consolidate.actions.workspaces import library_of, round_inbox
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.reasons import Severity, UserError
from consolidate.model.text import format_day
from consolidate.province.workspace import LETTERS, Workspace, is_root
from consolidate.reports.letter_plan import LetterBy
from consolidate.rollup.result import MergeResult
from consolidate.rollup.timeliness import share_of
from consolidate.templates.file_names import period_slug
from consolidate.xlsx.write.atomic_files import write_atomically


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to merge: the round of a summary again and where the person stood in it, or an inbox."""

    inbox: Path
    period: Period | None = None
    standing: SummaryPlace | None = None


def merge_inbox(session: Session) -> str | None:
    """Merge as ``consolidate merge`` does, with the memory of a workspace; open the summary.

    With a summary in front its own inbox is offered first, else that of the person's workspace.
    """
    wanted = _wanted(session)
    if wanted is None:
        return None
    inbox = wanted.inbox.absolute()
    if inbox.parent == inbox:
        raise UserError.of("addin.merge.drive", folder=str(inbox))
    workspace = Workspace.of_inbox(shipped_library(), inbox)
    order = MergeOrder(
        library_of(workspace, shipped_library()),
        inbox,
        session.today(),
        workspace=workspace,
        period=wanted.period,
        made=session.today(),
    )
    if is_root(inbox) or order.folder.resolve().is_relative_to(inbox.resolve()):
        raise UserError.of("addin.merge.results", folder=str(inbox))

    kept: list[Path] = []
    with replacing(session) as replaced:

        def may_write(_: MergeResult, summary: Path) -> bool:
            free = replaced.close(summary)
            if not free:
                kept.append(summary)
            return free

        done = do_merge(order, session.counted("addin.merge.reading"), may_write)
    if kept:
        return text("addin.merge.kept", file=kept[0])
    book = opened(session, done.written["workbook"])
    if wanted.standing is not None:
        go_back(book, wanted.standing)
    alone = workspace is None and order.roster_beside is None
    said = [_report(done, without_roster=alone), *map(sentence, done.notes(order))]
    if done.earlier is not None:
        said.insert(0, sentence(done.earlier))
    session.say("\n".join(said))
    return None


def _wanted(session: Session) -> _Wanted | None:
    """Ask the person what to merge; ``None`` when they cancel."""
    offered = None if session.argument else _again(session)
    if offered is not None:
        question = text(
            "addin.merge.again",
            folder=offered.inbox,
            period=offered.period.label if offered.period is not None else "",
        )
        answer = session.choose(question)
        if answer is not False:
            return offered if answer else None
    elif not session.argument and read_settings().workspace:
        inbox, period = round_inbox(own_workspace(read_settings()))
        answer = session.choose(text("addin.merge.own", folder=inbox))
        if answer is not False:
            return _Wanted(inbox, period) if answer else None
    folder = wanted_folder(session.argument)
    return _Wanted(folder) if folder is not None else None


def _again(session: Session) -> _Wanted | None:
    summary = summary_in_front(session)
    inbox = inbox_of(summary) if summary is not None else None
    if summary is None or inbox is None:
        return None
    return _Wanted(inbox, summary.period, standing_in(session, summary))


def _report(done: MergeDone, *, without_roster: bool) -> str:
    result = done.result
    severities = result.severities()
    lines = [
        text(
            "addin.merge.done",
            period=result.period.label,
            errors=severities.get(Severity.ERROR, 0),
            warnings=severities.get(Severity.WARNING, 0),
        ),
        sentence(files_line(result)),
    ]
    for part in result.completeness:
        if part.expected:
            lines.append(
                text(
                    "addin.merge.received",
                    template=part.template.short_title,
                    received=len(part.expected) - len(part.missing),
                    expected=len(part.expected),
                )
            )
    if result.late:
        lines.append(text("cli.summary.late", count=len(result.late)))
    contradicted = sum(item.open for item in result.contradicted)
    if contradicted:
        lines.append(text("addin.merge.contradicted", count=contradicted))
    if result.undecided:
        lines.append(text("summary.decide.undecided", count=len(result.undecided)))
    if result.own_faults:
        lines.append(text("cli.summary.own", count=len(result.own_faults)))
    if without_roster:
        lines.append(text("addin.merge.no_roster", file=ROSTER_NAME))
    for item in done.idle:
        lines.append(text("cli.merge.unused_adjustment", id=item.id, unit=item.unit))
    if done.run is not None:
        key = "recorded" if done.run.added else "recorded_before"
        lines.append(text(f"cli.merge.{key}", number=done.run.run.number))
    lines.append(text("addin.merge.written", file=done.written["workbook"]))
    for kind in ("official", "calendar", "reviews", "kept"):
        if kind in done.written:
            lines.append(text(f"cli.summary.{kind}", path=done.written[kind]))
    return "\n".join(lines)


_BUTTONS = tuple(set(Step) - {Step.LIST_UNITS, Step.FILL_CALENDAR})
"""Steps that a button of the ribbon does; the others name their command."""


def show_status(session: Session) -> str | None:
    """Write and open the progress of a round of the person's workspace; offer letters.

    The round is that of the summary in front when it is one of this workspace, else that of the
    newest merge on record.
    """
    settings = read_settings()
    workspace = own_workspace(settings)
    period = round_in_front(session, workspace) or latest_round(workspace)
    if period is None:
        raise UserError.of("addin.status.nothing", folder=str(workspace.inbox))
    progress = follow_round(workspace, period, session.today())
    path = workspace.results / f"tien-do-{period_slug(period)}.xlsx"
    with replacing(session) as replaced:
        if not replaced.close(path):
            return text("addin.merge.kept", file=path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, progress_book(progress))
    opened(session, path)
    planned = letters_of(progress, LetterBy.UNIT, settings.agency)
    said = _progress_report(progress)
    if not planned:
        session.say(said)
        return None
    folder = workspace.outbox / LETTERS / period.code
    agency = settings.agency or text("addin.status.each_agency")
    offer = text("addin.status.offer", count=len(planned), folder=folder, agency=agency)
    if not session.ask(f"{said}\n\n{offer}"):
        return None
    making = session.counted("addin.status.making")
    done = write_letters(planned, folder, progress, progress=making)
    open_folder(folder)
    lines = [text("status.written", count=len(done.written), folder=folder)]
    if done.unchanged:
        lines.append(text("status.unchanged", count=len(done.unchanged)))
    if done.kept:
        lines.append(text("addin.status.kept", count=len(done.kept), files=", ".join(done.kept)))
    session.say("\n".join(lines))
    return None


def _progress_report(progress: RoundProgress) -> str:
    share = share_of(progress.returns)
    asked = sum(status.state.asked_of_unit for status in progress.returns)
    lines = [
        text(
            "addin.status.done",
            period=progress.period.label,
            day=format_day(progress.as_of),
            run=progress.run.number,
            received=share.received,
            expected=share.expected,
            missing=asked,
        )
    ]
    if progress.standing is not None:
        lines.append(text("status.standing", run=progress.standing.number))
    if progress.unplaced:
        lines.append(text("status.unplaced", count=len(progress.unplaced)))
    return "\n".join(lines)


def show_next_step(session: Session) -> None:
    """Say how far the newest open round of the person's workspace is, and what comes next."""
    workspace = own_workspace(read_settings())
    found = next_step(workspace, session.today())
    province = f" ({workspace.province})" if workspace.province else ""
    lines = [text("next.workspace", folder=workspace.root, province=province)]
    if found.progress is not None:
        standing = "; ".join(map(sentence, found.progress.lines()))
        lines.append(text("next.round", period=found.progress.period.label, standing=standing))
    if found.others:
        shown = ", ".join(period.label for period in found.others)
        lines.append(text("next.others", periods=shown))
    lines.append(_step(found, workspace))
    session.say("\n".join(lines))


def _step(found: NextStep, workspace: Workspace) -> str:
    reason = sentence(found.reason)
    if found.step in _BUTTONS:
        return text("next.then", reason=reason, command=text(f"addin.next.{found.step.value}"))
    if not found.command:
        return text("next.then_alone", reason=reason)
    words = [
        word.relative_to(workspace.root).as_posix() if isinstance(word, Path) else word
        for word in found.command
    ]
    return text("next.then", reason=reason, command=" ".join(("consolidate", *words)))
