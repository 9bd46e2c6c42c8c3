"""What the province has to settle is told to the province, once, and to no unit."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from docx import Document
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.merge.province import (
    CALENDAR,
    NINE,
    PCTN,
    SIX,
    Merged,
    Province,
    blank_filled,
    filled,
)
from tests.saved import saved

NAMES = ("An Đông", "An Tây", "Bình Minh", "Cẩm Sơn", "Đồng Tiến")
COMMUNES = tuple(
    OrganisationUnit(f"X{at}", f"UBND xã {name}", Level.COMMUNE, templates=PCTN)
    for at, name in enumerate(NAMES, 1)
)
ROSTER = Roster.of(COMMUNES, province="Tỉnh Sông Tiền")
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class GivenBack:
    """A merge, what it gave back, and the words of it by file name."""

    merged: Merged
    files: dict[str, str]

    def own(self, *keys: str) -> list[tuple[Any, ...]]:
        """The province's own list."""
        return [tuple(item[key] for key in keys) for item in self.merged.document["own"]]

    def of(self, code: str) -> str:
        """Everything that went to a unit."""
        stem = f"{code.lower()}-"
        return "\n".join(said for name, said in self.files.items() if name.startswith(stem))


def given_back(province: Province, day: str = "2018-09-05") -> GivenBack:
    """Merge and give back."""
    merged = province.merge(NINE, day)
    jsonschema.Draft202012Validator(SCHEMA).validate(merged.document)
    root = ["--workspace", str(province.workspace.root), "--as-of", day, "--jobs", "0"]
    assert main(["return", str(province.inbox(NINE)), "--period", NINE.code, *root]) in (0, 1)
    found = {}
    for path in sorted((province.workspace.outbox / "return").rglob("*.*")):
        if path.suffix == ".docx":
            document = Document(str(path))
            cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
            found[path.name] = "\n".join([p.text for p in document.paragraphs] + cells)
        else:
            book = load_workbook(path)
            cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
            notes = [c.comment.text for c in cells if c.comment is not None]
            found[path.name] = "\n".join([*(str(c.value) for c in cells if c.value), *notes])
    return GivenBack(merged, found)


@pytest.mark.wording
def test_what_most_units_have_alike_is_told_once_to_the_province(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh", ROSTER)
    for at, unit in enumerate(COMMUNES, 1):
        answers: dict[str, Any] = {"c3": 10 + at}
        if at <= 3:
            answers["c5"] = ""  # Three of five: more than half.
        if at >= 4:
            answers["c6"] = ""  # Two of five.
        province.send(NINE, f"{unit.code}.xlsx", blank_filled(unit, NINE, **answers))
    told = given_back(province)
    keys = ("ours", "rule", "element", "units", "answered")
    assert told.own(*keys) == [("shared", "value.required", "c5", ["X1", "X2", "X3"], 5)]
    marked = {
        (item["unit"], item["element"]): item.get("ours")
        for item in told.merged.document["findings"]
        if item["rule"] == "value.required"
    }
    assert marked == {
        **{(f"X{at}", "c5"): "shared" for at in (1, 2, 3)},
        **{(f"X{at}", "c6"): None for at in (4, 5)},
    }
    # Who has nothing else gets nothing; the other two hear of their own blank.
    assert {name.split("-")[0].upper() for name in told.files} == {"X4", "X5"}
    assert text("cli.summary.own", count=1) in told.merged.said
    overview = load_workbook(io.BytesIO(told.merged.files["tong-hop-9-thang-2018.xlsx"]))[
        "Tổng quan"
    ]
    cells = [str(cell.value) for row in overview.iter_rows() for cell in row if cell.value]
    assert text("summary.own.title") in cells
    said = text("summary.own.shared", count=3, answered=5)
    assert sum(said in cell for cell in cells) == 1


def test_a_window_that_the_calendar_does_not_set_is_no_fault_of_units(tmp_path: Path) -> None:
    """Neither unit has a window; the calendar sets one for the office alone."""
    rows = (
        CalendarRow(NINE, Deadline(due=date(2018, 9, 5))),
        CalendarRow(NINE, CALENDAR.rows[1].deadline, level=Level.PROVINCE),
    )
    office = OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, templates=PCTN)
    roster = Roster.of((office, COMMUNES[0]), province="Tỉnh Sông Tiền")
    province = Province.make(tmp_path / "tỉnh", roster, Calendar(rows))
    for unit, number in ((COMMUNES[0], 5), (office, 7)):
        book = load_workbook(io.BytesIO(blank_filled(unit, NINE, c3=number)))
        for name in ("cover.window_from", "cover.window_to"):
            ((sheet, address),) = book.defined_names[name].destinations
            book[sheet][address] = None
        province.send(NINE, f"{unit.code}.xlsx", saved(book))
    told = given_back(province)
    missing = {
        item["unit"]: item.get("ours")
        for item in told.merged.document["findings"]
        if item["rule"] == "sheets.window_missing"
    }
    assert missing == {"S1": None, "X1": "calendar"}
    assert told.own("ours", "rule", "units") == [("calendar", "sheets.window_missing", ["X1"])]
    assert told.of("X1") == ""
    assert "khoảng thời gian" in told.of("S1")


