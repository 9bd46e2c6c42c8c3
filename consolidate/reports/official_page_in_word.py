"""Lay out official letters in Word: page, head with motto and number, tables, signature.

Nghị định 30/2020/NĐ-CP, Phụ lục I: margins of 20–25 mm above and below, 30–35 mm left, 15–20 mm
right; page numbers in the middle of the upper margin, none on the first page. Head and signature
are those of sample 1.5; number, place and day of signing are left to be filled in by hand.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from consolidate.definitions.catalogue import text
from consolidate.model.text import tidy
from consolidate.reports.letterhead import Authority
from consolidate.xlsx.write.atomic_files import CREATED, zip_entry
from consolidate.xlsx.write.form_styles import FONT
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.text_sizes import text_width

TEXT_SIZE = 14
"""Font size of the body, in points (13 or 14)."""
TABLE_SIZE = 12
"""Font size of tables, in points."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 15.0, 20.0, 20.0
_RULE_SIZE = 1

LEFT = WD_ALIGN_PARAGRAPH.LEFT
CENTER = WD_ALIGN_PARAGRAPH.CENTER
JUSTIFY = WD_ALIGN_PARAGRAPH.JUSTIFY


def new_document(title: str, author: str) -> WordDocument:
    """Make an empty page that depends neither on the clock nor on who runs the program."""
    document = Document()
    section: Any = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(_LEFT), Mm(_RIGHT)
    section.top_margin, section.bottom_margin = Mm(_TOP), Mm(_BOTTOM)
    section.header_distance = section.footer_distance = Mm(10)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(TEXT_SIZE)
    set_font(style.element.rPr.rFonts)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.rPr.append(language)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    style.paragraph_format.widow_control = True
    section.different_first_page_header_footer = True
    header = section.header.paragraphs[0]
    header.alignment = CENTER
    for kind in ("begin", "PAGE", "separate", "end"):
        run = header.add_run()
        run.font.size = Pt(TEXT_SIZE)
        field = OxmlElement("w:instrText" if kind == "PAGE" else "w:fldChar")
        if kind == "PAGE":
            field.set(qn("xml:space"), "preserve")
            field.text = kind
        else:
            field.set(qn("w:fldCharType"), kind)
        run._r.append(field)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by = clean(title), clean(author), ""
    facts.comments, facts.keywords, facts.subject = "", "", ""
    facts.created = facts.modified = CREATED
    facts.revision = 1
    facts.language = "vi-VN"
    return document


def set_font(fonts: Any) -> None:
    """Set the font of official documents for every script of a style (its ``w:rFonts``)."""
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
        fonts.attrib.pop(qn(f"w:{script}Theme"), None)


def mark_pages(document: WordDocument, mark: str) -> None:
    """Put a mark of confidentiality on top of every page, where no header says it yet.

    ``""`` is none. The headers of other pages and of the first one are told apart.
    """
    if not mark:
        return
    for section in document.sections:
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        for header in headers:
            if any(mark.upper() in paragraph.text for paragraph in header.paragraphs):
                continue
            first = header.paragraphs[0]
            shown = first.insert_paragraph_before() if first.runs else first
            write(shown, mark.upper(), bold=True)


def write(
    paragraph: Paragraph,
    content: str,
    *,
    size: float = TEXT_SIZE,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = LEFT,
) -> Paragraph:
    """Add text to a paragraph: as one line, without characters that a file cannot keep."""
    run = paragraph.add_run(clean(tidy(content)))
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    paragraph.alignment = align
    return paragraph


def body(document: WordDocument, content: str, *, keep: bool = False) -> Paragraph:
    """Add a paragraph of the body: justified, first line indented, 6 points before the next.

    ``keep`` keeps it on one page with what follows.
    """
    paragraph = write(document.add_paragraph(), content, align=JUSTIFY)
    shape = paragraph.paragraph_format
    shape.first_line_indent, shape.space_after, shape.line_spacing = Mm(12.7), Pt(6), 1.1
    shape.keep_with_next = keep
    return paragraph


def rule(cell: _Cell | WordDocument, width: float, length: float) -> None:
    """Draw a thin line in the middle of a cell or of the page; both lengths in points."""
    paragraph = cell.add_paragraph()
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Pt(max(0.0, (width - length) / 2))
    shape.space_before = Pt(3)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    paragraph.add_run().font.size = Pt(_RULE_SIZE)


def add_table(
    document: WordDocument, widths: Sequence[float], *, rows: int = 1, heading: bool = False
) -> Table:
    """Add a table with fixed column widths (millimetres) whose rows are never cut.

    With a ``heading`` it is ruled and its first row stands on every page again; without one it is
    there for its places only.
    """
    table: Table = document.add_table(rows=rows, cols=len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    if heading:
        table.style = "Table Grid"
    else:
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), "0")
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, row in enumerate(table.rows):
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if heading and number == 0:
            properties.append(OxmlElement("w:tblHeader"))
    return table


