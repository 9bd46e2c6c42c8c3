"""Install the add-in for one user, with its interpreter; tell what keeps it from working.

No administrator is needed. What is in the way is told, never changed.

Excel keeps the ticked add-ins in the values ``OPEN``, ``OPEN1``, ``OPEN2`` … of its options in the
registry of Windows and overwrites these values when it closes. Close Excel before they are changed.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

import xlwings

from addin.build_addin import FILE_NAME, build_addin, mac_script
from consolidate import __version__
from consolidate.model.reasons import Reason, UserError, because
from consolidate.xlsx.write.atomic_files import write_atomically

_MAC_FOLDER = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Add-Ins.localized"
_MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
# In double quotes for cmd.exe only "%" is special; VBA's own file functions take ANSI only.
_WINDOWS_PATH = re.compile(r"[A-Za-z]:\\[\x20-\x7e]*")
# AppleScript puts the path into a shell command as it is.
_MAC_PATH = re.compile(r"/[A-Za-z0-9._/+-]+")


class State(StrEnum):
    """What is installed, compared with what this program would install."""

    ABSENT = "absent"
    CURRENT = "current"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Target:
    """One place to install to: the file, the interpreter to write into it, the platform."""

    file: Path
    interpreter: str
    platform: str

    def state(self) -> State:
        """Compare what is there with what would be installed."""
        try:
            found = self.file.read_bytes()
        except FileNotFoundError:
            return State.ABSENT
        return State.CURRENT if found == build_addin(self.interpreter) else State.OUTDATED

    def install(self, registry: Registry) -> tuple[str, ...]:
        """Write the add-in, whole or not at all, and have Excel load it.

        On macOS the script that starts Python, too. Returns the versions of Excel (Windows) that
        will load it.

        Raises:
            OSError: it cannot be written, for example because Excel has it open.
        """
        data = build_addin(self.interpreter)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.file, data)
        if self.platform == "darwin":
            scripts = Path.home() / _MAC_SCRIPTS
            scripts.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(xlwings.__file__).parent / mac_script(), scripts / mac_script())
        return register(registry, self.file) if self.platform == "win32" else ()

    def remove(self, registry: Registry) -> bool:
        """Delete the add-in and say whether there was one.

        The script of macOS stays: other workbooks with xlwings use the same.

        Raises:
            OSError: it cannot be deleted, for example because Excel has it open.
        """
        if self.platform == "win32":
            unregister(registry, self.file)
        if not self.file.exists():
            return False
        self.file.unlink()
        return True


def target(
    platform: str,
    environment: Mapping[str, str],
    home: Path,
    interpreter: str = sys.executable,
    shorten: Callable[[str], str] | None = None,
) -> Target:
    """Tell where to install on a platform (``sys.platform``) and what to write.

    Args:
        platform: ``win32``, ``darwin`` or any other, which has no Excel.
        environment: the variables of the user.
        home: the folder of the user.
        interpreter: full path of the Python that the buttons run.
        shorten: gives the short name of a Windows path that holds other letters than ASCII.

    Raises:
        UserError: there is no Excel on the platform, or the path cannot be passed on by it.
    """
    if platform == "win32":
        folder = environment.get("APPDATA", "")
        if not folder:
            raise UserError.of("addin.command.no_appdata")
        path = interpreter if interpreter.isascii() else (shorten or short_path)(interpreter)
        _require(_WINDOWS_PATH.fullmatch(path) and "%" not in path, interpreter, r"C:\tonghop")
        return Target(Path(folder, "Microsoft", "AddIns", FILE_NAME), path, platform)
    if platform == "darwin":
        _require(_MAC_PATH.fullmatch(interpreter), interpreter, "/opt/tonghop")
        return Target(home / _MAC_FOLDER / FILE_NAME, interpreter, platform)
    raise UserError.of("addin.command.unsupported")


def short_path(path: str) -> str:
    """Return the 8.3 name that Windows keeps for a path, else the path itself."""
    if sys.platform != "win32":
        return path
    import ctypes

    room = ctypes.create_unicode_buffer(1024)
    return room.value if ctypes.windll.kernel32.GetShortPathNameW(path, room, 1024) else path


def _require(good: object, path: str, example: str) -> None:
    if not good:
        raise UserError.of("addin.command.bad_interpreter", path=path, example=example)


USER, MACHINE = "HKCU", "HKLM"
"""Roots: that of the user and that of the machine."""
_OFFICE = r"Software\Microsoft\Office"
_CURRENT = r"Software\Classes\Excel.Application\CurVer"
_VERSION = re.compile(r"\d+\.0")
_OPEN = re.compile(r"OPEN(\d*)")


class Registry:
    """Reads both roots, writes that of the user only; on a system without one all is absent."""

    def keys(self, root: str, key: str) -> Sequence[str]:
        """List names of the keys below a key; none where it is absent."""
        return ()

    def values(self, root: str, key: str) -> Mapping[str, object]:
        """Values of a key: texts, numbers, bytes; none where it is absent."""
        return {}

    def write(self, key: str, name: str, value: str) -> None:
        """Write a text of the user."""

    def delete(self, key: str, name: str) -> None:
        """Delete a value of the user; nothing where it is absent."""


def own_registry() -> Registry:
    """Return the registry of this machine."""
    if sys.platform != "win32":
        return Registry()
    import winreg

    roots = {USER: winreg.HKEY_CURRENT_USER, MACHINE: winreg.HKEY_LOCAL_MACHINE}
    read = winreg.KEY_READ | winreg.KEY_WOW64_64KEY

    class WindowsRegistry(Registry):
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


_ROOTS = (r"Software\Policies\Microsoft\Office", r"Software\Microsoft\Office")
"""What the office decided comes before what the person chose."""
_ALL_DISABLED = 4
"""``VBAWarnings``: disable all macros without a word."""
_SIGNED_ONLY = 3
OLDEST = (3, 11)


def problems(
    target: Target,
    registry: Registry,
    *,
    version: tuple[int, int] = sys.version_info[:2],
    marked: bool | None = None,
) -> tuple[Reason, ...]:
    """List what is in the way of the add-in, what has to be mended first coming first.

    ``version`` is that of the Python that runs; ``marked`` says whether the file bears the Mark of
    the Web, ``None`` to look.
    """
    seen = is_marked(target.file) if marked is None else marked
    return tuple(_problems(target, registry, version, seen))


def _problems(
    target: Target, registry: Registry, version: tuple[int, int], marked: bool
) -> Iterator[Reason]:
    shown = ".".join(map(str, version))
    if version < OLDEST:
        yield because("addin.self.python_old", version=shown)
    state = target.state()
    if state is State.ABSENT:
        yield because("addin.self.absent", file=str(target.file))
        return
    if state is State.OUTDATED:
        yield because("addin.self.outdated", version=__version__, interpreter=target.interpreter)
    if marked:
        yield because("addin.self.marked", file=str(target.file))
    if target.platform != "win32":
        return
    versions = excel_versions(registry)
    if not versions:
        yield because("addin.self.no_excel")
    for excel in versions:
        if not is_registered(registry, target.file, excel):
            yield because("addin.self.not_registered", excel=excel)
        if _is_disabled(registry, target.file, excel):
            yield because("addin.self.disabled", excel=excel)
        yield from _trust(registry, excel)


def _trust(registry: Registry, excel: str) -> Iterator[Reason]:
    """Settings of the Trust Center; where the office set them the person cannot change them."""
    for name, blocked, key in (
        ("VBAWarnings", (_ALL_DISABLED,), "macros_disabled"),
        ("VBAWarnings", (_SIGNED_ONLY,), "macros_signed"),
        ("RequireAddinSig", (1,), "must_be_signed"),
        ("DisableAllAddins", (1,), "addins_disabled"),
    ):
        for root in _ROOTS:
            value = registry.values(USER, rf"{root}\{excel}\Excel\Security").get(name)
            if value is None:
                continue
            if value in blocked:
                who = "addin.self.by_office" if root == _ROOTS[0] else "addin.self.by_person"
                yield because(f"addin.self.{key}", excel=excel, who=because(who))
            break


def _is_disabled(registry: Registry, file: Path, excel: str) -> bool:
    """Tell whether Excel put the add-in among its disabled items after a crash."""
    key = rf"Software\Microsoft\Office\{excel}\Excel\Resiliency\DisabledItems"
    name = file.name.lower().encode("utf-16-le")
    items = registry.values(USER, key).values()
    return any(isinstance(item, bytes) and name in item.lower() for item in items)


def is_marked(file: Path) -> bool:
    """Tell whether Windows remembers that a file came from another machine (Mark of the Web)."""
    if sys.platform != "win32":
        return False
    try:
        return "ZoneId=3" in Path(f"{file}:Zone.Identifier").read_text("utf-8", "replace")
    except OSError:
        return False
