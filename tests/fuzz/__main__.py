"""``python -m tests.fuzz``: throw mutated files and texts at intake for a while.

    python -m tests.fuzz [--seconds 60] [--target gate|…|all] [--out folder] [--seed number]

Ends with 0 when every promise held for that long, with 1 when one was broken; the input that broke
it is then in the folder. Needs ``pip install -e '.[test,fuzz]'`` (atheris: wheels for Linux).

The properties of the test suite draw the same inputs in every ordinary run (``tests/draws.py``);
they search freely with ``python -m pytest --hypothesis-profile=free``.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import TARGETS

MEMORY_MB = 1_024
ONE_INPUT_SECONDS = 20
GRACE_SECONDS = 60
"""How much longer than asked a job may take before it counts as hung."""


def main() -> int:
    """Run the chosen targets one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--target", choices=["all", *TARGETS], default="all")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: pip install -e '.[test,fuzz]'", file=sys.stderr)
        return 1
    names = list(TARGETS) if asked.target == "all" else [asked.target]
    asked.out.mkdir(parents=True, exist_ok=True)
    broken = []
    for name in names:
        seconds = max(1, asked.seconds // len(names))
        print(f"{name}: {seconds} s", flush=True)
        if not run(name, seconds, asked.out, asked.seed):
            broken.append(name)
    if broken:
        print(f"broken: {', '.join(broken)}; inputs in {asked.out}", file=sys.stderr)
    return 1 if broken else 0


def run(name: str, seconds: int, out: Path, seed: int) -> bool:
    """Fuzz one target for so many seconds; whether every promise held."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(TARGETS[name].seeds()):
            Path(corpus, f"seed-{number}").write_bytes(data)
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.job",
            name,
            f"-max_total_time={seconds}",
            f"-timeout={ONE_INPUT_SECONDS}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={TARGETS[name].longest}",
            f"-artifact_prefix={out.resolve()}/{name}-",
            f"-seed={seed}",
            "-print_final_stats=1",
            corpus,
        ]
        try:
            done = subprocess.run(command, check=False, timeout=seconds + GRACE_SECONDS)
            return done.returncode == 0
        except subprocess.TimeoutExpired:
            return False


if __name__ == "__main__":
    sys.exit(main())
