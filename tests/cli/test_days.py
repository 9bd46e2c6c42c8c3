"""Days: no merge of a day to come, the day on which a run was made, days of receipt set right."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.cli import options
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import RECEIVED, Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.units import Roster
from consolidate.province.corrections_book import build_corrections, read_corrections_book
from consolidate.templates.file_names import summary_name
from tests.cli.made import LastOfSeptember
from tests.cli.test_adjust import FIRST_ROW, GOOD, KNOWN, LIBRARY, changed, problems, write
from tests.databases import ON_BOTH
from tests.merge.province import NINE, SIX, UNITS, Province, blank_filled, filled

DUE, FINAL = date(2018, 9, 5), date(2018, 9, 15)
CALENDAR = Calendar((CalendarRow(NINE, Deadline(due=DUE, final=FINAL)),))
RECEIPT = changed(
    GOOD, data_set="Ngày nhận", element="PCTN", value="5/9/2018", reason="Đến ngày 5",
    on=date(2018, 9, 20),
)  # fmt: skip
OF_RECEIPT = Adjustment(
    "", NINE, "S01", ValueKey(RECEIVED, "pctn"), "05/09/2018", "Phòng A", date(2018, 9, 20),
    "Đến ngày 5", "12/CV",
)  # fmt: skip


@pytest.fixture(autouse=True)
def last_of_september(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "date", LastOfSeptember)


@pytest.fixture
def sent(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Province:
    """Two returns in the inbox."""
    monkeypatch.chdir(tmp_path)
    province = Province.make(tmp_path / "tỉnh", calendar=CALENDAR, database=database)
    for at in (0, 1):
        data = blank_filled(UNITS[at], NINE, c3=5 + at)
        province.send(NINE, f"{UNITS[at].code}.xlsx", data)
    return province


def test_a_merge_of_a_day_to_come_is_refused(sent: Province) -> None:
    for more in ([], ["--dry-run"]):
        made = sent.merge(NINE, "2018-10-01", *more)
        said = text("cli.merge.future", day="01/10/2018", today="30/09/2018")
        assert (made.code, said in made.said, made.files) == (2, True, {})
        assert not (sent.workspace.register / "register.sqlite3").exists()
    assert sent.merge(NINE, "2018-09-30").code != 2
    # To ask what will be late then is another question.
    call = ["status", NINE.code, "--as-of", "2018-10-01", "--workspace", str(sent.workspace.root)]
    assert main(call) != 2


@ON_BOTH
def test_listings_show_the_day_on_which_a_run_was_made(
    sent: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    sent.merge(NINE, "2018-09-05")
    sent.merge(NINE, "2018-09-30")
    root = ["--workspace", str(sent.workspace.root)]
    both = "ngày 05/09/2018, tổng hợp ngày 30/09/2018"
    for call in (["runs"], ["diff", "1", "2"]):
        capsys.readouterr()
        main([*call, *root])
        said = " ".join(capsys.readouterr().out.split())
        assert both in said, call
        assert "ngày 30/09/2018 · phiên bản" in said, call
    lock = ["lock", NINE.code, "--yes", "--author", "A", "--run", "1"]
    for call in (["trace", "pctn_01.c3", "--run", "1"], lock):
        capsys.readouterr()
        main([*call, *root])
        said = " ".join(capsys.readouterr().out.split())
        assert "05/09/2018" in said, call
        assert "tổng hợp ngày 30/09/2018" in said, call


def test_a_day_of_receipt_is_set_right_by_a_row_of_the_workbook(
    sent: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    late, other = UNITS[0].code, UNITS[1].code
    root = ["--workspace", str(sent.workspace.root)]

    def status() -> dict[str, tuple[str, str, str | None]]:
        capsys.readouterr()
        main(["status", NINE.code, "--json", "--as-of", "2018-09-30", *root])
        returns = json.loads(capsys.readouterr().out)["returns"]
        return {
            item["unit"]: (item["state"], item["received"], item["received_by"])
            for item in returns
            if item["template"] == "pctn"
        }

    before = sent.merge(NINE, "2018-09-18")
    assert set(before.outcomes().values()) == {"held"}  # After the final day.
    assert status()[late] == ("too_late", "2018-09-18", None)
    row = changed(RECEIPT, unit=late)
    write(sent.workspace.root / "corrections.xlsx", [row])
    assert main(["adjust", *root]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"2018-9M · {late} · Ngày nhận PCTN = 05/09/2018" in said
    with sent.register() as register:
        (item,) = register.corrections().adjustments
    # What the last merge held is told at once, and counted by the next.
    assert status()[late] == ("held", "2018-09-05", item.id)
    after = sent.merge(NINE, "2018-09-30")
    assert after.outcomes() == {f"{late}.xlsx": "accepted", f"{other}.xlsx": "held"}
    assert status()[late] == ("on_time", "2018-09-05", item.id)
    assert status()[other] == ("too_late", "2018-09-18", None)
    told = after.message("memory.received_on", late)
    for part in ("18/09/2018", "05/09/2018", "Phòng A", item.id, "12/CV", "Đến ngày 5"):
        assert part in told
    documents = {entry["file"]: entry for entry in after.document["returns"]}
    assert documents[f"{late}.xlsx"]["received"] == "2018-09-05"
    assert documents[f"{late}.xlsx"]["received_by"] == item.id
    assert "received_by" not in documents[f"{other}.xlsx"]
    book = load_workbook(BytesIO(after.files[summary_name(NINE)]))
    cells = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line}
    assert f"05/09/2018 (điều chỉnh {item.id})" in cells
    # As of a day before the decision nothing was decided.
    assert set(sent.merge(NINE, "2018-09-19").outcomes().values()) == {"held"}
    # Taken back, it is as it was.
    write(sent.workspace.root / "corrections.xlsx", [])
    assert main(["adjust", "--author", "A", *root]) == 0
    assert set(sent.merge(NINE, "2018-09-30").outcomes().values()) == {"held"}


def test_a_row_about_a_day_of_receipt_is_read_and_written(tmp_path: Path) -> None:
    for cells in (
        {}, {"element": "pctn"}, {"value": date(2018, 9, 5)}, {"period": "2018-Q3"},
        {"data_set": "NGÀY NHẬN"},
    ):  # fmt: skip
        book = read_corrections_book(write(tmp_path / "d.xlsx", [changed(RECEIPT, **cells)]), KNOWN)
        assert (book.rows, book.problems) == (((FIRST_ROW, OF_RECEIPT),), ())
    path = tmp_path / "e.xlsx"
    standing = Corrections((replace(OF_RECEIPT, id="DC-1"),))
    path.write_bytes(build_corrections(standing, LIBRARY, KNOWN.roster, ()))
    again = read_corrections_book(path, KNOWN)
    assert again.rows == ((FIRST_ROW, OF_RECEIPT),)


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"element": "Biểu 01"}, "received_template"),
        ({"element": None}, "received_template"),
        ({"value": "31/9/2018"}, "received_day"),
        ({"value": "12"}, "received_day"),
        ({"value": "(trống)"}, "received_day"),
        ({"value": "21/9/2018"}, "received_later"),
        ({"author": None}, "no_author"),
        ({"reason": None}, "no_reason"),
    ],
)
def test_a_row_about_a_day_of_receipt_that_cannot_be_applied(
    tmp_path: Path, cells: dict[str, object], key: str
) -> None:
    fields = dict.fromkeys(cells)
    row = list(changed(RECEIPT, **cells))
    for name in fields:
        if cells[name] is None:
            row[_AT[name]] = None
    assert [problem.key for problem in problems(tmp_path, tuple(row))] == [f"corrections.{key}"]


_AT = {"element": 3, "reason": 7, "author": 9}


ADJUSTED = Adjustment(
    "D1", SIX, "S1", ValueKey("pctn_01", "c3", "value"), "60", "TTT", date(2018, 7, 10), "x", "1"
)


@pytest.fixture
def province(tmp_path: Path) -> Province:
    province = Province.make(tmp_path / "tỉnh", roster=Roster.of(UNITS[:1], province="Tỉnh A"))
    province.send(SIX, "S1.xlsx", filled(province.issue(SIX)["S1"], c3=50))
    province.merge(SIX, "2018-06-04")
    with province.register() as register:
        register.add_corrections(Corrections((ADJUSTED,)))
    return province


@pytest.mark.parametrize(("day", "shown"), [("09/07/2018", 50), ("2018-07-10", 60)])
def test_corrections_in_force_on_the_day_are_shown(
    province: Province, day: str, shown: int
) -> None:
    call = ["issue", NINE.code, "--workspace", str(province.workspace.root), "--as-of", day]
    assert main(call) == 0
    (path,) = (province.workspace.outbox / NINE.code).glob("*.xlsx")
    sheet = load_workbook(io.BytesIO(path.read_bytes()))["Biểu 01"]
    at = next(cell.column for cell in sheet[1] if cell.value == "previous.value")
    row = next(cell.row for cell in sheet["A"] if cell.value == "c3")
    assert sheet.cell(row, at).value == shown


def test_a_day_that_is_none(province: Province, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["issue", NINE.code, "--workspace", str(province.workspace.root), "--as-of", "31/02/18"]
    assert main(call) == 2
    assert text("cli.merge.bad_day", value="31/02/18") in " ".join(capsys.readouterr().err.split())
