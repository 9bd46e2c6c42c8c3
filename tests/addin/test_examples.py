"""Every button does its whole job on the examples, on both engines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl.utils import coordinate_to_tuple, get_column_letter
from python_calamine import CalamineWorkbook

from addin.buttons.check_button import read_listing
from addin.session import Session
from addin.settings import own_workspace, read_settings
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.merge.read_files import check, workers
from consolidate.model.anchors import CHECK_SHEET
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.returns import FileReading
from consolidate.province.calendar import build_calendar
from consolidate.province.roster import read_roster
from tests.addin.conftest import EXAMPLES, Excel, table
from tests.addin.workspaces import DAY, column_of
from tests.library_2018 import library_2018

SUMMARY = "tong-hop-9-thang-2018.xlsx"
INBOX = EXAMPLES / "inbox"
RETURNS = sorted(
    path.relative_to(INBOX).as_posix()
    for path in INBOX.rglob("*.xlsx")
    if path.stat().st_size  # Excel opens no file without bytes.
)
CHECKED = [
    *(pytest.param("file", name) for name in RETURNS),
    # A press takes a fifth of a second there; test_agreement has the kinds of findings.
    *(pytest.param("live", name, marks=pytest.mark.office) for name in RETURNS[::4]),
]
BY_UNIT, TRACE = "PL3-II theo đơn vị", "Nguồn PL3-II"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all examples and the results of their merge."""
    folder = tmp_path_factory.mktemp("tỉnh")
    shutil.copytree(INBOX, folder / "inbox")
    shutil.copyfile(EXAMPLES / "roster.xlsx", folder / "roster.xlsx")
    roster = read_roster(folder / "roster.xlsx", library_2018().template_by_code)
    result = merge(MergeRequest(library_2018(), folder / "inbox", roster=roster))
    write_results(result, folder / "results", folder / "inbox")
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".~lock.")
    }


