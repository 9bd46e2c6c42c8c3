"""The buttons "Sao lưu", "Xuất", "Báo cáo": the folder in one file, a table of values, drafts."""

from __future__ import annotations

from addin.books import opened, replacing
from addin.dialogs import open_folder
from addin.session import Session
from addin.settings import own_workspace, read_settings
from addin.summaries import standing_run, summary_in_front
from consolidate.actions.backup import SECRETS, back_up, backup_name
from consolidate.actions.export import export_path, export_values
from consolidate.actions.merge import MergeOrder
from consolidate.actions.next_step import open_round
from consolidate.actions.report import draft_reports
from consolidate.actions.workspaces import loaded_with_roster, round_inbox
from consolidate.definitions.catalogue import sentence, text


def back_up_folder(session: Session) -> str | None:
    """Write the person's workspace into one zip beside its roster, as ``consolidate backup``."""
    workspace = own_workspace(read_settings())
    target = workspace.root / backup_name(session.today())
    if not session.ask(text("addin.keep.ask", file=target)):
        return None
    session.status(text("addin.keep.making"))
    made = back_up(workspace, target)
    lines = [text("backup.written", file=made.path, count=made.beside, kept=made.files)]
    lines += map(sentence, made.notes())
    secrets = [name for name in SECRETS if (workspace.root / name).exists()]
    if secrets:
        lines.append(text("backup.secrets_apart", files=", ".join(secrets)))
    session.say("\n".join(lines))
    open_folder(target.parent)
    return None


def export_round(session: Session) -> str | None:
    """Write every value of a round as one sheet and open it, as ``export --format xlsx``."""
    from consolidate.merge.opening import opened_register
    from consolidate.reports.values_table import TableFormat

    workspace = own_workspace(read_settings())
    roster = loaded_with_roster(workspace)[1]
    with opened_register(workspace, trial=True) as register:
        run = standing_run(session, workspace, register)
        path = export_path(workspace, run.head.period, TableFormat.XLSX)
        with replacing(session) as replaced:
            if not replaced.close(path):
                return text("addin.merge.kept", file=path)
            done = export_values(workspace, register, run, roster, TableFormat.XLSX)
    opened(session, done.path)
    counts = {"values": done.values, "units": done.units, "run": run.number}
    session.say(text("export.written", file=done.path, **counts))
    return None


def draft_round(session: Session) -> str | None:
    """Draft the reports of a round into the results, as ``consolidate report`` does.

    The round is that of the summary in front, else the newest one that is not locked. A draft that
    a person changed is kept and named.
    """
    workspace, day = own_workspace(read_settings()), session.today()
    summary = summary_in_front(session)
    period = summary.period if summary is not None else None
    period = period if period is not None else open_round(workspace, day)
    inbox = round_inbox(workspace, period)[0]

    order = MergeOrder(workspace.library, inbox, day, period=period)
    done = draft_reports(workspace, order, session.counted("addin.merge.reading"))
    lines = [sentence(done.since.note())] if done.since is not None else []
    lines += [text(f"report.{draft.outcome.value}", file=draft.path) for draft in done.drafts]
    open_folder(workspace.results)
    session.say("\n".join(lines))
    return None
