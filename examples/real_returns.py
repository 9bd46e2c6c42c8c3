"""Real figures of 2018, as they were typed, in the returns of one unit of the example province.

The PCTN table is that of a department of Tiền Giang (nine months of 2018), the two parts of Phụ lục
3 are those of a department of Trà Vinh (third quarter of 2018), with their real mistakes. The
example province is a composite: one unit, Sở Thông tin và Truyền thông, sends both. No person is
named.
"""

from __future__ import annotations

from datetime import date

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.templates.prefill import Prefill
from examples.sample import Unit, cover

ROUND = Period.parse_code("2018-9M")

PCTN_WINDOW = (date(2017, 11, 6), date(2018, 8, 28))
STALE_WINDOW = "(Số liệu tính từ ngày 06/11/2017 đến 25/5/2018)"
"""The case list carried the window of an earlier report."""
_SIGNED = {
    "cover.signatory_title": "KT. GIÁM ĐỐC",
    "cover.signatory_title_2": "PHÓ GIÁM ĐỐC",
}
_CCHC_REPORT = {
    "cover.report_number": "1183/BC-STTTT-VP",
    "cover.report_date": date(2018, 9, 5),
}
_TYPED = {"c3": "121", "c4": "03", "c9": "01", "c19": "01", "c27": "01", "c28": "100%"}
_EMPTY_CASE = {"name": "0", "place": "0", "handler": "0", "summary": "//"}
_LEVELS = ("total", "province", "district", "commune")
_PL3_2: dict[str, tuple[str | int, ...]] = {
    "r1": (241, 19, 116, 106),
    "r2": (241, 19, 116, 106),
    "r3": (28, 19, 9, ""),
    "r4": ("", "", 9, ""),
    "r5": ("1.819/134", "1.457", 223, 136),
    "r5_1": ("1.819", "1.457", 223, 136),
    "r5_2": ("1.819", "1.457", 223, 136),
    "r5_3": (440, 389, 51, 0),
    "r5_4": (203, 117, 86, 0),
}
_PLAN = {
    "plan": (
        "Kế hoạch ứng dụng công nghệ thông tin trong hoạt động của cơ quan nhà nước "
        "tại tỉnh năm 2018"
    ),
    "issued": "28/12/2017",
    "planned": "21 nhiệm vụ",
    "done": "- 05 đã thực hiện",
    "doing": "- 16 nhiệm vụ đang thực hiện",
    "not_done": "- 01 chưa thực hiện",
    "note": (
        "- 5 nhiệm vụ đã thực hiện: mục 1 nội dung 2; mục 2 nội dung 2, 3; mục 5 nội dung 3; "
        "mục 4 nội dung thứ 3.\n- 15 nhiệm vụ đang thực hiện.\n"
        "- 01 nhiệm vụ chưa thực hiện: nội dung số 1."
    ),
}


def pctn_return(unit: Unit) -> Prefill:
    """The PCTN table of 61 indicators and the empty case list with its stale window."""
    elements = shipped_library().at(ROUND).by_code["pctn_01"].elements
    values = cover(unit, "9 tháng đầu năm", PCTN_WINDOW) | _SIGNED
    values |= {
        f"pctn_01.{element.code}": _TYPED.get(element.code, 0)
        for element in elements
        if element.number
    }
    return Prefill(
        values=values,
        rows={"pctn_02": [{"number": f"0{number}", **_EMPTY_CASE} for number in (1, 2, 3)]},
        windows={"pctn_02": STALE_WINDOW},
    )


def cchc_return(unit: Unit) -> Prefill:
    """Phụ lục 3 with 05 + 16 + 01 tasks of 21, and totals of 1.819 over parts of 1.816."""
    values = cover(unit, "Quý III", None) | _SIGNED | _CCHC_REPORT
    for row, typed in _PL3_2.items():
        for level, value in zip(_LEVELS, typed, strict=True):
            if value != "":
                values[f"cchc_pl3_2.{row}.{level}"] = value
    return Prefill(values=values, rows={"cchc_pl3_1": [_PLAN]})
