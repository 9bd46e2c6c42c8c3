"""A merge asked for again does nothing where nothing changed and says the same; else it is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import click
import pytest

from consolidate.cli.errors_and_exit_codes import EXIT_USAGE
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Corrections, Waiver
from consolidate.province.calendar import build_calendar
from consolidate.province.roster import build_roster
from tests.merge.province import CALENDAR, NINE, ROSTER, UNITS, Province, blank_filled

SENT = [unit for unit in UNITS if unit.code in ("S1", "H1")]
GIVEN = [blank_filled(unit, NINE) for unit in SENT]


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Province:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    made = Province.make(tmp_path / "tỉnh")
    for unit, data in zip(SENT, GIVEN, strict=True):
        made.send(NINE, f"{unit.code}.xlsx", data)
    return made


Said = tuple[int, str, bool]


@pytest.fixture
def merged(province: Province, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Merge: the exit code, what is printed, whether it was made (and not found unchanged)."""

    def merge(*more: str, day: str = "2018-09-05") -> Said:
        inbox = str(province.inbox(NINE))
        code = main(["merge", inbox, "--as-of", day, "--jobs", "0", *more])
        out, err = capsys.readouterr()
        return code, out, text("cli.merge.unchanged") not in err

    return merge


def states(province: Province) -> dict[str, tuple[int, int]]:
    folders = (province.workspace.results, province.workspace.register)
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino)
        for folder in folders
        for path in folder.rglob("*")
    }


def test_a_merge_of_what_did_not_change_writes_nothing_and_says_the_same(
    province: Province, merged: Callable[..., Said]
) -> None:
    code, first, made = merged()
    assert made
    before = states(province)
    os.utime(province.inbox(NINE) / "S1.xlsx")  # Its bytes are what counts.
    recorded, again = (
        text(f"cli.merge.{key}", number=1) for key in ("recorded", "recorded_before")
    )
    assert merged() == (code, first.replace(recorded, again), False)
    assert states(province) == before
    # What it says is what a whole merge says.
    (record,) = (province.workspace.register / "unchanged").iterdir()
    record.unlink()
    assert merged() == (code, first.replace(recorded, again), True)


def waive(province: Province) -> None:
    waiver = Waiver("M1", "history.drop", "S1", None, "An", date(2018, 9, 1), "thử")
    with province.register() as register:
        register.add_corrections(Corrections(waivers=(waiver,)))


def results(province: Province) -> dict[str, Path]:
    return {path.suffix: path for path in province.workspace.results.iterdir()}


CHANGES: dict[str, Callable[[Province], object]] = {
    "a return": lambda p: p.send(NINE, "H1.xlsx", blank_filled(SENT[1], NINE, c3=7)),
    "a name": lambda p: (p.inbox(NINE) / "H1.xlsx").rename(p.inbox(NINE) / "huyện.xlsx"),
    "a file that no one reads": lambda p: p.send(NINE, "~$H1.xlsx", b""),
    "the summary": lambda p: results(p)[".xlsx"].write_bytes(b""),
    "the page": lambda p: results(p)[".html"].unlink(),
    "the roster": lambda p: p.workspace.roster_path.write_bytes(
        build_roster(replace(ROSTER, province="Tỉnh khác"))
    ),
    "the calendar": lambda p: p.workspace.calendar_path.write_bytes(
        build_calendar(replace(CALENDAR, rows=CALENDAR.rows[1:]), ("pctn",))
    ),
    "passwords": lambda p: p.workspace.passwords_path.write_text("mật khẩu", encoding="utf-8"),
    "a form": lambda p: (p.workspace.root / "forms").mkdir(),
    "a correction": waive,
    "a file kept": lambda p: next((p.workspace.register / "files").rglob("*.bin")).unlink(),
    "what is issued": lambda p: (p.workspace.outbox / "2018-Y").mkdir(),
    "the record": lambda p: next((p.workspace.register / "unchanged").iterdir()).write_text(
        "{}", encoding="utf-8"
    ),
}


def test_a_merge_of_what_changed_is_made(
    province: Province, merged: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, *_ = merged()
    to_be_made = EXIT_USAGE

    def ordered(*_: object) -> None:
        raise click.UsageError("Đã đặt tổng hợp")

    monkeypatch.setattr("consolidate.cli.merge_command._order", ordered)
    root = province.workspace.root
    saved = root.with_name("before")
    for name, change in CHANGES.items():
        assert merged()[0] == code, name
        shutil.copytree(root, saved)
        change(province)
        assert merged()[0] == to_be_made, name
        shutil.rmtree(root)
        saved.rename(root)
    assert merged()[0] == code
    assert merged(day="2018-09-06")[0] == to_be_made
    assert merged("--period", NINE.code)[0] == to_be_made
    assert merged("--dry-run")[0] == to_be_made
    assert merged("--no-workspace")[0] == to_be_made
    monkeypatch.setenv("COLUMNS", "70")
    assert merged()[0] == to_be_made
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("consolidate.actions.since_last_merge.__version__", "0")
    assert merged()[0] == to_be_made


def test_what_may_be_read_otherwise_tomorrow_is_read_again(
    province: Province, merged: Callable[..., Said]
) -> None:
    """A file that could not be read may have lacked a program or time."""
    province.send(NINE, "hỏng.xlsx", b"PK\x03\x04")
    assert merged()[2]
    assert merged()[2]


def test_what_arrives_while_a_merge_is_made_is_merged_next_time(
    province: Province, merged: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    from consolidate.merge import merge_inbox

    write = merge_inbox.write_results

    def late(*arguments: object, **more: object) -> object:
        province.send(NINE, "muộn.xlsx", blank_filled(UNITS[3], NINE))
        return write(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(merge_inbox, "write_results", late)
    assert merged()[2]
    assert merged()[2]
    assert not merged()[2]


def test_nothing_heavy_is_imported_where_nothing_changed(province: Province) -> None:
    call = ["merge", str(province.inbox(NINE)), "--as-of", "2018-09-05", "--jobs", "0"]
    script = (
        f"import sys; from consolidate.cli.main import main; main({call!r}); heavy = "
        "('sqlalchemy', 'python_calamine', 'xlsxwriter', 'pebble', 'consolidate.model.datasets')"
        "; print([name for name in heavy if name in sys.modules])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    assert "sqlalchemy" in said[0].stdout.splitlines()[-1]
    assert said[1].stdout.splitlines()[-1] == "[]"


def test_a_merge_of_a_changed_file_imports_only_what_it_uses(province: Province) -> None:
    """The register, the reader and the writer are in use; what other commands need is not."""
    inbox = province.inbox(NINE)
    call = ["merge", str(inbox), "--as-of", "2018-09-05"]
    seldom = (
        *("pandas", "numpy", "openpyxl", "docx", "lxml", "alembic", "rich", "tarfile"),
        *("pebble", "multiprocessing", "py7zr", "psycopg", "watchfiles"),
        *("rapidfuzz", "consolidate.register.backup_file", "consolidate.templates.form"),
    )
    script = (
        f"import sys; from consolidate.cli.main import main; main({call!r}); "
        f"print([name for name in {seldom!r} if name in sys.modules])"
    )
    assert main(call) in (0, 1)
    province.send(NINE, "H1.xlsx", blank_filled(SENT[1], NINE, c3=7))
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        encoding="utf-8",
    )
    assert text("cli.merge.unchanged") not in ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"
