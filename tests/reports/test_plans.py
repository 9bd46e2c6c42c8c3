"""Plans of units: the days that typed times mean, overdue and due-soon lists, the calendar."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import icalendar
import pytest
from openpyxl import load_workbook

from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.period import Period
from consolidate.model.planned_tasks import days_in, limits_in
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.plan_and_ranking_sheets import plan_calendar
from consolidate.reports.summary import summary_bytes
from consolidate.rollup.late_tasks import TaskState, followed
from consolidate.rollup.result import MergeResult
from examples.forms import form_return, library_of, told

YEAR = 2023


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("Quý I/2023", ["2023-03-31"]),
        ("Trong quý IV/2023", ["2023-12-31"]),
        ("trước ngày 31/5", ["2023-05-30"]),
        ("chậm nhất ngày 15 tháng 6 năm 2024", ["2024-06-15"]),
        ("trong tháng 01 năm 2023", ["2023-01-31"]),
        ("vào cuối tháng 5, tháng 11", ["2023-05-31", "2023-11-30"]),
        ("quý I/2023 và triển khai trong năm 2023", ["2023-03-31", "2023-12-31"]),
        ("31/10/2023", ["2023-10-31"]),
        *(
            (words, [])
            for words in (
                "Thường xuyên trong năm",
                "Theo Kế hoạch số 12 ngày 05/3/2023",
                "theo kế hoạch kiểm tra năm 2023",
                "06 tháng đầu năm",
                "trước tháng 6",
                "quý I, II/2023",
                "tháng 5 và 11",
                "trước ngày 31/02",
            )
        ),
    ],
)
def test_only_words_that_mean_one_day_are_read(typed: str, days: list[str]) -> None:
    assert [day.isoformat() for day in days_in(typed, YEAR)] == days


def test_the_text_of_a_task_names_last_days_only() -> None:
    said = "Quyết định số 9 ngày 05/3/2022 (trong quý I/2023); trước ngày 31/5, trước ngày 30/11"
    assert limits_in(said, YEAR) == (date(2023, 5, 30), date(2023, 11, 29))


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> MergeResult:
    inbox = tmp_path_factory.mktemp("inbox")
    done = {"pctn_kh.18.status": "Đã hoàn thành", "pctn_kh.18.done_on": date(2023, 4, 1)}
    (inbox / "S1.xlsx").write_bytes(form_return("ke-hoach", done))
    other = {"cover.unit_name": "Sở Tư pháp", "pctn_kh.8.due": date(2023, 6, 4)}
    (inbox / "S2.xlsx").write_bytes(form_return("ke-hoach", other))
    units = (
        OrganisationUnit("S1", told("ke-hoach")["unit"], Level.PROVINCE),
        OrganisationUnit("S2", "Sở Tư pháp", Level.PROVINCE),
    )
    request = MergeRequest(
        library_of("ke-hoach"), inbox, Period.parse_code("2023-Q1"), Roster.of(units)
    )
    return replace(merge(request), day=date(2023, 5, 20))


def test_deadlines_of_all_units_stand_beside_the_day(merged: MergeResult) -> None:
    lines = [
        (line.state.value, line.item.unit.code, line.deadline and str(line.deadline), line.left)
        for line in followed(merged)
        if line.state is not TaskState.UNDATED
    ]
    twice = [("S1", "2023-05-30"), ("S2", "2023-05-30")] * 3
    assert lines[:4] == [("overdue", unit, "2023-03-31", -50) for unit in ("S1", "S1", "S2", "S2")]
    assert lines[4:11] == [
        *(("soon", unit, day, 10) for unit, day in sorted(twice)),
        ("soon", "S2", "2023-06-04", 15),
    ]
    later = ["2023-11-29"] * 6 + ["2023-12-31"] * 4
    assert [day for state, _, day, _ in lines[11:] if state == "open"] == later
    undated = [line for line in followed(merged) if line.state is TaskState.UNDATED]
    assert len(undated) == 2 * 17  # 24 tasks, of which 7 have a day.
    merged = replace(merged, day=None)
    assert {line.state for line in followed(merged)} == {TaskState.OPEN, TaskState.UNDATED}


def test_the_sheet_keeps_what_was_typed(merged: MergeResult) -> None:
    book = load_workbook(io.BytesIO(summary_bytes(merged, inbox_link=None)), read_only=True)
    rows = list(book["Theo dõi nhiệm vụ"].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "STT")
    first = rows[head + 1]
    assert first[1] == "Quá hạn"
    assert first[5] == "ban hành kế hoạch trong quý I/2023 và triển khai trong năm 2023"
    assert first[6:9] == ("31/03/2023", -50, "Chưa ghi")
    assert {row[5] for row in rows[head + 1 :] if row[1] == "Không ghi ngày"} >= {"Thường xuyên"}


def test_the_calendar_has_the_same_bytes_and_entries_of_one_name(
    merged: MergeResult, tmp_path: Path
) -> None:
    made = plan_calendar(merged)
    assert made is not None
    assert made == plan_calendar(merged)
    written = write_results(merged, tmp_path, tmp_path)
    assert written["calendar"].name == "lich-nhiem-vu-quy-1-2023.ics"
    assert written["calendar"].read_bytes() == made
    events = icalendar.Calendar.from_ical(made).walk("VEVENT")
    dated = [line for line in followed(merged) if line.deadline is not None]
    assert [event["dtstart"].dt for event in events] == [line.deadline for line in dated]
    names = [str(event["uid"]) for event in events]
    assert len(set(names)) == len(names)
    later = plan_calendar(replace(merged, day=date(2023, 6, 1)))
    assert later is not None
    again = icalendar.Calendar.from_ical(later).walk("VEVENT")
    assert {str(event["uid"]) for event in again} == set(names)
    assert max(map(len, made.split(b"\r\n"))) <= 75
