"""One press of a button: Excel and its workbooks, what came with it, ways to talk to the person.

Windows of the system are shown where Excel cannot; each platform has its own way.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import xlwings as xw

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError
from consolidate.xlsx.write.atomic_files import read_bytes
from consolidate.xlsx.write.safe_text import clean

_COPY_PREFIX, _COPY_SUFFIX = "tonghop-", ".tmp"
"""How the macros name their copies; nothing else is ever removed."""
_CLOUD_SETTINGS = "xlwings.conf"
_ESCAPE = 0x1B
_PRESSED = 0x8001
"""Held down now, or pressed since the last question."""


class Cancelled(Exception):
    """The person stopped a button; what was written before stays whole."""


def stop_wanted(app: xw.App) -> bool:
    """Tell whether Esc was pressed in the window of an Excel since this was last asked."""
    if sys.platform != "win32":
        return False
    import ctypes

    user = ctypes.windll.user32
    pressed = user.GetAsyncKeyState(_ESCAPE) & _PRESSED
    return bool(pressed) and user.GetForegroundWindow() == app.hwnd


class FolderWanted(Exception):
    """The button needs a folder first: VBA asks for one and presses the button again."""


_OWN_WORDS = {
    "cli.merge.no_period": "addin.merge.no_returns",
    "cli.merge.empty_inbox": "addin.merge.no_returns",
    "status.no_run": "addin.status.no_run",
}
"""Texts for a person who has buttons and no command line, by those of the command line."""


def told(error: UserError) -> str:
    """Show a refusal, in the words of the buttons where these have their own."""
    reasons = (
        replace(reason, key=_OWN_WORDS.get(reason.key, reason.key)) for reason in error.problems
    )
    return "\n".join(map(sentence, reasons))


@dataclass(frozen=True, slots=True)
class Session:
    """What an action is given.

    ``argument`` is what VBA asked for, a path or a text; ``""`` for nothing.
    """

    app: xw.App
    argument: str = ""

    def say(self, message: str, *, bad: bool = False) -> None:
        """Show a message and wait until it is read."""
        mode = "critical" if bad else "info"
        self.app.alert(message, title=text("addin.title"), buttons="ok", mode=mode)

    def ask(self, question: str) -> bool:
        """Ask a question that yes or no answers."""
        answer = self.app.alert(question, title=text("addin.title"), buttons="yes_no", mode="info")
        return str(answer) == "yes"

    def choose(self, question: str) -> bool | None:
        """Ask a question that yes or no answers; ``None`` when the person calls it off."""
        title, buttons = text("addin.title"), "yes_no_cancel"
        answer = self.app.alert(question, title=title, buttons=buttons, mode="info")
        return {"yes": True, "no": False}.get(str(answer))

    def today(self) -> date:
        """Return the day by the clock of this machine."""
        return date.today()

    def status(self, message: str | None) -> None:
        """Show a text in the status bar, or give the bar back to Excel."""
        self.app.status_bar = message if message else False

    def progress(self, message: str) -> None:
        """Show how far a long button is, and stop it where the person wants that.

        Raises:
            Cancelled: Esc was pressed.
        """
        if stop_wanted(self.app):
            raise Cancelled
        stoppable = sys.platform == "win32"
        self.status(" ".join((message, text("addin.stop"))) if stoppable else message)

    def counted(self, key: str) -> Callable[[int, int], None]:
        """Show a text in the status bar each time that something is done: ``done`` of ``total``."""
        return lambda done, total: self.progress(text(key, done=done, total=total))

    def book(self) -> xw.Book:
        """Return the active workbook.

        Raises:
            UserError: there is none.
        """
        if not len(self.app.books):
            raise UserError.of("addin.no_book")
        return self.app.books.active

    def cell(self) -> xw.Range:
        """Return the first cell of what is selected in the active workbook.

        Raises:
            UserError: there is no workbook, or no cell is selected.
        """
        self.book()
        selected = self.app.selection
        if selected is None:
            raise UserError.of("addin.no_cell")
        return selected.sheet.range((selected.row, selected.column))


def saved_path(book: xw.Book) -> Path | None:
    """Tell where a workbook is saved on this machine; ``None`` for a new one or one in a cloud."""
    try:
        # Of a workbook in a cloud xlwings takes the local folder from this sheet, and the sheet may
        # name a share on any machine: Windows would log in there.
        if _CLOUD_SETTINGS in {sheet.name.casefold() for sheet in book.sheets}:
            return None
        path = Path(book.fullname)
        return path if path.is_absolute() and path.is_file() else None
    except Exception:  # xlwings cannot always tell where a synchronised workbook is
        return None


def taken_copy(session: Session) -> bytes | None:
    """Read VBA's copy of the active workbook, unsaved changes included, and delete the copy.

    ``None`` when Excel could not copy.
    """
    if not session.argument:
        return None
    copy = Path(session.argument)
    try:
        return read_bytes(copy)
    except FileNotFoundError:
        return None
    finally:
        if copy.name.startswith(_COPY_PREFIX) and copy.name.endswith(_COPY_SUFFIX):
            with contextlib.suppress(OSError):
                copy.unlink()


def connected() -> xw.App:
    """Return the Excel whose button was pressed: that of the window named on the command line.

    Raises:
        UserError: no Excel can be reached.
    """
    window = next((arg[7:] for arg in sys.argv if arg.startswith("--hwnd=")), "")
    if window.isdigit():
        for app in xw.apps:
            if app.hwnd == int(window):
                return app
    active = xw.apps.active
    if active is None:
        raise UserError.of("addin.no_excel")
    return active


def decoded(argument: str) -> str:
    """Decode an argument as VBA encodes it: four hexadecimal digits for each UTF-16 unit.

    Raises:
        ValueError: it is not encoded so.
    """
    return bytes.fromhex(argument).decode("utf-16-be")


ASK = "?"
"""Argument of a button for which VBA could not ask: Python asks."""
_CHOOSE = "on run argv\nreturn POSIX path of (choose folder with prompt (item 1 of argv))\nend run"
_DISPLAY = "on run argv\ndisplay alert (item 1 of argv) message (item 2 of argv)\nend run"


def show(message: str) -> None:
    """Show a message without Excel; on other systems print it."""
    title = text("addin.title")
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, message, title, 0x40030)
    elif sys.platform == "darwin":
        _osascript(_DISPLAY, title, message)
    else:
        print(message, file=sys.stderr)


def folder_of(argument: str) -> Path | None:
    """Return the folder that the person chose; ``None`` when they changed their mind.

    Raises:
        UserError: it is not there.
    """
    if argument == ASK:
        argument = _osascript(_CHOOSE, text("addin.choose_folder")) if _on_mac() else ""
    if not argument:
        return None
    folder = Path(argument)
    if not folder.is_dir():
        raise UserError.of("addin.no_folder", folder=str(folder))
    return folder


def wanted_folder(argument: str) -> Path | None:
    """Return the folder of a button that asks for one only when it has to.

    ``None`` when the person changed their mind.

    Raises:
        FolderWanted: no folder is known; VBA asks the officer for it.
        UserError: it is not there.
    """
    if not argument and not _on_mac():
        raise FolderWanted
    return folder_of(argument or ASK)


def open_folder(folder: Path) -> None:
    """Show a folder in the file manager, on Windows and macOS only."""
    if sys.platform == "win32":
        # With the separator no program of that name beside the folder can be meant.
        os.startfile(f"{folder}{os.sep}")
    elif sys.platform == "darwin":
        subprocess.run(["/usr/bin/open", str(folder)], check=False)


def _on_mac() -> bool:
    return sys.platform == "darwin"


def _osascript(script: str, *arguments: str) -> str:
    command = ["/usr/bin/osascript", "-e", script, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def opened(session: Session, path: Path, *, read_only: bool = False) -> xw.Book:
    """Open a workbook, or bring it to the front when it is open; links are not updated.

    Raises:
        UserError: another workbook of the same name is open.
    """
    try:
        book = session.app.books.open(str(path), update_links=False, read_only=read_only)
    except ValueError:
        raise UserError.of("addin.trace.same_name", file=path.name) from None
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
