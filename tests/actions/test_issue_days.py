"""A round without days is refused before anything is written, with the cells to fill in."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.actions.issue import plan_round
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import shipped_library
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.workspace import Workspace, create

LIBRARY = shipped_library()
OLD, QUARTER, NEW = (Period.parse_code(code) for code in ("2018-9M", "2018-Q3", "2026-9M"))
WINDOW, DUE = DataWindow(date(2017, 11, 6), date(2018, 8, 28)), date(2018, 9, 5)
LAW = date(2026, 9, 17)
DAY = date(2018, 8, 1)
PCTN = frozenset({"pctn"})
ROSTER = Roster.of(
    (
        OrganisationUnit("S1", "Sở A", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
        OrganisationUnit("S2", "Sở B", Level.PROVINCE, kind=UnitKind.DEPARTMENT, templates=PCTN),
        OrganisationUnit("X1", "UBND xã A", Level.COMMUNE, templates=PCTN),
    ),
    province="Tỉnh A",
)
SHEET = {"file": "calendar.xlsx", "sheet": "Lịch báo cáo"}
DEPARTMENTS, COMMUNES = UnitKind.DEPARTMENT.label, Level.COMMUNE.label


def workspace_with(root: Path, *rows: CalendarRow, roster: Roster = ROSTER) -> Workspace:
    for _ in create(root, roster, Calendar(rows), LIBRARY.families):
        pass
    return Workspace.at(LIBRARY, root)


def refused(workspace: Workspace, period: Period = OLD) -> tuple[Reason, ...]:
    with pytest.raises(UserError) as caught:
        plan_round(workspace, period, DAY)
    assert caught.value.wrong_call
    assert not list(workspace.outbox.iterdir())
    return caught.value.problems


def day(cell: str, heading: str) -> Reason:
    return because("issue.days_day", cell=cell, heading=heading)


def days(row: int) -> tuple[Reason, ...]:
    return (
        day(f"F{row}", "Số liệu từ ngày"),
        day(f"G{row}", "Số liệu đến ngày"),
        day(f"H{row}", "Hạn nộp"),
    )


def then(workspace: Workspace, key: str = "issue.days_then") -> Reason:
    return because(key, file="calendar.xlsx", folder=str(workspace.root), year="2018")


def test_rows_that_are_missing_are_said_cell_by_cell(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)

    def new_row(row: int, period: Period, template: str) -> tuple[Reason, ...]:
        typed = {"A": str(period.year), "B": period.type.label, "C": template}
        return (
            *(because("issue.days_typed", cell=f"{c}{row}", text=t) for c, t in typed.items()),
            *days(row),
        )

    assert sorted(refused(workspace)) == sorted(
        (
            because(
                "issue.days_no_row",
                title="CCHC",
                period=QUARTER,
                classes=(DEPARTMENTS,),
                count=1,
                row=6,
                cells=new_row(6, QUARTER, "cchc"),
                **SHEET,
            ),
            because(
                "issue.days_no_row",
                title="PCTN",
                period=OLD,
                classes=(DEPARTMENTS, COMMUNES),
                count=3,
                row=5,
                cells=new_row(5, OLD, "pctn"),
                **SHEET,
            ),
            then(workspace),
        )
    )


def test_what_a_row_lacks_is_said_and_what_is_said_is_enough(tmp_path: Path) -> None:
    rows = (
        CalendarRow(QUARTER, Deadline(WINDOW, DUE), "cchc"),
        CalendarRow(OLD, Deadline(WINDOW), "pctn"),
        CalendarRow(OLD, Deadline(due=DUE), "pctn", Level.COMMUNE),
    )
    workspace = workspace_with(tmp_path, *rows)
    values = {"title": "PCTN", "period": OLD, **SHEET}
    problems = refused(workspace)
    assert problems == (
        because(
            "issue.days_blank",
            classes=(DEPARTMENTS,),
            count=2,
            row=6,
            cells=(day("H6", "Hạn nộp"),),
            **values,
        ),
        because(
            "issue.days_blank", classes=(COMMUNES,), count=1, row=7, cells=days(7)[:2], **values
        ),
        because("issue.days_fill", file="calendar.xlsx"),
    )
    assert "H6" in sentence(problems[0])
    book = load_workbook(workspace.calendar_path)
    sheet = book["Lịch báo cáo"]
    sheet["H6"], sheet["F7"], sheet["G7"] = "trước 06/09/2018", WINDOW.start, WINDOW.end
    book.save(workspace.calendar_path)
    plan = plan_round(workspace, OLD, DAY)
    due = {file.issues[0].unit.code: file.issues[0].deadline for file in plan.files}
    assert {code: found.due for code, found in due.items() if found} == dict.fromkeys(due, DUE)


def test_a_calendar_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = workspace_with(tmp_path)
    workspace.calendar_path.unlink()
    problems = refused(workspace)
    assert [reason.key for reason in problems] == [
        "issue.days_no_file", "issue.days_no_file", "issue.days_make",
    ]  # fmt: skip
    assert main(["issue", OLD.code, "--workspace", str(tmp_path)]) == 2
    assert sentence(then(workspace, "issue.days_make")) in capsys.readouterr().err
    assert main(["init", str(tmp_path), "--year", "2018"]) == 0
    (first, second, _) = refused(workspace)
    assert {reason.key for reason in (first, second)} == {"issue.days_blank"}


@pytest.mark.parametrize(
    ("said", "due", "noted"),
    [
        (None, LAW, False),
        (Deadline(letter="9/TTT"), LAW, False),
        (Deadline(due=LAW - timedelta(days=2)), LAW - timedelta(days=2), False),
        (Deadline(due=LAW + timedelta(days=3)), LAW + timedelta(days=3), True),
    ],
)
def test_the_law_serves_where_the_calendar_is_silent(
    tmp_path: Path, said: Deadline | None, due: date, noted: bool
) -> None:
    rows = (CalendarRow(NEW, said, "pctn"),) if said is not None else ()
    workspace = workspace_with(tmp_path, *rows)
    plan = plan_round(workspace, NEW, date(2026, 9, 1))
    window = DataWindow(date(2025, 12, 15), date(2026, 9, 14))
    for file in plan.files:
        found = file.issues[0].deadline
        assert found is not None
        assert (found.window, found.due) == (window, due)
    later = because(
        "issue.due_later",
        title="PCTN",
        period=NEW,
        due=due,
        cell="H5",
        legal=LAW,
        form=LIBRARY.packs.by_code["pctn-2025"].legal_basis,
    )
    assert [note for note in plan.notes if note.key == "issue.due_later"] == [later] * noted


@pytest.mark.parametrize("owed", [True, False])
def test_a_template_that_no_unit_owes_is_told(tmp_path: Path, owed: bool) -> None:
    rows = (
        CalendarRow(QUARTER, Deadline(WINDOW, DUE), "cchc"),
        CalendarRow(OLD, Deadline(WINDOW, DUE), "pctn"),
    )
    roster = ROSTER if owed else Roster.of(ROSTER.units[1:], province=ROSTER.province)
    plan = plan_round(workspace_with(tmp_path, *rows, roster=roster), OLD, DAY)
    told = because("issue.owed_by_nobody", title="CCHC", template="cchc")
    assert (told in plan.notes) is not owed
    assert (len(plan.files), plan.units) == ((4, 3) if owed else (2, 2))
