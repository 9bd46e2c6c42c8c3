@echo off
rem What the shortcut on the desktop opens: where the round is, and a window for the next command.
title consolidate
set "PATH=%~dp0;%PATH%"
call consolidate.cmd
cmd /k
