"""The button "Trả lại đơn vị": marked copies and letters for units with something to correct."""

from __future__ import annotations

from dataclasses import dataclass, replace

from addin.books import line_at
from addin.session import Session, open_folder
from addin.settings import name_typed, own_workspace, read_settings
from addin.summaries import Summary, inbox_of, standing_in, summary_in_front
from consolidate.actions.return_copies import WrittenCopies
from consolidate.actions.return_files import ReturnOrder, ReturnPlan, do_return, plan_return
from consolidate.actions.status import latest_round
from consolidate.actions.workspaces import library_of, round_inbox
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.reasons import UserError, because
from consolidate.province.workspace import Workspace
from consolidate.reports.matrix import NAME_ROW

_SHOWN = 10


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
        question = f"{sentence(plan.since.note())}\n\n{question}"
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
    settings = read_settings()
    workspace: Workspace | None
    inbox = inbox_of(summary) if summary is not None else None
    period = summary.period if summary is not None else None
    if inbox is None:
        if not settings.workspace:
            raise UserError((because("addin.return.nowhere"),))
        own = own_workspace(settings)
        period = period or latest_round(own)
        if period is None:
            raise UserError((because("addin.status.nothing", folder=str(own.inbox)),))
        workspace, inbox = own, round_inbox(own, period)[0]
    else:
        workspace = Workspace.of_inbox(shipped_library(), inbox)
        if workspace is not None and workspace.root != own_workspace(settings).root:
            raise UserError((because("addin.adjust.foreign", folder=settings.workspace),))
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
    lines += _short(
        [
            text("cli.return.list_only", name=one.name, why=one.why)
            for one in done.everything
            if one.why
        ]
    )
    if done.kept:
        lines.append(text("addin.return.kept", count=len(done.kept)))
        lines += _short([item.name for item in done.kept])
    return lines


def _short(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], text("issue.more", count=more)] if more > 0 else lines