def test_merge(excel: Excel, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # In processes that read, as whoever presses the button has them.
    monkeypatch.setattr("consolidate.actions.merge.workers", workers)
    shutil.copytree(whole / "inbox", tmp_path / "inbox")
    shutil.copyfile(whole / "roster.xlsx", tmp_path / "roster.xlsx")
    excel.press("merge", str(tmp_path / "inbox"))
    assert [book.name for book in excel.app.books] == [SUMMARY]
    assert files_below(tmp_path / "results") == files_below(whole / "results")
    assert files_below(tmp_path / "inbox") == files_below(whole / "inbox")
    (said,) = excel.alerts
    assert f"{len(files_below(INBOX))} tệp" in said


@pytest.mark.parametrize(("excel", "name"), CHECKED, indirect=["excel"])
def test_check_and_walk(excel: Excel, name: str):
    (reading,) = check(library_2018(), INBOX / name).readings
    before = (INBOX / name).read_bytes()
    book = excel.open(INBOX / name)
    excel.press("check")
    rows = read_listing(book.sheets[excel.front])
    assert excel.front == CHECK_SHEET
    assert [(row.sheet, row.address, row.message) for row in rows] == [
        (finding.sheet, finding.address, sentence(finding.message)) for finding in reading.findings
    ]
    assert excel.status == text("addin.check.counts", **counts(reading))
    places = [(row.sheet, row.first) for row in rows]
    for key, order in (("next", range(len(rows))), ("previous", range(len(rows) - 2, -1, -1))):
        for index in order:
            excel.press(key)
            assert str(excel.status).startswith(f"{index + 1}/{len(rows)} ")
            if all(places[index]):
                assert excel.selected == (book.name, *places[index])
    assert (INBOX / name).read_bytes() == before
    assert not [said for said in excel.alerts if "Lỗi của chương trình" in said]


def counts(reading: FileReading) -> dict[str, int]:
    severities = [finding.severity.value for finding in reading.findings]
    names = {"errors": "error", "warnings": "warning", "notes": "info"}
    return {name: severities.count(value) for name, value in names.items()}


def figures(trace: list[list[object]]) -> Iterator[tuple[int, int, str, str, str]]:
    """Row, column, place, text and file of every figure that has one, of a trace sheet."""
    for _, _, _, shown, path, place, raw, _ in trace:
        if path and "!" in str(place):
            row, column = coordinate_to_tuple(str(shown))
            yield row, column, str(place), str(raw or ""), str(path)


def sheet_of(path: Path, sheet: str) -> list[list[object]]:
    """The values of a sheet from A1 on, as a file keeps them."""
    return (
        CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    )


def test_trace_of_every_figure_of_a_sheet(excel: Excel, whole: Path):
    book = excel.open(whole / "results" / SUMMARY)
    held = sheet_of(whole / "results" / SUMMARY, BY_UNIT)
    wanted = list(figures(table(book.sheets[TRACE])))
    assert len(wanted) > 200
    if excel.app.engine.name == "libreoffice":
        # A press takes a fifth of a second there: every third row, the next file each time.
        wanted = wanted[:: 3 * len({path for *_, path in wanted}) + 1]
    sources: dict[tuple[str, str], list[list[object]]] = {}
    for row, column, place, raw, path in wanted:
        sheet, _, cell = place.rpartition("!")
        excel.select(book.sheets[BY_UNIT], f"{get_column_letter(column)}{row}")
        excel.press("trace")
        assert excel.selected == (Path(path).name, sheet, cell)
        if (path, sheet) not in sources:
            sources[path, sheet] = sheet_of(whole / "inbox" / path, sheet)
        down, right = coordinate_to_tuple(cell)
        typed, figure = sources[path, sheet][down - 1][right - 1], held[row - 1][column - 1]
        assert (str(typed) == raw) if raw else (typed == figure)
    assert excel.alerts == []
    assert len(excel.app.books) == len(sources) + 1 > 5


def test_trace_of_every_finding(excel: Excel, whole: Path):
    book = excel.open(whole / "results" / SUMMARY)
    listed = book.sheets["Lỗi và cảnh báo"]
    rows = [row for row in enumerate(table(listed), 1) if isinstance(row[1][0], float)]
    assert len(rows) > 5
    if excel.app.engine.name == "libreoffice":
        rows = rows[::3]
    for number, row in rows:
        path, sheet, cells = row[3:6]
        excel.select(listed, f"C{number}")
        excel.alerts.clear()
        excel.press("trace")
        if sheet and cells:
            first = cells.replace(":", ",").split(",")[0]
            assert excel.selected == (Path(path).name, sheet, first)
            assert excel.alerts == []
        else:
            assert excel.alerts == [text("addin.trace.whole_file", file=path)]


def test_a_round_from_settings_to_a_decision(
    excel: Excel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The buttons of a workspace one after the other, with all examples in its inbox."""
    monkeypatch.setattr(Session, "today", lambda _: DAY)
    root = tmp_path / "tỉnh"
    root.mkdir()
    excel.answers.append("yes")
    excel.press("settings", str(root))
    excel.press("author", "Chánh Thanh tra")
    excel.press("agency", "Thanh tra tỉnh")
    workspace = own_workspace(read_settings())
    assert workspace.root == root
    shutil.copyfile(EXAMPLES / "roster.xlsx", workspace.roster_path)
    due = Deadline(DataWindow(date(2017, 11, 6), date(2018, 8, 28)), date(2018, 9, 5))
    rounds = (Period.parse_code("2018-9M"), Period.parse_code("2018-Q3"))
    calendar = Calendar(tuple(CalendarRow(period, due) for period in rounds))
    workspace.calendar_path.write_bytes(build_calendar(calendar, library_2018().families))
    excel.answers.append("yes")
    excel.press("issue", "2018-9M")
    assert len(list((workspace.outbox / "2018-9M").rglob("*.xlsx"))) > 10
    shutil.copytree(INBOX, workspace.inbox, dirs_exist_ok=True)
    excel.answers.append("yes")
    excel.press("merge")
    assert text("cli.merge.recorded", number=1) in excel.alerts[-1]
    excel.answers.append("yes")
    excel.press("status")
    assert list((workspace.outbox / "letters" / "2018-9M").glob("*.docx"))
    excel.answers.append("yes")
    excel.press("return")
    given = workspace.outbox / "return" / "2018-9M"
    assert "can-sua" in " ".join(files_below(given))
    summary = excel.app.books[SUMMARY]
    by_unit = summary.sheets["Biểu 01 theo đơn vị"]
    excel.select(by_unit, f"{column_of(by_unit, 'S01')}15")
    excel.press("adjust")
    book = excel.app.books.active
    rows = book.sheets["Điều chỉnh số liệu"]
    free = excel.app.selection.row
    rows.range((free, 7)).value, rows.range((free, 8)).value = "7", "Đơn vị đính chính"
    book.impl.save_copy(book.impl.path)
    excel.answers.append("yes")
    excel.press("adjust")
    assert text("corrections.recorded", added=1, ended=0, kept=0) in excel.alerts[-1]
    summary.activate()
    excel.answers.extend(["yes", "yes"])
    excel.press("merge")
    assert text("cli.merge.recorded", number=2) in excel.alerts[-1]
    again = excel.app.books[SUMMARY].sheets["Biểu 01 theo đơn vị"]
    assert again.range(f"{column_of(again, 'S01')}15").value == 7
    assert not [said for said in excel.alerts if "Lỗi của chương trình" in said]
    assert excel.answers == []
