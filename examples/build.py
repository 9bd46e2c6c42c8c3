"""Build the example provinces, of 2018 and 2026: ``python -m examples.build``.

Each has a ``roster.xlsx`` and an ``inbox/``; that of 2026 is in ``2026/`` and built by
:mod:`examples.province_2026`. Of the twelve units of 2018 some send mistakes that inspectorates
meet every quarter: a scan instead of a workbook, the same file twice, a correction, an empty file,
figures typed as words.

One unit, Sở Thông tin và Truyền thông, sends real figures of 2018 as they were typed, with their
real mistakes: the PCTN table of a department of Tiền Giang (nine months of 2018) and the two parts
of Phụ lục 3 of a department of Trà Vinh (third quarter of 2018). No person is named.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.units import Level
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.write.form_styles import open_workbook
from examples import province_2026, sample
from examples.sample import Unit, cover

ROUND = Period.parse_code("2018-9M")

HERE = Path(__file__).parent
PROVINCE = "Tỉnh Sông Tiền (ví dụ)"
_BOTH, _PCTN = ("pctn", "cchc"), ("pctn",)
UNITS = (
    Unit("S01", "Sở Thông tin và Truyền thông", Level.PROVINCE, _BOTH, "Sở TT&TT; STTTT"),
    Unit("S02", "Sở Nội vụ", Level.PROVINCE, _BOTH, "SNV"),
    Unit("S03", "Sở Tài chính", Level.PROVINCE, _BOTH, "STC"),
    Unit("S04", "Sở Xây dựng", Level.PROVINCE, _BOTH, "SXD"),
    Unit("S05", "Sở Tư pháp", Level.PROVINCE, _BOTH, "STP"),
    Unit("H01", "UBND huyện Tân Hưng Đông", Level.DISTRICT, _BOTH),
    Unit("H02", "UBND huyện Mỹ Lộc Tây", Level.DISTRICT, _BOTH),
    Unit("H03", "UBND thị xã Long Hòa", Level.DISTRICT, _BOTH),
    Unit("X01", "UBND xã Tân An Đông", Level.COMMUNE, _PCTN),
    Unit("X02", "UBND xã Bình Thạnh Tây", Level.COMMUNE, _PCTN),
    Unit("X03", "UBND phường Long Hòa 1", Level.COMMUNE, _PCTN),
    Unit("X04", "UBND thị trấn Mỹ Lộc Tây", Level.COMMUNE, _PCTN),
)
_SCAN = b"%PDF-1.4\n% The signed paper, scanned: no figures can be read from it.\n%%EOF\n"


def build_inbox() -> dict[str, bytes]:
    """Every file of the inbox, by path with forward slashes."""
    unit = {item.code: item for item in UNITS}
    files: dict[str, bytes] = {
        "cap-tinh/Sở TTTT - PCTN 9 tháng 2018.xlsx": _pctn(real_pctn(unit["S01"])),
        "cap-tinh/Sở TTTT - CCHC quý III 2018.xlsx": _cchc(real_cchc(unit["S01"])),
    }
    folders = {Level.PROVINCE: "cap-tinh", Level.DISTRICT: "cap-huyen", Level.COMMUNE: "cap-xa"}
    for item in UNITS[1:]:
        if item.code == "X03":
            continue
        start = f"{folders[item.level]}/{item.code} {item.name}"
        filled = _habits(item.code, sample.pctn_return(item))
        files[f"{start} - PCTN.xlsx"] = _pctn(filled)
        if "cchc" in item.templates and item.code != "H03":
            files[f"{start} - CCHC.xlsx"] = _cchc(sample.cchc_return(item))
    twice = "cap-huyen/H02 UBND huyện Mỹ Lộc Tây - PCTN"
    files[f"{twice} (1).xlsx"] = files[f"{twice}.xlsx"]
    corrected = sample.pctn_return(unit["H03"], revision=2)
    files["cap-huyen/H03 UBND thị xã Long Hòa - PCTN (lần 2).xlsx"] = _pctn(corrected)
    files["cap-huyen/H03 UBND thị xã Long Hòa - CCHC.xlsx"] = b""
    files["cap-xa/X03 UBND phường Long Hòa 1 - PCTN (bản quét).pdf"] = _SCAN
    return files


def _habits(code: str, filled: Prefill) -> Prefill:
    """How three of the units type: words for nothing, money in đồng, a person without a case."""
    typed: Mapping[str, Mapping[str, str | int]] = {
        "S03": {"pctn_01.c17": "Không", "pctn_01.c18": "//"},
        "S04": {"pctn_01.c17": 1, "pctn_01.c18": "6.150.000đ"},
        "X04": {"pctn_01.c11": 1, "pctn_01.c3": "121 lượt"},
    }
    return replace(filled, values={**filled.values, **typed.get(code, {})})


def _pctn(prefill: Prefill) -> bytes:
    return build_template(shipped_library().at(ROUND), "pctn", prefill)


def _cchc(prefill: Prefill) -> bytes:
    return build_template(shipped_library().at(ROUND), "cchc", prefill)


def build_roster() -> bytes:
    """The roster workbook of the example province."""
    target = io.BytesIO()
    book = open_workbook(target)
    book.set_properties({"created": datetime(2018, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet("Danh sách đơn vị")
    font = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
    title = book.add_format({**font, "bold": True, "font_size": 14})
    head = book.add_format(
        {**font, "bold": True, "border": 1, "align": "center", "text_wrap": True}
    )
    cell = book.add_format({**font, "border": 1})
    sheet.write_string(0, 0, "DANH SÁCH ĐƠN VỊ BÁO CÁO", title)
    sheet.write_string(2, 0, "Tỉnh, thành phố", book.add_format(font))
    sheet.write_string(2, 1, PROVINCE, book.add_format({**font, "bold": True}))
    headers = (
        "Mã đơn vị",
        "Tên đơn vị",
        "Tên khác, viết tắt",
        "Cấp",
        "Biểu mẫu phải nộp",
        "Cung cấp số liệu toàn tỉnh",
    )
    for column, text in enumerate(headers):
        sheet.write_string(4, column, text, head)
    for row, unit in enumerate(UNITS, 5):
        provides = "cchc_pl3_2" if unit.code == "S01" else ""
        asked = ", ".join(unit.templates)
        fields = (unit.code, unit.name, unit.aliases, unit.level.label, asked, provides)
        for column, text in enumerate(fields):
            sheet.write_string(row, column, text, cell)
    for column, width in enumerate((17, 38, 24, 12, 22, 18)):
        sheet.set_column(column, column, width)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)
    sheet.freeze_panes(5, 2)
    book.close()
    return target.getvalue()


def main(say: Callable[[str], None] = print) -> None:
    """Write both provinces beside this file; files that are no longer built are removed."""
    _write(HERE, build_inbox(), build_roster(), say)
    _write(HERE / "2026", province_2026.build_inbox(), province_2026.build_roster(), say)


def _write(
    folder: Path, files: Mapping[str, bytes], roster: bytes, say: Callable[[str], None]
) -> None:
    inbox = folder / "inbox"
    for old in sorted(inbox.rglob("*")):
        if old.is_file() and old.relative_to(inbox).as_posix() not in files:
            old.unlink()
    for name, data in files.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "roster.xlsx").write_bytes(roster)
    say(f"{len(files)} files and the roster in {folder.name}/")


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


def real_pctn(unit: Unit) -> Prefill:
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


def real_cchc(unit: Unit) -> Prefill:
    """Phụ lục 3 with 05 + 16 + 01 tasks of 21, and totals of 1.819 over parts of 1.816."""
    values = cover(unit, "Quý III", None) | _SIGNED | _CCHC_REPORT
    for row, typed in _PL3_2.items():
        for level, value in zip(_LEVELS, typed, strict=True):
            if value != "":
                values[f"cchc_pl3_2.{row}.{level}"] = value
    return Prefill(values=values, rows={"cchc_pl3_1": [_PLAN]})


if __name__ == "__main__":
    main()
