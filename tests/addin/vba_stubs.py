"""VBA that stands in for Windows and Python while LibreOffice runs ours, and what drives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from addin.build_addin import compose
from addin.ribbon_xml import source
from addin.vbabuild.vba_source import Module, ascii_lines, document_module

SHEET_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
FOLDER = "C:\\Tổng hợp\\a&b=^%TEMP%'ễ"
TYPED = "2026-9M & ^%TEMP% Sở Nội vụ"
COPY = "C:\\Temp\\tonghop-1.tmp"
RECORD = "nhat_ky"
"""Sheet that the stubs write to: A1 the command, A2 the notice, A3 what else was called."""

ACTIVE_NAME = "Chay = ActiveWorkbook.Name: Exit Function"
"""Statement of a driver that says which workbook is active."""

RUN_PYTHON = f"""Attribute VB_Name = "xlwings"
Public Function RunPython(PythonCommand As String)
    ThisWorkbook.Worksheets("{RECORD}").Range("A1").Value = PythonCommand
    If ThisWorkbook.Worksheets("{RECORD}").Range("B1").Value = "fail" Then Err.Raise 1000
End Function
"""

NOTICE = f"""Attribute VB_Name = "ThongBao"
Public Sub Notify(ByVal text As String)
    ThisWorkbook.Worksheets("{RECORD}").Range("A2").Value = text
End Sub
"""

ENVIRONMENT = f"""Attribute VB_Name = "MoiTruong"
Private Sub Ghi(ByVal word As String)
    Dim cell As Range
    Set cell = ThisWorkbook.Worksheets("{RECORD}").Range("A3")
    cell.Value = cell.Value & word & " "
End Sub
Public Function SanSang() As Boolean
    SanSang = ThisWorkbook.Worksheets("{RECORD}").Range("B1").Value <> "busy"
End Function
Public Function ChonThuMuc() As String
    If ThisWorkbook.Worksheets("{RECORD}").Range("B1").Value = "cancel" Then Exit Function
    ChonThuMuc = "{FOLDER}"
End Function
Public Function CanThuMuc() As Boolean
    CanThuMuc = ThisWorkbook.Worksheets("{RECORD}").Range("B1").Value = "wanted"
End Function
Public Function HoiChu(ByVal prompt As String) As String
    ThisWorkbook.Worksheets("{RECORD}").Range("A4").Value = prompt
    If ThisWorkbook.Worksheets("{RECORD}").Range("B1").Value = "cancel" Then Exit Function
    HoiChu = "{TYPED}"
End Function
Public Function BanSaoTam() As String
    BanSaoTam = "{COPY}"
End Function
Public Sub ChoPhepToMau()
    Ghi "color"
End Sub
Public Function CamMacro() As Long
    Ghi "off"
    CamMacro = 1
End Function
Public Sub TraMacro(ByVal previous As Long)
    Ghi "on" & previous
End Sub
"""

SHELL = f"""VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "GiaShell"
Public Function ExpandEnvironmentStrings(ByVal s As String) As String
    ExpandEnvironmentStrings = s
End Function
Public Function Run(ByVal line As String, ByVal style As Long, ByVal wait As Boolean) As Long
    ThisWorkbook.Worksheets("{RECORD}").Range("A1").Value = line
    Run = 0
End Function
"""

DICTIONARY = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "Dictionary"
Private keys(100) As String
Private values(100) As String
Private n As Long
Public Sub Add(ByVal key As String, ByVal value As String)
    keys(n) = key
    values(n) = value
    n = n + 1
End Sub
Public Function Exists(ByVal key As String) As Boolean
    Dim i As Long
    For i = 0 To n - 1
        If keys(i) = key Then Exists = True
    Next i
End Function
Public Function Item(ByVal key As String) As String
    Dim i As Long
    For i = 0 To n - 1
        If keys(i) = key Then Item = values(i)
    Next i
End Function
"""


MAC = f"""Attribute VB_Name = "GiaMac"
Public Function MacScript(ByVal script As String) As String
    MacScript = script
End Function
Public Function AppleScriptTask(ByVal file As String, ByVal handler As String, ByVal s As String)
    ThisWorkbook.Worksheets("{RECORD}").Range("A1").Value = s
End Function
"""


