"""What units are sent: the buttons "Phát hành biểu mẫu", "Biểu mẫu gốc" and "Trả lại đơn vị".

A round of prefilled templates; plain templates; marked copies and letters for units with something
to correct.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addin.session import Session, folder_of, line_at, open_folder
from addin.settings import forms_of, name_typed, own_workspace, read_settings
from addin.summaries import Summary, inbox_of, standing_in, summary_in_front
from consolidate.actions.issue import issue_round, plan_round
from consolidate.actions.status_and_next_step import latest_round
from consolidate.actions.workspaces import library_of, make_inbox, round_inbox
from consolidate.cli.options import typed_period
from consolidate.cli.terminal import first_of, renamed
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.reasons import UserError
from consolidate.province.workspace import Workspace
from consolidate.reports.matrix import NAME_ROW
from consolidate.templates.template_build import MANIFEST, built_templates, content_digest
from consolidate.xlsx.write.atomic_files import FilesWritten, read_bytes

if TYPE_CHECKING:
    from consolidate.actions.return_files import ReturnOrder, ReturnPlan, WrittenCopies

FOLDER = "templates"
"""Folder that the templates are put into, inside the chosen one."""
_SHOWN = 10


def write_templates(session: Session) -> str | None:
    """Build all templates into a folder and show it; a file that differs is never replaced."""
    from zipfile import BadZipFile

    from consolidate.templates.template_build import build_all

    chosen = folder_of(session.argument)
    if chosen is None:
        return None
    folder = chosen / FOLDER
    forms = forms_of(folder)
    for template in built_templates(forms):
        path = folder / template.pack.template.file_name
        try:
            same = not path.exists() or content_digest(read_bytes(path)) == template.content
        except BadZipFile:
            same = False
        if not same:
            raise UserError.of("addin.templates.differs", file=str(path))
    made = build_all(forms, folder)
    files = "\n".join(f"{item.pack.template.file_name}: {item.pack.title}" for item in made)
    open_folder(folder)
    session.say(text("addin.templates.done", folder=folder, files=files, manifest=MANIFEST))
    return None


def issue_period(session: Session) -> str | None:
    """Issue the round that the person typed, as ``consolidate issue`` does; show the outbox.

    A file that is there with another content is kept.
    """
    typed = session.argument.strip()
    if not typed:
        return None
    period = typed_period(name_typed(typed), session.today().year)
    workspace = own_workspace(read_settings())
    plan = plan_round(workspace, period, session.today())
    question = text(
        "addin.issue.ask",
        period=plan.period.label,
        units=plan.units,
        files=len(plan.files),
        folder=plan.folder,
    )
    other = renamed(period, plan.period)
    first = sentence(other) if other is not None else ""
    said = "\n\n".join(filter(None, (first, *map(sentence, plan.notes), question)))
    if not session.ask(said):
        return None
    done = issue_round(plan, progress=session.counted("addin.issue.making"))
    make_inbox(workspace, plan.period)
    open_folder(done.folder)
    session.say("\n".join(_issued(done)))
    return None


def _issued(done: FilesWritten) -> list[str]:
    lines = [text("issue.written", count=len(done.written), folder=done.folder)]
    if done.unchanged:
        lines.append(text("issue.unchanged", count=len(done.unchanged)))
    if done.kept:
        names = "\n".join(done.kept[:_SHOWN])
        lines.append(text("addin.issue.kept", count=len(done.kept), files=names))
    return lines


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The unit that a person stands on, by its code or by one of its files; ``shown`` names it."""

    shown: str
    code: str = ""
    file: str = ""


