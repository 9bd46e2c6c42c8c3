"""Try the lock on this system: its packages go without a network into new environments.

What is tried is what Windows gets: the same releases, the same files where they hold Python alone,
wheels made here of what is published as source only, and the same words to pip. Files that hold
machine code are those of this system.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from kit.build_kit import (
    ROOT,
    VERSIONS,
    KitError,
    download,
    gather,
    pinned,
    pip,
    this_system,
)

_ASKED = "import sys; print(*sys.version_info[:2])"


def version_of(program: str) -> tuple[int, int]:
    """The version of a Python, asked of the program.

    Raises:
        KitError: it does not run, or the kit has no wheels for it.
    """
    try:
        done = subprocess.run(
            [program, "-I", "-c", _ASKED], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise KitError(f"{program} does not run: {error}") from error
    major, minor = map(int, done.stdout.split())
    if (major, minor) not in VERSIONS:
        raise KitError(f"{program} is Python {major}.{minor}, for which the kit has no wheels")
    return major, minor


def install(program: str, kept: Path) -> str:
    """Install into a new environment of a Python from files alone, and merge an example.

    Args:
        program: the Python.
        kept: folder of files that were downloaded before; what it lacks is fetched into it.

    Raises:
        KitError: a package cannot be had, does not install, or the program does not run.
    """
    version = version_of(program)
    kept.mkdir(parents=True, exist_ok=True)
    names = download(kept, version, this_system())
    with tempfile.TemporaryDirectory() as made:
        wheels, home = Path(made, "wheels"), Path(made, "env")
        wheels.mkdir()
        gather(kept, names, wheels)
        asked = wheels / "requirements.txt"
        asked.write_text(pinned(wheels), encoding="ascii")
        _run(program, "-I", "-m", "venv", home)
        python = home / ("Scripts/python.exe" if (home / "Scripts").is_dir() else "bin/python")
        words = [
            "--no-index",
            "--no-deps",
            "--find-links",
            str(wheels),
            "--requirement",
            str(asked),
        ]
        if not pip("install", *words, program=python) or not pip("check", program=python):
            raise KitError(f"the packages of the kit do not install for {program}")
        merge: list[str | Path] = [
            "merge",
            ROOT / "examples" / "2026" / "inbox",
            "--out",
            Path(made, "results"),
        ]
        _run(python, "-I", "-m", "consolidate", *merge, code=1)  # The example has its mistakes.
    return f"{'.'.join(map(str, version))}: {len(names)} packages"


def _run(*command: str | Path, code: int = 0) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise KitError(f"exit code {done.returncode} of {' '.join(map(str, command))}")
