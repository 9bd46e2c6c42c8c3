"""The command in and outside a workspace: what it asks for, refuses, writes and leaves alone."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.actions import merge as merging
from consolidate.actions.merge import OVERTAKEN_AT_MOST
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.merge_inbox import MergeRequest, merge, remember
from consolidate.merge.open_province_memory import open_memory
from consolidate.merge.province_memory import Overtaken
from consolidate.merge.read_files import Progress
from consolidate.model.corrections import (
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import RunOutcome
from consolidate.model.units import Roster
from consolidate.province.roster import build_roster
from consolidate.register.facts import NewFile
from consolidate.rollup.result import MergeResult
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.databases import ON_BOTH
from tests.library_2018 import library_2018
from tests.merge.province import NINE, SIX, UNITS, Merged, Province, blank_filled, filled
from tests.recipes.recipe import clean_values
from tests.register.made import returns_of
from tests.saved import saved

TWO = Roster.of(UNITS[:2], province="Tỉnh Sông Tiền")


@pytest.fixture
def province(tmp_path: Path, database: str) -> Province:
    made = Province.make(tmp_path / "tỉnh", TWO, database=database)
    made.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    return made


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_merge_without_the_workspace_is_what_it_always_was(
    province: Province, tmp_path: Path
) -> None:
    plain = tmp_path / "riêng" / "inbox"
    plain.mkdir(parents=True)
    (plain / "S1.xlsx").write_bytes((province.inbox(NINE) / "S1.xlsx").read_bytes())
    roster = str(province.workspace.roster_path)
    assert main(["merge", str(plain), "--roster", roster]) == 1
    expected = contents(plain.parent / "results")
    call = ["merge", str(province.inbox(NINE)), "--no-workspace", "--roster", roster]
    code = main([*call, "--out", str(tmp_path / "bên cạnh" / "results")])
    assert code == 1
    made = contents(tmp_path / "bên cạnh" / "results")
    assert made["result.json"] == expected["result.json"]
    assert b'"received": "' not in made["result.json"]
    assert b'"late": []' in made["result.json"]
    assert not province.workspace.has_register


def test_no_database_is_loaded_without_a_workspace(province: Province, tmp_path: Path) -> None:
    plain = tmp_path / "inbox"
    plain.mkdir()
    (plain / "S1.xlsx").write_bytes((province.inbox(NINE) / "S1.xlsx").read_bytes())
    asked = (
        "import sys; from consolidate.cli.main import main; "
        f"code = main(['merge', {str(plain)!r}, '--jobs', '0']); "
        "print(sorted(name for name in sys.modules if name in "
        "('sqlalchemy', 'consolidate.merge.open_province_memory')), code)"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[] 0"


def test_a_workspace_is_found_from_the_inbox_or_named(province: Province, tmp_path: Path) -> None:
    elsewhere = tmp_path / "chỗ khác"
    elsewhere.mkdir()
    (elsewhere / "S1.xlsx").write_bytes((province.inbox(NINE) / "S1.xlsx").read_bytes())
    found = province.merge(NINE, "2018-09-01")
    assert text("cli.merge.recorded", number=1) in found.said
    call = ["merge", str(elsewhere), "--as-of", "2018-09-01", "--jobs", "0"]
    assert main([*call, "--workspace", str(province.workspace.root)]) == 1
    assert contents(province.workspace.results)["result.json"] == found.files["result.json"]
    with province.register() as register:
        assert [run.number for run in register.runs()] == [1]


@pytest.mark.wording
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--no-workspace", "--as-of", "2018-09-01"], "cli.merge.as_of_alone"),
        (["--no-workspace", "--workspace", "."], "cli.merge.two_workspaces"),
        (["--workspace", "nowhere"], "workspace.none"),
        (["--as-of", "31/02/2018"], "cli.merge.bad_day"),
    ],
)
def test_calls_that_are_refused(
    province: Province, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", str(province.inbox(NINE)), *options]) == 2
    said = " ".join(capsys.readouterr().err.split())
    values = {"folder": Path("nowhere"), "value": "31/02/2018"}
    assert text(message, **values) in said
    assert contents(province.workspace.results) == {}


@pytest.mark.wording
def test_a_register_that_cannot_be_used_stops_the_merge(province: Province) -> None:
    database = province.workspace.register / "register.sqlite3"
    database.write_bytes(b"no database at all" * 100)
    merged = province.merge(NINE, "2018-09-01")
    assert (merged.code, merged.files) == (2, {})
    assert "khôi phục từ bản sao lưu" in merged.said


def test_a_trial_writes_and_records_nothing(province: Province) -> None:
    before = contents(province.workspace.root)
    tried = province.merge(NINE, "2018-09-07", "--dry-run")
    assert tried.code == 1
    assert text("cli.summary.dry_run") in tried.said
    assert text("cli.summary.late", count=1) in tried.said
    assert contents(province.workspace.root) == before
    province.merge(NINE, "2018-09-01")
    before = contents(province.workspace.root)
    tried = province.merge(NINE, "2018-09-07", "--dry-run")
    # The file was seen on the first of September: it is not late, today or any other day.
    assert text("cli.summary.late", count=1) not in tried.said
    assert contents(province.workspace.root) == before
    with province.register() as register:
        assert len(register.runs()) == 1


def test_a_trial_outside_a_workspace(province: Province) -> None:
    before = contents(province.workspace.root)
    assert main(["merge", str(province.inbox(NINE)), "--no-workspace", "--dry-run"]) == 0
    assert contents(province.workspace.root) == before


def forged(data: bytes) -> bytes:
    """An issued template whose stamp says another unit than it was sealed for."""
    book = load_workbook(io.BytesIO(data))
    for row in book["_stamp"].iter_rows():
        if row[0].value == "seal":
            row[1].value = "0" * 64
    return saved(book)


def test_a_false_seal_is_held_until_it_is_waived_and_a_missing_one_is_said(
    province: Province,
) -> None:
    issued = province.issue(NINE)
    province.send(NINE, "H1.xlsx", forged(filled(issued["H1"], c3=7)))
    merged = province.merge(NINE, "2018-09-01")
    assert merged.outcomes() == {"H1.xlsx": "held", "S1.xlsx": "accepted_with_warnings"}
    way_out = because("memory.waive", rule="memory.forged", unit="H1", period=NINE.code)
    held = because("memory.held", reason=because("memory.forged"), way_out=way_out)
    assert province.reasons(NINE, "H1.xlsx") == [held]
    assert next(r["reason"] for r in merged.document["returns"]) == sentence(held)
    waiver = Waiver("M1", "memory.forged", "*", date(2018, 9, 2), "TTT", date(2018, 9, 1), "x", "1")
    with province.register() as register:
        register.add_corrections(Corrections(waivers=(waiver,)))
    waived = province.merge(NINE, "2018-09-02")
    assert waived.outcomes()["H1.xlsx"] == "accepted"
    assert waived.findings() == [
        ("H1", "memory.forged", "info", "", "", ""),
        ("S1", "memory.unsealed", "warning", "", "", ""),
    ]
    said = text("memory.waived", message=text("memory.forged"), id="M1", document="1")
    assert waived.message("memory.forged", "H1") == said
    # What came in its term stays waived, what comes after it is held.
    assert province.merge(NINE, "2018-09-03").outcomes()["H1.xlsx"] == "accepted"
    province.send(NINE, "H1.xlsx", forged(filled(issued["H1"], c3=8)))
    assert province.merge(NINE, "2018-09-03").outcomes()["H1.xlsx"] == "held"


def test_a_member_of_a_letter_came_on_the_day_of_the_letter(province: Province) -> None:
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w") as package:
        package.writestr("H1.xlsx", blank_filled(UNITS[1], SIX, c3=1))
        package.writestr("ghi chú.txt", "không có gì")
    province.send(NINE, "thư.zip", letter.getvalue())
    first = province.merge(NINE, "2018-09-01")
    assert first.outcomes()["thư.zip/H1.xlsx"] == "held"
    assert set(first.outcomes().values()) == {"held", "accepted", "not_a_report"}
    days = {r["received"] for r in province.merge(NINE, "2018-09-30").document["returns"]}
    assert days == {"2018-09-01"}
    with province.register() as register:
        (letter_file,) = (f for f in register.files() if f.name == "thư.zip")
        run = register.last_run(NINE)
        assert run is not None
        found: dict[str, RunOutcome] = {item.name: item for item in register.outcomes(run.number)}
        held = found["thư.zip › H1.xlsx"]
        assert (held.unit, held.template, held.received) == ("H1", "pctn", date(2018, 9, 1))
        assert register.read(letter_file.sha256) == letter.getvalue()
        assert [item.unit for item in returns_of(register, held.sha256)] == ["H1"]


def _rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("change", [_rewritten, Path.unlink])
@pytest.mark.parametrize("name", ["S1.xlsx", "thư.zip"])
def test_a_file_that_changes_while_it_is_merged_stops_the_merge(
    province: Province, name: str, change: Callable[[Path], None]
) -> None:
    if name == "thư.zip":
        whole = (province.inbox(NINE) / "S1.xlsx").read_bytes()
        with zipfile.ZipFile(province.inbox(NINE) / name, "w") as package:
            package.writestr("a.xlsx", whole)
        (province.inbox(NINE) / "S1.xlsx").unlink()
    loaded = province.workspace.load()
    with open_memory(province.workspace, loaded, date(2018, 9, 1)) as memory:
        request = MergeRequest(library_2018(), province.inbox(NINE), NINE, memory=memory)
        result = merge(request)
        if name == "thư.zip" and change is _rewritten:
            (province.inbox(NINE) / name).write_bytes(b"PK\5\6" + bytes(18))
        else:
            change(province.inbox(NINE) / name)
        with pytest.raises(UserError) as caught:
            remember(request, result, province.workspace.results)
    assert caught.value.problems == (because("memory.changed", file=name),)
    assert contents(province.workspace.results) == {}
    with province.register() as register:
        assert register.runs() == ()


@pytest.mark.wording
def test_rules_are_asked_again_of_figures_as_adjusted(province: Province) -> None:
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c40=5, c3="nhiều"))
    before = province.merge(NINE, "2018-09-01")
    assert [found[:4] for found in before.findings()] == [
        ("S1", "pctn_01.r39_40", "warning", "c39"),
        ("S1", "pctn_01.r40", "error", "c40"),
        ("S1", "value.not_a_number", "error", "c3"),
    ]
    day = date(2018, 9, 2)
    given = [
        ("D0", "c3", "1"),
        ("D1", "c40", "0"),
        ("D2", "c3", "8"),
        ("D3", "c4", "nhiều"),
        ("D4", "c5", "x"),
    ]
    with province.register() as register:
        register.add_corrections(
            Corrections(
                tuple(
                    Adjustment(
                        code,
                        NINE,
                        "H1" if code == "D0" else "S1",
                        ValueKey("pctn_01", name),
                        value,
                        "TTT",
                        day,
                        "?",
                    )
                    for code, name, value in given
                )
            )
        )
        register.add_corrections(
            Corrections(revocations=(Revocation(CorrectionKind.ADJUSTMENT, "D4", "TTT", day, "?"),))
        )
    after = province.merge(NINE, "2018-09-02")
    assert after.findings() == [
        ("S1", "memory.adjusted", "info", "c3", "nhiều", "8"),
        ("S1", "memory.adjusted", "info", "c40", "5", "0"),
        ("S1", "memory.adjustment_lost", "warning", "", "", ""),
    ]
    assert text("cli.merge.unused_adjustment", id="D0", unit="H1") in after.said
    assert after.said.count("chưa áp dụng") == 1
    lost = after.message("memory.adjustment_lost", "S1")
    assert lost == text("memory.adjustment_lost", id="D3", value="nhiều")
    assert (before.total("c3"), after.total("c3"), after.total("c40")) == (None, 8, 0)
    # Corrections are those of the day that is asked about.
    assert province.merge(NINE, "2018-09-01").findings() == before.findings()


def test_a_trial_takes_a_database_that_was_never_begun_for_none(province: Province) -> None:
    (province.workspace.register / "register.sqlite3").touch()
    before = contents(province.workspace.root)
    assert province.merge(NINE, "2018-09-01", "--dry-run").code == 1
    assert contents(province.workspace.root) == before


@ON_BOTH
def test_a_merge_that_was_overtaken_is_made_again(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program keeps the same file first, on another day, while this one reads."""
    real = merging.merge
    others = iter(["2018-09-06"])

    def overtaken(
        request: MergeRequest, executor: Executor | None, progress: Progress | None
    ) -> MergeResult:
        result = real(request, executor, progress)
        for day in others:
            assert province.merge(NINE, day).code == 1
        return result

    monkeypatch.setattr(merging, "merge", overtaken)
    merged = province.merge(NINE, "2018-09-07")
    assert text("cli.merge.overtaken") in merged.said
    (received,) = {item["received"] for item in merged.document["returns"]}
    assert received == "2018-09-06"
    with province.register() as register:
        assert [run.head.as_of.day for run in register.runs()] == [6, 7]
        (kept,) = register.files()
        assert kept.seen == date(2018, 9, 6)
    monkeypatch.undo()
    assert province.merge(NINE, "2018-09-07").files == merged.files


