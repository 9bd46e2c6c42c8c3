"""``python -m benchmarks [--files 208] [--rounds 3]``: our merge against the usual scripts.

Every job runs as a process of its own, in shuffled order within each round, on the same files;
ratios are paired inside a round and their median is printed, by the clock and of processor time,
which other programs on the machine change little. ``--guard`` runs the reading and its floor alone,
on fewer files, and fails when what one more file costs is far from what was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contenders import ANNOTATING, FLOORS, ISSUING, JOBS
from benchmarks.inbox import make_inbox

TARGETS = {"pandas_per_sheet": 20.0, "openpyxl_loop": 10.0, "issued_whole": 4.0, "resaved": 15.0}
"""How many times as long as ours the other ways are expected to take, at least: the usual scripts
as our whole merge, templates that are each built whole as issuing from cached templates, loading
and saving with openpyxl as an annotated copy."""
MEMORY_TARGET = 150.0
"""Peak memory of our merge at 208 files, in MB, at most."""
GUARD = "ours_reading", "calamine_needed", 12.0
"""Two jobs, and how many times the processor time of the second the first may take at most."""
GUARDED = 150
"""Files of ``--guard``: copies of one return of each level, which are made in a few seconds."""

Measure = dict[str, float]


def run(job: str, inbox: Path, out: Path) -> Measure:
    """One job in a fresh process.

    Raises:
        subprocess.CalledProcessError: the job failed.
    """
    command = [sys.executable, "-m", "benchmarks.contenders", job, str(inbox), str(out)]
    # Whoever installs a program has its modules compiled.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPYCACHEPREFIX": str(out / "compiled")}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    measure: Measure = json.loads(done.stdout.splitlines()[-1])
    return measure


def main() -> int:
    """Print the ratios; the exit code is 1 when a target is missed or the totals differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--files", type=int, help=f"returns to merge (208; {GUARDED} with --guard)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--guard", action="store_true", help="only tell a reading grown slow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inbox, out = Path(folder, "inbox"), Path(folder, "out")
        inbox.mkdir()
        out.mkdir()
        files = options.files or (GUARDED if options.guard else 208)
        size = make_inbox(inbox, files, patterns=1 if options.guard else 0)
        print(f"{files} returns, {size / 1e6:.1f} MB, {options.rounds} rounds")
        jobs = list(GUARD[:2]) if options.guard else [*JOBS, *FLOORS, *ISSUING, *ANNOTATING]
        one = Path(folder, "one")
        one.mkdir()
        make_inbox(one, 1)
        start = _round(jobs, one, out, 0)
        start = _round(jobs, one, out, 0) if options.guard else start  # Modules are compiled now.
        rounds = [_round(jobs, inbox, out, seed) for seed in range(options.rounds)]
    if options.guard:
        return _guarded(start, rounds)
    merging = _report(rounds, files, [*JOBS, *FLOORS], "total of MS 3")
    issuing = _report(rounds, files, list(ISSUING), "bytes of templates")
    copying = _report(rounds, files, list(ANNOTATING), "copies")
    met = merging and issuing and copying
    print("targets met" if met else "TARGETS MISSED")
    return 0 if met else 1


def _guarded(start: dict[str, Measure], rounds: list[dict[str, Measure]]) -> int:
    """Tell the ratio of what the two jobs take beyond their ``start`` with one file."""
    job, floor, most = GUARD
    ratio = statistics.median(
        (measures[job]["cpu"] - start[job]["cpu"]) / (measures[floor]["cpu"] - start[floor]["cpu"])
        for measures in rounds
    )
    print(f"a file costs {job} {ratio:.1f} times what it costs {floor}; at most {most}")
    return 0 if ratio <= most else 1


def _round(jobs: list[str], inbox: Path, out: Path, seed: int) -> dict[str, Measure]:
    order = list(jobs)
    random.Random(seed).shuffle(order)
    return {job: run(job, inbox, out) for job in order}


def _report(rounds: list[dict[str, Measure]], files: int, jobs: list[str], check: str) -> bool:
    """Print what jobs took beside the first of them; whether they agree and targets are met."""
    first = jobs[0]
    totals = {measures[job]["total"] for measures in rounds for job in jobs if job not in FLOORS}
    good = len(totals) == 1
    print(f"{check}, alike in all jobs: {'yes' if good else totals}")
    header = ("job", "x wall", "x cpu", "wanted", "ms/file", "cpu", "MB")
    print(f"{header[0]:<18}" + "".join(f"{word:>9}" for word in header[1:]))
    for job in jobs:
        wall, cpu = (
            statistics.median(measures[job][kind] / measures[first][kind] for measures in rounds)
            for kind in ("seconds", "cpu")
        )
        each = [
            statistics.median(measures[job][kind] for measures in rounds) / files * 1000
            for kind in ("seconds", "cpu")
        ]
        memory = max(measures[job]["memory"] or 0.0 for measures in rounds)
        wanted = f">={TARGETS[job]:.0f}" if job in TARGETS else ""
        line = f"{job:<18}{wall:>9.2f}{cpu:>9.2f}{wanted:>9}{each[0]:>9.2f}{each[1]:>9.2f}"
        print(f"{line}{memory:>9.0f}")
        good &= wall >= TARGETS.get(job, 0.0)
        good &= job != "ours" or files > 208 or memory <= MEMORY_TARGET
    return good


if __name__ == "__main__":
    sys.exit(main())