def book_of(modules: Sequence[Module], settings: list[tuple[str, str]], path: Path) -> Path:
    """A workbook with macros, a sheet of settings and a sheet for the record."""
    documents = [document_module(name) for name in ("ThisWorkbook", "Sheet1", "Sheet2")]
    data = compose(
        settings,
        [*documents, *modules],
        source(),
        workbook_type=SHEET_TYPE,
        more_sheets=(RECORD,),
    )
    path.write_bytes(data)
    return path


OPENED = f"""Private Sub Workbook_Open()
    ThisWorkbook.Worksheets("{RECORD}").Range("A1").Value = "đã chạy"
End Sub
"""


def armed_book(path: Path) -> Path:
    """A workbook whose macro runs when it is opened."""
    workbook = document_module("ThisWorkbook")
    code = "\r\n".join(ascii_lines(OPENED, "stub")).encode("ascii")
    armed = Module(workbook.name, workbook.kind, workbook.code + code + b"\r\n")
    modules = [armed, document_module("Sheet1"), document_module("Sheet2")]
    path.write_bytes(
        compose([], modules, source(), workbook_type=SHEET_TYPE, more_sheets=(RECORD,))
    )
    return path


def driver(calls: dict[str, str]) -> str:
    """A module whose function ``Chay`` runs one of some statements and says how it went."""
    cases = "\n".join(f'        Case "{name}": {call}' for name, call in calls.items())
    return f"""Attribute VB_Name = "ThuNghiem"
Public Function Chay(ByVal name As String) As String
    On Error GoTo Failed
    Select Case name
{cases}
        Case Else: Err.Raise 1001
    End Select
    Chay = "ok"
    Exit Function
Failed:
    Chay = "error " & Err.Number & ": " & Err.Description
End Function
"""


_EVERYWHERE = (
    # LibreOffice brings a workbook to the front when it looks for the end of a column.
    ('sht.Range("A1").End(xlDown)', 'sht.Range("A40")'),
    ("Application.Path", '"C:\\Office"'),
    ('If Application.Name = "Microsoft Excel" Then', "If True Then"),
    (
        'Optional default As String = "", Optional source As String = "") As Variant',
        "Optional default As Variant) As Variant\n    Dim source As String",
    ),
    (
        "    GetConfig = default\n",
        '    GetConfig = ""\n    If Not IsMissing(default) Then GetConfig = default\n',
    ),
)
_WINDOWS = (
    ('CreateObject("WScript.Shell")', "New GiaShell"),
    ('CreateObject("Scripting.Dictionary")', "New Dictionary"),
    ("Application.Hwnd", "1234"),
    ("If FileExists(PYTHON_WIN) Then", "If True Then"),
    ('"\\xlwings-" & CreateGUID() & ".log"', '"\\xlwings.log"'),
    ('GetConfig("SHOW CONSOLE", False) = True', 'GetConfig("SHOW CONSOLE", "") = "True"'),
    # Folders of the machine that the test runs on.
    ('pathSeparator = "\\"', 'pathSeparator = "/"'),
    ('GetDirectory = Left(Path, InStrRev(Path, "\\"))', "GetDirectory = FolderOf(Path)"),
)
_PATHS = """
Function FolderOf(Path)
    FolderOf = Left(Path, InStrRev(Path, "/"))
End Function
Function FullNameOf(wb) As String
    FullNameOf = wb.Path & "/" & wb.Name
End Function
"""


def for_libreoffice(source: str, *, mac: bool = False) -> str:
    """xlwings' module, compiled for a platform, with what only that has replaced by the stubs.

    LibreOffice also loses the defaults of parameters that are left out, and does not compare a
    text with a truth value.
    """
    for old, new in _EVERYWHERE if mac else (*_EVERYWHERE, *_WINDOWS):
        assert old in source, old
        source = source.replace(old, new)
    # The full name of a workbook is its name there.
    return re.sub(r"\b(\w+)\.FullName\b", r"FullNameOf(\1)", source) + _PATHS
