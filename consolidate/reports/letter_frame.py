"""Head and signature of official letters: the parts that say the same whatever a letter is about.

Nghị định 30/2020/NĐ-CP, Phụ lục I and sample 1.5. Number, place and day of signing are left to be
filled in by hand.
"""

from __future__ import annotations

from docx.document import Document as WordDocument
from docx.shared import Mm, Pt

from consolidate.definitions.catalogue import text
from consolidate.forms.measure import text_width
from consolidate.model.text import tidy
from consolidate.reports.official_page import (
    CENTER,
    TEXT_SIZE,
    add_table,
    rule,
    write,
)

_HEAD = (67.0, 98.0)
"""Widths of the two halves of the head, in millimetres."""
_HEAD_SIZE, _MOTTO_SIZE, _NUMBER_SIZE, _ABOUT_SIZE = 13, 14, 13, 12
_RECEIVED_SIZE, _LIST_SIZE = 12, 11
_SIGN = (75.0, 90.0)
_POINTS = 72 / 25.4
_CITY = "thành phố "
_PROVINCE = "tỉnh "


def own_name(agency: str, province: str) -> str:
    """The authority as a city of provincial rank calls its own: ``Thanh tra thành phố``."""
    of_city = tidy(province).casefold().startswith(_CITY)
    if of_city and agency.endswith(f" {_PROVINCE.strip()}"):
        return f"{agency.removesuffix(_PROVINCE.strip())}{_CITY.strip()}"
    return agency


def _place(province: str) -> str:
    """The place that letters of the province are dated at: its name alone."""
    name = tidy(province)
    for prefix in (_PROVINCE, _CITY):
        if name.casefold().startswith(prefix):
            return name[len(prefix) :]
    return name or text("letter.no_place")


def write_head(
    document: WordDocument, about: str, recipient: str, agency: str, province: str
) -> None:
    """Authority and nation, number and subject (``V/v …``), place and date, addressee."""
    table = add_table(document, _HEAD, rows=2)
    left, right = table.rows[0].cells
    left_width, right_width = (width * _POINTS for width in _HEAD)
    superior = text("letter.superior", province=tidy(province) or text("letter.no_province"))
    write(left.paragraphs[0], superior.upper(), size=_HEAD_SIZE, align=CENTER)
    write(left.add_paragraph(), agency.upper(), size=_HEAD_SIZE, bold=True, align=CENTER)
    name = min(text_width(agency.upper(), _HEAD_SIZE, bold=True), left_width)
    rule(left, left_width, name * 0.45)
    write(right.paragraphs[0], text("letter.nation"), size=_HEAD_SIZE, bold=True, align=CENTER)
    motto = text("letter.motto")
    write(right.add_paragraph(), motto, size=_MOTTO_SIZE, bold=True, align=CENTER)
    rule(right, right_width, text_width(motto, _MOTTO_SIZE, bold=True))
    left, right = table.rows[1].cells
    write(left.paragraphs[0], text("letter.number"), size=_NUMBER_SIZE, align=CENTER)
    subject = write(left.add_paragraph(), about, size=_ABOUT_SIZE, align=CENTER)
    subject.paragraph_format.space_before = Pt(6)
    subject.paragraph_format.left_indent = subject.paragraph_format.right_indent = Mm(3)
    dated = text("letter.place", place=_place(province))
    write(right.paragraphs[0], dated, size=TEXT_SIZE, italic=True, align=CENTER)
    for cell in (left, right):
        cell.paragraphs[0].paragraph_format.space_before = Pt(8)
    to = write(document.add_paragraph(), text("letter.to", name=recipient), align=CENTER)
    to.paragraph_format.space_before = to.paragraph_format.space_after = Pt(14)
    # Between two names a long one may wrap; it stays clear of the margins.
    to.paragraph_format.left_indent = to.paragraph_format.right_indent = Mm(12.7)


def write_signature(document: WordDocument, agency: str) -> None:
    """Recipients on the left, who signs on the right, with room for signature and seal."""
    left, right = add_table(document, _SIGN).rows[0].cells
    received = text("letter.received_by")
    write(left.paragraphs[0], received, size=_RECEIVED_SIZE, bold=True, italic=True)
    for line in (text("letter.same"), text("letter.archive")):
        write(left.add_paragraph(), line, size=_LIST_SIZE)
    first = tidy(agency).casefold()
    if first.startswith("thanh tra"):
        chief = text("letter.chief_thanh_tra")
    elif first.startswith("sở "):
        chief = text("letter.chief_so")
    else:
        chief = text("letter.chief")
    write(right.paragraphs[0], chief, bold=True, align=CENTER)
    for _ in range(5):  # Room for signature and seal; the name is typed below it.
        right.add_paragraph()
