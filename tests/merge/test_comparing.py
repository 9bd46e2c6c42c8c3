"""Merges beside the rounds before them: what is shown, what is said, what a lock keeps."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openpyxl import Workbook, load_workbook

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import Baseline, ValueKey
from consolidate.model.period import Period
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.comparison import Against
from consolidate.templates.file_names import summary_name
from tests.merge.province import (
    NINE,
    OLD,
    PCTN,
    SIX,
    UNITS,
    YEAR,
    Merged,
    Province,
    blank_filled,
)
from tests.office.office import Office

LAST = Period.parse_code("2017-9M")
ABOLISHED = OrganisationUnit("X9", "UBND xã Cù Lao", Level.COMMUNE, templates=PCTN, valid_to=OLD)
ROSTER = Roster.of((*UNITS, ABOLISHED), province="Tỉnh Sông Tiền")
BY_CODE = {unit.code: unit for unit in ROSTER.units}
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)
Typed = Mapping[str, Any] | int


def send(province: Province, period: Period, **answers: Typed) -> None:
    for code, typed in answers.items():
        given = {"c3": typed} if isinstance(typed, int) else typed
        province.send(
            period, f"{code}.xlsx", blank_filled(BY_CODE[code], period, **{"c4": 0, **given})
        )


@dataclass(frozen=True)
class Rounds:
    """Three rounds of a province and the year's end."""

    province: Province
    last: Merged
    nine: Merged
    year: Merged


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    province = Province.make(tmp_path_factory.mktemp("province") / "tỉnh", ROSTER)
    first = {"c3": 40, "c28": "20/25"}
    send(province, LAST, S1=first, H1=30, X1=5, X3=2, X4=3, X6=9, X9=4)
    last = province.merge(LAST, "2017-09-05")
    then = {"c3": 50, "c5": 4, "c28": "13/26"}
    send(province, SIX, S1=then, H1=30, X1=8, X2=20, X3=10, X4=5, X5=2, X6=6, X9=12)
    province.merge(SIX, "2018-06-04")
    now = {"c3": 60, "c5": 3, "c28": "20/26"}
    send(province, NINE, S1=now, H1=40, X11=9, X2=15, X34=12, X5=3, X6=7)
    nine = province.merge(NINE, "2018-09-05")
    send(province, YEAR, S1=66, H1=41, X11=10, X2=20, X34=15, X5=4, X61=7, X62=3, S2=1)
    return Rounds(province, last, nine, province.merge(YEAR, "2018-12-01"))


def figures(merged: Merged, element: str) -> dict[str, dict[str, Any]]:
    """What a total of pctn_01 is compared with."""
    return {
        item["against"]: item
        for item in merged.document["comparison"]
        if (item["data_set"], item["element"]) == ("pctn_01", element)
    }


def bases(merged: Merged) -> dict[str, dict[str, Any]]:
    return {
        item["against"]: item
        for item in merged.document["compared_with"]
        if item["data_set"] == "pctn_01"
    }


def units_of(merged: Merged) -> list[dict[str, Any]]:
    return [item["unit"] for item in merged.document["returns"] if item["unit"]]


def book(merged: Merged, period: Period, **options: bool) -> Workbook:
    return load_workbook(io.BytesIO(merged.files[summary_name(period)]), **options)


def test_totals_beside_the_period_before_and_last_year(rounds: Rounds) -> None:
    found = figures(rounds.nine, "c3")
    keys = ("past", "now", "then", "difference", "percent", "obstacle", "falls")
    assert [found["previous"][key] for key in keys] == [
        "2018-6M", 146, 143, 3, 2.1, "", False
    ]  # fmt: skip
    assert [found["last_year"][key] for key in keys] == [
        "2017-9M", 146, 93, 53, 57, "", False
    ]  # fmt: skip
    assert (found["previous"]["units_compared"], found["previous"]["units_falling"]) == (7, 2)
    # X2 and X5 did not report then.
    assert (found["last_year"]["units_compared"], found["last_year"]["units_falling"]) == (5, 0)


