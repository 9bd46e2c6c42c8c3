"""Install the add-in for one user, with its interpreter; no administrator is needed."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import xlwings

from addin.build_addin import FILE_NAME, build_addin, mac_script
from addin.registry import Registry, register, unregister
from consolidate.model.reasons import UserError, because
from consolidate.xlsx.write.files import write_atomically

_MAC_FOLDER = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Add-Ins.localized"
_MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
# In double quotes for cmd.exe only "%" is special; VBA's own file functions take ANSI only.
_WINDOWS_PATH = re.compile(r"[A-Za-z]:\\[\x20-\x7e]*")
# AppleScript puts the path into a shell command as it is.
_MAC_PATH = re.compile(r"/[A-Za-z0-9._/+-]+")


class State(StrEnum):
    """What is installed, compared with what this program would install."""

    ABSENT = "absent"
    CURRENT = "current"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Target:
    """One place to install to: the file, the interpreter to write into it, the platform."""

    file: Path
    interpreter: str
    platform: str

    def state(self) -> State:
        """Compare what is there with what would be installed."""
        try:
            found = self.file.read_bytes()
        except FileNotFoundError:
            return State.ABSENT
        return State.CURRENT if found == build_addin(self.interpreter) else State.OUTDATED

    def install(self, registry: Registry) -> tuple[str, ...]:
        """Write the add-in, whole or not at all, and have Excel load it.

        On macOS the script that starts Python, too. Returns the versions of Excel (Windows) that
        will load it.

        Raises:
            OSError: it cannot be written, for example because Excel has it open.
        """
        data = build_addin(self.interpreter)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.file, data)
        if self.platform == "darwin":
            scripts = Path.home() / _MAC_SCRIPTS
            scripts.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(xlwings.__file__).parent / mac_script(), scripts / mac_script())
        return register(registry, self.file) if self.platform == "win32" else ()

    def remove(self, registry: Registry) -> bool:
        """Delete the add-in and say whether there was one.

        The script of macOS stays: other workbooks with xlwings use the same.

        Raises:
            OSError: it cannot be deleted, for example because Excel has it open.
        """
        if self.platform == "win32":
            unregister(registry, self.file)
        if not self.file.exists():
            return False
        self.file.unlink()
        return True


def target(
    platform: str,
    environment: Mapping[str, str],
    home: Path,
    interpreter: str = sys.executable,
    shorten: Callable[[str], str] | None = None,
) -> Target:
    """Tell where to install on a platform (``sys.platform``) and what to write.

    Args:
        platform: ``win32``, ``darwin`` or any other, which has no Excel.
        environment: the variables of the user.
        home: the folder of the user.
        interpreter: full path of the Python that the buttons run.
        shorten: gives the short name of a Windows path that holds other letters than ASCII.

    Raises:
        UserError: there is no Excel on the platform, or the path cannot be passed on by it.
    """
    if platform == "win32":
        folder = environment.get("APPDATA", "")
        if not folder:
            raise UserError((because("addin.command.no_appdata"),))
        path = interpreter if interpreter.isascii() else (shorten or short_path)(interpreter)
        _require(_WINDOWS_PATH.fullmatch(path) and "%" not in path, interpreter, r"C:\tonghop")
        return Target(Path(folder, "Microsoft", "AddIns", FILE_NAME), path, platform)
    if platform == "darwin":
        _require(_MAC_PATH.fullmatch(interpreter), interpreter, "/opt/tonghop")
        return Target(home / _MAC_FOLDER / FILE_NAME, interpreter, platform)
    raise UserError((because("addin.command.unsupported"),))


def short_path(path: str) -> str:
    """Return the 8.3 name that Windows keeps for a path, else the path itself."""
    if sys.platform != "win32":
        return path
    import ctypes

    room = ctypes.create_unicode_buffer(1024)
    return room.value if ctypes.windll.kernel32.GetShortPathNameW(path, room, 1024) else path


def _require(good: object, path: str, example: str) -> None:
    if not good:
        raise UserError((because("addin.command.bad_interpreter", path=path, example=example),))
