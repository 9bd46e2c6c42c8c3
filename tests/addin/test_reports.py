"""What buttons tell a person of work that is done, and what they make of what others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from addin.buttons.adjust_and_decide_buttons import _free_row
from addin.buttons.check_button import _tints, new_listing, read_listing, rows_of, write_listing
from addin.buttons.issue_and_return_buttons import _chosen, _issued
from addin.buttons.merge_and_status_buttons import _progress_report
from addin.buttons.merge_and_status_buttons import _report as merge_report
from addin.session import Session, taken_copy
from addin.summaries import Summary
from consolidate.actions.merge import MergeDone
from consolidate.actions.status_and_next_step import RoundProgress
from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import Finding, Severity, joined
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunHead, RunOutcome
from consolidate.model.units import Roster
from consolidate.xlsx.write.atomic_files import FilesWritten
from tests.addin.conftest import Excel
from tests.addin.workspaces import DAY, NINE
from tests.library_2018 import library_2018
from tests.messages import own_words
from tests.reports.make_result import result


def run(number: int) -> Run:
    return Run(number, RunHead(NINE, DAY, "0", ""), "")


def test_progress_names_the_run_that_stands_and_counts_files_of_nobody() -> None:
    said = RoundProgress(NINE, DAY, Roster.of(()), "", (), (), run(3), library_2018())
    nobody = RunOutcome("lạ.xlsx", "", "", "", "", Outcome.HELD, joined("", ("?",)))
    (first,) = _progress_report(said).split("\n")
    two = replace(said, standing=run(1), unplaced=(nobody, nobody))
    assert _progress_report(two).split("\n") == [
        first,
        text("status.standing", run=1),
        text("status.unplaced", count=2),
    ]


def test_issuing_tells_everything_that_became_of_the_files() -> None:
    kept = [f"{number}.xlsx" for number in range(12)]
    done = FilesWritten(Path("x"), ["a"], ["b", "c"], kept)
    assert _issued(done) == [
        text("issue.written", count=1, folder=Path("x")),
        text("issue.unchanged", count=2),
        text("addin.issue.kept", count=12, files="\n".join(kept[:10])),
    ]


def test_an_adjustment_that_changed_nothing_is_told_after_a_merge() -> None:
    key = ValueKey("pctn_01", "c3", "value")
    idle = Adjustment("D7", NINE, "S1", key, "8", "TTT", date(2018, 9, 1), "x")
    done = MergeDone(result([]), {"workbook": Path("a.xlsx")}, (idle,))
    lines = merge_report(done, without_roster=False).split("\n")
    assert text("cli.merge.unused_adjustment", id="D7", unit="S1") in lines


@pytest.mark.parametrize(
    ("name", "taken"),
    [("tonghop-1.tmp", True), ("khác.tmp", False), ("tonghop-2018.xlsx", False)],
)
def test_only_our_own_copies_are_taken_away(tmp_path: Path, name: str, taken: bool) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert taken_copy(Session(None, str(path))) == b"x"  # type: ignore[arg-type]  # No Excel is asked.
    assert path.exists() is not taken


@pytest.mark.parametrize(
    "kept",
    ['[[1,"A1","-"]]', '[[null,"A1",[1,2,3]]]', '[["Bìa","A0","-"]]', '[["Bìa","A1",5]]', "[1]"],
)
def test_what_is_no_colour_of_a_named_cell_colours_nothing(kept: str) -> None:
    assert _tints(kept) == ()


@pytest.mark.parametrize("excel", ["file"], indirect=True)
def test_notes_below_the_list_are_no_findings(excel: Excel) -> None:
    sheet = excel.app.books.add().sheets[0]
    found = Finding("x.y", Severity.ERROR, own_words("sai"), cells=(CellRef("Bìa", 0, 0),))
    write_listing(sheet, "t", "s", rows_of([found]))
    sheet.range("D8").value = "ghi chú của người dùng"
    assert read_listing(sheet) == rows_of([found])


@pytest.mark.parametrize("excel", ["file"], indirect=True)
@pytest.mark.parametrize(("key", "number"), [("next", 1), ("previous", 3)])
def test_the_first_press_goes_to_either_end_of_the_list(
    excel: Excel, key: str, number: int
) -> None:
    book = excel.app.books.add()
    found = [Finding("x.y", Severity.ERROR, own_words(f"sai {at}")) for at in range(3)]
    write_listing(new_listing(book), "t", "s", rows_of(found))
    excel.press(key)
    assert str(excel.status).startswith(f"{number}/3 ")


@pytest.mark.parametrize("excel", ["file"], indirect=True)
def test_a_line_of_a_list_names_a_unit_unless_it_is_a_title_or_of_nobody(excel: Excel) -> None:
    book = excel.app.books.add()
    sheet = book.sheets[0]
    sheet.name = text("summary.sheet.files")
    titles = [text(f"summary.files.{key}") for key in ("file", "unit")]
    rows = [titles, ["a.xlsx", "Sở Nội vụ"], ["b.xlsx", text("summary.no_unit")], ["", "Sở"]]
    sheet.range((3, 1), (6, 2)).value = rows
    summary = Summary(book, Path("tong-hop-9-thang-2018.xlsx"), NINE)
    files = []
    for row in range(3, 7):
        excel.select(sheet, f"A{row}")
        chosen = _chosen(Session(excel.app), summary)
        files.append(chosen and chosen.file)
    assert files == [None, "a.xlsx", None, None]


@pytest.mark.parametrize("excel", ["file"], indirect=True)
def test_a_row_of_corrections_is_free_only_if_nothing_stands_in_it(excel: Excel) -> None:
    sheet = excel.app.books.add().sheets[0]
    sheet.range((2, 1), (4, 3)).value = [["a", "b", "c"], [None, None, "lý do"], ["x", None, None]]
    assert _free_row(sheet, 2, [1, 2, 3]) == 5
    assert _free_row(sheet, 2, [2, 1]) == 3
    assert _free_row(sheet, 4, [1, 2, 3]) == 5
