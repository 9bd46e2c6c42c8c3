"""The reminder letter (công văn đôn đốc) as a Word document in the official layout.

Nghị định 30/2020/NĐ-CP, Phụ lục I and sample 1.5: authority beside the name of the nation, number
and subject, place and date, addressee, body, a table of what is not in, recipients and signature.
Number, place and day of signing are left to be filled in by hand.
"""

from __future__ import annotations

from datetime import date

from docx.document import Document as WordDocument
from docx.shared import Mm, Pt
from docx.table import _Cell

from consolidate.definitions.catalogue import text
from consolidate.forms.measure import text_width
from consolidate.model.text import tidy
from consolidate.reports.letter_plan import Letter
from consolidate.reports.official_page import (
    CENTER,
    LEFT,
    TABLE_SIZE,
    TEXT_SIZE,
    add_table,
    body,
    document_bytes,
    new_document,
    rule,
    write,
)
from consolidate.reports.progress import in_sentence, reports_of, said, shown_day
from consolidate.rollup.timeliness import ReturnState, ReturnStatus

_HEAD = (67.0, 98.0)
"""Widths of the two halves of the head, in millimetres."""
_HEAD_SIZE, _MOTTO_SIZE, _NUMBER_SIZE, _ABOUT_SIZE = 13, 14, 13, 12
_RECEIVED_SIZE, _LIST_SIZE = 12, 11
_SIGN = (75.0, 90.0)
_COLUMNS = {"number": 11.0, "unit": 48.0, "report": 36.0, "due": 28.0, "state": 42.0}
_COLUMNS_UNITS = {"number": 11.0, "unit": 66.0, "due": 30.0, "state": 58.0}
"""Of a branch of which one report is asked."""
_COLUMNS_ONE = {"number": 11.0, "report": 66.0, "due": 30.0, "state": 58.0}
"""Of one unit."""
_CENTRED = ("number", "due")
_NOT_USED = (ReturnState.REJECTED, ReturnState.UNREADABLE)
_POINTS = 72 / 25.4
_CITY = "thành phố "
_PROVINCE = "tỉnh "


def letter_bytes(letter: Letter, province: str, as_of: date) -> bytes:
    """A letter as the bytes of a .docx file; the same letter gives the same bytes.

    Args:
        letter: from whom to whom about what (:func:`consolidate.reports.letter_plan.plan_letters`).
        province: name of the province (``Tỉnh Quảng Ngãi``), ``""`` when nobody said it.
        as_of: the day that the states of the returns are of.
    """
    agency = _own(letter.agency, province)
    document = new_document(text("letter.title"), agency)
    _head(document, letter, agency, province)
    to = write(document.add_paragraph(), text("letter.to", name=letter.recipient), align=CENTER)
    to.paragraph_format.space_before = to.paragraph_format.space_after = Pt(14)
    # Between two names a long one may wrap; it stays clear of the margins.
    to.paragraph_format.left_indent = to.paragraph_format.right_indent = Mm(12.7)
    for line in _before(letter, agency, as_of):
        body(document, line, keep=True)
    _table(document, letter)
    gap = document.add_paragraph()
    gap.paragraph_format.line_spacing = Pt(6)
    *first, last = _after(letter, agency)
    for line in first:
        body(document, line)
    # The signature never stands alone on a page.
    for line in (last, text("letter.closing")):
        body(document, line, keep=True)
    _signature(document, agency)
    return document_bytes(document)


def _own(agency: str, province: str) -> str:
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


def _head(document: WordDocument, letter: Letter, agency: str, province: str) -> None:
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
    about = text("letter.about", reports=_subject(letter))
    subject = write(left.add_paragraph(), about, size=_ABOUT_SIZE, align=CENTER)
    subject.paragraph_format.space_before = Pt(6)
    subject.paragraph_format.left_indent = subject.paragraph_format.right_indent = Mm(3)
    dated = text("letter.place", place=_place(province))
    write(right.paragraphs[0], dated, size=TEXT_SIZE, italic=True, align=CENTER)
    for cell in (left, right):
        cell.paragraphs[0].paragraph_format.space_before = Pt(8)


