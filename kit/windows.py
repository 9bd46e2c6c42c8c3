"""Windows as :class:`kit.set_up.Machine` asks it; on other systems nothing here can be used.

``python -m kit.windows`` puts the shortcut on the desktop, in the private environment, which has
pywin32.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.set_up import TITLE

if sys.platform == "win32":
    import ctypes
    import winreg

    _ROOTS = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    _READ = winreg.KEY_READ | winreg.KEY_WOW64_64KEY

    class Windows:
        """The registry, files and variables of the user who runs set-up."""

        def __init__(self) -> None:
            self.environment = dict(os.environ)

        def keys(self, root: str, key: str) -> Sequence[str]:
            """Names of the keys below a key; none where it is absent."""
            try:
                with winreg.OpenKey(_ROOTS[root], key, 0, _READ) as opened:
                    count = winreg.QueryInfoKey(opened)[0]
                    return [winreg.EnumKey(opened, number) for number in range(count)]
            except OSError:
                return []

        def value(self, root: str, key: str, name: str) -> str | None:
            """A value of a key, not expanded."""
            try:
                with winreg.OpenKey(_ROOTS[root], key, 0, _READ) as opened:
                    return str(winreg.QueryValueEx(opened, name)[0])
            except OSError:
                return None

        def write(self, key: str, name: str, value: str) -> None:
            """Write a value of the user, one that is expanded when it holds ``%``."""
            kind = winreg.REG_EXPAND_SZ if "%" in value else winreg.REG_SZ
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, kind, value)

        def delete(self, key: str) -> None:
            """Delete a key of the user; nothing where it is absent."""
            with contextlib.suppress(OSError):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)

        def is_file(self, path: str) -> bool:
            """Whether a file is there."""
            return Path(path).is_file()

        def names(self, folder: str) -> Sequence[str]:
            """Names in a folder; none where it is absent."""
            try:
                return sorted(path.name for path in Path(folder).iterdir())
            except OSError:
                return []

        def announce(self) -> None:
            """Tell programs that are open that the variables of the user changed."""
            ctypes.windll.user32.SendMessageTimeoutW(
                0xFFFF, 0x1A, 0, "Environment", 2, 5000, ctypes.byref(ctypes.c_ulong())
            )


def write_shortcut(desktop: str, documents: str, home: str) -> None:
    """Write the shortcut that opens a command window where the round stands."""
    from win32com.client import Dispatch

    shortcut = Dispatch("WScript.Shell").CreateShortcut(str(Path(desktop, f"{TITLE}.lnk")))
    shortcut.TargetPath = str(Path(home, "bin", "tong-hop.cmd"))
    shortcut.WorkingDirectory = documents
    shortcut.Description = TITLE
    shortcut.Save()


if __name__ == "__main__":
    write_shortcut(*sys.argv[1:4])
