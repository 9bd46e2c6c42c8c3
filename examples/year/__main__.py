"""``python -m examples.year FOLDER [--seed N] [--units small|full] [--jobs N]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from examples.year.province import SIZES
from examples.year.story import closing, run_year


def main(arguments: list[str] | None = None) -> int:
    """Run the year; 0 when everything agrees, 1 with the list of differences, 2 a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m examples.year", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="thư mục mới cho cả năm")
    parser.add_argument("--seed", type=int, default=2018, help="số gieo của số liệu")
    parser.add_argument("--units", choices=sorted(SIZES), default="full", help="tỉnh nhỏ hay đủ")
    parser.add_argument("--jobs", default="", metavar="N", help="như consolidate merge --jobs")
    parser.add_argument("--times", action="store_true", help="in số giây CPU của từng lệnh")
    parser.add_argument(
        "--rounds", type=int, choices=range(1, 5), default=4, help="chỉ các kỳ đầu (1 đến 4)"
    )
    parser.add_argument(
        "--office", action="store_true", help="so mọi sổ thêm một lần, do LibreOffice tính lại"
    )
    given = parser.parse_args(arguments)
    try:
        story = run_year(
            given.folder,
            size=given.units,
            seed=given.seed,
            jobs=given.jobs,
            rounds=given.rounds,
            office=given.office,
        )
    except FileExistsError:
        print(f"Thư mục {given.folder} không trống. Chọn một thư mục mới.", file=sys.stderr)
        return 2
    for line in closing(story):
        print(line)
    if given.times:
        for command, seconds in story.desk.seconds.items():
            print(f"  {command}: {len(seconds)} lần, {sum(seconds):.1f} giây CPU")
    return 1 if story.found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
