"""A cluster of processes reads an inbox as this process does; one that dies is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import pytest

from consolidate.intake.inbox import scan
from consolidate.merge import read_files
from consolidate.merge.read_files import read_inbox
from consolidate.merge.worker_processes import DaskWorkers
from consolidate.model.returns import Source
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")
DEADLY = "07.xlsx"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        silence_logs=True,
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as connected:
        yield connected


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    whole = Recipe("clean").build()
    for number in range(20):
        (tmp_path / f"{number:02}.xlsx").write_bytes(whole[: -number or None])
    (tmp_path / "liên kết.xlsx").symlink_to(tmp_path / "00.xlsx")
    return tmp_path


@pytest.mark.parametrize("sends", [False, True])
def test_a_cluster_reads_what_this_process_reads(client: Any, inbox: Path, *, sends: bool) -> None:
    workers = DaskWorkers(client, sends=sends)
    assert workers.submit(os.getpid).result() != os.getpid()
    assert read_inbox(library_2018(), scan(inbox), workers) == read_inbox(
        library_2018(), scan(inbox)
    )


def _make_deadly(plugin: object, worker: object) -> None:
    """Let a worker end at one file."""
    del plugin, worker
    here = vars(read_files)
    read = here["read_source"]

    def read_or_die(path: str, *args: Any, **kwargs: Any) -> Source:
        if path == DEADLY:
            os._exit(9)
        found: Source = read(path, *args, **kwargs)
        return found

    here["read_source"] = read_or_die


def test_a_file_that_ends_every_worker_takes_no_other_with_it(client: Any, inbox: Path) -> None:
    """What the cluster loses is read here, where nothing but the file itself can be lost."""
    before = set(client.run(os.getpid).values())
    deadly = type("Deadly", (distributed.WorkerPlugin,), {"setup": _make_deadly})
    client.register_plugin(deadly(), name="deadly")  # Of a worker that replaces another, too.
    try:
        read = read_inbox(library_2018(), scan(inbox), DaskWorkers(client))
        client.wait_for_workers(2)
        assert not before & set(client.run(os.getpid).values())
    finally:
        client.unregister_worker_plugin("deadly")
        client.restart()
    assert read == read_inbox(library_2018(), scan(inbox))


def test_a_task_that_ends_its_workers_is_lost_and_the_cluster_goes_on(client: Any) -> None:
    workers = DaskWorkers(client)
    with pytest.raises(BrokenExecutor):
        workers.submit(os._exit, 9).result(timeout=60)
    assert workers.submit(len, "abc").result(timeout=60) == 3
