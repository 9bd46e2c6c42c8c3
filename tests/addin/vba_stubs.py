"""VBA that stands in for Windows and Python while LibreOffice runs ours, and what drives it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from addin.build_addin import compose, macro_modules
from addin.build_addin import ribbon_source as source
from addin.vba_project import Module, ascii_lines, document_module
from tests.addin.engines.conditional import resolved

SHEET_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
FOLDER = "C:\\Tổng hợp\\a&b=^%TEMP%'ễ"
TYPED = "2026-9M & ^%TEMP% Sở Nội vụ"
COPY = "C:\\Temp\\tonghop-1.tmp"
RECORD = "nhat_ky"
"""Sheet that the stubs write to: A1 the command, A2 the notice, A3 what else was called."""

ACTIVE_NAME = "Chay = ActiveWorkbook.Name: Exit Function"
"""Statement of a driver that says which workbook is active."""

STAND_INS = {
    "Notify": """Ghi "A2", text""",
    "SanSang": '''ready = Doc("B1") <> "busy"''',
    "ChonThuMuc": f'''If Doc("B1") <> "cancel" Then folder = "{FOLDER}"''',
    "CanThuMuc": '''wanted = Doc("B1") = "wanted"''',
    "HoiChu": f'''Ghi "A4", prompt: If Doc("B1") <> "cancel" Then answer = "{TYPED}"''',
    "BanSaoTam": f'''path = "{COPY}"''',
    "ChoPhepToMau": '''Ghi "A3", Doc("A3") & "color "''',
    "ThemTrangLoi": '''Ghi "A3", Doc("A3") & "sheet "''',
    "CamMacro": '''previous = 1: Ghi "A3", Doc("A3") & "off "''',
    "TraMacro": '''Ghi "A3", Doc("A3") & "on" & previous & " "''',
    "RunPython": 'done = True: Ghi "A1", command: '
    'If Doc("B1") = "fail" Then Err.Raise 1000, "x", "hong"',
}
"""What plays Excel and Python when buttons are pressed: a procedure of ours, its body."""

NOTICE = f"""Attribute VB_Name = "ThongBao"
Public Sub Notify(ByVal text As String)
    ThisWorkbook.Worksheets("{RECORD}").Range("A2").Value = text
End Sub
"""

RECORDING = f"""Attribute VB_Name = "GhiChep"
Public Sub Ghi(ByVal address As String, ByVal text As String)
    ThisWorkbook.Worksheets("{RECORD}").Range(address).Value = text
End Sub
Public Sub GhiTen(ByVal name As String)
    Ghi "A3", Doc("A3") & name & " "
End Sub
Public Function Doc(ByVal address As String) As String
    Doc = ThisWorkbook.Worksheets("{RECORD}").Range(address).Value
End Function
Public Function GiaCaller() As Variant
    Select Case ThisWorkbook.Worksheets("{RECORD}").Range("B2").Value
        Case "Error": GiaCaller = CVErr(2023)
        Case "String": GiaCaller = "Rectangle 1"
        Case "Variant()": GiaCaller = Array(1, "Menu")
        Case "Range": Set GiaCaller = ThisWorkbook.Worksheets("{RECORD}").Range("B2")
    End Select
End Function
Public Function GiaAttr(ByVal path As String) As Long
    If Doc("B3") <> "" And InStr(path, Doc("B3")) > 0 Then Err.Raise 53
    GiaAttr = 32
End Function
"""
"""What the stand-ins write with, who calls (B2), and which file is not there (B3)."""

COMSPEC = r"C:\WINDOWS\system32\cmd.exe"
"""As Windows says it; the capitals differ from those of ``%SystemRoot%``."""

CLASS_BASE = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"


def class_module(source: str) -> Module:
    """A class from the text of a ``.cls`` file; the add-in itself has none."""
    header, _, body = source.partition("\nEND\n")
    assert header.startswith("VERSION 1.0 CLASS")
    first, body = body.split("\n", 1)
    name = first.split('"')[1]
    head = [
        first,
        f'Attribute VB_Base = "{CLASS_BASE}"',
        *(f"Attribute VB_{key} = False" for key in ("GlobalNameSpace", "Creatable")),
        *(f"Attribute VB_{key} = False" for key in ("PredeclaredId", "Exposed")),
        *(f"Attribute VB_{key} = False" for key in ("TemplateDerived", "Customizable")),
    ]
    lines = [*head, *ascii_lines(body, "stub")]
    return Module(name, "Class", "".join(f"{line}\r\n" for line in lines).encode("ascii"))


SHELL = f"""VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "GiaShell"
Public Function ExpandEnvironmentStrings(ByVal s As String) As String
    ExpandEnvironmentStrings = Replace(s, "%SystemRoot%", "C:\\Windows")
    If s <> "%ComSpec%" Then Exit Function
    ExpandEnvironmentStrings = ThisWorkbook.Worksheets("{RECORD}").Range("B4").Value
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


def macros(*, mac: bool = False) -> str:
    """Our macros as a system compiles them; LibreOffice takes no declaration of user32."""
    (module,) = macro_modules()
    source = resolved(module.text, {"Mac": mac, "VBA7": True})
    return re.sub(r"^Private Declare .*\n", "", source, flags=re.MULTILINE)


def replaced(source: str, bodies: Mapping[str, str]) -> str:
    """Macros with other bodies in some of their procedures."""
    for name, body in bodies.items():
        pattern = rf"^(Private Sub {name}\(.*\n)(?:.*\n)*?(?=End Sub$)"
        source, count = re.subn(
            pattern, lambda found, body=body: f"{found[1]}    {body}\n", source, flags=re.MULTILINE
        )
        assert count == 1, name
    return source


def ours(*, mac: bool = False) -> str:
    """Our macros with Excel, Windows and macOS replaced by stubs, down to the last call."""
    source = macros(mac=mac)
    for old, new, count in _OURS_ON_MAC if mac else _OURS:
        assert source.count(old) == count, old
        source = source.replace(old, new)
    return source


_CALLER = ("TypeName(Application.Caller)", "TypeName(GiaCaller())", 1)
_OURS_ON_MAC = (
    _CALLER,
    ("Application.Path", '"C:\\Office"', 2),
    ("MsgBox text, vbInformation, caption", 'Ghi "A2", text', 1),
)
_OURS = (
    _CALLER,
    ('CreateObject("WScript.Shell")', "New GiaShell", 2),
    ("GetAttr(path)", "GiaAttr(path)", 1),
    ("Application.Hwnd", "1234", 1),
    ("Application.Path", '"C:\\Office"', 1),
    ("MessageBoxW 0, StrPtr(text), StrPtr(caption), 64", 'Ghi "A2", text', 1),
)
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
