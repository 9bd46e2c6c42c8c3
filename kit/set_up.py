"""Set up the program for one Windows user from an unpacked kit, and take it away again.

Runs on the person's machine with nothing but the standard library, started by ``cai-dat.cmd``.
Decisions are functions of what a :class:`Machine` says, so that tests can play a machine.
Needs no administrator and no network; folders of reports are never touched.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Protocol

NAME = "TongHop"
"""Of the folder under the user's programs, and of the entry in the list of programs."""
TITLE = "Tổng hợp báo cáo"
CORE = r"Software\Python\PythonCore"
SHELL_FOLDERS = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
UNINSTALL = rf"Software\Microsoft\Windows\CurrentVersion\Uninstall\{NAME}"
ENVIRONMENT = "Environment"
USER, MACHINE = "HKCU", "HKLM"
_TAG = re.compile(r"(\d+)\.(\d+)(-32|-arm64)?")
_STORE = re.compile(r"PythonSoftwareFoundation\.Python\.(\d+)\.(\d+)_")
_HERE = Path(__file__).resolve().parent


class Machine(Protocol):
    """What set-up asks of Windows. Roots of the registry are ``USER`` and ``MACHINE``."""

    environment: Mapping[str, str]

    def keys(self, root: str, key: str) -> Sequence[str]:
        """Names of the keys below a key; none where it is absent."""

    def value(self, root: str, key: str, name: str) -> str | None:
        """A value of a key, not expanded."""

    def write(self, key: str, name: str, value: str) -> None:
        """Write a value of the user, one that is expanded when it holds ``%``."""

    def delete(self, key: str) -> None:
        """Delete a key of the user; nothing where it is absent."""

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""

    def names(self, folder: str) -> Sequence[str]:
        """Names in a folder; none where it is absent."""


class Fit(StrEnum):
    """Whether the kit can be installed with a Python; all but ``GOOD`` are told to the person."""

    GOOD = "good"
    OLD = "old"
    NEW = "new"
    STORE = "store"
    BITS = "bits"
    ARM = "arm"


@dataclass(frozen=True, slots=True)
class Python:
    """A Python found on the machine: its version, its program, and whether it fits."""

    version: tuple[int, int]
    program: str
    fit: Fit

    @property
    def shown(self) -> str:
        """Its version as people write it."""
        return ".".join(map(str, self.version))


