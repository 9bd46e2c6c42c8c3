"""An engine for xlwings over openpyxl: handlers run as in Excel, on files, without Excel.

Whatever is not written here raises NotImplementedError from xlwings' base classes: a handler that
uses something else fails instead of passing. Faithful where it matters: numbers come back as
floats, text that looks like a number or a formula becomes one unless an apostrophe or the format
``@`` says otherwise, locked sheets refuse colours, a locked structure refuses sheets.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.workbook.protection import WorkbookProtection
from xlwings import base_classes as base

from tests.addin.engines.area import ExcelError, allowed_name
from tests.addin.engines.cells import Range


class Engine:
    """The engine itself."""

    name, type = "openpyxl", "desktop"

    def __init__(self) -> None:
        self.apps = Apps()

    @staticmethod
    def clean_value_data(data: Any, *_: Any) -> Any:
        return [[None if value == "" else value for value in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(value: Any, _: Any) -> Any:
        return value


class Apps(base.Apps):
    def __init__(self) -> None:
        self.running: list[App] = []

    def add(self, spec=None, add_book=None, xl=None, visible=None):
        self.running.insert(0, App())
        return self.running[0]

    def keys(self):
        return [app.pid for app in self.running]

    def __iter__(self):
        return iter(self.running)

    def __len__(self):
        return len(self.running)

    def __getitem__(self, pid):
        return next(app for app in self.running if app.pid == pid)


class App(base.App):
    """A running Excel that records its alerts and answers questions from ``answers``."""

    pid = books = hwnd = None
    visible = screen_updating = display_alerts = True
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.pid = next(self._numbers)
        self.hwnd = 1000 + self.pid
        self.books = Books(self)
        self.alerts: list[str] = []
        self.answers: list[str] = []
        self.statuses: list[Any] = []
        self.selected: Range | None = None

    @property
    def engine(self):
        return ENGINE

    def activate(self, steal_focus=False):
        pass

    @property
    def status_bar(self):
        return self.statuses[-1] if self.statuses else False

    @status_bar.setter
    def status_bar(self, value):
        self.statuses.append(value)

    @property
    def selection(self):
        return self.selected

    def alert(self, prompt, title, buttons, mode, callback):
        self.alerts.append(prompt)
        return "ok" if buttons == "ok" else self.answers.pop(0)


class Books(base.Books):
    def __init__(self, app: App) -> None:
        self.app = app
        self.open_books: list[Book] = []

    @property
    def active(self):
        return self.open_books[-1]

    def add(self):
        return self._opened(Book(self, openpyxl.Workbook(), None, read_only=False))

    def open(self, fullname, update_links=None, read_only=None, *_: Any):
        path = Path(fullname)
        book = openpyxl.load_workbook(path)
        return self._opened(Book(self, book, path, read_only=bool(read_only)))

    def _opened(self, book: Book) -> Book:
        self.open_books.append(book)
        return book

    def __len__(self):
        return len(self.open_books)

    def __iter__(self):
        return iter(self.open_books)

    def __call__(self, key):
        if isinstance(key, int):
            return self.open_books[key - 1]
        for book in self.open_books:
            if book.name.casefold() == key.casefold():
                return book
        raise KeyError(key)


class Book(base.Book):
    api = None

    def __init__(self, books: Books, book: Any, path: Path | None, *, read_only: bool) -> None:
        self.books, self.api, self.path, self.read_only = books, book, path, read_only

    @property
    def name(self):
        return self.path.name if self.path else "Book1"

    @property
    def fullname(self):
        return str(self.path) if self.path else self.name

    @property
    def app(self):
        return self.books.app

    @property
    def sheets(self):
        return Sheets(self)

    def activate(self):
        self.books.open_books.remove(self)
        self.books.open_books.append(self)

    def close(self):
        self.books.open_books.remove(self)

    def save(self, path=None, password=None):
        if self.path is not None or path is None:
            raise ExcelError("a button must not save a workbook of the person")
        self.save_copy(Path(path))
        self.path = Path(path)

    def lock(self, password: str = "") -> None:
        """Lock the structure of the workbook: sheets stay as and where they are."""
        security = WorkbookProtection(lockStructure=True)
        if password:
            security.workbookPassword = password
        self.api.security = security

    @property
    def locked(self) -> bool:
        """Whether sheets may not be added, deleted and renamed."""
        return bool(self.api.security is not None and self.api.security.lockStructure)

    def unlock(self) -> bool:
        """Unlock the structure if no password is needed; tell whether it is unlocked."""
        if self.locked and self.api.security.workbookPassword is None:
            self.api.security.lockStructure = False
        return not self.locked

    def save_copy(self, path: Path) -> None:
        """Write the workbook as it stands to a file, as Excel's SaveCopyAs does."""
        self.api.save(path)


class Sheets(base.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def active(self):
        return Sheet(self.book, self.book.api.active)

    def __len__(self):
        return len(self.book.api.worksheets)

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, sheet) for sheet in self.book.api.worksheets)

    def __contains__(self, name):
        return name.casefold() in (sheet.title.casefold() for sheet in self.book.api.worksheets)

    def __call__(self, key):
        if isinstance(key, int):
            return Sheet(self.book, self.book.api.worksheets[key - 1])
        for sheet in self.book.api.worksheets:
            if sheet.title.casefold() == key.casefold():
                return Sheet(self.book, sheet)
        raise KeyError(key)

    def add(self, before=None, after=None, name=None):
        if self.book.locked:
            raise ExcelError("the structure of the workbook is locked")
        index = after.index if after is not None else len(self)
        return Sheet(self.book, self.book.api.create_sheet(index=index, title=name))


class Sheet(base.Sheet):
    book = api = None

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.api = book, sheet

    @property
    def index(self):
        return self.book.api.worksheets.index(self.api) + 1

    @property
    def name(self):
        return self.api.title

    @name.setter
    def name(self, value):
        self.api.title = allowed_name(value)

    def range(self, arg1, arg2=None):
        return Range(self, arg1, arg2)

    @property
    def used_range(self):
        sheet = self.api
        first, last = (sheet.min_row, sheet.min_column), (sheet.max_row, sheet.max_column)
        return Range(self, first, last)

    def activate(self):
        if self.api.sheet_state != "visible":
            raise ExcelError("a hidden sheet cannot be activated")
        self.book.api.active = self.api
        self.book.activate()

    def clear(self):
        self.used_range.clear()

    def formulas(self) -> list[str]:
        """Addresses of the cells that hold formulas."""
        cells = (cell for row in self.api.iter_rows() for cell in row)
        return [cell.coordinate for cell in cells if cell.data_type == "f"]


Book.colourable = True
ENGINE = Engine()


def installed() -> xw.App:
    """Make this the active engine, with one Excel in which nothing is open."""
    if ENGINE.name not in [engine.name for engine in xw.engines]:
        xw.engines.add(xw.Engine(impl=ENGINE))
    xw.engines[ENGINE.name].activate()
    ENGINE.apps.running.clear()
    return xw.App(add_book=False)
