"""``python -m benchmarks [--files 208 2000 11000] [--forms 2018]``: our merge and usual scripts.

Every job runs as a process of its own, in shuffled order within each round, on the same files;
ratios are paired inside a round and their median is printed, by the clock and of processor time,
which other programs on the machine change little. On more than 208 files the scripts read a sample
of them, and what one more file costs them is told; ``--all`` lets them read all. ``--guard`` runs
the reading and its floor alone, on fewer files, and fails when what one more file costs is far
from what was measured.

The exit code is 1 when a job read a figure otherwise than it was typed, when jobs that make the
same made something else, or when one of the ``least`` is missed at 208 files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchmarks.contenders import ANNOTATING, FLOORS, ISSUING, READING, SCRIPTS
from benchmarks.forms import FORMS
from benchmarks.inbox import PATTERNS, make_inbox
from consolidate.model.units import Roster
from consolidate.province.roster import build_roster


@dataclass(frozen=True)
class Wanted:
    """A ratio of two jobs that is wanted, at least or at most; ``least`` decides the exit code."""

    job: str
    beside: str
    bound: float
    at_most: bool = False
    least: float | None = None

    def met(self, ratio: float) -> bool:
        """Tell whether a ratio is what is wanted."""
        return ratio <= self.bound if self.at_most else ratio >= self.bound


TWO_WORKERS = "ours_reading_2"
"""A job that is measured on many files only: for few a second worker does not pay."""
WANTED = (
    Wanted("pandas_per_sheet", "ours", 40, least=20),
    Wanted("pandas_calamine", "ours", 9),
    Wanted("openpyxl_loop", "ours", 20, least=10),
    Wanted("ours", "inflated_needed", 4, at_most=True),
    Wanted("ours_reading", "calamine_needed", 1, at_most=True),
    Wanted("ours_reading", TWO_WORKERS, 1.6),
    Wanted("issued_whole", "issued", 4, least=4),
    Wanted("resaved", "annotated", 15, least=15),
)
WANTED_OF_SIZES = "wanted: wall and cpu <= 1.1, memory of 11,000 against 2,000 <= 1.5"
MEASURED = "wall", "cpu", "memory"
SMALL = 208
"""Files up to which every job reads them all; the exit code goes by an inbox of as many."""
MEMORY_AT_MOST = 150.0
"""Peak memory of our merge at 208 files, in MB."""
FEW, SAMPLE = 2, 62
"""Files of the two inboxes whose difference tells what one more file costs."""
GUARD = "ours_reading", "calamine_needed", 12.0
"""Two jobs, and how many times the processor time of the second the first may take at most."""
GUARDED = 150
"""Files of ``--guard``: copies of one return of each level, which are made in a few seconds."""

Measure = dict[str, float]
"""Milliseconds a file by the clock (``wall``) and of processors (``cpu``), and ``memory`` in MB."""
Round = dict[str, Measure]
Took = tuple[float, float]
"""Seconds by the clock and of processors, workers included."""


class Bench:
    """Inboxes of a few sizes, the jobs run on them, and what was found wrong."""

    def __init__(self, folder: Path, forms: str, *, guard: bool = False) -> None:
        self._folder, self._forms, self._guard = folder, forms, guard
        self._inboxes: dict[int, Path] = {}
        self._made: dict[tuple[str, int], set[int]] = {}
        self.wrong: set[str] = set()
        self._out = folder / "out"
        self._out.mkdir()

    def inbox(self, count: int) -> Path:
        """Make an inbox of so many returns, once."""
        if count not in self._inboxes:
            self._inboxes[count] = self._folder / str(count)
            self._inboxes[count].mkdir()
            patterns = 1 if self._guard else PATTERNS
            size = make_inbox(
                self._inboxes[count], count, self._forms, patterns=patterns, office=not self._guard
            )
            print(f"{count} returns of the forms of {self._forms}, {size / 1e6:.1f} MB", flush=True)
        return self._inboxes[count]

    def run(self, job: str, count: int) -> Measure:
        """Run a job in a fresh process on so many files; gives milliseconds in all.

        Raises:
            subprocess.CalledProcessError: the job failed.
        """
        inbox = self.inbox(count)
        command = [sys.executable, "-m", "benchmarks.contenders", job, str(inbox), str(self._out)]
        # Whoever installs a program has its modules compiled.
        env = {**os.environ, "PYTHONPYCACHEPREFIX": str(self._out / "compiled")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
        told = json.loads(done.stdout.splitlines()[-1])
        self.wrong.update(f"{job}, {count} files: {item}" for item in told["wrong"])
        for jobs in (ISSUING, ANNOTATING):
            if job in jobs:
                made = self._made.setdefault((next(iter(jobs)), count), set())
                made.add(told["made"])
                if len(made) > 1:
                    self.wrong.add(f"{job}, {count} files: made something else")
        wall, cpu = told["seconds"] * 1000, told["cpu"] * 1000
        return {"wall": wall, "cpu": cpu, "memory": told["memory"] or 0.0}

    def one_more(self, job: str, few: int, many: int) -> Measure:
        """Tell what one more file costs a job; start-up is left out."""
        less, more = self.run(job, few), self.run(job, many)
        each = {kind: (more[kind] - less[kind]) / (many - few) for kind in ("wall", "cpu")}
        return {**each, "memory": more["memory"]}

    def round(self, jobs: Iterable[str], count: int, sampled: Collection[str]) -> Round:
        """Run jobs in a random order; some on a sample."""
        order = list(jobs)
        random.shuffle(order)
        found = {}
        for job in order:
            if job in sampled:
                found[job] = self.one_more(job, FEW, SAMPLE)
            else:
                whole = self.run(job, count)
                each = {kind: whole[kind] / count for kind in ("wall", "cpu")}
                found[job] = {**each, "memory": whole["memory"]}
        return {job: found[job] for job in jobs}


def main() -> int:
    """Print what jobs took, and the ratios that are wanted; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", help=f"returns to merge ({SMALL})")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--forms", choices=sorted(FORMS), default="2018", help="whose forms (2018)")
    parser.add_argument("--all", action="store_true", help="let the scripts read all files")
    parser.add_argument("--guard", action="store_true", help="only tell a reading grown slow")
    options = parser.parse_args()
    random.seed(0)
    with tempfile.TemporaryDirectory() as folder:
        if options.guard:
            return _guarded(Bench(Path(folder), "2018", guard=True), options.rounds)
        if not shutil.which("soffice"):
            print("no LibreOffice: its third of the files is as our templates are written")
        bench = Bench(Path(folder), options.forms)
        met, ours = True, dict[int, Measure]()
        for count in options.files or [SMALL]:
            jobs = [*READING, *FLOORS]
            if count <= SMALL:
                jobs = [job for job in (*jobs, *ISSUING, *ANNOTATING) if job != TWO_WORKERS]
            sampled = SCRIPTS if count > SMALL and not options.all else ()
            bench.round(jobs, FEW, ())  # Modules are compiled now.
            rounds = [bench.round(jobs, count, sampled) for _ in range(options.rounds)]
            met &= _report(rounds, count, sampled)
            ours[count] = {kind: median(item["ours"][kind] for item in rounds) for kind in MEASURED}
            again = reruns(bench.inbox(count), options.forms, Path(folder, f"province {count}"))
            print("\na working folder, seconds: " + "; ".join(map(_rerun, again.items())))
            share = again["nothing changed"][1] + 3 * again["first"][1] / 100
            print(f"1 % changed: wanted <= {share:.2f} cpu, nothing changed and 3 % of the first")
        for less, more in pairwise(ours):
            told = ", ".join(
                f"{kind} {ours[more][kind] / ours[less][kind]:.2f}" for kind in MEASURED
            )
            print(f"\nours, a file of {more} against one of {less}: {told}; {WANTED_OF_SIZES}")
    for item in sorted(bench.wrong):
        print(f"WRONG {item}")
    if not bench.wrong:
        print("every job read every figure of the main form as it was typed")
    return 0 if met and not bench.wrong else 1


