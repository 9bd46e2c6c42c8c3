"""The registry of Windows, as much of it as the add-in asks; tests play one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

USER, MACHINE = "HKCU", "HKLM"
"""Roots: that of the user and that of the machine."""


class Registry(Protocol):
    """Reads both roots; writes that of the user only."""

    def keys(self, root: str, key: str) -> Sequence[str]:
        """Names of the keys below a key; none where it is absent."""

    def values(self, root: str, key: str) -> Mapping[str, object]:
        """Values of a key: texts, numbers, bytes; none where it is absent."""

    def write(self, key: str, name: str, value: str) -> None:
        """Write a text of the user."""

    def delete(self, key: str, name: str) -> None:
        """Delete a value of the user; nothing where it is absent."""


class NoRegistry:
    """Stands in on systems without one: everything is absent."""

    def keys(self, root: str, key: str) -> Sequence[str]:
        """No keys."""
        return ()

    def values(self, root: str, key: str) -> Mapping[str, object]:
        """No values."""
        return {}

    def write(self, key: str, name: str, value: str) -> None:
        """Write nothing."""

    def delete(self, key: str, name: str) -> None:
        """Delete nothing."""


def own_registry() -> Registry:
    """The registry of this machine."""
    if sys.platform != "win32":
        return NoRegistry()
    import winreg

    roots = {USER: winreg.HKEY_CURRENT_USER, MACHINE: winreg.HKEY_LOCAL_MACHINE}
    read = winreg.KEY_READ | winreg.KEY_WOW64_64KEY

    class WindowsRegistry:
        def keys(self, root: str, key: str) -> Sequence[str]:
            try:
                with winreg.OpenKey(roots[root], key, 0, read) as opened:
                    count = winreg.QueryInfoKey(opened)[0]
                    return [winreg.EnumKey(opened, number) for number in range(count)]
            except OSError:
                return ()

        def values(self, root: str, key: str) -> Mapping[str, object]:
            try:
                with winreg.OpenKey(roots[root], key, 0, read) as opened:
                    count = winreg.QueryInfoKey(opened)[1]
                    found = [winreg.EnumValue(opened, number) for number in range(count)]
                    return {name: value for name, value, _ in found}
            except OSError:
                return {}

        def write(self, key: str, name: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str, name: str) -> None:
            access = winreg.KEY_SET_VALUE
            with (
                contextlib.suppress(OSError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, access) as opened,
            ):
                winreg.DeleteValue(opened, name)

    return WindowsRegistry()
