"""Forms typed by hand from the circular are recognised, told from the old ones, and read right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from consolidate.definitions.loader import shipped_library
from consolidate.merge.read_files import check_bytes
from consolidate.model.returns import FileReading
from tests.intake.retyped_2025 import (
    CASE,
    LINE,
    TEXT,
    bieu_01,
    bieu_02,
    bieu_03,
    document,
    figures,
    outline,
    workbook,
)
from tests.intake.retyping import RECIPES, as_workbook, rules, typed_forms

HEAD = ("SỞ NỘI VỤ", "BÁO CÁO SỐ LIỆU PHÒNG, CHỐNG THAM NHŨNG", LINE["9M"])


def read(data: bytes, name: str = "a.xlsx") -> FileReading:
    return check_bytes(shipped_library(), name, data)


def said(reading: FileReading, code: str) -> dict[str, object]:
    """What was read of a table, by element; of a list its first row."""
    assert reading.content is not None, reading.reason
    return {
        value.key.element: value.value
        for value in reading.content.values()
        if value.key.data_set == code and value.key.row in (0, 1)
    }


@pytest.mark.parametrize("as_copied", [False, True])
@pytest.mark.parametrize("word", [False, True])
def test_every_figure_of_the_new_forms_is_read(as_copied: bool, word: bool) -> None:
    tables = (bieu_01(100, as_copied=as_copied), bieu_02(CASE), bieu_03(TEXT), outline())
    if word:
        reading = read(document(*((HEAD, table) for table in tables)))
    else:
        names = ("Biểu 01", "Biểu 02", "Biểu 03", "Mẫu 03")
        reading = read(workbook(*((name, HEAD, t) for name, t in zip(names, tables, strict=True))))
    assert reading.content is not None
    assert (reading.content.template, reading.content.pack) == ("pctn", "pctn-2025")
    assert said(reading, "pctn_01") == {c: Decimal(n) for c, n in figures(100).items()}
    assert list(said(reading, "pctn_02").values()) == list(CASE)
    assert list(said(reading, "pctn_03").values())[:4] == [*TEXT[:3], "x"]
    answers = said(reading, "pctn_tm")
    assert (len(answers), set(answers.values())) == (43, {f"Trả lời {c}" for c in answers})
    # The tables of the quarter are asked for in the same round.
    assert sorted(rules(reading)) == ["structure.retyped"] * 4 + ["structure.sheet_missing"] * 3


def test_the_old_form_stays_the_old_one() -> None:
    old = as_workbook(typed_forms(RECIPES["pctn"].build()))
    reading = read(old)
    assert reading.content is not None
    assert (reading.content.pack, rules(reading)) == ("pctn-2014", ["structure.retyped"] * 2)


@pytest.mark.parametrize("stacked", [False, True])
def test_tables_of_two_circulars_are_never_mixed(stacked: bool) -> None:
    form = typed_forms(RECIPES["pctn"].build())[0]
    old = [*form.header, *form.body]
    second = "Biểu mới" if stacked else "Biểu cũ"
    reading = read(workbook(("Biểu mới", HEAD, bieu_01(100)), (second, HEAD, old)))
    assert reading.content is not None
    assert reading.content.pack == "pctn-2025"
    assert said(reading, "pctn_01") == {c: Decimal(n) for c, n in figures(100).items()}
    foreign = [f.found for f in reading.findings if f.rule == "structure.foreign_sheet"]
    assert foreign == [second]


QUARTER, NINE = "pctn_01_q", "pctn_01"
TITLE = ("SỞ NỘI VỤ", "KẾT QUẢ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG")


def tables(reading: FileReading) -> dict[str, str]:
    """Sheets of the tables of a reading, by data set."""
    assert reading.content is not None, reading.reason
    return {part.code: part.sheet for part in reading.content.data_sets}


@pytest.mark.parametrize("by", ["window", "heading", "sheet"])
def test_two_tables_of_one_form_are_of_the_periods_that_they_name(by: str) -> None:
    names = {"sheet": ("01 quý III", "01 9 tháng")}.get(by, ("Biểu 01", "Biểu 01 (2)"))
    lines = {
        "window": (LINE["Q3"], LINE["9M"]),
        "heading": ("Quý III năm 2026", "9 tháng đầu năm 2026"),
    }.get(by, ("", ""))
    pages = [
        (name, (*TITLE, line), bieu_01(first))
        for name, line, first in zip(names, lines, (100, 500), strict=True)
    ]
    for order in (pages, pages[::-1]):
        reading = read(workbook(*order))
        assert tables(reading) == {QUARTER: names[0], NINE: names[1]}
        for code, first in ((QUARTER, 100), (NINE, 500)):
            assert said(reading, code) == {c: Decimal(n) for c, n in figures(first).items()}
        assert reading.content is not None
        assert (reading.content.round, reading.content.evidence.silent) == (3, ())


def test_two_tables_on_one_sheet_or_in_one_document_are_told_apart() -> None:
    for data in (
        workbook(("S", (*TITLE, LINE["9M"]), bieu_01(500)), ("S", (LINE["Q3"],), bieu_01(100))),
        document(((*TITLE, LINE["9M"]), bieu_01(500)), ((LINE["Q3"],), bieu_01(100))),
    ):
        reading = read(data)
        assert list(tables(reading)) == [QUARTER, NINE]
        assert said(reading, QUARTER)["m1"] == 100
        assert said(reading, NINE)["m1"] == 500


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        ("a.xlsx", (LINE["Q3"],), QUARTER),
        ("a.xlsx", ("Số liệu tính từ ngày 10/6/2026 đến ngày 10/9/2026",), QUARTER),
        ("a.xlsx", ("Quý III", "Năm 2026"), QUARTER),
        ("a.xlsx", ("Quý I năm 2026",), NINE),
        ("a.xlsx", ("9 tháng đầu năm 2026", "Ngày 6 tháng 9 năm 2026"), NINE),
        ("BC PCTN quý III năm 2026.xlsx", (), QUARTER),
        ("thu/BC_9T2026.xlsx", (), NINE),
        ("BC PCTN quý III năm 2026.xlsx", (LINE["9M"],), NINE),
        ("a.xlsx", ("Năm 2026",), NINE),
        ("a.xlsx", ("Quý III và 9 tháng đầu năm 2026",), ""),
        ("a.xlsx", ("Năm 2026, số liệu tính từ ngày 15/6 đến nay",), ""),
    ],
)
def test_one_table_is_of_the_only_period_that_is_named(
    name: str, lines: tuple[str, ...], expected: str
) -> None:
    reading = read(workbook(("Biểu 01", (*TITLE, *lines), bieu_01(100))), name)
    assert list(tables(reading)) == [expected] * bool(expected)
    assert reading.content is not None
    assert reading.content.evidence.silent == (("Biểu 01",) if not expected else ())


def test_a_table_that_contradicts_itself_or_says_nothing_beside_another_is_not_guessed() -> None:
    named = ("01 quý III", (*TITLE, "9 tháng đầu năm 2026"), bieu_01(100))
    reading = read(workbook(named))
    assert reading.content is not None
    assert (tables(reading), reading.content.evidence.silent) == ({}, ("01 quý III",))
    beside = read(workbook(("A", (*TITLE, LINE["9M"]), bieu_01(100)), ("B", TITLE, bieu_01(1))))
    assert beside.content is not None
    assert (tables(beside), beside.content.evidence.silent) == ({NINE: "A"}, ("B",))


def test_the_same_table_twice_for_one_period_is_not_read() -> None:
    page = (*TITLE, LINE["Q3"])
    reading = read(workbook(("A", page, bieu_01(100)), ("B", page, bieu_01(1))))
    twice = [(f.data_set, f.found) for f in reading.findings if f.rule == "structure.sheet_twice"]
    assert (tables(reading), twice) == ({}, [(QUARTER, "A, B")])


def test_lists_of_the_quarter_and_of_nine_months_stay_apart() -> None:
    quarter, nine = (*TITLE, LINE["Q3"]), (*TITLE, LINE["9M"])
    other = ("Vụ B", *CASE[1:])
    reading = read(
        workbook(
            ("1", quarter, bieu_01(100)),
            ("2", quarter, bieu_02()),
            ("3", quarter, bieu_03(TEXT)),
            ("4", nine, bieu_01(500)),
            ("5", nine, bieu_02(CASE, other)),
            ("6", nine, bieu_03(TEXT)),
        )
    )
    assert tables(reading) == {
        QUARTER: "1", "pctn_02_q": "2", "pctn_03_q": "3", NINE: "4", "pctn_02": "5", "pctn_03": "6",
    }  # fmt: skip
    assert reading.content is not None
    assert [part.rows for part in reading.content.data_sets] == [0, 0, 1, 0, 2, 1]
    assert sorted(rules(reading)) == ["structure.retyped"] * 6 + ["structure.sheet_missing"]


def test_the_tables_of_a_quarter_have_a_window_of_their_own() -> None:
    late = "Số liệu tính từ ngày 15/6/2026 đến ngày 13/9/2026"
    pages = [
        ("1", (*TITLE, LINE["Q3"]), bieu_01(100)),
        ("2", (*TITLE, late), bieu_02(CASE)),
        ("3", (*TITLE, LINE["9M"]), bieu_01(500)),
    ]
    stale = [
        (f.data_set, f.found, f.expected)
        for f in read(workbook(*pages)).findings
        if f.rule == "sheets.window_stale"
    ]
    assert stale == [("pctn_02_q", "15/06/2026 – 13/09/2026", "15/06/2026 – 14/09/2026")]
