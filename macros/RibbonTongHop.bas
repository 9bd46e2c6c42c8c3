Attribute VB_Name = "RibbonTongHop"
Option Explicit
Option Private Module

' Cả phần bổ trợ là một mô-đun, để ngoài các Sub của nút mọi thứ đều là Private: công thức, hình vẽ
' có gắn macro hay sổ khác không gọi được tên nào. Option Private Module giấu cả các Sub của nút với sổ
' khác (thẻ vẫn gọi được), nhưng một mình nó không ngăn ai biết tên. Từ một ô chỉ gọi được Function:
' ở đây chỉ có TuNut. Việc gì chạy, đọc hay ghi đều là Sub có tham số và hỏi TuNut trước.

' MsgBox của VBA đi qua bảng mã ANSI của máy; MessageBoxW thì không.
#If Mac Then
#ElseIf VBA7 Then
Private Declare PtrSafe Function MessageBoxW Lib "user32" (ByVal hwnd As LongPtr, ByVal lpText As LongPtr, ByVal lpCaption As LongPtr, ByVal uType As Long) As Long
#Else
Private Declare Function MessageBoxW Lib "user32" (ByVal hwnd As Long, ByVal lpText As Long, ByVal lpCaption As Long, ByVal uType As Long) As Long
#End If

' Mỗi nút trên thẻ "Tổng hợp" gọi một Sub; mỗi Sub chuyển một khóa cho addin.ribbon.run.
Public Sub ViecTiepTheo(control As IRibbonControl)
    If TuNut() Then Dispatch "step"
End Sub

Public Sub TongHopHopThu(control As IRibbonControl)
    If TuNut() Then DispatchThenFolder "merge"
End Sub

Public Sub TinhHinhNop(control As IRibbonControl)
    If TuNut() Then Dispatch "status"
End Sub

Public Sub PhatHanhBieuMau(control As IRibbonControl)
    If TuNut() Then DispatchText "issue", "Kỳ phát hành, ví dụ 2026-9M, 9 tháng 2026, quý 3/2026:"
End Sub

Public Sub KiemTraSoDangMo(control As IRibbonControl)
    If TuNut() Then DispatchCopy "check"
End Sub

Public Sub LoiTruoc(control As IRibbonControl)
    If TuNut() Then Dispatch "previous"
End Sub

Public Sub LoiSau(control As IRibbonControl)
    If TuNut() Then Dispatch "next"
End Sub

Public Sub TruyNguonONay(control As IRibbonControl)
    If TuNut() Then Dispatch "trace"
End Sub

Public Sub BieuMauGoc(control As IRibbonControl)
    If TuNut() Then DispatchFolder "templates"
End Sub

Public Sub TraLaiDonVi(control As IRibbonControl)
    If TuNut() Then Dispatch "return"
End Sub

Public Sub DieuChinh(control As IRibbonControl)
    If TuNut() Then DispatchBook "adjust"
End Sub

Public Sub BaoCao(control As IRibbonControl)
    If TuNut() Then Dispatch "report"
End Sub

Public Sub Duyet(control As IRibbonControl)
    If TuNut() Then Dispatch "approve"
End Sub

Public Sub Khoa(control As IRibbonControl)
    If TuNut() Then DispatchText "lock", "Số văn bản của quyết định khóa (ghi dấu - nếu không có):"
End Sub

Public Sub SoSanhHaiLan(control As IRibbonControl)
    If TuNut() Then DispatchText "diff", "Số của hai lần tổng hợp, ví dụ 1 2 (ghi dấu - để so hai lần mới nhất):"
End Sub

Public Sub SaoLuu(control As IRibbonControl)
    If TuNut() Then Dispatch "backup"
End Sub

Public Sub XuatSoLieu(control As IRibbonControl)
    If TuNut() Then Dispatch "export"
End Sub

Public Sub ThietLap(control As IRibbonControl)
    If TuNut() Then DispatchThenFolder "settings"
End Sub

Public Sub NguoiQuyetDinh(control As IRibbonControl)
    If TuNut() Then DispatchText "author", "Người quyết định điều chỉnh (ghi dấu - để bỏ):"
End Sub

