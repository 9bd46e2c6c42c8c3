"""The button "Điều chỉnh": from a figure of a summary to a decision on record."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

from addin.session import Session
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Corrections
from consolidate.province.workspace import Workspace
from consolidate.register.register import open_register
from consolidate.reports.matrix import CODE_ROW
from tests.addin.conftest import PCTN, Excel, table
from tests.addin.workspaces import DAY, column_of, made_workspace, summary_path, use
from tests.library_2018 import library_2018

BY_UNIT, ROWS = "Biểu 01 theo đơn vị", "Điều chỉnh số liệu"
COLUMNS = 12
"""Of the table in which adjustments stand."""
FIGURE_ROW = 14
"""Row of the indicator MS 4 in the summary: the unit typed "03"."""
AUTHOR = "Chánh Thanh tra"


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "today", lambda _: DAY)


@pytest.fixture(scope="module")
def merged_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = made_workspace(tmp_path_factory.mktemp("điều = chỉnh") / "tỉnh", PCTN)
    main(["merge", str(workspace.inbox), "--as-of", f"{DAY}", "--jobs", "0"])
    return workspace.root


@pytest.fixture
def workspace(merged_workspace: Path, tmp_path: Path) -> Workspace:
    made = Workspace.at(library_2018(), shutil.copytree(merged_workspace, tmp_path / "tỉnh"))
    use(made, author=AUTHOR)
    return made


def path_of(workspace: Workspace) -> Path:
    return workspace.root / "corrections.xlsx"


def on_record(workspace: Workspace) -> Corrections:
    with open_register(workspace.database_url, workspace.register) as register:
        return register.corrections()


def at_figure(
    excel: Excel, workspace: Workspace, sheet: str = BY_UNIT, row: int = FIGURE_ROW
) -> xw.Book:
    """Open the summary and stand on the figure of the only unit."""
    book = excel.open(summary_path(workspace))
    excel.select(book.sheets[sheet], f"{column_of(book.sheets[BY_UNIT], 'S01')}{row}")
    return book


def front(excel: Excel) -> xw.Book:
    return excel.app.books.active


def row_in(book: xw.Book, number: int) -> list[object]:
    return book.sheets[ROWS].range((number, 1), (number, COLUMNS)).value


def typed(book: xw.Book, number: int, column: int, value: object) -> None:
    book.sheets[ROWS].range((number, column)).value = value


def saved(book: xw.Book) -> None:
    """What the person does with Ctrl+S."""
    book.impl.save_copy(book.impl.path)


def test_a_figure_becomes_a_row_that_lacks_only_the_reason(excel: Excel, workspace: Workspace):
    at_figure(excel, workspace)
    excel.press("adjust")
    assert excel.alerts == []
    book = front(excel)
    assert book.name == "corrections.xlsx"
    free = excel.app.selection.row
    assert row_in(book, free) == [
        "2018-9M", "S01", "Biểu 01", "MS 4", None, None, "3", None, None, AUTHOR,
        datetime(2018, 9, 20), None,
    ]  # fmt: skip
    assert excel.selected == ("corrections.xlsx", "Điều chỉnh số liệu", f"G{free}")
    assert excel.status == text("addin.adjust.row")
    assert row_in_file(path_of(workspace), free) == [None] * COLUMNS


def row_in_file(path: Path, number: int) -> list[object]:
    book = openpyxl.load_workbook(path)
    return [cell.value for cell in book[ROWS][number]][:COLUMNS]


def line_of(summary: xw.Book, shown: str) -> int:
    """The row of the trace sheet about a cell of the by-unit sheet."""
    lines = enumerate(table(summary.sheets["Nguồn 01"]), 1)
    return next(number for number, line in lines if line[3] == shown)


def test_the_trace_sheet_does_as_well_and_a_second_row_comes_below(
    excel: Excel, workspace: Workspace
):
    summary = at_figure(excel, workspace)
    excel.press("adjust")
    first = excel.app.selection.row
    summary.activate()
    shown = f"{column_of(summary.sheets[BY_UNIT], 'S01')}{FIGURE_ROW + 1}"
    excel.select(summary.sheets["Nguồn 01"], f"F{line_of(summary, shown)}")
    excel.press("adjust")
    assert excel.app.selection.row == first + 1
    assert row_in(front(excel), first)[3] == "MS 4"
    assert row_in(front(excel), first + 1)[3] == "MS 5"


def test_cells_that_are_no_figure_of_a_unit_are_refused(excel: Excel, workspace: Workspace):
    book = at_figure(excel, workspace)
    for count, address in enumerate(("B14", "D14", "E14", "A1", "ZZ14"), 1):
        excel.select(book.sheets[BY_UNIT], address)
        excel.press("adjust")
        assert excel.alerts == [text("addin.adjust.elsewhere")] * count
    assert not path_of(workspace).exists()


def test_a_summary_of_another_province_is_not_adjusted(
    excel: Excel, workspace: Workspace, merged_workspace: Path
):
    at_figure(excel, Workspace.at(library_2018(), merged_workspace))
    excel.press("adjust")
    assert excel.alerts[-1] == text("addin.adjust.foreign", folder=workspace.root)
    assert not path_of(workspace).exists()


def test_a_unit_that_the_roster_does_not_name_is_refused(excel: Excel, workspace: Workspace):
    book = at_figure(excel, workspace)
    codes = book.sheets[BY_UNIT]
    codes.range(f"{column_of(codes, 'S01')}{CODE_ROW + 1}").value = "S99"
    excel.press("adjust")
    file = workspace.roster_path
    assert excel.alerts[-1] == text("addin.adjust.no_unit", unit="S99", file=file)
    assert not path_of(workspace).exists()


def test_without_a_figure_the_workbook_is_opened(excel: Excel, workspace: Workspace):
    excel.app.books.add()
    excel.press("adjust")
    assert front(excel).name == "corrections.xlsx"
    assert excel.alerts[-1] == text("addin.adjust.opened", file=path_of(workspace))


def test_a_row_goes_on_record_once_it_is_whole_saved_and_confirmed(
    excel: Excel, workspace: Workspace, copy_of: Callable[[xw.Book], str], tmp_path: Path
):
    at_figure(excel, workspace)
    excel.press("adjust")
    book, free = front(excel), excel.app.selection.row
    saved(book)
    excel.press("adjust", copy_of(book))
    assert "chưa ghi Lý do" in excel.alerts[-1]
    assert not list(tmp_path.glob("*.tmp"))
    typed(book, free, 8, "Đơn vị đính chính")
    typed(book, free, 7, "5")
    excel.press("adjust", copy_of(book))
    assert excel.alerts[-1] == text("addin.adjust.save_first", file="corrections.xlsx")
    saved(book)
    for answer, recorded in (("no", 0), ("yes", 1)):
        excel.answers.append(answer)
        excel.press("adjust", copy_of(book))
        assert len(on_record(workspace).adjustments) == recorded
    assert "S01 · Biểu 01" in excel.alerts[-2]
    assert text("corrections.recorded", added=1, ended=0, kept=0) == excel.alerts[-1]
    (item,) = on_record(workspace).adjustments
    assert (item.unit, item.key.element, item.value) == ("S01", "c4", "5")
    assert (item.author, item.on, item.reason) == (AUTHOR, DAY, "Đơn vị đính chính")
    excel.press("adjust", copy_of(book))
    assert excel.alerts[-1] == text("corrections.unchanged", kept=1)


def test_what_the_button_records_the_command_finds_on_record(
    excel: Excel, workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    one_recorded(excel, workspace)
    assert text("addin.adjust.saved_only") in excel.alerts[-2]
    assert main(["adjust", "--workspace", str(workspace.root)]) == 0
    assert text("corrections.unchanged", kept=1) in capsys.readouterr().out


def one_recorded(excel: Excel, workspace: Workspace) -> tuple[xw.Book, int]:
    """The workbook of corrections and its row that was put on record with the button."""
    at_figure(excel, workspace)
    excel.press("adjust")
    book, free = front(excel), excel.app.selection.row
    typed(book, free, 8, "Đính chính")
    saved(book)
    excel.answers.append("yes")
    excel.press("adjust")
    assert len(on_record(workspace).adjustments) == 1
    return book, free


def test_taking_a_row_away_needs_somebody_who_answers_for_it(
    excel: Excel, workspace: Workspace, copy_of: Callable[[xw.Book], str]
):
    book, free = one_recorded(excel, workspace)
    book.sheets[ROWS].range((free, 1), (free, COLUMNS)).value = [[None] * COLUMNS]
    saved(book)
    use(workspace)
    excel.press("adjust", copy_of(book))
    assert excel.alerts[-1] == text("addin.adjust.who", count=1)
    assert on_record(workspace).revocations == ()
    use(workspace, author="Phó Chánh Thanh tra")
    excel.answers.append("yes")
    excel.press("adjust", copy_of(book))
    (end,) = on_record(workspace).revocations
    assert (end.author, end.on) == ("Phó Chánh Thanh tra", DAY)


def test_a_workbook_of_the_same_name_from_elsewhere_is_not_ours(
    excel: Excel, workspace: Workspace, tmp_path: Path
):
    (tmp_path / "khác").mkdir()
    other = tmp_path / "khác" / "corrections.xlsx"
    openpyxl.Workbook().save(other)
    excel.open(other)
    excel.press("adjust")
    assert excel.alerts[-1] == text("addin.trace.same_name", file="corrections.xlsx")
    assert on_record(workspace).adjustments == ()


def test_a_workbook_that_was_rearranged_is_said(excel: Excel, workspace: Workspace):
    main(["adjust", "--workspace", str(workspace.root)])
    book = openpyxl.load_workbook(path_of(workspace))
    book[ROWS].title = "Khác"
    book.save(path_of(workspace))
    at_figure(excel, workspace)
    excel.press("adjust")
    assert "không có trang “Điều chỉnh số liệu”" in excel.alerts[-1]


def test_many_problems_are_shortened(
    excel: Excel, workspace: Workspace, copy_of: Callable[[xw.Book], str]
):
    main(["adjust", "--workspace", str(workspace.root)])
    book = excel.open(path_of(workspace))
    for row in range(6, 30):
        typed(book, row, 1, "kỳ lạ")
    saved(book)
    excel.press("adjust", copy_of(book))
    assert excel.alerts[-1].count("\n") == 13
    assert "điều khác" in excel.alerts[-1]
