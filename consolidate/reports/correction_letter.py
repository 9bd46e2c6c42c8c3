"""Write the letter that asks a unit to correct its returns (đề nghị chỉnh sửa số liệu).

The official layout is that of the reminder letter; a table says what is to be corrected and where.
A list with all findings goes with it where the file itself cannot be marked.
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
from consolidate.reports.authority import Authority
from consolidate.reports.official_page import begin_letter, body, end_letter, listed
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

MOST_LISTED = 40
"""Findings of a return that the letter names; all of them stand in the file that goes with it."""
_COLUMNS = {"number": 11.0, "severity": 21.0, "place": 34.0, "found": 30.0, "message": 69.0}
_CENTRED = ("number", "severity", "place")
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
        said = text("correction.reason", file=item.file, reason=item.reason)
        body(document, said, keep=bool(item.lines))
    if item.lines:
        rows = [_row(line) for line in item.lines[:MOST_LISTED]]
        titles = {name: text(f"correction.column.{name}") for name in _COLUMNS}
        listed(document, _COLUMNS, titles, rows, centred=_CENTRED)
    rest = len(item.lines) - MOST_LISTED
    if rest > 0:
        body(document, text("correction.more", count=rest))
    if item.enclosed:
        key = "correction.enclosed" if item.marked else "correction.enclosed_list"
        body(document, text(key, file=item.enclosed))


def _row(line: CorrectionLine) -> list[tuple[str]]:
    """What is to be corrected, and where, in the order of the columns."""
    place = text("correction.place", sheet=line.sheet, cells=line.address).strip(" ,")
    return [(said,) for said in (str(line.number), line.word, place, line.found, line.message)]


def list_workbook(findings: Iterable[Finding], heading: ListHeading) -> bytes:
    """Write the list "Cần sửa" as an .xlsx file, for a file that cannot be copied and marked.

    A4 landscape; equal findings give equal bytes.
    """
    lines = lines_of(findings)
    title, *head = head_texts(heading, lines, copy=False, left_out=0)
    return write_kept_tables(
        KeptTable(
            sheet=RETURN_SHEET,
            title=title,
            guidance="\n".join(head),
            columns=tuple(
                KeptColumn(
                    caption(name),
                    round(width),
                    "",
                    center=name in _LIST_CENTRED,
                    format=COUNT_FORMAT if name == "number" else TEXT_FORMAT,
                )
                for name, width in zip(COLUMNS, WIDTHS, strict=True)
            ),
            rows=[(line.number, *line.texts) for line in lines],
            blanks=0,
            frozen=1,
        )
    )
