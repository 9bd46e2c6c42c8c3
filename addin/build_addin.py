"""Build the add-in, one reproducible ``.xlam``: workbook by XlsxWriter, VBA and ribbon by us.

Parts are stored, not deflated, with fixed dates: builds of zlib differ, these bytes do not.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from importlib import resources
from importlib.metadata import version

import xlsxwriter

from addin.vba_project import Module, document_module, standard_module, vba_project
from consolidate import __version__
from consolidate.definitions.catalogue import text
from consolidate.xlsx.write.atomic_files import CREATED, zip_entry

FILE_NAME = "tonghop.xlam"
PROJECT = "TongHop"
"""Name of the VBA project."""
SETTINGS = "tonghop.conf"
"""Sheet of the add-in that says which Python the buttons run; no other source is consulted."""
_MAC_SCRIPT = "xlwings-0.37.8.applescript"
"""How the macros name the script of xlwings that starts Python on macOS."""
_SHEET_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ADDIN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
RIBBON_PART = "customUI/customUI14.xml"
RIBBON_RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"


def mac_script() -> str:
    """Name of the script of the installed xlwings; only it asks for an exact version."""
    return f"xlwings-{version('xlwings')}.applescript"


def macro_modules() -> list[Module]:
    """Return the macros, from their sources in ``macros/``, for the installed xlwings."""
    folder = resources.files("macros")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".bas"))
    return [
        standard_module(
            (folder / name).read_text(encoding="utf-8").replace(_MAC_SCRIPT, mac_script()),
            f"macros/{name}",
        )
        for name in names
    ]


def project_modules() -> list[Module]:
    """All modules of the add-in's VBA project."""
    return [document_module("ThisWorkbook"), document_module("Sheet1"), *macro_modules()]


def settings(interpreter: str = "") -> list[tuple[str, str]]:
    """List rows of the sheet of settings. Without an interpreter the buttons say how to install."""
    return [
        ("INTERPRETER_WIN", interpreter),
        ("INTERPRETER_MAC", interpreter),
        ("VERSION", __version__),
    ]


def build_addin(interpreter: str = "") -> bytes:
    """Make the bytes of the add-in; the same interpreter and xlwings give the same bytes anywhere.

    Args:
        interpreter: full path of the Python that the buttons run.

    Raises:
        addin.vba_project.SourceError: a macro cannot be encoded.
    """
    return compose(settings(interpreter), project_modules(), ribbon_source())


def compose(
    rows: Sequence[tuple[str, str]],
    modules: Sequence[Module],
    ribbon: bytes,
    *,
    workbook_type: str = ADDIN_TYPE,
    more_sheets: Sequence[str] = (),
) -> bytes:
    """Return a package with the given settings, modules and ribbon."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    workbook.set_properties(
        {"title": text("addin.title"), "comments": text("addin.comments"), "created": CREATED}
    )
    sheet = workbook.add_worksheet(SETTINGS)
    for row, (key, value) in enumerate(rows):
        sheet.write_string(row, 0, key)
        if value:
            sheet.write_string(row, 1, value)
    for name in more_sheets:
        workbook.add_worksheet(name)
    workbook.add_vba_project(io.BytesIO(vba_project(PROJECT, modules)), is_stream=True)
    workbook.close()
    return _finished(stream.getvalue(), ribbon, workbook_type)


def _finished(data: bytes, ribbon: bytes, workbook_type: str) -> bytes:
    """Finish what XlsxWriter made: add the ribbon, set the right type and fixed entries."""
    relation = f'<Relationship Id="rIdRibbon" Type="{RIBBON_RELATION}" Target="{RIBBON_PART}"/>'
    end = b"</Relationships>"
    changes = {
        "[Content_Types].xml": (_SHEET_TYPE.encode(), workbook_type.encode()),
        "_rels/.rels": (end, relation.encode() + end),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name in changes:
                before, after = changes[name]
                assert before in part  # Another XlsxWriter writes otherwise.
                part = part.replace(before, after)
            new.writestr(zip_entry(name, zipfile.ZIP_STORED), part)
        new.writestr(zip_entry(RIBBON_PART, zipfile.ZIP_STORED), ribbon)
    return made.getvalue()


def ribbon_source() -> bytes:
    """Return the ribbon of the add-in as it is in the source tree."""
    return (resources.files("addin") / "customUI" / "customUI14.xml").read_bytes()
