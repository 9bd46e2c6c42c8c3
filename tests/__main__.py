"""``python -m tests``: all tests; LibreOffice is installed first where that is possible.

Arguments go to pytest. Without LibreOffice the tests marked ``office`` are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = (
    "libreoffice-calc",
    "python3-uno",
    "poppler-utils",
    "fonts-liberation",
    "fonts-crosextra-carlito",
)
"""Debian's packages that the tests of rendered and recalculated workbooks need."""


def install_office() -> None:
    """Install LibreOffice from Debian if it is absent and this user may; failing is no error."""
    if shutil.which("soffice") and shutil.which("pdftoppm"):
        return
    apt = shutil.which("apt-get")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = [] if is_root else ["sudo", "-n"]
    if apt is None or (not is_root and shutil.which("sudo") is None):
        print("LibreOffice is absent and cannot be installed from here.", file=sys.stderr)
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run([*sudo, apt, "-q", *command], env=environment, check=False)
        if done.returncode:
            print("LibreOffice could not be installed.", file=sys.stderr)
            return


def main() -> int:
    """Run pytest and return its exit code."""
    install_office()
    return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
