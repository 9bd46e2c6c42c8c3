"""Tracing in a workspace: parts of its inbox, and the register's copies of files that are gone."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw
from openpyxl import load_workbook

from consolidate.actions.workspaces import kept_bytes
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.province.workspace import Workspace
from tests.addin.conftest import EXAMPLES, PCTN, Excel
from tests.addin.vba_stubs import armed_book
from tests.addin.workspaces import DAY, column_of, files_in, made_workspace, summary_path, use
from tests.library_2018 import library_2018

SHEET = "Biểu 01 theo đơn vị"
NAME, PLACE = Path(PCTN).name, ("Biểu 01", "F15")
"""Where the figure stands that the tests trace: MS 4, for which the unit typed "03"."""


@pytest.fixture(scope="module")
def merged_part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a folder of its inbox was merged: a return, and an archive with it."""
    workspace = made_workspace(tmp_path_factory.mktemp("truy = nguồn") / "tỉnh", PCTN)
    part = workspace.inbox / "2018-9M"
    (workspace.inbox / Path(PCTN).parent).rename(part)
    main(["merge", str(part), "--as-of", f"{DAY}", "--jobs", "0"])
    return workspace.root


@pytest.fixture
def workspace(merged_part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    (tmp_path / "tạm").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tạm"))
    return Workspace.at(library_2018(), shutil.copytree(merged_part, tmp_path / "tỉnh"))


def trace(excel: Excel, workspace: Workspace) -> xw.Book:
    """Press the button on the figure; the summary."""
    book = excel.open(summary_path(workspace))
    excel.select(book.sheets[SHEET], f"{column_of(book.sheets[SHEET], 'S01')}14")
    excel.press("trace")
    return book


def path_in_front(excel: Excel) -> Path:
    return Path(excel.app.books.active.fullname)


def test_a_figure_of_a_part_of_the_inbox_leads_to_its_file(excel: Excel, workspace: Workspace):
    trace(excel, workspace)
    assert excel.alerts == []
    assert excel.selected == (NAME, *PLACE)
    assert path_in_front(excel) == workspace.inbox / "2018-9M" / NAME


def test_of_files_of_the_same_name_the_one_that_was_merged_is_taken(
    excel: Excel, workspace: Workspace
):
    other = workspace.inbox / NAME
    load_workbook(workspace.inbox / "2018-9M" / NAME).save(other)
    trace(excel, workspace)
    assert excel.alerts == []
    assert path_in_front(excel) == workspace.inbox / "2018-9M" / NAME


def gone(file: Path) -> None:
    file.unlink()


def changed(file: Path) -> None:
    load_workbook(file).save(file)


@pytest.mark.parametrize(
    ("excel", "harm", "key", "answer", "opened"),
    [
        ("file", gone, "kept_gone", "yes", "register"),
        ("file", gone, "kept_gone", "no", ""),
        ("file", changed, "kept_changed", "yes", "register"),
        ("file", changed, "kept_changed", "no", "inbox"),
        ("file", changed, "kept_changed", "cancel", ""),
        pytest.param("live", gone, "kept_gone", "yes", "register", marks=pytest.mark.office),
        pytest.param("live", changed, "kept_changed", "no", "inbox", marks=pytest.mark.office),
    ],
    indirect=["excel"],
)
def test_what_the_register_keeps_is_offered_read_only(
    excel: Excel,
    workspace: Workspace,
    harm: Callable[[Path], None],
    key: str,
    answer: str,
    opened: str,
):
    use(workspace)
    harm(workspace.inbox / "2018-9M" / NAME)
    before = files_in(workspace.root)
    excel.answers.append(answer)
    summary = trace(excel, workspace)
    place = text("addin.trace.place", file=NAME, sheet=PLACE[0], cell=PLACE[1])
    assert excel.alerts == [
        text(f"addin.trace.{key}", place=text("addin.trace.raw", place=place, raw="03"))
    ]
    if not opened:
        assert [book.name for book in excel.app.books] == [summary.name]
        return
    assert excel.selected == (NAME, *PLACE)
    assert excel.app.books.active.impl.read_only
    path = path_in_front(excel)
    if opened == "inbox":
        assert path == workspace.inbox / "2018-9M" / NAME
    else:
        assert path.read_bytes() == (EXAMPLES / "inbox" / PCTN).read_bytes()
        assert not path.is_relative_to(workspace.root)
    assert files_in(workspace.root) == before


def test_of_a_file_in_an_archive_the_register_has_a_copy(excel: Excel, workspace: Workspace):
    use(workspace)
    file = workspace.inbox / "2018-9M" / NAME
    with zipfile.ZipFile(file.with_name("thư.zip"), "w") as archive:
        archive.write(file, f"trong/{NAME}")
    file.unlink()
    main(["merge", str(file.parent), "--as-of", f"{DAY}", "--jobs", "0"])
    excel.answers.append("yes")
    trace(excel, workspace)
    assert "thư.zip › " in excel.alerts[0]
    assert excel.selected == (NAME, *PLACE)


def test_only_the_own_register_is_asked(excel: Excel, workspace: Workspace, tmp_path: Path):
    gone(workspace.inbox / "2018-9M" / NAME)
    trace(excel, workspace)
    assert "Không thấy tệp này" in excel.alerts[-1]
    use(made_workspace(tmp_path / "khác"))
    excel.press("trace")
    assert "Không thấy tệp này" in excel.alerts[-1]
    use(Workspace(library_2018(), tmp_path / "đi rồi"))
    excel.press("trace")
    assert "Không thấy tệp này" in excel.alerts[-1]
    use(workspace)
    for path in workspace.register.rglob("*.bin"):
        path.chmod(0o600)
        path.write_bytes(b"damaged")
    excel.press("trace")
    assert "Không thấy tệp này" in excel.alerts[-1]


def test_what_could_run_is_not_offered(
    excel: Excel, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    use(workspace)
    gone(workspace.inbox / "2018-9M" / NAME)
    armed = armed_book(tmp_path / "x.xlsx").read_bytes()
    monkeypatch.setattr("addin.buttons.trace_button.kept_bytes", lambda *_: armed)
    trace(excel, workspace)
    assert "Không thấy tệp này" in excel.alerts[-1]


def test_few_digits_of_a_digest_are_not_enough(workspace: Workspace):
    digest = next(workspace.register.rglob("*.bin")).stem
    whole = kept_bytes(workspace, digest[:12])
    assert whole == (EXAMPLES / "inbox" / PCTN).read_bytes()
    for wrong in ("", digest[:11], "0" * 12, digest[:11] + "%"):
        assert kept_bytes(workspace, wrong) is None
