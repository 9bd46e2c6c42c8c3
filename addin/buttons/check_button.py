"""The button "Kiểm tra sổ đang mở": findings on a sheet of the workbook, cells coloured."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import xlwings as xw

from addin.listing import (
    FIRST_ROW,
    Colour,
    ListedFinding,
    Tint,
    find_listing,
    mark_row,
    new_listing,
    read_listing,
    rows_of,
    write_listing,
)
from addin.session import Session, saved_path, taken_copy
from addin.settings import forms_of
from addin.summaries import summary_in_front
from consolidate.actions.check import check_bytes
from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Finding, Severity, UserError, because
from consolidate.model.returns import FileReading
from consolidate.xlsx.write.files import read_bytes

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
        # Our own sheet is no sheet of the form: leave the finding about it out.
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
    """Read the workbook; tell whether only its saved state could be read."""
    path = saved_path(book)
    forms = forms_of(path)
    copy = taken_copy(session)
    if copy is not None:
        return check_bytes(forms, book.name, copy), False
    if path is None:
        raise UserError((because("addin.check.save_first"),))
    return check_bytes(forms, book.name, read_bytes(path)), True


def _coloured(book: xw.Book, findings: Iterable[Finding]) -> tuple[list[ListedFinding], int]:
    """Colour cells; return the rows to list with the colours before, and how many cells refused."""
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


def _restore(book: xw.Book, rows: Iterable[ListedFinding]) -> None:
    """Give cells the colours that they had before the last check."""
    for row in rows:
        for tint in row.tints[:MOST_COLOURED]:
            with contextlib.suppress(Exception):
                book.sheets[tint.cell.sheet].range(tint.cell.a1).color = tint.before


def _listed(
    book: xw.Book, listing: xw.Sheet | None, summary: str, rows: list[ListedFinding]
) -> bool:
    """Write the sheet; ``False`` when the structure of the workbook is locked."""
    try:
        sheet = listing if listing is not None else new_listing(book)
        write_listing(sheet, text("addin.check.title", file=book.name), summary, rows)
        sheet.activate()
    except Exception:  # Excel's own errors, which xlwings passes on as they are
        return False
    return True


def next_finding(session: Session) -> str | None:
    """Go to the finding after the current one; after the last comes the first."""
    return _walk(session, 1)


def previous_finding(session: Session) -> str | None:
    """Go to the finding before the current one; before the first comes the last."""
    return _walk(session, -1)


def _walk(session: Session, step: int) -> str | None:
    book = session.book()
    listing = find_listing(book)
    if listing is None:
        raise UserError((because("addin.walk.not_checked"),))
    rows = read_listing(listing)
    if not rows:
        raise UserError((because("addin.walk.none"),))
    current = next((index for index, row in enumerate(rows) if row.current), None)
    if current is None:
        current = -1 if step > 0 else len(rows)
    index = (current + step) % len(rows)
    mark_row(listing, index, len(rows))
    row = rows[index]
    try:
        sheet = book.sheets[row.sheet]
        target = sheet.range(row.first)
        sheet.activate()
        target.select()
    except Exception:  # about the whole file, or a sheet that is gone: show the list instead
        listing.activate()
        listing.range((FIRST_ROW + index, 1)).select()
    return text(
        "addin.walk.at",
        number=index + 1,
        count=len(rows),
        severity=row.severity,
        message=row.message,
    )
