Attribute VB_Name = "RibbonTongHop"
Option Explicit

' Mỗi nút trên thẻ "Tổng hợp" gọi một Sub; mỗi Sub chuyển một khóa cho addin.ribbon.run.
Public Sub HopNhatHopThu(control As IRibbonControl)
    DispatchFolder "merge"
End Sub

Public Sub KiemTraSoDangMo(control As IRibbonControl)
    DispatchCopy "check"
End Sub

Public Sub LoiTruoc(control As IRibbonControl)
    Dispatch "previous"
End Sub

Public Sub LoiSau(control As IRibbonControl)
    Dispatch "next"
End Sub

Public Sub TruyNguonONay(control As IRibbonControl)
    Dispatch "trace"
End Sub

Public Sub BieuMauGoc(control As IRibbonControl)
    DispatchFolder "templates"
End Sub

Public Sub TroGiup(control As IRibbonControl)
    Dispatch "help"
End Sub

Private Sub Dispatch(ByVal action As String)
    If SanSang() Then ChayPython action, ""
End Sub

' Hỏi thư mục trước; người dùng thôi chọn thì không chạy gì.
Private Sub DispatchFolder(ByVal action As String)
    Dim folder As String
    If Not SanSang() Then Exit Sub
    folder = ChonThuMuc()
    If folder <> "" Then ChayPython action, folder
End Sub

' Chép sổ đang mở, kể cả phần chưa lưu, ra một tệp tạm; sổ của người dùng giữ nguyên.
Private Sub DispatchCopy(ByVal action As String)
    If Not SanSang() Then Exit Sub
    ChoPhepToMau
    ChayPython action, BanSaoTam()
End Sub

Private Sub ChayPython(ByVal action As String, ByVal argument As String)
    Dim previous As Long
    On Error GoTo Failed
    Application.StatusBar = "Đang chạy…"
    previous = CamMacro()
    If RunPython(LenhPython(action, argument)) = -1 Then Application.StatusBar = False
    TraMacro previous
    Exit Sub
Failed:
    TraMacro previous
    Application.StatusBar = False
    Notify "Không chạy được phần bổ trợ: " & Err.Description
End Sub
