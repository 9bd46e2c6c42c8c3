"""The jobs of the benchmarks run and agree, on a few files; what they take is nobody's test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.contenders import ANNOTATING, ISSUING, JOBS
from benchmarks.inbox import make_inbox


@pytest.mark.parametrize(
    "jobs", [JOBS, ISSUING, ANNOTATING], ids=["merging", "issuing", "annotating"]
)
def test_all_jobs_come_to_the_same(
    jobs: dict[str, Callable[[Path, Path], float]], tmp_path: Path
) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    out.mkdir()
    assert make_inbox(inbox, 4) > 0
    found = {name: job(inbox, out) for name, job in jobs.items()}
    (total,) = set(found.values())
    assert total > 0
