"""Settings of the user of the buttons: the province's folder, who decides, who signs.

Kept in a small file of the user, never in a workbook; only the buttons of the group "Thiết lập"
write it, so that nothing in an open workbook can choose a folder or a name.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from consolidate.actions.workspaces import library_of
from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.reasons import UserError
from consolidate.model.text import tidy
from consolidate.province.workspace import WORKED_IN, Workspace
from consolidate.xlsx.write.atomic_files import write_atomically
from consolidate.xlsx.write.safe_text import clean

LONGEST = 200
"""Characters of a name at most."""
_FILE = "settings.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """``workspace`` is the folder of the province; ``author`` answers for decisions, ``agency``
    signs letters. ``""`` where nothing was set.
    """

    workspace: str = ""
    author: str = ""
    agency: str = ""


def settings_path(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """Tell where the settings of a user are kept on a platform (``sys.platform``)."""
    if platform == "win32":
        base = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return base / "consolidate" / _FILE


def own_path() -> Path:
    """Tell where the settings of this user are kept."""
    return settings_path(sys.platform, os.environ, Path.home())


def read_settings() -> Settings:
    """Return the settings of this user; empty ones while there are none.

    Raises:
        UserError: the file says something else than settings.
    """
    path = own_path()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        found = {name: said.get(name, "") for name in asdict(Settings())}
    except FileNotFoundError:
        return Settings()
    except (ValueError, RecursionError):
        raise UserError.of("addin.settings.damaged", file=str(path)) from None
    if not all(isinstance(value, str) for value in found.values()):
        raise UserError.of("addin.settings.damaged", file=str(path))
    return Settings(**found)


def save_settings(settings: Settings) -> None:
    """Keep settings, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    path = own_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{name} = {_quoted(value)}\n" for name, value in asdict(settings).items())
    write_atomically(path, "".join(lines).encode())


def name_typed(typed: str) -> str:
    """Clean a name to be kept: one line, no control characters, not longer than ``LONGEST``."""
    return tidy(clean(typed))[:LONGEST]


def own_workspace(settings: Settings) -> Workspace:
    """Return the workspace that the buttons use.

    Raises:
        UserError: none was set, or its folder is gone.
        UserError: its configuration cannot be used.
    """
    if not settings.workspace:
        raise UserError.of("addin.settings.no_workspace")
    folder = Path(settings.workspace)
    if not folder.is_dir():
        raise UserError.of("addin.settings.gone", folder=str(folder))
    workspace = Workspace.find(shipped_library(), folder, folder)
    assert workspace is not None
    return workspace


def forms_of(path: Path | None) -> Library:
    """Find the forms that a workbook is read by: shipped ones and those of a province's folder.

    Of the folder in whose inbox, outbox or results it lies, else of the one that was set; of none
    while that one cannot be reached.

    Raises:
        UserError: the settings, or the folder or its forms, cannot be used.
    """
    shipped = shipped_library()
    workspace = Workspace.of_inbox(shipped, path, WORKED_IN) if path is not None else None
    settings = read_settings()
    if workspace is None and settings.workspace and Path(settings.workspace).is_dir():
        workspace = own_workspace(settings)
    return library_of(workspace, shipped)


def _quoted(value: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
