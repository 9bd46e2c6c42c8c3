"""What people install works: the package built from its source archive, in a new environment.

``python .ci/installed.py`` takes the newest libraries, ``--oldest`` the oldest that ``setup.cfg``
allows. Nothing of this checkout is on the path of what is run, and only the examples are copied.
"""

from __future__ import annotations

import argparse
import configparser
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = (
    (1, "merge", "2026/inbox"),  # The returns of both examples have their mistakes.
    (1, "merge", "inbox"),
    (0, "init", "province"),
    (1, "merge", "inbox", "--workspace", "province"),
    (0, "runs", "--workspace", "province"),
    (0, "template", "build"),
    (0, "template", "verify"),
    (0, "addin", "build"),
)
"""Commands with the exit codes that they must have."""
RESULTS = shutil.ignore_patterns("results")
LEFT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "*.egg-info")
"""What is no source."""


def main() -> None:
    """Build, install and run; any step that does not do what it must ends the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--oldest", action="store_true")
    oldest = parser.parse_args().oldest
    with tempfile.TemporaryDirectory() as made:
        home = Path(made).resolve()
        venv.create(home / "venv", with_pip=True)
        python = home / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        run(0, python, "-m", "pip", "install", "-q", "build", cwd=home)
        # A copy: a build writes beside the sources, and another may install from them meanwhile.
        source = shutil.copytree(ROOT, home / "source", ignore=LEFT)
        run(0, python, "-m", "build", "--outdir", home / "dist", source, cwd=home)
        (wheel,) = (home / "dist").glob("*.whl")
        run(0, python, "-m", "pip", "install", "-q", wheel, *(bounds() if oldest else ()), cwd=home)
        work = home / "work"
        work.mkdir()
        shutil.copytree(ROOT / "examples" / "inbox", work / "inbox")
        shutil.copytree(ROOT / "examples" / "2026", work / "2026", ignore=RESULTS)
        for roster in (work, work / "province"):
            roster.mkdir(exist_ok=True)
            shutil.copy(ROOT / "examples" / "roster.xlsx", roster)
        for code, *words in STEPS:
            run(code, python, "-m", "consolidate", *words, cwd=work)
        run(0, python, "-m", "pip", "check", cwd=work)


def bounds() -> list[str]:
    """The oldest release of every library that may be installed."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = setup["options"]["install_requires"].split("\n")
    return [line.replace(" ", "").replace(">=", "==") for line in wanted if line]


def run(code: int, *command: str | Path, cwd: Path) -> None:
    """Run a command away from this checkout; its exit code must be ``code``."""
    print("+", *command, flush=True)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=clean, check=False)
    if done.returncode != code:
        sys.exit(f"exit code {done.returncode} instead of {code}")


if __name__ == "__main__":
    main()