def test_a_ratio_beside_a_ratio_differs_by_points(rounds: Rounds) -> None:
    found = figures(rounds.nine, "c28")["previous"]
    # 20/26 and six times 26/26 beside 13/26 and eight times 26/26.
    assert (found["now"], found["then"], found["difference"]) == (96.7, 94.44, 2.26)
    assert (found["percent"], found["points"]) == (None, True)


def test_a_total_that_falls_within_the_year(rounds: Rounds) -> None:
    found = figures(rounds.nine, "c5")
    assert (found["previous"]["difference"], found["previous"]["falls"]) == (-1, True)
    assert (found["last_year"]["difference"], found["last_year"]["falls"]) == (3, False)
    assert text("cli.summary.falling", count=1) in rounds.nine.said


def test_units_through_those_they_come_from(rounds: Rounds) -> None:
    nine, year = bases(rounds.nine), bases(rounds.year)
    assert nine["previous"]["from"] == {"X11": ["X1"], "X34": ["X3", "X4"]}
    assert nine["previous"]["not_compared"] == {}
    assert nine["last_year"]["not_compared"] == {"X2": "not_reported", "X5": "not_reported"}
    assert (nine["previous"]["gone"], nine["previous"]["units"]) == (["X9"], 9)
    assert year["previous"]["from"] == {"X61": ["X6"], "X62": ["X6"]}
    assert year["previous"]["not_compared"] == {"S2": "new", "X61": "split", "X62": "split"}
    assert year["previous"]["gone"] == []
    assert {kind: item["absent"] for kind, item in nine.items()} == {
        "previous": [],
        "last_year": [],
    }
    assert year["previous"]["absent"] == []


def test_figures_of_units_that_changed_stand_in_the_document(rounds: Rounds) -> None:
    keys = ("against", "unit", "element", "now", "then", "difference", "percent", "points")
    items = [
        item for item in rounds.nine.document["comparison_by_unit"] if item["data_set"] == "pctn_01"
    ]
    # X9 is gone; last year X2 and X5 did not report: they stand in "not_compared".
    assert [tuple(item[key] for key in keys) for item in items] == [
        ("previous", "S1", "c3", 60, 50, 10, 20, False),
        ("previous", "S1", "c5", 3, 4, -1, -25, False),
        ("previous", "S1", "c28", 76.92, 50, 26.92, None, True),
        ("previous", "H1", "c3", 40, 30, 10, 33.3, False),
        ("previous", "X2", "c3", 15, 20, -5, -25, False),
        ("previous", "X5", "c3", 3, 2, 1, 50, False),
        ("previous", "X6", "c3", 7, 6, 1, 16.7, False),
        ("previous", "X11", "c3", 9, 8, 1, 12.5, False),
        ("previous", "X34", "c3", 12, 15, -3, -20, False),
        ("previous", "X34", "c28", 100, None, None, None, True),
        ("last_year", "S1", "c3", 60, 40, 20, 50, False),
        ("last_year", "S1", "c5", 3, 0, 3, None, False),
        ("last_year", "S1", "c28", 76.92, 80, -3.08, None, True),
        ("last_year", "H1", "c3", 40, 30, 10, 33.3, False),
        ("last_year", "X6", "c3", 7, 9, -2, -22.2, False),
        ("last_year", "X11", "c3", 9, 5, 4, 80, False),
        ("last_year", "X34", "c3", 12, 5, 7, 140, False),
        ("last_year", "X34", "c28", 100, None, None, None, True),
    ]
    falling = [(item["against"], item["unit"], item["element"]) for item in items if item["falls"]]
    assert falling == [
        ("previous", "S1", "c5"),
        ("previous", "X2", "c3"),
        ("previous", "X34", "c3"),
    ]
    hindered = [item for item in items if item["obstacle"]]
    assert {(item["unit"], item["obstacle"]) for item in hindered} == {("X34", "not_summed")}
    assert {item["past"] for item in items} == {"2018-6M", "2017-9M"}


