"""How late a return is: said once, by the summary, the document, status, letters and the ribbon."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.actions.status_and_next_step import follow_round, letters_of
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import RECEIVED, Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.letter_plan import LetterBy
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.merge.province import NINE, PCTN, SIX, Merged, Province, blank_filled

NAMES = (
    "An Đông", "An Tây", "Bình Minh", "Cẩm Sơn", "Đồng Tiến", "Hòa Khánh", "Kim Sơn", "Long Hưng",
    "Mỹ Đức", "Ngũ Hiệp", "Phú Mỹ", "Quơn Long",
)  # fmt: skip
COMMUNES = tuple(
    OrganisationUnit(f"X{at:02}", f"UBND xã {name}", Level.COMMUNE, templates=PCTN)
    for at, name in enumerate(NAMES, 1)
)
OFFICE = OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, templates=PCTN)
DUE, FINAL = date(2018, 9, 5), date(2018, 9, 15)
CALENDAR = Calendar(
    (
        CalendarRow(NINE, Deadline(due=DUE, final=FINAL, letter="12/TTT")),
        CalendarRow(NINE, Deadline(due=date(2018, 9, 8), final=FINAL), level=Level.PROVINCE),
    )
)


def blank(unit: OrganisationUnit) -> bytes:
    """The form with its cover, as it came."""
    cover = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": NINE.type.label,
        "cover.period_year": NINE.year,
    }
    return build_template(library_2018(), "pctn", Prefill(values=cover))


@dataclass(frozen=True)
class Told:
    """A province whose files came on four days, and its last merge."""

    province: Province
    merged: Merged


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    roster = Roster.of((OFFICE, *COMMUNES), province="Tỉnh Sông Tiền")
    province = Province.make(tmp_path_factory.mktemp("late") / "tỉnh", roster, CALENDAR)
    by_code = {unit.code: unit for unit in roster.units}

    def send(code: str, number: int = 1) -> None:
        answers = {"c3": 100 + 10 * int(code[1:]) + number, "revision": number}
        province.send(
            NINE, f"{code} lần {number}.xlsx", blank_filled(by_code[code], NINE, **answers)
        )

    # 4 September: in time for all.
    for code in ("X02", "X12"):
        send(code)
    province.send(NINE, "X03 trống.xlsx", blank(by_code["X03"]))
    province.send(NINE, "X04 hỏng.xlsx", b"PK\x03\x04 UBND xa")
    province.send(NINE, "X05 sáu tháng.xlsx", blank_filled(by_code["X05"], SIX))
    for name in ("X07 trống.xlsx", "X07 trống (1).xlsx"):
        province.send(NINE, name, blank(by_code["X07"]))
    province.send(NINE, "X11 trống.xlsx", blank(by_code["X11"]))
    province.merge(NINE, "2018-09-04")
    # 7 September: two days late for communes, in time for the office.
    for code in ("S1", "X01", "X03", "X04", "X05", "X06", "X07", "X11"):
        send(code)
    send("X02", 2)
    province.merge(NINE, "2018-09-07")
    # 10 September: what came late is sent again.
    send("X01", 2)
    province.merge(NINE, "2018-09-10")
    # 16 September, after the final date.
    for code in ("X08", "X09"):
        send(code)
    send("X12", 2)
    key = ValueKey(RECEIVED, "pctn", "", 0)
    days = tuple(
        Adjustment(f"N{code}", NINE, code, key, "05/09/2018", "TTT", date(2018, 9, 12), "Thư đến")
        for code in ("X06", "X11")
    )
    waiver = Waiver(
        "M1", "memory.too_late", "X08", None, "TTT", date(2018, 9, 16), "Bão", "7/CV", NINE
    )
    with province.register() as register:
        register.add_corrections(Corrections(days, (waiver,)))
    return Told(province, province.merge(NINE, "2018-09-16"))


OUTCOMES = {
    "X01 lần 1.xlsx": "superseded",
    "X03 trống.xlsx": "rejected",
    "X04 hỏng.xlsx": "unreadable",
    "X05 sáu tháng.xlsx": "held",
    "X07 trống (1).xlsx": "duplicate",
    "X07 trống.xlsx": "rejected",
    "X08 lần 1.xlsx": "accepted",
    "X09 lần 1.xlsx": "held",
    "X12 lần 2.xlsx": "held",
}
LATE = {
    "S1": 0,  # Its level has until the eighth.
    "X01": 2,  # The first file counts, not the one sent again.
    "X02": 0,  # In time; what was sent again on the seventh makes nothing late.
    "X03": 2,  # A blank form in time is no return.
    "X04": 2,  # Nor is a file that cannot be read,
    "X05": 2,  # nor one that is held.
    "X06": 0,  # The officer set the day right,
    "X11": 0,  # also where a blank form came before.
    "X07": 2,  # The second copy of a blank form is none either.
    "X08": 11,  # After the final date, which was waived.
    "X09": 11,  # After the final date: not sent.
    "X12": 0,  # In time; what came after the final date is held beside it.
}
STATES = {code: "late" if days else "on_time" for code, days in LATE.items()}
STATES |= {"X09": "too_late", "X10": "missing"}


def test_all_who_say_when_a_return_came_say_the_same(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told.merged.document
    assert {name: told.merged.outcomes()[name] for name in OUTCOMES} == OUTCOMES
    workspace = told.province.workspace
    # The document of the merge.
    counted = sorted(code for code, days in LATE.items() if days and code != "X09")
    assert document["units"]["late"] == counted
    said = {
        item["unit"]["code"]: item["days_late"]
        for item in document["returns"]
        if item["unit"] and item.get("days_late") is not None
    }
    assert said == LATE
    notes = {item["unit"]: item for item in document["findings"] if item["rule"] == "memory.late"}
    assert sorted(notes) == sorted({*counted} - {"X08"})
    assert {item["found"] for item in notes.values()} == {"07/09/2018"}
    # The command and the ribbon count the same units.
    assert text("cli.summary.late", count=len(counted)) in told.merged.said
    # The summary.
    book = load_workbook(io.BytesIO(told.merged.files["tong-hop-9-thang-2018.xlsx"]))
    overview = {
        cell.value for row in book[text("summary.sheet.overview")].iter_rows() for cell in row
    }
    assert text("summary.received.late", count=len(counted)) in overview
    files = book[text("summary.sheet.files")]
    rows = list(files.iter_rows(values_only=True))
    head = next(row for row in rows if text("summary.files.late") in row)
    unit, late = (head.index(text(f"summary.files.{key}")) for key in ("unit", "late"))
    listed = {row[unit]: row[late] for row in rows[rows.index(head) + 1 :] if row[late]}
    names = {unit.name: unit.code for unit in (OFFICE, *COMMUNES)}
    assert {names[name]: days for name, days in listed.items()} == {
        code: days for code, days in LATE.items() if days
    }
    # Status, on paper and for programs.
    call = ["status", NINE.code, "--workspace", str(workspace.root), "--as-of", "2018-09-16"]
    capsys.readouterr()
    assert main([*call, "--json"]) == 1
    returns = {item["unit"]: item for item in json.loads(capsys.readouterr().out)["returns"]}
    assert {code: item["state"] for code, item in returns.items()} == STATES
    assert {code: max(item["days"], 0) for code, item in returns.items() if code in LATE} == LATE
    # What the button "Tình hình nộp" is made of, and the letters: only who sent nothing is asked.
    progress = follow_round(workspace, NINE, date(2018, 9, 16))
    assert {item.unit.code: item.days_late for item in progress.returns} == {**LATE, "X10": None}
    letters = letters_of(progress, LetterBy.UNIT)
    assert [letter.unit.code for letter in letters if letter.unit] == ["X10"]


def test_a_deadline_that_is_shifted_is_shifted_for_all(tmp_path: Path) -> None:
    """The same files under a calendar that gives communes until the seventh."""
    later = CalendarRow(NINE, Deadline(due=date(2018, 9, 7), final=FINAL), level=Level.COMMUNE)
    roster = Roster.of((OFFICE, *COMMUNES), province="Tỉnh Sông Tiền")
    province = Province.make(tmp_path / "tỉnh", roster, Calendar((*CALENDAR.rows, later)))
    for code, day in (("X01", "2018-09-07"), ("X02", "2018-09-08")):
        unit = next(unit for unit in COMMUNES if unit.code == code)
        province.send(NINE, f"{code}.xlsx", blank_filled(unit, NINE, c3=int(code[1:])))
        merged = province.merge(NINE, day)
    assert merged.document["units"]["late"] == ["X02"]
    progress = follow_round(province.workspace, NINE, date(2018, 9, 8))
    assert {item.unit.code: item.days_late for item in progress.returns if item.state.done} == {
        "X01": 0,
        "X02": 1,
    }
