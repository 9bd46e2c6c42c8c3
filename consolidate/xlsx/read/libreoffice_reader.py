"""Have LibreOffice, where it is installed, read a workbook that the usual reader fails on.

Only a sound package or compound file gets there: sizes, directory and sums were checked, nothing in
it declares a document type. LibreOffice runs without windows, macros, links and network, in a
folder of its own, within the memory of the worker process and a share of its time; what it makes is
an .xlsx that goes through the gate like any other file.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from consolidate.xlsx.read.compound import OLE, Compound
from consolidate.xlsx.read.package_gate import BROKEN, Limits, Refused, open_zip

NAME = "LibreOffice"
_FILTERS = {
    "xls": "MS Excel 97",
    "xlsb": "Calc MS Excel 2007 Binary",
    "xlsx": "Calc MS Excel 2007 XML",
    "ods": "calc8",
}
"""The reader of each format: without one a file of noise would be taken for text."""
_SHARE = 3
"""Share of ``Limits.seconds`` that LibreOffice has: the rest is for what it makes."""
_START_AGAIN = 81
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "1"),
    ("Inet/Settings", "ooInetProxyType", "1"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
"""No macro, no link is followed, no network, and cached values stay what they are."""

_DOCUMENT_TYPES = (b"<!DOCTYPE", b"<\0!\0D\0O", b"\0<\0!\0D\0O")
_NUMBER = rb"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?"
_FORMULA = rb"(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?"
_NO_NUMBER = re.compile(
    rb'\boffice:value="(?!%b")|<(?:\w+:)?c(?![^<>]*\bt="(?!n"))(?:\s[^<>]*)?>%b<(?:\w+:)?v>(?!(?:%b)?<)'
    % (_NUMBER, _FORMULA, _NUMBER)
)
"""A number that is none: every program makes another one of it, LibreOffice 12 of "12,5"."""

_program: list[str] = []
"""Path of LibreOffice, once this process may start it."""


def allow() -> None:
    """Let this process, a worker with limits, start LibreOffice where it is installed."""
    found = shutil.which("soffice")
    if found is not None:
        # The program itself: a script that starts it would outlive its end.
        inner = Path(found).resolve().with_name("soffice.bin")
        _program[:] = [str(inner) if inner.exists() else found]


def converted(data: bytes, limits: Limits) -> bytes | None:
    """Have LibreOffice save a workbook as .xlsx; ``None`` when it cannot, or may not, read it.

    Never raises for anything that the bytes hold.
    """
    kind = _sound_kind(data, limits) if _program else ""
    if not kind:
        return None
    import tempfile  # Few workbooks come here: not at the start.

    with tempfile.TemporaryDirectory(prefix="consolidate-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        source, target = place / f"in.{kind}", place / "out" / "in.xlsx"
        source.write_bytes(data)
        _write_settings(place / "profile" / "user")
        command = (
            *(_program[0], f"-env:UserInstallation={(place / 'profile').as_uri()}"),
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
            *(f"--infilter={_FILTERS[kind]}", "--convert-to", "xlsx:Calc MS Excel 2007 XML"),
            *("--outdir", str(target.parent), str(source)),
        )
        # The first start with new settings only takes them in.
        if _run(command, place, limits) == _START_AGAIN:
            _run(command, place, limits)
        with contextlib.suppress(OSError):
            if 0 < target.stat().st_size <= limits.file_size:
                return target.read_bytes()
    return None


def _run(command: Sequence[str], place: Path, limits: Limits) -> int | None:
    """Run a command to its end, silently; ``None`` when it did not come to one in its time."""
    import subprocess

    try:
        done = subprocess.run(
            command,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds / _SHARE,
            check=False,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.returncode


def _sound_kind(data: bytes, limits: Limits) -> str:
    """The format of a workbook that may be handed on, ``""`` for anything else."""
    try:
        if data.startswith(OLE):
            compound = Compound(data)
            compound.check_sizes()
            return "xls" if {"workbook", "book"} & compound.top.keys() else ""
        with open_zip(data, limits) as package:
            return _kind_of(package)
    except (*BROKEN, Refused):
        return ""


def _kind_of(package: zipfile.ZipFile) -> str:
    names = {name.casefold() for name in package.namelist()}
    for name in package.namelist():
        # Read whole, so that its sum is checked too.
        content = package.read(name)
        if any(mark in content for mark in _DOCUMENT_TYPES) or _NO_NUMBER.search(content):
            return ""
    if "content.xml" in names:
        return "ods"
    if "[content_types].xml" not in names:
        return ""
    return "xlsb" if any(name.endswith("workbook.bin") for name in names) else "xlsx"


def _write_settings(user: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )


def _die_with_parent() -> None:
    """End LibreOffice when its worker is ended: nothing else knows of it."""
    import ctypes
    import signal

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)
