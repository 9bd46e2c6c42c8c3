"""What the tests of the add-in share: an Excel on two engines, examples, a summary.

``excel`` is on openpyxl ("file") and on a running LibreOffice ("live") in turn: a handler does the
same on both. A test for which that cannot be says why and asks for one engine:
``@pytest.mark.parametrize("excel", ["file"], indirect=True)``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw

from addin.buttons.check_button import HEADER_ROW, find_listing, new_listing
from addin.ribbon import run
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.anchors import CHECK_SIGNATURE
from consolidate.province.roster import read_roster
from tests.addin.engines import xl_openpyxl, xl_uno
from tests.addin.engines.office import MacroOffice, load_uno
from tests.cli.conftest import check_here
from tests.library_2018 import library_2018

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CCHC = "cap-tinh/Sở TTTT - CCHC quý III 2018.xlsx"
PCTN = "cap-tinh/Sở TTTT - PCTN 9 tháng 2018.xlsx"
ODD_UNIT = "cap-tinh/S04 Sở Xây dựng - PCTN.xlsx"
SENT = (CCHC, PCTN, ODD_UNIT, "cap-xa/X03 UBND phường Long Hòa 1 - PCTN (bản quét).pdf")


def encoded(argument: str) -> str:
    """An argument as VBA encodes it."""
    return argument.encode("utf-16-be").hex()


def give_listing(book: xw.Book) -> None:
    """Do as ThemTrangLoi of the macros: a sheet for findings where only the structure is locked."""
    signed = (HEADER_ROW, 9)
    ours = any(sheet.name == "Kiểm tra" for sheet in book.sheets)
    if not ours or not book.impl.locked or find_listing(book) is not None:
        return
    if book.impl.unlock():
        new_listing(book).range(signed).value = CHECK_SIGNATURE
        book.impl.lock()


@dataclass
class Excel:
    """An Excel of one of the engines, as a test uses it."""

    app: xw.App

    def open(self, path: Path) -> xw.Book:
        return self.app.books.open(str(path))

    def press(self, key: str, argument: str = "") -> None:
        """Run an action as its button does."""
        if key == "check" and self.app.books:
            give_listing(self.app.books.active)
        run(key, encoded(argument))

    def select(self, sheet: xw.Sheet, address: str) -> None:
        sheet.activate()
        sheet.range(address).select()

    @property
    def alerts(self) -> list[str]:
        return self.app.impl.alerts

    @property
    def answers(self) -> list[str]:
        return self.app.impl.answers

    @property
    def status(self) -> object:
        return self.app.status_bar

    @property
    def selected(self) -> tuple[str, str, str]:
        """Workbook, sheet and address of the selection."""
        cells = self.app.selection
        return cells.sheet.book.name, cells.sheet.name, cells.address.replace("$", "")

    @property
    def front(self) -> str:
        """Name of the sheet in front."""
        return self.app.books.active.sheets.active.name


def table(sheet: xw.Sheet) -> list[list[Any]]:
    """Values of a sheet from A1 to its last cell, row by row."""
    used = sheet.used_range
    last = (used.row + used.shape[0] - 1, used.column + used.shape[1] - 1)
    return sheet.range((1, 1), last).options(ndim=2).value


@pytest.fixture(scope="session")
def live_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MacroOffice]:
    """A running LibreOffice that takes commands, or a loud skip."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed: the add-in is NOT run live")
    uno = load_uno()
    if uno is None:
        pytest.skip("python3-uno for this Python is not installed: the add-in is NOT run live")
    made = MacroOffice(uno, tmp_path_factory.mktemp("macros"))
    yield made
    made.close()


@pytest.fixture(params=["file", pytest.param("live", marks=pytest.mark.office)])
def excel(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Excel]:
    """A fresh Excel; faults of the program are logged below ``tmp_path``."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr("addin.settings.own_path", lambda: tmp_path / "home" / "settings.toml")
    handlers = ("issue_and_return_buttons", "merge_and_status_buttons", "workspace_buttons")
    for handler in (*handlers, "report_export_diff_buttons"):
        monkeypatch.setattr(f"addin.buttons.{handler}.open_folder", lambda _: None)
    # A process that reads costs more than what is read here; test_examples has the real ones.
    check_here(monkeypatch)
    for action in ("merge", "return_files"):
        monkeypatch.setattr(f"consolidate.actions.{action}.workers", lambda *_: nullcontext())
    if request.param == "file":
        yield Excel(xl_openpyxl.installed())
    else:
        yield Excel(xl_uno.installed(request.getfixturevalue("live_office")))
        xl_uno.closed()


@pytest.fixture(scope="session")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a part of the example inbox, the roster and the results of its merge."""
    folder = tmp_path_factory.mktemp("tỉnh & huyện = 2018")
    for name in SENT:
        (folder / "hộp thư" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLES / "inbox" / name, folder / "hộp thư" / name)
    shutil.copyfile(EXAMPLES / "roster.xlsx", folder / "roster.xlsx")
    roster = read_roster(folder / "roster.xlsx", library_2018().template_by_code)
    result = merge(MergeRequest(library_2018(), folder / "hộp thư", roster=roster))
    write_results(result, folder / "results", folder / "hộp thư")
    return folder


@pytest.fixture
def province(merged: Path, tmp_path: Path) -> Path:
    """As ``merged``, for a test that changes it."""
    return Path(shutil.copytree(merged, tmp_path / "tỉnh"))


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[xw.Book], str]:
    """What Excel's SaveCopyAs gives VBA: the workbook as it stands, in a temporary file."""

    def copy(book: xw.Book) -> str:
        path = tmp_path / "tonghop-1.tmp"
        book.impl.save_copy(path)
        return str(path)

    return copy
