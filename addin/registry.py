"""The registry of Windows, as much of it as the add-in asks; have Excel load the add-in by it.

Excel keeps the ticked add-ins in the values ``OPEN``, ``OPEN1``, ``OPEN2`` … of its options and
overwrites these values when it closes. Close Excel before this module changes them.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Protocol

USER, MACHINE = "HKCU", "HKLM"
"""Roots: that of the user and that of the machine."""
_OFFICE = r"Software\Microsoft\Office"
_CURRENT = r"Software\Classes\Excel.Application\CurVer"
_VERSION = re.compile(r"\d+\.0")
_OPEN = re.compile(r"OPEN(\d*)")


class Registry(Protocol):
    """Reads both roots; writes that of the user only."""

    def keys(self, root: str, key: str) -> Sequence[str]:
        """List names of the keys below a key; none where it is absent."""

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
    """Return the registry of this machine."""
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


def excel_versions(registry: Registry) -> tuple[str, ...]:
    """Versions of Excel on the machine (``16.0``), the newest last; none without an Excel."""
    found = {
        version
        for version in registry.keys(USER, _OFFICE)
        if _VERSION.fullmatch(version) and "Excel" in registry.keys(USER, rf"{_OFFICE}\{version}")
    }
    current = str(registry.values(MACHINE, _CURRENT).get("", ""))
    number = current.rpartition(".")[2]
    if number.isdigit():
        found.add(f"{number}.0")
    return tuple(sorted(found, key=lambda version: int(version.partition(".")[0])))


def options_key(version: str) -> str:
    """Tell where a version of Excel keeps its options."""
    return rf"{_OFFICE}\{version}\Excel\Options"


def is_registered(registry: Registry, file: PurePath, version: str) -> bool:
    """Tell whether a version of Excel loads the add-in when it starts."""
    return any(_names(value, file) for _, value in _entries(registry, version))


def register(registry: Registry, file: PurePath) -> tuple[str, ...]:
    """Have every version of Excel load the add-in; what others put there stays.

    Returns the versions; none where there is no Excel.
    """
    versions = excel_versions(registry)
    for version in versions:
        _rewrite(registry, version, [*_others(registry, file, version), f'"{file}"'])
    return versions


def unregister(registry: Registry, file: PurePath) -> None:
    """Have no version of Excel load the add-in any more."""
    for version in excel_versions(registry):
        _rewrite(registry, version, _others(registry, file, version))


def excel_is_running() -> bool:
    """Tell whether an Excel of this user is open."""
    if sys.platform != "win32":
        return False
    import ctypes

    return bool(ctypes.windll.user32.FindWindowW("XLMAIN", None))


def _others(registry: Registry, file: PurePath, version: str) -> list[str]:
    return [value for _, value in _entries(registry, version) if not _names(value, file)]


def _entries(registry: Registry, version: str) -> list[tuple[str, str]]:
    found = [
        (int(known[1] or 0), name, str(value))
        for name, value in registry.values(USER, options_key(version)).items()
        if (known := _OPEN.fullmatch(name))
    ]
    return [(name, value) for _, name, value in sorted(found)]


def _names(value: str, file: PurePath) -> bool:
    return file.name.casefold() in value.casefold()


def _rewrite(registry: Registry, version: str, values: list[str]) -> None:
    """Write the entries without a gap: Excel reads no further than the first missing one."""
    key = options_key(version)
    before = _entries(registry, version)
    if [value for _, value in before] == values:
        return
    for name, _ in before:
        registry.delete(key, name)
    for number, value in enumerate(values):
        registry.write(key, f"OPEN{number or ''}", value)
