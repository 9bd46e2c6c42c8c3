"""The tool that measures the ways of figures and of a rule finds them, from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.way import WAYS, Way, measured

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_followed_from_its_command_to_its_end(way: str) -> None:
    found = measured(way, ROOT)
    assert found.steps[0] == ("consolidate/cli/main.py", "main")
    assert len(found.steps) == len(set(found.steps)) > 10
    assert all((ROOT / file).is_file() for file, _ in found.steps)
    # Only what nothing is known of is read in whole.
    read_whole = ("consolidate/xlsx/read/read_workbook.py", "read_whole")
    assert (read_whole in found.steps) is (way == "figure")


def test_a_change_to_an_earlier_file_is_a_return() -> None:
    way = Way((("a", "1"), ("a", "2"), ("b", "3"), ("a", "4"), ("c", "5"), ("b", "6")))
    assert (way.files, way.returns) == (3, 2)
