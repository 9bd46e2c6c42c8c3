"""The button "Kiểm tra sổ đang mở": findings on a sheet of the workbook, cells coloured.

The sheet "Lỗi kiểm tra" also keeps the colours that cells had before, so that the next check gives
them back.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import xlwings as xw

from addin.session import Session, as_typed, saved_path, taken_copy
from addin.settings import forms_of
from addin.summaries import summary_in_front
from consolidate.actions.check import check_bytes
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.anchors import CHECK_SHEET, CHECK_SIGNATURE
from consolidate.model.cells import CellRef, column_letters, parse_a1
from consolidate.model.reasons import Finding, Severity, UserError
from consolidate.model.returns import FileReading
from consolidate.xlsx.write.atomic_files import read_bytes
from consolidate.xlsx.write.safe_text import sheet_name

HEADER_ROW = 4
FIRST_ROW = 5
"""One-based rows, as Excel counts."""
_COLUMNS = ("mark", "number", "severity", "sheet", "cell", "found", "expected", "message", "before")
_WIDTHS = (4, 6, 11, 14, 16, 22, 22, 90, 4)
_BEFORE_COLUMN = len(_COLUMNS)
_HEAD_COLOUR = (221, 235, 247)
_MARK = "▶"
_NO_COLOUR = "-"

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tint:
    """A cell that was coloured and the colour it had, ``None`` for none."""

    cell: CellRef
    before: Colour | None


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One listed finding as the sheet has it."""

    severity: str
    sheet: str
    address: str
    found: str
    expected: str
    message: str
    current: bool = False
    tints: tuple[Tint, ...] = field(default=())

    @property
    def first(self) -> str:
        """The first cells of the address: ``D12:F12`` of ``D12:F12, D20``."""
        return self.address.split(",")[0].strip()


def rows_of(findings: Iterable[Finding]) -> list[ListedFinding]:
    """Return the rows of some findings, in their order."""
    return [
        ListedFinding(
            severity=text(f"terms.severity.{finding.severity.value}"),
            sheet=finding.sheet or (finding.cells[0].sheet if finding.cells else ""),
            address=finding.address,
            found=sentence(finding.found),
            expected=sentence(finding.expected),
            message=sentence(finding.message),
        )
        for finding in findings
    ]


def find_listing(book: xw.Book) -> xw.Sheet | None:
    """Our sheet in a workbook, ``None`` when it was not checked yet."""
    for sheet in book.sheets:
        if sheet.name.startswith(CHECK_SHEET) and _signed(sheet):
            return sheet
    return None


def new_listing(book: xw.Book) -> xw.Sheet:
    """Add an empty sheet after the others, under a name that no other has."""
    taken = [sheet.name for sheet in book.sheets]
    name = sheet_name(CHECK_SHEET, taken)
    return book.sheets.add(name, after=book.sheets[len(taken) - 1])


def write_listing(sheet: xw.Sheet, title: str, summary: str, rows: Sequence[ListedFinding]) -> None:
    """Replace everything on the sheet."""
    sheet.clear()
    sheet.range((1, 1)).value = as_typed(title)
    sheet.range((1, 1)).font.bold = True
    sheet.range((2, 1)).value = as_typed(summary)
    sheet.range((3, 1)).value = as_typed(text("addin.check.hint"))
    names = [text(f"addin.check.column.{name}") for name in _COLUMNS[:-1]]
    header = sheet.range((HEADER_ROW, 1), (HEADER_ROW, len(_COLUMNS)))
    header.value = [[*names, CHECK_SIGNATURE]]
    header.font.bold = True
    header.color = _HEAD_COLOUR
    for column, width in enumerate(_WIDTHS, 1):
        sheet.range((1, column)).column_width = width
    sheet.range((1, _BEFORE_COLUMN)).columns.hidden = True
    if rows:
        last = (FIRST_ROW + len(rows) - 1, len(_COLUMNS))
        values = [_values(number, row) for number, row in enumerate(rows, 1)]
        listed = sheet.range((FIRST_ROW, 1), last)
        listed.value = values
        # Beside a cell that holds something a long message would be cut off.
        sheet.range((FIRST_ROW, 1), (last[0], _BEFORE_COLUMN - 1)).wrap_text = True
        listed.rows.autofit()


def read_listing(sheet: xw.Sheet) -> list[ListedFinding]:
    """Read the rows of our sheet; a person may have edited it."""
    used = sheet.used_range
    last = used.row + used.shape[0] - 1
    if last < FIRST_ROW:
        return []
    block = sheet.range((FIRST_ROW, 1), (last, len(_COLUMNS))).options(ndim=2).value
    rows = []
    for line in block:
        mark, number, severity, name, address, found, expected, message, before = (
            "" if value is None else str(value) for value in line
        )
        if not number:
            break
        tints = _tints(before)
        rows.append(
            ListedFinding(severity, name, address, found, expected, message, mark == _MARK, tints)
        )
    return rows


def mark_row(sheet: xw.Sheet, index: int, count: int) -> None:
    """Move the mark of the current finding to a row, counted from 0."""
    marks = [[_MARK if row == index else None] for row in range(count)]
    sheet.range((FIRST_ROW, 1), (FIRST_ROW + count - 1, 1)).value = marks


def _values(number: int, row: ListedFinding) -> list[Any]:
    texts = (row.severity, row.sheet, row.address, row.found, row.expected, row.message)
    tints = [
        [tint.cell.sheet, tint.cell.a1, list(tint.before) if tint.before else _NO_COLOUR]
        for tint in row.tints
    ]
    kept = json.dumps(tints, ensure_ascii=False, separators=(",", ":")) if tints else ""
    return [None, number, *map(as_typed, (*texts, kept))]


def _tints(kept: str) -> tuple[Tint, ...]:
    try:
        entries = json.loads(kept) if kept else []
        tints = []
        for sheet, address, before in entries:
            at = parse_a1(address)
            if at is not None and isinstance(sheet, str):
                tints.append(Tint(CellRef(sheet, *at), _colour(before)))
    except (ValueError, TypeError):
        return ()
    return tuple(tints)


def _colour(value: object) -> Colour | None:
    if value == _NO_COLOUR:
        return None
    if not isinstance(value, Iterable):
        raise TypeError(value)  # The caller takes it for a listing that is not ours.
    red, green, blue = (int(part) & 0xFF for part in value)
    return red, green, blue


def _signed(sheet: xw.Sheet) -> bool:
    cell = f"{column_letters(_BEFORE_COLUMN - 1)}{HEADER_ROW}"
    return bool(sheet.range(cell).value == CHECK_SIGNATURE)


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
            raise UserError.of("addin.check.summary", file=book.name)
        raise UserError.of("addin.check.unreadable", file=book.name, reason=reading.reason)
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
        raise UserError.of("addin.check.save_first")
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
        raise UserError.of("addin.walk.not_checked")
    rows = read_listing(listing)
    if not rows:
        raise UserError.of("addin.walk.none")
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
