"""The buttons that decide about a round, compare, export and back up, as the commands do."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from addin.session import Session
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.runs import EventKind
from consolidate.province.workspace import Workspace
from consolidate.register.register import open_register
from tests.addin.conftest import PCTN, Excel, table
from tests.addin.workspaces import (
    DAY,
    LATE_COMER,
    NINE,
    OTHER,
    files_in,
    made_workspace,
    put,
    summary_path,
    use,
)
from tests.library_2018 import library_2018


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "today", lambda _: DAY)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two merges, the second with a file more."""
    workspace = made_workspace(tmp_path_factory.mktemp("hai lần") / "tỉnh", PCTN, LATE_COMER)
    for name in (None, OTHER):
        if name is not None:
            put(workspace, name)
        main(["merge", str(workspace.inbox), "--as-of", f"{DAY}", "--jobs", "0"])
    return workspace.root


@pytest.fixture
def workspace(twice: Path, tmp_path: Path) -> Workspace:
    return Workspace.at(library_2018(), shutil.copytree(twice, tmp_path / "tỉnh = 2018"))


def events_of(workspace: Workspace) -> list[tuple[EventKind, str, str, int | None]]:
    with open_register(workspace.database_url, workspace.register) as register:
        return [(e.kind, e.author, e.document, e.run) for e in register.events(NINE)]


def test_approving_and_locking_ask_first_and_say_what_the_commands_say(
    excel: Excel, workspace: Workspace
):
    use(workspace, author="Phòng Tổng hợp")
    excel.answers.append("no")
    excel.press("approve")
    assert events_of(workspace) == []
    assert excel.status == text("runs.ask.declined")
    excel.answers.extend(["yes", "yes"])
    excel.press("approve")
    excel.press("lock", "7/QĐ-TTT")
    assert events_of(workspace) == [
        (EventKind.APPROVED, "Phòng Tổng hợp", "", 2),
        (EventKind.LOCKED, "Phòng Tổng hợp", "7/QĐ-TTT", 2),
    ]
    asked, said = excel.alerts[1], excel.alerts[2]
    assert text("runs.ask.approved", period=NINE.label) in asked
    assert "Chưa nộp" in asked
    words = {"period": NINE.label, "run": 2, "day": f"{DAY:%d/%m/%Y}", "author": "Phòng Tổng hợp"}
    assert said == text("runs.done.approved", **words)
    assert excel.alerts[-1] == text("runs.done.locked", **words)


def test_a_decision_needs_a_name_and_a_document_may_be_none(excel: Excel, workspace: Workspace):
    use(workspace)
    excel.press("approve")
    assert excel.alerts == [text("addin.decide.who")]
    use(workspace, author="An")
    excel.answers.append("yes")
    excel.press("lock", "-")
    assert [event[2] for event in events_of(workspace)] == [""]


@pytest.mark.parametrize(
    ("excel", "typed"),
    [("file", "-"), ("file", "1 và 2"), pytest.param("live", "-", marks=pytest.mark.office)],
    indirect=["excel"],
)
def test_two_merges_are_compared_line_by_line_as_the_command_does(
    excel: Excel, workspace: Workspace, capsys: pytest.CaptureFixture[str], typed: str
):
    use(workspace)
    excel.press("diff", typed)
    shown = ["".join(filter(None, row)) for row in table(excel.app.books.active.sheets[0])]
    main(["diff", "1", "2", "--workspace", str(workspace.root)])
    printed = " ".join(capsys.readouterr().out.split())
    assert shown
    assert all(" ".join(line.split()) in printed for line in shown)
    assert text("diff.title", period=NINE.label) in excel.alerts[0]


def test_what_is_no_pair_of_merges_is_refused(excel: Excel, workspace: Workspace):
    use(workspace)
    excel.press("diff", "1")
    excel.press("diff", "1 9")
    assert excel.alerts == [
        text("addin.diff.typed", typed="1"),
        text("register.no_run", number=9),
    ]


def test_the_values_are_exported_as_the_command_does_and_opened(
    excel: Excel, workspace: Workspace, tmp_path: Path
):
    use(workspace)
    excel.open(summary_path(workspace))
    excel.press("export")
    path = workspace.results / "values-2018-9M.xlsx"
    assert excel.app.books.active.name == path.name
    out = tmp_path / "x.xlsx"
    shared = ("--workspace", str(workspace.root), "--out", str(out))
    assert main(["export", "2018-9M", "--format", "xlsx", *shared]) == 0
    rows = [[list(row) for row in load_workbook(p).active.values] for p in (path, out)]
    assert rows[0] == rows[1]
    assert "lần tổng hợp số 2" in excel.alerts[0]


# That the summary in front says the round is asked of both above.
@pytest.mark.parametrize("excel", ["file"], indirect=True)
def test_the_report_is_drafted_and_one_that_was_changed_is_kept(excel: Excel, workspace: Workspace):
    use(workspace)
    excel.open(summary_path(workspace))
    excel.press("report")
    path = workspace.results / "bao-cao-pctn-9-thang-2018.docx"
    assert text("report.written", file=path) in excel.alerts[-1]
    path.write_bytes(b"changed by hand")
    excel.press("report")
    assert text("report.kept", file=path) in excel.alerts[-1]
    assert path.read_bytes() == b"changed by hand"


def test_the_backup_holds_what_the_command_puts_there(excel: Excel, workspace: Workspace):
    use(workspace)
    excel.answers.extend(["no", "yes"])
    excel.press("backup")
    target = workspace.root / f"backup-{DAY}.zip"
    assert not target.exists()
    excel.press("backup")
    with zipfile.ZipFile(target) as package:
        assert any(name.endswith("roster.xlsx") for name in package.namelist())
    assert str(target) in excel.alerts[-1]


def test_a_long_button_stops_where_the_person_wants_and_leaves_what_was(
    excel: Excel, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    before = files_in(workspace.results)
    monkeypatch.setattr("addin.session.stop_wanted", lambda _: True)
    excel.press("merge", str(workspace.inbox))
    assert excel.alerts == [text("addin.stopped")]
    assert files_in(workspace.results) == before
    assert excel.status in (None, False, "")