@pytest.mark.wording
def test_the_document_and_the_list_of_units_tell_the_same_figures(rounds: Rounds) -> None:
    for merged, period in ((rounds.nine, NINE), (rounds.year, YEAR)):
        told = merged.document["comparison_by_unit"]
        listed = {(row[0], row[1]) for row in changes(merged, period) if row[1] is not None}
        names = {unit["code"]: unit["name"] for unit in units_of(merged)}
        assert listed == {
            (f"{names[item['unit']]} ({item['unit']})", item["element"].removeprefix("c"))
            for item in told
        }


def test_the_runs_that_were_compared_with_are_said_and_kept(rounds: Rounds) -> None:
    runs = {kind: item["run"] for kind, item in bases(rounds.nine).items()}
    assert runs == {"previous": 2, "last_year": 1}
    past = text("cli.summary.past", period=SIX.label, run=2)
    assert text("cli.summary.compared.previous", periods=past) in rounds.nine.said
    with rounds.province.register() as register:
        assert register.baselines(1) == ()
        # Quarters are asked for as well: they are the same rounds.
        quarters = [Period.parse_code(code) for code in ("2017-Q3", "2018-Q2", "2018-Q3")]
        assert register.baselines(3) == (
            Baseline(LAST, 1), Baseline(quarters[0], 1), Baseline(SIX, 2), Baseline(quarters[1], 2)
        )  # fmt: skip
        assert register.baselines(4) == (Baseline(NINE, 3), Baseline(quarters[2], 3))


@pytest.mark.wording
def test_a_period_that_nobody_reported_is_said(rounds: Rounds) -> None:
    assert {kind: item["run"] for kind, item in bases(rounds.last).items()} == {
        "previous": None,
        "last_year": None,
    }
    assert rounds.last.document["comparison"] == []
    assert rounds.last.document["comparison_by_unit"] == []
    assert not [name for name in book(rounds.last, LAST).sheetnames if "So sánh" in name]
    sheet = book(rounds.year, YEAR)["So sánh Biểu 01"]
    said = {cell.value for cell in sheet["A"]}
    against = text("summary.comparison.against.last_year")
    assert text("summary.comparison.unknown", against=against, period="Năm 2017") in said


def test_documents_fit_the_schema(rounds: Rounds) -> None:
    for merged in (rounds.last, rounds.nine, rounds.year):
        jsonschema.Draft202012Validator(SCHEMA).validate(merged.document)


@pytest.mark.wording
def test_the_sheet_of_a_form(rounds: Rounds) -> None:
    live, shown = (book(rounds.nine, NINE, data_only=told)["So sánh Biểu 01"] for told in (0, 1))
    rows = {cell.value: cell.row for cell in shown["A"] if cell.value}
    third, fourth, ratio = rows["3"], rows["5"], rows["28"]

    def values(row: int) -> list[object]:
        return [cell.value for cell in shown[row]][3:12]

    # Without X9, which is gone, the same seven units have 15 more; X2 and X5 sent nothing in 2017.
    assert values(third) == [
        146, 143, 3, pytest.approx(3 / 143), 15, 93, 53, pytest.approx(53 / 93), 39
    ]  # fmt: skip
    assert values(fourth) == [3, 4, -1, -0.25, -1, 0, 3, "–", 3]
    assert values(ratio)[:5] == [96.7, 94.44, 2.26, None, 2.95]
    assert [cell.value for cell in live[third]][3:7] == [
        f"='Biểu 01 theo đơn vị'!D{third_of(rounds)}",
        143,
        f'=IF(COUNT(D{third},E{third})<2,"",ROUND(D{third}-E{third},6))',
        f'=IF(COUNT(D{third},E{third})<2,"",IF(E{third}=0,"–",(D{third}-E{third})/ABS(E{third})))',
    ]
    red = [cell.font.color.rgb for cell in shown[fourth][5:8]]
    assert red == ["FFC00000"] * 3
    assert shown.cell(fourth, 13).value == "\n".join(
        [text("summary.comparison.falls"), text("summary.comparison.falls_units", count=1)]
    )
    assert shown.cell(third, 13).value == text("summary.comparison.falls_units", count=2)
    gone = text("summary.comparison.gone", period=SIX.label, units="UBND xã Cù Lao (X9)")
    assert gone in {cell.value for cell in shown["A"]}
    assert (shown.page_setup.orientation, shown.page_setup.paperSize) == ("landscape", 9)
    assert shown.print_title_rows