def return_selected(session: Session) -> str | None:
    """Write what units have to correct, as ``consolidate return`` does; show the folder.

    The round is that of the summary in front, else that of the newest merge on record in the
    person's workspace. Whoever stands on a unit of the summary is asked whether it is that one
    alone.
    """
    from consolidate.actions.return_files import do_return, plan_return

    summary = summary_in_front(session)
    order = _order(session, summary)
    chosen = _chosen(session, summary) if summary is not None else None
    if chosen is not None:
        alone = session.choose(text("addin.return.only", unit=chosen.shown))
        if alone is None:
            return None
        chosen = chosen if alone else None
    if chosen is not None:
        codes, files = filter(None, (chosen.code,)), filter(None, (chosen.file,))
        order = replace(order, codes=tuple(codes), files=tuple(files))
    plan = plan_return(order, session.counted("addin.merge.reading"))
    session.status(None)
    if not plan.units:
        period = plan.result.period.label
        clean = text("addin.return.clean", unit=chosen.shown) if chosen is not None else ""
        session.say(clean or text("cli.return.nothing", period=period))
        return None
    agency = order.agency or text("addin.status.each_agency")
    question = text(
        "addin.return.ask",
        period=plan.result.period.label,
        units=plan.units,
        inbox=order.inbox,
        agency=agency,
        folder=plan.folder,
    )
    if plan.since is not None:
        question = f"{sentence(plan.since)}\n\n{question}"
    if not session.ask(question):
        return None
    done = do_return(plan, progress=session.counted("addin.return.making"))
    open_folder(plan.folder)
    session.say("\n".join(_report(plan, done)))
    return None


def _order(session: Session, summary: Summary | None) -> ReturnOrder:
    """Make the order for all units: which round, from which inbox.

    A workspace says where its register is: only that of the settings is ever opened.
    """
    from consolidate.actions.return_files import ReturnOrder

    settings = read_settings()
    workspace: Workspace | None
    inbox = inbox_of(summary) if summary is not None else None
    period = summary.period if summary is not None else None
    if inbox is None:
        if not settings.workspace:
            raise UserError.of("addin.return.nowhere")
        own = own_workspace(settings)
        period = period or latest_round(own)
        if period is None:
            raise UserError.of("addin.status.nothing", folder=str(own.inbox))
        workspace, inbox = own, round_inbox(own, period)[0]
    else:
        workspace = Workspace.of_inbox(shipped_library(), inbox)
        if workspace is not None and workspace.root != own_workspace(settings).root:
            raise UserError.of("addin.adjust.foreign", folder=settings.workspace)
    return ReturnOrder(
        library_of(workspace, shipped_library()),
        inbox.resolve(),
        session.today(),
        workspace,
        period,
        agency=settings.agency,
    )


def _chosen(session: Session, summary: Summary) -> _Chosen | None:
    """Return the unit of the column, or of the row of a list, that the person stands on."""
    standing = standing_in(session, summary)
    if standing is None:
        return None
    sheet = summary.book.sheets[standing.sheet]
    if standing.unit:
        named = sheet.range((NAME_ROW + 1, standing.column)).value
        return _Chosen(name_typed(f"{standing.unit} {named or ''}"), code=standing.unit)
    for part in ("findings", "files"):
        if sheet.name == text(f"summary.sheet.{part}"):
            titles = [text(f"summary.{part}.{key}") for key in ("file", "unit")]
            file, unit = line_at(sheet, titles, standing.row) or ("", "")
            if not file or unit in ("", text("summary.no_unit")):
                return None
            return _Chosen(name_typed(f"{unit} ({file})"), file=file)
    return None


def _report(plan: ReturnPlan, done: WrittenCopies) -> list[str]:
    lines = [sentence(done.count(plan.result.period, str(plan.folder)))]
    if done.unchanged:
        lines.append(text("cli.return.unchanged", count=len(done.unchanged)))
    alone = [one for one in done.everything if one.why]
    listed = [text("cli.return.list_only", name=one.name, why=one.why) for one in alone]
    lines += first_of(listed, "issue.more")
    if done.kept:
        lines.append(text("addin.return.kept", count=len(done.kept)))
        lines += first_of([item.name for item in done.kept], "issue.more")
    return lines
