"""``consolidate diff``: what an officer reads, and exit codes."""

from __future__ import annotations

import json
from dataclasses import replace

from consolidate.definitions.catalogue import text
from consolidate.model.returns import Outcome
from tests.cli.made import FIRST, QUARTER, SECOND, File, Province, record

SO = File("S01", {"pctn_01.c40": 12, "pctn_01.c15": "1.556,3"})
HELD = File("H01", {"pctn_01.c40": 10}, Outcome.HELD, "Chưa rõ kỳ báo cáo.")
AN_DONG = replace(HELD, outcome=Outcome.ACCEPTED, reason="Đọc đủ, không có lỗi.")
BINH_TAY = File("H02", {"pctn_01.c40": 3})
OTHER = File("", None, Outcome.NOT_A_REPORT, "Là ảnh.", path="thư/ảnh.png", template="")


def test_what_changed_is_said_in_full(province: Province) -> None:
    with province.register() as register:
        record(register, [SO, HELD, OTHER], day=FIRST)
        record(
            register,
            [SO, AN_DONG, BINH_TAY, replace(OTHER, path="ảnh.png")],
            roster="khác",
            corrections="c",
        )
    code, out = province.run("diff", "1", "2")
    assert code == 1
    assert out == (
        "So sánh hai lần tổng hợp · 9 tháng đầu năm 2018\n"
        "  Lần số 1 · ngày 05/09/2018 · phiên bản 0.1.0\n"
        "  Lần số 2 · ngày 07/09/2018 · phiên bản 0.1.0\n"
        "Danh sách đơn vị đã thay đổi.\n"
        "Điều chỉnh, miễn trừ đang áp dụng đã thay đổi.\n"
        "Tệp thay đổi: 3\n"
        "  Kết quả khác · H01.xlsx\n"
        "    Giữ lại chờ xem xét (H01) → Đã nhận (H01)\n"
        "    Đọc đủ, không có lỗi.\n"
        "  Tệp mới · H02.xlsx\n"
        "    Đã nhận (H02)\n"
        "  Đổi tên · ảnh.png\n"
        "    tên cũ: thư/ảnh.png\n"
        "    Không phải biểu mẫu báo cáo\n"
        "Số tổng hợp thay đổi: 2\n"
        "  Biểu 01 MS 40 · Toàn tỉnh\n"
        "    12 → 25 (+13) · 1 → 3 đơn vị\n"
        "  Biểu 01 MS 40 · Cấp huyện\n"
        "    chưa có → 13 · 0 → 2 đơn vị\n"
    )
    code, out = province.run("diff", "2", "1")
    assert code == 1
    assert "25 → 12 (-13) · 3 → 1 đơn vị" in out
    assert "  Không còn · H02.xlsx\n" in out


def test_the_same_outcome_for_another_reason_gives_both(province: Province) -> None:
    with province.register() as register:
        record(register, [HELD], day=FIRST)
        record(register, [replace(HELD, reason="Chưa rõ đơn vị.")])
    code, out = province.run("diff", "1", "2")
    assert code == 1
    assert (
        "  Kết quả khác · H01.xlsx\n"
        "    Giữ lại chờ xem xét (H01)\n"
        "    Chưa rõ kỳ báo cáo.\n"
        "    → Chưa rõ đơn vị.\n"
    ) in out


def test_json_has_the_same(province: Province) -> None:
    with province.register() as register:
        record(register, [SO])
        record(register, [replace(SO, typed={"pctn_01.c40": 12, "pctn_01.c15": "1.600"})])
    code, out = province.run("diff", "1", "2", "--json")
    assert code == 1
    document = json.loads(out)
    assert (document["schema"], document["same"]) == ("consolidate/run-diff/1", False)
    assert [item["change"] for item in document["files"]] == ["content"]
    assert [
        (item["caption"], item["level"], item["before"], item["after"], item["difference"])
        for item in document["figures"]
    ] == [
        ("Biểu 01 MS 15", None, 1556.3, 1600, 43.7),
        ("Biểu 01 MS 15", "province", 1556.3, 1600, 43.7),
    ]


def test_nothing_changed(province: Province) -> None:
    with province.register() as register:
        record(register, [SO], day=FIRST)
        record(register, [SO], day=SECOND)
    code, out = province.run("diff", "1", "2")
    assert code == 0
    assert out.endswith("Không có gì thay đổi: cùng tệp, cùng kết quả, cùng số tổng hợp.\n")
    assert json.loads(province.run("diff", "1", "2", "--json")[1])["same"] is True


def test_another_result_of_the_same_inputs(province: Province) -> None:
    with province.register() as register:
        record(register, [SO])
        record(register, [SO], result="khác")
    code, out = province.run("diff", "1", "2")
    assert code == 1
    assert "kết quả chi tiết khác" in out


def test_wrong_calls(province: Province) -> None:
    with province.register() as register:
        record(register, [SO])
        record(register, [replace(SO, template="cchc", typed={})], period=QUARTER)
        record(register, [], period=QUARTER.last_year)
    assert province.run("diff", "1", "2")[0] == 1  # Nine months and the third quarter.
    code, out = province.run("diff", "1", "3")
    assert code == 2
    assert "Lần 1 là của 9 tháng đầu năm 2018, lần 3 là của Quý III/2017." in " ".join(out.split())
    code, out = province.run("diff", "1", "9")
    assert (code, " ".join(out.split())) == (2, text("register.no_run", number=9))
    code, out = province.run("diff", "0", "1")
    assert code == 2
    assert "“0” không phải số của một lần tổng hợp." in out
