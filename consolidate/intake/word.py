"""Read a Word document as a workbook: its paragraphs as the first grid, each table as one more.

Only the main part and the styles are inflated and parsed, by python-docx; nothing is run, followed
or fetched.
Text that a reader of the document does not see (tracked deletions, hidden runs, field codes) is
not read, nor what is struck out, raised or lowered in a cell: that is told.

A document that sets or explains a form is told from one that reports on it: documents of agencies
carry their kind on a line of its own and in the sign behind their number (Nghị định 30/2020/NĐ-CP,
phụ lục III): ``THÔNG TƯ`` and ``Số: 06/2025/TT-TTCP``. The first of these before the table tells; a
table without any is taken for what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml

from consolidate.intake.retyped.lines import LONGEST, TEXT_SHEET, paragraphs_of
from consolidate.model.cells import Cell, raw_text
from consolidate.model.text import tidy
from consolidate.xlsx.read.crossed_out_text import RAISED, Crossed, TextRun, text_left
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook, without_crossed
from consolidate.xlsx.read.package_facts import SheetFacts
from consolidate.xlsx.read.package_gate import BROKEN, Limits, Refused, megabytes, open_word

TABLE = "Bảng {}"
"""Name of the grid of a table, by its number in the document."""
_MAIN, _STYLES = "word/document.xml", "word/styles.xml"
_MOST_STYLES, _DEEPEST = 4_000_000, 12
"""Bytes of the styles that are looked at, and how far one is based on others."""
_LOOKS = ("w:strike", "w:dstrike", "w:vanish")
_SHARE = 4
"""Share of ``Limits.inflated`` for the text: a tree of it takes many times more memory."""
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_USUAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SEEN_THROUGH = frozenset(
    map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo"))
)
_GONE = frozenset(map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:pPr", "w:rt")))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = qn("w:txbxContent")
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_OFF = frozenset({"0", "false", "off"})


def read_word(data: bytes, limits: Limits) -> Workbook:
    """Read the tables of a ``.docx`` as grids "Bảng 1", "Bảng 2" …, after the grid "Văn bản".

    A cell stands at the row and column where Word shows it; the text of merged cells is in the
    first of them. Paragraphs are in column A of "Văn bản", in order; in column B is the name of
    a table where it stands between them. A table inside a table is one of its own.

    Raises:
        Refused: the document is damaged, hostile, too large, or has no table.
    """
    body = _body(data, limits)
    document = _Document(limits)
    document.walk(body)
    if not document.tables:
        raise Refused("no_table", unreadable=False)
    return Workbook((Grid(TEXT_SHEET, document.words), *document.tables), DefinedNames())


def _body(data: bytes, limits: Limits) -> Any:
    package = open_word(data, limits)
    try:
        with package:
            names = {name.casefold(): name for name in package.namelist()}
            main = package.getinfo(names[_MAIN])
            if main.file_size > limits.inflated // _SHARE:
                raise Refused("bomb", unreadable=True, detail=megabytes(main.file_size))
            xml = package.read(main)
            styles = package.getinfo(names[_STYLES]) if _STYLES in names else None
            marked = styles is not None and styles.file_size <= _MOST_STYLES
            looks = package.read(styles) if marked and styles is not None else b""
        root = _parsed(xml)
        if b"strike" in looks or b"vanish" in looks:
            _put_in(root, _looks(_parsed(looks)))
    except (*BROKEN, KeyError, SyntaxError):  # lxml raises SyntaxError for damaged XML.
        raise Refused("damaged", unreadable=True) from None
    body = root.find(qn("w:body"))
    if body is None:
        raise Refused("damaged", unreadable=True)
    return body


def _parsed(xml: bytes) -> Any:
    if b"<!DOCTYPE" in xml or b"<!\0D\0O\0C\0T\0Y\0P\0E" in xml or b"\0<\0!\0D\0O" in xml:
        raise Refused("damaged", unreadable=True)
    root: Any = parse_xml(xml.replace(_STRICT, _USUAL))
    if root.getroottree().docinfo.doctype:
        raise Refused("damaged", unreadable=True)
    return root


def _looks(root: Any) -> Mapping[str, frozenset[str]]:
    """Styles, by their id, whose text is struck out or hidden, with the formats that say so."""
    own: dict[str, dict[str, bool]] = {}
    based: dict[str, str] = {}
    for style in root.iter(qn("w:style")):
        name = style.get(qn("w:styleId"), "")
        above = style.find(qn("w:basedOn"))
        based[name] = above.get(qn("w:val"), "") if above is not None else ""
        marks = {mark: style.find(f"{qn('w:rPr')}/{qn(mark)}") for mark in _LOOKS}
        own[name] = {
            mark: found.get(qn("w:val"), "1") not in _OFF
            for mark, found in marks.items()
            if found is not None
        }
    made: dict[str, frozenset[str]] = {}
    for name in own:
        said: dict[str, bool] = {}
        style_id, left = name, _DEEPEST
        while style_id in own and left:
            said = {**own[style_id], **said}
            style_id, left = based[style_id], left - 1
        made[name] = frozenset(mark for mark, is_on in said.items() if is_on)
    return made


def _put_in(root: Any, looks: Mapping[str, frozenset[str]]) -> None:
    """Give runs the formats of their styles, where they say nothing of them."""
    for paragraph in root.iter(qn("w:p")):
        outer = _style(paragraph, "w:pPr/w:pStyle", looks)
        for run in paragraph.iter(qn("w:r")):
            for mark in outer | _style(run, "w:rPr/w:rStyle", looks):
                properties = run.get_or_add_rPr()
                if properties.find(qn(mark)) is None:
                    properties.append(OxmlElement(mark))


def _style(element: Any, path: str, looks: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found = element.find("/".join(map(qn, path.split("/"))))
    return looks.get(found.get(qn("w:val"), ""), frozenset()) if found is not None else frozenset()


@dataclass(slots=True)
class _Document:
    """The grids of a document while it is walked."""

    limits: Limits
    words: list[list[Cell]] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    cells: int = 0

    def walk(self, parent: Any) -> None:
        for block in _children(parent):
            if block.tag == qn("w:p"):
                self._paragraph(block)
            elif block.tag == qn("w:tbl"):
                self._table(block)

    def _paragraph(self, paragraph: Any) -> None:
        text = text_left(_runs(paragraph))
        if text:
            self.words.append([text])
        for box in _boxes(paragraph):
            self.walk(box)

    def _table(self, table: Any) -> None:
        crossed, struck = dict[tuple[int, int], str](), set[tuple[int, int]]()
        grid = Grid(TABLE.format(len(self.tables) + 1), [])
        self.tables.append(grid)
        place = len(self.tables) - 1
        self.words.append(["", grid.name])
        inside: list[Any] = []
        for row in _children(table):
            if row.tag != qn("w:tr") or row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                continue
            cells: list[Cell] = [""] * self._count(row.find(qn("w:trPr")), "w:gridBefore", grid)
            for cell in _children(row):
                if cell.tag != qn("w:tc"):
                    continue
                text, left = ("", "") if _continues(cell) else _cell_text(cell)
                if left != text and left:
                    crossed[len(grid.rows), len(cells)] = left
                elif left != text:
                    struck.add((len(grid.rows), len(cells)))
                width = self._count(cell.find(qn("w:tcPr")), "w:gridSpan", grid) or 1
                cells += [text, *([""] * (width - 1))]
                self._room(width, grid)
                inside += [block for block in _children(cell) if block.tag == qn("w:tbl")]
            self._room(1, grid)
            grid.rows.append(cells)
        if crossed or struck:
            facts = SheetFacts(crossed=Crossed(frozenset(struck), crossed))
            self.tables[place] = without_crossed(replace(grid, facts=facts))
        for nested in inside:
            self._table(nested)

    def _count(self, properties: Any, name: str, grid: Grid) -> int:
        """A count among the properties of a row or cell, 0 when it is not given."""
        found = properties.find(qn(name)) if properties is not None else None
        given = found.get(qn("w:val"), "0") if found is not None else "0"
        count = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        if self.cells + count > self.limits.cells:
            raise Refused("too_many_cells", unreadable=True, detail=grid.name)
        return count

    def _room(self, more: int, grid: Grid) -> None:
        self.cells += more
        if self.cells > self.limits.cells:
            raise Refused("too_many_cells", unreadable=True, detail=grid.name)


def _children(parent: Any) -> Iterator[Any]:
    """The blocks, rows or cells in an element, those in content controls and insertions too."""
    for child in parent:
        if child.tag in _SEEN_THROUGH:
            yield from _children(child)
        elif isinstance(child.tag, str):
            yield child


def _continues(cell: Any) -> bool:
    """Whether a cell is the lower part of one that was merged downwards."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val")) != "restart"


