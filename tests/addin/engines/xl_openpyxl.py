"""An engine for xlwings over openpyxl: handlers run as in Excel, on files, without Excel.

Whatever is not written here raises NotImplementedError from xlwings' base classes: a handler that
uses something else fails instead of passing. Faithful where it matters: numbers come back as
floats, text that looks like a number or a formula becomes one unless an apostrophe or the format
``@`` says otherwise, locked sheets refuse colours, a locked structure refuses sheets.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.styles import Font as XFont
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from xlwings import base_classes as base

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+(:\$?[A-Za-z]{1,3}\$?\d+)?")


class ExcelError(Exception):
    """What Excel would refuse; xlwings passes Excel's own errors on, too."""


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
    visible = screen_updating = True
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
        raise ExcelError("a button must not save a workbook of the person")


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
        if self.book.api.security is not None and self.book.api.security.lockStructure:
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
        if len(value) > 31 or re.search(r"[\\/?*\[\]:]", value):
            raise ExcelError(f"no name for a sheet: {value}")
        self.api.title = value

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


class Range(base.Range):
    row = column = shape = None

    def __init__(self, sheet: Sheet, first: Any, last: Any = None) -> None:
        self.sheet = sheet
        if isinstance(first, str):
            if not ADDRESS.fullmatch(first):
                raise ExcelError(f"no address: {first!r}")
            left, top, right, bottom = range_boundaries(first.replace("$", "").upper())
        else:
            if isinstance(first, Range):
                first = (first.row, first.column)
            if isinstance(last, Range):
                last = (last.row, last.column)
            (top, left), (bottom, right) = first, last or first
        self.row, self.column = top, left
        self.shape = (bottom - top + 1, right - left + 1)

    @property
    def coords(self):
        return (self.sheet.name, self.row, self.column, *self.shape)

    @property
    def api(self):
        return True

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def __call__(self, row, column=None):
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return Range(self.sheet, (self.row + row - 1, self.column + column - 1))

    def _cells(self) -> list[list[Any]]:
        rows = range(self.row, self.row + self.shape[0])
        columns = range(self.column, self.column + self.shape[1])
        return [[self.sheet.api.cell(row, column) for column in columns] for row in rows]

    def get_address(self, row_absolute=True, column_absolute=True, external=False):
        last = (self.row + self.shape[0] - 1, self.column + self.shape[1] - 1)
        ends = [f"${get_column_letter(c)}${r}" for r, c in ((self.row, self.column), last)]
        return ends[0] if ends[0] == ends[1] else ":".join(ends)

    @property
    def address(self):
        return self.get_address()

    @property
    def raw_value(self):
        rows = [[_read(cell) for cell in row] for row in self._cells()]
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, value):
        self._unlocked()
        for index, row in enumerate(self._cells()):
            for at, cell in enumerate(row):
                _write(cell, value[index][at] if isinstance(value, list | tuple) else value)

    def _unlocked(self):
        locked = any(cell.protection.locked for row in self._cells() for cell in row)
        if self.sheet.api.protection.sheet and locked:
            raise ExcelError(f"{self.sheet.name} is locked")

    def clear(self):
        for row in self._cells():
            for cell in row:
                cell.value = None
                cell.style = "Normal"

    @property
    def color(self):
        fill = self._cells()[0][0].fill
        if fill.fill_type != "solid":
            return None
        code = fill.fgColor.rgb
        return tuple(int(code[at : at + 2], 16) for at in (2, 4, 6))

    @color.setter
    def color(self, value):
        protection = self.sheet.api.protection
        if protection.sheet and protection.formatCells and not self.sheet.book.colourable:
            raise ExcelError(f"{self.sheet.name} is locked")
        for row in self._cells():
            for cell in row:
                code = None if value is None else f"FF{bytes(value).hex()}"
                cell.fill = PatternFill("solid", fgColor=code) if code else PatternFill()

    @property
    def column_width(self):
        raise NotImplementedError

    @column_width.setter
    def column_width(self, value):
        self.sheet.api.column_dimensions[get_column_letter(self.column)].width = value

    @property
    def column_hidden(self):
        return self.sheet.api.column_dimensions[get_column_letter(self.column)].hidden

    @column_hidden.setter
    def column_hidden(self, value):
        self.sheet.api.column_dimensions[get_column_letter(self.column)].hidden = value

    def select(self):
        if self.sheet.book.api.active is not self.sheet.api:
            raise ExcelError("only cells of the active sheet can be selected")
        self.sheet.book.app.selected = self

    @property
    def font(self):
        return Font(self)


class Font(base.Font):
    api = True

    def __init__(self, cells: Range) -> None:
        self.cells = cells

    @property
    def bold(self):
        return bool(self.cells._cells()[0][0].font.bold)

    @bold.setter
    def bold(self, value):
        for row in self.cells._cells():
            for cell in row:
                cell.font = XFont(bold=value)


def _read(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        raise NotImplementedError(f"{cell.coordinate} holds a formula that nothing calculates")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


def _write(cell: Any, value: Any) -> None:
    if type(cell).__name__ == "MergedCell":
        return
    if isinstance(value, str) and cell.number_format != "@":
        if value.startswith("'"):
            value = value[1:]
            cell.value = value
            cell.data_type = "s"
            cell.quotePrefix = True
            return
        if NUMBER.fullmatch(value.strip()):
            value = float(value)
    cell.value = value


Book.colourable = True
ENGINE = Engine()


def installed() -> xw.App:
    """Make this the active engine, with one Excel in which nothing is open."""
    if ENGINE.name not in [engine.name for engine in xw.engines]:
        xw.engines.add(xw.Engine(impl=ENGINE))
    xw.engines[ENGINE.name].activate()
    ENGINE.apps.running.clear()
    return xw.App(add_book=False)
