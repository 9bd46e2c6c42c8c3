"""``python -m tests``: all tests; LibreOffice, PostgreSQL, Chromium are installed first.

Arguments go to pytest, which uses every core unless ``-n`` says otherwise. Without LibreOffice the
tests marked ``office`` are skipped and say so; without PostgreSQL those of the register on it,
without Chromium those of pages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.shared import FOLDER

OFFICE = (
    "libreoffice-calc",
    "libreoffice-writer",
    "python3-uno",
    "poppler-utils",
    "fonts-liberation",
    "fonts-crosextra-carlito",
)
"""Debian's packages that the tests of rendered and recalculated workbooks need."""

BROWSER = ("chromium",)
"""Debian's package that the tests of the page for a browser need."""

DATABASE = ("postgresql",)
"""Debian's package that the tests of the register need; they start a server of their own."""


def absent() -> dict[str, tuple[str, ...]]:
    """Packages of each program that is not there."""
    wanted = {}
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        wanted["LibreOffice"] = OFFICE
    if not (shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        wanted["PostgreSQL"] = DATABASE
    if not shutil.which("chromium"):
        wanted["Chromium"] = BROWSER
    return wanted


def install() -> None:
    """Install from Debian what is absent, if this user may; failing is no error."""
    wanted = absent()
    if not wanted:
        return
    apt = shutil.which("apt-get")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = [] if is_root else ["sudo", "-n"]
    if apt is None or (not is_root and shutil.which("sudo") is None):
        print(f"{', '.join(wanted)}: absent, and cannot be installed from here.", file=sys.stderr)
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run = [*sudo, apt, "-q"]
    subprocess.run([*run, "update"], env=environment, check=False)
    for program, packages in wanted.items():
        command = [*run, "install", "-y", "--no-install-recommends", *packages]
        if subprocess.run(command, env=environment, check=False).returncode:
            print(f"{program} could not be installed.", file=sys.stderr)


def main() -> int:
    """Run pytest and return its exit code."""
    install()
    # By files: tests of one file share what takes long to make.
    by_files = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", "-p", "tests.order"]
    cores = [] if "-n" in sys.argv else by_files
    command = [sys.executable, "-m", "pytest", *cores, *sys.argv[1:]]
    with tempfile.TemporaryDirectory() as made:
        environment = {**os.environ, FOLDER: made}
        # Workers and commands in processes of their own import the same modules hundreds of times.
        # (Elsewhere than in the tree, libraries too would be compiled anew, by every worker.)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