def _cell_text(cell: Any) -> tuple[str, str]:
    """The text of a cell, and what is left of it when nothing struck out or raised is read."""
    paragraphs = [list(_runs(block)) for block in _children(cell) if block.tag == qn("w:p")]
    full = ("".join(run.text for run in runs).strip() for runs in paragraphs)
    return _lines(full), _lines(map(text_left, paragraphs))


def _lines(paragraphs: Iterable[str]) -> str:
    return "\n".join(text for text in paragraphs if text)


def _runs(parent: Any, *, struck: bool = False, raised: bool = False) -> Iterator[TextRun]:
    for child in parent:
        tag = child.tag
        if tag in _GONE or tag in (_FALLBACK, _BOX) or not isinstance(tag, str):
            continue
        if tag == qn("w:t"):
            yield TextRun(child.text or "", struck, raised)
        elif tag in _BREAKS:
            yield TextRun(_BREAKS[tag], struck, raised)
        elif tag != qn("w:r"):
            yield from _runs(child, struck=struck, raised=raised)
        elif not _has(child, "w:vanish"):
            crossed = _has(child, "w:strike") or _has(child, "w:dstrike")
            place = child.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
            lifted = child.find(f"{qn('w:rPr')}/{qn('w:position')}")
            off_line = (place is not None and place.get(qn("w:val")) in RAISED) or (
                lifted is not None and lifted.get(qn("w:val"), "0") != "0"
            )
            yield from _runs(child, struck=crossed, raised=off_line)


def _has(run: Any, format_name: str) -> bool:
    """Whether a run has a format that is on or off."""
    mark = run.find(f"{qn('w:rPr')}/{qn(format_name)}")
    return mark is not None and mark.get(qn("w:val"), "1") not in _OFF


def _boxes(parent: Any) -> Iterator[Any]:
    """Text boxes of a paragraph, each once."""
    for child in parent:
        if child.tag == _BOX:
            yield child
        elif child.tag != _FALLBACK and child.tag not in _GONE:
            yield from _boxes(child)


_REPORT = "báo cáo"
_BEGINNING = (
    *("thông tư", "nghị định", "quyết định", "nghị quyết", "luật", "pháp lệnh", "chỉ thị"),
    *("hướng dẫn", _REPORT),
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
    "BC": _REPORT,
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
        if kind == _REPORT:
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
