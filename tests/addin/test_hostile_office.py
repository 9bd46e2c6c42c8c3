"""Workbooks that mean harm, in front of RunPython in LibreOffice while a button is pressed.

Lines D1 to D6 of docs/windows-checklist.md, as far as LibreOffice can show them. Each trap closes
on xlwings' own module, which proves that it is one, and not on ours.
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
import xlwings
from openpyxl import Workbook

from addin.build_addin import SETTINGS, settings
from addin.vba_project import standard_module
from tests.addin import vba_stubs as stubs
from tests.addin.engines.conditional import resolved
from tests.addin.engines.office import MacroOffice, called, cell

pytestmark = pytest.mark.office

OURS = r"C:\Tong hop\python.exe"
THEIRS = r"\\evil\share\python.exe"
CLOUDS = ("ONEDRIVE_CONSUMER", "ONEDRIVE_COMMERCIAL", "SHAREPOINT")
WITHOUT_PATH = ("PYTHONPATH", "ADD_WORKBOOK_TO_PYTHONPATH")
STOCK_SETTINGS = (
    ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
    ("TEMP DIR", "%TEMP%"),
    *((key, "") for key in ("INTERPRETER", "PYTHONPATH", "SHOW CONSOLE", "USE UDF SERVER")),
    *((key, "") for key in ("CONDA PATH", "CONDA ENV", "LICENSE_KEY", "SHOW_ERROR_POPUPS")),
    *((f"{key}_{system}", "") for system in ("WIN", "MAC") for key in CLOUDS),
)
"""What the vendor's module asks for besides the interpreter, closed as far as it can be."""
WITHOUT_PYTHON = ("INTERPRETER_WIN", "INTERPRETER", *WITHOUT_PATH)
PRESSED = "from addin.ribbon import run; run('help', '')"


