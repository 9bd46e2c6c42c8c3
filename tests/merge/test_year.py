"""A year of a small province, told in order: issued, filled in, merged, corrected, locked.

Units are renamed, merged and split on the way; one is late, one too late, one sends twice, one
sends less than before, one sends far more than it ever did.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome
from consolidate.model.runs import EventKind, PeriodEvent, RunTotal
from tests.databases import a_database
from tests.merge.province import NINE, SIX, UNITS, YEAR, Merged, Province, blank_filled, filled

ADJUSTMENT = Adjustment(
    "DC1",
    NINE,
    "X2",
    ValueKey("pctn_01", "c3"),
    "25",
    "Thanh tra tỉnh",
    date(2018, 9, 6),
    "Đơn vị đính chính",
    "12/CV",
)
WAIVERS = (
    Waiver("M1", "history.cumulative_drop", "X34", None, "Thanh tra tỉnh", date(2018, 9, 6),
           "Rà soát lại", "15/TTT"),
    # Over when it is merged, and for good for what came before it was.
    Waiver("M2", "memory.too_late", "H1", date(2018, 12, 20), "Thanh tra tỉnh",
           date(2018, 12, 20), "Mất điện", "99/UBND"),
)  # fmt: skip


@dataclass(frozen=True)
class Year:
    """What every merge of the year gave, and the province at its end."""

    province: Province
    merged: dict[str, Merged]
    issued: dict[Period, dict[str, bytes]]


@pytest.fixture(scope="module")
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    """On a server; the simulated year (``tests/test_example_year.py``) has a file."""
    root = tmp_path_factory.mktemp("province") / "tỉnh"
    with a_database(request, "postgresql") as url:
        yield a_year(Province.make(root, database=url))


def a_year(province: Province) -> Year:
    """Everything that happens in the year, in its order."""
    merged: dict[str, Merged] = {}
    issued: dict[Period, dict[str, bytes]] = {}
    for before, number in zip(range(2014, 2018), (100, 110, 90, 105), strict=True):
        period = Period.parse_code(f"{before}-Y")
        province.send(period, "S1.xlsx", blank_filled(UNITS[0], period, c3=number))
        merged[period.code] = province.merge(period, f"{before}-12-01")

    def send(period: Period, **numbers: int) -> None:
        for code, number in numbers.items():
            classes = 2 if code == "X34" else 1  # It takes over those of X3 and X4.
            data = filled(issued[period][code], c3=number, c4=classes)
            province.send(period, f"{code}.xlsx", data)

    issued[SIX] = province.issue(SIX)
    send(SIX, H1=30, X1=8, X2=20, X3=10, X4=5, X6=6)
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w") as package:
        package.writestr("S1.xlsx", filled(issued[SIX]["S1"], c3=50, c28="13/26"))
    province.send(SIX, "thư.zip", letter.getvalue())
    merged["six, in time"] = province.merge(SIX, "2018-06-04")
    send(SIX, X5=2)
    merged["six"] = province.merge(SIX, "2018-06-07")

    issued[NINE] = province.issue(NINE)
    send(NINE, S1=60, H1=40, X11=9, X2=15, X34=12, X5=3, X6=7)
    again = filled(issued[NINE]["X6"], c3=8, revision=2)
    province.send(NINE, "X6 lần 2.xlsx", again)
    merged["nine"] = province.merge(NINE, "2018-09-05")
    merged["nine, again"] = province.merge(NINE, "2018-09-05")
    merged["nine, next day"] = province.merge(NINE, "2018-09-06")
    with province.register() as register:
        register.add_corrections(Corrections((ADJUSTMENT,), WAIVERS))
    merged["nine, corrected"] = province.merge(NINE, "06/09/2018")

    issued[YEAR] = province.issue(YEAR)
    send(YEAR, S1=5000, X11=10, X2=24, X34=15, X5=4, X61=1, X62=2, S2=9)
    merged["year"] = province.merge(YEAR, "2018-12-01")
    send(YEAR, H1=41)
    merged["year, too late"] = province.merge(YEAR, "2018-12-16")
    merged["year, waived"] = province.merge(YEAR, "2018-12-21")
    return Year(province, merged, issued)


def test_six_months(year: Year) -> None:
    first, then = year.merged["six, in time"], year.merged["six"]
    assert first.findings() == []
    assert first.document["units"]["missing"] == ["X5"]
    assert then.outcomes() == dict.fromkeys(
        ["H1.xlsx", "thư.zip/S1.xlsx", *(f"X{n}.xlsx" for n in range(1, 7))], "accepted"
    )
    assert then.findings() == [("X5", "memory.late", "info", "", "07/06/2018", "≤ 05/06/2018")]
    assert then.document["units"]["late"] == ["X5"]
    days = {
        item["file"]: (item["received"], item["days_late"]) for item in then.document["returns"]
    }
    assert days.pop("X5.xlsx") == ("2018-06-07", 2)
    assert set(days.values()) == {("2018-06-04", 0)}
    assert then.code == 0
    assert text("cli.summary.late", count=1) in then.said
    overview = load_workbook(io.BytesIO(then.files["tong-hop-6-thang-2018.xlsx"])).worksheets[0]
    assert text("summary.received.late", count=1) in {cell.value for cell in overview["A"]}
    files = load_workbook(io.BytesIO(then.files["tong-hop-6-thang-2018.xlsx"]))[
        text("summary.sheet.files")
    ]
    titles = {cell.value: cell.column - 1 for cell in files[4]}
    came, late = (titles[text(f"summary.files.{key}")] for key in ("received", "late"))
    (row,) = (cells for cells in files.iter_rows(values_only=True) if cells[1] == "X5.xlsx")
    assert (row[came], row[late]) == ("07/06/2018", 2)


def test_earlier_answers_go_out_with_the_next_issue(year: Year) -> None:
    def grey(code: str, column: str) -> dict[str, object]:
        sheet = load_workbook(io.BytesIO(year.issued[NINE][code]))["Biểu 01"]
        at = {cell.value: cell.column for cell in sheet[1]}.get(column)
        rows = {cell.value: cell.row for cell in sheet["A"]}
        return {} if at is None else {
            name: sheet.cell(rows[name], at).value for name in ("c3", "c4", "c28")
        }  # fmt: skip

    assert grey("S1", "previous.value") == {"c3": 50, "c4": 1, "c28": "13/26"}
    assert grey("X11", "previous.value") == {"c3": 8, "c4": 1, "c28": "26/26"}
    # Figures of merged units are added, ratios are not.
    assert grey("X34", "previous.value") == {"c3": 15, "c4": 2, "c28": None}
    assert grey("S1", "last_year.value") == {}


def test_nine_months_beside_six(year: Year) -> None:
    nine = year.merged["nine"]
    assert nine.outcomes() == {
        "H1.xlsx": "accepted",
        "S1.xlsx": "accepted",
        "X11.xlsx": "accepted",
        "X2.xlsx": "accepted_with_warnings",
        "X34.xlsx": "accepted_with_warnings",
        "X5.xlsx": "accepted",
        "X6 lần 2.xlsx": "accepted",
        "X6.xlsx": "superseded",
    }
    assert nine.findings() == [
        ("X2", "history.cumulative_drop", "error", "c3", "15", "≥ 20"),
        ("X34", "history.cumulative_drop", "error", "c3", "12", "≥ 15"),
    ]
    assert nine.total("c3") == 60 + 40 + 9 + 15 + 12 + 3 + 8
    assert nine.code == 1


def test_the_same_merge_gives_the_same_bytes_and_one_run(year: Year) -> None:
    nine, again = year.merged["nine"], year.merged["nine, again"]
    assert again.files == nine.files
    assert text("cli.merge.recorded", number=7) in nine.said
    assert text("cli.merge.recorded_before", number=7) in again.said
    # On another day it is another run with the same result: files keep their first day.
    assert year.merged["nine, next day"].files == nine.files
    with year.province.register() as register:
        days = [run.head.as_of for run in register.runs(NINE)]
    assert days == [date(2018, 9, 5), date(2018, 9, 6), date(2018, 9, 6)]


def test_every_period_keeps_its_own_document_beside_the_latest(year: Year) -> None:
    six, nine = year.merged["six"].files, year.merged["nine"].files
    assert nine["result-2018-6M.json"] == six["result-2018-6M.json"] == six["result.json"]
    assert nine["result-2018-9M.json"] == nine["result.json"] != six["result.json"]


@pytest.mark.wording
def test_corrections_are_used_and_seen(year: Year) -> None:
    corrected = year.merged["nine, corrected"]
    assert corrected.findings() == [
        ("X2", "memory.adjusted", "info", "c3", "15", "25"),
        ("X34", "history.cumulative_drop", "info", "c3", "12", "≥ 15"),
    ]
    assert corrected.total("c3") == 60 + 40 + 9 + 25 + 12 + 3 + 8
    assert set(corrected.outcomes().values()) == {"accepted", "superseded"}
    assert "12/CV" in corrected.message("memory.adjusted", "X2")
    assert corrected.message("history.cumulative_drop", "X34").endswith(
        "Đã miễn trừ (mã M1, văn bản: 15/TTT)."
    )
    (changed,) = (n for n in corrected.document["normalisations"] if n["kind"] == "adjusted")
    assert (changed["unit"], changed["raw"], changed["used"]) == ("X2", "15", 25)
    book = load_workbook(io.BytesIO(corrected.files["tong-hop-9-thang-2018.xlsx"]))
    by_unit = book[text("summary.sheet.by_unit", sheet="Biểu 01")]
    marked = [
        (cell.value, cell.font.italic)
        for line in by_unit.iter_rows(min_row=6)
        for cell in line
        if cell.value == 25
    ]
    assert (25, True) in marked
    shown = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line}
    assert text("value.normalised.adjusted") in shown
    trace = next(sheet for sheet in book if sheet.title.startswith("Nguồn"))
    rows = [[cell.value for cell in line] for line in trace.iter_rows()]
    assert any(25 in line and "15" in line for line in rows)
    note = text("summary.stamp.adjusted", stamp="", count=1)
    speaking = [sheet.title for sheet in book if any(
        note in str(cell.value) for line in sheet.iter_rows(max_row=8) for cell in line
    )]  # fmt: skip
    assert len(speaking) >= 4


def test_the_register_keeps_what_units_sent(year: Year) -> None:
    with year.province.register() as register:
        *_, first, second, third = register.runs(NINE)
        before, after = (
            next(item for item in register.counted(run.number) if item.content.unit == "X2")
            for run in (first, third)
        )
        assert before.content == after.content
        c3 = {value.key.element: value.number for value in after.content.values}["c3"]
        assert c3 == 15
        totals = [
            t for t in register.totals(third.number) if (t.element, t.data_set) == ("c3", "pctn_01")
        ]
        assert totals == [
            RunTotal("pctn_01", "c3", "value", "", Decimal(157), 7),
            RunTotal("pctn_01", "c3", "value", "province", Decimal(60), 1),
            RunTotal("pctn_01", "c3", "value", "district", Decimal(40), 1),
            RunTotal("pctn_01", "c3", "value", "commune", Decimal(57), 5),
        ]
        assert second.head.corrections == "" != third.head.corrections
        # The member of the letter is kept as well as the letter.
        (member,) = (f for f in register.files() if f.name == "thư.zip › S1.xlsx")
        (letter,) = (f for f in register.files() if f.name == "thư.zip")
        assert register.read(member.sha256)[:2] == register.read(letter.sha256)[:2] == b"PK"
        assert member.seen == date(2018, 6, 4)


@pytest.mark.wording
def test_the_year_beside_nine_months_as_adjusted_and_beside_other_years(year: Year) -> None:
    told = year.merged["year"].findings()
    assert [item for item in told if item[1] != "history.not_compared"] == [
        ("S1", "history.outlier_past", "warning", "c3", "5.000", "≈ 102,5"),
        ("X2", "history.cumulative_drop", "error", "c3", "24", "≥ 25"),
    ]
    # Of nine months these have no figures that are theirs; of last year nobody but S1 has any.
    notes = Counter(item[0] for item in told if item[1] == "history.not_compared")
    assert {unit for unit in notes if unit in ("S2", "X61", "X62")} == {"S2", "X61", "X62"}
    assert "S1" not in notes
    dropped = year.merged["year"].message("history.cumulative_drop", "X2")
    assert "9 tháng đầu năm 2018 (25, số cơ quan tổng hợp đã điều chỉnh)" in dropped
    for unit, why in (("S2", "new"), ("X61", "split"), ("X62", "split")):
        said = [
            item["message"]
            for item in year.merged["year"].document["findings"]
            if (item["rule"], item["unit"]) == ("history.not_compared", unit)
        ]
        assert any(text(f"history.obstacle.{why}") in x and NINE.label in x for x in said)


@pytest.mark.wording
def test_after_the_final_date_a_return_does_not_count_until_it_is_waived(year: Year) -> None:
    late, waived = year.merged["year, too late"], year.merged["year, waived"]
    assert late.outcomes()["H1.xlsx"] == Outcome.HELD
    assert (late.document["units"]["missing"], late.document["units"]["late"]) == (["H1"], [])
    (reason,) = (r["reason"] for r in late.document["returns"] if r["file"] == "H1.xlsx")
    letter = because("memory.letter", letter="12/TTT")
    day, final = date(2018, 12, 16), date(2018, 12, 15)
    said = because("memory.too_late", day=day, final=final, letter=letter)
    way_out = because("memory.waive", rule="memory.too_late", unit="H1", period=YEAR.code)
    held = because("memory.held", reason=said, way_out=way_out)
    assert held in year.province.reasons(YEAR, "H1.xlsx")
    assert reason == sentence(held)
    assert late.total("c3") == 5065
    assert waived.outcomes()["H1.xlsx"] == Outcome.ACCEPTED
    assert waived.total("c3") == 5106
    assert waived.document["units"]["late"] == ["H1"]
    assert "(mã M2, văn bản: 99/UBND)" in waived.message("memory.too_late", "H1")


def test_a_locked_round_takes_its_own_result_only(year: Year) -> None:
    province = year.province
    with province.register() as register:
        run = register.standing_run(YEAR)
        assert run is not None
        event = PeriodEvent(
            EventKind.LOCKED, YEAR, "Thanh tra tỉnh", date(2018, 12, 22), "1/QĐ", run.number
        )
        register.add_event(event)
        files = register.files()
    same = province.merge(YEAR, "2018-12-23")
    assert same.files == year.merged["year, waived"].files
    assert text("cli.merge.recorded_before", number=run.number) in same.said
    province.send(YEAR, "X5 lần 2.xlsx", filled(year.issued[YEAR]["X5"], c3=5, revision=2))
    refused = province.merge(YEAR, "2018-12-23")
    assert refused.code == 2
    assert (
        text(
            "register.locked", period=YEAR.label, run=run.number, day="22/12/2018", document="1/QĐ"
        )
        in refused.said
    )
    # X5 sent again: its first file no longer counts, and neither is what was locked.
    others = f"{text('diff.file.new')} “X5 lần 2.xlsx”; {text('diff.file.outcome')} “X5.xlsx”"
    assert text("diff.unlike_locked", files=others) in refused.said
    assert refused.files == same.files
    with province.register() as register:
        assert register.files() == files
        assert register.last_run(YEAR) == run
