"""What the tests of the add-in share: the file engine, a copy of the examples, a summary."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlwings as xw

from addin.ribbon import run
from consolidate.definitions.load import library
from consolidate.pipeline import MergeRequest, merge, write_results
from consolidate.register.roster import read_roster
from tests.addin.engines import xl_openpyxl

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CCHC = "cap-tinh/Sở TTTT - CCHC quý III 2018.xlsx"
PCTN = "cap-tinh/Sở TTTT - PCTN 9 tháng 2018.xlsx"
ODD_UNIT = "cap-tinh/S04 Sở Xây dựng - PCTN.xlsx"
SENT = (CCHC, PCTN, ODD_UNIT, "cap-xa/X03 UBND phường Long Hòa 1 - PCTN (bản quét).pdf")


def encoded(argument: str) -> str:
    """An argument as VBA encodes it."""
    return argument.encode("utf-16-be").hex()


@dataclass
class Excel:
    """An Excel of the file engine, as a test uses it."""

    app: xw.App

    def open(self, path: Path) -> xw.Book:
        return self.app.books.open(str(path))

    def press(self, key: str, argument: str = "") -> None:
        """Run an action as its button does."""
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
        cells = self.app.impl.selected
        return cells.sheet.book.name, cells.sheet.name, cells.address.replace("$", "")


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Excel:
    """A fresh Excel; faults of the program are logged below ``tmp_path``."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr("addin.settings.own_path", lambda: tmp_path / "home" / "settings.toml")
    for handler in ("issuing", "following", "setting"):
        monkeypatch.setattr(f"addin.handlers.{handler}.open_folder", lambda _: None)
    return Excel(xl_openpyxl.installed())


@pytest.fixture(scope="session")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a part of the example inbox, the roster and the results of its merge."""
    folder = tmp_path_factory.mktemp("tỉnh & huyện = 2018")
    for name in SENT:
        (folder / "hộp thư" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLES / "inbox" / name, folder / "hộp thư" / name)
    shutil.copyfile(EXAMPLES / "roster.xlsx", folder / "roster.xlsx")
    roster = read_roster(folder / "roster.xlsx", library().template_by_code)
    result = merge(MergeRequest(folder / "hộp thư", roster=roster))
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
        stream = io.BytesIO()
        book.impl.api.save(stream)
        path = tmp_path / "tonghop-1.tmp"
        path.write_bytes(stream.getvalue())
        return str(path)

    return copy
