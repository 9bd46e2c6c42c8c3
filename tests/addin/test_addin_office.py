"""The macros of the add-in in LibreOffice: every button, and what only Excel has.

What passes here runs in LibreOffice; Excel is another matter (docs/windows-checklist.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from addin.build_addin import build_addin, macro_modules
from addin.build_addin import ribbon_source as source
from addin.session import decoded
from addin.vba_project import standard_module
from consolidate.definitions.catalogue import text
from consolidate.model.anchors import CHECK_SHEET, CHECK_SIGNATURE
from tests.addin import vba_stubs as stubs
from tests.addin.engines.office import MacroOffice, called, cell
from tests.addin.test_package import callbacks

pytestmark = pytest.mark.office

MACROS = Path(__file__).parent.parent.parent / "macros"
ARGUMENTS = {
    "templates": stubs.FOLDER,
    "check": stubs.COPY,
    "adjust": stubs.COPY,
    **dict.fromkeys(("issue", "lock", "diff", "author", "agency"), stubs.TYPED),
}
"""What comes with a button that is pressed once; ``FIRST_WITHOUT`` get a folder when asked for."""
EXCEL_ONLY = {
    "Color": "ChoPhepToMau ActiveWorkbook",
    "Sheet": "ThemTrangLoi ActiveWorkbook",  # Nothing is locked: nothing is added.
    # Locked, but no form of ours: left alone. The second time the sheet is there.
    "Foreign": 'ActiveWorkbook.Protect "": ThemTrangLoi ActiveWorkbook: '
    'ActiveWorkbook.Unprotect "": If ActiveWorkbook.Sheets.Count > 2 Then Err.Raise 1004',
    "Sheets": 'ActiveWorkbook.Sheets(1).Name = "Kiểm tra": ActiveWorkbook.Protect "": '
    "ThemTrangLoi ActiveWorkbook: ThemTrangLoi ActiveWorkbook",
    "On": "TraMacro 1",
    "Off": "Dim was As Long: CamMacro was: TraMacro was",
    "Unwanted": "Dim wanted As Boolean: CanThuMuc wanted: If wanted Then Err.Raise 1003",
    "Ready": "Dim ready As Boolean: SanSang ready: If Not ready Then Err.Raise 1002",
}
ASKING = {"PhatHanhBieuMau", "Khoa", "SoSanhHaiLan", "NguoiQuyetDinh", "CoQuanKy"}
"""Buttons that ask for a text first."""
FIRST_WITHOUT = {"TongHopHopThu": "merge", "ThietLap": "settings"}
CODED = """
Public Function ThuMaHex(ByVal text As String) As String
    Dim coded As String
    MaHex text, coded
    ThuMaHex = coded
End Function
"""
"""Shows what a private Sub makes."""
BUTTONS = sorted(name.partition(".")[2] for name in callbacks(source()).values())


@pytest.fixture(scope="module")
def office(live_office: MacroOffice) -> MacroOffice:
    return live_office


# Buttons


@pytest.fixture(scope="module")
def buttons(office: MacroOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Our macros over a recording RunPython; Windows is played by stubs."""
    ours = stubs.replaced(stubs.macros(), stubs.STAND_INS) + CODED
    calls = {name: f"{name} Nothing" for name in BUTTONS}
    sources = (ours, stubs.RECORDING, stubs.driver(calls))
    modules = [standard_module(one, "stub") for one in sources]
    path = tmp_path_factory.mktemp("nút") / "sổ nút.xlsm"
    document = office.open(stubs.book_of(modules, [("A", "b")], path))
    yield document
    document.close(True)


@pytest.fixture
def press(buttons: Any) -> Callable[..., tuple[str, str, str]]:
    """Press a button in a state of the environment; gives command, notice, and other calls."""

    def pressed(name: str, state: str = "") -> tuple[str, str, str]:
        record = buttons.Sheets.getByName(stubs.RECORD)
        for address in ("A1", "A2", "A3"):
            record.getCellRangeByName(address).String = ""
        record.getCellRangeByName("B1").String = state
        assert called(buttons, "ThuNghiem.Chay", name) == "ok"
        a1, a2, a3 = (cell(buttons, stubs.RECORD, address) for address in ("A1", "A2", "A3"))
        return a1, a2, a3

    return pressed


