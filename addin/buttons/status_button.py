"""The buttons "Tình hình nộp" (who is in, late, missing and held; letters), "Việc tiếp theo"."""

from __future__ import annotations

from pathlib import Path

from addin.books import opened, replacing
from addin.session import Session, open_folder
from addin.settings import own_workspace, read_settings
from addin.summaries import round_in_front
from consolidate.actions.next_step import NextStep, Step, next_step
from consolidate.actions.status import (
    RoundProgress,
    follow_round,
    latest_round,
    letters_of,
    progress_book,
    write_letters,
)
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError, because
from consolidate.model.text import format_day
from consolidate.province.workspace import LETTERS, Workspace
from consolidate.rollup.timeliness import share_of
from consolidate.templates.file_names import period_slug
from consolidate.xlsx.write.files import write_atomically

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
        raise UserError((because("addin.status.nothing", folder=str(workspace.inbox)),))
    progress = follow_round(workspace, period, session.today())
    path = workspace.results / f"tien-do-{period_slug(period)}.xlsx"
    with replacing(session) as replaced:
        if not replaced.close(path):
            return text("addin.merge.kept", file=path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, progress_book(progress))
    opened(session, path)
    planned = letters_of(progress, agency=settings.agency)
    said = _report(progress)
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


def _report(progress: RoundProgress) -> str:
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
