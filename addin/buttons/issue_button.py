"""The buttons "Phát hành biểu mẫu" (a round) and "Biểu mẫu gốc" (plain templates)."""

from __future__ import annotations

from addin.session import Session, folder_of, open_folder
from addin.settings import forms_of, name_typed, own_workspace, read_settings
from consolidate.actions.issue import issue_round, plan_round
from consolidate.actions.periods import renamed, typed_period
from consolidate.actions.workspaces import make_inbox
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError, because
from consolidate.templates.template_build import MANIFEST, built_templates, content_digest
from consolidate.xlsx.write.files import FilesWritten, read_bytes

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
            raise UserError((because("addin.templates.differs", file=str(path)),))
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
