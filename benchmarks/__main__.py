"""``python -m benchmarks [--files 208] [--rounds 3]``: our merge against the usual scripts.

Every job runs as a process of its own, in shuffled order within each round, on the same files;
ratios are paired inside a round and their median is printed, never seconds alone.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contenders import ISSUING, JOBS
from benchmarks.inbox import make_inbox

TARGETS = {"pandas_per_sheet": 20.0, "openpyxl_loop": 10.0, "issued_whole": 4.0}
"""How many times as long as ours the other ways are expected to take, at least: the usual scripts
as our whole merge, templates that are each built whole as issuing from cached templates."""
MEMORY_TARGET = 150.0
"""Peak memory of our merge at 208 files, in MB, at most."""

Measure = dict[str, float]


def run(job: str, inbox: Path, out: Path) -> Measure:
    """One job in a fresh process.

    Raises:
        subprocess.CalledProcessError: the job failed.
    """
    command = [sys.executable, "-m", "benchmarks.contenders", job, str(inbox), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measure: Measure = json.loads(done.stdout.splitlines()[-1])
    return measure


def main() -> int:
    """Print the ratios; the exit code is 1 when a target is missed or the totals differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--files", type=int, default=208, help="returns to merge (208)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inbox, out = Path(folder, "inbox"), Path(folder, "out")
        inbox.mkdir()
        out.mkdir()
        size = make_inbox(inbox, options.files)
        print(f"{options.files} returns, {size / 1e6:.1f} MB, {options.rounds} rounds")
        rounds = [_round(inbox, out, seed) for seed in range(options.rounds)]
    merging = _report(rounds, options.files, list(JOBS), "total of MS 3")
    issuing = _report(rounds, options.files, list(ISSUING), "bytes of templates")
    print("targets met" if merging and issuing else "TARGETS MISSED")
    return 0 if merging and issuing else 1


def _round(inbox: Path, out: Path, seed: int) -> dict[str, Measure]:
    order = [*JOBS, *ISSUING]
    random.Random(seed).shuffle(order)
    return {job: run(job, inbox, out) for job in order}


def _report(rounds: list[dict[str, Measure]], files: int, jobs: list[str], check: str) -> bool:
    """Print what jobs took beside the first of them; whether they agree and targets are met."""
    first = jobs[0]
    totals = {measures[job]["total"] for measures in rounds for job in jobs}
    good = len(totals) == 1
    print(f"{check}, alike in all jobs: {'yes' if good else totals}")
    header = ("job", f"x {first}", "wanted", "ms/file", "peak MB")
    print(f"{header[0]:<18}{header[1]:>9}{header[2]:>9}{header[3]:>10}{header[4]:>9}")
    for job in jobs:
        ratio = statistics.median(
            measures[job]["seconds"] / measures[first]["seconds"] for measures in rounds
        )
        seconds = statistics.median(measures[job]["seconds"] for measures in rounds)
        memory = max(measures[job]["memory"] or 0.0 for measures in rounds)
        wanted = f">={TARGETS[job]:.0f}" if job in TARGETS else ""
        line = f"{job:<18}{ratio:>9.2f}{wanted:>9}{seconds / files * 1000:>10.2f}{memory:>9.0f}"
        print(line)
        good &= ratio >= TARGETS.get(job, 0.0)
        good &= job != "ours" or files > 208 or memory <= MEMORY_TARGET
    return good


if __name__ == "__main__":
    sys.exit(main())
