@echo off
rem Finds a Python that can start the set-up; everything else is decided in kit\set_up.py.
setlocal
if not exist "%~dp0kit\set_up.py" goto packed
set "PYTHON_MANAGER_AUTOMATIC_INSTALL=false"
set "START="
if exist "%~dp0python\python.exe" set START="%~dp0python\python.exe"
if not defined START call :registered
if not defined START call :try py -3
if not defined START call :try python
if not defined START for %%F in ("%~dp0python\*.exe") do call :setup "%%F"
if not defined START goto missing
%START% -I -B "%~dp0kit\set_up.py" install %1
set "CODE=%ERRORLEVEL%"
pause
exit /b %CODE%

:registered
for %%V in (3.13 3.12 3.11) do for %%R in (HKCU HKLM) do for /f "tokens=2,*" %%A in ('reg query "%%R\Software\Python\PythonCore\%%V\InstallPath" /v ExecutablePath /reg:64 2^>nul ^| find "REG_SZ"') do if not defined START if exist "%%B" set START="%%B"
exit /b

:try
%* -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 set "START=%*"
exit /b

:setup
echo Python: %1
start "" /wait %1 /passive InstallAllUsers=0 Include_launcher=0 Include_test=0 PrependPath=0 AssociateFiles=0
call :registered
exit /b

:packed
start "" notepad "%~dp0doc-truoc.txt"
echo Giai nen ca bo cai (.zip) ra mot thu muc truoc, roi chay cai-dat.cmd trong thu muc do.
pause
exit /b 2

:missing
start "" notepad "%~dp0kit\thieu-python.txt"
echo Chua co Python 3.11 tro len: xem tep vua mo ra.
pause
exit /b 2
