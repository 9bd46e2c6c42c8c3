@echo off
rem Takes the program of this folder away; the folder goes last, from this one line.
setlocal
set "HOME_FOLDER=%~dp0"
set /p INSIDE=<"%~dp0kit\program.txt"
"%~dp0%INSIDE%" -I -B "%~dp0kit\set_up.py" remove
if errorlevel 1 (pause & exit /b 2)
pause
cd /d "%TEMP%" & rd /s /q "%HOME_FOLDER%env" "%HOME_FOLDER%python" "%HOME_FOLDER%bin" "%HOME_FOLDER%kit" 2>nul & del /q "%HOME_FOLDER%go-bo.cmd" & rd "%HOME_FOLDER%" 2>nul & exit /b
