"""``consolidate addin …``: where the add-in goes on each system, and what the commands say."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner, Result

from addin import install
from addin.build_addin import FILE_NAME, build_addin, macro_modules
from addin.buttons.merge_and_status_buttons import _BUTTONS
from addin.buttons.trace_button import FileKind
from addin.command import command
from addin.install import Registry, State, Target, target
from consolidate import __version__
from consolidate.actions.adjust_and_decide import NAMING_A_RUN
from consolidate.cli.main import main
from consolidate.definitions.catalogue import texts
from consolidate.model.reasons import UserError
from tests.addin.played_registry import Played

WINDOWS = {"APPDATA": "C:/Users/Mai/AppData/Roaming"}


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A place to install to, as on Windows."""
    made = Target(tmp_path / "AddIns" / FILE_NAME, r"C:\p\python.exe", "win32")
    monkeypatch.setattr(install, "target", lambda *_: made)
    monkeypatch.setattr(install, "build_addin", str.encode)
    monkeypatch.setattr("addin.install.own_registry", lambda: registry)
    registry = Played("16.0")
    return made


def test_build_writes_the_addin_and_its_digest(tmp_path: Path):
    out = tmp_path / "mới" / "x.xlam"
    done = ran("build", "--out", str(out))
    assert done.return_value == 0
    assert out.read_bytes() == build_addin()
    assert "SHA-256" in done.output
    ran("build", "--out", str(out), "--interpreter", "/opt/python")
    assert out.read_bytes() == build_addin("/opt/python")
    assert [path.name for path in out.parent.iterdir()] == ["x.xlam"]


def test_install_status_remove(place: Target):
    assert ran("status").return_value == 1
    assert "Chưa cài" in ran("remove").output
    done = ran("install")
    assert done.return_value == 0
    assert "Tổng hợp" in done.output
    assert place.file.read_bytes() == place.interpreter.encode()
    assert ran("status").return_value == 0
    place.file.write_bytes(b"/other")
    assert ran("status").return_value == 1
    assert ran("remove").return_value == 0
    assert not place.file.exists()


@pytest.mark.usefixtures("place")
def test_an_open_excel_and_a_machine_without_one_are_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("addin.install.own_registry", Registry)
    assert "Cài Excel" in ran("install").output
    monkeypatch.setattr("addin.install.excel_is_running", lambda: True)
    for name in ("install", "remove"):
        assert "Excel đang mở" in str(ran(name).exception)


@pytest.mark.usefixtures("place")
def test_a_file_that_excel_holds_is_said(monkeypatch: pytest.MonkeyPatch):
    def held(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Target, "install", held)
    monkeypatch.setattr(Target, "remove", held)
    for name in ("install", "remove"):
        assert "Đóng Excel" in str(ran(name).exception)


def test_windows():
    made = target("win32", WINDOWS, Path("/home/mai"), r"D:\Tong hop (2018)\p&y\python.exe")
    assert made.file.as_posix() == f"{WINDOWS['APPDATA']}/Microsoft/AddIns/{FILE_NAME}"
    assert made.interpreter == r"D:\Tong hop (2018)\p&y\python.exe"
    short = target("win32", WINDOWS, Path(), "C:\\Nguyễn\\p.exe", lambda _: "C:\\NGUYN~1\\p.exe")
    assert short.interpreter == r"C:\NGUYN~1\p.exe"


@pytest.mark.parametrize(
    ("platform", "environment", "interpreter", "words"),
    [
        ("win32", {}, r"C:\p.exe", "no_appdata"),
        ("win32", WINDOWS, "C:\\Nguyễn\\p.exe", "bad_interpreter"),
        ("win32", WINDOWS, r"C:\%TEMP%\p.exe", "bad_interpreter"),
        ("win32", WINDOWS, r"\\server\p.exe", "bad_interpreter"),
        ("win32", WINDOWS, "python", "bad_interpreter"),
        ("darwin", {}, "/Users/Mai An/bin/python", "bad_interpreter"),
        ("darwin", {}, "/Users/$(id)/python", "bad_interpreter"),
        ("linux", {}, "/usr/bin/python3", "unsupported"),
    ],
)
def test_where_it_cannot_be_installed(
    platform: str, environment: dict[str, str], interpreter: str, words: str
):
    with pytest.raises(UserError, match=words):
        target(platform, environment, Path("/home/mai"), interpreter)


