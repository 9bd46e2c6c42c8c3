"""xlwings' RunPython module (BSD), closed to the workbooks that are open beside the add-in.

The stock module lets whoever sent the active workbook choose what runs: a sheet or a file named
``<project>.conf`` names the interpreter and the search path, a sheet named ``*.py`` diverts the
call, and the workbook's folder comes first on ``sys.path``. Its name and path also reach the
command line unescaped: ``a^&calc.xlsx`` on Windows and ``$(…).xlsx`` on macOS are commands. Each
patch below closes one of these; each must match exactly once, and afterwards the active workbook
must not be mentioned on the path from a button to Python. Another xlwings stops the build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import xlwings

PINNED = "0.37.8"
"""The version of xlwings whose text the patches were written for."""
CONF = "tonghop"
"""``PROJECT_NAME`` of the module: the sheet ``tonghop.conf`` of the add-in holds the settings."""
ON_THE_WAY = (
    "RunPython",
    "ExecuteMac",
    "ExecuteWindows",
    "GetConfig",
    "GetConfigFromSheet",
    "GetConfigFilePath",
    "GetDirectoryConfigFilePath",
    "ShowError",
)
"""Procedures between a button and Python."""
_ACTIVE = re.compile(r"\bActive(Workbook|Sheet|Cell|Window)\b")


class ModuleChanged(RuntimeError):
    """The module of the installed xlwings is not the one that the patches close."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One replacement in the module and the hole that it closes."""

    why: str
    old: str
    new: str


PATCHES = (
    Patch(
        "our own name",
        'PROJECT_NAME As String = "myaddin"',
        f'PROJECT_NAME As String = "{CONF}"',
    ),
    Patch(
        "no interpreter by name: the search would begin in the folder of the workbook",
        'interpreter = GetConfig("INTERPRETER", "python")\n',
        'Notify "Phần bổ trợ chưa biết Python ở đâu. Mở cửa sổ lệnh, chạy: consolidate addin '
        'install, rồi mở lại Excel."\n        RunPython = -1\n        Exit Function\n',
    ),
    Patch(
        "an interpreter that is gone is said in Vietnamese, and as a failure",
        'MsgBox "Could not find Interpreter!", vbCritical\n',
        'Notify "Không còn thấy Python mà phần bổ trợ đã được cài với. Mở cửa sổ lệnh, chạy: '
        'consolidate addin install, rồi mở lại Excel."\n            ExecuteWindows = -1\n',
    ),
    Patch(
        "no embedded code from the active workbook",
        "    For i = 1 To 2\n        If i = 1 Then\n            Set wb = ActiveWorkbook\n",
        "    For i = 2 To 2\n        If i = 1 Then\n            Set wb = ThisWorkbook\n",
    ),
    Patch(
        "no path of a workbook in the command (macOS)",
        '        If InStr(ActiveWorkbook.FullName, "://") = 0 Then\n'
        "            ActiveFullName = ToPosixPath(ActiveWorkbook.FullName)\n"
        "            ThisFullName = ToPosixPath(ThisWorkbook.FullName)\n"
        "        Else\n"
        "            ActiveFullName = ActiveWorkbook.FullName\n"
        "            ThisFullName = ThisWorkbook.FullName\n"
        "        End If\n",
        '        ActiveFullName = ""\n        ThisFullName = ""\n',
    ),
    Patch(
        "no path of a workbook in the command (Windows)",
        "    #Else\n"
        "        ActiveFullName = ActiveWorkbook.FullName\n"
        "        ThisFullName = ThisWorkbook.FullName\n"
        "    #End If\n",
        '    #Else\n        ActiveFullName = ""\n        ThisFullName = ""\n    #End If\n',
    ),
    Patch(
        "no server of functions, which would be given the active workbook",
        'OPTIMIZED_CONNECTION = GetConfig("USE UDF SERVER", False)',
        "OPTIMIZED_CONNECTION = False",
    ),
    Patch(
        "no server of functions, which would be given the active workbook (its call)",
        '"BOOK_CALLER", ActiveWorkbook\n',
        '"BOOK_CALLER", ThisWorkbook\n',
    ),
    Patch(
        "no name of a workbook in the command (macOS)",
        '"|" + ActiveWorkbook.Name\n',
        '"|" + ThisWorkbook.Name\n',
    ),
    Patch(
        "no name of a workbook in the command (Windows)",
        '" --wb=" & """" & ActiveWorkbook.Name & """',
        '" --wb=" & """" & ThisWorkbook.Name & """',
    ),
    Patch(
        "no settings from a file beside the active workbook",
        'GetDirectoryPath(ActiveWorkbook) & pathSeparator & PROJECT_NAME & ".conf"',
        'GetDirectoryPath(ThisWorkbook) & pathSeparator & PROJECT_NAME & ".conf"',
    ),
    Patch(
        "settings are read with no workbook open, too",
        "In Range(sht.Range(",
        "In sht.Range(sht.Range(",
    ),
    Patch(
        "no settings from a sheet of the active workbook",
        '            If SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True Then\n'
        "                If GetConfigFromSheet(ActiveWorkbook).Exists(configKey) = True Then\n"
        "                    GetConfig = GetConfigFromSheet(ActiveWorkbook).Item(configKey)\n",
        "            If False Then\n"
        "                If GetConfigFromSheet(ThisWorkbook).Exists(configKey) = True Then\n"
        "                    GetConfig = GetConfigFromSheet(ThisWorkbook).Item(configKey)\n",
    ),
    Patch(
        "no settings from a file in any folder of workbooks",
        'If GetFullName(ActiveWorkbook) <> "" Then \'',
        "If False Then '",
    ),
    Patch(
        "no error written into the active workbook",
        'If GetConfig("SHOW_ERROR_POPUPS", "True") = "False" Then\n'
        '        If SheetExists(ActiveWorkbook, "Error") = False Then\n'
        "            Set ErrorSheet = ActiveWorkbook.Sheets.Add()\n"
        '            ErrorSheet.Name = "Error"\n'
        "        Else\n"
        '            Set ErrorSheet = ActiveWorkbook.Sheets("Error")\n'
        "        End If\n"
        '        ErrorSheet.Range("A1").Value = Content\n',
        "If False Then\n",
    ),
)
"""All differences between the vendor's module and ours."""


