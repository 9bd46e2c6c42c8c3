"""Beside the figures of this period stand others: the right column is read, or none is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import check_bytes
from consolidate.model.datasets import DataSet, Library
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading, Outcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.intake.retyped_2025 import Rows, document, workbook
from tests.intake.retyping import Typed, as_csv
from tests.library_2018 import library_2018
from tests.office.office import Office

THEN, NOW, ELSE = 1000, 2000, 3000
"""First figures of columns: of another period, of this one, of a third kind."""
INDICATORS = library_2018().by_code["pctn_01"]
LEVELS = library_2018().by_code["cchc_pl3_2"]
NEW = shipped_library()
QUARTER = NEW.of_pack("pctn-2025").by_code["pctn_01_q"]
TITLE = ("SỞ NỘI VỤ", "9 tháng đầu năm 2018")
KINDS = ("Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã")
UNDER = ("MS", "NỘI DUNG", "ĐVT")


def typed(form: DataSet, header: Rows, firsts: Sequence[int], numbers: bool = False) -> Rows:
    """A form typed anew: rows of headings over the figures, then its rows, counted up."""
    names = UNDER if form is not LEVELS else ("STT", "Tiêu chí")
    blank = [""] * len(names)
    rows: list[list[object]] = [[*(names if not at else blank), *r] for at, r in enumerate(header)]
    if numbers:
        rows.append([*"ABC"[: len(names)], *range(1, len(firsts) + 1)])
    for at, element in enumerate(form.elements):
        said = [element.number, element.label, element.unit][: len(names)]
        rows.append([*said, *(first + at for first in firsts)])
    return rows


def first(reading: FileReading, form: DataSet = INDICATORS) -> Decimal | None:
    """The first figure that was read of a form."""
    assert reading.content is not None, reading.reason
    values = [v.number for v in reading.content.values() if v.key.data_set == form.code]
    return values[0] if values else None


def told(reading: FileReading) -> list[str]:
    """The columns that a reading could not tell apart."""
    return [f.found for f in reading.findings if f.rule == "structure.figure_columns"]  # type: ignore[misc]


def read(
    rows: Rows, library: Library | None = None, title: Sequence[str] = TITLE, name: str = "a.xlsx"
) -> FileReading:
    return check_bytes(library or library_2018(), name, workbook(("Biểu 01", title, rows)))


PAIRS = [
    ("Kỳ trước", "Kỳ này"),
    ("Năm trước", "Năm nay"),
    ("Cùng kỳ", "Thực hiện"),
    ("Kế hoạch", "Thực hiện"),
    ("KH năm 2018", "TH 9 tháng"),
    ("Trong quý", "Lũy kế"),
    ("Quý III/2018", "9 tháng 2018"),
    ("6 tháng đầu năm 2018", "9 tháng đầu năm 2018"),
    ("Năm 2017", "Năm 2018"),
    (2017, 2018),
    ("ky truoc", "KY NAY"),
    ("Tăng, giảm (%)", "Thực hiện"),
]


@pytest.mark.parametrize(("then", "now"), PAIRS)
def test_the_column_of_this_period_is_found_by_its_heading(then: object, now: object) -> None:
    for at, header in enumerate(
        (
            [["SỐ LIỆU", ""], [then, now]],
            [[then, now]],
            [["SỐ LIỆU", ""], ["", ""], [then, now]],
            [[f"SỐ LIỆU\n({now})", f"SỐ LIỆU\n({then})"]],
            [["SỐ LIỆU", ""], [now, then]],
        )
    ):
        firsts = (THEN, NOW) if at < 3 else (NOW, THEN)
        reading = read(typed(INDICATORS, header, firsts, numbers=at % 2 == 0))
        assert (first(reading), told(reading)) == (NOW, []), header


@pytest.mark.parametrize(
    ("header", "firsts"),
    [
        ([["SỐ LIỆU"], ["Kỳ trước", "Kỳ này", "Tăng, giảm (%)"]], (THEN, NOW, ELSE)),
        ([["Kế hoạch năm", "Thực hiện 9 tháng", "Tỷ lệ TH/KH"]], (THEN, NOW, ELSE)),
        ([["SỐ LIỆU"], ["Năm 2018", ""], ["Quý II", "Quý III", "9 tháng"]], (THEN, ELSE, NOW)),
        (
            [["Năm 2017", "", "Năm 2018", ""], ["Quý III", "9 tháng", "Quý III", "9 tháng"]],
            (THEN, THEN, ELSE, NOW),
        ),
        ([["SỐ LIỆU", "Kỳ trước"]], (NOW, THEN)),
        ([["Kỳ trước", "SỐ LIỆU"]], (THEN, NOW)),
        ([["SỐ LIỆU", "Ghi chú"]], (NOW,)),
        ([["Kỳ này"]], (NOW,)),
        ([["SỐ LIỆU"], ["Kỳ này"]], (NOW,)),
    ],
)
def test_more_columns_and_rows_of_headings(header: Rows, firsts: Sequence[int]) -> None:
    reading = read(typed(INDICATORS, header, firsts))
    assert (first(reading), told(reading)) == (NOW, [])


@pytest.mark.parametrize(
    ("header", "firsts", "columns"),
    [
        ([["SỐ LIỆU"]], (THEN, NOW), "D “SỐ LIỆU”, E “SỐ LIỆU”"),
        (
            [["SỐ LIỆU"], ["Đợt 1", "Đợt 2"]],
            (THEN, NOW),
            "D “SỐ LIỆU / Đợt 1”, E “SỐ LIỆU / Đợt 2”",
        ),
        ([["Kỳ này", "Kỳ này"]], (THEN, NOW), "D “Kỳ này”, E “Kỳ này”"),
        ([["Kỳ này", "Lũy kế"]], (THEN, NOW), "D “Kỳ này”, E “Lũy kế”"),
        ([["Kỳ trước", "Cùng kỳ"]], (THEN, NOW), "D “Kỳ trước”, E “Cùng kỳ”"),
        ([["SỐ LIỆU", "Kỳ này"]], (THEN, NOW), "D “SỐ LIỆU”, E “Kỳ này”"),
        ([["SỐ LIỆU"], ["Kỳ trước"]], (THEN,), "D “SỐ LIỆU / Kỳ trước”"),
        ([["Quý II/2018", "Quý III/2018"]], (THEN, NOW), "D “Quý II/2018”, E “Quý III/2018”"),
        (
            [["Thực hiện 8 tháng", "Ước thực hiện 9 tháng"]],
            (THEN, NOW),
            "D “Thực hiện 8 tháng”, E “Ước thực hiện 9 tháng”",
        ),
    ],
)
def test_headings_that_do_not_tell_leave_the_table_unread(
    header: Rows, firsts: Sequence[int], columns: str, tmp_path: Path
) -> None:
    rows = typed(INDICATORS, header, firsts)
    reading = read(rows)
    assert (first(reading), told(reading)) == (None, [columns])
    (tmp_path / "a.xlsx").write_bytes(workbook(("Biểu 01", TITLE, rows)))
    roster = Roster.of([OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE)])
    request = MergeRequest(library_2018(), tmp_path, Period.parse_code("2018-9M"), roster)
    (record,) = merge(request).records
    why = because("identity.figure_columns", sheet="Biểu 01", found=columns)
    assert (record.outcome, record.reason) == (Outcome.REJECTED, why)


def test_periods_in_headings_are_told_by_the_period_of_the_file() -> None:
    rows = typed(INDICATORS, [["6 tháng/2018", "9 tháng/2018"]], (THEN, NOW))
    assert first(read(rows, title=("SỞ NỘI VỤ",), name="BC 9T2018.xlsx")) == NOW
    assert first(read(rows, title=("SỞ NỘI VỤ",), name="BC 6T2018.xlsx")) == THEN
    unknown = read(rows, title=("SỞ NỘI VỤ",))
    assert (first(unknown), told(unknown)) == (None, ["D “6 tháng/2018”, E “9 tháng/2018”"])


@pytest.mark.parametrize(
    "header", [["Quý I/2026", "Quý II/2026"], ["Kỳ trước", "Kỳ này"], ["Lũy kế", "Trong quý"]]
)
def test_the_table_of_a_quarter_takes_the_column_of_its_quarter(header: Sequence[str]) -> None:
    title = ("SỞ NỘI VỤ", "Số liệu tính từ ngày 15/3/2026 đến ngày 14/6/2026")
    for over in ([header], [["SỐ LIỆU", ""], header]):
        reading = read(typed(QUARTER, over, (THEN, NOW)), NEW, title)
        assert first(reading, QUARTER) == NOW


@pytest.mark.parametrize(
    ("header", "firsts", "expected"),
    [
        ([["Kỳ trước", "", "", "", "Kỳ này"], KINDS * 2], (THEN,) * 4 + (NOW,) * 4, NOW),
        ([["Quý II", "", "", "", "Quý III"], KINDS * 2], (THEN,) * 4 + (NOW,) * 4, NOW),
        (
            [[word for kind in KINDS for word in (kind, "")], ["Kỳ trước", "Kỳ này"] * 4],
            (THEN, NOW) * 4,
            NOW,
        ),
        ([[f"{k} {p}" for k in KINDS for p in ("năm nay", "năm trước")]], (NOW, THEN) * 4, NOW),
        ([[*KINDS, "Kỳ trước"]], (NOW,) * 4 + (THEN,), NOW),
        ([[*KINDS, "Kỳ này"]], (THEN,) * 4 + (NOW,), None),
        ([["Kỳ này", "", "", "", "Quý này"], KINDS * 2], (THEN,) * 4 + (NOW,) * 4, None),
    ],
)
def test_tables_of_several_columns(
    header: Rows, firsts: Sequence[int], expected: int | None
) -> None:
    title = ("SỞ NỘI VỤ", "Quý III năm 2018")
    reading = read(typed(LEVELS, header, firsts), title=title)
    assert (first(reading, LEVELS), bool(told(reading))) == (expected, expected is None)


PLAN = ("STT", "Kế hoạch", "Thời gian ban hành", "Số nhiệm vụ/số đơn vị trong kế hoạch")
STATES = ("Đã thực hiện", "Đang thực hiện", "Chưa thực hiện")


@pytest.mark.parametrize(
    ("header", "firsts", "expected"),
    [
        ([STATES], (5, 15, 1), 5),
        (
            [[w for s in STATES for w in (s, "")], ["Kỳ trước", "Kỳ này"] * 3],
            (4, 5, 14, 15, 2, 1),
            5,
        ),
        ([[f"{s} {p}" for s in STATES for p in ("kỳ này", "kỳ trước")]], (5, 4, 15, 14, 1, 2), 5),
        ([[w for s in STATES for w in (s, "")], ["Năm trước", "Cùng kỳ"] * 3], (4, 5) * 3, None),
        ([[w for s in STATES for w in (s, "")]], (4, 5) * 3, None),
    ],
)
def test_lists(header: Rows, firsts: Sequence[int], expected: int | None) -> None:
    blank = [""] * len(PLAN)
    rows: list[list[object]] = [[*(blank if at else PLAN), *row] for at, row in enumerate(header)]
    rows += [[at, f"Kế hoạch {at}", "5/1/2018", 21, *firsts] for at in (1, 2, 3)]
    reading = read(rows, title=("SỞ NỘI VỤ", "Quý III năm 2018"))
    assert reading.content is not None
    values = reading.content.values()
    assert [v.number for v in values if v.key.element == "done"] == [expected] * 3 * bool(expected)
    assert bool(told(reading)) is (expected is None)


ASIDE = typed(INDICATORS, [["SỐ LIỆU", ""], ["Kỳ trước", "Kỳ này"]], (THEN, NOW))
UNTOLD = typed(INDICATORS, [["SỐ LIỆU", ""]], (THEN, NOW))


def test_in_word_and_as_text_in_columns() -> None:
    for rows, expected in ((ASIDE, NOW), (UNTOLD, None)):
        word = check_bytes(library_2018(), "a.docx", document((TITLE, rows)))
        text = as_csv(Typed("pctn_01", "CSV", TITLE, rows[:1], rows[1:], ())).encode()
        csv = check_bytes(library_2018(), "a.csv", text)
        for reading in (word, csv):
            assert (first(reading), bool(told(reading))) == (expected, expected is None)


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_as_other_programs_save_it(kind: str, office: Office, tmp_path: Path) -> None:
    books = []
    for name, rows, merged in (("a", ASIDE, True), ("b", ASIDE, False), ("c", UNTOLD, True)):
        book = load_workbook(io.BytesIO(workbook(("Biểu 01", TITLE, rows))))
        if merged:
            book["Biểu 01"].merge_cells("D4:E4")
        books.append(tmp_path / f"{name}.xlsx")
        book.save(books[-1])
    saved = office.saved_as(books, kind, tmp_path / kind)
    readings = [check_bytes(library_2018(), path.name, path.read_bytes()) for path in saved]
    assert [first(reading) for reading in readings] == [NOW, NOW, None]
    assert told(readings[2]) == ["D “SỐ LIỆU”, E “SỐ LIỆU”"]
