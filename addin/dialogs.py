"""Show windows of the system where Excel cannot; each platform has its own way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from addin.session import FolderWanted
from consolidate.definitions.catalogue import text
from consolidate.model.reasons import UserError, because

ASK = "?"
"""Argument of a button for which VBA could not ask: Python asks."""
_CHOOSE = "on run argv\nreturn POSIX path of (choose folder with prompt (item 1 of argv))\nend run"
_DISPLAY = "on run argv\ndisplay alert (item 1 of argv) message (item 2 of argv)\nend run"


def show(message: str) -> None:
    """Show a message without Excel; on other systems print it."""
    title = text("addin.title")
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, message, title, 0x40030)
    elif sys.platform == "darwin":
        _osascript(_DISPLAY, title, message)
    else:
        print(message, file=sys.stderr)


def folder_of(argument: str) -> Path | None:
    """Return the folder that the person chose; ``None`` when they changed their mind.

    Raises:
        UserError: it is not there.
    """
    if argument == ASK:
        argument = _osascript(_CHOOSE, text("addin.choose_folder")) if _on_mac() else ""
    if not argument:
        return None
    folder = Path(argument)
    if not folder.is_dir():
        raise UserError((because("addin.no_folder", folder=str(folder)),))
    return folder


def wanted_folder(argument: str) -> Path | None:
    """Return the folder of a button that asks for one only when it has to.

    ``None`` when the person changed their mind.

    Raises:
        FolderWanted: nobody asked yet, and VBA has to.
        UserError: it is not there.
    """
    if not argument and not _on_mac():
        raise FolderWanted
    return folder_of(argument or ASK)


def open_folder(folder: Path) -> None:
    """Show a folder in the file manager, on Windows and macOS only."""
    if sys.platform == "win32":
        # With the separator no program of that name beside the folder can be meant.
        os.startfile(f"{folder}{os.sep}")
    elif sys.platform == "darwin":
        subprocess.run(["/usr/bin/open", str(folder)], check=False)


def _on_mac() -> bool:
    return sys.platform == "darwin"


def _osascript(script: str, *arguments: str) -> str:
    command = ["/usr/bin/osascript", "-e", script, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