def stock_module() -> str:
    """The text of the module as the installed xlwings ships it."""
    path = Path(xlwings.__file__).parent / "xlwings_custom_addin.bas"
    return path.read_text(encoding="ascii").replace("\r\n", "\n")


def dictionary_class() -> str:
    """The text of the ``Dictionary`` class (MIT) that the module needs on macOS."""
    path = Path(xlwings.__file__).parent / "addin" / "Dictionary.cls"
    return path.read_text(encoding="cp1252").replace("\r\n", "\n")


def hardened_module() -> str:
    """The text of the module for our add-in.

    Raises:
        ModuleChanged: xlwings is another version, a patch does not match exactly once, or the
            active workbook is still mentioned on the way to Python.
    """
    if xlwings.__version__ != PINNED:
        raise ModuleChanged(f"xlwings {xlwings.__version__} instead of {PINNED}")
    return patched(stock_module())


def patched(source: str) -> str:
    """The module with every patch applied and the result checked.

    Raises:
        ModuleChanged: a patch does not match exactly once, or did not help.
    """
    for patch in PATCHES:
        count = source.count(patch.old)
        if count != 1:
            raise ModuleChanged(f"{patch.why}: found {count} times instead of once")
        source = source.replace(patch.old, patch.new)
    for name in ON_THE_WAY:
        if _ACTIVE.search(procedure(source, name)):
            raise ModuleChanged(f"{name} still asks the active workbook")
    return source


def procedure(source: str, name: str) -> str:
    """The text of one procedure of a module.

    Raises:
        ModuleChanged: there is no such procedure.
    """
    match = re.search(
        rf"^(?:Public |Private )?(Sub|Function) {name}\(.*?^End \1$",
        source,
        re.MULTILINE | re.DOTALL,
    )
    if match is None:
        raise ModuleChanged(f"no procedure {name}")
    return match.group()
