"""Write the letter that asks a unit to correct its returns (đề nghị chỉnh sửa số liệu).

The official layout is that of the reminder letter; a table says what is to be corrected and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from docx.document import Document as WordDocument

from consolidate.definitions.catalogue import text
from consolidate.model.text import format_day
from consolidate.reports.authority import Authority
from consolidate.reports.official_page import (
    body,
    document_bytes,
    listed,
    mark_pages,
    new_document,
    write_head,
    write_signature,
)
from consolidate.xlsx.patch.correction_lines import CorrectionLine

MOST_LISTED = 40
"""Findings of a return that the letter names; all of them stand in the file that goes with it."""
_COLUMNS = {"number": 11.0, "severity": 21.0, "place": 34.0, "found": 30.0, "message": 69.0}
_CENTRED = ("number", "severity", "place")


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
    document = new_document(text("correction.title"), agency)
    mark_pages(document, mark)
    reports = text("letter.and").join(dict.fromkeys(item.report for item in letter.returns))
    about = text("correction.about", reports=reports)
    write_head(document, about, letter.unit, authority)
    said = {"agency": agency, "unit": letter.unit, "reports": reports}
    basis = text("letter.bases", bases="; ".join(letter.bases)) if letter.bases else ""
    opening = text("correction.opening", basis=basis, **said)
    body(document, f"{opening[0].upper()}{opening[1:]}", keep=True)
    for item in letter.returns:
        _return(document, item, alone=len(letter.returns) == 1)
    day = format_day(letter.due)
    until = text("correction.until", day=day) if day else text("correction.until_blank")
    request = text("correction.request", agency=agency, unit=letter.unit, until=until)
    # The signature never stands alone on a page.
    for line in (request, text("letter.closing")):
        body(document, line, keep=True)
    write_signature(document, authority)
    return document_bytes(document)


def _return(document: WordDocument, item: ToCorrect, *, alone: bool) -> None:
    if not alone:
        body(document, text("correction.report", report=item.report, file=item.file), keep=True)
    if item.reason:
        said = text("correction.reason", file=item.file, reason=item.reason)
        body(document, said, keep=bool(item.lines))
    if item.lines:
        _table(document, item.lines[:MOST_LISTED])
    rest = len(item.lines) - MOST_LISTED
    if rest > 0:
        body(document, text("correction.more", count=rest))
    if item.enclosed:
        key = "correction.enclosed" if item.marked else "correction.enclosed_list"
        body(document, text(key, file=item.enclosed))


def _table(document: WordDocument, lines: tuple[CorrectionLine, ...]) -> None:
    """What is to be corrected, a row per finding, below a heading that every page repeats."""
    rows = [[(_content(line, name),) for name in _COLUMNS] for line in lines]
    titles = {name: text(f"correction.column.{name}") for name in _COLUMNS}
    listed(document, _COLUMNS, titles, rows, centred=_CENTRED)


def _content(line: CorrectionLine, name: str) -> str:
    match name:
        case "number":
            return str(line.number)
        case "severity":
            return line.word
        case "place":
            return text("correction.place", sheet=line.sheet, cells=line.address).strip(" ,")
        case "found":
            return line.found
        case _:
            return line.message
