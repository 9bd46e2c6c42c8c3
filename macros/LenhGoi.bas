Attribute VB_Name = "LenhGoi"
Option Explicit

' Thuần VBA: không đụng tới Windows hay sổ đang mở.

' Lệnh Python của một nút. Tham số đi dưới dạng số hệ 16 nên không ký tự nào của đường dẫn
' (&, ^, %, dấu nháy, chữ có dấu) tới được dòng lệnh.
Public Function LenhPython(ByVal action As String, ByVal argument As String) As String
    LenhPython = "from addin.ribbon import run; run('" & action & "', '" & MaHex(argument) & "')"
End Function

' Bốn chữ số hệ 16 cho mỗi đơn vị UTF-16.
Public Function MaHex(ByVal text As String) As String
    Dim i As Long, made As String
    For i = 1 To Len(text)
        made = made & Right$("000" & Hex$(AscW(Mid$(text, i, 1)) And &HFFFF&), 4)
    Next i
    MaHex = made
End Function
