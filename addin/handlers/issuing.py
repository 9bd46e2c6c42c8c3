"""The button "Biểu mẫu gốc": the blank templates, written where the person says."""

from __future__ import annotations

from addin.dialogs import folder_of, open_folder
from addin.session import Refusal, Session
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.forms.manifest import MANIFEST, built_templates, content_digest

FOLDER = "bieu-mau-goc"
"""Folder that the templates are put into, inside the chosen one."""


def write_templates(session: Session) -> str | None:
    """Build all templates into a folder and show it; a file that differs is never replaced."""
    from zipfile import BadZipFile

    from consolidate.forms.manifest import build_all

    chosen = folder_of(session.argument)
    if chosen is None:
        return None
    folder = chosen / FOLDER
    for template in built_templates(library()):
        path = folder / template.spec.file_name
        try:
            same = not path.exists() or content_digest(path.read_bytes()) == template.content
        except BadZipFile:
            same = False
        if not same:
            raise Refusal(text("addin.templates.differs", file=path))
    made = build_all(library(), folder)
    files = "\n".join(f"{item.spec.file_name}: {item.spec.title}" for item in made)
    open_folder(folder)
    session.say(text("addin.templates.done", folder=folder, files=files, manifest=MANIFEST))
    return None
