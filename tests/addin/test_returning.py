"""The button "Trả lại đơn vị": what the command writes, for the unit or the round in front."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from docx import Document

from addin.session import Session
from addin.settings import Settings, save_settings
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.merge.read_files import check
from consolidate.province.workspace import Workspace
from consolidate.templates.file_names import slug
from tests.addin.conftest import ODD_UNIT, PCTN, Excel, table
from tests.addin.workspaces import (
    DAY,
    LATE_COMER,
    NINE,
    column_of,
    files_in,
    made_workspace,
    put,
    summary_path,
    use,
)
from tests.library_2018 import library_2018

SHEET = "Biểu 01 theo đơn vị"
ENDINGS = ("can-sua-pctn-9-thang-2018.xlsx", "de-nghi-sua-pctn-9-thang-2018.docx")
AGENCY = "Thanh tra tỉnh Sông Tiền"


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "today", lambda _: DAY)


@pytest.fixture(scope="module")
def merged_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three returns, two of which have something to correct."""
    root = tmp_path_factory.mktemp("trả = lại") / "tỉnh"
    workspace = made_workspace(root, PCTN, ODD_UNIT, LATE_COMER)
    assert main(["merge", str(workspace.inbox), "--as-of", f"{DAY}", "--jobs", "0"]) == 1
    return workspace.root


@pytest.fixture
def workspace(merged_workspace: Path, tmp_path: Path) -> Workspace:
    return Workspace.at(library_2018(), shutil.copytree(merged_workspace, tmp_path / "tỉnh = 2018"))


def given(workspace: Workspace) -> Path:
    return workspace.outbox / "return" / NINE.code


def names_of(unit: str) -> set[str]:
    return {f"{slug(unit)}-{ending}" for ending in ENDINGS}


def by_command(workspace: Workspace, out: Path, *more: str) -> dict[str, bytes]:
    call = ["--period", NINE.code, "--as-of", f"{DAY}", "--jobs", "0", "--out", str(out)]
    assert main(["return", str(workspace.inbox), *call, *more]) == 1
    return files_in(out)


def test_the_newest_round_of_the_workspace_is_what_the_command_writes(
    excel: Excel, workspace: Workspace, tmp_path: Path
):
    use(workspace, agency=AGENCY)
    before = files_in(workspace.root)
    excel.answers.append("no")
    excel.press("return")
    assert files_in(workspace.root) == before
    excel.answers.append("yes")
    excel.press("return")
    asked = text(
        "addin.return.ask",
        period=NINE.label,
        units=2,
        inbox=workspace.inbox,
        agency=AGENCY,
        folder=given(workspace),
    )
    assert excel.alerts[:2] == [asked, asked]
    written = {name: data for name, data in files_in(workspace.root).items() if name not in before}
    assert {Path(name).name for name in written} == names_of("S01 Sở Thông tin và Truyền thông") | (
        names_of("S04 Sở Xây dựng")
    )
    assert files_in(given(workspace)) == by_command(workspace, tmp_path / "x", "--agency", AGENCY)
    assert files_in(workspace.inbox) == {
        name.removeprefix("inbox/"): data
        for name, data in before.items()
        if name.startswith("inbox/")
    }
    assert (
        text(
            "cli.return.written",
            period=NINE.label,
            copies=2,
            lists=0,
            letters=2,
            folder=given(workspace),
        )
        == excel.alerts[-1]
    )
    assert text("addin.return.making", done=2, total=2) in excel.app.impl.statuses
    letter = next(path for path in given(workspace).glob("s04*.docx"))
    said = "\n".join(p.text for p in Document(str(letter)).paragraphs)
    assert AGENCY.casefold() in said.casefold()


def test_what_the_merge_on_record_has_not_seen_is_said_before_anything_is_given(
    excel: Excel, workspace: Workspace
):
    use(workspace)
    (workspace.inbox / "mới.txt").write_bytes(b"x")
    excel.answers.append("no")
    excel.press("return")
    note = text("cli.return.since", run=1, count=1, files="mới.txt")
    assert excel.alerts[0].startswith(f"{note}\n\n")
    assert not given(workspace).exists()


@pytest.mark.parametrize(
    ("excel", "answers", "units"),
    [
        ("file", ["yes", "yes"], ["s04"]),
        ("file", ["no", "yes"], ["s01", "s04"]),
        ("file", ["cancel"], []),
        pytest.param("live", ["yes", "yes"], ["s04"], marks=pytest.mark.office),
    ],
    indirect=["excel"],
)
def test_whoever_stands_in_the_column_of_a_unit_is_asked_about_it(
    excel: Excel, workspace: Workspace, answers: list[str], units: list[str]
):
    use(workspace)
    book = excel.open(summary_path(workspace))
    excel.select(book.sheets[SHEET], f"{column_of(book.sheets[SHEET], 'S04')}14")
    excel.answers.extend(answers)
    excel.press("return")
    assert excel.alerts[0] == text("addin.return.only", unit="S04 Sở Xây dựng")
    written = files_in(given(workspace)) if given(workspace).exists() else {}
    assert sorted({name[:3] for name in written}) == units
    assert excel.answers == []


