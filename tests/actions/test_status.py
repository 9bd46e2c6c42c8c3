"""``consolidate status`` on a workspace whose register holds runs."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from docx import Document
from openpyxl import load_workbook

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Corrections, Waiver
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import Period
from consolidate.model.reasons import joined
from consolidate.model.returns import Outcome
from consolidate.model.runs import EventKind, PeriodEvent, RunOutcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.province.roster import build_roster
from consolidate.province.workspace import Workspace, create
from consolidate.register.register import open_register
from tests.databases import keep_register_in
from tests.library_2018 import library_2018
from tests.register.made import a_head, a_return, an_outcome, keep

NINE = Period.parse_code("2018-9M")
PCTN = frozenset({"pctn"})
DUE, FINAL = date(2018, 9, 5), date(2018, 9, 15)
UNITS = tuple(
    OrganisationUnit(
        f"X{n}", f"UBND xã {n}", Level.COMMUNE, templates=PCTN, email=f"x{n}@tinh.example"
    )
    for n in range(1, 6)
)
ON_TIME = an_outcome(b"1", "X1", received=date(2018, 9, 4))
LATE = an_outcome(b"2", "X2", received=date(2018, 9, 8))
HELD = an_outcome(
    b"3", "X3", Outcome.HELD, reason=joined("", ("Hai tệp khác nhau.",)), received=DUE
)
TOO_LATE = an_outcome(b"4", "X4", received=date(2018, 9, 16))
UNPLACED = an_outcome(
    b"5", "", Outcome.UNREADABLE, template="", path="lạ.xlsx", reason=joined("", ("Hỏng.",))
)


@pytest.fixture
def workspace(tmp_path: Path, database: str) -> Workspace:
    calendar = Calendar((CalendarRow(NINE, Deadline(due=DUE, final=FINAL, letter="12/TTT")),))
    roster = Roster.of(UNITS, province="Tỉnh Sông Tiền")
    parts = create(tmp_path / "tỉnh", roster, calendar, library_2018().template_by_code)
    assert all(part.made for part in parts)
    return keep_register_in(tmp_path / "tỉnh", database)


def record(workspace: Workspace, outcomes: Sequence[RunOutcome], result: str = "r1") -> int:
    """Put a run into the register of a workspace; its number."""
    contents = [b"1", b"2", b"3", b"4", b"5"]
    with open_register(workspace.database_url, workspace.register) as register:
        keep(register, *contents)
        register.add_returns(
            a_return(content, f"X{n}") for n, content in enumerate(contents[:4], 1)
        )
        return register.add_run(a_head(result), outcomes, ()).run.number


def status(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], *more: str, day: str = "20/09/2018"
) -> tuple[int, str, str]:
    """Exit code, lines as printed, and all that was said on one line."""
    code = main(["status", "2018-9M", "--workspace", str(workspace.root), "--as-of", day, *more])
    captured = capsys.readouterr()
    return code, captured.out, " ".join((captured.out + captured.err).split())


def test_every_state_is_said(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    run = record(workspace, (ON_TIME, LATE, HELD, TOO_LATE, UNPLACED))
    code, out, said = status(workspace, capsys)
    assert code == 1
    title = text("status.title", period=NINE.label, province=" · Tỉnh Sông Tiền", day="20/09/2018")
    assert title in said
    assert text("status.run", run=run, day="07/09/2018") in said
    assert max(map(len, out.splitlines())) <= 80
    whole = next(line for line in out.splitlines() if line.startswith("Toàn tỉnh"))
    assert whole.split()[2:] == [
        *("5", "2", "1", "1", "1", "1", "0", "1"),
        *("40,0", "20,0"),
    ]
    for line in (
        text("status.missing", count=1),
        "– UBND xã 5: PCTN 9 tháng đầu năm 2018 · Chưa nộp, quá hạn 15 ngày · hạn 05/09/2018 · "
        "x5@tinh.example",
        text("status.held", count=1),
        "– UBND xã 3: PCTN 9 tháng đầu năm 2018 · Đã gửi, giữ lại chờ xem xét, quá hạn 15 ngày",
        "X3.xlsx: Hai tệp khác nhau.",
        text("status.late", count=1),
        "– UBND xã 2: PCTN 9 tháng đầu năm 2018 · Nộp trễ 3 ngày",
        text("status.too_late", count=1),
        "tính là không nộp, trễ 11 ngày",
        text("status.unplaced", count=1),
        "– lạ.xlsx: Hỏng.",
    ):
        assert line in said
    assert "\x1b" not in out


def test_a_waiver_makes_a_return_after_the_final_date_late(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record(workspace, (TOO_LATE,))
    waiver = Waiver(
        "MT-1", "memory.too_late", "X4", date(2018, 9, 18), "Thanh tra tỉnh", date(2018, 9, 17),
        "Mất điện", "99/UBND",
    )  # fmt: skip
    with open_register(workspace.database_url, workspace.register) as register:
        # One of another rule excuses nobody from the final date.
        other = replace(waiver, id="MT-2", rule="pctn_01.r40", until=None, on=date(2018, 9, 1))
        register.add_corrections(Corrections((), (waiver, other)))
    states = []
    for day in ("2018-09-16", "2018-09-17", "2018-09-19"):
        _, out, _ = status(workspace, capsys, "--json", day=day)
        returns = json.loads(out)["returns"]
        states += [item["state"] for item in returns if item["unit"] == "X4"]
    # Before it was decided; then, and for good: it came in the term of the waiver.
    assert states == ["too_late", "late", "late"]


@pytest.mark.parametrize(
    ("period", "state"), [("2018-9M", "late"), ("2018-Q3", "late"), ("2018-6M", "too_late")]
)
def test_a_waiver_of_one_round_lets_a_return_of_that_round_be_late(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], period: str, state: str
) -> None:
    record(workspace, (TOO_LATE,))
    waiver = Waiver(
        "MT-1", "memory.too_late", "*", None, "Thanh tra tỉnh", date(2018, 9, 17), "Mất điện",
        "99/UBND", Period.parse_code(period),
    )  # fmt: skip
    with open_register(workspace.database_url, workspace.register) as register:
        register.add_corrections(Corrections((), (waiver,)))
    _, out, _ = status(workspace, capsys, "--json")
    (found,) = (item["state"] for item in json.loads(out)["returns"] if item["unit"] == "X4")
    assert found == state


def test_all_in_and_in_time_exits_0(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.roster_path.write_bytes(build_roster(Roster.of(UNITS[:1])))
    record(workspace, (ON_TIME,))
    code, _, said = status(workspace, capsys, "--letters", str(workspace.outbox / "đôn đốc"))
    assert (code, text("status.all_in") in said) == (0, True)
    assert text("status.no_letters") in said
    assert not (workspace.outbox / "đôn đốc").exists()


@pytest.mark.parametrize("outcome", [LATE, HELD, TOO_LATE])
def test_anything_else_exits_1(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], outcome: RunOutcome
) -> None:
    unit = next(unit for unit in UNITS if unit.code == outcome.unit)
    workspace.roster_path.write_bytes(build_roster(Roster.of([unit])))
    record(workspace, (outcome,))
    assert status(workspace, capsys)[0] == 1


def test_the_day_asked_about_decides(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record(workspace, (ON_TIME, LATE))
    code, out, _ = status(workspace, capsys, "--json", day="2018-09-06")
    document = json.loads(out)
    assert code == 1
    assert (document["schema"], document["as_of"]) == ("consolidate/status/1", "2018-09-06")
    assert [(r["unit"], r["state"], r["days"]) for r in document["returns"]] == [
        ("X1", "on_time", -1),
        ("X2", "missing", 1),
        ("X3", "missing", 1),
        ("X4", "missing", 1),
        ("X5", "missing", 1),
    ]
    whole = document["branches"][0]
    assert (whole["axis"], whole["expected"], whole["received"]) == ("province", 5, 1)
    assert (whole["completeness"], whole["timeliness"]) == ("20.0", "20.0")


def test_the_document_keeps_to_its_schema(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "status.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    seen = set()
    for files in ((ON_TIME, LATE, HELD, TOO_LATE), (UNPLACED,)):
        record(workspace, files, f"r{len(files)}")
        for day in ("2018-09-06", "2018-09-20"):
            document = json.loads(status(workspace, capsys, "--json", day=day)[1])
            jsonschema.Draft202012Validator(schema).validate(document)
            seen |= {item["state"] for item in document["returns"]}
    assert len(seen) > 3
    document["returns"][0]["state"] = "lost"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


def test_the_newest_run_is_shown_beside_the_one_that_stands(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    first = record(workspace, (ON_TIME,))
    with open_register(workspace.database_url, workspace.register) as register:
        approval = PeriodEvent(EventKind.APPROVED, NINE, "Thanh tra tỉnh", FINAL, run=first)
        register.add_event(approval)
    assert text("status.standing", run=first) not in status(workspace, capsys)[2]
    second = record(workspace, (ON_TIME, LATE), "r2")
    _, out, said = status(workspace, capsys)
    assert text("status.run", run=second, day="07/09/2018") in said
    assert text("status.standing", run=first) in said
    assert "UBND xã 2: PCTN 9 tháng đầu năm 2018 · Nộp trễ 3 ngày" in out


def test_letters_and_the_chase_list_are_written(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record(workspace, (ON_TIME, LATE, HELD))
    folder, chase = workspace.outbox / "đôn đốc", workspace.root / "đôn đốc.xlsx"
    call = ("--letters", str(folder), "--chase", str(chase))
    code, _, said = status(workspace, capsys, *call)
    assert code == 1
    names = [f"x{n}-ubnd-xa-{n}-don-doc-pctn-9-thang-2018-den-20-09-2018.docx" for n in (4, 5)]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert "đôn đốc.xlsx" in said
    book = load_workbook(io.BytesIO(chase.read_bytes()))
    codes = [row[1].value for row in book[text("chase.sheet")].iter_rows(min_row=5)]
    assert codes == ["X3", "X4", "X5"]
    titles = [sheet["A1"].value for sheet in book.worksheets]
    shown = [title for title in titles if title and "20/09/2018" in title]
    assert len(shown) == len(set(shown)) == 4  # No two pages carry the same title.

    kept = (folder / names[0]).read_bytes()
    document = Document(io.BytesIO(kept))
    document.add_paragraph("Sửa tay")
    document.save(str(folder / names[0]))
    edited = (folder / names[0]).read_bytes()
    _, _, said = status(workspace, capsys, *call)
    assert text("status.kept", count=1) in said
    assert text("status.unchanged", count=1) in said
    assert names[0] in said
    assert (folder / names[0]).read_bytes() == edited
    status(workspace, capsys, *call, "--force")
    assert (folder / names[0]).read_bytes() == kept
    status(workspace, capsys, "--letters", str(folder / "cấp"), "--by", "level")
    assert [path.name for path in (folder / "cấp").iterdir()] == [
        "cap-xa-don-doc-pctn-9-thang-2018-den-20-09-2018.docx"
    ]


def test_json_stays_json_beside_letters(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record(workspace, (UNPLACED,))
    _, out, said = status(workspace, capsys, "--json", "--letters", str(tmp_path / "cv"))
    document = json.loads(out)
    assert document["unplaced"] == [{"file": "lạ.xlsx", "outcome": "unreadable", "reason": "Hỏng."}]
    assert "5 công văn" in said


def test_more_than_a_terminal_holds_is_counted(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    units = [
        OrganisationUnit(f"Y{n}", f"UBND xã {n}", Level.COMMUNE, parent=f"Cụm {n}", templates=PCTN)
        for n in range(25)
    ]
    workspace.roster_path.write_bytes(build_roster(Roster.of(units)))
    record(workspace, ())
    _, _, said = status(workspace, capsys)
    assert text("status.more", count=10) in said
    assert text("status.more_branches", count=5) in said


def test_what_cannot_be_asked(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, said = status(workspace, capsys)
    assert (code, text("status.no_run", period=NINE.label, code="2018-9M") in said) == (2, True)
    assert [path.name for path in workspace.register.iterdir()] == ["issue.key"]
    record(workspace, (ON_TIME,))
    for option, target in (("--letters", workspace.inbox / "cv"), ("--chase", workspace.inbox)):
        code, _, said = status(workspace, capsys, option, str(target))
        assert (code, text("cli.merge.out_in_inbox", path=target) in said) == (2, True)
    code, _, said = status(workspace, capsys, "--chase", str(workspace.roster_path))
    assert code == 2
    assert text("status.keep_inputs", path=workspace.roster_path) in said
    code, _, said = status(workspace, capsys, day="31/02/2018")
    assert (code, text("cli.merge.bad_day", value="31/02/2018") in said) == (2, True)
    code = main(["status", "2018-Q1", "--workspace", str(workspace.root)])
    assert (code, "Quý I/2018" in capsys.readouterr().err) == (2, True)
    assert main(["status", "2018-9M", "--workspace", str(tmp_path / "không có")]) == 2
    workspace.roster_path.write_bytes(build_roster(Roster.of(())))
    assert status(workspace, capsys)[0] == 2


def test_a_register_that_is_damaged_is_a_wrong_call(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace.register / "register.sqlite3").write_bytes(b"not a database at all" * 100)
    code, _, said = status(workspace, capsys)
    assert code == 2
    assert "Traceback" not in said
