"""Rows of the workbook that repeat what is on record, when nobody could write them anew today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataSet, Library
from consolidate.model.units import Roster
from consolidate.province.corrections_book import Known, build_corrections, read_corrections_book
from consolidate.province.corrections_plan import Ending, plan_corrections, with_history
from consolidate.province.roster import build_roster
from tests.cli.made import NINE, QUARTER, ROSTER, SECOND, Province
from tests.cli.test_adjust import (
    ADJUST,
    FIRST_ROW,
    GOOD,
    OF_GOOD,
    OF_WAIVER,
    WAIVE,
    WAIVER,
    Row,
    changed,
    write,
)
from tests.library_2018 import library_2018

WITHOUT_S01 = replace(ROSTER, units=tuple(unit for unit in ROSTER.units if unit.code != "S01"))
OF_S01 = changed(WAIVER, unit="s01", period="2018-Q3", until="31/12/2018")
NEW = changed(GOOD, unit="H01")
GONE = "c40"


def without(data_set: DataSet, element: str) -> DataSet:
    gone = data_set.by_code[element]
    return replace(
        data_set, body=tuple(item for item in data_set.body if item is not gone), rules=()
    )


def older_library() -> Library:
    """Today's definitions of 2018 without one indicator and without one form."""
    known = library_2018().packs
    packs = [
        replace(
            pack,
            data_sets=tuple(
                without(item, GONE) if item.code == "pctn_01" else item
                for item in pack.data_sets
                if item.code != "pctn_02"
            ),
            rules={},
        )
        for pack in known.packs
        if pack.code != "pctn-2025"
    ]
    return replace(known, packs=tuple(packs)).view(packs, 3)


def test_rows_on_record_stay_when_their_unit_has_left(province: Province) -> None:
    path = write(province.root / "corrections.xlsx", [GOOD], [OF_S01])
    assert province.run("adjust")[0] == 0
    with province.register() as register:
        recorded = register.corrections()
    ids = recorded.adjustments[0].id, recorded.waivers[0].id
    province.workspace.roster_path.write_bytes(build_roster(WITHOUT_S01))
    notes = [
        text("corrections.history", sheet=sheet, row=FIRST_ROW, id=name)
        for sheet, name in zip((ADJUST, WAIVE), ids, strict=True)
    ]
    code, out = province.run("adjust")
    unchanged = text("corrections.unchanged", kept=2)
    assert code == 0
    assert " ".join(out.split()).startswith(f"{' '.join((*notes, unchanged))} Tiếp theo: ")
    # A changed row is a new one, and a new one is asked of today's roster.
    for row in (
        changed(GOOD, value="22"),
        changed(GOOD, reason="Khác"),
        changed(GOOD, on="6/9/19"),
    ):
        write(path, [row, NEW], [OF_S01])
        code, out = province.run("adjust")
        said = text("corrections.unit", sheet=ADJUST, row=FIRST_ROW, found="S01")
        assert (code, said in " ".join(out.split())) == (1, True)
        with province.register() as register:
            assert register.corrections() == recorded
    write(path, [GOOD, NEW], [OF_S01])
    code, out = province.run("adjust")
    assert (code, "1 mới, 0 hủy, 2 giữ nguyên" in " ".join(out.split())) == (0, True)
    # Without its row it ends, as any other.
    write(path, [NEW], [OF_S01])
    assert province.run("adjust", "--author", "B")[0] == 0
    with province.register() as register:
        (end,) = register.corrections().revocations
    assert end.id == ids[0]


def planned(tmp_path: Path, rows: list[Row], recorded: Corrections, roster: Roster = ROSTER):  # type: ignore[no-untyped-def]
    """Plan of a workbook with these adjustments by the definitions that lost some."""
    path = write(tmp_path / "d.xlsx", rows)
    book = read_corrections_book(path, Known(older_library(), roster))
    book = with_history(book, recorded.unrevoked(), older_library())
    return plan_corrections(book, recorded, (), Ending("A", SECOND, "Bỏ"))


def adjusted(name: str, key: ValueKey, **other: object) -> Adjustment:
    return replace(OF_GOOD, id=name, key=key, **other)  # type: ignore[arg-type]


C40, C41 = ValueKey("pctn_01", "c40", "value"), ValueKey("pctn_01", "c41", "value")
LISTED = ValueKey("pctn_02", "tt", "", 3)
OF_LIST = changed(GOOD, data_set="Biểu 02", element="TT", row="3")


