"""Files are read in any executor alike, and one that is lost is one outcome, nobody else's."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consolidate.intake.inbox import scan
from consolidate.intake.read_file import ReadSettings, read_source
from consolidate.merge import read_files as reading
from consolidate.merge.read_files import check, check_many, read_inbox, workers
from consolidate.merge.worker_processes import Workers
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import FileReading, Outcome, Source
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_gate import Limits
from tests.library_2018 import library_2018
from tests.recipes.recipe import clean_values
from tests.saved import packed

SETTINGS = ReadSettings()


def unreadable(name: str, reason: Reason, member: str = "") -> FileReading:
    return FileReading(name, "", 0, outcome=Outcome.UNREADABLE, reason=reason, member=member)


@pytest.fixture(scope="module")
def filled() -> bytes:
    return build_template(library_2018(), "pctn", Prefill(values=clean_values("pctn")))


@pytest.fixture(scope="module")
def inbox(filled: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(5):
        (folder / f"S{number}.xlsx").write_bytes(filled)
    (folder / "thư.zip").write_bytes(packed({"A.xlsx": filled, "B.pdf": b"%PDF-", "C.xlsx": b""}))
    return folder


class Inline(Executor):
    """Runs a task at once; one that reads a poisoned name, or a poisoned member, is lost."""

    def __init__(
        self, poisoned: tuple[object, ...], *, at_once: bool = False, how: type[Exception]
    ) -> None:
        self.poisoned = poisoned
        self.at_once = at_once
        self.how = how
        self.asked: list[object] = []

    def submit(self, task: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        what: list[str | int] = []
        for arg in args:
            if isinstance(arg, str | int):
                what.append(arg)
            elif isinstance(arg, list | tuple | dict):
                what += arg
        self.asked += what
        if any(name in self.poisoned for name in what):
            if self.at_once:
                raise self.how
            future.set_exception(self.how())
        else:
            future.set_result(task(*args, **kwargs))
        return future


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Inline]:
    """Sets what happens to files that are read once more, each as a task of its own."""

    def arrange(*poisoned: object, how: type[Exception]) -> Inline:
        pool = Inline(poisoned, how=how)
        monkeypatch.setattr(reading, "_received", [library_2018()])
        monkeypatch.setattr(reading, "start_workers", lambda *_: pool)
        monkeypatch.setattr(reading, "CHUNK", 2)
        return pool

    return arrange


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("how", "key"),
    [
        (BrokenProcessPool, "intake.crashed"),
        (TimeoutError, "intake.too_slow"),
        (MemoryError, "intake.too_hungry"),
    ],
)
def test_a_file_that_is_lost_costs_only_itself(
    inbox: Path, alone: Callable[..., Inline], at_once: bool, how: type[Exception], key: str
) -> None:
    serial = read_inbox(library_2018(), scan(inbox))
    pool = alone("S1.xlsx", how=how)
    seen: list[tuple[int, int]] = []
    sources = read_inbox(
        library_2018(),
        scan(inbox),
        Inline(("S1.xlsx",), at_once=at_once, how=BrokenProcessPool),
        lambda done, all_: seen.append((done, all_)),
    )
    reason = because(key, detail="60") if key == "intake.too_slow" else because(key)
    lost = Source((unreadable("S1.xlsx", reason),))
    assert sources == (serial[0], lost, *serial[2:])
    assert pool.asked[:2] == ["S0.xlsx", "S1.xlsx"]
    assert seen[-1] == (6, 6)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_file_that_is_too_much_for_this_process_costs_only_itself(
    inbox: Path, alone: Callable[..., Inline], monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = read_inbox(library_2018(), scan(inbox))
    alone("S1.xlsx", how=MemoryError)

    def hungry(name: str, *asked: Any) -> Source:
        if name == "S1.xlsx":
            raise MemoryError
        return read_source(name, *asked)

    monkeypatch.setattr(reading, "read_source", hungry)
    lost = Source((unreadable("S1.xlsx", because("intake.too_hungry")),))
    assert read_inbox(library_2018(), scan(inbox)) == (serial[0], lost, *serial[2:])


def test_an_archive_that_is_lost_is_read_member_by_member(
    inbox: Path, alone: Callable[..., Inline]
) -> None:
    serial = read_inbox(library_2018(), scan(inbox))[-1]
    assert [item.member for item in serial.readings] == ["A.xlsx", "B.pdf", "C.xlsx"]
    pool = alone("S4.xlsx", 1, how=BrokenProcessPool)
    original = pool.submit

    def submit(task: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # The archive kills whoever reads the whole of it.
        if args[0] is check and args[2:] == ("thư.zip", SETTINGS):
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool())
            return future
        return original(task, *args, **kwargs)

    pool.submit = submit  # type: ignore[method-assign]
    source = read_inbox(library_2018(), scan(inbox), Inline(("thư.zip",), how=BrokenProcessPool))[
        -1
    ]
    first, _, last = serial.readings
    lost = unreadable("thư.zip", because("intake.crashed"), "B.pdf")
    assert source.readings == (first, lost, last)


def test_a_path_that_cannot_be_read_is_an_outcome(tmp_path: Path) -> None:
    lost = unreadable("mất.xlsx", because("intake.unreadable_path", detail="FileNotFoundError"))
    assert check(library_2018(), tmp_path / "mất.xlsx") == Source((lost,))
    assert check_many(library_2018(), {"mất.xlsx": tmp_path / "mất.xlsx"}) == [Source((lost,))]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ống.xlsx")
    lost = unreadable("ống.xlsx", because("intake.not_a_file"))
    assert check(library_2018(), tmp_path / "ống.xlsx").readings == (lost,)


def test_a_file_too_large_to_hold_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "to.xlsx").open("wb") as file:
        file.truncate(600_000_000)
    (found,) = check(library_2018(), tmp_path / "to.xlsx").readings
    assert (found.size, found.reason) == (600_000_000, because("intake.too_large", detail="600 MB"))


def test_a_folder_that_may_not_be_listed_is_an_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kín").mkdir()
    listed = os.scandir

    def refusing(path: Any) -> Any:
        if str(path).endswith("kín"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    inbox = scan(tmp_path)
    assert inbox.files == ("kín",)
    (source,) = read_inbox(library_2018(), inbox)
    assert source.readings[0].reason == because("intake.not_a_file")


def test_the_limits_of_the_settings_reach_the_worker(inbox: Path, filled: bytes) -> None:
    settings = replace(SETTINGS, limits=Limits(file_size=len(filled) - 1))
    with workers(library_2018(), inbox, 1, settings) as pool:
        assert isinstance(pool, Workers)
        sources = read_inbox(library_2018(), scan(inbox), pool, settings=settings)
    assert sources[0].readings[0].reason == because("intake.too_large", detail="0 MB")
