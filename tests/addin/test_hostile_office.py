"""Workbooks that mean harm, in front of RunPython in LibreOffice while a button is pressed.

Lines D1 to D6 of docs/windows-checklist.md, as far as LibreOffice can show them. Each trap closes
on the vendor's module, which proves that it is one, and not on ours.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from addin.build_addin import settings
from addin.runpython import CONF, PATCHES, hardened_module, stock_module
from addin.vbabuild.vba_source import class_module, standard_module
from tests.addin import vba_stubs as stubs
from tests.addin.engines.conditional import resolved
from tests.addin.engines.office import MacroOffice, called, cell

pytestmark = pytest.mark.office

OURS = r"C:\Tong hop\python.exe"
THEIRS = r"\\evil\share\python.exe"
ROOT = Path(__file__).parent.parent.parent
CALLS = {"run": 'RunPython "import addin"', "active": stubs.ACTIVE_NAME}
WITHOUT_PATH = ("PYTHONPATH", "ADD_WORKBOOK_TO_PYTHONPATH")
WITHOUT_PYTHON = ("INTERPRETER_WIN", "INTERPRETER", *WITHOUT_PATH)


def stock_with_our_name() -> str:
    """The vendor's module; the name of the project is ours, and so is one word.

    Two cells of a sheet that is not in front are a range in Excel, but not in LibreOffice.
    """
    source = stock_module()
    for old, new in ((PATCHES[0].old, PATCHES[0].new), ("In Range(sht.", "In sht.Range(sht.")):
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source


class Runtime:
    """A module in LibreOffice; tells what Windows or macOS would be told to run."""

    def __init__(self, office: MacroOffice, folder: Path) -> None:
        self.office, self.folder = office, folder
        self.opened: dict[tuple[Any, ...], Any] = {}

    def pressed(
        self, module: str, active: Path, *, without: tuple[str, ...] = (), mac: bool = False
    ) -> tuple[str, str]:
        """The command line and the notice, when a button is pressed while a file is active.

        ``without`` are settings that the add-in's sheet shall lack.
        """
        document = self._document(module, without, mac)
        record = document.Sheets.getByName(stubs.RECORD)
        for address in ("A1", "A2"):
            record.getCellRangeByName(address).String = ""
        other = self.office.open(active)
        try:
            self._wait(other, document, active.name)
            said = called(document, "ThuNghiem.Chay", "run")
            line, notice = (cell(document, stubs.RECORD, at) for at in ("A1", "A2"))
            return line or str(said), notice
        finally:
            other.close(True)

    def _document(self, module: str, without: tuple[str, ...], mac: bool) -> Any:
        key = module, without, mac
        if key not in self.opened:
            text = stock_with_our_name() if module == "stock" else hardened_module()
            compiled = stubs.for_libreoffice(resolved(text, {"Mac": mac}), mac=mac)
            classes = [class_module(one, "stub") for one in (stubs.SHELL, stubs.DICTIONARY)]
            sources = [compiled, stubs.NOTICE, stubs.MAC, stubs.driver(CALLS)]
            standard = [standard_module(one, "stub") for one in sources]
            rows = [row for row in settings(OURS) if row[0] not in without]
            path = self.folder / f"{len(self.opened)}.xlsm"
            self.opened[key] = self.office.open(stubs.book_of([*classes, *standard], rows, path))
        return self.opened[key]

    def _wait(self, other: Any, document: Any, name: str) -> None:
        """Bring a document to the front and wait until VBA says that it is the active one."""
        for _ in range(100):
            if called(document, "ThuNghiem.Chay", "active") == name:
                return
            self.office.activate(other)
            time.sleep(0.02)
        raise AssertionError(f"{name} is not the active workbook")


@pytest.fixture(scope="module")
def runtime(
    live_office: MacroOffice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtime]:
    made = Runtime(live_office, tmp_path_factory.mktemp("thật"))
    yield made
    for document in made.opened.values():
        document.close(True)


def unit_book(path: Path, sheets: dict[str, list[tuple[str, str]]] | None = None) -> Path:
    """A plain .xlsx as a unit might send it."""
    book = Workbook()
    for name, rows in (sheets or {}).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(exist_ok=True)
    book.save(path)
    return path


def code_of(line: str) -> str:
    """The Python that a command line of Windows runs."""
    match = re.search(r' -B -c "((?:\\"|[^"])*)"', line)
    assert match is not None, line
    return match.group(1).replace('\\"', '"')


def test_an_honest_workbook_runs_our_python(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "thật.xlsx")
    assert f'"{OURS}" -B -c ' in runtime.pressed("stock", path)[0]
    line, notice = runtime.pressed("ours", path)
    assert f'"{OURS}" -B -c ' in line
    assert code_of(line).endswith("; import addin")
    assert "thật" not in line
    assert notice == ""


def test_a_sheet_of_settings_in_a_return_chooses_no_python(runtime: Runtime, tmp_path: Path):
    rows = [("INTERPRETER_WIN", THEIRS), ("PYTHONPATH", r"\\evil\share"), ("SHOW CONSOLE", "x")]
    path = unit_book(tmp_path / "đơn vị.xlsx", {f"{CONF}.conf": rows})
    assert THEIRS in runtime.pressed("stock", path)[0]
    line, _ = runtime.pressed("ours", path)
    assert OURS in line
    assert "evil" not in line


def test_a_file_of_settings_beside_a_return_chooses_no_python(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "thư mục" / "đơn vị.xlsx")
    rows = f'"INTERPRETER_WIN","{THEIRS}"\n"PYTHONPATH","evil"\n'
    (path.parent / f"{CONF}.conf").write_text(rows, encoding="ascii")
    assert THEIRS in runtime.pressed("stock", path, without=WITHOUT_PYTHON)[0]
    line, notice = runtime.pressed("ours", path, without=WITHOUT_PYTHON)
    assert line == "ok"
    assert "consolidate addin install" in notice
    assert "evil" in runtime.pressed("stock", path, without=WITHOUT_PATH)[0]
    for without in ((), WITHOUT_PATH):
        line, _ = runtime.pressed("ours", path, without=without)
        assert OURS in line
        assert "evil" not in line


def test_a_sheet_of_python_in_a_return_diverts_nothing(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "mã.xlsx", {"bài.py": [("import os", "")]})
    assert OURS not in runtime.pressed("stock", path)[0]
    assert f'"{OURS}" -B -c ' in runtime.pressed("ours", path)[0]


def test_python_beside_a_return_is_not_imported(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "kèm mã" / "đơn vị.xlsx")
    for name in ("addin.py", "xlwings.py"):
        (path.parent / name).write_text("print('of the unit')\n", encoding="utf-8")

    def printed(module: str, without: tuple[str, ...]) -> str:
        line, _ = runtime.pressed(module, path, without=without)
        done = subprocess.run(
            [sys.executable, "-B", "-c", code_of(line)],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            cwd=tmp_path,
        )
        return done.stdout

    assert "of the unit" in printed("stock", WITHOUT_PATH)
    assert printed("ours", WITHOUT_PATH) == printed("ours", ()) == ""


def test_the_name_of_a_return_reaches_no_command_line(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "a^&calc;x=1.xlsx")
    assert "calc" in runtime.pressed("stock", path)[0]
    line, _ = runtime.pressed("ours", path)
    assert "calc" not in line
    assert 'prepare_sys_path("false;;;;;;")' in code_of(line)


@pytest.mark.parametrize("where", ["{}/tệp.xlsx", "thư mục/{}.xlsx"])
def test_neither_name_nor_folder_reaches_the_shell_of_macos(
    runtime: Runtime, tmp_path: Path, where: str
):
    path = unit_book(tmp_path / where.format("$(open -a Calculator)"))
    assert "$(open" in runtime.pressed("stock", path, mac=True)[0]
    line, _ = runtime.pressed("ours", path, mac=True)
    assert "$(" not in line
    assert "|import addin|" in line
    assert line.startswith("false;;;;;;;|")


def test_a_source_with_macros_is_armed(live_office: MacroOffice, tmp_path: Path):
    """What tracing refuses to open would run: D6, with tests/addin/test_tracing.py."""
    path = stubs.armed_book(tmp_path / "vũ trang.xlsm")
    for macros, wanted in ((True, "đã chạy"), (False, "")):
        document = live_office.open(path, macros=macros)
        try:
            assert cell(document, stubs.RECORD, "A1") == wanted
        finally:
            document.close(True)