def third_of(rounds: Rounds) -> int:
    """Row of MS 3 on the by-unit sheet."""
    sheet = book(rounds.nine, NINE)["Biểu 01 theo đơn vị"]
    (row,) = (cell.row for cell in sheet["A"] if cell.value == "3")
    return int(row)


def changes(merged: Merged, period: Period) -> list[tuple[object, ...]]:
    """Rows of the list of units: unit, number, now, previous, last year, source, note."""
    sheet = book(merged, period)["So sánh theo đơn vị"]
    top = next(cell.row for cell in sheet["A"] if cell.value == text("summary.changes.unit"))
    heads = [cell.value for cell in sheet[top]]
    previous, last_year = (
        heads.index(title) if title in heads else None
        for title in (text(f"summary.comparison.against.{item}") for item in Against)
    )
    source = text("summary.changes.from")
    return [
        (
            *(row[0], row[2], row[4]),
            *((None,) * 3 if at is None else row[at : at + 3] for at in (previous, last_year)),
            row[heads.index(source)] if source in heads else None,
            row[-1],
        )
        for row in sheet.iter_rows(min_row=top + 1, values_only=True)
    ]


@pytest.mark.wording
def test_the_list_of_units(rounds: Rounds) -> None:
    none = (None, None, None)
    not_then = text(
        "summary.changes.obstacle",
        against=text("summary.comparison.against.last_year"),
        why=text("history.obstacle.not_reported"),
    )
    falls = text("summary.changes.falls")
    not_summed = text("summary.comparison.obstacle.not_summed")
    merged_of = "UBND xã An Nam (X3), UBND xã An Bắc (X4)"
    assert changes(rounds.nine, NINE) == [
        ("Sở Nội vụ (S1)", "3", 60, (50, 10, 0.2), (40, 20, 0.5), None, None),
        ("Sở Nội vụ (S1)", "5", 3, (4, -1, -0.25), (0, 3, None), None, falls),
        ("Sở Nội vụ (S1)", "28", 76.92, (50, 26.92, None), (80, -3.08, None), None, None),
        ("UBND huyện An Đông (H1)", "3", 40, (30, 10, pytest.approx(1 / 3)),
         (30, 10, pytest.approx(1 / 3)), None, None),
        ("UBND xã An Tây (X2)", None, None, none, none, None, not_then),
        ("UBND xã An Tây (X2)", "3", 15, (20, -5, -0.25), none, None, falls),
        ("UBND xã Bình Minh (X5)", None, None, none, none, None, not_then),
        ("UBND xã Bình Minh (X5)", "3", 3, (2, 1, 0.5), none, None, None),
        ("UBND xã Bình Yên (X6)", "3", 7, (6, 1, pytest.approx(1 / 6)),
         (9, -2, pytest.approx(-2 / 9)), None, None),
        ("UBND phường Đông Thành (X11)", "3", 9, (8, 1, 0.125), (5, 4, 0.8),
         "UBND xã An Đông (X1)", None),
        ("UBND xã Nam Bắc (X34)", "3", 12, (15, -3, -0.2), (5, 7, 1.4), merged_of, falls),
        ("UBND xã Nam Bắc (X34)", "28", 100, (not_summed, None, None), (not_summed, None, None),
         merged_of, None),
        ("UBND xã Cù Lao (X9)", None, None, none, none, None, text("summary.changes.gone")),
    ]  # fmt: skip


