"""Write letters to units in Word: the reminder (đôn đốc), and what is to be corrected (chỉnh sửa).

Nghị định 30/2020/NĐ-CP, Phụ lục I and sample 1.5: authority beside the name of the nation, number
and subject, place and date, addressee, body, a table of what is not in or is to be corrected,
recipients and signature. Number, place and day of signing are left to be filled in by hand. A list
with all findings goes with a letter that asks for a correction where the file cannot be marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from docx.document import Document as WordDocument

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import RETURN_SHEET
from consolidate.model.reasons import Finding
from consolidate.model.text import format_day
from consolidate.province.kept_table import KeptColumn, KeptTable, write_kept_tables
from consolidate.reports.captions import in_sentence, reports_of, status_text
from consolidate.reports.letter_plan import Letter
from consolidate.reports.letterhead import Authority
from consolidate.reports.official_page_in_word import begin_letter, body, end_letter, listed
from consolidate.rollup.timeliness import ReturnState, ReturnStatus
from consolidate.xlsx.patch.correction_lines import (
    COLUMNS,
    WIDTHS,
    CorrectionLine,
    ListHeading,
    caption,
    head_texts,
    lines_of,
)
from consolidate.xlsx.write.form_styles import COUNT_FORMAT, TEXT_FORMAT

_DUE = {"number": 11.0, "unit": 48.0, "report": 36.0, "due": 28.0, "state": 42.0}
_DUE_UNITS = {"number": 11.0, "unit": 66.0, "due": 30.0, "state": 58.0}
"""Of a branch of which one report is asked."""
_DUE_ONE = {"number": 11.0, "report": 66.0, "due": 30.0, "state": 58.0}
"""Of one unit."""
_DUE_CENTRED = ("number", "due")
_NOT_USED = (ReturnState.REJECTED, ReturnState.UNREADABLE)


def letter_bytes(letter: Letter, authority: Authority, as_of: date, mark: str = "") -> bytes:
    """Write a reminder as a .docx file; the same letter gives the same bytes.

    ``authority`` is the agency as head and signature name it, ``as_of`` the day that the states of
    the returns are of; ``mark`` is that of confidentiality, for every page, ``""`` for none.
    """
    agency, returns = authority.name, letter.returns
    # The returns in few words: PCTN 9 tháng đầu năm 2018 và CCHC quý III/2018.
    reports = text("letter.and").join(
        f"{title} {in_sentence(period)}" for title, period in reports_of(returns)
    )
    about = text("letter.about", reports=reports)
    document = begin_letter(text("letter.title"), about, letter.recipient, authority, mark)
    body(document, _opening(letter, agency, as_of), keep=True)
    finals = {each.deadline.final if each.deadline is not None else None for each in returns}
    widths = _DUE if len(reports_of(returns)) > 1 else _DUE_UNITS
    if letter.unit is not None:
        widths = _DUE_ONE
    rows = []
    for number, status in enumerate(returns, 1):
        cells = _due_cells(status, apart=len(finals) > 1) | {"number": (str(number),)}
        rows.append([cells[name] for name in widths])
    titles = {name: text(f"letter.column.{name}") for name in widths}
    listed(document, widths, titles, rows, centred=_DUE_CENTRED)
    # By when: at once, by the days in the table, or by a day that is left to be filled in.
    known = any(status.due is not None for status in returns)
    urgency = text("letter.in_time" if known else "letter.until_blank")
    if any(status.overdue for status in returns):
        urgency = text("letter.at_once")
    key = "letter.request_one" if letter.unit is not None else "letter.request"
    lines = [text(key, agency=agency, unit=letter.recipient, urgency=urgency)]
    if any(status.state in _NOT_USED for status in returns):
        lines.append(text("letter.again"))
    days = finals - {None}
    if len(finals) == 1 and days:
        lines.append(text("letter.final", day=format_day(*days)))
    elif days:
        lines.append(text("letter.finals"))
    for line in lines[:-1]:
        body(document, line)
    return end_letter(document, lines[-1], authority)


def _opening(letter: Letter, agency: str, as_of: date) -> str:
    numbers = dict.fromkeys(
        status.deadline.letter for status in letter.returns if status.deadline is not None
    )
    # A calendar often holds the bare number of a document: 123/TTT.
    cited = [
        text("letter.numbered", number=number) if number[0].isdigit() else number
        for number in numbers
        if number and number not in letter.bases
    ]
    basis = text("letter.bases", bases="; ".join(letter.bases)) if letter.bases else ""
    basis += text("letter.basis", letters=text("letter.and").join(cited)) if cited else ""
    titles: dict[str, None] = {}
    for status in letter.returns:
        form, period = " ".join(status.template.title).lower(), in_sentence(status.period)
        titles[text("letter.report", title=form, period=period)] = None
    key = "letter.opening_one" if letter.unit is not None else "letter.opening"
    who = {"agency": agency, "unit": letter.recipient, "day": format_day(as_of)}
    opening = text(key, basis=basis, reports=text("letter.and").join(titles), **who)
    return f"{opening[0].upper()}{opening[1:]}"


def _due_cells(status: ReturnStatus, *, apart: bool) -> dict[str, tuple[str, ...]]:
    """The lines of each cell of a return; final dates that differ stand below due dates."""
    final = status.deadline.final if status.deadline is not None else None
    due: tuple[str, ...] = (format_day(status.due) or "–",)
    if apart and final is not None and final != status.due:
        due = (*due, text("letter.column.final", day=format_day(final)))
    return {
        "unit": (status.unit.name,),
        "report": (f"{status.template.short_title} {in_sentence(status.period)}",),
        "due": due,
        "state": (status_text(status),),
    }


MOST_LISTED = 40
"""Findings of a return that the letter names; all of them stand in the file that goes with it."""
_WRONG = {"number": 11.0, "severity": 21.0, "place": 34.0, "found": 30.0, "message": 69.0}
_WRONG_CENTRED = ("number", "severity", "place")
_LIST_CENTRED = ("number", "severity", "sheet", "cell")


@dataclass(frozen=True, slots=True)
class ToCorrect:
    """A return that a unit is to send again.

    ``report`` names form and period (``PCTN 9 tháng đầu năm 2018``), ``file`` is the file that the
    unit sent, ``reason`` why it does not count (``""`` if it does), ``enclosed`` the name of the
    file that goes with the letter, ``""`` for none; ``marked`` says that it is a marked copy.
    """

    report: str
    file: str
    reason: str
    lines: tuple[CorrectionLine, ...]
    enclosed: str
    marked: bool = True


@dataclass(frozen=True, slots=True)
class CorrectionLetter:
    """A letter to ``unit`` about its returns; ``due`` is the day that a calendar sets.

    ``bases`` are the legal bases of its forms.
    """

    unit: str
    returns: tuple[ToCorrect, ...]
    due: date | None = None
    bases: tuple[str, ...] = ()


def correction_letter_bytes(
    letter: CorrectionLetter, authority: Authority, mark: str = ""
) -> bytes:
    """Write a letter as a .docx file; the same letter gives the same bytes.

    ``authority`` is the agency of the letter as its head and signature name it; ``mark`` is that of
    confidentiality, for every page.
    """
    agency = authority.name
    reports = text("letter.and").join(dict.fromkeys(item.report for item in letter.returns))
    about = text("correction.about", reports=reports)
    document = begin_letter(text("correction.title"), about, letter.unit, authority, mark)
    said = {"agency": agency, "unit": letter.unit, "reports": reports}
    basis = text("letter.bases", bases="; ".join(letter.bases)) if letter.bases else ""
    opening = text("correction.opening", basis=basis, **said)
    body(document, f"{opening[0].upper()}{opening[1:]}", keep=True)
    for item in letter.returns:
        _return(document, item, alone=len(letter.returns) == 1)
    day = format_day(letter.due)
    until = text("correction.until", day=day) if day else text("correction.until_blank")
    request = text("correction.request", agency=agency, unit=letter.unit, until=until)
    return end_letter(document, request, authority)


def _return(document: WordDocument, item: ToCorrect, *, alone: bool) -> None:
    if not alone:
        body(document, text("correction.report", report=item.report, file=item.file), keep=True)
    if item.reason:
        why = text("correction.reason", file=item.file, reason=item.reason)
        body(document, why, keep=bool(item.lines))
    if item.lines:
        rows = []
        for line in item.lines[:MOST_LISTED]:
            place = text("correction.place", sheet=line.sheet, cells=line.address).strip(" ,")
            told = (str(line.number), line.word, place, line.found, line.message)
            rows.append([(said,) for said in told])
        titles = {name: text(f"correction.column.{name}") for name in _WRONG}
        listed(document, _WRONG, titles, rows, centred=_WRONG_CENTRED)
    rest = len(item.lines) - MOST_LISTED
    if rest > 0:
        body(document, text("correction.more", count=rest))
    if item.enclosed:
        key = "correction.enclosed" if item.marked else "correction.enclosed_list"
        body(document, text(key, file=item.enclosed))


def list_workbook(findings: Iterable[Finding], heading: ListHeading) -> bytes:
    """Write the list "Cần sửa" as an .xlsx file, for a file that cannot be copied and marked.

    A4 landscape; equal findings give equal bytes.
    """
    lines = lines_of(findings)
    title, *head = head_texts(heading, lines, copy=False, left_out=0)
    columns = []
    for name, width in zip(COLUMNS, WIDTHS, strict=True):
        centred, kind = name in _LIST_CENTRED, COUNT_FORMAT if name == "number" else TEXT_FORMAT
        columns.append(KeptColumn(caption(name), round(width), "", center=centred, format=kind))
    rows: list[tuple[str | int, ...]] = [(line.number, *line.texts) for line in lines]
    guidance, made = "\n".join(head), tuple(columns)
    table = KeptTable(RETURN_SHEET, title, guidance, made, rows, blanks=0, frozen=1)
    return write_kept_tables(table)