def reruns(inbox: Path, forms: str, folder: Path) -> dict[str, Took]:
    """Merge an inbox in a new working folder, then again, then with one file in a hundred changed.

    Each is ``consolidate merge`` as a process of its own, from its start to its end; gives what
    each took.

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


def _rerun(item: tuple[str, Took]) -> str:
    name, (wall, cpu) = item
    return f"{name} {wall:.2f} wall, {cpu:.2f} cpu"


def _guarded(bench: Bench, rounds: int) -> int:
    """Tell the ratio of what one more file costs two jobs."""
    job, floor, most = GUARD
    bench.round((job, floor), 1, ())  # Modules are compiled now.
    ratio = median(
        bench.one_more(job, 1, GUARDED)["cpu"] / bench.one_more(floor, 1, GUARDED)["cpu"]
        for _ in range(rounds)
    )
    print(f"a file costs {job} {ratio:.1f} times what it costs {floor}; at most {most}")
    for item in sorted(bench.wrong):
        print(f"WRONG {item}")
    return 0 if ratio <= most and not bench.wrong else 1


def _report(rounds: list[Round], count: int, sampled: Collection[str]) -> bool:
    """Print what jobs took and their ratios; whether all that the exit code goes by is met."""

    def ratio(job: str, beside: str, kind: str) -> float:
        return median(item[job][kind] / item[beside][kind] for item in rounds)

    print(f"\n{count} returns, {len(rounds)} rounds")
    print(f"{'':<20}{'ms a file':>18}{'times ours':>18}{'':>9}")
    print(f"{'job':<20}" + "".join(f"{word:>9}" for word in ("wall", "cpu", "wall", "cpu", "MB")))
    for job in rounds[0]:
        each = [median(item[job][kind] for item in rounds) for kind in ("wall", "cpu")]
        times = [ratio(job, "ours", kind) for kind in ("wall", "cpu")]
        memory = max(item[job]["memory"] for item in rounds)
        line = f"{job:<20}" + "".join(f"{value:>9.2f}" for value in (*each, *times))
        print(f"{line}{memory:>9.0f}{'  one more file' if job in sampled else ''}")
    met = True
    print(f"\n{'ratio':<32}{'wall':>9}{'cpu':>9}{'wanted':>9}  met by wall/cpu")
    for item in WANTED:
        if not {item.job, item.beside} <= rounds[0].keys():
            continue
        wall, cpu = (ratio(item.job, item.beside, kind) for kind in ("wall", "cpu"))
        wanted = f"{'<=' if item.at_most else '>='} {item.bound:g}"
        said = "/".join("yes" if item.met(value) else "no" for value in (wall, cpu))
        if item.least is not None and count == SMALL:
            met &= wall >= item.least
            said += f"; at least {item.least:g}" + ("" if wall >= item.least else " MISSED")
        name = f"{item.job} / {item.beside}"
        print(f"{name:<32}{wall:>9.2f}{cpu:>9.2f}{wanted:>9}  {said}")
    memory = max(item["ours"]["memory"] for item in rounds)
    if count == SMALL:
        met &= memory <= MEMORY_AT_MOST
        print(f"ours: {memory:.0f} MB, at most {MEMORY_AT_MOST:.0f}")
    return met


if __name__ == "__main__":
    sys.exit(main())
