"""From roster and calendar to sealed templates in the outbox, and back from a filled one."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from consolidate.actions.issue import plan_issue, write_issue
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.identity.seals import Seal, verify
from consolidate.intake.locate_sheets import read_stamp
from consolidate.merge.earlier_periods import Past
from consolidate.merge.read_files import check_bytes
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import UserError, because
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.workspace import Workspace, create
from consolidate.templates.issued import Issue, issued_prefill, issued_template
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Earlier, Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.recipes.recipe import clean_values
from tests.saved import saved

KEY = bytes(range(32))
NINE, SIX = Period.parse_code("2018-9M"), Period.parse_code("2018-6M")
QUARTER = Period.parse_code("2018-Q3")
WINDOW = DataWindow(date(2017, 11, 6), date(2018, 8, 28))
DEADLINE = Deadline(WINDOW, date(2018, 9, 5), date(2018, 9, 15), "Công văn số 12/TTT")
PCTN = frozenset({"pctn"})
DEPARTMENT = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE, kind=UnitKind.DEPARTMENT)
DISTRICT = OrganisationUnit("H1", "UBND huyện An Đông", Level.DISTRICT, templates=PCTN)
ONE = OrganisationUnit("X1", "UBND xã A/B", Level.COMMUNE, parent="h1", templates=PCTN)
TWO = OrganisationUnit("X2", "UBND xã C", Level.COMMUNE, parent="Cụm 2", templates=PCTN)
ENDED = OrganisationUnit("X0", "UBND xã Cũ", Level.COMMUNE, parent="H1", valid_to=date(2018, 6, 30))
ROSTER = Roster.of((DEPARTMENT, DISTRICT, ONE, TWO, ENDED), province="Tỉnh Sông Tiền")
OF_QUARTER = Deadline(DataWindow(date(2018, 6, 1), date(2018, 8, 28)), DEADLINE.due)
CALENDAR = Calendar((CalendarRow(NINE, DEADLINE), CalendarRow(QUARTER, OF_QUARTER)))
S02_PCTN = "s02-so-noi-vu-pctn-9-thang-2018.xlsx"
NAMES = (
    S02_PCTN,
    "s02-so-noi-vu-cchc-quy-3-2018.xlsx",
    "h1-ubnd-huyen-an-dong-pctn-9-thang-2018.xlsx",
    "x1-ubnd-xa-a-b-pctn-9-thang-2018.xlsx",
    "x2-ubnd-xa-c-pctn-9-thang-2018.xlsx",
    "cum-2.zip",
    "h1-ubnd-huyen-an-dong.zip",
)


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def stamp_of(data: bytes) -> dict[str, str]:
    return read_stamp(read_workbook(data, Limits()))


def fill(data: bytes, values: Mapping[str, Value]) -> Workbook:
    """The workbook with answers typed into named cells."""
    book = opened(data)
    for name, value in values.items():
        ((sheet, address),) = book.defined_names[name].destinations
        book[sheet][address] = value
    return book


@pytest.fixture(scope="module")
def issued() -> bytes:
    earlier = {"pctn_01.c3": 121, "pctn_01.c16": 969.4, "pctn_01.c28": "26/26"}
    issue = Issue(
        DEPARTMENT, "pctn", NINE, DEADLINE, (SIX, earlier), (NINE.last_year, {"pctn_01.c3": 7})
    )
    return issued_template(library_2018(), issue, KEY)


def test_a_filled_issue_comes_back_as_the_issue_that_it_is(issued: bytes) -> None:
    cover = {name for name in clean_values("pctn") if name.startswith("cover.")}
    answers = {k: v for k, v in clean_values("pctn").items() if k not in cover}
    data = saved(fill(issued, answers))
    reading = check_bytes(library_2018(), "S02.xlsx", data)
    assert reading.findings == ()
    content = reading.content
    assert content is not None
    assert content.anomalies == ()
    assert (content.period, content.window, content.revision) == (NINE, WINDOW, 1)
    fields = ("unit_name", "unit_code", "level")
    assert [content.cover_text(name) for name in fields] == ["Sở Nội vụ", "S02", "Cấp tỉnh"]
    numbers = {value.key.element: value.number for value in content.values() if value.number}
    assert set(numbers) == {"c3", "c4", "c28"}  # Nothing of the earlier figures.
    stamp = stamp_of(data)
    assert (stamp["unit"], stamp["period"]) == ("S02", "2018-9M")
    assert len(stamp["serial"]) == 16
    assert verify(KEY, stamp) is Seal.VALID


@pytest.mark.parametrize("name", ["unit", "period", "serial", "version", "template"])
def test_a_stamp_that_was_changed_is_forged(issued: bytes, name: str) -> None:
    book = opened(issued)
    for row in book["_stamp"].iter_rows():
        if row[0].value == name:
            row[1].value = "S03"
    assert verify(KEY, stamp_of(saved(book))) is Seal.FORGED


def test_a_template_for_everybody_has_no_seal() -> None:
    blank = stamp_of(build_template(library_2018(), "pctn"))
    assert "seal" not in blank
    assert verify(KEY, blank) is Seal.MISSING


def test_the_cover_says_what_the_calendar_says() -> None:
    def lines(deadline: Deadline | None) -> set[object]:
        issue = Issue(DEPARTMENT, "pctn", NINE, deadline)
        book = opened(issued_template(library_2018(), issue, KEY))
        return {cell.value for row in book["Bìa"].iter_rows() for cell in row}

    due, final = (
        text(f"issue.cover.{k}", day=d) for k, d in (("due", "05/09/2018"), ("final", "15/09/2018"))
    )
    letter = text("issue.cover.letter", letter="Công văn số 12/TTT")
    assert f"{due} {final} {letter}" in lines(DEADLINE)
    assert due in lines(Deadline(due=DEADLINE.due))
    plain = lines(None)
    assert plain == lines(Deadline(letter="x", note="y"))
    assert not any(isinstance(line, str) and "Hạn nộp" in line for line in plain)


def test_earlier_answers_stand_grey_and_locked_beside_the_form(issued: bytes) -> None:
    sheet = opened(issued)["Biểu 01"]
    blank = opened(build_template(library_2018(), "pctn"))["Biểu 01"]
    codes = {cell.value: cell.column for cell in sheet[1] if cell.value}
    before, year = codes["previous.value"], codes["last_year.value"]
    assert (before, year) == (blank.max_column + 1, blank.max_column + 2)
    row = next(cell.row for cell in sheet["A"] if cell.value == "c3")
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    assert sheet.cell(row, before).value == 121
    assert sheet.cell(row, year).value == 7
    assert sheet.cell(rows["c16"], before).value == 969.4
    assert sheet.cell(rows["c28"], before).value == "26/26"
    assert sheet.cell(rows["c4"], before).value is None
    for column in (before, year):
        cell = sheet.cell(row, column)
        assert cell.protection.locked
        assert cell.fill.fgColor.rgb == "FFD9D9D9"
    labels = [
        text("issue.earlier.previous", period=SIX.label),
        text("issue.earlier.last_year", period=NINE.last_year.label),
    ]
    shown = {cell.value for line in sheet.iter_rows(min_col=before) for cell in line}
    assert set(labels) <= shown
    # The official page stays as it is.
    assert sheet.print_area == blank.print_area
    assert {r: d.height for r, d in sheet.row_dimensions.items()} == {
        r: d.height for r, d in blank.row_dimensions.items()
    }
    assert sheet.row_breaks.brk == blank.row_breaks.brk


def test_earlier_answers_of_a_form_of_several_columns() -> None:
    values = {"cchc_pl3_2.r1.total": 241, "cchc_pl3_2.r5.total": "1.819/134"}
    data = build_template(library_2018(), "cchc", Prefill(previous=Earlier("Kỳ trước", values)))
    sheet = opened(data)[library_2018().by_code["cchc_pl3_2"].sheet]
    codes = [cell.value for cell in sheet[1] if cell.value]
    assert codes[-4:] == [f"previous.{c}" for c in ("total", "province", "district", "commune")]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {241, "1.819/134", "Kỳ trước – Tổng số"} <= cells


@pytest.mark.parametrize(
    "values", [{"cover.unit_name": "x"}, {"pctn_02.name": "x"}, {"pctn_01.c3": True}]
)
def test_earlier_answers_that_have_no_place_are_refused(values: dict[str, Value]) -> None:
    with pytest.raises(ValueError, match=r"unknown|not a"):
        build_template(library_2018(), "pctn", Prefill(previous=Earlier("x", values)))


def test_a_serial_follows_from_everything_in_the_issue() -> None:
    plain = Issue(DEPARTMENT, "pctn", NINE, DEADLINE)
    issues = [
        plain,
        replace(plain, unit=replace(DEPARTMENT, name="Sở Nội Vụ")),
        replace(plain, period=SIX),
        replace(plain, template="cchc", period=QUARTER),
        replace(plain, deadline=replace(DEADLINE, due=date(2018, 9, 6))),
        replace(plain, deadline=None),
        replace(plain, previous=(SIX, {"pctn_01.c3": 1})),
        replace(plain, last_year=(SIX, {"pctn_01.c3": 1})),
    ]
    serials = [issued_prefill(library_2018(), issue).serial for issue in issues]
    assert len(set(serials)) == len(serials)
    assert issued_prefill(library_2018(), plain).serial == serials[0]


def test_a_serial_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from consolidate.definitions.loader import shipped_library\n"
        "from consolidate.model.period import Period\n"
        "from consolidate.templates.issued import Issue, issued_prefill\n"
        "from tests.actions.test_issue import DEPARTMENT\n"
        "nine = Period.parse_code('2026-9M')\n"
        "issue = Issue(DEPARTMENT, 'pctn', nine, None)\n"
        "made = issued_prefill(shipped_library().at(nine), issue)\n"
        "print(len(made.not_applicable), made.serial)\n"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2", "3")
    ]
    assert made[0].startswith("4 ")
    assert len(set(made)) == 1


def test_who_gets_what() -> None:
    files = plan_issue(library_2018(), ROSTER, CALENDAR, NINE)
    assert tuple(file.name for file in files) == NAMES
    single = {file.name: file.issues[0] for file in files if not file.members}
    assert [issue.period for issue in single.values()] == [NINE, QUARTER, NINE, NINE, NINE]
    assert single[S02_PCTN].deadline == DEADLINE
    assert {file.name: file.members for file in files if file.members} == {
        "cum-2.zip": (NAMES[4],),
        "h1-ubnd-huyen-an-dong.zip": (NAMES[3],),
    }
    same = plan_issue(library_2018(), ROSTER, CALENDAR, QUARTER)
    assert [file.name for file in same] == list(NAMES)


def test_units_report_the_periods_that_they_see_the_end_of() -> None:
    files = plan_issue(library_2018(), ROSTER, CALENDAR, SIX)
    zips = {file.name: file.members for file in files if file.members}
    assert zips["h1-ubnd-huyen-an-dong.zip"] == (
        "x1-ubnd-xa-a-b-pctn-6-thang-2018.xlsx",
        "x0-ubnd-xa-cu-pctn-6-thang-2018.xlsx",
        "x0-ubnd-xa-cu-cchc-quy-2-2018.xlsx",
    )


def test_some_units_only_with_whole_zips() -> None:
    twin = replace(ONE, code="X3")
    roster = Roster.of((*ROSTER.units, twin))
    files = plan_issue(library_2018(), roster, CALENDAR, NINE, codes=["x1"])
    assert [file.name for file in files] == [NAMES[3], NAMES[6]]
    assert files[1].members == (NAMES[3], "x3-ubnd-xa-a-b-pctn-9-thang-2018.xlsx")


def test_units_that_cannot_be_issued_to() -> None:
    with pytest.raises(UserError) as caught:
        plan_issue(library_2018(), ROSTER, CALENDAR, NINE, codes=["X9", "X0", "S02"])
    assert caught.value.problems == (
        because("issue.unknown_unit", code="X9"),
        because("issue.not_then", name="UBND xã Cũ", code="X0", period=NINE),
    )
    with pytest.raises(UserError) as caught:
        plan_issue(library_2018(), Roster.of((ENDED,)), CALENDAR, NINE)
    assert caught.value.problems == (because("issue.nobody", period=NINE),)


def test_history_is_asked_for_the_two_periods_to_compare_with() -> None:
    asked: list[tuple[str, str, str]] = []

    def history(unit: OrganisationUnit, template: str, period: Period) -> Mapping[str, Value]:
        asked.append((unit.code, template, period.code))
        return {}

    roster = Roster.of((DEPARTMENT,))
    past = cast(Past, SimpleNamespace(answers=history, lists=lambda *_: {}))
    files = plan_issue(library_2018(), roster, CALENDAR, NINE, past=past)
    assert asked == [
        ("S02", "pctn", "2018-6M"),
        ("S02", "pctn", "2017-9M"),
        ("S02", "cchc", "2018-Q2"),
        ("S02", "cchc", "2017-Q3"),
    ]
    filled = issued_prefill(library_2018(), files[0].issues[0])
    assert (filled.previous, filled.same_period_last_year) == (None, None)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    roster = Roster.of((DEPARTMENT, ONE), province="Tỉnh Sông Tiền")
    parts = create(tmp_path / "tỉnh", roster, CALENDAR, library_2018().template_by_code)
    assert all(part.made for part in parts)
    return Workspace.at(library_2018(), tmp_path / "tỉnh")


def run(workspace: Workspace, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = main(["issue", "2018-9M", "--workspace", str(workspace.root), *more])
    captured = capsys.readouterr()
    return code, " ".join((captured.out + captured.err).split())


def test_the_command_issues_once_and_never_overwrites(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(workspace, capsys)
    assert code == 0
    outbox = workspace.outbox / "2018-9M"
    files = {path.name: path.read_bytes() for path in outbox.iterdir()}
    assert set(files) == {NAMES[0], NAMES[1], NAMES[3], "h1.zip"}
    key = workspace.key_path.read_bytes()
    for name, data in files.items():
        if name.endswith(".xlsx"):
            assert verify(key, stamp_of(data)) is Seal.VALID
        assert key not in data
        assert key.hex().encode() not in data
    assert key.hex() not in out
    with zipfile.ZipFile(io.BytesIO(files["h1.zip"])) as package:
        assert package.namelist() == [NAMES[3]]
        assert package.read(NAMES[3]) == files[NAMES[3]]

    code, out = run(workspace, capsys)
    assert code == 0
    assert text("issue.unchanged", count=4) in out
    assert {path.name: path.read_bytes() for path in outbox.iterdir()} == files

    (outbox / NAMES[0]).write_bytes(b"edited by an officer")
    code, out = run(workspace, capsys)
    assert code == 1
    assert NAMES[0] in out
    assert text("issue.kept", count=1) in out
    assert (outbox / NAMES[0]).read_bytes() == b"edited by an officer"

    code, out = run(workspace, capsys, "--unit", "S02", "--force")
    assert code == 0
    assert {path.name: path.read_bytes() for path in outbox.iterdir()} == files


def test_what_has_to_be_there_first(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = run(workspace, capsys, "--unit", "Z")
    assert (code, text("issue.unknown_unit", code="Z") in out) == (2, True)
    workspace.key_path.unlink()
    code, out = run(workspace, capsys)
    assert (code, text("issue.no_key", file=workspace.key_path) in out) == (2, True)
    workspace.roster_path.unlink()
    code, out = run(workspace, capsys)
    assert (code, text("issue.no_roster", file=workspace.roster_path) in out) == (2, True)
    monkeypatch.chdir(workspace.root.parent)
    assert main(["issue", "2018-9M"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert text("issue.no_workspace", path=workspace.root.parent) in said
    monkeypatch.chdir(workspace.inbox)
    assert main(["issue", "2018-9M"]) == 2
    assert "roster.xlsx" in capsys.readouterr().err


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    roster = Roster.of((ONE, replace(ONE, code="X3")))
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        files = plan_issue(library_2018(), roster, CALENDAR, NINE)
        done = write_issue(files, library_2018(), KEY, folder)
        assert (done.unchanged, done.kept) == ([], [])
        assert done.written == [file.name for file in files]
    one, two = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert one == two


class Held(bytes):
    """Bytes of a template, counted while somebody holds them."""

    now = most = 0

    def __new__(cls, data: bytes) -> Held:
        cls.now += 1
        cls.most = max(cls.most, cls.now)
        return super().__new__(cls, data)

    def __del__(self) -> None:
        type(self).now -= 1


def test_one_zip_at_a_time_is_held_and_the_files_are_told_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many parents of few units: no more templates in memory than one parent has."""
    units = [
        OrganisationUnit(f"X{n:02}", f"xã {n}", Level.COMMUNE, parent=f"P{n % 8}", templates=PCTN)
        for n in range(24)
    ]
    alone = [replace(unit, code=f"Y{unit.code}", parent="") for unit in units[:6]]
    plan = plan_issue(library_2018(), Roster.of([*units, *alone]), CALENDAR, NINE)
    made: list[str] = []

    def template(_: object, issue: Issue, *__: object) -> bytes:
        made.append(issue.unit.code)
        return Held(issue.unit.code.encode())

    monkeypatch.setattr("consolidate.actions.issue.issued_template", template)
    told: list[tuple[int, int]] = []
    done = write_issue(plan, library_2018(), KEY, tmp_path, progress=lambda *at: told.append(at))
    assert sorted(made) == sorted(unit.code for unit in (*units, *alone))
    assert told == [(number, 30) for number in range(1, 31)]
    assert done.written == [file.name for file in plan]
    assert Held.most <= 5  # Those of one zip, and one that is being written or made.
    for file in plan:
        data = (tmp_path / file.name).read_bytes()
        if file.members:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                assert package.namelist() == sorted(file.members)
                for name in file.members:
                    assert package.read(name) == (tmp_path / name).read_bytes()
        else:
            assert data == file.issues[0].unit.code.encode()