def sent(command: str) -> tuple[str, str]:
    """Key and argument of a recorded command, as Python gets them."""
    got: list[tuple[str, str]] = []

    def run(key: str, argument: str) -> None:
        got.append((key, decoded(argument)))

    statement = "from addin.ribbon import run; "
    assert command.startswith(statement)
    assert command.isascii()
    assert not set(command) & set('"%^&|<>')
    exec(command.removeprefix(statement), {"run": run})
    return got[0]


@pytest.mark.parametrize("name", BUTTONS)
def test_every_button_runs_its_action(press: Callable[..., tuple[str, str, str]], name: str):
    command, notice, others = press(name)
    key, argument = sent(command)
    assert argument == ARGUMENTS.get(key, "")
    assert notice == ""
    assert others.split() == (["color", "sheet"] if key == "check" else []) + ["off", "on1"]


@pytest.mark.parametrize("name", BUTTONS)
def test_no_button_runs_when_excel_is_not_ready(
    press: Callable[..., tuple[str, str, str]], name: str
):
    assert press(name, "busy") == ("", "", "")


def test_a_folder_that_was_not_chosen_runs_nothing(press: Callable[..., tuple[str, str, str]]):
    assert press("BieuMauGoc", "cancel")[0] == ""


@pytest.mark.parametrize("name", sorted(ASKING))
def test_a_text_that_was_not_typed_runs_nothing(
    press: Callable[..., tuple[str, str, str]], buttons: Any, name: str
):
    assert press(name, "cancel")[0] == ""
    assert cell(buttons, stubs.RECORD, "A4").endswith(":")


@pytest.mark.parametrize("name", FIRST_WITHOUT)
def test_a_folder_that_python_wants_is_asked_for_and_sent(
    press: Callable[..., tuple[str, str, str]], name: str
):
    command, notice, others = press(name, "wanted")
    assert sent(command) == (FIRST_WITHOUT[name], stubs.FOLDER)
    assert notice == ""
    assert others.split() == ["off", "on1"] * 2


def test_python_and_vba_know_the_want_of_a_folder_by_the_same_words():
    said = text("addin.choose_folder")
    assert f'= "{said}"' in (MACROS / "RibbonTongHop.bas").read_text(encoding="utf-8")


def test_a_fault_of_runpython_is_said_in_vietnamese(press: Callable[..., tuple[str, str, str]]):
    _, notice, others = press("TroGiup", "fail")
    assert notice == "Không chạy được phần bổ trợ: hong"
    assert others.split() == ["off", "on1"]


@pytest.mark.parametrize("argument", ["", "C:\\Sở Nội vụ", "ằẳẵắặ ĐƠƯ", "𝔘 & ^ % ' =", "\uffee"])
def test_the_encoding_of_arguments(buttons: Any, argument: str):
    assert decoded(called(buttons, "RibbonTongHop.ThuMaHex", argument)) == argument


def test_what_only_excel_has_is_asked_for_without_falling_over(office: MacroOffice, tmp_path: Path):
    calls = {name: f"Thu{name}" for name in EXCEL_ONLY}
    ours = stubs.replaced(stubs.macros(), {"Notify": stubs.STAND_INS["Notify"]})
    ours = ours.replace(
        "Protect Structure:=True, Windows:=False", 'Protect ""'
    )  # It knows no more.
    for name, call in EXCEL_ONLY.items():
        ours += f"\nPublic Sub Thu{name}()\n    {call}\nEnd Sub\n"
    modules = [standard_module(t, "x") for t in (ours, stubs.RECORDING, stubs.driver(calls))]
    document = office.open(stubs.book_of(modules, [("A", "b")], tmp_path / "m.xlsm"))
    try:
        sheets = document.Sheets.ElementNames
        for name in calls:
            assert called(document, "ThuNghiem.Chay", name) == "ok"
        assert document.Sheets.ElementNames == ("Kiểm tra", *sheets[1:], CHECK_SHEET)
        assert cell(document, CHECK_SHEET, "I4") == CHECK_SIGNATURE
        assert document.isProtected()
    finally:
        document.close(True)


def test_libreoffice_loads_the_addin_itself(office: MacroOffice, tmp_path: Path):
    path = tmp_path / "tonghop.xlam"
    path.write_bytes(build_addin())
    document = office.open(path)
    try:
        library = document.BasicLibraries.getByName("TongHop")
        for module in macro_modules():
            loaded = library.getByName(module.name)
            assert loaded.split("Option Explicit", 1)[1].strip() == (
                module.text.split("Option Explicit", 1)[1].strip()
            )
    finally:
        document.close(True)
