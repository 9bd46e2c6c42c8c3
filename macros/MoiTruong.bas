Attribute VB_Name = "MoiTruong"
Option Explicit

' Những gì chỉ có trong Excel: hộp chọn thư mục, bản sao tạm, bảo vệ trang, chế độ xem được bảo vệ.

' Excel chỉ nối được với Python qua cửa sổ của một sổ: chưa có sổ nào thì mở một sổ trống.
Public Function SanSang() As Boolean
    If DangXemDuocBaoVe() Then
        Notify "Sổ đang ở chế độ xem được bảo vệ. Bấm “Cho phép chỉnh sửa” (Enable Editing) ở thanh vàng rồi bấm lại nút này."
        Exit Function
    End If
    If ActiveWorkbook Is Nothing Then Workbooks.Add
    SanSang = True
End Function

Private Function DangXemDuocBaoVe() As Boolean
    On Error Resume Next
    DangXemDuocBaoVe = Not (Application.ActiveProtectedViewWindow Is Nothing)
End Function

' Thư mục người dùng chọn, "" nếu thôi. Trên macOS Python tự hỏi: "?".
Public Function ChonThuMuc() As String
    #If Mac Then
        ChonThuMuc = "?"
    #Else
        Dim dialog As Object
        Set dialog = Application.FileDialog(4)
        dialog.Title = "Chọn thư mục"
        dialog.AllowMultiSelect = False
        If dialog.Show = -1 Then ChonThuMuc = dialog.SelectedItems(1)
    #End If
End Function

' Python vừa báo là cần một thư mục (addin/ribbon.py). Trên macOS Python tự hỏi.
Public Function CanThuMuc() As Boolean
    On Error Resume Next
    CanThuMuc = (CStr(Application.StatusBar) = "Chọn thư mục…")
End Function

' Một dòng chữ người dùng ghi, "" nếu thôi.
Public Function HoiChu(ByVal prompt As String) As String
    Dim typed As Variant
    typed = Application.InputBox(prompt, "Tổng hợp số liệu", , , , , , 2)
    If VarType(typed) = vbString Then HoiChu = Trim$(typed)
End Function

' Đường dẫn bản sao của sổ đang mở; "" nếu Excel không chép được (Python dùng tệp đã lưu).
Public Function BanSaoTam() As String
    Dim path As String
    On Error GoTo Failed
    #If Mac Then
        path = Environ("TMPDIR") & "tonghop-" & CreateGUID() & ".tmp"
    #Else
        path = ExpandEnvironmentStrings("%TEMP%") & "\tonghop-" & CreateGUID() & ".tmp"
    #End If
    ActiveWorkbook.SaveCopyAs path
    BanSaoTam = path
Failed:
End Function

' Trang khóa không mật khẩu: cho chương trình tô màu, người dùng vẫn bị khóa như trước.
' Thiết lập này không lưu vào tệp.
Public Sub ChoPhepToMau()
    Dim ws As Worksheet
    On Error Resume Next
    For Each ws In ActiveWorkbook.Worksheets
        If ws.ProtectContents Then
            With ws.Protection
                ws.Protect DrawingObjects:=ws.ProtectDrawingObjects, Contents:=True, Scenarios:=ws.ProtectScenarios, UserInterfaceOnly:=True, AllowFormattingCells:=.AllowFormattingCells, AllowFormattingColumns:=.AllowFormattingColumns, AllowFormattingRows:=.AllowFormattingRows, AllowInsertingColumns:=.AllowInsertingColumns, AllowInsertingRows:=.AllowInsertingRows, AllowInsertingHyperlinks:=.AllowInsertingHyperlinks, AllowDeletingColumns:=.AllowDeletingColumns, AllowDeletingRows:=.AllowDeletingRows, AllowSorting:=.AllowSorting, AllowFiltering:=.AllowFiltering, AllowUsingPivotTables:=.AllowUsingPivotTables
            End With
        End If
    Next ws
End Sub

' Sổ mà Python mở không được chạy macro của nó.
Public Function CamMacro() As Long
    On Error Resume Next
    CamMacro = Application.AutomationSecurity
    Application.AutomationSecurity = 3
End Function

Public Sub TraMacro(ByVal previous As Long)
    On Error Resume Next
    If previous > 0 Then Application.AutomationSecurity = previous
End Sub
