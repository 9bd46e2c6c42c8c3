"""The sheet "Lỗi kiểm tra" of a checked workbook: its layout, writing it, reading it again.

It also keeps the colours that cells had before, so that the next check gives them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlwings as xw

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.anchors import CHECK_SHEET, CHECK_SIGNATURE
from consolidate.model.cells import CellRef, column_letters, parse_a1
from consolidate.model.reasons import Finding
from consolidate.xlsx.write.safe_text import clean, sheet_name

HEADER_ROW = 4
FIRST_ROW = 5
"""One-based rows, as Excel counts."""
_COLUMNS = ("mark", "number", "severity", "sheet", "cell", "found", "expected", "message", "before")
_WIDTHS = (4, 6, 11, 14, 16, 22, 22, 90, 4)
_BEFORE_COLUMN = len(_COLUMNS)
_HEAD_COLOUR = (221, 235, 247)
_MARK = "▶"
_NO_COLOUR = "-"
_CELL_LIMIT = 30_000

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


def as_typed(value: str) -> str | None:
    """Prepare text for a cell so that Excel never takes it for a formula, number or date."""
    return f"'{clean(value)[:_CELL_LIMIT]}" if value else None


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
