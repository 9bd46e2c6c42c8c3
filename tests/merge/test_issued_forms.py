"""A pack that is changed while a round is open: returns are read as they were issued."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.calendar import build_calendar
from consolidate.province.own_forms import FORMS, ISSUED
from consolidate.province.roster import build_roster
from consolidate.province.workspace import Workspace
from tests.saved import saved

YEAR = Period.parse_code("2025-Y")
PACK = """
code = "{code}"
family = "{code}"
title = "Gói {code}"
heading = ["GÓI"]
short_title = "Gói {code}"
file_name = "{code}.xlsx"
version = "1"
legal_basis = "Quyết định 1"
serves_from = 2024-01-01
recipient = "Sở Nội vụ"
data_sets = [{forms}]

[[packages]]
periods = ["Y"]
data_sets = [{forms}]
"""
TOP = """
code = "{code}"
title = "Biểu {code}"
short_title = "Biểu {code}"
sheet = "{sheet}"
shape = "{shape}"
periods = ["Y"]
[layout]
number_header = "MS"
"""
ROW = """
[[body]]
code = "{code}"
number = "{number}"
label = "{label}"
type = "count"
unit = "{unit}"
required = ["value"]
"""
COLUMN = 'label_header = "Nội dung"\n[[columns]]\ncode = "value"\nlabel = "Số liệu"\n'
RULE = """
[[rules]]
id = "{id}"
expression = "{expression}"
severity = "error"
source = "thử"
"""
HEAD = TOP.format(code="people", sheet="Nhân sự", shape="fixed") + COLUMN
STAFF = ROW.format(code="staff", number="1", label="Số người", unit="Người")
MONEY = ROW.format(code="money", number="2", label="Quỹ lương", unit="Triệu đồng")
OLD = (
    HEAD
    + STAFF
    + MONEY
    + ROW.format(code="women", number="3", label="Số nữ", unit="Người")
    + RULE.format(id="women", expression="women <= staff")
)
NEW = (
    HEAD
    + STAFF.replace("Số người", "Tổng số người")
    + MONEY.replace("Triệu đồng", "Đồng")
    + ROW.format(code="party", number="4", label="Số đảng viên", unit="Người")
    + RULE.format(id="party", expression="party <= staff")
)
AA = frozenset({"aa"})
UNITS = (
    OrganisationUnit("S1", "Sở Một", Level.PROVINCE, kind=UnitKind.DEPARTMENT, templates=AA),
    OrganisationUnit("S2", "Sở Hai", Level.PROVINCE, kind=UnitKind.DEPARTMENT, templates=AA),
)
TOLD = "Gói aa (aa) đã sửa sau khi phát hành kỳ Năm 2025: Biểu people: thêm dòng “4 Số đảng viên”; "


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A province with a pack of its own whose round was issued."""
    root = tmp_path / "tỉnh"
    assert main(["init", str(root), "--year", "2025"]) == 0
    write(root, OLD)
    library = Workspace.at(_shipped(), root).library
    (root / "roster.xlsx").write_bytes(build_roster(Roster.of(UNITS, province="Tỉnh A")))
    window = DataWindow(date(2025, 1, 1), date(2025, 12, 31))
    deadline = Deadline(window, date(2026, 1, 5), date(2026, 1, 15), "1/SNV")
    rows = (CalendarRow(YEAR, deadline, template="aa"),)
    (root / "calendar.xlsx").write_bytes(build_calendar(Calendar(rows), library.families))
    monkeypatch.chdir(root)
    assert main(["issue", YEAR.code]) in (0, 1)
    return root


def _shipped() -> Any:
    from consolidate.definitions.loader import shipped_library

    return shipped_library()


def write(root: Path, people: str) -> None:
    folder = root / FORMS / "aa"
    folder.mkdir(parents=True, exist_ok=True)
    pack = PACK.format(code="aa", forms='"people"')
    (folder / "pack.toml").write_text(pack, encoding="utf-8")
    (folder / "people.toml").write_text(people, encoding="utf-8")


def fill(root: Path, unit: str, **figures: int) -> None:
    """Return the template of a unit, filled in."""
    (path,) = (root / "outbox" / YEAR.code).glob(f"{unit.casefold()}-*aa*.xlsx")
    book = load_workbook(path)
    for element, value in figures.items():
        ((sheet, address),) = book.defined_names[f"people.{element}"].destinations
        book[sheet][address] = value
    folder = root / "inbox" / YEAR.code
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{unit}.xlsx").write_bytes(saved(book))


def merged(root: Path) -> dict[str, Any]:
    assert main(["merge", f"inbox/{YEAR.code}", "--as-of", "2026-01-03"]) in (0, 1)
    path = root / "results" / f"result-{YEAR.code}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def found(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((f["unit"], f["rule"], f["element"]) for f in document["findings"])


def totals(document: dict[str, Any]) -> dict[str, tuple[Any, int]]:
    return {
        item["element"]: (item["total"], item["units"])
        for item in document["totals"]
        if item["data_set"] == "people"
    }


def test_a_pack_as_issued_says_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(root, "S1", staff=5, money=10, women=2)
    fill(root, "S2", staff=7, money=20, women=9)
    document = merged(root)
    assert found(document) == [("S2", "people.women", "women")]
    assert totals(document) == {"staff": (12, 2), "money": (30, 2), "women": (11, 2)}
    assert "đã sửa sau khi phát hành" not in capsys.readouterr().out
    assert Workspace.at(_shipped(), root).library.packs.former == {}


@pytest.mark.wording
def test_an_old_return_is_read_by_its_own_version(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(root, "S2", staff=7, money=20, women=9)
    write(root, NEW)
    assert main(["issue", YEAR.code, "--force"]) in (0, 1)
    assert len(list((root / FORMS / ISSUED / YEAR.code).iterdir())) == 2
    fill(root, "S1", staff=5, money=10_000_000, party=6)
    capsys.readouterr()
    document = merged(root)
    assert TOLD in " ".join(capsys.readouterr().out.split())
    # Its labels, its unit of measure and its rule: none of today's.
    assert found(document) == [
        ("S1", "people.party", "party"),
        ("S2", "changed.issued_before", ""),
        ("S2", "people.women", "women"),
    ]
    # Both versions have the first row; each of the others only one of them.
    assert totals(document) == {"staff": (12, 2), "money": (10_000_000, 1), "party": (6, 1)}
    (note,) = (f for f in document["findings"] if f["rule"] == "changed.issued_before")
    assert note["severity"] == "info"
    for told in (
        "bỏ dòng “3 Số nữ”",
        "đổi tên “1 Số người” thành “1 Tổng số người”",
        "đổi đơn vị tính hoặc kiểu số liệu của “2 Quỹ lương” (Triệu đồng thành Đồng)",
        "thêm phép kiểm tra: MS 4 không được lớn hơn MS 1",
        "bỏ phép kiểm tra: MS 3 không được lớn hơn MS 1",
    ):
        assert told in note["message"]
    main(["status", YEAR.code, "--as-of", "2026-01-03"])
    assert TOLD in " ".join(capsys.readouterr().out.split())
