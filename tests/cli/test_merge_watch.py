"""``merge --watch``: what happens in an inbox is told here, look by look; no clock is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from consolidate.cli import merge_output
from consolidate.cli.main import main
from consolidate.cli.merge_output import PATIENCE, REST
from consolidate.definitions.catalogue import text
from tests.recipes.recipe import Recipe

Looks = Iterator[Collection[object]]
HAPPENED, NOTHING = {"something"}, frozenset[object]()
CLEAN = Recipe("clean").build()
WRONG = Recipe(
    "wrong", values={"cover.unit_code": "S03", "cover.unit_name": "Sở Y tế", "pctn_01.c3": "nhiều"}
).build()


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "hộp thư đến"
    folder.mkdir()
    (folder / "Sở Nội vụ.xlsx").write_bytes(CLEAN)
    return folder


@pytest.fixture
def watched(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Looks], tuple[int, str]]:
    """Watch the inbox over some looks; the exit code and what was said since watching began."""

    def run(looks: Looks) -> tuple[int, str]:
        monkeypatch.setattr(merge_output, "looks_at", lambda _: looks)
        code = main(["merge", str(inbox), "--jobs", "0"])
        assert code == 0
        capsys.readouterr()
        code = main(["merge", str(inbox), "--jobs", "0", "--watch"])
        out = capsys.readouterr().out
        assert max(map(len, out.splitlines())) <= 80
        began = text("cli.merge.watching").split("“")[0]
        return code, out[out.index(began) :]

    return run


def merges(out: str) -> int:
    """How many times it was merged while it was watched."""
    return " ".join(out.split()).count("tệp được tính vào tổng hợp")


def test_files_that_arrive_are_merged_and_told_once_they_are_whole(
    inbox: Path, watched: Callable[[Looks], tuple[int, str]]
) -> None:
    new = inbox / "Sở Y tế.xlsx"

    def looks() -> Looks:
        yield NOTHING
        new.write_bytes(WRONG[:5_000])
        yield HAPPENED
        yield NOTHING  # It lies still, and is only a part.
        new.write_bytes(WRONG)
        yield HAPPENED
        yield NOTHING
        yield NOTHING
        raise KeyboardInterrupt

    code, out = watched(looks())
    assert code == 1
    assert merges(out) == 1
    assert "+ Sở Y tế.xlsx · Đã nhận, có điểm cần xử lý · 1 lỗi, 0 cảnh báo" in " ".join(
        out.split()
    )
    assert "Sở Nội vụ.xlsx" not in out
    assert out.rstrip().endswith(text("cli.merge.watch_ended"))


def test_what_is_taken_away_or_stays_damaged_is_told_too(
    inbox: Path, watched: Callable[[Looks], tuple[int, str]]
) -> None:
    damaged, clean = inbox / "hỏng.xlsx", inbox / "Sở Nội vụ.xlsx"

    def looks() -> Looks:
        damaged.write_bytes(CLEAN[:5_000])
        yield HAPPENED
        for _ in range(PATIENCE + 1):
            yield NOTHING
        damaged.unlink()
        yield HAPPENED
        yield NOTHING
        clean.touch()  # Of another time and the same bytes: merged, and nothing to tell.
        yield HAPPENED
        yield NOTHING

    code, out = watched(looks())
    assert code == 0
    assert merges(out) == 3
    assert f"+ hỏng.xlsx · {text('terms.outcome.unreadable')}" in out
    assert f"– {text('cli.merge.gone_file', name='hỏng.xlsx')}" in out
    assert "Sở Nội vụ.xlsx" not in out


def test_a_refused_merge_ends_no_watch_and_is_said_once(
    inbox: Path, watched: Callable[[Looks], tuple[int, str]]
) -> None:
    roster = inbox.parent / "roster.xlsx"

    def looks() -> Looks:
        roster.write_bytes(b"%PDF")
        (inbox / "Sở Y tế.xlsx").write_bytes(WRONG)
        yield HAPPENED
        yield NOTHING
        for _ in range(2 * REST):
            yield NOTHING
        roster.unlink()
        for _ in range(REST):
            yield NOTHING

    code, out = watched(looks())
    refused = " ".join(text("roster.unreadable", file="roster.xlsx").split())
    assert " ".join(out.split()).count(refused) == 1
    assert (code, merges(out)) == (1, 1)


def test_without_the_library_it_is_said_what_to_install(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["merge", str(inbox), "--watch"]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert text("cli.merge.needs_watchfiles") in err
    assert not (inbox.parent / "results").exists()
