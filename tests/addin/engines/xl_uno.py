"""An engine for xlwings over a live headless LibreOffice: handlers run on a real spreadsheet.

Formulas calculate, sheets protect, hide and take selections as LibreOffice does it; where its
interface lets a program do what Excel refuses (locked cells and structures, cells of a sheet that
is not in front), the engine refuses. Whatever is not written here raises NotImplementedError.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import xlwings as xw
from xlwings import base_classes as base

from tests.addin.engines import xl_openpyxl as files
from tests.addin.engines.area import ExcelError, allowed_name
from tests.addin.engines.live_cells import Range, at
from tests.addin.engines.live_names import Names
from tests.addin.engines.office import MacroOffice

FORMULAS = 16
"""Of com.sun.star.sheet.CellFlags."""
FILTER = "Calc MS Excel 2007 XML"


class Engine(files.Engine):
    """The engine itself; ``office`` is the LibreOffice that it drives."""

    name = "libreoffice"
    office: MacroOffice | None = None

    def __init__(self) -> None:
        self.apps = Apps()


class Apps(files.Apps):
    def add(self, spec=None, add_book=None, xl=None, visible=None):
        self.running.insert(0, App())
        return self.running[0]


class App(files.App):
    """Windows of one LibreOffice; alerts, answers and the status bar are kept as on files."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books(self)

    @property
    def engine(self):
        return ENGINE

    @property
    def selection(self):
        if not len(self.books):
            return None
        book = self.books.active
        selected = book.api.CurrentController.Selection
        if selected.supportsService("com.sun.star.sheet.SheetCellRange"):
            return at(book.sheets.active, selected.RangeAddress)
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
            # Excel gives them as one range of areas, which no handler of ours is made for.
            raise NotImplementedError("several ranges are selected")
        return None

    def calculate(self):
        for book in self.books:
            book.api.calculateAll()


class Books(files.Books):
    def add(self):
        return self._opened(Book(self, ENGINE.office.created(), None))

    def open(self, fullname, update_links=None, read_only=None, *_: Any):
        path = Path(fullname)
        document = ENGINE.office.open(path, macros=False, read_only=bool(read_only))
        return self._opened(Book(self, document, path))


class Book(files.Book):
    def __init__(self, books: Books, document: Any, path: Path | None) -> None:
        super().__init__(books, document, path, read_only=document.isReadonly())
        self._formats: dict[int, Any] = {}

    @property
    def sheets(self):
        return Sheets(self)

    @property
    def names(self):
        return Names(self)

    def activate(self):
        if self.books.active is not self:
            super().activate()
            ENGINE.office.activate(self.api)

    def close(self):
        super().close()
        self.api.close(True)

    def save_copy(self, path: Path) -> None:
        """Write the workbook as it stands to a file, as Excel's SaveCopyAs does."""
        self.api.storeToURL(path.as_uri(), ENGINE.office.properties({"FilterName": FILTER}))

    def lock(self, password: str = "") -> None:
        self.api.protect(password)

    def unlock(self) -> bool:
        with contextlib.suppress(Exception):  # One of UNO's, where a password is needed.
            self.api.unprotect("")
        return not self.locked

    @property
    def locked(self) -> bool:
        """Whether sheets may not be added, deleted and renamed."""
        return self.api.isProtected()

    def _format(self, key: int) -> Any:
        if key not in self._formats:
            self._formats[key] = self.api.NumberFormats.getByKey(key)
        return self._formats[key]

    def kind_of(self, key: int) -> int:
        """What a number format shows, of com.sun.star.util.NumberFormat."""
        return self._format(key).Type

    def format_of(self, key: int) -> str:
        """The code of a number format."""
        return self._format(key).FormatString

    def number_format(self, code: str) -> int:
        """The key of a number format, which is made if need be."""
        formats, nowhere = self.api.NumberFormats, ENGINE.office.struct("com.sun.star.lang.Locale")
        key = formats.queryKey(code, nowhere, False)
        return formats.addNew(code, nowhere) if key == -1 else key


class Sheets(base.Sheets):
    """The sheets of a workbook. Every question to LibreOffice costs: few are asked."""

    api = None

    def __init__(self, book: Book) -> None:
        self.book, self.api = book, book.api.Sheets

    @property
    def active(self):
        return Sheet(self.book, self.book.api.CurrentController.ActiveSheet)

    def __len__(self):
        return self.api.Count

    def __iter__(self):
        return (Sheet(self.book, self.api.getByName(name), name) for name in self.api.ElementNames)

    def __contains__(self, name):
        return name.casefold() in (one.casefold() for one in self.api.ElementNames)

    def __call__(self, key):
        if isinstance(key, int):
            return Sheet(self.book, self.api.getByIndex(key - 1))
        for name in self.api.ElementNames:
            if name.casefold() == key.casefold():
                return Sheet(self.book, self.api.getByName(name), name)
        raise KeyError(key)

    def add(self, before=None, after=None, name=None):
        if self.book.locked:
            raise ExcelError("the structure of the workbook is locked")
        index = before.index - 1 if before is not None else len(self)
        index = after.index if after is not None else index
        taken = len(self)
        name = name or next(f"Sheet{n}" for n in range(1, taken + 2) if f"Sheet{n}" not in self)
        self.api.insertNewByName(allowed_name(name), index)
        return self(name)


class Sheet(base.Sheet):
    book = api = None

    def __init__(self, book: Book, sheet: Any, name: str = "") -> None:
        self.book, self.api, self._name = book, sheet, name

    @property
    def index(self):
        return self.api.RangeAddress.Sheet + 1

    @property
    def name(self):
        self._name = self._name or self.api.Name
        return self._name

    @name.setter
    def name(self, value):
        self._movable()
        self.api.Name = self._name = allowed_name(value)

    @property
    def visible(self):
        return self.api.IsVisible

    @visible.setter
    def visible(self, value):
        self._movable()
        self.api.IsVisible = bool(value)

    def _movable(self) -> None:
        if self.book.locked:
            raise ExcelError("the structure of the workbook is locked")

    def range(self, arg1, arg2=None):
        return Range(self, arg1, arg2)

    @property
    def used_range(self):
        cursor = self.api.createCursor()
        cursor.gotoEndOfUsedArea(False)
        cursor.gotoStartOfUsedArea(True)
        return at(self, cursor.RangeAddress)

    def activate(self):
        if not self.api.IsVisible:
            raise ExcelError("a hidden sheet cannot be activated")
        self.book.activate()
        self.book.api.CurrentController.setActiveSheet(self.api)

    def delete(self):
        self._movable()
        self.book.api.Sheets.removeByName(self.name)

    def clear(self):
        self.used_range.clear()

    def formulas(self) -> list[str]:
        """Addresses of the cells that hold formulas."""
        places = self.api.queryContentCells(FORMULAS).RangeAddresses
        return [
            Range(self, (row + 1, column + 1)).get_address().replace("$", "")
            for place in places
            for row in range(place.StartRow, place.EndRow + 1)
            for column in range(place.StartColumn, place.EndColumn + 1)
        ]


ENGINE = Engine()


def installed(office: MacroOffice) -> xw.App:
    """Make this the active engine, with nothing open."""
    ENGINE.office = office
    if ENGINE.name not in [engine.name for engine in xw.engines]:
        xw.engines.add(xw.Engine(impl=ENGINE))
    xw.engines[ENGINE.name].activate()
    closed()
    return xw.App(add_book=False)


def closed() -> None:
    """Close every workbook that is open."""
    for app in ENGINE.apps.running:
        for book in list(app.books):
            book.close()
    ENGINE.apps.running.clear()