def test_a_merge_that_is_always_overtaken_gives_up_and_says_so(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that adds to the register whenever this one reads, and never stops."""
    before = province.merge(NINE, "2018-09-01").files
    real = merging.merge
    made: list[str] = []

    def overtaken(
        request: MergeRequest, executor: Executor | None, progress: Progress | None
    ) -> MergeResult:
        made.append(f"2018-09-{10 + len(made)}")
        with province.register() as register:
            register.add_files(
                [NewFile(f"{made[-1]}.xlsx", made[-1].encode(), request.memory.as_of)]
            )
        return real(request, executor, progress)

    monkeypatch.setattr(merging, "merge", overtaken)
    refused = province.merge(NINE, "2018-09-07")
    assert (refused.code, len(made)) == (2, OVERTAKEN_AT_MOST)
    told = text(
        "cli.merge.always_overtaken", times=OVERTAKEN_AT_MOST, folder=province.workspace.root
    )
    assert told in refused.said
    assert refused.files == before
    with province.register() as register:
        assert [run.head.as_of.day for run in register.runs()] == [1]
    monkeypatch.undo()
    after = province.merge(NINE, "2018-09-07")
    assert text("cli.merge.overtaken") not in after.said
    assert text("cli.merge.recorded", number=2) in after.said


def test_the_last_merge_that_is_allowed_counts(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merging.merge
    left = list(range(1, OVERTAKEN_AT_MOST))

    def overtaken(
        request: MergeRequest, executor: Executor | None, progress: Progress | None
    ) -> MergeResult:
        if left:
            name = f"{left.pop()}.xlsx"
            with province.register() as register:
                register.add_files([NewFile(name, name.encode(), request.memory.as_of)])
        return real(request, executor, progress)

    monkeypatch.setattr(merging, "merge", overtaken)
    merged = province.merge(NINE, "2018-09-07")
    assert text("cli.merge.overtaken") in merged.said
    assert text("cli.merge.recorded", number=1) in merged.said


def test_an_overtaken_merge_writes_nothing(province: Province) -> None:
    loaded = province.workspace.load()
    with open_memory(province.workspace, loaded, date(2018, 9, 7)) as memory:
        request = MergeRequest(library_2018(), province.inbox(NINE), NINE, memory=memory)
        result = merge(request)
        before = province.merge(NINE, "2018-09-06").files
        with pytest.raises(Overtaken):
            remember(request, result, province.workspace.results)
    assert contents(province.workspace.results) == before
    with province.register() as register:
        assert len(register.runs()) == 1


def test_the_document_stands_under_the_name_of_the_period_as_well(
    province: Province, tmp_path: Path
) -> None:
    files = province.merge(NINE, "2018-09-01").files
    assert files.keys() == {
        "bao-cao-9-thang-2018.xlsx",
        "result.json",
        "result-2018-9M.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    }
    assert files["result-2018-9M.json"] == files["result.json"]
    elsewhere = tmp_path / "kq" / "a.json"
    made = province.merge(
        NINE, "2018-09-01", "--json", str(elsewhere), "--out", str(elsewhere.parent / "9")
    )
    assert made.files == files
    assert contents(elsewhere.parent).keys() == {
        "a.json",
        "9/bao-cao-9-thang-2018.xlsx",
        "9/result-2018-9M.json",
        "9/tong-hop-9-thang-2018.xlsx",
        "9/tong-quan-9-thang-2018.html",
    }
    assert elsewhere.read_bytes() == files["result.json"]


def test_a_quarterly_form_is_adjusted_for_its_quarter_in_the_round_of_nine_months(
    province: Province,
) -> None:
    unit = replace(UNITS[0], templates=frozenset({"cchc"}))
    quarter = Period.parse_code("2018-Q3")
    cover = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": quarter.type.label,
        "cover.period_year": 2018,
    }
    province.workspace.roster_path.write_bytes(build_roster(Roster.of([unit])))
    data = build_template(library_2018(), "cchc", Prefill(clean_values("cchc") | cover))
    province.send(NINE, "S1.xlsx", data)
    before = province.merge(NINE, "2018-09-10")
    key = ValueKey("cchc_pl3_2", "r5", "total")
    day = date(2018, 9, 10)
    with province.register() as register:
        changes = (
            Adjustment("D1", quarter, "S1", key, "8/4", "TTT", day, "?"),
            Adjustment("D2", NINE, "S1", key, "9/4", "TTT", day, "?"),
        )
        register.add_corrections(Corrections(changes))
    after = province.merge(NINE, "2018-09-10")

    def totals(merged: Merged) -> list[int]:
        return [
            item["total"]
            for item in merged.document["totals"]
            if (item["data_set"], item["element"], item["column"]) == key[:3]
        ]

    assert (totals(before), totals(after)) == ([6], [8])
    assert text("cli.merge.unused_adjustment", id="D2", unit="S1") in after.said
