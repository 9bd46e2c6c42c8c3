"""The buttons of a province's workspace do the work of the commands, on both engines."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from addin.session import Session
from consolidate.actions.status_and_next_step import next_step
from consolidate.actions.workspaces import round_inbox
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.model.units import Roster
from consolidate.province.roster import build_roster, read_roster
from consolidate.province.workspace import Workspace
from consolidate.register.register import open_register
from tests.addin.conftest import EXAMPLES, PCTN, Excel
from tests.addin.workspaces import (
    DAY,
    LATE_COMER,
    NINE,
    OTHER,
    column_of,
    files_in,
    made_workspace,
    put,
    summary_path,
    use,
)
from tests.library_2018 import library_2018

WANTED = text("addin.choose_folder")


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "today", lambda _: DAY)


@pytest.fixture(scope="module")
def merged_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which two returns were merged by the command line."""
    workspace = made_workspace(tmp_path_factory.mktemp("tỉnh & = ễ") / "tỉnh", PCTN, LATE_COMER)
    assert main(["merge", str(workspace.inbox), "--as-of", f"{DAY}", "--jobs", "0"]) == 1
    return workspace.root


@pytest.fixture
def workspace(merged_workspace: Path, tmp_path: Path) -> Workspace:
    """A copy of it that a test may change."""
    return Workspace.at(library_2018(), shutil.copytree(merged_workspace, tmp_path / "tỉnh = 2018"))


def runs_of(workspace: Workspace) -> list[int]:
    with open_register(workspace.database_url, workspace.register) as register:
        return [run.number for run in register.runs()]


# Merging with the memory of a workspace


def test_the_button_merges_and_remembers_as_the_command_does(excel: Excel, tmp_path: Path):
    button = made_workspace(tmp_path / "nút" / "tỉnh")
    command = Workspace.at(library_2018(), shutil.copytree(button.root, tmp_path / "lệnh" / "tỉnh"))
    excel.press("merge", str(button.inbox))
    main(["merge", str(command.inbox), "--as-of", f"{DAY}", "--jobs", "0"])
    assert files_in(button.results) == files_in(command.results)
    assert runs_of(button) == runs_of(command) == [1]
    assert [book.name for book in excel.app.books] == ["tong-hop-9-thang-2018.xlsx"]
    assert text("cli.merge.recorded", number=1) in excel.alerts[-1]
    assert text("cli.summary.late", count=1) in excel.alerts[-1]