@pytest.mark.parametrize(
    ("rows", "recorded", "kept", "problems"),
    [
        ([GOOD], [adjusted("DC-1", C40)], 1, 0),
        # By its codes, as a workbook that is made anew has it; a number in a cell of numbers.
        (
            [changed(GOOD, data_set="pctn_01", element="c40", value=21, on="06/09/2018")],
            [adjusted("DC-1", C40)],
            1,
            0,
        ),
        ([OF_LIST], [adjusted("DC-1", LISTED)], 1, 0),
        ([changed(OF_LIST, value="(trống)")], [adjusted("DC-1", LISTED, value="")], 1, 0),
        ([changed(OF_LIST, row="4")], [adjusted("DC-1", LISTED)], 0, 1),
        ([changed(OF_LIST, row="ba")], [adjusted("DC-1", LISTED)], 0, 1),
        ([changed(OF_LIST, expires="x")], [adjusted("DC-1", LISTED)], 0, 2),
        ([changed(OF_LIST, period="x")], [adjusted("DC-1", LISTED)], 0, 2),
        # What is on record is about a figure that still is: the row is another one.
        ([GOOD], [adjusted("DC-1", C41)], 0, 1),
        ([GOOD], [adjusted("DC-1", C40, period=QUARTER)], 0, 1),
        ([GOOD], [adjusted("DC-1", C40, expires=date(2018, 12, 31))], 0, 1),
        # Two rows for two: both stay. One for two, or two for one: nobody knows which.
        ([GOOD, OF_LIST], [adjusted("DC-1", C40), adjusted("DC-2", LISTED)], 2, 0),
        ([GOOD], [adjusted("DC-1", C40), adjusted("DC-2", ValueKey("pctn_02", "tt", ""))], 0, 1),
        ([GOOD, GOOD], [adjusted("DC-1", C40)], 0, 2),
    ],
)
def test_rows_of_figures_that_are_gone(
    tmp_path: Path, rows: list[Row], recorded: list[Adjustment], kept: int, problems: int
) -> None:
    plan = planned(tmp_path, rows, Corrections(tuple(recorded)))
    assert (plan.kept, len(plan.problems), len(plan.history)) == (kept, problems, kept)
    assert plan.new.adjustments == ()
    if not problems:
        assert plan.new == Corrections()


def test_a_row_that_is_not_on_record_is_asked_of_today(tmp_path: Path) -> None:
    assert len(planned(tmp_path, [GOOD], Corrections()).problems) == 1
    kept = planned(tmp_path, [GOOD], Corrections((adjusted("DC-1", C40),)), WITHOUT_S01)
    assert (kept.kept, kept.problems) == (1, ())


def test_a_new_row_beside_one_that_stays_may_not_say_the_same(tmp_path: Path) -> None:
    # Both are about MS 41 of a unit that has left; the second one is new.
    recorded = Corrections((adjusted("DC-1", C41, unit="X00"),))
    row = changed(GOOD, element="MS 41", unit="X00")
    assert planned(tmp_path, [row], recorded).problems == ()
    plan = planned(tmp_path, [row, changed(row, value="22")], recorded)
    assert len(plan.problems) == 1
    assert plan.problems[0].value("row") == FIRST_ROW + 1


@pytest.mark.parametrize(
    ("cells", "kept"),
    [({}, 1), ({"period": "2018-9M"}, 0), ({"period": "x"}, 0), ({"rule": "y"}, 0)],
)
def test_waivers_of_rules_that_are_gone(
    tmp_path: Path, cells: dict[str, object], kept: int
) -> None:
    waiver = replace(OF_WAIVER, id="MT-1", rule="pctn_01.r99")
    row = changed(WAIVER, **{"rule": "pctn_01.r99", **cells})
    path = write(tmp_path / "d.xlsx", [], [row])
    book = read_corrections_book(path, Known(library_2018(), ROSTER))
    assert len(book.broken) == 1
    found = with_history(book, Corrections((), (waiver,)), library_2018())
    assert (len(found.rows), len(found.broken)) == (kept, 1 - kept)


def test_a_workbook_that_is_made_anew_may_be_applied(tmp_path: Path) -> None:
    recorded = Corrections(
        (adjusted("DC-1", C40), adjusted("DC-2", LISTED, unit="X00")),
        (Waiver("MT-1", "pctn_01.r99", "S99", None, "A", SECOND, "x", "", NINE),),
    )
    path = tmp_path / "d.xlsx"
    path.write_bytes(build_corrections(recorded, older_library(), ROSTER, ()))
    book = read_corrections_book(path, Known(older_library(), ROSTER))
    assert len(book.broken) == 3
    book = with_history(book, recorded, older_library())
    plan = plan_corrections(book, recorded, (), Ending("A", SECOND, "Bỏ"))
    assert (plan.kept, plan.new, plan.problems) == (3, Corrections(), ())
