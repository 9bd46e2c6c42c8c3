"""The button "Tổng hợp hộp thư đến": a folder of returns to the summary workbook, opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from addin.books import opened, replacing
from addin.session import Session, wanted_folder
from addin.settings import own_workspace, read_settings
from addin.summaries import SummaryPlace, go_back, inbox_of, standing_in, summary_in_front
from consolidate.actions.merge import (
    ROSTER_NAME,
    MergeDone,
    MergeOrder,
    do_merge,
    files_line,
)
from consolidate.actions.workspaces import library_of, round_inbox
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.reasons import Severity, UserError, because
from consolidate.province.workspace import Workspace, is_root
from consolidate.rollup.result import MergeResult


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
        raise UserError((because("addin.merge.drive", folder=str(inbox)),))
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
        raise UserError((because("addin.merge.results", folder=str(inbox)),))

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
