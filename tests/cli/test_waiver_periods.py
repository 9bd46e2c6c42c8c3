"""Waivers of one round in the workbook of corrections; every problem is said in one wave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import TOO_LATE, Corrections
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.province.book_columns import WAIVERS
from consolidate.province.corrections_book import WAIVED, CorrectionsBook, read_corrections_book
from tests.cli.made import NINE, QUARTER, SECOND, File, Province, record
from tests.cli.test_adjust import (
    ADJUST,
    FIRST_ROW,
    GOOD,
    KNOWN,
    OF_WAIVER,
    WAIVE,
    WAIVER,
    changed,
    on_record,
    problems,
    write,
)

ROUND = changed(WAIVER, period="2018-9M")


def read(tmp_path: Path, *rows: tuple[object, ...]) -> CorrectionsBook:
    return read_corrections_book(write(tmp_path / "d.xlsx", [], rows), KNOWN)


def locked(province: Province, period: Period = NINE) -> None:
    with province.register() as register:
        run = record(register, [File("S01", {"pctn_01.c40": 5})], period=period)
        register.add_event(PeriodEvent(EventKind.LOCKED, period, "A", SECOND, "7/QĐ", run))


def refusals(province: Province, *more: str) -> list[str]:
    """The problems that a refused workbook has, and what is said below them."""
    code, said = province.run("adjust", *more)
    assert code == 1
    head, *rest = " ".join(said.split()).split(" ✗ ")
    assert head == text("corrections.refused", count=len(rest))
    return rest


@pytest.mark.parametrize("typed", ["2018-9M", "2018-Q3", "9 tháng đầu năm 2018", "Quý III/2018"])
def test_any_period_of_a_round_names_it(tmp_path: Path, typed: str) -> None:
    for rule in ("pctn_01.r40", TOO_LATE):
        row = changed(WAIVER, rule=rule, period=typed)
        ((number, item),) = read(tmp_path, row).rows
        assert (number, item) == (FIRST_ROW, replace(OF_WAIVER, rule=rule, period=NINE))


def test_a_blank_period_and_a_workbook_without_the_column_mean_every_round(tmp_path: Path) -> None:
    path = write(tmp_path / "d.xlsx", [GOOD], [WAIVER])
    assert [item for _, item in read_corrections_book(path, KNOWN).rows[1:]] == [OF_WAIVER]
    book = load_workbook(path)
    headings = [cell.value for cell in book[WAIVE][FIRST_ROW - 1]]
    at = headings.index(WAIVERS.by_key["period"].heading) + 1
    book[WAIVE].delete_cols(at)
    book.save(path)
    found = read_corrections_book(path, KNOWN)
    assert (found.problems, [item for _, item in found.rows[1:]]) == ((), [OF_WAIVER])


@pytest.mark.parametrize(
    ("cells", "key", "values"),
    [
        ({"period": "tháng 9"}, "period", {"found": "tháng 9"}),
        (
            {"period": "2018-9M", "unit": "X00"},
            "unit_not_then",
            {"unit": "UBND xã Cũ", "period": NINE},
        ),
    ],
)
def test_a_period_that_cannot_be_used(
    tmp_path: Path, cells: dict[str, object], key: str, values: dict[str, object]
) -> None:
    said = because(f"corrections.{key}", sheet=WAIVED, row=FIRST_ROW, **values)
    assert problems(tmp_path, waivers=(changed(WAIVER, **cells),)) == (said,)


def test_a_unit_that_is_gone_may_still_be_let_off_for_its_last_round(tmp_path: Path) -> None:
    row = changed(WAIVER, unit="X00", period="2018-6M")
    assert read(tmp_path, row).problems == ()


@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ("2018-9M", "2018-Q3", True),
        ("2018-9M", None, True),
        (None, "2018-9M", True),
        ("2018-9M", "2018-6M", False),
        (None, None, True),
    ],
)
def test_two_rows_about_one_round(
    tmp_path: Path, first: str | None, second: str | None, twice: bool
) -> None:
    rows = [changed(WAIVER, period=first), changed(WAIVER, period=second, reason="Khác")]
    said = because("corrections.twice", sheet=WAIVED, row=6, first=5)
    assert read(tmp_path, *rows).problems == ((said,) if twice else ())


UNCHANGED = "Không có gì thay đổi: 1 hàng đã có trong sổ lưu."


def test_a_waiver_of_one_round_is_shown_recorded_and_comes_back(province: Province) -> None:
    path = write(province.root / "corrections.xlsx", [], [ROUND])
    code, said = province.run("adjust", "--dry-run")
    (line,) = (line for line in said.splitlines() if line.startswith("  + "))
    assert (code, line.partition(" · ")[2]) == (0, "pctn_01.r40 · * · chỉ kỳ 2018-9M")
    assert province.run("adjust")[0] == 0
    assert [item.period for item in on_record(province).waivers] == [NINE]
    code, said = province.run("adjust")
    assert (code, said.partition("\n")[0]) == (0, UNCHANGED)
    path.unlink()
    province.run("adjust")
    assert load_workbook(path)[WAIVE].cell(FIRST_ROW, 3).value == "2018-9M"
    code, said = province.run("adjust")
    assert (code, said.partition("\n")[0]) == (0, UNCHANGED)
    # Another period is another waiver: somebody answers for the end of the first one.
    write(path, [], [changed(WAIVER, period="2018-6M")])
    who = text("corrections.who_revokes", count=1)
    code, said = province.run("adjust", "--dry-run")
    assert (code, who in " ".join(said.split())) == (0, True)
    assert province.run("adjust")[0] == 2
    assert province.run("adjust", "--author", "B", "--on", "2018-09-10")[0] == 0
    in_force = on_record(province).in_force(date(2018, 9, 10)).waivers
    assert [item.period.code if item.period else "" for item in in_force] == ["2018-6M"]


def test_a_locked_round_takes_no_waivers_of_its_own_and_loses_none(province: Province) -> None:
    path = write(province.root / "corrections.xlsx", [], [ROUND])
    province.run("adjust")
    (kept,) = on_record(province).waivers
    locked(province, QUARTER)
    assert province.run("adjust")[0] == 0
    rows = [ROUND, changed(ROUND, unit="S01"), changed(WAIVER, unit="H01")]
    write(path, [], rows)
    said = text("corrections.locked_waiver", sheet=WAIVE, row=6, period=NINE.label)
    assert refusals(province) == [said]
    write(path, [], [])
    said = text("corrections.locked_waiver_gone", id=kept.id, unit="*", period=NINE.label)
    assert refusals(province, "--author", "A") == [said]
    write(path, [], [ROUND, changed(WAIVER, unit="H01")])
    assert province.run("adjust")[0] == 0
    assert len(on_record(province).waivers) == 2


def test_locked_rounds_and_wrong_rows_are_said_together(province: Province) -> None:
    path = write(province.root / "corrections.xlsx", [GOOD], [ROUND])
    province.run("adjust")
    before = on_record(province)
    locked(province)
    good, wrong = changed(GOOD, value="22"), changed(GOOD, value="nhiều", element="MS 41")
    write(
        path,
        [good, wrong, changed(GOOD, period="tháng 9", element="MS 42")],
        [ROUND, changed(ROUND, unit="S99")],
    )
    for more in ((), ("--dry-run",)):
        bad_value, *rest = refusals(province, *more)
        assert bad_value.startswith(f"“{ADJUST}”, hàng 6: giá trị mới không dùng được.")
        assert rest == [
            text("corrections.period", sheet=ADJUST, row=7, found="tháng 9"),
            text("corrections.unit", sheet=WAIVE, row=6, found="S99"),
            text("corrections.locked", sheet=ADJUST, row=5, period=NINE.label),
            text("corrections.locked", sheet=ADJUST, row=6, period=NINE.label),
            text("corrections.locked_waiver", sheet=WAIVE, row=6, period=NINE.label),
        ]
    assert on_record(province) == before


def test_a_row_that_was_spoiled_is_not_taken_for_one_that_is_gone(province: Province) -> None:
    other = changed(GOOD, unit="H01")
    path = write(province.root / "corrections.xlsx", [GOOD, other])
    province.run("adjust")
    gone = next(item for item in on_record(province).adjustments if item.unit == "H01")
    locked(province)
    spoiled = text("corrections.no_reason", sheet=ADJUST, row=5)
    held = text("corrections.locked", sheet=ADJUST, row=5, period=NINE.label)
    write(path, [changed(GOOD, reason=None), other])
    assert refusals(province, "--author", "A") == [spoiled, held]
    write(path, [changed(GOOD, reason=None)])
    missing = text("corrections.locked_gone", id=gone.id, unit="H01", period=NINE.label)
    who = text("corrections.who_revokes", count=1)
    assert refusals(province) == [spoiled, held, f"{missing} {who}"]
    # Where nobody can tell which row it is, none is said to be gone.
    write(path, [changed(GOOD, reason=None, unit="S99")])
    assert all("không còn hàng" not in said for said in refusals(province))


def test_a_workbook_that_says_nothing_takes_nothing_back_from_a_locked_round(
    province: Province,
) -> None:
    write(province.root / "corrections.xlsx", [])
    locked(province)
    code, said = province.run("adjust")
    assert (code, " ".join(said.split())) == (0, text("corrections.no_row"))
    assert on_record(province) == Corrections()
