"""The buttons "Sao lưu" and "Xuất": the whole folder as one file, the values as one table."""

from __future__ import annotations

from addin.books import opened, replacing
from addin.dialogs import open_folder
from addin.session import Session
from addin.settings import own_workspace, read_settings
from addin.summaries import standing_run
from consolidate.actions.backup import SECRETS, back_up, backup_name
from consolidate.actions.export import export_path, export_values
from consolidate.actions.workspaces import loaded_with_roster
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
