"""The button "Kiểm tra sổ đang mở": findings on a sheet of the workbook, cells coloured."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import xlwings as xw

from addin.listing import (
    Colour,
    Row,
    Tint,
    find_listing,
    new_listing,
    read_listing,
    rows_of,
    write_listing,
)
from addin.session import Session, saved_path, taken_copy
from addin.summaries import summary_in_front
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import CellRef
from consolidate.model.errors import UserError
from consolidate.model.findings import Finding, Severity
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading

MOST_COLOURED = 1_000
"""Cells that are coloured at most: each is a call to Excel."""
_FILLS: dict[Severity, Colour] = {
    Severity.ERROR: (255, 199, 206),
    Severity.WARNING: (255, 235, 156),
}


def check_book(session: Session) -> str | None:
    """Check the active workbook as it stands, list the findings in it and colour the cells."""
    book = session.book()
    reading, saved = _reading(session, book)
    if reading.content is None:
        if summary_in_front(session) is not None:
            raise UserError((because("addin.check.summary", file=book.name),))
        raise UserError((because("addin.check.unreadable", file=book.name, reason=reading.reason),))
    listing = find_listing(book)
    findings = reading.findings
    if listing is not None:
        _restore(book, read_listing(listing))
        # Our own sheet is no sheet of the form; that is no news to whoever pressed the button.
        findings = tuple(finding for finding in findings if finding.sheet != listing.name)
    rows, failed = _coloured(book, findings)
    counts = Counter(finding.severity for finding in findings)
    summary = text(
        "addin.check.counts",
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.INFO],
    )
    listed = _listed(book, listing, summary, rows)
    notes = [summary]
    if not listed:
        notes.append(text("addin.check.not_listed"))
        notes += [f"{row.sheet} {row.address}: {row.message}" for row in rows[:10]]
    if failed:
        notes.append(text("addin.check.not_coloured", count=failed))
    if saved:
        notes.append(text("addin.check.saved_only"))
    if not findings:
        notes.append(text("addin.check.clean"))
    if len(notes) > 1:
        session.say("\n".join(notes))
    return summary


def _reading(session: Session, book: xw.Book) -> tuple[FileReading, bool]:
    """What the workbook says, and whether only its saved state could be looked at."""
    copy = taken_copy(session)
    if copy is not None:
        return check_bytes(shipped_library(), book.name, copy), False
    path = saved_path(book)
    if path is None:
        raise UserError((because("addin.check.save_first"),))
    return check_bytes(shipped_library(), book.name, path.read_bytes()), True


def _coloured(book: xw.Book, findings: Iterable[Finding]) -> tuple[list[Row], int]:
    """The rows to list, with the colours that cells had; and the cells that refused a colour."""
    findings = list(findings)
    tints: list[tuple[Tint, ...]] = []
    done: set[CellRef] = set()
    failed = 0
    # Findings stand worst first: a cell keeps the colour of the worst one about it.
    for finding in findings:
        own = []
        fill = _FILLS.get(finding.severity)
        for cell in finding.cells if fill is not None else ():
            if cell in done:
                continue
            if len(done) == MOST_COLOURED:
                break
            done.add(cell)
            try:
                target = book.sheets[cell.sheet].range(cell.a1)
                before = target.color
                target.color = fill
            except Exception:  # Excel's own errors: a sheet that is locked with a password
                failed += 1
            else:
                own.append(Tint(cell, before))
        tints.append(tuple(own))
    rows = rows_of(findings)
    return [replace(row, tints=own) for row, own in zip(rows, tints, strict=True)], failed


def _restore(book: xw.Book, rows: Iterable[Row]) -> None:
    """Give cells the colours back that they had before the last check."""
    for row in rows:
        for tint in row.tints[:MOST_COLOURED]:
            with contextlib.suppress(Exception):
                book.sheets[tint.cell.sheet].range(tint.cell.a1).color = tint.before


def _listed(book: xw.Book, listing: xw.Sheet | None, summary: str, rows: list[Row]) -> bool:
    """Write the sheet; ``False`` when the structure of the workbook is locked."""
    try:
        sheet = listing if listing is not None else new_listing(book)
        write_listing(sheet, text("addin.check.title", file=book.name), summary, rows)
        sheet.activate()
    except Exception:  # Excel's own errors, which xlwings passes on as they are
        return False
    return True
