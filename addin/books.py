"""Workbooks open in Excel: open one, close one with consent to rewrite it, find tables in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlwings as xw

from addin.session import Session, saved_path
from consolidate.definitions.catalogue import text
from consolidate.model.reasons import UserError, because
from consolidate.xlsx.write.safe_text import clean


def opened(session: Session, path: Path, *, read_only: bool = False) -> xw.Book:
    """Open a workbook, or bring it to the front when it is open; links are not updated.

    Raises:
        UserError: another workbook of the same name is open.
    """
    try:
        book = session.app.books.open(str(path), update_links=False, read_only=read_only)
    except ValueError:
        raise UserError((because("addin.trace.same_name", file=path.name),)) from None
    book.activate()
    return book


def named(app: xw.App, name: str) -> xw.Book | None:
    """Find an open workbook by its name; Excel opens one of a name at a time."""
    for book in app.books:
        if book.name.casefold() == name.casefold():
            return book
    return None


class ReplacedBook:
    """Closes a workbook so that its file can be rewritten; opens it again if that fails."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._closed: Path | None = None

    def close(self, path: Path) -> bool:
        """Close the workbook unsaved if the person agrees; ``True`` when it is closed."""
        book = named(self._session.app, path.name)
        if book is None:
            return True
        if not self._session.ask(text("addin.merge.open", file=path.name)):
            return False
        was = saved_path(book)
        book.close()
        self._closed = was
        return True

    def bring_back(self) -> None:
        """Open the closed workbook again, as it is on disk."""
        if self._closed is not None and self._closed.is_file():
            with contextlib.suppress(Exception):  # What went wrong before is what has to be said.
                self._session.app.books.open(str(self._closed))


@contextlib.contextmanager
def replacing(session: Session) -> Iterator[ReplacedBook]:
    """Open a workbook that was closed for rewriting again if the rewriting fails."""
    replaced = ReplacedBook(session)
    try:
        yield replaced
    except BaseException:
        replaced.bring_back()
        raise


_CELL_LIMIT = 30_000

HEAD_ROWS = 12
"""Rows in which the header of a table stands."""


def find_header(sheet: xw.Sheet, titles: Sequence[str]) -> tuple[int, list[int]] | None:
    """Row of the header, and the columns of some titles (one-based); ``None`` without one."""
    block = cells(sheet, 1, 1, HEAD_ROWS, last_column(sheet))
    for number, line in enumerate(block, 1):
        if all(title in line for title in titles):
            return number, [line.index(title) + 1 for title in titles]
    return None


def lines_below(
    sheet: xw.Sheet, titles: Sequence[str], most: int | None = None
) -> list[tuple[str, ...]]:
    """List the texts of some columns below the header of their titles; none without a header.

    All in one call to Excel; a call for every row would take seconds. ``most`` are the rows read.
    """
    header = find_header(sheet, titles)
    row, columns = header or (0, [0])
    last = last_row(sheet) if most is None else min(last_row(sheet), row + most)
    if header is None or last <= row:
        return []
    first = min(columns)
    block = cells(sheet, row + 1, first, last, max(columns))
    return [tuple(str(line[at - first] or "") for at in columns) for line in block]


def line_at(sheet: xw.Sheet, titles: Sequence[str], row: int) -> tuple[str, ...] | None:
    """Read some columns in a row; ``None`` where it is not below the header of their titles."""
    header = find_header(sheet, titles)
    if header is None or row <= header[0]:
        return None
    return tuple(str(sheet.range((row, column)).value or "") for column in header[1])


def cells(sheet: xw.Sheet, top: int, left: int, bottom: int, right: int) -> list[list[Any]]:
    """Return the values of a block, row by row; corners are one-based and belong to it."""
    block: list[list[Any]] = sheet.range((top, left), (bottom, right)).options(ndim=2).value
    return block


def as_typed(value: str) -> str | None:
    """Prepare text for a cell so that Excel never takes it for a formula, number or date."""
    return f"'{clean(value)[:_CELL_LIMIT]}" if value else None


def last_row(sheet: xw.Sheet) -> int:
    """Return the last row in use."""
    used = sheet.used_range
    return int(used.row + used.shape[0] - 1)


def last_column(sheet: xw.Sheet) -> int:
    """Return the last column in use."""
    used = sheet.used_range
    return int(used.column + used.shape[1] - 1)
