"""The targets themselves, without atheris: what a job begins with keeps every promise."""

from __future__ import annotations

import pytest

from tests.fuzz.packages import mutate
from tests.fuzz.targets import TARGETS
from tests.xlsx.packages import workbook


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_job_begins_with_keeps_every_promise(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    assert seeds
    for seed in (b"", *seeds):
        assert len(seed) <= target.longest
        target.ask(seed)


def test_a_mutation_is_another_file_and_the_same_one_every_time() -> None:
    data = workbook()
    changed = {mutate(data, seed) for seed in range(30)}
    assert len(changed) > 20
    assert changed == {mutate(data, seed) for seed in range(30)}
    assert mutate(b"no package", 1) == b"no package"