class Refused(Exception):
    """Set-up cannot go on: a key of ``messages.toml`` and what belongs into the sentence."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def find_pythons(machine: Machine, versions: Sequence[tuple[int, int]]) -> tuple[Python, ...]:
    """List the Pythons that are registered (PEP 514) or came from the Microsoft Store.

    Args:
        machine: Windows, or what plays it.
        versions: those that the kit has wheels for.
    """
    return tuple(dict.fromkeys(_find(machine, versions)))


def _find(machine: Machine, versions: Sequence[tuple[int, int]]) -> Iterator[Python]:
    for root, core in ((USER, CORE), (MACHINE, CORE), (MACHINE, _wow(CORE))):
        for tag in machine.keys(root, core):
            known = _TAG.fullmatch(tag)
            program = _program(machine, root, rf"{core}\{tag}\InstallPath")
            if known is None or program is None:
                continue
            version = int(known[1]), int(known[2])
            bits = machine.value(root, rf"{core}\{tag}", "SysArchitecture")
            small = known[3] == "-32" or bits == "32bit" or core != CORE
            yield Python(version, program, _fit(version, program, known[3], small, versions))
    aliases = machine.environment.get("LOCALAPPDATA", "") + r"\Microsoft\WindowsApps"
    for name in machine.names(aliases):
        store = _STORE.match(name)
        if store is not None:
            version = int(store[1]), int(store[2])
            yield Python(version, rf"{aliases}\{name}\python.exe", Fit.STORE)


def _wow(key: str) -> str:
    return key.replace("Software\\", "Software\\WOW6432Node\\", 1)


def _program(machine: Machine, root: str, key: str) -> str | None:
    program = machine.value(root, key, "ExecutablePath")
    if program is None:
        folder = machine.value(root, key, "")
        program = str(PureWindowsPath(folder, "python.exe")) if folder else None
    return program if program is not None and machine.is_file(program) else None


def _fit(
    version: tuple[int, int],
    program: str,
    kind: str | None,
    small: bool,
    versions: Sequence[tuple[int, int]],
) -> Fit:
    if r"\windowsapps" in program.casefold():
        return Fit.STORE
    if kind == "-arm64":
        return Fit.ARM
    if small:
        return Fit.BITS
    if version in versions:
        return Fit.GOOD
    return Fit.OLD if version < min(versions) else Fit.NEW


def choose(
    pythons: Sequence[Python], versions: Sequence[tuple[int, int]], carried: str | None = None
) -> Python:
    """Take the Python that the kit carries, else the newest on the machine that fits.

    Raises:
        Refused: none fits; says what was found, why it does not fit, and where to get one.
    """
    if carried is not None:
        return Python(max(versions), carried, Fit.GOOD)
    good = [python for python in pythons if python.fit is Fit.GOOD]
    if good:
        return max(good, key=lambda python: python.version)
    found = "\n".join(
        told(f"fit_{python.fit.value}", version=python.shown, program=python.program)
        for python in pythons
    )
    wanted = ".".join(map(str, max(versions)))
    raise Refused("no_python", found=found or told("fit_none"), wanted=wanted)


def home_of(environment: Mapping[str, str], chosen: str = "") -> PureWindowsPath:
    """Where the program goes: the folder that the person chose, else one of their own programs.

    Raises:
        Refused: the user has no such folder, or the chosen one is no full path.
    """
    if chosen:
        folder = PureWindowsPath(chosen)
        if not folder.is_absolute() or folder.parent == folder:
            raise Refused("bad_folder", folder=chosen)
        return folder
    base = environment.get("LOCALAPPDATA", "")
    if not base:
        raise Refused("no_appdata")
    return PureWindowsPath(base, "Programs", NAME)


def with_entry(path: str, folder: str) -> str:
    """Put a folder at the end of a ``Path`` that does not have it."""
    return path if folder in _entries(path) else ";".join((*_entries(path), folder))


def without_entry(path: str, folder: str) -> str:
    """Take a folder out of a ``Path``; what else is in it stays as it is."""
    return ";".join(entry for entry in _entries(path) if entry.casefold() != folder.casefold())


def _entries(path: str) -> list[str]:
    return [entry for entry in path.split(";") if entry]


def folder_of(machine: Machine, name: str) -> PureWindowsPath:
    """The desktop (``Desktop``) or the documents (``Personal``), which may lie in OneDrive."""
    usual = {"Desktop": r"%USERPROFILE%\Desktop", "Personal": r"%USERPROFILE%\Documents"}
    said = machine.value(USER, SHELL_FOLDERS, name) or usual[name]
    values = {name.upper(): value for name, value in machine.environment.items()}
    said = re.sub("%([^%]+)%", lambda found: values.get(found[1].upper(), found[0]), said)
    return PureWindowsPath(said)


def register(machine: Machine, home: PureWindowsPath) -> None:
    """Tell Windows where the command is and how the program is taken away, for this user only."""
    path = machine.value(USER, ENVIRONMENT, "Path") or ""
    machine.write(ENVIRONMENT, "Path", with_entry(path, str(home / "bin")))
    machine.write(UNINSTALL, "DisplayName", TITLE)
    machine.write(UNINSTALL, "InstallLocation", str(home))
    machine.write(UNINSTALL, "UninstallString", f'"{home / "go-bo.cmd"}"')


def unregister(machine: Machine, home: PureWindowsPath) -> None:
    """Take back what :func:`register` told Windows."""
    path = machine.value(USER, ENVIRONMENT, "Path")
    if path is not None:
        machine.write(ENVIRONMENT, "Path", without_entry(path, str(home / "bin")))
    machine.delete(UNINSTALL)


def told(key: str, **values: object) -> str:
    """A sentence of ``messages.toml``."""
    said = tomllib.loads((_HERE / "messages.toml").read_text(encoding="utf-8"))
    return str(said[key]).strip().format(**values)


def versions_of(kit: Path) -> tuple[tuple[int, int], ...]:
    """The Pythons that a kit has wheels for, as ``kit/versions.txt`` says."""
    lines = (kit / "versions.txt").read_text(encoding="ascii").split()
    return tuple((int(major), int(minor)) for major, _, minor in (v.partition(".") for v in lines))


def install(machine: Machine, kit: Path, chosen: str, run: Runner) -> None:
    """Install from an unpacked kit and say each step.

    Raises:
        Refused: something is missing, or a step failed.
    """
    versions = versions_of(kit / "kit")
    home = home_of(machine.environment, chosen)
    carried = kit / "python" / "python.exe"
    python = choose(
        find_pythons(machine, versions), versions, str(carried) if carried.is_file() else None
    )
    print(told("begin", version=python.shown, program=python.program, home=home))
    program = make_environment(kit, Path(home), python, run)
    wheels = kit / "wheels"
    (pip,) = wheels.glob("pip-*.whl")
    command = [program, "-I", pip / "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-warn-script-location", "--find-links", wheels]
    run("no_install", [*command, "--requirement", wheels / "requirements.txt"])
    write_starters(kit, Path(home), program)
    register(machine, PureWindowsPath(home))
    places = folder_of(machine, "Desktop"), folder_of(machine, "Personal")
    run(None, [program, "-m", "kit.windows", *places, home], cwd=Path(home))
    print(told("done", home=home, title=TITLE))
    run(None, [program, "-I", "-m", "consolidate", "addin", "install"])


def make_environment(kit: Path, home: Path, python: Python, run: Runner) -> Path:
    """Make the private environment and give its program; an older one is replaced."""
    for old in (home / "env", home / "python"):
        shutil.rmtree(old, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    source = Path(python.program).parent
    if source != kit / "python":
        run("no_environment", [python.program, "-I", "-m", "venv", "--without-pip", home / "env"])
        return home / "env" / "Scripts" / "python.exe"
    shutil.copytree(source, home / "python")
    for listing in (home / "python").glob("python*._pth"):
        # The embeddable Python reads no packages until its list of folders says so.
        lines = listing.read_text(encoding="ascii").splitlines()
        kept = [line for line in lines if line.strip() and not line.startswith("#")]
        listing.write_text("\n".join([*kept, r"Lib\site-packages", "import site", ""]), "ascii")
    return home / "python" / "python.exe"


def write_starters(kit: Path, home: Path, program: Path) -> None:
    """Write the command, the program of the shortcut and the way to take everything away."""
    starters = home / "bin"
    starters.mkdir(parents=True, exist_ok=True)
    inside = PureWindowsPath(program.relative_to(home))
    # Isolated: a module in the folder that the person stands in is never imported.
    command = f'@"%~dp0..\\{inside}" -I -m consolidate %*\r\n'
    (starters / "consolidate.cmd").write_bytes(command.encode("ascii"))
    for name in ("tong-hop.cmd", "go-bo.cmd"):
        target = starters if name == "tong-hop.cmd" else home
        shutil.copyfile(kit / "kit" / name, target / name)
    shutil.copytree(kit / "kit", home / "kit", dirs_exist_ok=True)
    (home / "kit" / "program.txt").write_text(str(inside), encoding="ascii")


def remove(machine: Machine, home: Path, run: Runner) -> None:
    """Take the program away but for its folder, which ``go-bo.cmd`` deletes last."""
    program = home / (home / "kit" / "program.txt").read_text(encoding="ascii").strip()
    run(None, [program, "-I", "-m", "consolidate", "addin", "remove"])
    unregister(machine, PureWindowsPath(home))
    Path(folder_of(machine, "Desktop") / f"{TITLE}.lnk").unlink(missing_ok=True)
    print(told("removed", home=home))


class Runner(Protocol):
    """Runs a program; where it fails, a key says why set-up ends, and without one it goes on."""

    def __call__(
        self, key: str | None, command: Sequence[object], cwd: Path | None = None
    ) -> None: ...


def run_program(key: str | None, command: Sequence[object], cwd: Path | None = None) -> None:
    """Run a program without the variables that would let it read other packages.

    Raises:
        Refused: it failed, and there is a key for that.
    """
    done = subprocess.run([str(word) for word in command], cwd=cwd, check=False)
    if done.returncode and key is not None:
        raise Refused(key, code=done.returncode)


def main(arguments: Sequence[str]) -> int:
    """Install (``install [FOLDER]``) or take away (``remove``); 0 when it is done, else 2."""
    if sys.platform != "win32":
        print(told("only_windows"))
        return 2
    sys.path.insert(0, str(_HERE.parent))
    from kit import windows

    machine = windows.Windows()
    try:
        if arguments[:1] == ["remove"]:
            remove(machine, _HERE.parent, run_program)
        else:
            install(machine, _HERE.parent, "".join(arguments[1:2]), run_program)
    except Refused as refused:
        print(told(refused.key, **refused.values))
        return 2
    except OSError as error:
        print(told("no_disk", file=error.filename or "", reason=error.strerror or ""))
        return 2
    machine.announce()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
