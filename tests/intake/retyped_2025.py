"""The forms of Thông tư 06/2025/TT-TTCP as an officer types them from the circular, filled in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import docx
from openpyxl import Workbook

from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Heading
from tests.intake.retyping import add_table
from tests.saved import saved

PRINTED = Path(__file__).parents[1] / "data" / "tt06-2025"
Rows = Sequence[Sequence[object]]
LINE = {
    "Q3": "Số liệu tính từ ngày 15/6/2026 đến ngày 14/9/2026",
    "9M": "Số liệu tính từ ngày 15/12/2025 đến ngày 14/9/2026",
}
CASE = ("Vụ A", "Sở Y tế", "Công an tỉnh", "Tạm giữ", "Chuyển kỳ sau")
TEXT = ("Quyết định số 5/QĐ-UBND ngày 01/02/2024", "UBND tỉnh", "Thiếu hạn", "x", "", "", "Không")


@cache
def printed(name: str) -> list[list[str]]:
    """A table of the circular, merged cells blank."""
    with (PRINTED / name).open(encoding="utf-8", newline="") as file:
        return [["" if cell in "<^" else cell for cell in row] for row in csv.reader(file)]


def figures(first: int) -> dict[str, int]:
    """Figures of Biểu 01 by element, counting up from ``first``; the share of MS 39 is 50."""
    codes = [item[1].replace(".", "_") for item in printed("bieu-01-pctn.csv") if item[1] != "ms"]
    return {
        f"m{code}": 50 if code == "39" else first + at
        for at, code in enumerate(code for code in codes if code)
    }


def bieu_01(first: int, *, as_copied: bool = False) -> Rows:
    """The 150 rows of Biểu 01 under their header; ``as_copied`` takes the wording of the copy."""
    values = figures(first)
    rows: list[list[object]] = [["MS", "NỘI DUNG", "ĐVT", "SỐ LIỆU"]]
    for kind, ms, label, unit, copied in printed("bieu-01-pctn.csv")[1:]:
        words, _, measure = (copied if as_copied and copied else label).partition(" | ")
        shown: object = "" if kind == "breakdown" else float(ms) if "." in ms else ms
        rows.append([shown, words, measure or unit, values.get(f"m{ms.replace('.', '_')}", "")])
    return rows


def bieu_02(*cases: Sequence[str]) -> Rows:
    """Biểu 02 with its cases and its last line."""
    listed = [(at, *case) for at, case in enumerate(cases, 1)]
    return [printed("bieu-02-pctn.csv")[0], *listed, ["Tổng số:", len(cases)]]


def bieu_03(*texts: Sequence[str]) -> Rows:
    """Biểu 03 with two lines of headers, the numbers of its columns and its last line."""
    listed = [(at, *text) for at, text in enumerate(texts, 1)]
    return [*printed("bieu-03-pctn.csv")[:3], *listed, ["Tổng số:", len(texts)]]


def outline() -> Rows:
    """Mẫu 03 as a table: letters of the items, their words, an answer to each."""
    rows: list[list[object]] = [["Mục", "ĐỀ CƯƠNG", "Nội dung"]]
    for item in shipped_library().of_pack("pctn-2025").by_code["pctn_tm"].body:
        if isinstance(item, Heading):
            rows.append(["", item.label, ""])
        else:
            rows.append([item.number.rpartition(".")[2], item.label, f"Trả lời {item.code}"])
    return rows


def workbook(*pages: tuple[str, Sequence[str], Rows]) -> bytes:
    """A workbook of sheets, each a name, the lines above the table and the table."""
    book = Workbook()
    book.remove(book.active)
    for name, lines, rows in pages:
        page = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in [*([line] for line in lines), [], *rows, []]:
            page.append([None if cell == "" else cell for cell in row])
    return saved(book)


def document(*tables: tuple[Sequence[str], Rows]) -> bytes:
    """A Word document of tables, each with the paragraphs above it."""
    made = docx.Document()
    for lines, rows in tables:
        for line in lines:
            made.add_paragraph(line)
        width = max(len(row) for row in rows)
        add_table(made, [[*row, *[""] * (width - len(row))] for row in rows])
    return saved(made)