Public Sub CoQuanKy(control As IRibbonControl)
    If TuNut() Then DispatchText "agency", "Cơ quan ký công văn (ghi dấu - để bỏ):"
End Sub

Public Sub TuKiemTra(control As IRibbonControl)
    If TuNut() Then Dispatch "self"
End Sub

Public Sub TroGiup(control As IRibbonControl)
    If TuNut() Then Dispatch "help"
End Sub

' Nút trên thẻ để Application.Caller là lỗi #REF!; ô để một Range, hình vẽ, nút trên trang và macro tự
' chạy để một chuỗi, trình đơn để một mảng. Không hỏi được cũng là không.
Private Function TuNut() As Boolean
    Dim caller As String
    On Error Resume Next
    caller = TypeName(Application.Caller)
    TuNut = (caller = "Error" Or caller = "Empty")
End Function

Private Sub Dispatch(ByVal action As String)
    Dim ready As Boolean
    SanSang ready
    If ready Then ChayPython action, ""
End Sub

' Hỏi thư mục trước; người dùng thôi chọn thì không chạy gì.
Private Sub DispatchFolder(ByVal action As String)
    Dim ready As Boolean, folder As String
    SanSang ready
    If Not ready Then Exit Sub
    ChonThuMuc folder
    If folder <> "" Then ChayPython action, folder
End Sub

' Python hỏi trước; cần thư mục khác thì báo lại ở thanh trạng thái.
Private Sub DispatchThenFolder(ByVal action As String)
    Dim ready As Boolean, wanted As Boolean, folder As String
    SanSang ready
    If Not ready Then Exit Sub
    ChayPython action, ""
    CanThuMuc wanted
    If Not wanted Then Exit Sub
    Application.StatusBar = False
    ChonThuMuc folder
    If folder <> "" Then ChayPython action, folder
End Sub

' Hỏi một dòng chữ trước; để trống hoặc thôi thì không chạy gì.
Private Sub DispatchText(ByVal action As String, ByVal prompt As String)
    Dim ready As Boolean, typed As String
    SanSang ready
    If Not ready Then Exit Sub
    HoiChu prompt, typed
    If typed <> "" Then ChayPython action, typed
End Sub

' Như DispatchCopy, nhưng không đụng tới bảo vệ trang.
Private Sub DispatchBook(ByVal action As String)
    Dim ready As Boolean, path As String
    SanSang ready
    If Not ready Then Exit Sub
    BanSaoTam ActiveWorkbook, path
    ChayPython action, path
End Sub

' Chép sổ đang mở, kể cả phần chưa lưu, ra một tệp tạm; sổ của người dùng giữ nguyên.
Private Sub DispatchCopy(ByVal action As String)
    Dim ready As Boolean, path As String
    SanSang ready
    If Not ready Then Exit Sub
    ChoPhepToMau ActiveWorkbook
    BanSaoTam ActiveWorkbook, path
    ThemTrangLoi ActiveWorkbook
    ChayPython action, path
End Sub

Private Sub ChayPython(ByVal action As String, ByVal argument As String)
    Dim previous As Long, command As String, done As Boolean, said As String
    If Not TuNut() Then Exit Sub
    On Error GoTo Failed
    Application.StatusBar = "Đang chạy…"
    CamMacro previous
    LenhPython action, argument, command
    RunPython command, done
    If Not done Then Application.StatusBar = False
    TraMacro previous
    Exit Sub
Failed:
    ' Câu On Error kế tiếp xóa Err.
    said = Err.Description
    TraMacro previous
    Application.StatusBar = False
    Notify "Không chạy được phần bổ trợ: " & said
End Sub

' Lệnh Python của một nút. Tham số đi dưới dạng số hệ 16 nên không ký tự nào của đường dẫn
' (&, ^, %, dấu nháy, chữ có dấu) tới được dòng lệnh.
Private Sub LenhPython(ByVal action As String, ByVal argument As String, ByRef command As String)
    Dim coded As String
    MaHex argument, coded
    command = "from addin.ribbon import run; run('" & action & "', '" & coded & "')"
End Sub

