"""A province's workbook of criteria: the points of the index of 2022 as they were published.

152/QĐ-TTCP: A 20 = A.1 5 + A.2 15, B 30, C 40, D 10. What stands below B, C and D is not known
here, so that each of them is one criterion. Labels of criteria are made up.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import xlsxwriter

from consolidate.model.datasets import Library
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

NAME = "danh-gia-huyen-2024.xlsx"
"""Its name, which the pack takes its code and its year from."""
ROWS: tuple[tuple[str, str, float, str], ...] = (
    ("A", "Công tác lãnh đạo, chỉ đạo về phòng, chống tham nhũng", 20, ""),
    ("A.1", "Lãnh đạo, chỉ đạo", 5, ""),
    ("A.1.1", "Ban hành kế hoạch phòng, chống tham nhũng", 1, "Kế hoạch năm 2024"),
    ("A.1.2", "Tổ chức thực hiện kế hoạch", 4, "Báo cáo kết quả thực hiện"),
    ("A.2", "Xây dựng, hoàn thiện chính sách và tuyên truyền", 15, ""),
    ("A.2.1", "Rà soát văn bản", 4, "Báo cáo rà soát"),
    ("A.2.2", "Tuyên truyền, phổ biến, giáo dục pháp luật", 4, "Kế hoạch tuyên truyền"),
    ("A.2.3", "Thanh tra, kiểm tra trách nhiệm", 4, "Kết luận thanh tra"),
    ("A.2.4", "Sơ kết, tổng kết", 1, "Báo cáo tổng kết"),
    ("A.2.5", "Chế độ thông tin, báo cáo", 2, "Các báo cáo định kỳ"),
    ("B", "Thực hiện các biện pháp phòng ngừa tham nhũng", 30, "Các văn bản thực hiện"),
    ("C", "Phát hiện, xử lý tham nhũng", 40, "Kết luận, bản án"),
    ("D", "Thu hồi tài sản tham nhũng", 10, "Báo cáo thi hành án"),
)
_HEAD = ("Mã tiêu chí", "Tiêu chí", "Điểm tối đa", "Tài liệu minh chứng")
_ABOVE = (
    "BỘ CHỈ SỐ ĐÁNH GIÁ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG CẤP HUYỆN NĂM 2024",
    "(Kèm theo Quyết định của Ủy ban nhân dân tỉnh)",
)


def criteria_book(
    rows: tuple[tuple[str, str, float, str], ...] = ROWS, above: tuple[str, ...] = _ABOVE
) -> bytes:
    """The workbook as a province has it, with lines above; the same rows give the same bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Bộ chỉ số")
        for row, line in enumerate((*((words,) for words in above), (), _HEAD, *rows)):
            sheet.write_row(row, 0, line)
        sheet.set_column(1, 1, 60)
    return target.getvalue()


def assessment(
    library: Library,
    unit: str,
    points: Mapping[str, float],
    proofs: Iterable[tuple[str, str]],
) -> bytes:
    """The workbook that a unit returns.

    Args:
        library: definitions with the pack of these criteria.
        unit: name of the unit.
        points: of each criterion by its number.
        proofs: criterion and file of each piece of evidence.
    """
    pack = library.packs.by_code[Path(NAME).stem]
    form, listed = pack.data_sets
    values: dict[str, Value] = {
        "cover.unit_name": unit,
        "cover.level": "Cấp huyện",
        "cover.period_type": "Cả năm",
        "cover.period_year": 2024,
        "cover.window_from": date(2023, 12, 16),
        "cover.window_to": date(2024, 12, 15),
        "cover.revision": 1,
    }
    for element in form.elements:
        values[form.name_of(element.code)] = points[element.number]
    rows = [
        {
            "criterion": number,
            "kind": "Kế hoạch",
            "document": f"{at}/KH-UBND",
            "date": date(2024, 3, at),
            "issuer": unit,
            "abstract": f"Tài liệu của tiêu chí {number}",
            "file": file,
        }
        for at, (number, file) in enumerate(proofs, 1)
    ]
    prefill = Prefill(values=values, rows={listed.code: rows})
    return build_template(library.of_pack(pack.code, 4), pack.family, prefill)