def stock() -> str:
    """The module of xlwings, under our name, as LibreOffice takes it.

    Two cells of a sheet that is not in front are a range in Excel, but not in LibreOffice.
    """
    path = Path(xlwings.__file__).parent / "xlwings_custom_addin.bas"
    source = path.read_text(encoding="ascii").replace("\r\n", "\n")
    named = f'PROJECT_NAME As String = "{SETTINGS.removesuffix(".conf")}"'
    for old, new in (
        ('PROJECT_NAME As String = "myaddin"', named),
        ("In Range(sht.", "In sht.Range(sht."),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source


class Runtime:
    """A module in LibreOffice; tells what Windows or macOS would be told to run."""

    def __init__(self, office: MacroOffice, folder: Path) -> None:
        self.office, self.folder = office, folder
        self.opened: dict[tuple[Any, ...], Any] = {}

    def pressed(
        self,
        module: str,
        active: Path | None = None,
        *,
        without: tuple[str, ...] = (),
        mac: bool = False,
        caller: str = "Error",
        comspec: str = stubs.COMSPEC,
        missing: str = "",
    ) -> tuple[str, str]:
        """The command line and the notice, when a button is pressed; ``active`` is in front.

        ``without`` are settings that the add-in's sheet shall lack, ``caller`` the kind of Excel's
        ``Application.Caller``, ``comspec`` is what Windows says for ``%ComSpec%``, and a file with
        ``missing`` in its path is not there.
        """
        document = self._document(module, without, mac)
        self.write(document, {"A1": "", "A2": ""})
        self.write(document, {"B2": caller, "B3": missing, "B4": comspec})
        other = self.office.open(active) if active is not None else None
        try:
            if other is not None:
                self._wait(other, document, active.name)
            said = called(document, "ThuNghiem.Chay", "run")
            line, notice = (cell(document, stubs.RECORD, at) for at in ("A1", "A2"))
            return line or str(said), notice
        finally:
            if other is not None:
                other.close(True)

    def write(self, document: Any, values: dict[str, str]) -> None:
        """Put texts into the sheet that the stand-ins read and write."""
        record = document.Sheets.getByName(stubs.RECORD)
        for address, value in values.items():
            record.getCellRangeByName(address).String = value

    def _document(self, module: str, without: tuple[str, ...], mac: bool) -> Any:
        key = module, without, mac
        if key not in self.opened:
            if module == "stock":
                source = stubs.for_libreoffice(resolved(stock(), {"Mac": mac}), mac=mac)
                call, more = 'RunPython "import addin"', [stubs.MAC, stubs.NOTICE]
            else:
                source = stubs.ours(mac=mac)
                call, more = "TroGiup Nothing", [stubs.MAC, stubs.RECORDING]
            driver = stubs.driver({"run": call, "active": stubs.ACTIVE_NAME})
            classes = [stubs.class_module(one) for one in (stubs.SHELL, stubs.DICTIONARY)]
            standard = [standard_module(one, "stub") for one in (source, driver, *more)]
            given = [*settings(OURS), *STOCK_SETTINGS] if module == "stock" else settings(OURS)
            rows = [row for row in given if row[0] not in without]
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
    line, _ = runtime.pressed("stock", path)
    assert line.startswith("cmd.exe /C ")
    assert f'"{OURS}" -B -c ' in line
    line, notice = runtime.pressed("ours", path)
    before, _, after = line.partition(" --wb=")
    assert before == (f'"{stubs.COMSPEC}" /D /C cd /D "C:\\Tong hop" && "{OURS}" -B -c "{PRESSED}"')
    assert re.fullmatch(
        r'"\d\.xlsm" --from_xl=1 --app="C:\\Office\\[ \w]+" --hwnd="1234"'
        r' 2> "%TEMP%\\tonghop-[0-9A-F]{32}\.log"',
        after,
    )
    assert notice == ""


@pytest.mark.parametrize(
    "comspec",
    [
        "",
        "%ComSpec%",
        "cmd.exe",
        r"\\evil\share\Windows\System32\cmd.exe",
        r"C:\Users\Public\cmd.exe",
        stubs.COMSPEC + '" & calc & "',
        stubs.COMSPEC + " /K calc",
    ],
)
def test_another_command_line_is_not_started(runtime: Runtime, comspec: str):
    line, notice = runtime.pressed("ours", comspec=comspec)
    assert line == "ok"
    assert "ComSpec" in notice
    line, notice = runtime.pressed("ours")
    assert line.startswith(f'"{stubs.COMSPEC}" /D /C ')
    assert notice == ""


def test_a_program_that_is_not_there_is_not_looked_for(runtime: Runtime):
    for missing, word in (("python.exe", "Không còn thấy Python"), ("cmd.exe", "ComSpec")):
        line, notice = runtime.pressed("ours", missing=missing)
        assert line == "ok"
        assert word in notice


@pytest.mark.parametrize("caller", ["Range", "String", "Variant()"])
def test_a_sub_of_the_ribbon_runs_for_the_ribbon_only(runtime: Runtime, caller: str):
    """As a cell, a drawing with a macro and a menu of a return would call it."""
    assert runtime.pressed("ours", caller=caller) == ("ok", "")
    assert f'"{OURS}" -B -c ' in runtime.pressed("ours")[0]


def test_cells_run_and_read_through_the_vendors_module_and_not_through_ours(
    runtime: Runtime, tmp_path: Path
):
    secret = tmp_path / "bí mật.txt"
    secret.write_text("secret\n", encoding="ascii")
    got = {}
    for module in ("stock", "ours"):
        runtime.pressed(module)
        document = runtime.opened[module, (), False]
        runtime.office.activate(document)
        runtime.write(document, {"A1": ""})
        record = document.Sheets.getByName(stubs.RECORD)
        record.getCellRangeByName("E1").setFormula(f'=ReadFile("{secret}")')
        record.getCellRangeByName("E2").setFormula('=RunPython("of the cell")')
        got[module] = [cell(document, stubs.RECORD, at) for at in ("E1", "E2", "A1")]
        for at in ("E1", "E2"):
            record.getCellRangeByName(at).setFormula("")
    assert got["stock"][0].strip() == "secret"
    assert "of the cell" in got["stock"][2]
    assert got["ours"] == ["#NAME?", "#NAME?", ""]


def test_a_sheet_of_settings_in_a_return_chooses_no_python(runtime: Runtime, tmp_path: Path):
    rows = [("INTERPRETER_WIN", THEIRS), ("PYTHONPATH", r"\\evil\share"), ("SHOW CONSOLE", "x")]
    path = unit_book(tmp_path / "đơn vị.xlsx", {SETTINGS: rows})
    assert THEIRS in runtime.pressed("stock", path)[0]
    line, _ = runtime.pressed("ours", path)
    assert OURS in line
    assert "evil" not in line


def test_a_file_of_settings_beside_a_return_chooses_no_python(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "thư mục" / "đơn vị.xlsx")
    rows = f'"INTERPRETER_WIN","{THEIRS}"\n"PYTHONPATH","evil"\n'
    (path.parent / SETTINGS).write_text(rows, encoding="ascii")
    assert THEIRS in runtime.pressed("stock", path, without=WITHOUT_PYTHON)[0]
    line, notice = runtime.pressed("ours", path, without=WITHOUT_PYTHON)
    assert line == "ok"
    assert "consolidate addin install" in notice
    assert "evil" in runtime.pressed("stock", path, without=WITHOUT_PATH)[0]
    line, _ = runtime.pressed("ours", path)
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
    ours = tmp_path / "site" / "addin"
    ours.mkdir(parents=True)
    (ours / "__init__.py").touch()
    (ours / "ribbon.py").write_text("def run(*given): print('ours', *given)\n", encoding="utf-8")

    def printed(module: str, without: tuple[str, ...] = ()) -> str:
        line, _ = runtime.pressed(module, path, without=without)
        done = subprocess.run(
            [sys.executable, "-B", "-c", code_of(line)],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(ours.parent), "PATH": ""},
            cwd=tmp_path,
        )
        return done.stdout

    assert "of the unit" in printed("stock", WITHOUT_PATH)
    assert printed("ours") == "ours help \n"


def test_the_name_of_a_return_reaches_no_command_line(runtime: Runtime, tmp_path: Path):
    path = unit_book(tmp_path / "a^&calc;x=1.xlsx")
    assert "calc" in runtime.pressed("stock", path)[0]
    line, _ = runtime.pressed("ours", path)
    assert "calc" not in line
    assert code_of(line) == PRESSED


@pytest.mark.parametrize("where", ["{}/tệp.xlsx", "thư mục/{}.xlsx"])
def test_neither_name_nor_folder_reaches_the_shell_of_macos(
    runtime: Runtime, tmp_path: Path, where: str
):
    path = unit_book(tmp_path / where.format("$(open -a Calculator)"))
    assert "$(open" in runtime.pressed("stock", path, mac=True)[0]
    line, _ = runtime.pressed("ours", path, mac=True)
    assert line.startswith(f"false;;;;;;;|{OURS}|{PRESSED}|")
    assert "$(" not in line


def test_a_source_with_macros_is_armed(live_office: MacroOffice, tmp_path: Path):
    """What tracing refuses to open would run: D6, with tests/addin/test_tracing.py."""
    path = stubs.armed_book(tmp_path / "vũ trang.xlsm")
    for macros, wanted in ((True, "đã chạy"), (False, "")):
        document = live_office.open(path, macros=macros)
        try:
            assert cell(document, stubs.RECORD, "A1") == wanted
        finally:
            document.close(True)
