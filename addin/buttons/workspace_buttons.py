"""The buttons of the group "Thiết lập": folder of the province, who decides, who signs letters.

Also "Tự kiểm tra", what is in the way of the buttons as ``addin status`` says it, "Trợ giúp", and
"Sao lưu", the folder in one file.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from addin.install import own_registry, problems, target
from addin.ribbon import log_path
from addin.session import Session, open_folder, told, wanted_folder
from addin.settings import (
    Settings,
    name_typed,
    own_path,
    own_workspace,
    read_settings,
    save_settings,
)
from consolidate import __version__
from consolidate.actions.backup import SECRETS, back_up, backup_name
from consolidate.actions.status_and_next_step import latest_round
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.deadlines import Calendar
from consolidate.model.reasons import UserError
from consolidate.model.units import Roster
from consolidate.province.places import CONFIG
from consolidate.province.roster import unknown_parents
from consolidate.province.workspace import Workspace, create

NOBODY = "-"
"""What is typed to take a name away."""


def choose_workspace(session: Session) -> str | None:
    """Show the settings; let the person choose the folder of the province, or make it."""
    settings = _settings(session)
    if settings.workspace and not session.argument and not session.ask(_shown(settings)):
        return None
    folder = wanted_folder(session.argument)
    if folder is None:
        return None
    folder = folder.resolve()
    if not (folder / CONFIG).is_file() and not _made(session, folder):
        return None
    workspace = Workspace.find(shipped_library(), folder, folder)
    assert workspace is not None
    settings = replace(settings, workspace=str(workspace.root))
    found = _found(workspace)
    save_settings(settings)
    session.say("\n".join((text("addin.settings.saved"), *found)))
    return None


def name_author(session: Session) -> str | None:
    """Keep who answers for decisions; ``-`` takes the name away."""
    return _named(session, "author")


def name_agency(session: Session) -> str | None:
    """Keep which agency signs letters; ``-`` takes the name away."""
    return _named(session, "agency")


def _named(session: Session, field: str) -> str | None:
    typed = name_typed(session.argument)
    if not typed:
        return None
    value = "" if typed == NOBODY else typed
    save_settings(replace(_settings(session), **{field: value}))
    session.say(text(f"addin.settings.{field}", name=value or text("addin.settings.unset")))
    return None


def _settings(session: Session) -> Settings:
    """Read the settings; replace damaged ones by empty ones if the person agrees."""
    try:
        return read_settings()
    except UserError as refusal:
        if not session.ask(text("addin.settings.anew", problem=told(refusal))):
            raise
        return Settings()


def _shown(settings: Settings) -> str:
    unset = text("addin.settings.unset")
    lines = [
        text("addin.settings.shown", folder=settings.workspace or unset),
        text("addin.settings.author", name=settings.author or unset),
        text("addin.settings.agency", name=settings.agency or unset),
        text("addin.settings.file", file=own_path()),
    ]
    if settings.workspace:
        try:
            lines += _found(own_workspace(settings))
        except UserError as problem:
            lines.append(told(problem))
    return "\n".join((*lines, "", text("addin.settings.change")))


def _found(workspace: Workspace) -> list[str]:
    """Describe a workspace, so that the person can recognise it.

    A roster without units is no reason not to choose it: a new workspace has one.
    """
    try:
        loaded = workspace.load()
    except UserError as problem:
        return [str(workspace.root), told(problem)]
    roster = loaded.roster if loaded.roster is not None else Roster.of(())
    latest = latest_round(workspace)
    return [
        text(
            "addin.settings.found",
            folder=workspace.root,
            province=roster.province or workspace.province or text("addin.settings.unset"),
            units=len(roster.units),
            deadlines=len(loaded.calendar.rows),
            latest=latest.label if latest is not None else text("addin.settings.no_round"),
        ),
        *map(sentence, unknown_parents(roster)),
    ]


def _made(session: Session, folder: Path) -> bool:
    """Make a workspace in an ordinary folder if the person agrees."""
    inside = Workspace.find(shipped_library(), folder)
    if inside is not None:
        raise UserError.of("addin.settings.inside", folder=str(folder), root=str(inside.root))
    if folder.parent == folder:
        raise UserError.of("addin.settings.drive", folder=str(folder))
    if not session.ask(text("addin.settings.make", folder=folder)):
        return False
    for _ in create(folder, Roster.of(()), Calendar(), shipped_library().families):
        pass
    open_folder(folder)
    return True


def check_self(session: Session) -> None:
    """Name what is missing or in the way on this machine, with the way out of each."""
    found = problems(target(sys.platform, os.environ, Path.home()), own_registry())
    said = [sentence(problem) for problem in found]
    try:
        own_workspace(read_settings())
    except UserError as error:
        said += map(sentence, error.problems)
    head = text("addin.self.head", version=__version__, interpreter=sys.executable)
    said = [f"– {line}" for line in said] or [text("addin.self.good")]
    session.say("\n".join((head, *said)), bad=bool(found))


def show_help(session: Session) -> None:
    """Say what each button does, which version this is and where it runs."""
    session.say(text("addin.help", version=__version__, interpreter=sys.executable, log=log_path()))


def back_up_folder(session: Session) -> str | None:
    """Write the person's workspace into one zip beside its roster, as ``consolidate backup``."""
    workspace = own_workspace(read_settings())
    target = workspace.root / backup_name(session.today())
    if not session.ask(text("addin.backup.ask", file=target)):
        return None
    session.status(text("addin.backup.making"))
    made = back_up(workspace, target)
    lines = [text("backup.written", file=made.path, count=made.beside, kept=made.files)]
    lines += map(sentence, made.notes())
    secrets = [name for name in SECRETS if (workspace.root / name).exists()]
    if secrets:
        lines.append(text("backup.secrets_apart", files=", ".join(secrets)))
    session.say("\n".join(lines))
    open_folder(target.parent)
    return None
