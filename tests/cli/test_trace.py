"""``consolidate trace``: from a figure to cells and from a file to figures, as officers read it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.model.returns import Outcome
from consolidate.model.runs import EventKind, PeriodEvent
from tests.cli.made import NINE, SECOND, File, Province, record

SO = File("S01", {"pctn_01.c40": "012", "pctn_01.c15": "1.556,3", "pctn_01.c3": 0})
AN_DONG = File("H01", {"pctn_01.c40": 10}, path="thư.zip", member="đợt 1/H01.xlsx")
BINH_TAY = File("H02", {"pctn_01.c40": "x"})
CCHC = File(
    "H01",
    {
        "cchc_pl3_2.r5_1.total": 3,
        "cchc_pl3_2.r5_1.province": 1,
        "cchc_pl3_1.plan.1": "Kế hoạch A",
        "cchc_pl3_1.done.1": 4,
        "cchc_pl3_1.done.2": 5,
    },
    path="cchc.xlsx",
    template="cchc",
)
HELD = File("H02", {"pctn_01.c40": 7}, Outcome.HELD, "Chưa rõ kỳ báo cáo.", path="giữ.xlsx")
HEAD = "9 tháng đầu năm 2018 · lần tổng hợp số 1, ngày 07/09/2018\n"
MS40 = (
    "Biểu 01 MS 40 · Số đối tượng bị kết án tham nhũng (địa phương thống kê kết quả\n"
    "xét xử sơ thẩm của tòa án; bộ, ngành thống kê theo kết quả xét xử sơ thẩm đối\n"
    "với các vụ án xảy ra trong phạm vi quản lý trực tiếp)\n"
)


@pytest.fixture
def traced(province: Province) -> Province:
    with province.register() as register:
        assert record(register, [SO, AN_DONG, BINH_TAY, CCHC, HELD]) == 1
    return province


@pytest.mark.parametrize("words", ["MS40", "MS 40", "pctn_01.c40", "Biểu 01 MS 40"])
def test_from_the_province_to_cells(traced: Province, words: str) -> None:
    assert traced.run("trace", words) == (
        0,
        f"{MS40}{HEAD}"
        "Toàn tỉnh: 22 (2 đơn vị)\n"
        "  Cấp tỉnh: 12 (1 đơn vị)\n"
        "    S01 Sở Nội vụ: 12\n"
        "      S01.xlsx › Biểu 01!F11 · nguyên văn “012”\n"
        "  Cấp huyện: 10 (1 đơn vị)\n"
        "    H01 UBND huyện An Đông: 10\n"
        "      thư.zip › đợt 1/H01.xlsx › Biểu 01!F11 · nguyên văn “10”\n"
        "  Không có số để cộng: 1 ô\n"
        "    H02 UBND huyện Bình Tây: không áp dụng\n"
        "      H02.xlsx › Biểu 01!F11 · nguyên văn “x”\n"
        "Cộng lại các ô: 22, đúng bằng số đã tổng hợp.\n",
    )


def test_one_unit(traced: Province) -> None:
    code, out = traced.run("trace", "MS 40", "--unit", "h01")
    assert code == 0
    assert out == (
        f"{MS40}{HEAD}"
        "Toàn tỉnh: 22 (2 đơn vị)\n"
        "  Cấp huyện: 10 (1 đơn vị)\n"
        "    H01 UBND huyện An Đông: 10\n"
        "      thư.zip › đợt 1/H01.xlsx › Biểu 01!F11 · nguyên văn “10”\n"
    )


def test_lists_and_columns(traced: Province) -> None:
    quarter = "Quý III/2018 · lần tổng hợp số 1, ngày 07/09/2018\n"
    assert traced.run("trace", "Đã thực hiện") == (
        0,
        "PL3-I Đã thực hiện\n"
        f"{quarter}"
        "Toàn tỉnh: 9 (2 đơn vị)\n"
        "  Cấp huyện: 9 (2 đơn vị)\n"
        "    H01 UBND huyện An Đông: 4\n"
        "      cchc.xlsx › PL3-I!F14 (dòng 1) · nguyên văn “4”\n"
        "    H01 UBND huyện An Đông: 5\n"
        "      cchc.xlsx › PL3-I!F15 (dòng 2) · nguyên văn “5”\n"
        "Cộng lại các ô: 9, đúng bằng số đã tổng hợp.\n",
    )
    code, out = traced.run("trace", "STT 5.1 cấp tỉnh")
    assert (code, out.splitlines()[0]) == (0, "PL3-II STT 5.1, Cấp tỉnh · Mức độ 1")
    _, out = traced.run("trace", "STT 5.1")
    assert [line for line in out.splitlines() if line.startswith("PL3-II")] == [
        f"PL3-II STT 5.1, {column} · Mức độ 1"
        for column in ("Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã")
    ]
    assert out.count("Toàn tỉnh: chưa có số liệu\n") == 2
    code, out = traced.run("trace", "Kế hoạch")
    assert code == 0
    assert "Toàn tỉnh: 1 đơn vị đã trả lời; không cộng vì là nội dung ghi bằng chữ\n" in out
    assert "H01 UBND huyện An Đông: Kế hoạch A\n" in out


def test_from_a_file_to_figures(traced: Province) -> None:
    said = (
        f"S01.xlsx\n{HEAD}"
        "Đã nhận (S01) · Đọc đủ, không có lỗi.\n"
        "Đóng góp vào 2 số tổng hợp:\n"
        "  Biểu 01 MS 40: 12 trong 22 toàn tỉnh\n"
        "    Biểu 01!F11 · nguyên văn “012”\n"
        "  Biểu 01 MS 15: 1.556,3 trong 1.556,3 toàn tỉnh\n"
        "    Biểu 01!F12 · nguyên văn “1.556,3”\n"
        "Ghi 0 ở 1 ô khác.\n"
    )
    assert traced.run("trace", "--file", "s01.xlsx") == (0, said)
    for words in ("thư.zip", "H01.xlsx", "đợt 1/H01.xlsx", "thư.zip › đợt 1/H01.xlsx"):
        code, out = traced.run("trace", "--file", words)
        assert (code, out.splitlines()[0]) == (0, "thư.zip › đợt 1/H01.xlsx")
    code, out = traced.run("trace", "--file", "giữ.xlsx")
    assert code == 0
    assert out.endswith(
        "Giữ lại chờ xem xét (H02) · Chưa rõ kỳ báo cáo.\n"
        "Không được tính vào tổng hợp: không chỉ tiêu nào thay đổi vì tệp này.\n"
    )


@pytest.mark.parametrize("words", ["MS 28", "ms28", "pctn_01.c28", "Biểu 01 28"])
def test_what_is_not_rolled_up_says_who_answered_and_why(province: Province, words: str) -> None:
    files = [File(unit, {"pctn_01.c28": typed}) for unit, typed in (("S01", "95"), ("H01", "1/2"))]
    with province.register() as register:
        record(register, [*files, BINH_TAY])
    code, out = province.run("trace", words)
    assert code == 0
    assert (
        "Toàn tỉnh: 2 đơn vị đã trả lời; không cộng vì là tỷ lệ, không đủ tử số và mẫu số để tính "
        "lại Cấp tỉnh: 1 đơn vị đã trả lời S01 Sở Nội vụ: 95 "
    ) in " ".join(out.split())
    assert "chưa có số liệu" not in out
    (figure,) = json.loads(province.run("trace", words, "--json")[1])["figures"]
    assert (figure["total"], figure["answered"], figure["made"]) == (None, 2, "ratio_without")


def test_an_adjustment_stands_beside_what_was_sent(province: Province) -> None:
    change = Adjustment(
        "DC-1", NINE, "S01", ValueKey("pctn_01", "c40", "value"), "21", "Phòng A",
        date(2018, 9, 6), "Đính chính", "12/CV",
    )  # fmt: skip
    with province.register() as register:
        register.add_corrections(Corrections((change,)))
        record(register, [SO])
    code, out = province.run("trace", "MS 40")
    assert code == 1  # The run on record has the figure that was sent.
    assert (
        "    S01 Sở Nội vụ: 21\n"
        "      S01.xlsx › Biểu 01!F11 · nguyên văn “012”\n"
        "      điều chỉnh DC-1: 12 → 21 · Phòng A, ngày 06/09/2018 · Đính chính · 12/CV\n"
    ) in out
    assert "Cộng lại các ô được 21, khác số đã tổng hợp." in out
    _, out = province.run("trace", "--file", "S01.xlsx")
    assert "    theo điều chỉnh DC-1\n" in out
    (figure,) = json.loads(province.run("trace", "MS 40", "--json")[1])["figures"]
    assert (figure["total"], figure["adds_up"]) == (12, False)
    (source,) = figure["levels"][0]["sources"]
    assert (source["value"], source["used"], source["adjustment"]) == (12, 21, "DC-1")


def test_json(traced: Province) -> None:
    document = json.loads(traced.run("trace", "MS40", "--json")[1])
    (figure,) = document["figures"]
    assert (document["run"], document["as_of"], document["round"]) == (1, "2018-09-07", "2018-9M")
    assert (figure["figure"], figure["total"], figure["adds_up"]) == ("pctn_01.c40", 22, True)
    assert [
        (part["level"], part["total"], [line["unit"] for line in part["sources"]])
        for part in figure["levels"]
    ] == [("province", 12, ["S01"]), ("district", 10, ["H01"])]
    assert [(line["unit"], line["status"]) for line in figure["silent"]] == [
        ("H02", "not_applicable")
    ]
    (file,) = json.loads(traced.run("trace", "--file", "S01.xlsx", "--json")[1])["files"]
    assert [(item["figure"], item["used"]) for item in file["figures"]] == [
        ("pctn_01.c40", 12),
        ("pctn_01.c15", 1556.3),
        ("pctn_01.c3", 0),
    ]


def test_which_run_speaks(traced: Province) -> None:
    with traced.register() as register:
        assert record(register, [SO]) == 2
        assert record(register, [], period=NINE.last_year) == 3
    assert "lần tổng hợp số 2," in traced.run("trace", "MS 40", "--period", "2018-9M")[1]
    assert "lần tổng hợp số 1," in traced.run("trace", "MS 40", "--run", "1")[1]
    code, out = traced.run("trace", "MS 40")
    assert code == 0
    assert "Năm" not in out
    assert "9 tháng đầu năm 2017 · lần tổng hợp số 3" in out
    with traced.register() as register:
        register.add_event(PeriodEvent(EventKind.LOCKED, NINE, "A", SECOND, "7/QĐ", 1))
    assert (
        "lần tổng hợp số 1, ngày 07/09/2018 · đã khóa\n"
        in (traced.run("trace", "MS 40", "--period", "2018-Q3")[1])
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Ghi một chỉ tiêu"),
        (("MS 40", "--file", "S01.xlsx"), "không ghi cả hai"),
        (("MS 99",), "Không có chỉ tiêu “MS 99”."),
        (("MS 40", "--unit", "S99"), "Không có đơn vị mã “S99”"),
        (("MS 40", "--run", "9"), "Không có lần tổng hợp số 9"),
        (("MS 40", "--run", "1", "--period", "2017-Y"), "Lần tổng hợp số 1 là của 9 tháng"),
        (("MS 40", "--period", "2017-Y"), "chưa có lần tổng hợp nào của Năm 2017"),
        (("--file", "lạ.xlsx"), "Lần tổng hợp số 1 không có tệp “lạ.xlsx”"),
    ],
)
def test_wrong_calls(traced: Province, arguments: tuple[str, ...], said: str) -> None:
    code, out = traced.run("trace", *arguments)
    assert code == 2
    assert said in " ".join(out.split())


def test_nothing_on_record(province: Province) -> None:
    code, out = province.run("trace", "MS 40")
    assert code == 2
    assert "Sổ lưu chưa có lần tổng hợp nào." in out