def _subject(letter: Letter) -> str:
    """The returns in few words: ``PCTN 9 tháng đầu năm 2018 và CCHC quý III/2018``."""
    return text("letter.and").join(
        f"{title} {in_sentence(period)}" for title, period in reports_of(letter.returns)
    )


def _before(letter: Letter, agency: str, as_of: date) -> tuple[str, ...]:
    numbers = dict.fromkeys(
        status.deadline.letter for status in letter.returns if status.deadline is not None
    )
    letters = text("letter.and").join(number for number in numbers if number)
    titles = dict.fromkeys(
        text(
            "letter.report",
            title=" ".join(status.template.title).lower(),
            period=in_sentence(status.period),
        )
        for status in letter.returns
    )
    opening = text(
        "letter.opening_one" if letter.unit is not None else "letter.opening",
        basis=text("letter.basis", letters=letters) if letters else "",
        reports=text("letter.and").join(titles),
        agency=agency,
        unit=letter.recipient,
        day=shown_day(as_of),
    )
    return (f"{opening[0].upper()}{opening[1:]}",)


def _after(letter: Letter, agency: str) -> tuple[str, ...]:
    key = "letter.request_one" if letter.unit is not None else "letter.request"
    overdue = any(status.overdue for status in letter.returns)
    urgency = text("letter.at_once" if overdue else "letter.in_time")
    lines = [text(key, agency=agency, unit=letter.recipient, urgency=urgency)]
    if any(status.state in _NOT_USED for status in letter.returns):
        lines.append(text("letter.again"))
    finals = _finals(letter)
    if len(finals) == 1 and None not in finals:
        (final,) = finals
        lines.append(text("letter.final", day=shown_day(final)))
    elif finals - {None}:
        lines.append(text("letter.finals"))
    return tuple(lines)


def _finals(letter: Letter) -> set[date | None]:
    return {s.deadline.final if s.deadline is not None else None for s in letter.returns}


def _columns(letter: Letter) -> dict[str, float]:
    """Columns of the table with their widths in millimetres."""
    if letter.unit is not None:
        return _COLUMNS_ONE
    return _COLUMNS if len(reports_of(letter.returns)) > 1 else _COLUMNS_UNITS


def _table(document: WordDocument, letter: Letter) -> None:
    """What is not in, a row per return, below a heading that every page repeats."""
    columns = _columns(letter)
    widths = tuple(columns.values())
    rows = iter(add_table(document, widths, rows=1 + len(letter.returns), heading=True).rows)
    for cell, name in zip(next(rows).cells, columns, strict=True):
        heading = text(f"letter.column.{name}")
        write(cell.paragraphs[0], heading, size=TABLE_SIZE, bold=True, align=CENTER)
    apart = len(_finals(letter)) > 1
    for number, (row, status) in enumerate(zip(rows, letter.returns, strict=True), 1):
        for cell, name in zip(row.cells, columns, strict=True):
            _fill(cell, name, _content(status, number, name, apart=apart))


def _content(status: ReturnStatus, number: int, name: str, *, apart: bool) -> tuple[str, ...]:
    """The lines of a cell; ``apart`` says that final dates differ and stand below due dates."""
    match name:
        case "number":
            return (str(number),)
        case "unit":
            return (status.unit.name,)
        case "report":
            return (f"{status.template.short_title} {in_sentence(status.period)}",)
        case "due":
            final = status.deadline.final if status.deadline is not None else None
            shown = shown_day(status.due) or "–"
            if apart and final is not None and final != status.due:
                return (shown, text("letter.column.final", day=shown_day(final)))
            return (shown,)
        case _:
            return (said(status),)


def _fill(cell: _Cell, name: str, lines: tuple[str, ...]) -> None:
    align = CENTER if name in _CENTRED else LEFT
    for number, line in enumerate(lines):
        paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
        write(paragraph, line, size=TABLE_SIZE, align=align)
    cell.paragraphs[0].paragraph_format.space_before = Pt(1)
    cell.paragraphs[-1].paragraph_format.space_after = Pt(1)


def _signature(document: WordDocument, agency: str) -> None:
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
