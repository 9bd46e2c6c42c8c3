"""The reporting calendar: which row counts, who is late, what is said of a wrong one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from consolidate.definitions.calendars import example, examples
from consolidate.model.cells import Cell
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline, Lateness, Timeliness
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.units import KIND_LEVELS, Level, OrganisationUnit, UnitKind
from consolidate.province.book_columns import CALENDAR
from consolidate.province.calendar import build_calendar, parse_calendar, read_calendar
from consolidate.province.kept_fields import KeptSheet, table_in

TEMPLATES = ("pctn", "cchc")
SPAN = "01/01/2024 – 02/01/2024"
SHEET = because("kept.calendar.sheet")
YEAR = Period(2024, PeriodType.YEAR)
HEADER: list[Cell] = [
    "Năm", "Kỳ báo cáo", "Biểu mẫu", "Cấp", "Loại đơn vị", "Số liệu từ ngày", "Số liệu đến ngày",
    "Hạn nộp", "Ngày cuối cùng nhận", "Số văn bản", "Ghi chú", "Độ mật",
]  # fmt: skip
KINDS = ", ".join(f"“{kind.label}”" for kind in UnitKind if kind.label)
TYPES = ", ".join(f"“{kind.label}”" for kind in PeriodType)


def unit(level: Level, kind: UnitKind = UnitKind.UNKNOWN) -> OrganisationUnit:
    return OrganisationUnit("U", "Đơn vị", level, kind=kind)


DEPARTMENT = unit(Level.PROVINCE, UnitKind.DEPARTMENT)
DISTRICT = unit(Level.DISTRICT, UnitKind.DISTRICT)
COMMUNE = unit(Level.COMMUNE, UnitKind.COMMUNE)
POLICE = unit(Level.PROVINCE, UnitKind.VERTICAL)


def a_row(
    note: str, template: str = "", level: Level | None = None, kind: UnitKind | None = None
) -> CalendarRow:
    return CalendarRow(YEAR, Deadline(note=note), template, level, kind)


def parsed(rows: list[list[Cell]]) -> Calendar:
    return parse_calendar(table_in([KeptSheet(rows)], "lich.xlsx", CALENDAR), TEMPLATES)


def parse(*rows: list[Cell]) -> Calendar:
    return parsed([HEADER, *rows])


def complaints(*rows: list[Cell]) -> tuple[Reason, ...]:
    with pytest.raises(UserError) as caught:
        parse(*rows)
    return caught.value.problems


def test_a_row_for_the_vertical_branches_is_for_the_police_too() -> None:
    police = replace(POLICE, kind=UnitKind.POLICE)
    front = replace(POLICE, kind=UnitKind.FRONT)
    vertical, own = a_row("vertical", kind=UnitKind.VERTICAL), a_row("own", kind=UnitKind.POLICE)
    for rows in ((vertical, own), (own, vertical)):
        calendar = Calendar(rows)
        assert calendar.ties() == ()
        assert calendar.entry_for(police, "pctn", YEAR) == own.deadline
        assert calendar.entry_for(front, "pctn", YEAR) is None
    assert Calendar((vertical,)).entry_for(police, "pctn", YEAR) == vertical.deadline
    assert Calendar((own,)).entry_for(POLICE, "pctn", YEAR) is None


def test_the_most_specific_row_counts() -> None:
    calendar = Calendar(
        (
            a_row("all"),
            a_row("commune", kind=UnitKind.COMMUNE),
            a_row("pctn of communes", "pctn", Level.COMMUNE, UnitKind.COMMUNE),
            a_row("district", level=Level.DISTRICT, kind=UnitKind.DISTRICT),
            a_row("departments", kind=UnitKind.DEPARTMENT),
            a_row("vertical", kind=UnitKind.VERTICAL),
        )
    )
    assert calendar.ties() == ()

    def note(unit: OrganisationUnit, template: str = "cchc", period: Period = YEAR) -> str:
        found = calendar.entry_for(unit, template, period)
        return found.note if found is not None else "none"

    assert note(COMMUNE) == "commune"
    assert note(COMMUNE, "pctn") == "pctn of communes"
    assert note(DEPARTMENT) == "departments"
    assert note(POLICE, "pctn") == "vertical"
    assert note(DISTRICT) == "district"
    assert note(unit(Level.DISTRICT)) == note(unit(Level.UNKNOWN)) == "all"
    assert note(DISTRICT, period=YEAR.last_year) == "none"


@pytest.mark.parametrize(
    ("rows", "tied"),
    [
        ([a_row("a"), a_row("b")], 1),
        ([a_row("a", "pctn"), a_row("b", level=Level.COMMUNE)], 1),
        (
            [a_row("a", "pctn"), a_row("b", level=Level.COMMUNE), a_row("", "pctn", Level.COMMUNE)],
            0,
        ),
        ([a_row("a", kind=UnitKind.COMMUNE), a_row("b", level=Level.COMMUNE)], 0),
        ([a_row("a", kind=UnitKind.COMMUNE), a_row("b", level=Level.DISTRICT)], 0),
        ([a_row("a", kind=UnitKind.VERTICAL), a_row("b", level=Level.DISTRICT)], 1),
        (
            [
                a_row("a", kind=UnitKind.COMMUNE),
                a_row("b", None or "", Level.COMMUNE, UnitKind.COMMUNE),
            ],
            1,
        ),
        ([a_row("a", "pctn"), a_row("b", "cchc")], 0),
    ],
)
def test_rows_between_which_nothing_decides(rows: list[CalendarRow], tied: int) -> None:
    assert len(Calendar(tuple(rows)).ties()) == tied


@st.composite
def classes(draw: st.DrawFn) -> tuple[Level, UnitKind]:
    kind = draw(st.sampled_from(UnitKind))
    return KIND_LEVELS.get(kind, draw(st.sampled_from(Level))), kind


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    def row(index: int) -> CalendarRow:
        level, kind = draw(classes())
        named = kind if kind is not UnitKind.UNKNOWN and draw(st.booleans()) else None
        said = level if level is not Level.UNKNOWN and draw(st.booleans()) else None
        template = draw(st.sampled_from(("", *TEMPLATES)))
        return CalendarRow(YEAR, Deadline(note=f"n{index}"), template, said, named)

    return Calendar(tuple(row(index) for index in range(draw(st.integers(1, 5)))))


@settings(max_examples=100)
@given(calendars(), classes(), st.sampled_from(TEMPLATES), st.randoms(use_true_random=False))
def test_without_ties_the_order_of_rows_does_not_matter(calendar, whose, template, random) -> None:
    assume(calendar.ties() == ())
    shuffled = list(calendar.rows)
    random.shuffle(shuffled)
    asked = (unit(*whose), template, YEAR)
    assert Calendar(tuple(shuffled)).entry_for(*asked) == calendar.entry_for(*asked)


@settings(max_examples=100)
@given(calendars())
def test_a_tie_is_a_return_whose_deadline_depends_on_the_order(calendar: Calendar) -> None:
    turned = Calendar(tuple(reversed(calendar.rows)))
    depends = any(
        calendar.entry_for(whose, template, YEAR) != turned.entry_for(whose, template, YEAR)
        for kind in UnitKind
        for level in ([KIND_LEVELS[kind]] if kind in KIND_LEVELS else list(Level))
        for whose in [unit(level, kind)]
        for template in (*TEMPLATES, "another")
    )
    assert not depends or calendar.ties()


DUE, FINAL = date(2025, 3, 20), date(2025, 8, 31)


@pytest.mark.parametrize(
    ("deadline", "received", "state", "days"),
    [
        (Deadline(due=DUE, final=FINAL), date(2025, 3, 20), Timeliness.ON_TIME, 0),
        (Deadline(due=DUE, final=FINAL), date(2025, 3, 21), Timeliness.LATE, 1),
        (Deadline(due=DUE, final=FINAL), date(2025, 8, 31), Timeliness.LATE, 164),
        (Deadline(due=DUE, final=FINAL), date(2025, 9, 1), Timeliness.TOO_LATE, 165),
        (Deadline(due=FINAL, final=FINAL), date(2025, 9, 1), Timeliness.TOO_LATE, 1),
        (Deadline(due=DUE), date(2026, 3, 20), Timeliness.LATE, 365),
        (Deadline(final=FINAL), date(2025, 8, 31), Timeliness.ON_TIME, 0),
        (Deadline(final=FINAL), date(2025, 9, 3), Timeliness.TOO_LATE, 3),
        (Deadline(), date(2025, 9, 3), Timeliness.NO_DEADLINE, 0),
    ],
)
def test_lateness(deadline: Deadline, received: date, state: Timeliness, days: int) -> None:
    assert deadline.lateness(received) == Lateness(state, days)


def test_a_calendar_as_an_officer_types_it() -> None:
    calendar = parse(
        [2024.0, "Cả năm", "pctn", "cấp xã", "", datetime(2023, 12, 16), "15/12/2024", "20/3/2025"],
        ["", "", ""],
        ["2024", "9 tháng", "Tất cả", "", "Sở", "", "", date(2024, 9, 5), "15.9.2024", "số 1", "x"],
        ["2024", "Quý III/2024", "", "tất cả"],
        ["2024", "6m"],
    )
    window = DataWindow(date(2023, 12, 16), date(2024, 12, 15))
    nine = Deadline(None, date(2024, 9, 5), date(2024, 9, 15), "số 1", "x")
    assert calendar.rows == (
        CalendarRow(YEAR, Deadline(window, DUE), "pctn", Level.COMMUNE, None, 2),
        CalendarRow(Period.parse_code("2024-9M"), nine, "", None, UnitKind.DEPARTMENT, 4),
        CalendarRow(Period.parse_code("2024-Q3"), Deadline(), number=5),
        CalendarRow(Period.parse_code("2024-6M"), Deadline(), number=6),
    )


@pytest.mark.parametrize(
    ("typed", "last", "before"),
    [
        ("05/03/2023", date(2023, 3, 5), False),
        (datetime(2023, 3, 5), date(2023, 3, 5), False),
        ("trước 05/03/2023", date(2023, 3, 4), True),
        ("Trước ngày 5/3/2023", date(2023, 3, 4), True),
        ("TRƯỚC 1.1.2023", date(2022, 12, 31), True),
    ],
)
def test_a_day_is_in_time_and_one_that_is_said_before_is_not(
    typed: Cell, last: date, before: bool
) -> None:
    (row,) = parse([2022.0, "Y", "", "", "", "", "", typed]).rows
    assert (row.deadline.due, row.deadline.before) == (last, before)
    again = parsed(cells(build_calendar(Calendar((row,)), TEMPLATES))).rows
    assert [found.deadline for found in again] == [row.deadline]
    assert row.deadline.lateness(last).state is Timeliness.ON_TIME
    assert row.deadline.lateness(last + timedelta(days=1)).state is Timeliness.LATE


@pytest.mark.parametrize("typed", ["trước", "trước 31/2/2023", "trước đó", "sau 05/03/2023"])
def test_a_due_date_that_is_none(typed: str) -> None:
    found = because("calendar.due", row=2, found=typed)
    assert complaints([2023.0, "Q1", "", "", "", "", "", typed]) == (found,)


def test_every_mistake_is_named_with_its_row() -> None:
    assert complaints(
        ["24", "Cả năm"],
        [2024.5, "Cả năm"],
        [2024.0, "Quý V"],
        [2024.0, "Quý III/2023"],
        [2024.0, ""],
        [2024.0, "Y", "nd", "phòng", "công ty", "mai", "", "", "31/2/2024"],
        [2024.0, "Y", "", "Cấp xã", "Sở"],
        [2024.0, "Y", "", "Chưa rõ cấp"],
        [2024.0, "Q1", "", "", "", "1/1/2024"],
        [2024.0, "Q2", "", "", "", "2/1/2024", "1/1/2024"],
        [2024.0, "Q3", "", "", "", "1/1/2024", "2/1/2024", "5/9/2023"],
        [2024.0, "Q4", "", "", "", "", "", "5/12/2024", "4/12/2024"],
    ) == (
        because("calendar.year", row=2, found="24"),
        because("calendar.year", row=3, found="2024.5"),
        because("calendar.period", row=4, found="Quý V", known=TYPES),
        because("calendar.period", row=5, found="Quý III/2023", known=TYPES),
        because("calendar.period", row=6, found="", known=TYPES),
        because("calendar.template", row=7, template="nd", known="cchc, pctn"),
        because("calendar.level", row=7, level="phòng"),
        because("calendar.kind", row=7, kind="công ty", known=KINDS),
        because("calendar.day", row=7, found="mai"),
        because("calendar.day", row=7, found="31/2/2024"),
        because("calendar.half_window", row=7),
        because("calendar.kind_level", row=8, kind=UnitKind.DEPARTMENT.label, level="Cấp xã"),
        because("calendar.level", row=9, level="Chưa rõ cấp"),
        because("calendar.half_window", row=10),
        because("calendar.backwards", row=11, window="02/01/2024 – 01/01/2024"),
        because("calendar.due_early", row=12, due=date(2023, 9, 5), window=SPAN),
        because("calendar.final_early", row=13, due=date(2024, 12, 5), final=date(2024, 12, 4)),
    )


def test_rows_that_contradict_are_named() -> None:
    assert complaints(
        [2024.0, "Y"], [2024.0, "Q1", "pctn"], [2024.0, "Q1", "", "xã"], [2024.0, "năm"]
    ) == (
        because("calendar.tie", row=5, first=2, period=YEAR),
        because("calendar.tie", row=4, first=3, period=Period.parse_code("2024-Q1")),
    )


def test_a_template_in_capitals() -> None:
    assert parse([2024.0, "Y", "PCTN"]).rows[0].template == "pctn"


def test_days_merged_across_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lich.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [2024, "Y", "pctn"])
        sheet.write_row(2, 0, [2024, "Y", "cchc"])
        sheet.merge_range("H2:H3", "05/12/2024")
    with pytest.raises(UserError) as caught:
        read_calendar(path, TEMPLATES)
    assert caught.value.problems == (because("calendar.merged", first=2, last=3),)


def test_files_that_are_no_calendar(tmp_path: Path) -> None:
    path = tmp_path / "lich.xlsx"
    path.write_bytes(b"%PDF-1.4")
    with pytest.raises(UserError) as caught:
        read_calendar(path, TEMPLATES)
    assert caught.value.problems == (because("calendar.unreadable", file="lich.xlsx"),)
    with pytest.raises(UserError) as caught:
        parsed([["Năm"]])
    assert caught.value.problems == (because("calendar.no_header", file="lich.xlsx", sheet=SHEET),)
    assert parse() == Calendar()


def cells(data: bytes) -> list[list[Cell]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


@pytest.mark.parametrize("name", ["quang-ngai", "tien-giang"])
def test_examples_are_written_and_read_back(name: str) -> None:
    calendar = example(name)
    data = build_calendar(calendar, TEMPLATES)
    found = parsed(cells(data))
    asked = [(row.period, row.deadline, row.template, row.level, row.kind) for row in found.rows]
    given = [(row.period, row.deadline, row.template, row.level, row.kind) for row in calendar.rows]
    assert asked == given
    assert build_calendar(found, TEMPLATES) == data
    assert calendar.ties() == ()


def test_examples_say_what_their_sources_say() -> None:
    assert list(examples()) == ["quang-ngai", "tien-giang"]
    assert "quy định nội bộ một sở" in examples()["quang-ngai"]
    plan = example("quang-ngai")
    due = {row.period.code: row.deadline.due for row in plan.rows}
    assert due == {
        "2023-Q1": date(2023, 3, 4),
        "2023-Q2": date(2023, 6, 4),
        "2023-6M": date(2023, 6, 4),
        "2023-Q3": date(2023, 9, 4),
        "2023-9M": date(2023, 9, 4),
        "2023-Q4": date(2023, 12, 4),
        "2023-Y": date(2023, 12, 4),
    }
    assert {row.deadline.window for row in plan.rows} == {None}
    assert {row.deadline.before for row in plan.rows} == {True}
    (row,) = example("tien-giang").rows
    window = DataWindow(date(2017, 11, 6), date(2018, 8, 28))
    nine = Period.parse_code("2018-9M")
    assert row == CalendarRow(nine, Deadline(window), "pctn")
    with pytest.raises(KeyError):
        example("../templates")