@pytest.mark.parametrize("fits", [True, False])
def test_a_window_of_the_calendar_that_does_not_fit_is_the_calendars(
    tmp_path: Path, *, fits: bool
) -> None:
    window = DataWindow(date(2016, 11, 6), date(2017, 8, 28))
    rows = (CalendarRow(NINE, Deadline(window, due=date(2018, 9, 5))),)
    province = Province.make(tmp_path / "tỉnh", ROSTER, CALENDAR if fits else Calendar(rows))
    issued = province.issue(NINE)
    book = load_workbook(io.BytesIO(filled(issued["X1"], c3=5)))
    if fits:  # The unit typed the days of last year over those that it was given.
        for name, day in (("window_from", window.start), ("window_to", window.end)):
            ((sheet, address),) = book.defined_names[f"cover.{name}"].destinations
            book[sheet][address] = day
    province.send(NINE, "X1.xlsx", saved(book))
    merged = province.merge(NINE, "2018-09-05")
    own = [(item["ours"], item["rule"]) for item in merged.document["own"]]
    rules = {item["rule"] for item in merged.document["findings"]}
    assert "sheets.window_outside_period" in rules
    assert own == ([] if fits else [("calendar", "sheets.window_outside_period")])


def test_an_adjustment_of_the_province_is_no_fault_of_the_unit(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh", ROSTER)
    province.send(NINE, "X1.xlsx", blank_filled(COMMUNES[0], NINE, c3=5))
    province.send(NINE, "X2.xlsx", blank_filled(COMMUNES[1], NINE, c3=6, c5=""))
    changes = tuple(
        Adjustment(name, NINE, unit, ValueKey("pctn_01", element, "value"), value, "TTT",
                   date(2018, 9, 1), "x")
        for name, unit, element, value in (
            ("D1", "X1", "c3", ""),  # The province takes a figure out,
            ("D2", "X1", "c40", "7"),  # puts one in that breaks a rule,
            ("D3", "X2", "c3", "8"),  # and one that breaks none, beside a blank of the unit.
        )
    )  # fmt: skip
    with province.register() as register:
        register.add_corrections(Corrections(changes))
    told = given_back(province)
    own = told.own("ours", "rule", "units")
    assert ("adjusted", "value.required", ["X1"]) in own
    assert ("adjusted", "pctn_01.r40", ["X1"]) in own
    assert {item[0] for item in own} == {"adjusted"}
    assert {item[2][0] for item in own} == {"X1"}
    assert told.of("X1") == ""
    assert {name.split("-")[0].upper() for name in told.files} == {"X2"}


def test_a_figure_below_an_adjusted_one_is_the_units_only_below_what_it_sent(
    tmp_path: Path,
) -> None:
    """Six months as sent, as adjusted, and nine months: 5, 20, 10 and 30, 25, 20."""
    province = Province.make(tmp_path / "tỉnh", ROSTER)
    known = ((COMMUNES[0], 5, "20", 10), (COMMUNES[1], 30, "25", 20))
    for unit, six, _, nine in known:
        province.send(SIX, f"{unit.code}.xlsx", blank_filled(unit, SIX, c3=six))
        province.send(NINE, f"{unit.code}.xlsx", blank_filled(unit, NINE, c3=nine))
    key, day = ValueKey("pctn_01", "c3", "value"), date(2018, 6, 5)
    changes = tuple(
        Adjustment(f"D{at}", SIX, unit.code, key, value, "TTT", day, "x")
        for at, (unit, _, value, _) in enumerate(known, 1)
    )
    with province.register() as register:
        register.add_corrections(Corrections(changes))
    province.merge(SIX, "2018-06-05")
    told = given_back(province)
    drops = {
        item["unit"]: (item.get("ours"), item["found"], item["expected"])
        for item in told.merged.document["findings"]
        if item["rule"] == "history.cumulative_drop"
    }
    assert drops == {"X1": ("adjusted", "10", "≥ 20"), "X2": (None, "20", "≥ 30")}
    assert told.own("ours", "rule", "units") == [("adjusted", "history.cumulative_drop", ["X1"])]
    assert told.of("X1") == ""
    assert "30" in told.of("X2")
