"""One headless LibreOffice for many tests, driven over UNO: it runs our VBA."""

from __future__ import annotations

import builtins
import importlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

_DEBIAN = "/usr/lib/python3/dist-packages"
_START_LIMIT = 60
NEVER_EXECUTE, ALWAYS_EXECUTE = 0, 4
"""Of com.sun.star.document.MacroExecMode."""
NO_UPDATE = 0
"""Of com.sun.star.document.UpdateDocMode."""


def load_uno() -> ModuleType | None:
    """Python's bridge to LibreOffice, from Debian's packages if need be; ``None`` without it.

    The bridge puts an import function of its own in the place of Python's, with which some sound
    packages cannot be imported any more: it is taken out again.
    """
    sys.path.append(_DEBIAN)
    usual = builtins.__import__
    try:
        return importlib.import_module("uno")
    except ImportError:
        return None
    finally:
        builtins.__import__ = usual
        sys.path.remove(_DEBIAN)


class MacroOffice:
    """A LibreOffice with a profile of its own; documents run their macros."""

    def __init__(self, uno: ModuleType, folder: Path) -> None:
        self._uno = uno
        self._profile = folder / "profile"
        pipe = f"p{uuid.uuid4().hex[:12]}"
        program = shutil.which("soffice")
        assert program is not None
        self._process = subprocess.Popen(
            [
                program,
                f"-env:UserInstallation={self._profile.as_uri()}",
                "--headless",
                "--invisible",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        context = self._connected(resolver, f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self._desktop = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )

    def _connected(self, resolver: Any, address: str) -> Any:
        deadline = time.monotonic() + _START_LIMIT
        while True:
            try:
                return resolver.resolve(address)
            except Exception:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.05)

    def open(self, path: Path, *, macros: bool = True, read_only: bool = False) -> Any:
        """Open a document, not hidden: VBA and selections need a view. No link is followed."""
        values = {
            "Hidden": False,
            "MacroExecutionMode": ALWAYS_EXECUTE if macros else NEVER_EXECUTE,
            "ReadOnly": read_only,
            "UpdateDocMode": NO_UPDATE,
        }
        if path.suffix == ".xlam":
            values["FilterName"] = "Calc MS Excel 2007 VBA XML"
        return self.load(path, **values)

    def load(self, path: Path, **values: Any) -> Any:
        """Open a document with the properties of the program's media descriptor."""
        document = self._desktop.loadComponentFromURL(
            path.as_uri(), "_blank", 0, self.properties(values)
        )
        if document is None:
            raise OSError(f"LibreOffice cannot open {path.name}")
        return document

    def follow(self, address: str) -> Any:
        """Open what a link leads to, as a click does: the cell that it names is selected."""
        document = self._desktop.loadComponentFromURL(
            address, "_blank", 0, self.properties({"Hidden": False, "ReadOnly": True})
        )
        if document is None:
            raise OSError(f"LibreOffice cannot follow {address}")
        return document

    def created(self) -> Any:
        """A new workbook."""
        return self._desktop.loadComponentFromURL(
            "private:factory/scalc", "_blank", 0, self.properties({"Hidden": False})
        )

    def properties(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Arguments as LibreOffice takes them."""
        return tuple(
            self.struct("com.sun.star.beans.PropertyValue", Name=name, Value=value)
            for name, value in values.items()
        )

    def struct(self, kind: str, **members: Any) -> Any:
        """A structure of LibreOffice with some of its members set."""
        made = self._uno.createUnoStruct(kind)
        for name, value in members.items():
            setattr(made, name, value)
        return made

    def activate(self, document: Any) -> None:
        """Bring a document to the front, as a click on its window does."""
        frame = document.CurrentController.Frame
        frame.ContainerWindow.setFocus()
        frame.activate()
        self._desktop.setActiveFrame(frame)

    def close(self) -> None:
        """End this LibreOffice and nothing else."""
        with suppress(Exception):
            self._desktop.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 15)
        shutil.rmtree(self._profile, ignore_errors=True)


def called(document: Any, function: str, *arguments: Any) -> Any:
    """What a VBA function of a document returns.

    LibreOffice swallows faults of VBA and returns nothing: a driver that returns ``"ok"`` as its
    last step tells the difference.
    """
    address = f"vnd.sun.star.script:TongHop.{function}?language=Basic&location=document"
    return document.getScriptProvider().getScript(address).invoke(arguments, (), ())[0]


def cell(document: Any, sheet: str, address: str) -> str:
    """Text of a cell."""
    return str(document.Sheets.getByName(sheet).getCellRangeByName(address).String)
