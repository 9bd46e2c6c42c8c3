"""The province's sheet of a report in words: every item, who says what, equal texts once."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from consolidate.reports.open_and_narrative_sheets import pieces
from consolidate.reports.summary import summary_bytes
from consolidate.rollup.result import MergeResult
from consolidate.rollup.texts_by_item import texts_by_item
from consolidate.xlsx.write.form_styles import TABLE_SIZE
from consolidate.xlsx.write.text_sizes import lines_needed
from tests.small_library import NARRATIVE, UNITS, merged, returned, small_library

LIBRARY = small_library(NARRATIVE)
LONG = "Đã thực hiện nhiều việc. " * 200
SAID = {
    "X2": {"tm.i2a": "Không phát sinh", "tm.i2b": LONG, "tm.i3e": "=1+1"},
    "S2": {"tm.i2a": "Đã công khai\n12 nội dung", "tm.i2b": "Không", "tm.i3e": "0"},
    "S1": {"tm.i2a": "không phát sinh.", "tm.i2b": "Không"},
    "X1": {"tm.i2a": "Không  phát sinh", "tm.i2b": "Không"},
}


def result(folder: Path) -> MergeResult:
    units = {unit.code: unit for unit in UNITS}
    returns = {
        code: returned(LIBRARY, units[code], values=said | {"tm.ii1a": "Ổn định"})
        for code, said in SAID.items()
    }
    return merged(LIBRARY, folder, returns)


def test_texts_are_gathered_by_item_in_the_order_of_the_roster(tmp_path: Path) -> None:
    (table,) = result(tmp_path).tables
    found = {
        item.element.code: (
            [(said.text, [i.unit.code for i in said.items]) for said in item.said],
            [i.unit.code for i in item.blank],
        )
        for item in texts_by_item(table)
    }
    assert found == {
        "i2a": (
            [
                ("không phát sinh.", ["S1", "X1", "X2"]),
                ("Đã công khai\n12 nội dung", ["S2"]),
            ],
            [],
        ),
        "i2b": ([("Không", ["S1", "S2", "X1"]), (LONG.strip(), ["X2"])], []),
        "i3e": ([("0", ["S2"]), ("=1+1", ["X2"])], ["S1", "X1"]),
        "ii1a": ([("Ổn định", ["S1", "S2", "X1", "X2"])], []),
        "iv2d": ([], ["S1", "S2", "X1", "X2"]),
    }
    assert table.figures == ()


def test_the_sheet_says_each_text_once_and_cuts_long_ones(tmp_path: Path) -> None:
    data = summary_bytes(result(tmp_path), inbox_link="inbox")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [name for name in book.sheetnames if "03" in name] == ["Mẫu 03 toàn tỉnh"]
    sheet = book["Mẫu 03 toàn tỉnh"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)]
    first = rows.index(["TT", "Đơn vị", "Nội dung"]) + 1
    long = [row[2] for row in rows[first:] if row[2] and "nhiều việc" in row[2]]
    assert len(long) > 1
    assert " ".join(long) == LONG.strip()
    assert ["UBND xã Bình Minh (tiếp)"] * (len(long) - 1) == [
        row[1] for row in rows if row[2] in long[1:]
    ]
    shown = [tuple(row) for row in rows[first:] if row[2] not in long[1:]]
    assert shown[: shown.index((None, None, "Không đơn vị nào ghi.")) + 1] == [
        (None, "I. KẾT QUẢ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC", None),
        (None, "2. Kết quả thực hiện các biện pháp phòng ngừa tham nhũng", None),
        ("I.2.a", "Kết quả thực hiện công khai, minh bạch về tổ chức và hoạt động", None),
        (None, "3 đơn vị", "không phát sinh.\n(Sở Nội vụ; UBND xã An Tây; UBND xã Bình Minh)"),
        (None, "Sở Tư pháp", "Đã công khai\n12 nội dung"),
        ("I.2.b", "Kết quả xây dựng và thực hiện định mức, tiêu chuẩn, chế độ", None),
        (None, "3 đơn vị", "Không\n(Sở Nội vụ; Sở Tư pháp; UBND xã An Tây)"),
        (None, "UBND xã Bình Minh", long[0]),
        (None, "3. Kết quả phát hiện, xử lý tham nhũng, lãng phí, tiêu cực", None),
        ("I.3.e", "Kết quả xử lý tài sản tham nhũng, lãng phí, tiêu cực", None),
        (None, "Sở Tư pháp", "0"),
        (None, "UBND xã Bình Minh", "=1+1"),
        (None, "2 đơn vị", "Chưa ghi\n(Sở Nội vụ; UBND xã An Tây)"),
        (None, "II. ĐÁNH GIÁ TÌNH HÌNH THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC", None),
        ("II.1.a", "Đánh giá tình hình tham nhũng, lãng phí, tiêu cực và nguyên nhân", None),
        (
            None,
            "4 đơn vị",
            "Ổn định\n(Sở Nội vụ; Sở Tư pháp; UBND xã An Tây; UBND xã Bình Minh)",
        ),
        ("IV.2.d", "Các nội dung cụ thể khác cần kiến nghị, đề xuất", None),
        (None, None, "Không đơn vị nào ghi."),
    ]
    assert {cell.data_type for row in sheet.iter_rows(max_col=3) for cell in row} <= {"s", "n"}


@given(st.text(alphabet="abcd \n", max_size=900), st.integers(1, 4))
def test_pieces_fit_and_hold_all_words(told: str, most: int) -> None:
    parts = list(pieces(told, 120.0, most))
    assert " ".join(parts).split() == told.split()
    for part in parts:
        assert lines_needed(part, 120.0, TABLE_SIZE) <= most or " " not in part.strip()
