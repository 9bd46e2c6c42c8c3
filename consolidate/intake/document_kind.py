"""Tell a Word document that sets or explains a form from one that reports on it.

Documents of agencies carry their kind on a line of its own and in the sign behind their number
(Nghị định 30/2020/NĐ-CP, phụ lục III): ``THÔNG TƯ`` and ``Số: 06/2025/TT-TTCP``. The first of these
before the table tells; a table without any is taken for what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from consolidate.intake.retyped.lines import LONGEST, paragraphs_of
from consolidate.model.cells import raw_text
from consolidate.model.text import tidy
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.read.grid import Workbook

REPORT = "báo cáo"
_BEGINNING = (
    *("thông tư", "nghị định", "quyết định", "nghị quyết", "luật", "pháp lệnh", "chỉ thị"),
    *("hướng dẫn", REPORT),
)
"""Kinds that may stand with their subject in one line, all in capitals."""
_ALONE = ("kế hoạch", "thông báo", "tờ trình", "chương trình", "đề án", "quy định", "quy chế")
"""Kinds that are also words of other headings: known on a line of their own only."""
_SIGNS = {
    "TT": "thông tư",
    "TTLT": "thông tư",
    "NĐ": "nghị định",
    "QĐ": "quyết định",
    "NQ": "nghị quyết",
    "CT": "chỉ thị",
    "HD": "hướng dẫn",
    "KH": "kế hoạch",
    "BC": REPORT,
}
_NUMBER = re.compile(
    r"Số\s*:?\s*[\w.…]*\s*/\s*(?:[0-9]{4}\s*/\s*)?(?P<sign>[A-ZĐ]{2,4})(?!\w)", re.IGNORECASE
)
_ARTICLE = re.compile(r"Điều [0-9]{1,3}[.:]")
_ARTICLES = 3
"""Articles by which a text without its beginning is known as one that sets rules."""


def check_document(book: Workbook, tables: Collection[str]) -> None:
    """Check that a Word document is no circular, decision, plan or guidance; others always pass.

    ``tables`` are the names of the grids that hold tables of a form.

    Raises:
        Refused: it is one.
    """
    articles = 0
    for line in _lines_before(book, tables):
        kind = _kind_of(line)
        articles += _ARTICLE.match(line) is not None
        if not kind and articles == _ARTICLES:
            kind = "quy định"
        if kind == REPORT:
            return
        if kind:
            raise Refused("foreign_document", unreadable=False, detail=kind)


def _kind_of(line: str) -> str:
    folded = line.casefold().strip(" .:*“”\"'")
    if folded in (*_BEGINNING, *_ALONE):
        return folded
    number = _NUMBER.match(line)
    if number is not None:
        return _SIGNS.get(number["sign"].upper(), "")
    if line == line.upper():
        return next((kind for kind in _BEGINNING if folded.startswith(f"{kind} ")), "")
    return ""


def _lines_before(book: Workbook, tables: Collection[str]) -> Iterator[str]:
    """Lines of a Word document up to the first of some tables; none of another file."""
    grids = {grid.name: grid for grid in book.sheets}
    for line, name in paragraphs_of(book):
        if name in tables:
            return
        other = grids.get(name)
        cells = [cell for cells in other.rows for cell in cells] if other else [line.text]
        for cell in cells:
            yield from (tidy(part)[:LONGEST] for part in raw_text(cell).splitlines())
