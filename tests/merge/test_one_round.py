"""A round has one name, whichever of its codes is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.actions.workspaces import round_inbox
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.databases import ON_BOTH
from tests.library_2018 import library_2018
from tests.merge.province import NINE, UNITS, Province, blank_filled
from tests.recipes.recipe import clean_values

QUARTER = Period.parse_code("2018-Q3")
DAY = "2018-09-01"
AS_QUARTER, AS_NINE = ("--period", QUARTER.code), ("--period", NINE.code)
RENAMED = text("cli.same_round", typed=QUARTER.code, code=NINE.code, label=NINE.label)
SIGNED = ("--author", "A", "--on", DAY)


@pytest.fixture
def province(tmp_path: Path, database: str) -> Province:
    roster = Roster.of(UNITS[:2], province="Tỉnh Sông Tiền")
    made = Province.make(tmp_path / "tỉnh", roster, database=database)
    made.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    return made


def call(province: Province, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code of a command in the workspace, and all that it said on one line."""
    capsys.readouterr()
    code = main([*words, "--workspace", str(province.workspace.root)])
    captured = capsys.readouterr()
    return code, " ".join((captured.out + captured.err).split())


def numbers(province: Province) -> list[tuple[int, str]]:
    with province.register() as register:
        return [(run.number, run.head.period.code) for run in register.runs()]


def test_either_code_is_the_same_merge(province: Province) -> None:
    first = province.merge(NINE, DAY)
    second = province.merge(NINE, DAY, *AS_QUARTER)
    assert second.files == first.files
    assert sorted(first.files) == [
        "bao-cao-9-thang-2018.xlsx",
        "result-2018-9M.json",
        "result.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    ]
    assert (RENAMED in first.said, RENAMED in second.said) == (False, True)
    assert text("cli.merge.recorded_before", number=1) in second.said
    assert numbers(province) == [(1, NINE.code)]


@ON_BOTH
def test_either_code_is_the_same_issue_status_copies_and_lock(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = call(province, capsys, "issue", QUARTER.code)
    assert (code, RENAMED in said) == (0, True)
    assert [path.name for path in province.workspace.outbox.iterdir()] == [NINE.code]
    said = call(province, capsys, "issue", NINE.code)[1]
    assert said.startswith(text("issue.unchanged", count=2))
    province.send(NINE, "H1.xlsx", blank_filled(UNITS[1], NINE, c3="ba"))
    province.merge(NINE, DAY)
    asked = {}
    for period in (NINE, QUARTER):
        capsys.readouterr()
        root = str(province.workspace.root)
        main(["status", period.code, "--json", "--as-of", DAY, "--workspace", root])
        asked[period] = capsys.readouterr()
    assert asked[QUARTER].out == asked[NINE].out
    assert f'"period": "{NINE.code}"' in asked[NINE].out
    assert " ".join(asked[QUARTER].err.split()) == RENAMED
    inbox = str(province.inbox(NINE))
    given = {}
    for period in (QUARTER, NINE):
        assert main(["return", inbox, "--period", period.code, "--as-of", DAY]) == 1
        home = province.workspace.outbox / "return"
        given[period] = {p.relative_to(home): p.read_bytes() for p in home.rglob("*.*")}
        assert [path.name for path in home.iterdir()] == [NINE.code]
    assert given[NINE] == given[QUARTER]
    assert len(given[NINE]) == 2
    assert call(province, capsys, "approve", QUARTER.code, "--yes", *SIGNED)[0] == 0
    assert call(province, capsys, "lock", NINE.code, "--yes", *SIGNED)[0] == 0
    with province.register() as register:
        assert {event.period for event in register.events()} == {NINE}
    code, said = call(province, capsys, "trace", "MS 3", *AS_QUARTER)
    assert (code, RENAMED in said) == (0, True)
    assert province.merge(NINE, DAY, *AS_QUARTER).code == 1


def test_without_a_workspace_too(province: Province, tmp_path: Path) -> None:
    inbox = str(province.inbox(NINE))
    made = {}
    for period in (QUARTER, NINE):
        out = tmp_path / f"as {period.code}"
        main(["merge", inbox, "--no-workspace", "--period", period.code, "--out", str(out)])
        made[period] = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(made[NINE]) == {
        "bao-cao-9-thang-2018.xlsx",
        "result.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    }
    assert made[NINE]["result.json"] == made[QUARTER]["result.json"]


@pytest.mark.wording
def test_files_of_one_round_in_two_folders_are_never_taken_for_all(province: Province) -> None:
    other = province.inbox(QUARTER)
    assert province.workspace.inbox / NINE.code == round_inbox(province.workspace)[0]
    (other / "thư mục").mkdir()
    assert "cũng có tệp" not in province.merge(NINE, DAY).said
    (other / "thư mục" / "H1.xlsx").write_bytes(blank_filled(UNITS[1], NINE, c3=7))
    now = province.merge(NINE, DAY)
    said = text("cli.merge.other_inbox", path=other.resolve(), inbox=province.inbox(NINE))
    assert said in now.said
    for asked in (None, NINE, QUARTER):
        with pytest.raises(UserError) as caught:
            round_inbox(province.workspace, asked)
        (told,) = caught.value.problems
        said = sentence(told)
        assert (NINE.code in said, QUARTER.code in said) == (True, True)
    assert round_inbox(province.workspace, Period.parse_code("2018-Y"))[0].name == "inbox"


def test_an_inbox_named_after_the_other_code_is_found(province: Province) -> None:
    inbox = province.workspace.inbox
    (inbox / NINE.code).rename(inbox / QUARTER.code)
    for asked in (None, NINE, QUARTER):
        assert round_inbox(province.workspace, asked) == (inbox / QUARTER.code, NINE)
    made = province.merge(QUARTER, DAY)
    assert "result-2018-9M.json" in made.files
    assert numbers(province) == [(1, NINE.code)]


def cchc(unit: OrganisationUnit) -> bytes:
    cover = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": QUARTER.type.label,
        "cover.period_year": 2018,
    }
    return build_template(library_2018(), "cchc", Prefill(clean_values("cchc") | cover))


@pytest.mark.parametrize(
    ("forms", "title"),
    [
        (["pctn"], "9 tháng đầu năm 2018"),
        (["cchc"], "Quý III/2018"),
        (["pctn", "cchc"], "9 tháng đầu năm 2018 · Quý III/2018"),
    ],
)
def test_a_summary_is_titled_with_the_periods_of_its_forms(
    tmp_path: Path, forms: list[str], title: str
) -> None:
    inbox = tmp_path / "hộp thư"
    inbox.mkdir()
    made = {"pctn": blank_filled(UNITS[0], NINE, c3=5), "cchc": cchc(UNITS[0])}
    for form in forms:
        (inbox / f"{form}.xlsx").write_bytes(made[form])
    out = tmp_path / "kết quả"
    main(["merge", str(inbox), "--out", str(out), "--jobs", "0"])
    assert sorted(path.name for path in out.iterdir()) == [
        "bao-cao-9-thang-2018.xlsx",
        "result.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    ]
    sheet = load_workbook(out / "tong-hop-9-thang-2018.xlsx").worksheets[0]
    said = [cell.value for row in sheet.iter_rows(max_row=6) for cell in row if cell.value]
    assert text("summary.period", period=title) in said