def listed(
    document: WordDocument,
    widths: Mapping[str, float],
    titles: Mapping[str, str],
    rows: Sequence[Sequence[Sequence[str]]],
    *,
    centred: Collection[str],
) -> None:
    """Add a ruled table below a heading that every page repeats, and a gap after it.

    ``widths`` (millimetres) and ``titles`` go by the names of the columns, ``centred`` are those
    with centred texts. ``rows`` have the lines of each cell.
    """
    table = add_table(document, tuple(widths.values()), rows=1 + len(rows), heading=True)
    heading, *body_rows = table.rows
    for cell, name in zip(heading.cells, widths, strict=True):
        write(cell.paragraphs[0], titles[name], size=TABLE_SIZE, bold=True, align=CENTER)
    for row, contents in zip(body_rows, rows, strict=True):
        for cell, name, lines in zip(row.cells, widths, contents, strict=True):
            for number, line in enumerate(lines):
                paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
                write(paragraph, line, size=TABLE_SIZE, align=CENTER if name in centred else LEFT)
            cell.paragraphs[0].paragraph_format.space_before = Pt(1)
            cell.paragraphs[-1].paragraph_format.space_after = Pt(1)
    document.add_paragraph().paragraph_format.line_spacing = Pt(6)


def document_bytes(document: WordDocument) -> bytes:
    """Save the document; the same document gives the same bytes."""
    # Of the library's own template: its picture, and its styles as Word 2010 kept them.
    for relations in (document.part.package.rels, document.part.rels):
        for name, item in tuple(relations.items()):
            if item.reltype.endswith(("/thumbnail", "/stylesWithEffects")):
                del relations[name]
    made = io.BytesIO()
    document.save(made)
    target = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            package.writestr(zip_entry(name), source.read(name))
    return target.getvalue()


_HEAD = (67.0, 98.0)
"""Widths of the two halves of the head, in millimetres."""
_HEAD_SIZE, _MOTTO_SIZE, _NUMBER_SIZE, _ABOUT_SIZE = 13, 14, 13, 12
_RECEIVED_SIZE, _LIST_SIZE = 12, 11
_SIGN = (75.0, 90.0)
_SIGN_LINES = 5
"""Lines of room for signature and seal; the name stands on the last one."""
POINTS = 72 / 25.4


def begin_letter(
    title: str, about: str, recipient: str, authority: Authority, mark: str
) -> WordDocument:
    """Make a letter as far as its addressee; ``mark`` is that of confidentiality, ``""`` none."""
    document = new_document(title, authority.name)
    mark_pages(document, mark)
    # Authority and nation, number and subject (``V/v …``), place and date, addressee.
    subject = write(write_names(document, authority), about, size=_ABOUT_SIZE, align=CENTER)
    subject.paragraph_format.space_before = Pt(6)
    subject.paragraph_format.left_indent = subject.paragraph_format.right_indent = Mm(3)
    to = write(document.add_paragraph(), text("letter.to", name=recipient), align=CENTER)
    to.paragraph_format.space_before = to.paragraph_format.space_after = Pt(14)
    # Between two names a long one may wrap; it stays clear of the margins.
    to.paragraph_format.left_indent = to.paragraph_format.right_indent = Mm(12.7)
    return document


def end_letter(document: WordDocument, last: str, authority: Authority) -> bytes:
    """Write the last paragraph, closing words and signature; return the bytes of the letter."""
    for line in (last, text("letter.closing")):
        body(document, line, keep=True)  # The signature never stands alone on a page.
    write_signature(document, authority)
    return document_bytes(document)


def write_names(document: WordDocument, authority: Authority) -> Paragraph:
    """Write authority and nation, number, place, date; return the empty line below the number."""
    table = add_table(document, _HEAD, rows=2)
    left, right = table.rows[0].cells
    left_width, right_width = (width * POINTS for width in _HEAD)
    write(left.paragraphs[0], authority.superior, size=_HEAD_SIZE, align=CENTER)
    agency = authority.name
    write(left.add_paragraph(), agency.upper(), size=_HEAD_SIZE, bold=True, align=CENTER)
    name = min(text_width(agency.upper(), _HEAD_SIZE, bold=True), left_width)
    rule(left, left_width, name * 0.45)
    write(right.paragraphs[0], text("letter.nation"), size=_HEAD_SIZE, bold=True, align=CENTER)
    motto = text("letter.motto")
    write(right.add_paragraph(), motto, size=_MOTTO_SIZE, bold=True, align=CENTER)
    rule(right, right_width, text_width(motto, _MOTTO_SIZE, bold=True))
    left, right = table.rows[1].cells
    write(left.paragraphs[0], text("letter.number"), size=_NUMBER_SIZE, align=CENTER)
    dated = text("letter.place", place=authority.place)
    write(right.paragraphs[0], dated, size=TEXT_SIZE, italic=True, align=CENTER)
    for cell in (left, right):
        cell.paragraphs[0].paragraph_format.space_before = Pt(8)
    below: Paragraph = left.add_paragraph()
    return below


def write_signature(
    document: WordDocument, authority: Authority, copies: Sequence[str] = ()
) -> None:
    """Write recipients on the left, who signs on the right, room for signature and seal.

    ``copies`` are the lines of the recipients, by default those of a letter.
    """
    left, right = add_table(document, _SIGN).rows[0].cells
    received = text("letter.received_by")
    write(left.paragraphs[0], received, size=_RECEIVED_SIZE, bold=True, italic=True)
    for line in copies or (text("letter.same"), text("letter.archive")):
        write(left.add_paragraph(), line, size=_LIST_SIZE)
    for number, line in enumerate(authority.chief.split("\n")):
        paragraph = right.add_paragraph() if number else right.paragraphs[0]
        write(paragraph, line, bold=True, align=CENTER)
    for _ in range(_SIGN_LINES):  # Room for signature and seal.
        below = right.add_paragraph()
    write(below, authority.signatory, bold=True, align=CENTER)