' Bốn chữ số hệ 16 cho mỗi đơn vị UTF-16.
Private Sub MaHex(ByVal text As String, ByRef coded As String)
    Dim i As Long
    coded = ""
    For i = 1 To Len(text)
        coded = coded & Right$("000" & Hex$(AscW(Mid$(text, i, 1)) And &HFFFF&), 4)
    Next i
End Sub

' Chạy một lệnh bằng Python mà phần bổ trợ đã được cài với; không đường dẫn nào lấy từ sổ đang mở.
' "done" là False nếu không chạy được: người dùng đã được báo.
Private Sub RunPython(ByVal command As String, ByRef done As Boolean)
    Dim python As String
    done = False
    If Not TuNut() Then Exit Sub
    #If Mac Then
        DocThietLap "INTERPRETER_MAC", python
    #Else
        DocThietLap "INTERPRETER_WIN", python
    #End If
    If python = "" Then
        Notify "Phần bổ trợ chưa biết Python ở đâu. Mở cửa sổ lệnh, chạy: consolidate addin install, rồi mở lại Excel."
        Exit Sub
    End If
    #If Mac Then
        ChayMac python, command, done
    #Else
        ChayWindows python, command, done
    #End If
End Sub

' Một thiết lập ở trang của chính phần bổ trợ, "" nếu không có.
Private Sub DocThietLap(ByVal key As String, ByRef value As String)
    Dim row As Long
    value = ""
    If Not TuNut() Then Exit Sub
    With ThisWorkbook.Worksheets("tonghop.conf")
        For row = 1 To 9
            If .Cells(row, 1).Value = key Then value = .Cells(row, 2).Value
        Next row
    End With
End Sub

#If Mac Then
' macOS: kịch bản của xlwings chạy Python ở nền; Python xong thì gọi CleanUp.
Private Sub ChayMac(ByVal python As String, ByVal command As String, ByRef done As Boolean)
    Dim logFile As String, settings As String
    If Not TuNut() Then Exit Sub
    logFile = Environ("HOME") & "/xlwings.log"
    On Error Resume Next
    Kill logFile
    On Error GoTo Failed
    settings = "false;;;;;;;|" & python & "|" & command & "|" & ThisWorkbook.Name
    settings = settings & "|" & Left$(Application.Path, Len(Application.Path) - 4) & "|" & logFile
    AppleScriptTask "xlwings-0.37.8.applescript", "VbaHandler", settings
    BaoLoi logFile, False
    done = True
    Exit Sub
Failed:
    Notify "macOS không cho chạy Python. Mở cửa sổ lệnh, chạy: consolidate addin install, rồi mở lại Excel."
End Sub

Private Sub CleanUp()
    If Not TuNut() Then Exit Sub
    BaoLoi Environ("HOME") & "/xlwings.log", False
    Application.StatusBar = False
    Application.ScreenUpdating = True
End Sub
#Else
' Windows: cmd.exe vào thư mục của Python (không phải của sổ đang mở) rồi chạy Python, chờ xong.
Private Sub ChayWindows(ByVal python As String, ByVal command As String, ByRef done As Boolean)
    Dim host As Object, logFile As String, started As String, comspec As String, made As String, good As Boolean
    If Not TuNut() Then Exit Sub
    Set host = CreateObject("WScript.Shell")
    python = host.ExpandEnvironmentStrings(python)
    TimTep python, good
    If Not good Then
        Notify "Không còn thấy Python mà phần bổ trợ đã được cài với. Mở cửa sổ lệnh, chạy: consolidate addin install, rồi mở lại Excel."
        Exit Sub
    End If
    comspec = host.ExpandEnvironmentStrings("%ComSpec%")
    TimTep comspec, good
    If Not good Or LCase$(comspec) <> LCase$(host.ExpandEnvironmentStrings("%SystemRoot%\System32\cmd.exe")) Then
        Notify "Biến ComSpec của máy không chỉ đúng trình dòng lệnh của Windows nên phần bổ trợ không chạy. Nhờ người quản trị máy đặt lại biến này."
        Exit Sub
    End If
    TenTam made
    logFile = host.ExpandEnvironmentStrings("%TEMP%") & "\tonghop-" & made & ".log"
    started = """" & comspec & """ /D /C cd /D """ & Left$(python, InStrRev(python, "\") - 1) & """ && """ & python & """ -B -c """ & command & """"
    started = started & " --wb=""" & ThisWorkbook.Name & """ --from_xl=1 --app=""" & Application.Path & "\" & Application.Name & """ --hwnd=""" & Application.Hwnd & """ 2> """ & logFile & """"
    If host.Run(started, 0, True) = 0 Then
        done = True
    Else
        BaoLoi logFile, True
    End If
    On Error Resume Next
    Kill logFile
