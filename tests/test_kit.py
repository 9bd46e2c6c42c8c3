"""The offline kit: its lock is whole, its starters can be read, its set-up decides rightly."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

import pytest
from packaging.requirements import Requirement

from kit import build_kit, set_up
from kit.build_kit import VERSIONS
from kit.set_up import CORE, MACHINE, USER, Fit, Python, Refused

FILES = build_kit.HERE / "files"
HOME = PureWindowsPath(r"C:\Users\an\AppData\Local\Programs\TongHop")


@dataclass
class Played:
    """A Windows that remembers what is written."""

    registry: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    aliases: tuple[str, ...] = ()
    environment: dict[str, str] = field(
        default_factory=lambda: {
            "LOCALAPPDATA": r"C:\Users\an\AppData\Local",
            "USERPROFILE": r"C:\Users\an",
        }
    )

    def keys(self, root: str, key: str) -> Sequence[str]:
        below = [name for place, name in self.registry if place == root]
        heads = [name[len(key) + 1 :] for name in below if name.startswith(f"{key}\\")]
        return sorted({head.partition("\\")[0] for head in heads})

    def value(self, root: str, key: str, name: str) -> str | None:
        return self.registry.get((root, key), {}).get(name)

    def write(self, key: str, name: str, value: str) -> None:
        self.registry.setdefault((USER, key), {})[name] = value

    def delete(self, key: str) -> None:
        self.registry.pop((USER, key), None)

    def is_file(self, path: str) -> bool:
        return path in self.there

    def names(self, folder: str) -> Sequence[str]:
        return self.aliases

    def put(self, root: str, tag: str, *, core: str = CORE, folder: str = "", there: bool = True):
        folder = folder or rf"C:\Python\{tag}"
        program = rf"{folder}\python.exe"
        self.registry[(root, rf"{core}\{tag}")] = {}
        self.registry[(root, rf"{core}\{tag}\InstallPath")] = {"": folder}
        if there:
            self.there.add(program)
        return program


# The lock


@pytest.mark.parametrize("version", VERSIONS)
def test_every_package_has_a_file_for_each_python_on_windows(version: tuple[int, int]) -> None:
    names = build_kit.locked()
    lacking = [
        item.name
        for item in build_kit.requirements(version)
        if build_kit.file_for(item, version, names) is None
    ]
    assert lacking == []


def test_what_only_windows_needs_is_locked_and_what_others_need_is_not_carried() -> None:
    needed = {item.name for item in build_kit.requirements((3, 12))}
    assert {"pywin32", "tzdata", "win-unicode-console", "psutil"} <= needed
    assert "appscript" not in needed
    assert not any("appscript" in name for name in build_kit.locked())


def test_the_lock_holds_all_that_is_required_in_a_release_that_suffices() -> None:
    import configparser

    setup = configparser.ConfigParser()
    setup.read(build_kit.ROOT / "setup.cfg", encoding="utf-8")
    wanted = setup["options"]["install_requires"] + setup["options.extras_require"]["archives"]
    locked = {item.name.lower(): item for item in build_kit.requirements((3, 13))}
    for line in filter(None, wanted.splitlines()):
        asked = Requirement(line)
        (pin,) = locked[asked.name.lower()].specifier
        assert pin.operator == "=="
        assert pin.version in asked.specifier, asked.name


def test_a_file_for_another_system_or_python_does_not_count() -> None:
    numpy = Requirement("numpy==2.4.6")
    names = ["numpy-2.4.6-cp312-cp312-win_arm64.whl", "numpy-2.4.6-cp312-cp312-win_amd64.whl"]
    assert build_kit.file_for(numpy, (3, 12), names) == names[1]
    assert build_kit.file_for(numpy, (3, 13), names) is None


def test_what_has_no_wheel_is_fetched_as_source_and_compared_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [name for name in build_kit.locked() if not name.endswith(".whl")]
    assert sources == ["red-black-tree-mod-1.22.tar.gz", "win_unicode_console-0.5.zip"]
    item = Requirement("red-black-tree-mod==1.22")
    monkeypatch.setattr(build_kit, "requirements", lambda *_: [item])

    def registry(*words: str, **_: object) -> bool:
        if "--no-binary=:all:" in words:
            (tmp_path / sources[0]).write_bytes(b"another file")
        return "--no-binary=:all:" in words

    monkeypatch.setattr(build_kit, "pip", registry)
    for system in (build_kit.WINDOWS, build_kit.this_system()):
        assert build_kit.download(tmp_path, (3, 12), system) == sources[:1]
    with pytest.raises(build_kit.KitError, match="is not the file of the lock"):
        build_kit.gather(tmp_path, sources[:1], tmp_path / "wheels")


def test_the_same_files_make_the_same_zip(tmp_path: Path) -> None:
    files = {"b.txt": b"2", "a.txt": b"1"}
    for name in ("one.zip", "two.zip"):
        build_kit.write_zip(tmp_path / name, files)
        files = dict(reversed(files.items()))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as package:
        assert package.namelist() == ["a.txt", "b.txt"]


# The starters


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_starters_are_what_windows_reads(path: Path) -> None:
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 0
    if path.suffix == ".cmd":
        lines = data.decode("ascii").splitlines()
        assert lines[0] == "@echo off"
        wanted = set(re.findall(r"(?:goto |call :)(\w+)", "\n".join(lines)))
        assert wanted - {line[1:] for line in lines if line.startswith(":")} == set()
    else:
        assert data.decode("utf-8-sig") == data[3:].decode()  # Notepad of any Windows.


def test_the_starter_looks_for_the_pythons_of_the_kit() -> None:
    shown = " ".join(".".join(map(str, version)) for version in reversed(VERSIONS))
    assert f"({shown})" in (FILES / "cai-dat.cmd").read_text(encoding="ascii")


def test_every_message_is_used() -> None:
    import tomllib

    said = tomllib.loads((build_kit.HERE / "messages.toml").read_text(encoding="utf-8"))
    source = (build_kit.HERE / "set_up.py").read_text(encoding="utf-8")
    plain = {key for key in said if not key.startswith("fit_")}
    assert [key for key in plain if f'"{key}"' not in source] == []
    fits = {f"fit_{fit.value}" for fit in Fit} - {"fit_good"} | {"fit_none"}
    assert set(said) - plain == fits


# The set-up


def test_the_newest_python_that_fits_is_taken() -> None:
    machine = Played()
    machine.put(USER, "3.11")
    wanted = machine.put(MACHINE, "3.13")
    machine.put(USER, "3.14")
    machine.put(USER, "3.12", there=False)  # Taken away by hand.
    machine.put(USER, "3.10")
    found = set_up.find_pythons(machine, VERSIONS)
    assert {python.shown: python.fit for python in found} == {
        "3.11": Fit.GOOD,
        "3.14": Fit.NEW,
        "3.10": Fit.OLD,
        "3.13": Fit.GOOD,
    }
    assert set_up.choose(found, VERSIONS) == Python((3, 13), wanted, Fit.GOOD)


def test_what_does_not_fit_is_named_with_the_way_out() -> None:
    machine = Played(aliases=("python.exe", "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"))
    machine.put(USER, "3.12-32")
    machine.put(MACHINE, "3.11", core=set_up._wow(CORE))
    machine.put(USER, "3.13-arm64")
    machine.put(USER, "3.13", folder=r"C:\Program Files\WindowsApps\Python.3.13_x")
    found = set_up.find_pythons(machine, VERSIONS)
    assert [python.fit for python in found] == [
        Fit.BITS,
        Fit.STORE,
        Fit.ARM,
        Fit.BITS,
        Fit.STORE,
    ]
    with pytest.raises(Refused) as refused:
        set_up.choose(found, VERSIONS)
    said = set_up.told(refused.value.key, **refused.value.values)
    assert said.count("Microsoft Store") == 2
    assert "python.org" in said
    assert "3.13" in said
    with pytest.raises(Refused) as nothing:
        set_up.choose((), VERSIONS)
    assert nothing.value.values["found"] == set_up.told("fit_none")


def test_the_python_that_the_kit_carries_comes_first() -> None:
    machine = Played()
    machine.put(USER, "3.11")
    found = set_up.find_pythons(machine, VERSIONS)
    assert set_up.choose(found, VERSIONS, "k/python.exe").program == "k/python.exe"


def test_the_folder_is_one_of_the_user_or_a_full_path() -> None:
    environment = Played().environment
    assert set_up.home_of(environment) == HOME
    assert set_up.home_of(environment, r"D:\tonghop") == PureWindowsPath(r"D:\tonghop")
    for bad in ("tonghop", "D:\\", r"\tonghop"):
        with pytest.raises(Refused):
            set_up.home_of(environment, bad)
    with pytest.raises(Refused):
        set_up.home_of({})


def test_what_is_registered_is_taken_back_and_the_rest_stays() -> None:
    machine = Played()
    before = r"%USERPROFILE%\bin;C:\tools"
    machine.write("Environment", "Path", before)
    set_up.register(machine, HOME)
    set_up.register(machine, HOME)  # Once more: nothing doubles.
    assert machine.value(USER, "Environment", "Path") == rf"{before};{HOME}\bin"
    assert machine.value(USER, set_up.UNINSTALL, "UninstallString") == rf'"{HOME}\go-bo.cmd"'
    set_up.unregister(machine, HOME)
    assert machine.registry == {(USER, "Environment"): {"Path": before}}


def test_the_desktop_may_lie_elsewhere() -> None:
    machine = Played()
    assert str(set_up.folder_of(machine, "Desktop")) == r"C:\Users\an\Desktop"
    machine.write(set_up.SHELL_FOLDERS, "Desktop", r"%UserProfile%\OneDrive\Desktop")
    assert str(set_up.folder_of(machine, "Desktop")) == r"C:\Users\an\OneDrive\Desktop"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """What is left of a kit without its wheels."""
    kit = tmp_path / "bộ cài"
    (kit / "kit").mkdir(parents=True)
    for path in FILES.iterdir():
        (kit / "kit" / path.name).write_bytes(path.read_bytes())
    (kit / "wheels").mkdir()
    (kit / "wheels" / "pip-26.0-py3-none-any.whl").touch()
    (kit / "kit" / "versions.txt").write_text("3.11\n3.12\n3.13\n", encoding="ascii")
    return kit


def test_set_up_runs_its_steps_and_ends_where_one_fails(unpacked: Path, tmp_path: Path) -> None:
    home, ran = tmp_path / "tong-hop", list[str]()

    def run(key: str | None, command: Sequence[object], **_: object) -> None:
        ran.append(" ".join(map(str, command)))
        if key == fails:
            raise Refused(key, code=1)

    machine = Played()
    machine.put(USER, "3.12")
    fails = "no_install"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(set_up, "home_of", lambda *_: home)
        with pytest.raises(Refused):
            set_up.install(machine, unpacked, "", run)
        assert machine.value(USER, "Environment", "Path") is None  # Nothing half done is shown.
        fails = ""
        ran.clear()
        set_up.install(machine, unpacked, "", run)
    assert [re.search(r"venv|--no-index|kit.windows|addin install", line)[0] for line in ran] == [
        "venv",
        "--no-index",
        "kit.windows",
        "addin install",
    ]
    command = (home / "bin" / "consolidate.cmd").read_bytes()
    assert command == b'@"%~dp0..\\env\\Scripts\\python.exe" -I -m consolidate %*\r\n'
    set_up.remove(machine, home, run)
    assert "addin remove" in ran[-1]
    assert machine.value(USER, "Environment", "Path") == ""


def test_an_embeddable_python_is_taught_to_read_packages(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "python").mkdir()
    (unpacked / "python" / "python.exe").touch()
    (unpacked / "python" / "python313._pth").write_text("python313.zip\n.\n\n# import site\n")
    carried = Python((3, 13), str(unpacked / "python" / "python.exe"), Fit.GOOD)
    program = set_up.make_environment(unpacked, tmp_path / "nhà", carried, lambda *_: None)
    assert program == tmp_path / "nhà" / "python" / "python.exe"
    lines = (program.parent / "python313._pth").read_text().splitlines()
    assert lines == ["python313.zip", ".", r"Lib\site-packages", "import site"]
