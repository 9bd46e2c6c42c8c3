"""The calendar that ``init --year`` writes, and the law behind a calendar that says nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline, deadline_for
from consolidate.model.period import DataWindow, Period
from consolidate.model.units import Level, OrganisationUnit, UnitKind
from consolidate.province.calendar import read_calendar, statutory_calendar

LIBRARY = shipped_library()
CIRCULAR = "Thông tư số 06/2025/TT-TTCP ngày 29/9/2025 của Thanh tra Chính phủ"
NINE = Period.parse_code("2026-9M")
WINDOW, DUE = DataWindow(date(2025, 12, 15), date(2026, 9, 14)), date(2026, 9, 17)
COMMUNE = OrganisationUnit("X1", "UBND xã A", Level.COMMUNE, kind=UnitKind.COMMUNE)
Row = tuple[str, str, DataWindow | None, date | None]


def rows(calendar: Calendar) -> list[Row]:
    return [
        (row.template, row.period.code, row.deadline.window, row.deadline.due)
        for row in calendar.rows
    ]


def window(*days: tuple[int, int, int]) -> DataWindow:
    return DataWindow(date(*days[0]), date(*days[1]))


def test_2026_is_the_circular_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path), "--year", "2026"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert text("workspace.init.year", title="PCTN", year=2026, letter=CIRCULAR) in said
    assert text("workspace.init.year_none", title="CCHC", year=2026) in said
    calendar = read_calendar(tmp_path / "calendar.xlsx", LIBRARY.families)
    start = (2025, 12, 15)
    assert rows(calendar) == [
        ("pctn", "2026-Q1", window(start, (2026, 3, 14)), date(2026, 3, 17)),
        ("pctn", "2026-Q2", window((2026, 3, 15), (2026, 6, 14)), date(2026, 6, 17)),
        ("pctn", "2026-6M", window(start, (2026, 6, 14)), date(2026, 6, 17)),
        ("pctn", "2026-Q3", window((2026, 6, 15), (2026, 9, 14)), date(2026, 9, 17)),
        ("pctn", "2026-9M", WINDOW, DUE),
        ("pctn", "2026-Q4", window((2026, 9, 15), (2026, 12, 14)), date(2026, 12, 17)),
        ("pctn", "2026-Y", window(start, (2026, 12, 14)), date(2026, 12, 17)),
    ]
    nine = next(row.deadline for row in calendar.rows if row.period == NINE)
    assert nine.letter == CIRCULAR
    assert nine.note == text("calendar.province_due", day="20/09/2026")
    assert calendar == Calendar(
        tuple(
            CalendarRow(row.period, row.deadline, "pctn", number=5 + at)
            for at, row in enumerate(statutory_calendar(LIBRARY.packs, 2026).rows)
        )
    )


@pytest.mark.parametrize(
    ("year", "families"),
    [
        (2018, {"cchc": ["Q1", "Q2", "Q3", "Q4"], "pctn": ["Q1", "6M", "9M", "Y"]}),
        (2022, {"cchc": ["Q1", "Q2", "Q3", "Q4"]}),
        (2025, {"pctn": ["Q4", "Y"]}),
    ],
)
def test_a_year_has_the_rounds_that_its_forms_serve(year: int, families: dict[str, list[str]]):
    found: dict[str, list[str]] = {}
    for row in statutory_calendar(LIBRARY.packs, year).rows:
        found.setdefault(row.template, []).append(row.period.type.value)
        undated = row.deadline.window is None and row.deadline.due is None
        assert undated is (year < 2025)
        assert (text("calendar.to_fill") in row.deadline.note) is undated
    assert found == families


def test_a_year_without_forms_and_two_calendars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "x"
    for more, key in (
        (["--year", "2010"], text("workspace.init.no_forms", year=2010)),
        (["--year", "26"], "26"),
        (["--year", "2026", "--calendar", "tien-giang"], text("workspace.init.two_calendars")),
    ):
        assert main(["init", str(root), *more]) == 2
        assert key in " ".join(capsys.readouterr().err.split())
        assert not root.exists()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, Deadline(WINDOW, DUE, letter=CIRCULAR)),
        (Deadline(due=date(2026, 9, 10)), Deadline(WINDOW, date(2026, 9, 10))),
        (Deadline(letter="9/TTT"), Deadline(WINDOW, DUE, letter="9/TTT")),
        (
            Deadline(final=date(2026, 9, 12)),
            Deadline(WINDOW, date(2026, 9, 12), date(2026, 9, 12)),
        ),
    ],
)
def test_the_law_says_what_the_calendar_does_not(said: Deadline | None, found: Deadline) -> None:
    calendar = Calendar((CalendarRow(NINE, said),) if said is not None else ())
    assert deadline_for(LIBRARY, calendar, COMMUNE, "pctn", NINE) == found


def test_forms_without_statutory_days_have_those_of_the_calendar_alone() -> None:
    old = Period.parse_code("2018-9M")
    assert deadline_for(LIBRARY, Calendar(), COMMUNE, "pctn", old) is None
    assert deadline_for(LIBRARY, Calendar(), COMMUNE, "cchc", NINE) is None
    said = Deadline(due=DUE)
    calendar = Calendar((CalendarRow(old, said),))
    assert deadline_for(LIBRARY, calendar, COMMUNE, "pctn", old) == said
