"""Run ``python -m kit``: build the offline kit, ``--lock`` or ``--try`` what it holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kit.build_kit import KitError, build, install_here, lock


def main() -> int:
    """Build the kit and say where it is; 2 when it cannot be built."""
    parser = argparse.ArgumentParser(prog="python -m kit", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder of the zip")
    parser.add_argument(
        "--python", type=Path, help="installer or embeddable zip of Python for the kit to carry"
    )
    parser.add_argument("--lock", action="store_true", help="resolve setup.cfg anew; needs uv")
    parser.add_argument(
        "--try",
        dest="pythons",
        nargs="+",
        metavar="PYTHON",
        help="install the lock here, without a network, into new environments of these Pythons",
    )
    chosen = parser.parse_args()
    try:
        if chosen.lock:
            lock()
            return 0
        if chosen.pythons:
            for program in chosen.pythons:
                print(install_here(program, chosen.out / "tried"))
            return 0
        target = build(chosen.out, chosen.python)
    except KitError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
