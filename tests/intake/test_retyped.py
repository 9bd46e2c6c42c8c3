"""Tables typed anew give the values of the template, or a finding; nothing else is one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from consolidate.intake.extract import extract_return
from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.retyped.labels import likeness, numbered, scores, split_number, wordings
from consolidate.intake.retyped.retyped_tables import find_retyped as find
from consolidate.intake.retyped.retyped_tables import scan_book
from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import Cell
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataSet
from consolidate.model.reasons import because
from consolidate.model.returns import Anomaly, FileReading, Outcome
from consolidate.model.text import name_key
from consolidate.reports.summary import official_bytes, summary_bytes
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid
from consolidate.xlsx.read.grid import Workbook as Book
from tests.intake.retyping import RECIPES, Typed, as_workbook, rules, typed_forms, values
from tests.library_2018 import library_2018
from tests.reports.make_result import province
from tests.saved import saved

LIBRARY = library_2018()
INDICATORS, LEVELS = LIBRARY.by_code["pctn_01"], LIBRARY.by_code["cchc_pl3_2"]
RETYPED = "structure.retyped"


@cache
def filled(template: str) -> tuple[bytes, FileReading, list[Typed]]:
    data = RECIPES[template].build()
    return data, check_bytes(library_2018(), "mẫu.xlsx", data), typed_forms(data)


def form(code: str) -> Typed:
    return next(item for item in filled(LIBRARY.by_code[code].template)[2] if item.code == code)


def book(*sheets: Sequence[Sequence[Cell | None]]) -> Book:
    grids = (
        Grid(f"Sheet{number}", [["" if cell is None else cell for cell in row] for row in rows])
        for number, rows in enumerate(sheets, 1)
    )
    return Book(tuple(grids), DefinedNames())


def find_retyped(typed: Book, data_set: DataSet) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    return find(scan_book(typed, (data_set,)), data_set)


def kinds(found: tuple[Any, list[Any]]) -> list[str]:
    return [anomaly.kind for anomaly in found[1]]


def used(rows: Sequence[Sequence[Any]], code: str = "cchc_pl3_2") -> dict[str, int]:
    """Rows of a table typed anew that are used, by element."""
    sheets, _ = find_retyped(book(rows), LIBRARY.by_code[code])
    return {
        element: row
        for sheet in sheets
        for element, row in sheet.rows.items()
        if element in LIBRARY.by_code[code].by_code
    }


@pytest.mark.parametrize("template", ["pctn", "cchc"])
@pytest.mark.parametrize("order", [(), (0, 1, 6, 5, 4, 3, 2, 7), (7, 6, 5, 4, 3, 2, 1, 0)])
@pytest.mark.parametrize("left", [0, 3])
def test_a_workbook_of_ones_own_gives_the_values_of_the_template(
    template: str, order: tuple[int, ...], left: int
) -> None:
    _, original, forms = filled(template)
    reading = check_bytes(library_2018(), "gõ lại.xlsx", as_workbook(forms, order, left))
    assert values(reading) == values(original)
    assert rules(reading) == [RETYPED, RETYPED]


def test_the_lines_around_the_tables_and_the_window_are_kept() -> None:
    reading = check_bytes(library_2018(), "a.xlsx", as_workbook(filled("pctn")[2]))
    assert reading.content is not None
    content = reading.content
    assert content.evidence.headings[:5] == (
        "SỞ NỘI VỤ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "KẾT QUẢ CHỦ YẾU",
        "VỀ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG",
    )
    assert (content.cover.values, content.period, content.version) == ((), None, "")
    lines = [part.window for part in content.data_sets]
    assert [line.window.label for line in lines if line and line.window] == [
        "06/11/2017 – 28/08/2018",
        "06/11/2017 – 28/08/2018",
    ]


def test_headings_are_bounded() -> None:
    forms = [replace(form("pctn_01"), above=[f"{n} " + "a" * 400 for n in range(300)])]
    reading = check_bytes(library_2018(), "a.xlsx", as_workbook(forms))
    assert reading.content is not None
    headings = reading.content.evidence.headings
    assert len(headings) <= 60
    assert max(map(len, headings)) == 300
    assert headings[-1].startswith("299 ")


answers = st.one_of(
    st.integers(0, 10**9), st.sampled_from(["", "03", "1.819", "Không", "x", "//", "100%", "abc"])
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(answers, min_size=36, max_size=36),
    st.permutations(range(7)),
    st.sets(st.integers(0, 8)),
    st.integers(0, 3),
    st.booleans(),
)
def test_any_answers_in_any_layout_are_read_as_in_the_template(
    typed: list[int | str], order: list[int], gaps: set[int], left: int, numbers: bool
) -> None:
    shape = form("cchc_pl3_2")
    template: list[list[Cell]] = [["cchc_pl3_2", "number", "label"]]
    template[0] += ["total", "province", "district", "commune", "note"]
    rows: list[list[Cell]] = [["Sở Nội vụ"], ["Quý III năm 2018"], []]
    rows += [
        [""] * left + ["" if line[at] is None else str(line[at]) for at in order]
        for line in shape.header
    ]
    for index, (element, line) in enumerate(zip(LEVELS.elements, shape.body, strict=True)):
        cells: list[Cell] = [str(line[0]), str(line[1]), *typed[4 * index : 4 * index + 4], "ghi"]
        template.append([element.code, *cells])
        if not numbers:
            cells[0] = ""
        if index in gaps:
            rows.append([])
        rows.append([""] * left + [cells[at] for at in order])
    rows += [[], ["", "", "NGƯỜI LẬP BIỂU", "", "GIÁM ĐỐC"]]
    original = extract_return(book(template), LIBRARY)
    again = extract_return(book(rows), LIBRARY)
    assert original is not None
    assert again is not None
    assert {v.key: (v.value, v.status, v.raw, v.problem) for v in again.values()} == {
        v.key: (v.value, v.status, v.raw, v.problem) for v in original.values()
    }
    assert [
        a.kind for a in again.anomalies if a.data_set == "cchc_pl3_2" and a.kind != "not_asked"
    ] == ["retyped"]


HEADER = ["STT", "Tiêu chí", "Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã"]
BODY = [[e.number, e.label, 6, 1, 2, 3] for e in LEVELS.elements]


def test_labels_are_shortened_written_otherwise_and_mistyped() -> None:
    body = [list(row) for row in BODY]
    body[0][1] = (
        "số CQ chuyên môn cấp tỉnh và đơn vị hành chính cấp huyện, cấp xã triển khai "
        "ứng dụng phần mềm quản lý văn bản;"
    )
    body[1][1] = "… sử dụng mạng nội bộ (mạng LAN) để trao đổi công việc"
    body[2][1] = "… có trang thông tin điện tử"
    body[3][1] = "Số huyện thực hiên mô hình một cữa hiện đại"
    body[4][1] = str(body[4][1]).upper()
    assert used([HEADER, *body]) == {e.code: 1 + at for at, e in enumerate(LEVELS.elements)}


def test_without_numbers_only_certain_labels_are_used() -> None:
    header = ["NỘI DUNG", "ĐV TÍNH", "SỐ LIỆU"]
    rows = [[e.label, e.unit, 1] for e in INDICATORS.elements]
    same = {"c49", "c50", "c51", "c52", "c53", "c54"}
    assert set(used([header, *rows], "pctn_01")) == set(INDICATORS.by_code) - same
    _, anomalies = find_retyped(book([header, *rows]), INDICATORS)
    assert [(a.kind, a.found, a.expected) for a in anomalies if a.kind != "not_read"] == [
        ("retyped", "Sheet1", "Biểu 01"),
        ("retyped_rows", "MS 49, MS 50, MS 51, MS 52, MS 53 …", "6"),
    ]


def test_a_negation_is_never_overlooked() -> None:
    rows = [list(row) for row in BODY]
    rows[3][1] = "Số huyện chưa thực hiện mô hình một cửa hiện đại"
    assert "r4" not in used([HEADER, *rows])
    sheets, anomalies = find_retyped(book([HEADER, *rows]), LEVELS)
    assert [a.kind for a in anomalies] == ["retyped", "retyped_disagree"]
    assert anomalies[1].cells == (sheets[0].cell(4, 0), sheets[0].cell(4, 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mức độ 1", "Mức độ 2"),
        ("Loại I", "Loại II"),
        ("Đã giải quyết", "Chưa giải quyết"),
        ("Kê khai trung thực", "Kê khai không trung thực"),
        ("Tổng số mức độ 1,2,3", "Tổng số mức độ 1,2,3,4"),
    ],
)
def test_labels_that_differ_in_a_mark_are_not_alike(one: str, other: str) -> None:
    assert likeness(wordings(one), wordings(other)) == 0
    assert likeness(wordings(one), wordings(one.upper() + ".")) == 100


@given(st.sampled_from(INDICATORS.elements), st.sampled_from(INDICATORS.elements))
def test_no_label_of_the_form_is_closer_to_another_than_to_its_own(one: Any, other: Any) -> None:
    found = scores(INDICATORS, one.label)
    assert found[one.code] == 100
    if other.code != one.code and name_key(other.label) != name_key(one.label):
        assert found.get(other.code, 0) < 100


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5.1", {"r5_1"}),
        ("5,1", {"r5_1"}),
        (5.1, {"r5_1"}),
        ("05.1.", {"r5_1"}),
        ("5.10", {"r5_1"}),
        ("STT 5.1:", {"r5_1"}),
        ("(5)", {"r5"}),
        (5.0, {"r5"}),
        ("12", set()),
        ("", None),
        ("I", None),
        ("a)", None),
    ],
)
def test_official_numbers_as_people_and_excel_write_them(
    cell: Cell, expected: set[str] | None
) -> None:
    assert numbered(LEVELS, cell) == expected


def test_a_number_before_its_label() -> None:
    assert split_number(LEVELS, "5.1 Mức độ 1") == ({"r5_1"}, "Mức độ 1")
    assert split_number(INDICATORS, "MS 40. Số đối tượng") == ({"c40"}, "Số đối tượng")
    assert split_number(INDICATORS, "49) + Bằng tiền") == ({"c49"}, "+ Bằng tiền")
    assert split_number(LEVELS, "90 ngày đầu năm") is None


def test_units_of_a_whole_table() -> None:
    header = ["MS", "NỘI DUNG", "SỐ LIỆU"]
    rows = [[e.number, e.label, 1] for e in INDICATORS.elements]
    money = {e.code for e in INDICATORS.elements if e.unit == "Triệu đồng"}
    for first in (["Đơn vị tính: Nghìn đồng"], ["(ĐVT: đồng)"]):
        found = set(used([first, header, *rows], "pctn_01"))
        assert found == set(INDICATORS.by_code) - money
    assert set(used([["Đơn vị tính: Triệu đồng"], header, *rows], "pctn_01")) >= money


def test_units_of_measure_in_other_words() -> None:
    header = ["MS", "NỘI DUNG", "ĐVT", "SỐ LIỆU"]
    other = {"CQ, TC, ĐV": "Cơ quan, tổ chức, đơn vị", "Triệu đồng": "tr.đ", "m²": "m2"}
    rows = [[e.number, e.label, other.get(e.unit, e.unit.upper()), 1] for e in INDICATORS.elements]
    assert set(used([header, *rows], "pctn_01")) == set(INDICATORS.by_code)
    rows[49][2] = "ha"
    found = find_retyped(book([header, *rows]), INDICATORS)[1]
    assert [(a.kind, a.element, a.found, a.expected) for a in found[1:]] == [
        ("retyped_unit", "c50", "ha", "m²")
    ]


def test_a_table_that_goes_on_under_a_second_header_is_joined() -> None:
    sheets, anomalies = find_retyped(book([HEADER, *BODY[:4]], [HEADER, *BODY[4:]]), LEVELS)
    assert [a.kind for a in anomalies] == ["retyped"]
    assert [sorted(set(sheet.rows) & set(LEVELS.by_code)) for sheet in sheets] == [
        ["r1", "r2", "r3", "r4"],
        ["r5", "r5_1", "r5_2", "r5_3", "r5_4"],
    ]
    stacked = [HEADER, *BODY[:4], [], ["STT", "Tiêu chí", *HEADER[5:1:-1]], *BODY[4:]]
    one, two = find_retyped(book(stacked), LEVELS)[0]
    assert (one.columns["total"], two.columns["total"]) == (2, 5)


def test_two_copies_of_a_table_are_not_told_apart() -> None:
    found = find_retyped(book([HEADER, *BODY], [HEADER, *BODY]), LEVELS)
    assert (found[0], kinds(found)) == ((), ["sheet_twice"])
    reading = extract_return(book([HEADER, *BODY], [HEADER, *BODY]), LIBRARY)
    assert reading is not None
    assert (reading.data_sets, [a.kind for a in reading.anomalies]) == (
        (),
        ["sheet_missing", "sheet_twice"],
    )


def test_a_row_given_twice_in_two_tables_is_not_used() -> None:
    found = find_retyped(book([HEADER, *BODY[:5]], [HEADER, *BODY[4:]]), LEVELS)
    assert kinds(found) == ["retyped", "retyped_twice"]
    assert all("r5" not in sheet.rows for sheet in found[0])


CASES = [
    "TT",
    "Tên vụ",
    "Tên cơ quan, tổ chức, đơn vị xảy ra sự việc",
    "Cơ quan thụ lý, giải quyết vụ việc",
    "Tóm tắt nội dung vụ việc",
]


def names(*sheets: Sequence[Sequence[Cell | None]]) -> list[Any]:
    content = extract_return(book(*sheets), LIBRARY)
    assert content is not None
    return [value.raw for value in content.values() if value.key.element == "name"]


SIGNATURES = [
    ["", "", "", "Tiền Giang, ngày 31 tháng 8 năm 2018"],
    ["Người lập", "", "", "KT. GIÁM ĐỐC"],
]


@pytest.mark.parametrize(
    "end",
    [
        [],
        [[], *SIGNATURES],
        SIGNATURES,
        [["", "Tổng cộng", "2 vụ"]],
        [["Cộng", "2"], [], ["", "Ghi chú: không"]],
    ],
)
@pytest.mark.parametrize(
    "numbering", [[], [["(1)", "(2)", "(3)", "(4)", "(5)"]], [["A", 1, 2, 3, 4]]]
)
def test_a_list_ends_where_its_rows_do(end: list[list[Cell]], numbering: list[list[Cell]]) -> None:
    rows: list[list[Cell]] = [["01", "Vụ A", "0", "", "//"], ["02", "Vụ B", "x", "", ""]]
    assert names([CASES, *numbering, *rows, *end]) == ["Vụ A", "Vụ B"]


def test_a_list_goes_on_after_a_blank_row_and_on_another_sheet() -> None:
    assert names([CASES, [1, "Vụ A"], [], [2, "Vụ B"]]) == ["Vụ A", "Vụ B"]
    assert names([CASES, [1, "Vụ A"]], [CASES, [2, "Vụ B"]]) == ["Vụ A", "Vụ B"]
    keys = {
        value.key
        for value in extract_return(book([CASES, [1, "A"]], [CASES, [2, "B"]]), LIBRARY).values()  # type: ignore[union-attr]
    }
    assert {ValueKey("pctn_02", "name", "", row) for row in (1, 2)} <= keys
    assert names([CASES, [1, "Vụ A"]], [CASES, [1, "Vụ A"]]) == []
    assert names([CASES, [1, "Vụ A"]], [CASES, [1, None]]) == ["Vụ A"]


@pytest.mark.parametrize(
    ("below", "cells"),
    [
        ([[], ["", "Vụ B", "Sở Y tế"]], ["B4:C4"]),
        ([["Tổng số:", 1], [], [2, "Vụ B"]], ["B5"]),
        ([["Tổng số:", 1], [], *SIGNATURES, ["2.", "Vụ B"]], ["B7"]),
        ([["Tổng số:", 1], [], *SIGNATURES, [], ["Trần A", "", "", "Lê B"]], []),
    ],
)
def test_rows_below_a_list_are_named_when_they_are_not_read(
    below: list[list[Cell]], cells: list[str]
) -> None:
    found = find_retyped(book([CASES, [1, "Vụ A"], *below]), LIBRARY.by_code["pctn_02"])
    told = [("not_read", cell) for cell in cells]
    assert [(a.kind, a.found) for a in found[1]] == [("retyped", "Sheet1"), *told]


def test_nothing_reported_is_an_empty_list() -> None:
    content = extract_return(book([CASES, ["01", "0", "0", "0", "//"], [], *SIGNATURES]), LIBRARY)
    assert content is not None
    assert [(part.code, part.rows) for part in content.data_sets] == [("pctn_02", 0)]
    assert names([CASES, *SIGNATURES]) == []


def test_one_text_under_the_heading_of_its_columns_is_taken_apart() -> None:
    header = [
        "STT",
        "Kế hoạch",
        "Thời gian ban hành",
        "Số nhiệm vụ/số đơn vị trong kế hoạch",
        "Số nhiệm vụ/số đơn vị hoàn thành theo kế hoạch",
        "Ghi chú",
    ]
    several = "- 05 đã thực hiện - 16 nhiệm vụ đang thực hiện - 01 chưa thực hiện"
    row = [1, "Kế hoạch A", "28/12/2017", "21 nhiệm vụ", several, ""]
    two = [2, "Kế hoạch B", "", 7, "05 đã thực hiện - 02 đang thực hiện", ""]
    none = [3, "Kế hoạch C", "", 7, "", ""]
    content = extract_return(book([header, row, two, none]), LIBRARY)
    assert content is not None
    read = [
        [
            v.number
            for v in content.values()
            if v.key.row == line and v.key.element in ("planned", "done", "doing", "not_done")
        ]
        for line in (1, 2, 3)
    ]
    assert read == [[21, 5, 16, 1], [7, 5, 2, None], [7, None, None, None]]
    assert not any(value.problem for value in content.values())


LETTER = [
    ["UBND TỈNH"],
    ["BÁO CÁO"],
    ["Kết quả chủ yếu về công tác phòng, chống tham nhũng: số liệu, nội dung"],
    ["STT", "Nội dung", "Số liệu"],
    [1, "Số lớp tuyên truyền đã mở", 4],
    [2, "Số cuộc thanh tra", 7],
]
HALF = len(INDICATORS.elements) // 2
NEAR = {
    "a letter": LETTER,
    "indicators of another ministry": [
        ["STT", "Tiêu chí", "Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã"],
        *([n, f"Số trạm y tế xã đạt chuẩn loại {n}", 1, 1, 0, 0] for n in range(1, 40)),
    ],
    "other levels of service": [HEADER, *([row[0], "Mức độ 9", 1, 1, 1, 1] for row in BODY)],
    "less than half of the rows": [
        ["MS", "NỘI DUNG", "ĐV TÍNH", "SỐ LIỆU"],
        *([e.number, e.label, e.unit, 1] for e in INDICATORS.elements[: HALF - 1]),
    ],
    "no column of figures": [
        ["MS", "NỘI DUNG"],
        *([e.number, e.label] for e in INDICATORS.elements),
    ],
    "columns of units": [
        ["MS", "NỘI DUNG", "Sở Y tế", "Sở Nội vụ"],
        *([e.number, e.label, 1, 2] for e in INDICATORS.elements),
    ],
    "another list": [["TT", "Tên vụ", "Nơi xảy ra", "Kết quả"], [1, "A", "B", "C"]],
    "a list of plans of another kind": [
        ["STT", "Kế hoạch", "Thời gian ban hành", "Ghi chú"],
        [1, "A", "1/1/2018", ""],
    ],
    "our roster": [["Mã", "Tên", "Cấp", "Mã cấp trên"], ["S01", "Sở Nội vụ", "Tỉnh", ""]],
    "nothing": [],
}


@pytest.mark.parametrize("name", NEAR)
def test_what_only_resembles_a_form_is_none(name: str) -> None:
    assert extract_return(book(NEAR[name]), LIBRARY) is None


@pytest.mark.wording
def test_our_own_summary_sent_back_is_no_return() -> None:
    data = summary_bytes(province(), inbox_link=None)
    for made in (data, official_bytes(province())):
        assert made is not None
        reading = check_bytes(library_2018(), "tong-hop.xlsx", made)
        assert (reading.content, reading.outcome) == (None, Outcome.NOT_A_REPORT)
        assert reading.reason == because("intake.not_our_form")
    # It would be read but for its signature, which a copy of the cells keeps.
    pages = load_workbook(io.BytesIO(data), data_only=True)
    rows = [list(row) for row in pages["PL3-II toàn tỉnh"].iter_rows(values_only=True)]
    assert extract_return(book(rows), LIBRARY) is None
    header = next(at for at, row in enumerate(rows) if row[0] == "STT")
    assert extract_return(book(rows[header:]), LIBRARY) is not None


def test_half_of_the_rows_are_enough() -> None:
    rows = [[e.number, e.label, 1] for e in INDICATORS.elements[:HALF]]
    assert len(used([["MS", "NỘI DUNG", "SỐ LIỆU"], *rows], "pctn_01")) == HALF


def test_a_workbook_of_another_template_is_named() -> None:
    pctn = filled("pctn")[2]
    cchc = filled("cchc")[2]
    reading = check_bytes(library_2018(), "a.xlsx", as_workbook([*pctn, cchc[1]]))
    assert reading.content is not None
    assert reading.content.template == "pctn"
    assert sorted(rules(reading)) == ["structure.foreign_sheet", RETYPED, RETYPED]


def test_both_parts_of_an_appendix_on_one_sheet() -> None:
    _, original, forms = filled("cchc")
    rows: list[Sequence[Any]] = []
    for part in forms:
        rows += [*([line] for line in part.above), *part.header, *part.body, []]
    made = Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(list(row))
    reading = check_bytes(library_2018(), "a.xlsx", saved(made))
    assert values(reading) == values(original)
