"""What a unit can put into an inbox never chooses, leads elsewhere, hides or hangs; beside each
attack stands the ordinary case."""

from __future__ import annotations

import io
import json
import os
import socket
import unicodedata
import zipfile
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from addin.buttons import merge_and_status_buttons as merge_button
from consolidate.actions import check as checking
from consolidate.actions.return_files import CopyKind, unit_files
from consolidate.actions.workspaces import round_inbox
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.intake import plain_files
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import is_link
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import read_inbox, start_workers, workers
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome
from consolidate.model.text import visible
from consolidate.province.workspace import Workspace
from tests.library_2018 import library_2018
from tests.merge.province import NINE, UNITS, Province, blank_filled
from tests.saved import saved

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and names of POSIX")
CONFIG = 'format = "consolidate/workspace/1"\ndatabase = "postgresql://kẻ-xấu.example/x"\n'
RETURN = blank_filled(UNITS[1], NINE, c3=7)


def run(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a command, and all that it said on one line."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, " ".join((said.out + said.err).split())


def outcomes(folder: Path) -> dict[str, str]:
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return {item["file"]: item["outcome"] for item in document["returns"]}


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ordinary inbox with one return."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "thư"
    folder.mkdir()
    (folder / "H1.xlsx").write_bytes(RETURN)
    return folder


# A workspace is found from above only


@pytest.mark.parametrize(
    "config", [CONFIG.encode(), b"\xff\xfe\0 junk", b"a = " + b"[" * 9_000, b"x" * 3_000_000]
)
@pytest.mark.parametrize("deep", [False, True])
def test_settings_in_an_inbox_are_one_more_file(
    inbox: Path, capsys: pytest.CaptureFixture[str], config: bytes, deep: bool
) -> None:
    sent = inbox / "đợt 1" if deep else inbox
    for name in ("inbox", "results", "register", "forms/x"):
        (sent / name).mkdir(parents=True)
    (sent / "consolidate.toml").write_bytes(config)
    (sent / "roster.xlsx").write_bytes(b"PK junk")
    (sent / "passwords.txt").write_bytes(b"\xff\xfe")
    (sent / "forms/x/pack.toml").write_bytes(b"junk = ")
    code, said = run("merge", inbox, "--period", NINE.code, "--jobs", "0", capsys=capsys)
    assert code == 1, said
    told = outcomes(Path("results")).items()
    found = {name.rpartition("/")[2]: outcome for name, outcome in told}
    assert found.pop("H1.xlsx") == "accepted"
    assert found.keys() == {"consolidate.toml", "roster.xlsx", "passwords.txt", "pack.toml"}
    assert set(found.values()) <= {"not_a_report", "unreadable"}
    assert Workspace.of_inbox(library_2018(), inbox) is None
    assert not any(sent.joinpath("results").iterdir())
    assert not any(sent.joinpath("register").iterdir())
    assert run("check", inbox / "H1.xlsx", capsys=capsys)[0] == 0


def test_a_folder_of_that_name_and_the_button(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "consolidate.toml").mkdir()
    (inbox / "consolidate.toml" / "H1 (2).xlsx").write_bytes(RETURN)
    result = merge(MergeRequest(library_2018(), inbox, NINE))
    assert [record.outcome for record in result.records] == [Outcome.DUPLICATE, Outcome.ACCEPTED]
    asked: list[Any] = []

    class Asked(Exception):
        pass

    def stop(order: Any, *_: object) -> None:
        asked.append(order)
        raise Asked

    (inbox / "đợt 2").mkdir()
    (inbox / "đợt 2" / "consolidate.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setattr(merge_button, "do_merge", stop)
    monkeypatch.setattr(merge_button, "replacing", lambda _: nullcontext())
    monkeypatch.setattr(merge_button, "_wanted", lambda _: merge_button._Wanted(inbox / "đợt 2"))
    session: Any = SimpleNamespace(today=lambda: None, counted=lambda _: None)
    with pytest.raises(Asked):
        merge_button.merge_inbox(session)
    assert asked[0].workspace is None


def test_the_root_that_names_an_inbox_is_its_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "tỉnh"
    assert run("init", root, capsys=capsys)[0] == 0
    deep = root / "inbox" / NINE.code
    deep.mkdir()
    (deep / "H1.xlsx").write_bytes(RETURN)
    for folder in (deep, root / "inbox"):
        (folder / "consolidate.toml").write_text(CONFIG, encoding="utf-8")
        found = Workspace.of_inbox(shipped_library(), folder)
        assert found is not None
        assert found.root == root.resolve()
    assert Workspace.of_inbox(shipped_library(), root) is None
    assert Workspace.of_inbox(shipped_library(), root / "outbox") is None
    # Nor does a person make or name one there.
    for place in (deep, deep / "gửi nhầm"):
        for call in (("init", place), ("runs", "--workspace", place), ("issue", NINE.code,
                     "--workspace", place), ("merge", deep, "--workspace", place)):  # fmt: skip
            code, said = run(*call, capsys=capsys)
            assert (code, text("workspace.in_inbox", folder=place) in said) == (2, True), said
    assert {path.name for path in deep.iterdir()} == {"H1.xlsx", "consolidate.toml"}
    assert run("runs", "--workspace", root, capsys=capsys)[0] == 0
    # Without the workspace nothing that lies among files of units takes the place of its roster.
    (root / "inbox" / "roster.xlsx").write_bytes(b"junk")
    code, said = run("merge", deep, "--no-workspace", "--dry-run", "--jobs", "0", capsys=capsys)
    assert code == 1, said
    code, said = run("merge", root, capsys=capsys)
    assert (code, text("cli.merge.not_inbox", path=root) in said) == (2, True)
    if os.name == "posix":
        elsewhere = tmp_path / "khác"
        elsewhere.mkdir()
        (elsewhere / "H1.xlsx").write_bytes(RETURN)
        (root / "inbox" / "2018-Y").symlink_to(elsewhere, target_is_directory=True)
        (root / "inbox" / "2018-6M").symlink_to(elsewhere, target_is_directory=True)
        # The round whose folder a button takes by itself is none that is only a link.
        assert round_inbox(Workspace.at(shipped_library(), root)) == (deep.resolve(), NINE)
        code, said = run("merge", root / "inbox" / "2018-6M", capsys=capsys)
        linked = text("cli.merge.inbox_link", path=root / "inbox" / "2018-6M")
        assert (code, linked in said) == (2, True)
        # An inbox on another disk is the province's own doing.
        (root / "inbox").rename(tmp_path / "ổ chung")
        (root / "inbox").symlink_to(tmp_path / "ổ chung", target_is_directory=True)
        found = Workspace.of_inbox(shipped_library(), deep)
        assert found is not None
        assert found.root == root.resolve()


# Links


@posix
def test_links_are_listed_and_never_read(inbox: Path, tmp_path: Path) -> None:
    outside = tmp_path / "ngoài"
    outside.mkdir()
    (outside / "mật.xlsx").write_bytes(RETURN)
    links = {
        "tệp ngoài.xlsx": outside / "mật.xlsx",
        "thư mục ngoài": outside,
        "hỏng.xlsx": tmp_path / "không có",
        "trong.xlsx": inbox / "H1.xlsx",
        "vòng": inbox,
        "tự.xlsx": inbox / "tự.xlsx",
        "Thumbs.db": outside,
    }
    (inbox / "cấp xã").mkdir()
    for name, target in links.items():
        (inbox / "cấp xã" / name).symlink_to(target)
    (inbox / "cấp xã" / "X2.xlsx").write_bytes(blank_filled(UNITS[3], NINE, c3=1))
    os.mkfifo(inbox / "ống.xlsx")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(inbox / "ổ cắm"))
        listed = scan(inbox)
        sources = read_inbox(library_2018(), listed)
    told = {one.path: (one.outcome, one.reason) for source in sources for one in source.readings}
    linked = (Outcome.UNREADABLE, because("intake.link"))
    special = (Outcome.UNREADABLE, because("intake.not_a_file"))
    assert told == {
        **{f"cấp xã/{name}": linked for name in links},
        "ống.xlsx": special,
        "ổ cắm": special,
        "H1.xlsx": (None, None),
        "cấp xã/X2.xlsx": (None, None),
    }
    assert listed.ignored == ()
    assert "liên kết, không đọc" in text("intake.link")


@pytest.mark.parametrize(
    ("tag", "link"),
    [
        (0xA000_000C, True),  # IO_REPARSE_TAG_SYMLINK
        (0xA000_0003, True),  # IO_REPARSE_TAG_MOUNT_POINT: a junction
        (0x9000_601A, False),  # A file of OneDrive that is not on this machine yet
        (0x8000_0013, False),  # A file that the server keeps once for all (deduplication)
    ],
)
def test_junctions_are_links_and_placeholders_are_files(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, tag: int, link: bool
) -> None:
    (inbox / "mối nối").mkdir()
    (inbox / "mối nối" / "H1.xlsx").write_bytes(RETURN)
    real = os.lstat

    def lstat(path: Any) -> Any:
        found = real(path)
        point = str(path).endswith("mối nối")
        return SimpleNamespace(
            st_mode=found.st_mode,
            st_file_attributes=0x410 if point else 0x20,
            st_reparse_tag=tag if point else 0,
        )

    monkeypatch.setattr(plain_files.os, "lstat", lstat)
    assert is_link(inbox / "mối nối") is link
    inside = "mối nối" if link else "mối nối/H1.xlsx"
    assert scan(inbox).files == ("H1.xlsx", inside)


# Names


def hidden(said: str) -> set[str]:
    """Signs of a text that are not seen, or turn what stands around them."""
    return {sign for sign in said if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")} - {
        "\n"
    }


@posix
def test_no_name_reaches_a_terminal_or_a_report_as_it_is(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b]0;x\x07\x1b[2J\x9b31m\u202exslx\u2066\u061c\u2028\x85\nđã nhận đủ\x7f\udcff"
    book = load_workbook(io.BytesIO(RETURN))
    ((sheet, address),) = book.defined_names["cover.unit_name"].destinations
    book[sheet][address] = f"UBND \u202e{UNITS[1].name}\u2028\x85\x9b"
    book.create_sheet("Trang \u202elạ\x9b")
    book.save(inbox / f"{evil}.xlsx")
    with zipfile.ZipFile(inbox / "nén.zip", "w") as package:
        package.writestr("trong \u202exslx.exe\x1b.xlsx", b"junk")
    folder = inbox / "\u202eđợt"
    folder.mkdir()
    (folder / "rác.pdf").write_bytes(b"%PDF-1.4")
    for code, *command in (
        (1, "merge", inbox, "--period", NINE.code, "--jobs", "0"),
        (1, "check", inbox / f"{evil}.xlsx", inbox / "nén.zip"),
        (0, "check", "--json", inbox / f"{evil}.xlsx"),
        (2, "check", inbox / "\x1b[31mkhông có"),
    ):
        capsys.readouterr()
        assert main([str(part) for part in command]) == code
        said = capsys.readouterr()
        assert hidden(said.out + said.err) == set(), command
    document = (Path("results") / "result.json").read_text(encoding="utf-8")
    assert hidden(document) == set()
    assert "\\u00" not in document.replace("\\\\", "")
    names = set(outcomes(Path("results")))
    shown = visible(f"{evil}.xlsx")
    assert names == {"H1.xlsx", shown, "nén.zip", "\\u202eđợt/rác.pdf"}
    assert shown.startswith("\\x1b]0;x\\x07\\x1b[2J\\x9b31m\\u202exslx")
    (summary,) = Path("results").glob("*.xlsx")
    cells = [
        value
        for sheet in load_workbook(summary).worksheets
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, str)
    ]
    assert set().union(*map(hidden, cells)) <= {"\t"}
    assert any(shown in value for value in cells)


def test_two_names_never_become_one() -> None:
    ordinary = ("Sở Nội vụ (2).xlsx", "Báo cáo – quý III.xlsx", "a\\b.xlsx", "UBND xã\u00a0A.xlsx")
    assert [visible(name) for name in ordinary] == list(ordinary)
    names = ("a\u202e.xlsx", "a\\u202e.xlsx", "a\\\\u202e.xlsx", "a\\\u202e.xlsx")
    assert len({visible(name) for name in names}) == len(names)


# Limits, and the books of the province


@pytest.mark.parametrize(
    "content",
    [
        *("seconds = inf", "seconds = 1e400", "seconds = nan", "seconds = -1.0", "cells = 0"),
        *("memory = inf", "memory = nan", "cells = 1e400", "entries = 0.5", "depth = true"),
        *(f"memory = {10**30}", f"seconds = {10**400}", 'cells = "5"', "cells = [1]"),
        *("cells = 2018-01-01", "[cells]", f"memory = {'9' * 5_000}", "a = " + "[" * 5_000),
        *("x = 1", "cells = ", "# " + "x" * 1_100_000, "\udcff"),
    ],
)
def test_limits_that_are_none_are_a_wrong_call(
    inbox: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = Path("giới hạn.toml")
    path.write_bytes(content.encode(errors="surrogateescape"))
    for command in (("merge", inbox), ("check", inbox / "H1.xlsx"), ("annotate", inbox)):
        code, said = run(*command, "--limits", path, capsys=capsys)
        assert (code, f"Không đọc được tệp giới hạn “{path}”" in said) == (2, True), said


def test_limits_that_are_some_are_used(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("giới hạn.toml")
    path.write_text("seconds = 1.5e1\nmemory = 2_000_000_000\ncells = 3e6\n", encoding="utf-8")
    assert run("check", inbox / "H1.xlsx", "--limits", path, capsys=capsys)[0] == 0
    for bad in (Path(), Path("không có")):
        assert run("check", inbox / "H1.xlsx", "--limits", bad, capsys=capsys)[0] == 2


@cache
def bomb() -> bytes:
    """A workbook of some kilobytes that inflates to 210 MB."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(RETURN)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for entry in source.infolist():
            package.writestr(entry, source.read(entry))
        with package.open("xl/media/image1.png", "w") as part:
            for _ in range(210):
                part.write(bytes(1_000_000))
    return target.getvalue()


@cache
def far() -> bytes:
    """A workbook whose second cell is in the last corner: a full rectangle would not fit."""
    book = load_workbook(io.BytesIO(RETURN))
    for row in range(1, 1_200):
        book.worksheets[0].cell(row=row, column=16_384, value="x")
    book.worksheets[0]["A1048576"] = "x"
    return saved(book)


def test_books_of_the_province_go_through_the_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    root = Province.make(tmp_path / "tỉnh").workspace.root
    whole = {name: (root / name).read_bytes() for name in ("roster.xlsx", "calendar.xlsx")}
    (root / "inbox" / "H1.xlsx").write_bytes(RETURN)
    merging = ("merge", root / "inbox", "--period", NINE.code, "--as-of", "2018-09-01", "--dry-run")
    for name, content in whole.items():
        for hostile in (bomb(), far()):
            (root / name).write_bytes(hostile)
            code, said = run(*merging, "--jobs", "0", capsys=capsys)
            assert (code, text("kept.unsafe", file=name) in said) == (2, True), said
        (root / name).write_bytes(content)
    assert run(*merging, "--jobs", "0", capsys=capsys)[0] == 1
    (tmp_path / "danh sách.xlsx").write_bytes(bomb())
    code, said = run(*merging, "--roster", "danh sách.xlsx", capsys=capsys)
    assert (code, text("kept.unsafe", file="danh sách.xlsx") in said) == (2, True), said
    (root / "corrections.xlsx").write_bytes(bomb())
    code, said = run("adjust", "--workspace", root, capsys=capsys)
    assert (code, text("kept.unsafe", file="corrections.xlsx") in said) == (2, True), said
    (root / "forms" / "x").mkdir(parents=True)
    for hostile in (b"a = " + b"[" * 5_000, b"a = " + b"9" * 5_000, b"# " + bytes(2_000_000)):
        (root / "forms" / "x" / "pack.toml").write_bytes(hostile)
        code, said = run(*merging, capsys=capsys)
        assert (code, "forms/x/pack.toml:1:" in said) == (2, True), said


# The same limits everywhere


class Lost(Executor):
    """Workers none of which comes back."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(TimeoutError())
        return future


def test_single_files_are_read_under_the_limits_of_a_merge(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = checking.check_bytes(library_2018(), "sổ.xlsx", RETURN)
    monkeypatch.setattr(checking, "start_workers", start_workers)
    # The button of the add-in reads what Excel gives it by the same action.
    assert checking.check_bytes(library_2018(), "sổ.xlsx", RETURN) == here
    assert here.content is not None
    monkeypatch.setattr(checking, "start_workers", lambda *_: nullcontext(Lost()))
    lost = checking.check_bytes(library_2018(), "sổ.xlsx", RETURN)
    slow = because("intake.too_slow", detail="60")
    assert (lost.outcome, lost.reason) == (Outcome.UNREADABLE, slow)
    limits = Path("giới hạn.toml")
    limits.write_text("seconds = 7", encoding="utf-8")
    code, said = run("check", inbox / "H1.xlsx", "--limits", limits, capsys=capsys)
    assert (code, text("intake.too_slow", detail="7") in said) == (1, True), said


def test_a_file_that_ends_the_making_of_its_copy_gets_a_list(inbox: Path) -> None:
    (inbox / "H1.xlsx").write_bytes(blank_filled(UNITS[1], NINE, c3="nhiều"))
    result = merge(MergeRequest(library_2018(), inbox, NINE))

    def kinds(executor: Executor | None) -> list[CopyKind]:
        return [one.kind for one in unit_files(result, inbox, executor=executor)]

    assert kinds(Lost()) == [CopyKind.LIST, CopyKind.LETTER]
    with workers(result.library, inbox, 1) as pool:
        assert kinds(pool) == kinds(None) == [CopyKind.COPY, CopyKind.LETTER]
