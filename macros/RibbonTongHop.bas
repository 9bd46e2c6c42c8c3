Attribute VB_Name = "RibbonTongHop"
Option Explicit

' Mỗi nút trên thẻ "Tổng hợp" gọi một Sub; mỗi Sub chuyển một khóa cho addin.ribbon.run.
Public Sub HopNhatHopThu(control As IRibbonControl)
    DispatchThenFolder "merge"
End Sub

Public Sub TinhHinhNop(control As IRibbonControl)
    Dispatch "progress"
End Sub

Public Sub PhatHanhBieuMau(control As IRibbonControl)
    DispatchText "issue", "Kỳ phát hành, ví dụ 2026-Q1, 2026-6M, 2026-9M, 2026-Y:"
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

Public Sub TraLaiDonVi(control As IRibbonControl)
    Dispatch "return"
End Sub

Public Sub DieuChinh(control As IRibbonControl)
    DispatchBook "adjust"
End Sub

Public Sub ThietLap(control As IRibbonControl)
    DispatchThenFolder "settings"
End Sub

Public Sub NguoiQuyetDinh(control As IRibbonControl)
    DispatchText "author", "Người quyết định điều chỉnh (ghi dấu - để bỏ):"
End Sub

Public Sub CoQuanKy(control As IRibbonControl)
    DispatchText "agency", "Cơ quan ký công văn (ghi dấu - để bỏ):"
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

' Python hỏi trước; cần thư mục khác thì báo lại ở thanh trạng thái.
Private Sub DispatchThenFolder(ByVal action As String)
    Dim folder As String
    If Not SanSang() Then Exit Sub
    ChayPython action, ""
    If Not CanThuMuc() Then Exit Sub
    Application.StatusBar = False
    folder = ChonThuMuc()
    If folder <> "" Then ChayPython action, folder
End Sub

' Hỏi một dòng chữ trước; để trống hoặc thôi thì không chạy gì.
Private Sub DispatchText(ByVal action As String, ByVal prompt As String)
    Dim typed As String
    If Not SanSang() Then Exit Sub
    typed = HoiChu(prompt)
    If typed <> "" Then ChayPython action, typed
End Sub

' Như DispatchCopy, nhưng không đụng tới bảo vệ trang.
Private Sub DispatchBook(ByVal action As String)
    If SanSang() Then ChayPython action, BanSaoTam()
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
