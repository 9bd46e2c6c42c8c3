"""What an officer makes of a filled template without it: own workbooks, Word documents, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import docx
from docx.document import Document
from openpyxl import Workbook, load_workbook

from consolidate.model.data_values import Scalar, ValueKey, ValueStatus
from consolidate.model.returns import FileReading
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.saved import saved

RECIPES = {
    "pctn": Recipe(
        "pctn",
        values={
            "pctn_01.c3": 1250,
            "pctn_01.c15": 9280.5,
            "pctn_01.c16": "Không",
            "pctn_01.c17": "x",
            "pctn_01.c28": "26/26",
            "pctn_01.c29": 2,
            "pctn_01.c30": 3,
        },
        blank=("pctn_01.c61",),
        rows={
            "pctn_02": [
                {
                    "name": "Vụ A",
                    "place": "Sở Y tế",
                    "handler": "Công an tỉnh",
                    "summary": "Tạm giữ",
                },
                {"name": "Vụ B", "place": "Sở Tài chính"},
            ]
        },
        windows={"pctn_01": "(Số liệu tính từ ngày 06/11/2017 đến ngày 28/8/2018)"},
    ),
    "cchc": Recipe(
        "cchc",
        template="cchc",
        values={
            "cchc_pl3_2.r1.total": "1.819",
            "cchc_pl3_2.r1.province": 1457,
            "cchc_pl3_2.r1.district": 223,
            "cchc_pl3_2.r1.commune": "",
            "cchc_pl3_2.r2.note": "Chưa đủ",
        },
        rows={
            "cchc_pl3_1": [
                {
                    "plan": "Kế hoạch A",
                    "issued": date(2017, 12, 28),
                    "planned": 21,
                    "done": 5,
                    "doing": 15,
                    "not_done": 1,
                    "note": "Đúng hạn",
                },
                {"plan": "Kế hoạch B", "issued": "5/1/2018", "planned": "03", "done": 3},
            ]
        },
    ),
}
"""A filled return of each template: numbers, words for nothing, blanks, ratios, dates, rows."""


@dataclass(frozen=True)
class Typed:
    """One form as it is to be seen: lines above, header rows, body rows, lines below."""

    code: str
    sheet: str
    above: Sequence[str]
    header: Sequence[Sequence[object]]
    body: Sequence[Sequence[object]]
    below: Sequence[str]


def typed_forms(data: bytes) -> list[Typed]:
    """What is to be seen of the forms of a template."""
    forms = []
    for page in load_workbook(io.BytesIO(data), data_only=True):
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        if rows[0][0] not in library_2018().by_code:
            continue
        data_set = library_2018().by_code[str(rows[0][0])]
        coded = [at for at, row in enumerate(rows) if at and row[0] and row[0] != "window"]
        top = next(at for at, row in enumerate(rows) if row[1] == data_set.layout.number_header)
        grouped = any(item.group for item in (*data_set.columns, *data_set.elements))
        body = top + (2 if grouped else 1)
        stop = coded[-1] + (rows[coded[-1]][0] != "end")
        above = [str(cell) for row in rows[1:top] for cell in row[1:] if cell is not None]
        below = [str(cell) for row in rows[stop:] for cell in row[1:] if cell is not None]
        keep = [at for at, code in enumerate(rows[0]) if at and code]
        seen = [[row[at] for at in keep] for row in rows]
        header, lines = seen[top:body], seen[body:stop]
        forms.append(Typed(data_set.code, page.title, above, header, lines, below))
    return forms


def shown(value: object) -> str:
    """A cell as it reads on paper."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and not value.is_integer():
        return str(value).replace(".", ",")
    return str(int(value)) if isinstance(value, float) else str(value)


def as_workbook(forms: Sequence[Typed], order: Sequence[int] = (), left: int = 0) -> bytes:
    """A workbook of one's own: columns in another order, blank rows, nothing hidden."""
    book = Workbook()
    book.remove(book.active)
    for number, form in enumerate(forms):
        page = book.create_sheet(f"Sheet{number + 1}")
        for line in form.above:
            page.append([line])
        page.append([])
        places = sorted(range(len(form.header[0])), key=lambda at: (order or range(99))[at])
        for row in (*form.header, *form.body):
            page.append([None] * left + [row[at] for at in places])
        page.append([])
        for line in form.below:
            page.append([None, line])
    return saved(book)


def as_word(forms: Sequence[Typed], document: Document | None = None) -> bytes:
    """A document with the tables of the forms, their titles above and signatures below."""
    document = document or docx.Document()
    for form in forms:
        for line in form.above:
            document.add_paragraph(line)
        add_table(document, (*form.header, *form.body))
        for line in form.below:
            document.add_paragraph(line)
    return saved(document)


def add_table(document: Document, rows: Sequence[Sequence[object]]) -> None:
    """One table of text at the end of a document."""
    table = document.add_table(len(rows), len(rows[0]))
    for line, row in zip(table.rows, rows, strict=True):
        for cell, value in zip(line.cells, row, strict=True):
            cell.text = shown(value)


def as_csv(form: Typed, delimiter: str = ";") -> str:
    """One form as text in columns."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerows([line] for line in form.above)
    writer.writerows([shown(cell) for cell in row] for row in (*form.header, *form.body))
    return target.getvalue()


Said = dict[ValueKey, tuple[Scalar | None, ValueStatus]]


def values(reading: FileReading, *codes: str) -> Said:
    """Values and states of a reading by key, of some data sets or of all."""
    assert reading.content is not None, reading.reason
    return {
        value.key: (value.value, value.status)
        for value in reading.content.values()
        if not codes or value.key.data_set in codes
    }


def rules(reading: FileReading) -> list[str]:
    """Findings about the form of a reading, by rule."""
    return [f.rule for f in reading.findings if f.rule.startswith("structure.")]
