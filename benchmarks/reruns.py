"""A merge in a working folder, again with nothing changed, and with one file in a hundred changed.

Each is ``consolidate merge`` as a process of its own, from its start to its end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.forms import FORMS
from benchmarks.inbox import make_inbox
from consolidate.model.units import Roster
from consolidate.province.roster import build_roster

Took = tuple[float, float]
"""Seconds by the clock and of processors, workers included."""


def reruns(inbox: Path, forms: str, folder: Path) -> dict[str, Took]:
    """Merge an inbox in a new working folder, then again; gives what each merge took.

    Raises:
        subprocess.CalledProcessError: a command failed.
    """
    meant, files = FORMS[forms], sorted(inbox.glob("*.xlsx"))
    _took("init", str(folder))
    units = [replace(unit, templates=frozenset(["pctn"])) for unit in meant.units(len(files))]
    (folder / "roster.xlsx").write_bytes(build_roster(Roster.of(units)))
    own = folder / "inbox" / meant.round.code
    shutil.copytree(inbox, own)
    day = meant.filled(units[0]).values["cover.date"]
    call = ("merge", "--as-of", str(day), "--period", own.name, "--workspace", str(folder))
    took = {"first": _took(*call), "nothing changed": _took(*call)}
    changed = folder / "changed"
    changed.mkdir()
    make_inbox(changed, len(files), forms, changed=max(1, len(files) // 100))
    for path in changed.iterdir():
        path.replace(own / path.name)
    return {**took, "1 % changed": _took(*call)}


def _took(*call: str) -> Took:
    clock, before = time.perf_counter(), sum(os.times()[2:4])
    done = subprocess.run(
        [sys.executable, "-m", "consolidate", *call], capture_output=True, check=False
    )
    if done.returncode > 1:  # 1 tells of findings.
        done.check_returncode()
    return time.perf_counter() - clock, sum(os.times()[2:4]) - before
