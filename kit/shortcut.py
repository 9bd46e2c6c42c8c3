"""Put the shortcut on the desktop; runs in the private environment, which has pywin32."""

from __future__ import annotations

import sys
from pathlib import Path

from kit.set_up import TITLE


def main(desktop: str, documents: str, home: str) -> None:
    """Write the shortcut that opens a command window where the round stands."""
    from win32com.client import Dispatch

    shortcut = Dispatch("WScript.Shell").CreateShortcut(str(Path(desktop, f"{TITLE}.lnk")))
    shortcut.TargetPath = str(Path(home, "bin", "tong-hop.cmd"))
    shortcut.WorkingDirectory = documents
    shortcut.Description = TITLE
    shortcut.Save()


if __name__ == "__main__":
    main(*sys.argv[1:4])
