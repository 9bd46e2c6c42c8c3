"""The workbook of corrections: made, read, refused row by row, applied and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from consolidate.definitions.catalogue import sentence, text
from consolidate.intake.answers import read_typed
from consolidate.model.corrections import (
    EVERY_UNIT,
    Adjustment,
    Corrections,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import Reason, because
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.province.corrections_book import (
    ADJUSTED,
    WAIVED,
    CorrectionsBook,
    Known,
    RowsRefused,
    build_corrections,
    known_rules,
    read_corrections_book,
)
from consolidate.province.corrections_plan import Ending, plan_corrections
from tests.cli.made import NINE, QUARTER, ROSTER, SECOND, File, Province, record
from tests.library_2018 import library_2018

LIBRARY = library_2018()
KNOWN = Known(LIBRARY, ROSTER)
ADJUST, WAIVE = text("kept.adjustments.sheet"), text("kept.waivers.sheet")
Row = tuple[object, ...]
GOOD: Row = (
    "2018-9M", "S01", "Biểu 01", "MS 40", None, None, "21", "Đính chính", "12/CV", "Phòng A",
    date(2018, 9, 6), None,
)  # fmt: skip
WAIVER: Row = ("pctn_01.r40", "*", None, None, "Mẫu cũ", "13/CV", "Phòng A", date(2018, 9, 6))
OF_GOOD = Adjustment(
    "",
    NINE,
    "S01",
    ValueKey("pctn_01", "c40", "value"),
    "21",
    "Phòng A",
    date(2018, 9, 6),
    "Đính chính",
    "12/CV",
)
OF_WAIVER = Waiver(
    "", "pctn_01.r40", EVERY_UNIT, None, "Phòng A", date(2018, 9, 6), "Mẫu cũ", "13/CV"
)
FIRST_ROW = 5
"""Row of the first correction in the workbook: title, guidance, hints, headings come before."""


def changed(row: Row, /, **cells: object) -> Row:
    """A row with other content in the cells of some fields."""
    fields = (
        ("period", "unit", "data_set", "element", "column", "row", "value", "reason", "document",
         "author", "on", "expires")
        if len(row) == 12
        else ("rule", "unit", "period", "until", "reason", "document", "author", "on")
    )  # fmt: skip
    assert set(cells) <= set(fields)
    return tuple(cells.get(field, cell) for field, cell in zip(fields, row, strict=True))


def write(path: Path, adjustments: Sequence[Row], waivers: Sequence[Row] = ()) -> Path:
    """The workbook as an officer leaves it: rows typed below the headings."""
    empty = build_corrections(Corrections(), LIBRARY, ROSTER, known_rules(LIBRARY))
    path.write_bytes(empty)
    book = load_workbook(path)
    for sheet, rows in ((ADJUST, adjustments), (WAIVE, waivers)):
        for number, row in enumerate(rows, FIRST_ROW):
            for column, cell in enumerate(row, 1):
                book[sheet].cell(number, column, cell)
    book.save(path)
    return path


def problems(tmp_path: Path, *rows: Row, waivers: tuple[Row, ...] = ()) -> tuple[Reason, ...]:
    path = write(tmp_path / "corrections.xlsx", list(rows), list(waivers))
    return read_corrections_book(path, KNOWN).problems


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    book = read_corrections_book(write(tmp_path / "d.xlsx", [GOOD], [WAIVER]), KNOWN)
    assert book.rows == ((FIRST_ROW, OF_GOOD), (FIRST_ROW, OF_WAIVER))


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"element": "40"}, ("pctn_01", "c40", "value", 0)),
        ({"element": 40}, ("pctn_01", "c40", "value", 0)),
        ({"element": "c40", "data_set": "pctn_01"}, ("pctn_01", "c40", "value", 0)),
        ({"element": "c56a"}, ("pctn_01", "c56a", "value", 0)),
        ({"element": "ms40 số liệu"}, ("pctn_01", "c40", "value", 0)),
        (
            {"period": "Quý III/2018", "data_set": "PL3-II", "element": "STT 5.1",
             "column": "Cấp tỉnh"},
            ("cchc_pl3_2", "r5_1", "province", 0),
        ),
        (
            {"period": "2018-Q3", "data_set": "PL3-II", "element": 5.1, "column": "total"},
            ("cchc_pl3_2", "r5_1", "total", 0),
        ),
        (
            {"period": "2018-Q3", "data_set": "PL3-I", "element": "Đã thực hiện", "row": "2"},
            ("cchc_pl3_1", "done", "", 2),
        ),
    ],
)  # fmt: skip
def test_figures_are_named_as_on_the_form(
    tmp_path: Path, cells: dict[str, object], key: tuple[str, str, str, int]
) -> None:
    book = read_corrections_book(write(tmp_path / "d.xlsx", [changed(GOOD, **cells)]), KNOWN)
    assert [tuple(item.key) for _, item in book.rows] == [key]


@pytest.mark.parametrize(
    ("element", "typed", "used"),
    [
        ("MS 40", 1819, "1819"),
        ("MS 40", "1.819", "1.819"),
        ("MS 15", 1556.3, "1556,3"),
        ("MS 15", 12.345, "12,3450"),
        ("MS 15", "12,5 triệu đồng", "12,5 triệu đồng"),
        ("MS 28", "26/26", "26/26"),
        ("MS 28", "90%", "90%"),
        ("MS 40", "x", "x"),
        ("MS 40", "(Trống)", ""),
        ("MS 40", 0, "0"),
    ],
)
def test_a_value_is_kept_as_a_text_that_reads_in_one_way(
    tmp_path: Path, element: str, typed: object, used: str
) -> None:
    row = changed(GOOD, element=element, value=typed)
    ((_, item),) = read_corrections_book(write(tmp_path / "d.xlsx", [row]), KNOWN).rows
    assert item.value == used
    data_set = LIBRARY.by_code[item.key.data_set]
    if not isinstance(typed, str):
        first = read_typed(data_set, item.key, typed)[0]
        again = read_typed(data_set, item.key, item.value)[0]
        assert (again.value, again.problem) == (first.value, "")


@pytest.mark.parametrize(
    ("cells", "key", "values"),
    [
        ({"period": "tháng 9"}, "period", {"found": "tháng 9"}),
        ({"period": None}, "period", {"found": ""}),
        ({"unit": "S99"}, "unit", {"found": "S99"}),
        ({"unit": "X00"}, "unit_not_then", {"unit": "UBND xã Cũ", "period": NINE}),
        (
            {"data_set": "Biểu 09"},
            "data_set",
            {"found": "Biểu 09", "known": "“Biểu 01”, “Biểu 02”, “PL3-I”, “PL3-II”"},
        ),
        (
            {"period": "2018-Q3"},
            "other_period",
            {"form": "Biểu 01", "period": QUARTER, "right": "2018-9M"},
        ),
        ({"element": "MS 62"}, "element", {"found": "MS 62", "form": "Biểu 01"}),
        ({"element": "STT 40"}, "element", {"found": "STT 40", "form": "Biểu 01"}),
        (
            {"column": "Cấp xã"},
            "column",
            {"found": "Cấp xã", "caption": "MS 40", "known": "“SỐ LIỆU”"},
        ),
        ({"row": "1"}, "no_rows", {"form": "Biểu 01", "found": "1"}),
        ({"data_set": "Biểu 02", "element": "Tên vụ"}, "row", {"form": "Biểu 02", "found": ""}),
        ({"value": None}, "value_blank", {"caption": "MS 40"}),
        ({"reason": None}, "no_reason", {}),
        ({"author": " "}, "no_author", {}),
        ({"on": None}, "no_day", {}),
        ({"on": "31/02/2018"}, "day", {"found": "31/02/2018"}),
        (
            {"expires": datetime(2018, 9, 5)},
            "backwards",
            {"last": date(2018, 9, 5), "first": date(2018, 9, 6)},
        ),
    ],
)
def test_a_row_that_cannot_be_understood(
    tmp_path: Path, cells: dict[str, object], key: str, values: dict[str, object]
) -> None:
    said = because(f"corrections.{key}", sheet=ADJUSTED, row=FIRST_ROW, **values)
    assert problems(tmp_path, changed(GOOD, **cells)) == (said,)


@pytest.mark.parametrize(
    ("element", "typed", "problem"),
    [
        ("MS 40", "nhiều", "not_a_number"),
        ("MS 40", "1,5", "not_whole"),
        ("MS 40", "-5", "below_minimum"),
        ("MS 15", "1.819", "ambiguous"),
        ("MS 28", 0.9, "percent_scale"),
        ("MS 40", date(2018, 9, 1), "date_in_number"),
    ],
)
def test_a_value_that_no_cell_would_take(
    tmp_path: Path, element: str, typed: object, problem: str
) -> None:
    (said,) = problems(tmp_path, changed(GOOD, element=element, value=typed))
    detail = said.value("detail")
    assert isinstance(detail, Reason)
    assert (detail.key, detail.value("caption")) == (f"value.{problem}", element)
    assert said == because("corrections.value", sheet=ADJUSTED, row=FIRST_ROW, detail=detail)
    assert sentence(said).endswith(text(f"value.{problem}").rpartition("}")[2])


def test_a_row_of_several_columns_needs_one(tmp_path: Path) -> None:
    row = changed(GOOD, period="2018-Q3", data_set="PL3-II", element="STT 4")
    known = "“Tổng số”, “Cấp huyện”, “Ghi chú”"
    said = because(
        "corrections.column_missing", sheet=ADJUSTED, row=FIRST_ROW, caption="STT 4", known=known
    )
    assert problems(tmp_path, row) == (said,)
    said = because(
        "corrections.column",
        sheet=ADJUSTED,
        row=FIRST_ROW,
        caption="STT 4",
        found="Xã",
        known=known,
    )
    assert problems(tmp_path, changed(row, column="Xã")) == (said,)


def test_all_problems_of_all_rows_are_said_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        changed(GOOD, unit="S99", value=None, author=None),
        GOOD,
        GOOD,
        waivers=(changed(WAIVER, rule="pctn_01.r99", unit="S98"), WAIVER),
    )
    assert found == (
        because("corrections.unit", sheet=ADJUSTED, row=5, found="S99"),
        because("corrections.value_blank", sheet=ADJUSTED, row=5, caption="MS 40"),
        because("corrections.no_author", sheet=ADJUSTED, row=5),
        because("corrections.rule", sheet=WAIVED, row=5, found="pctn_01.r99"),
        because("corrections.unit", sheet=WAIVED, row=5, found="S98"),
        because("corrections.twice", sheet=ADJUSTED, row=7, first=6),
    )


def test_terms_that_follow_each_other_are_no_contradiction(tmp_path: Path) -> None:
    first = changed(GOOD, expires=date(2018, 9, 30))
    second = changed(GOOD, value="22", on=date(2018, 10, 1))
    path = write(tmp_path / "d.xlsx", [first, second])
    assert len(read_corrections_book(path, KNOWN).rows) == 2
    meets = changed(second, on=date(2018, 9, 30))
    said = because("corrections.twice", sheet=ADJUSTED, row=6, first=5)
    assert problems(tmp_path, first, meets) == (said,)


def test_a_file_that_is_no_workbook_of_corrections(tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(RowsRefused) as caught:
        read_corrections_book(path, KNOWN)
    assert caught.value.problems == (because("corrections.unreadable", file="d.xlsx"),)
    write(path, [GOOD])
    book = load_workbook(path)
    del book[WAIVE]
    book.save(path)
    with pytest.raises(RowsRefused) as caught:
        read_corrections_book(path, KNOWN)
    assert caught.value.problems == (because("corrections.no_sheet", file="d.xlsx", sheet=WAIVED),)


def on_record(province: Province) -> Corrections:
    with province.register() as register:
        return register.corrections()


def test_the_workbook_is_made_then_applied_then_nothing_changes(province: Province) -> None:
    path = province.root / "corrections.xlsx"
    code, out = province.run("adjust", "--dry-run")
    assert code == 0
    assert "chưa có tệp điều chỉnh" in " ".join(out.split()).casefold()
    assert not path.exists()
    made = text("corrections.created", file="tỉnh/corrections.xlsx", count=0)
    for said in (made, text("corrections.no_row")):
        code, out = province.run("adjust")
        assert (code, " ".join(out.split())) == (0, said)
    write(path, [GOOD], [WAIVER])
    code, out = province.run("adjust", "--dry-run")
    ids = [line.split()[1] for line in out.splitlines() if line.startswith("  + ")]
    said = (
        f"  + {ids[0]} · 2018-9M · S01 · Biểu 01 MS 40 = 21\n"
        f"  + {ids[1]} · pctn_01.r40 · * · không có ngày hết hiệu lực: áp dụng cho mọi\n"
        "  kỳ sau\n"
    )
    assert (code, out) == (0, f"{said}Chưa ghi gì (--dry-run).\n")
    assert on_record(province) == Corrections()
    write(path, [GOOD], [changed(WAIVER, until=date(2018, 12, 31))])
    assert "hết hiệu lực" not in province.run("adjust", "--dry-run")[1]
    write(path, [GOOD], [WAIVER])
    done = "Đã ghi vào sổ lưu: 2 mới, 0 hủy, 0 giữ nguyên. Tổng hợp lại để áp dụng.\n"
    code, out = province.run("adjust")
    year = "consolidate init tỉnh --year "
    then = text("next.then", reason=text("next.fill_calendar"), command=year)
    assert code == 0
    assert out.startswith(said + done)
    assert " ".join(out.removeprefix(said + done).split()).startswith(then)
    unchanged = "Không có gì thay đổi: 2 hàng đã có trong sổ lưu.\n"
    assert province.run("adjust")[1].startswith(f"{unchanged}Tiếp theo: ")
    recorded = on_record(province)
    assert [(item.id, item.value) for item in recorded.adjustments] == [(ids[0], "21")]
    assert [(item.id, item.rule) for item in recorded.waivers] == [(ids[1], "pctn_01.r40")]
    path.unlink()
    code, out = province.run("adjust")
    assert code == 0
    assert "với 2 hàng" in out
    assert province.run("adjust")[1].startswith(unchanged)


def test_a_changed_row_revokes_and_adds_and_can_be_taken_back(province: Province) -> None:
    path = province.root / "corrections.xlsx"
    write(path, [GOOD])
    province.run("adjust", "--on", "06/09/2018")
    first = on_record(province).adjustments[0]
    write(path, [changed(GOOD, value="22", reason="Sửa lần 2", document="14/CV", author="B")])
    code, out = province.run("adjust", "--on", "7/9/2018")
    assert code == 0
    assert "1 mới, 1 hủy, 0 giữ nguyên" in out
    recorded = on_record(province)
    (end,) = recorded.revocations
    second = next(item for item in recorded.adjustments if item.id != first.id)
    assert (end.id, end.author, end.on, end.document) == (first.id, "B", date(2018, 9, 7), "14/CV")
    assert end.reason == f"Thay bằng {second.id}: Sửa lần 2"
    assert recorded.in_force(SECOND).adjustments == (second,)
    write(path, [GOOD])
    assert province.run("adjust", "--on", "2018-09-08")[0] == 0
    recorded = on_record(province)
    third = next(item for item in recorded.adjustments if item.id == f"{first.id}-2")
    assert recorded.in_force(date(2018, 9, 8)).adjustments == (third,)
    assert len(recorded.adjustments) == 3


def test_a_row_that_is_gone_is_revoked_by_somebody(province: Province) -> None:
    path = province.root / "corrections.xlsx"
    write(path, [GOOD], [WAIVER])
    province.run("adjust")
    before = on_record(province)
    write(path, [])
    code, out = province.run("adjust")
    assert code == 2
    assert "2 điều chỉnh hoặc miễn trừ không còn hàng" in out
    assert on_record(province) == before
    assert province.run("adjust", "--dry-run")[0] == 0
    assert on_record(province) == before
    code, out = province.run(
        "adjust", "--author", "Phòng B", "--document", "15/CV", "--on", "10/09/2018"
    )
    assert code == 0
    assert "0 mới, 2 hủy, 0 giữ nguyên" in out
    ends = on_record(province).revocations
    assert [(end.author, end.on, end.document, end.reason) for end in ends] == [
        ("Phòng B", date(2018, 9, 10), "15/CV", "Không còn trong corrections.xlsx")
    ] * 2
    assert on_record(province).in_force(date(2018, 9, 10)) == Corrections()


def test_wrong_rows_record_nothing(province: Province) -> None:
    write(province.root / "corrections.xlsx", [GOOD, changed(GOOD, unit="S99")])
    code, out = province.run("adjust")
    assert code == 1
    assert "có 1 điều phải sửa" in out
    assert text("corrections.unit", sheet=ADJUST, row=6, found="S99") in " ".join(out.split())
    assert on_record(province) == Corrections()


def test_a_locked_round_takes_no_adjustments_and_loses_none(province: Province) -> None:
    path = write(province.root / "corrections.xlsx", [GOOD])
    province.run("adjust")
    with province.register() as register:
        run = record(register, [File("S01", {"pctn_01.c40": 5})])
        register.add_event(PeriodEvent(EventKind.LOCKED, QUARTER, "Phòng A", SECOND, "7/QĐ", run))
    assert province.run("adjust")[0] == 0
    before = on_record(province)
    write(path, [changed(GOOD, value="22")])
    code, out = province.run("adjust")
    assert code == 1
    assert text("corrections.locked", sheet=ADJUST, row=5, period=NINE.label) in " ".join(
        out.split()
    )
    write(path, [], [WAIVER])
    code, out = province.run("adjust", "--author", "Phòng A")
    assert code == 1
    gone = before.adjustments[0].id
    said = text("corrections.locked_gone", id=gone, unit="S01", period=NINE.label)
    assert said in " ".join(out.split())
    assert on_record(province) == before


def test_a_file_that_is_named_must_be_there(province: Province) -> None:
    code, out = province.run("adjust", "khác.xlsx")
    assert code == 2
    assert "Không có tệp “khác.xlsx”." in out


def every_figure() -> list[Adjustment]:
    """An adjustment of every cell that a unit can fill in."""
    found = []
    for data_set in LIBRARY.data_sets:
        period = LIBRARY.period_for(data_set.template, NINE)
        assert period is not None
        fixed = [item.key for item in data_set.inputs] if data_set.columns else []
        keys = fixed or [ValueKey(data_set.code, item.code, "", 3) for item in data_set.elements]
        for number, key in enumerate(keys):
            item = replace(OF_GOOD, id=f"DC-{len(found)}", period=period, key=key)
            kind = data_set.type_of(data_set.by_code[key.element], key.column)
            value = {"date": "28/08/2018", "percentage": "26/26"}.get(kind.value, str(number))
            found.append(replace(item, value=value, expires=date(2019, 1, 31)))
    return found


def test_what_is_on_record_comes_back_from_a_workbook_of_it(tmp_path: Path) -> None:
    adjusted = [*every_figure(), replace(OF_GOOD, unit="H01", value="", reason="=1+1", author="@A")]
    waived = [
        replace(OF_WAIVER, id=f"MT-{rule}-{unit}", rule=rule, unit=unit)
        for rule in known_rules(LIBRARY)
        for unit in (EVERY_UNIT, "H02")
    ]
    waived += [replace(OF_WAIVER, id="MT-kỳ", unit="S01", period=NINE, until=date(2019, 1, 31))]
    path, made = tmp_path / "d.xlsx", Corrections(tuple(adjusted), tuple(waived))
    path.write_bytes(build_corrections(made, LIBRARY, ROSTER, known_rules(LIBRARY)))
    book = read_corrections_book(path, KNOWN)
    assert [item for _, item in book.rows] == [replace(item, id="") for item in made.items]
    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert any(cell.value == "=1+1" for cell in cells)


def test_figures_of_definitions_that_are_gone_are_shown_by_their_codes(tmp_path: Path) -> None:
    old = Corrections((replace(OF_GOOD, key=ValueKey("pctn_99", "c1", "value")),))
    path = tmp_path / "d.xlsx"
    path.write_bytes(build_corrections(old, LIBRARY, ROSTER, ()))
    (said,) = read_corrections_book(path, KNOWN).problems
    assert (said.key, said.value("found")) == ("corrections.data_set", "pctn_99")


ROWS = st.lists(
    st.tuples(st.sampled_from(["S01", "H01"]), st.sampled_from(["c3", "c40"]), st.integers(0, 2)),
    unique_by=lambda row: row[:2],
)


@given(st.lists(ROWS, max_size=5))
def test_after_every_workbook_the_register_says_what_the_workbook_says(
    books: list[list[tuple[str, str, int]]],
) -> None:
    on_record, ending = Corrections(), Ending("A", SECOND, "Bỏ")
    for rows in books:
        items = [
            replace(OF_GOOD, unit=unit, key=ValueKey("pctn_01", element, "value"), value=str(value))
            for unit, element, value in rows
        ]
        book = CorrectionsBook(tuple(enumerate(items, FIRST_ROW)))
        plan = plan_corrections(book, on_record, (), ending)
        assert plan.problems == ()
        assert len(plan.new.adjustments) + plan.kept == len(items)
        before, revoked = on_record, on_record.revocations + plan.new.revocations
        on_record = Corrections(before.adjustments + plan.new.adjustments, (), revoked)
        standing = [replace(item, id="") for item in on_record.unrevoked().adjustments]
        assert sorted(standing, key=repr) == sorted(items, key=repr)
        ids = [item.id for item in on_record.adjustments]
        assert len(ids) == len(set(ids))
        assert on_record.adjustments[: len(before.adjustments)] == before.adjustments
        assert {end.id for end in on_record.revocations} <= set(ids)
        again = plan_corrections(book, on_record, (), ending)
        assert (again.new, again.kept) == (Corrections(), len(items))