def test_a_clock_that_was_set_back_is_spoken_of(
    excel: Excel, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    before = DAY - timedelta(days=1)
    monkeypatch.setattr(Session, "today", lambda _: before)
    excel.press("merge", str(workspace.inbox))
    days = {"day": f"{before:%d/%m/%Y}", "last": f"{DAY:%d/%m/%Y}"}
    assert excel.alerts[-1].startswith(text("cli.merge.earlier", **days, run=1))


@pytest.mark.parametrize(("answer", "merged"), [("yes", True), ("no", False), ("cancel", False)])
def test_the_inbox_of_the_own_workspace_is_offered(
    excel: Excel, workspace: Workspace, answer: str, merged: bool
):
    use(workspace)
    excel.answers.append(answer)
    excel.press("merge")
    assert str(workspace.inbox) in excel.alerts[0]
    assert (len(excel.app.books) == 1) == merged
    assert (excel.status == WANTED) == (answer == "no")


def test_the_folder_of_the_newest_round_is_offered(excel: Excel, tmp_path: Path):
    workspace = made_workspace(tmp_path / "tỉnh")
    for name in ("2018-6M", "2018-9M", "2018-Y", "khác"):
        (workspace.inbox / name).mkdir()
    assert round_inbox(workspace) == (workspace.inbox, None)
    for name in ("2018-6M", "2018-9M", "khác"):
        shutil.copyfile(EXAMPLES / "inbox" / PCTN, workspace.inbox / name / "S01.xlsx")
    half, autumn = (workspace.inbox / name for name in ("2018-6M", "2018-9M"))
    assert round_inbox(workspace) == (autumn, NINE)
    assert round_inbox(workspace, Period.parse_code("2018-Q2")) == (
        half,
        Period.parse_code("2018-6M"),
    )
    assert round_inbox(workspace, Period.parse_code("2018-Y"))[0] == workspace.inbox
    use(workspace)
    excel.answers.append("yes")
    excel.press("merge")
    assert str(autumn) in excel.alerts[0]
    document = json.loads((workspace.results / "result-2018-9M.json").read_text("utf-8"))
    assert [item["file"] for item in document["returns"]] == ["S01.xlsx"]


def test_files_of_the_round_under_its_other_code_are_said(excel: Excel, tmp_path: Path):
    workspace = made_workspace(tmp_path / "tỉnh")
    quarter, nine = (workspace.inbox / code for code in ("2018-Q3", "2018-9M"))
    (workspace.inbox / PCTN).rename(workspace.inbox / "S01.xlsx")
    for folder in (quarter, nine):
        folder.mkdir()
        shutil.copyfile(workspace.inbox / "S01.xlsx", folder / "S01.xlsx")
    use(workspace)
    excel.press("merge")
    other = {"path": quarter, "inbox": nine}
    assert excel.alerts == [text("cli.merge.other_inbox", **other)]


def test_without_anything_to_offer_vba_is_asked_for_a_folder(excel: Excel):
    excel.press("merge")
    assert excel.status == WANTED
    assert excel.alerts == []


def test_a_summary_in_front_is_made_again_and_the_person_brought_back(
    excel: Excel, workspace: Workspace
):
    book = excel.open(summary_path(workspace))
    sheet = book.sheets["Biểu 01 theo đơn vị"]
    before = column_of(sheet, "X01")
    excel.select(sheet, f"{before}14")
    put(workspace, OTHER)
    excel.answers.extend(["yes", "yes"])
    excel.press("merge")
    assert str(workspace.inbox) in excel.alerts[0]
    assert NINE.label in excel.alerts[0]
    assert "không lưu" in excel.alerts[1]
    (again,) = excel.app.books
    after = column_of(again.sheets["Biểu 01 theo đơn vị"], "X01")
    assert (before, after) == ("H", "I")
    assert excel.selected == (again.name, again.sheets["Biểu 01 theo đơn vị"].name, f"{after}14")
    assert runs_of(workspace) == [1, 2]


def test_an_inbox_beside_a_summary_without_a_workspace_is_found(excel: Excel, province: Path):
    excel.open(province / "results" / "tong-hop-9-thang-2018.xlsx")
    excel.answers.append("cancel")
    excel.press("merge")
    assert str(province / "hộp thư") in excel.alerts[0]
    (province / "hộp thư").rename(province.parent / "đi rồi")
    excel.press("merge")
    assert excel.status == WANTED


def test_a_folder_of_a_workspace_from_which_a_part_was_merged_is_found(
    excel: Excel, workspace: Workspace
):
    part = workspace.inbox / "cap-xa"
    main(["merge", str(part), "--as-of", f"{DAY}", "--jobs", "0"])
    excel.open(summary_path(workspace))
    excel.answers.append("cancel")
    excel.press("merge")
    assert f"{part}\n" in excel.alerts[0]


def test_a_locked_round_refuses_and_the_summary_that_was_closed_is_open_again(
    excel: Excel, workspace: Workspace
):
    with open_register(workspace.database_url, workspace.register) as register:
        register.add_event(PeriodEvent(EventKind.LOCKED, NINE, "Phòng Tổng hợp", DAY, "7/QĐ", 1))
    before = files_in(workspace.results)
    excel.open(summary_path(workspace))
    put(workspace, OTHER)
    excel.answers.extend(["yes", "yes"])
    excel.press("merge")
    assert "khóa" in excel.alerts[-1]
    assert files_in(workspace.results) == before
    assert [book.name for book in excel.app.books] == ["tong-hop-9-thang-2018.xlsx"]


def test_results_never_go_into_an_inbox(excel: Excel, workspace: Workspace):
    for folder in (workspace.root, workspace.results):
        excel.press("merge", str(folder))
        assert excel.alerts[-1] == text("addin.merge.results", folder=folder)
    assert runs_of(workspace) == [1]


def test_a_roster_that_cannot_be_used_is_said(excel: Excel, workspace: Workspace):
    workspace.roster_path.write_bytes(b"x")
    excel.press("merge", str(workspace.inbox))
    assert "roster.xlsx" in excel.alerts[-1]
    assert "Lỗi của chương trình" not in excel.alerts[-1]


# Progress


def test_progress_is_the_workbook_of_the_command_and_letters_follow(
    excel: Excel, workspace: Workspace, tmp_path: Path
):
    use(workspace, agency="Thanh tra tỉnh")
    excel.answers.append("yes")
    excel.press("status")
    path = workspace.results / "tien-do-9-thang-2018.xlsx"
    chase, letters = tmp_path / "x.xlsx", tmp_path / "cv"
    call = ["--as-of", f"{DAY}", "--chase", str(chase), "--letters", str(letters)]
    main(
        [
            "status",
            "2018-9M",
            "--workspace",
            str(workspace.root),
            "--agency",
            "Thanh tra tỉnh",
            *call,
        ]
    )
    assert path.read_bytes() == chase.read_bytes()
    made = files_in(workspace.outbox / "letters" / "2018-9M")
    assert made
    assert made == files_in(letters)
    assert excel.app.books.active.name == path.name
    assert [sheet.name for sheet in excel.app.books.active.sheets][:4] == [
        "Tiến độ",
        "Đôn đốc",
        "Nộp trễ",
        "Tệp chưa rõ",
    ]
    assert "lần tổng hợp số 1" in excel.alerts[0]
    assert f"Lập {len(made)} công văn" in excel.alerts[0]
    making = [str(bar) for bar in excel.app.impl.statuses if "công văn" in str(bar)]
    counted = range(1, len(made) + 1)
    assert making == [text("addin.status.making", done=n, total=len(made)) for n in counted]
    assert (
        text("status.written", count=len(made), folder=workspace.outbox / "letters" / "2018-9M")
        in (excel.alerts[-1])
    )
    late = [row[1].value for row in load_workbook(path)["Nộp trễ"].iter_rows(min_row=5)]
    assert "UBND xã Tân An Đông" in late


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # The letters only.
def test_letters_that_were_edited_are_kept_and_named(excel: Excel, workspace: Workspace):
    use(workspace)
    for _ in range(2):
        excel.answers.append("yes")
        excel.press("status")
        excel.app.books.active.close()
        folder = workspace.outbox / "letters" / "2018-9M"
        first = sorted(folder.iterdir())[0]
        first.write_bytes(b"edited")
    assert first.name in excel.alerts[-1]
    assert first.read_bytes() == b"edited"


def test_progress_that_is_open_is_closed_only_with_consent(excel: Excel, workspace: Workspace):
    use(workspace)
    path = workspace.results / "tien-do-9-thang-2018.xlsx"
    excel.answers.append("no")
    excel.press("status")
    before = path.read_bytes()
    path.write_bytes(b"old")
    excel.answers.append("no")
    excel.press("status")
    assert path.read_bytes() == b"old"
    assert excel.status == text("addin.merge.kept", file=path)
    excel.answers.extend(["yes", "no"])
    excel.press("status")
    assert path.read_bytes() == before
    assert len(excel.app.books) == 1


def test_progress_of_the_round_in_front_or_the_newest(
    excel: Excel, workspace: Workspace, merged: Path
):
    use(workspace)
    elsewhere = shutil.copyfile(
        summary_path(workspace), workspace.results / "tong-hop-ca-nam-2017.xlsx"
    )
    excel.open(elsewhere)
    excel.press("status")
    assert excel.alerts[-1] == text("addin.status.no_run", period="Năm 2017")
    excel.app.books.active.close()
    excel.open(Path(shutil.copy(elsewhere, merged.parent / "tong-hop-ca-nam-2017.xlsx")))
    excel.answers.append("no")
    excel.press("status")
    assert (workspace.results / "tien-do-9-thang-2018.xlsx").is_file()


def test_progress_before_the_first_merge_and_without_settings(excel: Excel, tmp_path: Path):
    excel.press("status")
    assert excel.alerts[-1] == text("addin.settings.no_workspace")
    fresh = made_workspace(tmp_path / "mới")
    use(fresh)
    excel.press("status")
    assert excel.alerts[-1] == text("addin.status.nothing", folder=fresh.inbox)
    assert not list(fresh.register.glob("*.sqlite3"))
    shutil.rmtree(fresh.root)
    excel.press("status")
    assert excel.alerts[-1] == text("addin.settings.gone", folder=fresh.root)


# Issuing


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # Nothing of Excel is used but a window.
def test_what_is_missing_is_said_before_anything_is_written(excel: Excel, tmp_path: Path):
    workspace = made_workspace(tmp_path / "tỉnh")
    listed = read_roster(workspace.roster_path, library_2018().template_by_code).units
    units = [replace(unit, parent="H99") for unit in listed]
    workspace.roster_path.write_bytes(build_roster(Roster.of(units)))
    use(workspace)
    excel.answers.append("no")
    excel.press("issue", "2018-9M")
    (question,) = excel.alerts
    first = units[0]
    more = text("roster.parent_of_others", count=len(units) - 1)
    note = text("roster.parent", parent="H99", name=first.name, code=first.code, more=more)
    assert question.startswith(f"{note}\n\nPhát hành 9 tháng đầu năm 2018 cho")
    workspace.calendar_path.unlink()
    excel.press("issue", "2018-9M")
    year, folder = "2018", str(workspace.root)
    made = text("issue.days_make", file="calendar.xlsx", folder=folder, year=year)
    assert excel.alerts[-1].endswith(made)
    assert len(excel.alerts) == 2
    assert not list(workspace.outbox.iterdir())


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # No workbook is used.
def test_issuing_is_the_outbox_of_the_command(excel: Excel, tmp_path: Path):
    button = made_workspace(tmp_path / "nút" / "tỉnh")
    command = Workspace.at(library_2018(), shutil.copytree(button.root, tmp_path / "lệnh" / "tỉnh"))
    use(button)
    excel.answers.append("no")
    excel.press("issue", "2018-6M")
    assert not list(button.outbox.iterdir())
    excel.answers.append("yes")
    excel.press("issue", " 2018-6M ")
    main(["issue", "2018-6M", "--workspace", str(command.root)])
    made = files_in(button.outbox)
    assert made == files_in(command.outbox)
    assert f"{len(made)} tệp" in excel.alerts[0]
    assert "Phát hành 6 tháng đầu năm 2018 cho" in excel.alerts[0]
    assert any("Đang dựng biểu mẫu" in str(status) for status in excel.app.impl.statuses)
    changed = button.outbox / sorted(made)[0]
    changed.write_bytes(b"sent")
    excel.answers.append("yes")
    excel.press("issue", "2018-6M")
    assert changed.name in excel.alerts[-1]
    assert changed.read_bytes() == b"sent"
    assert text("issue.unchanged", count=len(made) - 1) in excel.alerts[-1]
    excel.answers.append("yes")
    excel.press("issue", "2018-Q2")
    half = Period.parse_code("2018-6M")
    said = text("cli.same_round", typed="2018-Q2", code=half.code, label=half.label)
    asked = f"{said}\n\nPhát hành 6 tháng đầu năm 2018 cho"
    assert excel.alerts[-2].startswith(asked)
    assert text("issue.unchanged", count=len(made) - 1) in excel.alerts[-1]
    assert files_in(button.outbox).keys() == made.keys()


@pytest.mark.parametrize(
    "typed", ["9 tháng", "2018-13M", "=2018-9M", "2018-9M'); import os", "x" * 999]
)
def test_a_period_that_is_none_is_refused(excel: Excel, workspace: Workspace, typed: str):
    use(workspace)
    excel.press("issue", typed)
    assert "là kỳ nào. Ghi rõ" in excel.alerts[-1] or "không cho biết kỳ nào" in excel.alerts[-1]
    assert not list(workspace.outbox.iterdir())


def test_issuing_says_what_is_missing(excel: Excel, workspace: Workspace):
    excel.press("issue", "2018-9M")
    assert excel.alerts[-1] == text("addin.settings.no_workspace")
    use(workspace)
    workspace.key_path.unlink()
    excel.press("issue", "2018-9M")
    assert excel.alerts[-1] == text("issue.no_key", file=workspace.key_path)
    workspace.roster_path.unlink()
    excel.press("issue", "2018-9M")
    assert excel.alerts[-1] == text("issue.no_roster", file=workspace.roster_path)
    excel.press("issue", "")
    assert len(excel.alerts) == 3


def test_what_comes_next_is_said_as_the_bare_command_says_it(excel: Excel, tmp_path: Path):
    workspace = made_workspace(tmp_path / "tỉnh")
    use(workspace)
    before = files_in(workspace.root)
    excel.press("step")
    (said,) = excel.alerts
    head, round_of, step = said.splitlines()
    found = next_step(workspace, DAY)
    assert found.progress is not None
    standing = "; ".join(map(sentence, found.progress.lines()))
    assert head.startswith(f"Thư mục làm việc: {workspace.root}")
    period = found.progress.period.label
    assert round_of == text("next.round", period=period, standing=standing)
    reason, command = sentence(found.reason), text(f"addin.next.{found.step.value}")
    assert step == text("next.then", reason=reason, command=command)
    assert files_in(workspace.root) == before