End Sub

' Chỉ nhận tệp có thật, đường dẫn đủ từ ổ đĩa, không có ký tự mà cmd.exe hiểu khác đi trong dấu nháy.
Private Sub TimTep(ByVal path As String, ByRef found As Boolean)
    Dim kind As Long
    found = False
    If Not TuNut() Then Exit Sub
    If Not (path Like "[A-Za-z]:\?*") Or InStr(path, """") > 0 Or InStr(path, "%") > 0 Then Exit Sub
    On Error GoTo Missing
    kind = GetAttr(path)
    found = (kind And vbDirectory) = 0
Missing:
End Sub
#End If

' Những gì Python không bắt được thì nằm ở tệp này; báo rồi xóa.
Private Sub BaoLoi(ByVal logFile As String, ByVal failed As Boolean)
    Dim number As Integer, found As String, said As String
    If Not TuNut() Then Exit Sub
    On Error GoTo Missing
    number = FreeFile
    Open logFile For Input As #number
    Do While Not EOF(number)
        Line Input #number, found
        said = said & found & vbCrLf
    Loop
    Close #number
    Kill logFile
Missing:
    If failed Or said <> "" Then Notify "Python dừng giữa chừng: " & vbCrLf & Right$(said, 1500)
End Sub

' Phần tên không trùng của một tệp tạm.
Private Sub TenTam(ByRef made As String)
    Dim i As Long
    Randomize
    made = ""
    For i = 1 To 32
        made = made & Hex$(Int(Rnd() * 16))
    Next i
End Sub

Private Sub Notify(ByVal text As String)
    Dim caption As String
    If Not TuNut() Then Exit Sub
    caption = "Tổng hợp số liệu"
    #If Mac Then
        MsgBox text, vbInformation, caption
    #Else
        MessageBoxW 0, StrPtr(text), StrPtr(caption), 64
    #End If
End Sub

' Excel chỉ nối được với Python qua cửa sổ của một sổ: chưa có sổ nào thì mở một sổ trống.
Private Sub SanSang(ByRef ready As Boolean)
    Dim view As Object
    ready = False
    If Not TuNut() Then Exit Sub
    On Error Resume Next
    Set view = Application.ActiveProtectedViewWindow
    On Error GoTo 0
    If Not view Is Nothing Then
        Notify "Sổ đang ở chế độ xem được bảo vệ. Bấm “Cho phép chỉnh sửa” (Enable Editing) ở thanh vàng rồi bấm lại nút này."
        Exit Sub
    End If
    If ActiveWorkbook Is Nothing Then Workbooks.Add
    ready = True
End Sub

' Thư mục người dùng chọn, "" nếu thôi. Trên macOS Python tự hỏi: "?".
Private Sub ChonThuMuc(ByRef folder As String)
    folder = ""
    If Not TuNut() Then Exit Sub
    #If Mac Then
        folder = "?"
    #Else
        Dim dialog As Object
        Set dialog = Application.FileDialog(4)
        dialog.Title = "Chọn thư mục"
        dialog.AllowMultiSelect = False
        If dialog.Show = -1 Then folder = dialog.SelectedItems(1)
    #End If
End Sub

' Python vừa báo là cần một thư mục (addin/ribbon.py). Trên macOS Python tự hỏi.
Private Sub CanThuMuc(ByRef wanted As Boolean)
    wanted = False
    If Not TuNut() Then Exit Sub
    On Error Resume Next
    wanted = (CStr(Application.StatusBar) = "Chọn thư mục…")
End Sub

' Một dòng chữ người dùng ghi, "" nếu thôi.
Private Sub HoiChu(ByVal prompt As String, ByRef answer As String)
    Dim typed As Variant
    answer = ""
    If Not TuNut() Then Exit Sub
    typed = Application.InputBox(prompt, "Tổng hợp số liệu", , , , , , 2)
    If VarType(typed) = vbString Then answer = Trim$(typed)
End Sub

' Đường dẫn bản sao của sổ đang mở; "" nếu Excel không chép được (Python dùng tệp đã lưu).
Private Sub BanSaoTam(ByVal book As Workbook, ByRef path As String)
    Dim made As String
    path = ""
    If Not TuNut() Then Exit Sub
    On Error GoTo Failed
    TenTam made
    #If Mac Then
        made = Environ("TMPDIR") & "tonghop-" & made & ".tmp"
    #Else
        Dim host As Object
        Set host = CreateObject("WScript.Shell")
        made = host.ExpandEnvironmentStrings("%TEMP%") & "\tonghop-" & made & ".tmp"
    #End If
    book.SaveCopyAs made
    path = made
Failed:
End Sub

' Trang khóa không mật khẩu: cho chương trình tô màu, người dùng vẫn bị khóa như trước.
' Thiết lập này không lưu vào tệp.
Private Sub ChoPhepToMau(ByVal book As Workbook)
    Dim ws As Worksheet
    If Not TuNut() Then Exit Sub
    On Error Resume Next
    For Each ws In book.Worksheets
        If ws.ProtectContents Then
            With ws.Protection
                ws.Protect DrawingObjects:=ws.ProtectDrawingObjects, Contents:=True, Scenarios:=ws.ProtectScenarios, UserInterfaceOnly:=True, AllowFormattingCells:=.AllowFormattingCells, AllowFormattingColumns:=.AllowFormattingColumns, AllowFormattingRows:=.AllowFormattingRows, AllowInsertingColumns:=.AllowInsertingColumns, AllowInsertingRows:=.AllowInsertingRows, AllowInsertingHyperlinks:=.AllowInsertingHyperlinks, AllowDeletingColumns:=.AllowDeletingColumns, AllowDeletingRows:=.AllowDeletingRows, AllowSorting:=.AllowSorting, AllowFiltering:=.AllowFiltering, AllowUsingPivotTables:=.AllowUsingPivotTables
            End With
        End If
    Next ws
End Sub

' Sổ khóa cấu trúc không mật khẩu: mở khóa, thêm trang để Python ghi lỗi, khóa lại ngay.
' Có mật khẩu, hoặc không phải biểu mẫu của chương trình (thiếu trang Kiểm tra), thì để yên:
' Python báo lỗi trong hộp thoại.
Private Sub ThemTrangLoi(ByVal book As Workbook)
    Dim ws As Worksheet, ours As Boolean
    If Not TuNut() Then Exit Sub
    If Not book.ProtectStructure Then Exit Sub
    On Error GoTo Locked
    For Each ws In book.Worksheets
        If Left$(ws.Name, 12) = "Lỗi kiểm tra" Then
            If ws.Range("I4").Value = "consolidate/check/1" Then Exit Sub
        End If
        If ws.Name = "Kiểm tra" Then ours = True
    Next ws
    If Not ours Then Exit Sub
    book.Unprotect ""
    If book.ProtectStructure Then Exit Sub
    On Error Resume Next
    Set ws = book.Worksheets.Add(After:=book.Sheets(book.Sheets.Count))
    ws.Range("I4").Value = "consolidate/check/1"
    ws.Name = "Lỗi kiểm tra (2)"
    ws.Name = "Lỗi kiểm tra"
    book.Protect Structure:=True, Windows:=False
Locked:
End Sub

' Sổ mà Python mở không được chạy macro của nó.
Private Sub CamMacro(ByRef previous As Long)
    If Not TuNut() Then Exit Sub
    On Error Resume Next
    previous = Application.AutomationSecurity
    Application.AutomationSecurity = 3
End Sub

Private Sub TraMacro(ByVal previous As Long)
    If Not TuNut() Then Exit Sub
    On Error Resume Next
    If previous > 0 Then Application.AutomationSecurity = previous
End Sub
