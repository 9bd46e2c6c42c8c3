"""Two tables of Thông tư số 06/2025/TT-TTCP as they stand in its Word file, to be copied.

``<`` continues the cell on its left, ``^`` the cell above it.
"""

from __future__ import annotations

from collections.abc import Sequence

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Pt
from docx.table import Table

from consolidate.reports.official_page_in_word import document_bytes

_LEFT, _ABOVE = "<", "^"
TCD = (
    "Đơn vị|Tổng số lượt tiếp|Tổng số người được tiếp|Tổng số vụ việc tiếp|Tổng số đoàn đông người"
    "|Tiếp thường xuyên|<|<|<|<|Tiếp định kỳ và đột xuất của Thủ trưởng|<|<|<|<|<|<|<|<|<|<|<",
    "^|^|^|^|^|Số lượt tiếp|Số người được tiếp|Số vụ việc|Trong đó đoàn đông người|<"
    "|Thủ trưởng tiếp|<|<|<|<|<|Ủy quyền tiếp|<|<|<|<|<",
    "^|^|^|^|^|^|^|^|Số đoàn được tiếp|Số người được tiếp"
    "|Số ngày tiếp|Số lượt tiếp|Số người được tiếp|Số vụ việc|Trong đó đoàn đông người|<"
    "|Số ngày tiếp|Số lượt tiếp|Số người được tiếp|Số vụ việc|Trong đó đoàn đông người|<",
    "^|^|^|^|^|^|^|^|^|^|^|^|^|^|Số đoàn được tiếp|Số người được tiếp"
    "|^|^|^|^|Số đoàn được tiếp|Số người được tiếp",
    "MS|1=5+11+17|2=6+12+18|3=7+13+19|4=8+14+20|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21",
    "|||||||||||||||||||||",
)
XLD = (
    "Đơn vị|Tổng số đơn|Số đơn đã xử lý|Số đơn đủ điều kiện xử lý|Số đơn thuộc thẩm quyền"
    "|Số vụ việc thuộc thẩm quyền|Số đơn thuộc thẩm quyền|<|<|<|<|<|<|<|<|<|<|<|<|<|<|<|<"
    "|Số đơn không thuộc thẩm quyền|<|<",
    "^|^|^|^|^|^|Khiếu nại|<|<|<|<|<|Tố cáo|<|<|<|<|<|<|Kiến nghị, phản ánh|<|<|<|^|^|^",
    "^|^|^|^|^|^|Tổng số đơn|Phân loại theo thẩm quyền giải quyết|<|Phân loại theo lĩnh vực|<|<"
    "|Tổng số đơn|Phân loại theo thẩm quyền giải quyết|<|Phân loại theo lĩnh vực|<|<|<"
    "|Tổng số đơn|Phân loại theo lĩnh vực|<|<|Tổng số đơn|Phân loại theo kết quả xử lý|<",
    "^|^|^|^|^|^|^|Khiếu nại lần đầu|Khiếu nại lần 2|Đất đai|Chế độ, chính sách|Khác"
    "|^|Tố cáo lần đầu|Tố cáo tiếp|Hành chính|Tham nhũng|Tư pháp|Khác"
    "|^|Chế độ, chính sách|Đất đai|Khác|^|Hướng dẫn|Chuyển đơn",
    "MS|1|2|3=4+23|4=6+12+19|5|6=7+8=9+10+11|7|8|9|10|11|12=13+14=15+16+17+18|13|14|15|16|17|18"
    "|19=20+21+22|20|21|22|23=24+25|24|25",
    "|||||||||||||||||||||||||",
)
TABLES = (
    ("Biểu số: 01/TCD", "KẾT QUẢ TIẾP CÔNG DÂN", TCD),
    ("Biểu số: 02/XLD", "KẾT QUẢ XỬ LÝ ĐƠN", XLD),
)


def circular_document() -> bytes:
    """The Word file with both tables; the same every time."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    for code, title, rows in TABLES:
        document.add_paragraph(code)
        document.add_paragraph(title)
        document.add_paragraph("Số liệu tính từ ngày…/…/… đến ngày…/…/…")
        _add(document.add_table(rows=len(rows), cols=rows[0].count("|") + 1), rows)
    return document_bytes(document)


def _add(table: Table, rows: Sequence[str]) -> None:
    table.style = "Table Grid"
    cells = [row.split("|") for row in rows]
    for top, row in enumerate(cells):
        for left, text in enumerate(row):
            if text in (_LEFT, _ABOVE):
                continue
            right = left
            while right + 1 < len(row) and row[right + 1] == _LEFT:
                right += 1
            bottom = top
            while bottom + 1 < len(cells) and cells[bottom + 1][left] == _ABOVE:
                bottom += 1
            cell = table.cell(top, left)
            if (top, left) != (bottom, right):
                cell = cell.merge(table.cell(bottom, right))
            cell.text = text
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(7)