def test_macos_also_gets_the_script_that_starts_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    made = target("darwin", {}, tmp_path, "/opt/tonghop/bin/python3")
    made.install(Registry())
    assert made.state() is State.CURRENT
    (script,) = (tmp_path / "Library" / "Application Scripts").rglob("*.applescript")
    assert "VbaHandler" in script.read_text(encoding="utf-8")
    assert any(f'"{script.name}"' in module.text for module in macro_modules())
    assert made.remove(Registry())
    assert not made.remove(Registry())


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("platform", "interpreter", "place", "words"),
    [
        ("win32", "C:\\Tong hop\\Scripts\\python.exe", "roaming/Microsoft/AddIns", "Mở Excel"),
        ("darwin", "/opt/tonghop/bin/python3", f"home/{install._MAC_FOLDER}", "Tools"),
    ],
)
def test_the_commands_from_first_to_last(
    platform: str,
    interpreter: str,
    place: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Installed, damaged, installed again, another Python, removed: in a home of its own."""
    running = [interpreter]
    monkeypatch.setattr("addin.command.sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(install, "target", lambda *where: target(*where, running[0]))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    registry = Played("16.0")
    monkeypatch.setattr("addin.install.own_registry", lambda: registry)
    file = tmp_path / place / FILE_NAME

    def said(name: str, code: int) -> str:
        assert main(["addin", name]) == code
        output = capsys.readouterr()
        assert output.err == ""
        return " ".join(output.out.split())

    def built_for(python: str) -> bool:
        return file.read_bytes() == build_addin(python)

    assert "Chưa cài" in said("status", 1)
    assert words in said("install", 0)
    assert built_for(interpreter)
    assert escape(interpreter).encode() in file.read_bytes()
    assert __version__ in said("status", 0)
    file.write_bytes(file.read_bytes()[:-1])
    said("status", 1)
    said("install", 0)
    running[0] = interpreter.replace("ong", "ung")
    said("status", 1)
    said("install", 0)
    assert built_for(running[0])
    said("status", 0)
    whole = files_below(tmp_path)
    said("remove", 0)
    left = files_below(tmp_path)
    assert whole.keys() - left.keys() == {file.relative_to(tmp_path).as_posix()}
    assert [Path(name).suffix for name in left] == (
        [".applescript"] if platform == "darwin" else []
    )
    assert "Chưa cài" in said("remove", 0)
    assert "Chưa cài" in said("status", 1)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="Excel runs here")
@pytest.mark.parametrize("name", ["install", "status", "remove"])
def test_systems_without_excel_say_so(name: str):
    assert "không có chỗ để cài" in str(ran(name).exception)


def test_every_message_is_used_and_every_used_one_exists():
    folder = Path(install.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    asked = set(re.findall(r'"addin\.([\w.]+)"', source)) - {"command"}
    built = {key for key in texts("addin") if key.startswith("check.column.")}
    built |= {f"command.{state.value}" for state in State} | {"command.next_mac"}
    built |= {"command.next_windows", "command.removed", "command.absent", "command.next_tick"}
    names = ("build", "install", "status", "remove")
    built |= {f"command.{name}_{kind}" for name in names for kind in ("help", "short")}
    built |= {f"decide.{kind.value}" for kind in NAMING_A_RUN}
    built |= {f"self.{key}" for key in ("macros_disabled", "macros_signed", "must_be_signed")}
    built |= {"self.addins_disabled"}
    built |= {f"next.{step.value}" for step in _BUTTONS}
    built |= {f"trace.{kind.value}" for kind in FileKind if kind is not FileKind.SHEET}
    modules = {f"{path.stem}" for path in folder.rglob("*.py")}
    assert {key for key in asked if key.split(".")[0] not in modules} <= set(texts("addin"))
    assert set(texts("addin")) <= asked | built