def test_rows_of_the_lists_and_the_trace_sheet_name_a_unit_too(excel: Excel, workspace: Workspace):
    use(workspace)
    book = excel.open(summary_path(workspace))
    lines = table(book.sheets["Nguồn 01"])
    places = [("Nguồn 01", f"B{next(at for at, row in enumerate(lines, 1) if PCTN in row)}")]
    for name in ("Tệp nhận được", "Lỗi và cảnh báo"):
        rows = table(book.sheets[name])
        places.append((name, f"B{next(at for at, row in enumerate(rows, 1) if PCTN in row)}"))
    shown = [text("addin.return.only", unit="S01 Sở Thông tin và Truyền thông")]
    shown += [text("addin.return.only", unit=f"Sở Thông tin và Truyền thông ({PCTN})")] * 2
    for (sheet, address), said in zip(places, shown, strict=True):
        excel.select(book.sheets[sheet], address)
        excel.answers.extend(["yes", "yes"])
        excel.press("return")
        assert said in excel.alerts
        excel.alerts.clear()
        assert {name[:3] for name in files_in(given(workspace))} == {"s01"}
        shutil.rmtree(given(workspace))


def test_elsewhere_all_units_are_meant(excel: Excel, workspace: Workspace):
    use(workspace)
    book = excel.open(summary_path(workspace))
    for sheet, address in ((SHEET, "D14"), ("Tệp nhận được", "A1"), ("Tổng quan", "A1")):
        excel.select(book.sheets[sheet], address)
        excel.answers.append("no")
        excel.press("return")
        assert "2 đơn vị có nội dung cần sửa" in excel.alerts.pop()
        assert excel.alerts == []


def test_a_unit_without_anything_to_correct_is_said(excel: Excel, workspace: Workspace):
    assert not [
        finding
        for reading in check(library_2018(), workspace.inbox / LATE_COMER).readings
        for finding in reading.findings
    ]
    use(workspace)
    book = excel.open(summary_path(workspace))
    excel.select(book.sheets[SHEET], f"{column_of(book.sheets[SHEET], 'X01')}14")
    excel.answers.append("yes")
    excel.press("return")
    assert excel.alerts[-1] == text("addin.return.clean", unit="X01 UBND xã Tân An Đông")
    assert not given(workspace).exists()


def test_a_unit_that_sent_nothing_any_more_is_said(excel: Excel, workspace: Workspace):
    use(workspace)
    book = excel.open(summary_path(workspace))
    excel.select(book.sheets[SHEET], f"{column_of(book.sheets[SHEET], 'S04')}14")
    (workspace.inbox / ODD_UNIT).unlink()
    excel.answers.append("yes")
    excel.press("return")
    assert excel.alerts[-1] == text("cli.return.unknown_unit", code="S04")
    files = book.sheets["Tệp nhận được"]
    row = next(at for at, row in enumerate(table(files), 1) if ODD_UNIT in row)
    excel.select(files, f"A{row}")
    excel.answers.append("yes")
    excel.press("return")
    assert excel.alerts[-1] == text("cli.return.unknown_file", code=ODD_UNIT)


def test_edited_files_are_kept_and_lists_say_why(excel: Excel, workspace: Workspace):
    use(workspace)
    (workspace.inbox / ODD_UNIT).unlink()
    for press in range(2):
        excel.answers.append("yes")
        excel.press("return")
        if not press:
            edited = next(given(workspace).glob("*.docx"))
            edited.write_bytes(b"edited")
    assert edited.read_bytes() == b"edited"
    lines = excel.alerts[-1].split("\n")
    assert text("cli.return.unchanged", count=1) in lines
    assert lines[-2:] == [text("addin.return.kept", count=1), edited.name]


def test_a_summary_without_a_workspace_is_given_back_beside_its_inbox(excel: Excel, province: Path):
    excel.open(province / "results" / "tong-hop-9-thang-2018.xlsx")
    letters = {}
    for agency in ("", AGENCY):
        save_settings(Settings(agency=agency))
        excel.answers.append("yes")
        excel.press("return")
        assert str(province / "hộp thư") in excel.alerts[-2]
        assert (agency or text("addin.status.each_agency")) in excel.alerts[-2]
        given = province / "return" / NINE.code
        letters[agency] = len(list(given.glob("s01*.docx")))
        shutil.rmtree(given)
    assert letters == {"": 2, AGENCY: 1}


def test_nothing_in_front_and_nothing_set(excel: Excel, workspace: Workspace, province: Path):
    excel.press("return")
    assert excel.alerts == [text("addin.return.nowhere")]
    (province / "hộp thư").rename(province.parent / "đi rồi")
    excel.open(province / "results" / "tong-hop-9-thang-2018.xlsx")
    excel.press("return")
    assert excel.alerts[1:] == [text("addin.return.nowhere")]
    use(workspace)
    excel.answers.append("no")
    excel.press("return")
    assert str(given(workspace)) in excel.alerts[-1]


def test_a_summary_of_another_workspace_opens_none(
    excel: Excel, workspace: Workspace, merged_workspace: Path
):
    excel.open(summary_path(Workspace.at(library_2018(), merged_workspace)))
    excel.press("return")
    assert excel.alerts.pop() == text("addin.settings.no_workspace")
    use(workspace)
    excel.press("return")
    assert excel.alerts == [text("addin.adjust.foreign", folder=workspace.root)]


def test_before_the_first_merge_and_of_an_inbox_without_faults(excel: Excel, tmp_path: Path):
    fresh = made_workspace(tmp_path / "mới", LATE_COMER)
    use(fresh)
    excel.press("return")
    assert excel.alerts[-1] == text("addin.status.nothing", folder=fresh.inbox)
    main(["merge", str(fresh.inbox), "--as-of", f"{DAY}", "--jobs", "0"])
    excel.press("return")
    assert excel.alerts[-1] == text("cli.return.nothing", period=NINE.label)
    put(fresh, PCTN)
    excel.answers.append("no")
    excel.press("return")
    assert "1 đơn vị có nội dung cần sửa" in excel.alerts[-1]
