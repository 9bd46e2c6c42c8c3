"""Workbooks in Excel by their path: opened, and closed to be written anew, with consent only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import xlwings as xw

from addin.session import Session
from consolidate.definitions.catalogue import text
from consolidate.model.errors import UserError
from consolidate.model.reasons import because


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
    """The open workbook of a name; Excel opens no two of the same."""
    for book in app.books:
        if book.name.casefold() == name.casefold():
            return book
    return None


class Replaced:
    """Closes a workbook so that its file can be written anew; opens it again if that fails."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._closed: Path | None = None

    def close(self, path: Path) -> bool:
        """Whether the workbook is not open (any more): the person is asked, nothing is saved."""
        book = named(self._session.app, path.name)
        if book is None:
            return True
        if not self._session.ask(text("addin.merge.open", file=path.name)):
            return False
        was = Path(book.fullname)
        book.close()
        self._closed = was
        return True

    def bring_back(self) -> None:
        """Open what was closed again, as it is on disk."""
        if self._closed is not None and self._closed.is_file():
            with contextlib.suppress(Exception):  # What went wrong before is what has to be said.
                self._session.app.books.open(str(self._closed))


@contextlib.contextmanager
def replacing(session: Session) -> Iterator[Replaced]:
    """While a workbook is written anew; one that was closed for it is not lost by a failure."""
    replaced = Replaced(session)
    try:
        yield replaced
    except BaseException:
        replaced.bring_back()
        raise
