"""Whether the person wants a long button to stop: Esc while Excel is in front (Windows)."""

from __future__ import annotations

import sys

import xlwings as xw

_ESCAPE = 0x1B
_PRESSED = 0x8001
"""Held down now, or pressed since the last question."""


class Cancelled(Exception):
    """The person stopped a button; what was written before stays whole."""


def stop_wanted(app: xw.App) -> bool:
    """Whether Esc was pressed in the window of an Excel since this was last asked."""
    if sys.platform != "win32":
        return False
    import ctypes

    user = ctypes.windll.user32
    pressed = user.GetAsyncKeyState(_ESCAPE) & _PRESSED
    return bool(pressed) and user.GetForegroundWindow() == app.hwnd