@pytest.mark.wording
def test_parts_of_a_unit_are_named_and_not_compared(rounds: Rounds) -> None:
    rows = {row[0]: row for row in changes(rounds.year, YEAR)}
    split = text(
        "summary.changes.obstacle",
        against=text("summary.comparison.against.previous"),
        why=text("history.obstacle.split"),
    )
    assert rows["UBND xã Yên Hạ (X61)"][5:] == ("UBND xã Bình Yên (X6)", split)
    said = {cell.value for cell in book(rounds.year, YEAR)["So sánh Biểu 01"]["A"]}
    units = "UBND xã Yên Hạ (X61), UBND xã Yên Thượng (X62)"
    assert text("summary.comparison.split", period=NINE.label, units=units) in said
    new = text("summary.comparison.new", period=NINE.label, units="Sở Tư pháp (S2)")
    assert new in said


@pytest.mark.wording
@pytest.mark.office
def test_comparisons_recalculate_to_their_cached_values(
    rounds: Rounds, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(rounds.nine.files["tong-hop-9-thang-2018.xlsx"])
    after = office.recalculated(path)["So sánh Biểu 01"]
    live, cached = (book(rounds.nine, NINE, data_only=told)["So sánh Biểu 01"] for told in (0, 1))
    seen = 0
    for row in live.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                seen += 1
                before = cached[cell.coordinate].value
                found = after[cell.row - 1][cell.column - 1]
                if isinstance(before, int | float):
                    assert found == pytest.approx(before, rel=1e-12), cell.coordinate
                else:
                    assert found == (before or ""), cell.coordinate
    assert seen > 250


def test_a_locked_round_stays_beside_what_it_was_compared_with(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh", Roster.of(UNITS[:2], province="Tỉnh Sông Tiền"))
    send(province, SIX, S1=50, H1=30)
    province.merge(SIX, "2018-06-04")
    send(province, NINE, S1=60, H1=40)
    locked = province.merge(NINE, "2018-09-05")
    lock = PeriodEvent(EventKind.LOCKED, NINE, "Thanh tra tỉnh", date(2018, 9, 6), "1/QĐ", 2)
    key = ValueKey("pctn_01", "c3", "value")
    early = Adjustment("D1", SIX, "S1", key, "65", "TTT", date(2018, 9, 1), "x")
    with province.register() as register:
        register.add_event(lock)
        register.add_corrections(Corrections((early,)))
    # Six months are corrected and merged again, and last year comes to the register.
    assert province.merge(SIX, "2018-09-07").total("c3") == 95
    send(province, LAST, S1=1, H1=1)
    province.merge(LAST, "2018-09-07")
    again = province.merge(NINE, "2018-09-08")
    assert again.files["result.json"] == locked.files["result.json"]
    assert again.files["tong-hop-9-thang-2018.xlsx"] == locked.files["tong-hop-9-thang-2018.xlsx"]
    assert text("cli.merge.recorded_before", number=2) in again.said
    unlock = PeriodEvent(EventKind.UNLOCKED, NINE, "Thanh tra tỉnh", date(2018, 9, 9), "2/QĐ")
    with province.register() as register:
        register.add_event(unlock)
    opened = province.merge(NINE, "2018-09-09")
    assert figures(opened, "c3")["previous"]["difference"] == 5
    assert {kind: item["run"] for kind, item in bases(opened).items()} == {
        "previous": 3,
        "last_year": 4,
    }
    told = [item[1] for item in opened.findings() if item[1].startswith("history.")]
    assert told == ["history.cumulative_drop"]
    # The unit fell below what the province made of its figure: it is not asked about that.
    own = [(item["ours"], item["rule"], item["units"]) for item in opened.document["own"]]
    assert own == [("adjusted", "history.cumulative_drop", ["S1"])]
    with province.register() as register:
        kept = {basis.period: basis for basis in register.baselines(5)}
        assert kept[LAST] == Baseline(LAST, 4)
        assert kept[SIX] == Baseline(SIX, 3, ("D1",))


def test_like_is_compared_with_like_through_mergers_and_parts(rounds: Rounds) -> None:
    keys = ("units", "now", "then", "difference", "percent", "falling", "only_now", "only_then")
    nine, year = bases(rounds.nine), bases(rounds.year)
    assert {kind: item["both"] for kind, item in nine.items()} == {
        "previous": ["H1", "S1", "X11", "X2", "X34", "X5", "X6"],
        "last_year": ["H1", "S1", "X11", "X34", "X6"],
    }
    both = figures(rounds.nine, "c3")["previous"]["both"]
    assert [both[key] for key in keys] == [7, 146, 131, 15, 11.5, [], [], []]
    both = figures(rounds.nine, "c3")["last_year"]["both"]
    assert [both[key] for key in keys] == [5, 128, 89, 39, 43.8, [], [], []]
    both = figures(rounds.nine, "c5")["previous"]["both"]
    assert [both[key] for key in keys] == [7, 3, 4, -1, -25, ["S1"], [], []]
    # Without X9, which is gone: 176/182 after 195/208, not after 221/234.
    both = figures(rounds.nine, "c28")["previous"]["both"]
    assert [both[key] for key in keys[:6]] == [7, 96.7, 93.75, 2.95, None, []]
    # Both parts of X6 sent their returns: together they are X6; S2 is new.
    assert {"X61", "X62"} < set(year["previous"]["both"])
    assert "S2" not in year["previous"]["both"]
    both = figures(rounds.year, "c3")["previous"]["both"]
    assert [both[key] for key in keys[:4]] == [8, 166, 146, 20]


@pytest.mark.wording
def test_figures_adjusted_after_the_run_are_said(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh", Roster.of(UNITS[:2], province="Tỉnh Sông Tiền"))
    send(province, SIX, S1=50, H1=30)
    province.merge(SIX, "2018-06-04")
    key = ValueKey("pctn_01", "c3", "value")
    change = Adjustment("D1", SIX, "S1", key, "55", "TTT", date(2018, 9, 1), "x")
    with province.register() as register:
        register.add_corrections(Corrections((change,)))
    send(province, NINE, S1=60, H1=40)
    nine = province.merge(NINE, "2018-09-05")
    assert (figures(nine, "c3")["previous"]["then"], bases(nine)["previous"]["restated"]) == (80, 1)
    assert changes(nine, NINE)[0][3] == (55, 5, pytest.approx(5 / 55))
    said = {cell.value for cell in book(nine, NINE)["So sánh Biểu 01"]["A"]}
    assert text("summary.comparison.restated", count=1, period=SIX.label, run=1) in said
    province.merge(SIX, "2018-09-05")
    assert bases(province.merge(NINE, "2018-09-05"))["previous"]["restated"] == 0


def test_outside_a_workspace_nothing_is_compared(rounds: Rounds, tmp_path: Path) -> None:
    out = tmp_path / "results"
    alone = rounds.province.merge(NINE, "2018-09-05", "--dry-run")
    assert text("cli.summary.dry_run") in alone.said
    call = ["merge", str(rounds.province.inbox(NINE)), "--no-workspace", "--jobs", "0"]
    assert main([*call, "--out", str(out)]) == 1
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert not {"comparison", "comparison_by_unit", "compared_with"} & document.keys()
    names = load_workbook(out / "tong-hop-9-thang-2018.xlsx").sheetnames
    assert not [name for name in names if "So sánh" in name]
