"""The .xlam as a package, its ribbon, and the one table of callbacks, keys and actions."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlwings

from addin import build_addin as package
from addin import session
from addin.build_addin import (
    SETTINGS,
    build_addin,
    mac_script,
    macro_modules,
    project_modules,
    settings,
)
from addin.ribbon import ACTIONS
from tests.addin import package_rules
from tests.saved import packed, parts_of

RIBBON = package.ribbon_source().decode("utf-8")


@pytest.fixture(scope="module")
def addin() -> bytes:
    return build_addin()


def test_the_package_keeps_the_rules(addin: bytes):
    assert package_rules.package_problems(addin) == []
    assert parts_of(addin)[package.RIBBON_PART] == package.ribbon_source()


def test_the_same_bytes_every_time_and_in_every_process(addin: bytes):
    assert build_addin() == addin
    script = (
        "import hashlib; from addin.build_addin import build_addin; "
        "print(hashlib.sha256(build_addin()).hexdigest())"
    )
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Ho_Chi_Minh", "PATH": "", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert done.stdout.strip() == hashlib.sha256(addin).hexdigest()


def test_nothing_depends_on_the_compressor_or_the_system(addin: bytes):
    with zipfile.ZipFile(io.BytesIO(addin)) as book:
        for entry in book.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.create_system == 0
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("[Content_Types].xml", lambda x: x.replace(b"addin.macro", b"sheet.macro")),
        ("[Content_Types].xml", lambda x: x.replace(b"vnd.ms-office.vbaProject", b"octet-stream")),
        ("[Content_Types].xml", lambda x: x.replace(b"/xl/styles.xml", b"/xl/style.xml")),
        ("[Content_Types].xml", lambda x: x.replace(b'Extension="xml"', b'Extension="xmp"')),
        ("[Content_Types].xml", None),
        ("_rels/.rels", lambda x: x.replace(b"customUI14", b"customUI15")),
        ("_rels/.rels", lambda x: x.replace(b"2007/relationships/ui", b"2006/relationships/ui")),
        ("_rels/.rels", lambda x: x.replace(b"rIdRibbon", b"rId1")),
        ("_rels/.rels", lambda x: x.replace(b'Target="xl/', b'TargetMode="External" Target="xl/')),
        ("_rels/.rels", lambda x: x[:-5]),
        ("xl/_rels/workbook.xml.rels", lambda x: x.replace(b"vbaProject.bin", b"vba.bin")),
        ("xl/vbaProject.bin", None),
        ("xl/worksheets/sheet1.xml", None),
        ("xl/worksheets/sheet1.xml", lambda x: x.replace(b"<row", b"<rows", 1)),
        (package.RIBBON_PART, None),
    ],
)
def test_a_broken_package_is_caught(
    addin: bytes, part: str, change: Callable[[bytes], bytes] | None
):
    parts = parts_of(addin)
    if change is None:
        del parts[part]
    else:
        changed = change(parts[part])
        assert changed != parts[part]
        parts[part] = changed
    assert package_rules.package_problems(packed(parts))


def test_bytes_that_are_no_package_are_caught(addin: bytes):
    assert package_rules.package_problems(b"")
    assert package_rules.package_problems(addin[:-30])
    at = addin.index(b"<sheetData>")
    assert package_rules.package_problems(addin[:at] + b"X" + addin[at + 1 :])


def test_settings_are_in_the_addin_and_answer_every_question():
    asked = set()
    for module in project_modules():
        asked |= set(re.findall(r'DocThietLap "([^"]+)"', module.text))
        assert module.text.count("Worksheets(") == module.text.count(f'Worksheets("{SETTINGS}")')
    given = {key for key, _ in settings("x")}
    assert given - asked == {"VERSION"}
    assert asked < given
    assert dict(settings())["INTERPRETER_WIN"] == ""


def test_settings_are_written_as_text_without_gaps():
    parts = parts_of(build_addin(r"C:\tổng hợp\python.exe"))
    assert f'name="{SETTINGS}"'.encode() in parts["xl/workbook.xml"]
    assert r"C:\tổng hợp\python.exe" in parts["xl/sharedStrings.xml"].decode("utf-8")
    rows = len(settings())
    for row in range(1, rows + 1):
        assert f'r="A{row}" t="s"'.encode() in parts["xl/worksheets/sheet1.xml"]


# The ribbon


def callbacks(xml: bytes) -> dict[str, str]:
    """``onAction`` of every button by its id."""
    return {
        element.get("id", ""): element.get("onAction", "")
        for element in ElementTree.fromstring(xml).iter(f"{{{package_rules.NAMESPACE}}}button")
    }


def test_the_ribbon_keeps_the_rules():
    assert package_rules.ribbon_problems(package.ribbon_source()) == []
    assert len(callbacks(package.ribbon_source())) == 22


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2009/07/customui", "2006/01/customui"),
        ("</customUI>", ""),
        ('size="large"', 'size="huge"'),
        ('size="large"', 'sise="large"'),
        ('keytip="Z"', 'keytip="ZZZZ"'),
        ('keytip="H"', 'keytip="B"'),
        ('id="btnLoiSau"', 'id="btnLoiTruoc"'),
        ("RibbonTongHop.LoiSau", "RibbonTongHop.LoiTruoc"),
        ('onAction="RibbonTongHop.LoiSau" ', ""),
        ('onAction="RibbonTongHop.LoiSau"', 'onAction=""'),
        ('label="Lỗi sau" ', ""),
        ('label="Lỗi sau"', f'label="{"x" * 1025}"'),
        ("<tabs>", "<tabs>chữ"),
        ("<button ", "<knob "),
        ("<tabs>", "<tabs><button/>"),
        ("imageMso", "image"),
    ],
)
def test_a_broken_ribbon_is_caught(old: str, new: str):
    assert old in RIBBON
    broken = RIBBON.replace(old, new, 1).encode()
    assert package_rules.ribbon_problems(broken)


def test_a_ribbon_without_buttons_is_caught():
    assert package_rules.ribbon_problems(re.sub(r"<button[^>]*/>", "", RIBBON).encode())


# One table


def test_buttons_subs_keys_and_actions_are_one_table():
    source = next(m for m in macro_modules() if m.name == "RibbonTongHop").text
    subs = dict(
        re.findall(
            r"^Public Sub (\w+)\(control As IRibbonControl\)\n"
            r'    If TuNut\(\) Then Dispatch\w* "(\w+)"(?:, .+)?\nEnd Sub$',
            source,
            re.MULTILINE,
        )
    )
    named = re.findall(r"^Public Sub (\w+)", source, re.MULTILINE)
    assert list(subs) == named
    pressed = callbacks(package.ribbon_source()).values()
    assert sorted(pressed) == sorted(f"RibbonTongHop.{name}" for name in subs)
    assert sorted(subs.values()) == sorted(ACTIONS)


def test_macros_are_plain_text_for_every_editor():
    folder = Path(__file__).parent.parent.parent / "macros"
    for path in folder.glob("*.bas"):
        data = path.read_bytes()
        assert b"\r" not in data
        assert not data.startswith(b"\xef\xbb\xbf")
        assert data.decode("utf-8").startswith(
            f'Attribute VB_Name = "{path.stem}"\nOption Explicit'
        )
    for module in macro_modules():
        assert module.code.isascii()


def test_the_macros_start_nothing_by_a_bare_name():
    """Nothing is found by a search through folders, and nothing runs by itself."""
    (module,) = macro_modules()
    code = "\n".join(line for line in module.text.split("\n") if not line.lstrip().startswith("'"))
    assert set(re.findall(r'CreateObject\("?([^")]*)', code)) == {"WScript.Shell"}
    assert re.findall(r"\b\w+\.Run\b.*", code) == ["host.Run(started, 0, True) = 0 Then"]
    assert re.search(r'started = """" & comspec & """ /D /C cd /D """', code)
    names = "cmd|cscript|wscript|mshta|explorer|powershell|python|command"
    programs = rf"[\w\\%]*(?:{names})\.(?:exe|com)"
    assert re.findall(programs, code, re.IGNORECASE) == [r"%SystemRoot%\System32\cmd.exe"]
    for word in ("GetObject", "MacScript", "FollowHyperlink", "SendKeys", "OnTime", "OnKey"):
        assert word not in code
    assert not re.search(r"\bShell\b(?!\")|\bApplication\.Run\b|ExecuteExcel4Macro|DDE", code)
    by_itself = r"\b(Auto_?(Open|Close|Activate)|Workbook_|WithEvents)"
    assert not re.search(by_itself, code, re.IGNORECASE)
    assert re.findall(r"\bDeclare\b.*?Lib (\S+)", code) == ['"user32"', '"user32"']


def test_the_script_of_macos_is_the_one_that_is_installed():
    (module,) = macro_modules()
    (name,) = re.findall(r'AppleScriptTask "([^"]+)"', module.text)
    assert (Path(xlwings.__file__).parent / name).is_file()
    assert name == mac_script()


def test_python_starts_nothing_by_a_bare_name(monkeypatch: pytest.MonkeyPatch):
    folder = Path(__file__).parent.parent.parent / "addin"
    for path in folder.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\bos\.(system|popen|exec|spawn|posix_spawn)|shell=", source), path
        assert path.name == "session.py" or not re.search(r"subprocess|startfile", source), path
    started: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        started.append(command[0])
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr("addin.session.subprocess.run", run)
    monkeypatch.setattr("sys.platform", "darwin")
    session.open_folder(Path("/inbox"))
    session.show("text")
    session.folder_of(session.ASK)
    assert started == ["/usr/bin/open", "/usr/bin/osascript", "/usr/bin/osascript"]
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("os.startfile", started.append, raising=False)
    session.open_folder(Path("outbox", "2026-9M"))
    assert started[3] == str(Path("outbox", "2026-9M")) + os.sep


def test_handlers_touch_nothing_that_only_excel_has():
    folder = Path(__file__).parent.parent.parent / "addin"
    for path in folder.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\.api\b(?!`)", source), path
        assert "xlwings.pro" not in source.replace("import xlwings.pro", "")
        assert not re.search(r"^\s*(from|import) xlwings\.pro", source, re.MULTILINE)
