"""Build the add-in, one reproducible ``.xlam``: workbook by XlsxWriter, VBA and ribbon by us.

Parts are stored, not deflated, with fixed dates: builds of zlib differ, these bytes do not. What is
built is checked, the ribbon by the rules of customUI14: Excel drops a whole ribbon for one unknown
attribute and shows nothing.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.metadata import version
from xml.etree import ElementTree

import xlsxwriter

from addin.vbabuild.project import vba_project
from addin.vbabuild.vba_source import Module, document_module, standard_module
from consolidate import __version__
from consolidate.definitions.catalogue import text
from consolidate.xlsx.write.files import CREATED, zip_entry

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
VBA_PART = "xl/vbaProject.bin"
VBA_TYPE = "application/vnd.ms-office.vbaProject"
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
"""What every compound file begins with, of [MS-CFB] 2.2."""
_VBA_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_TYPES = "[Content_Types].xml"
_TYPES_NAMESPACE = "{http://schemas.openxmlformats.org/package/2006/content-types}"
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
_LABELS = {"label", "screentip", "supertip", "keytip", "visible", "enabled"}
_ALLOWED: Mapping[str, tuple[set[str], set[str]]] = {
    "customUI": (set(), {"ribbon"}),
    "ribbon": (set(), {"tabs"}),
    "tabs": (set(), {"tab"}),
    "tab": ({"id", "label", "keytip", "insertAfterMso", "insertBeforeMso"}, {"group"}),
    "group": ({"id", *_LABELS}, {"button", "separator"}),
    "separator": ({"id"}, set()),
    "button": ({"id", "size", "imageMso", "onAction", "description", *_LABELS}, set()),
}
"""Attributes and children of the elements that we use."""
_LONGEST = {"keytip": 3}
_LONGEST_TEXT = 1_024
_NEEDED = {"tab": {"id", "label"}, "group": {"id", "label"}, "button": {"id", "label", "onAction"}}


class BadAddin(RuntimeError):
    """The composed add-in breaks a rule of Excel's; the message names it."""


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
    return [
        document_module("ThisWorkbook"),
        document_module("Sheet1"),
        *macro_modules(),
    ]


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
        BadAddin: the result breaks a rule of Excel's.
        addin.vbabuild.vba_source.SourceError: a macro cannot be encoded.
    """
    ribbon = ribbon_source()
    wrong = ribbon_problems(ribbon)
    if wrong:
        raise BadAddin("; ".join(wrong))
    data = compose(settings(interpreter), project_modules(), ribbon)
    wrong = package_problems(data)
    if wrong:
        raise BadAddin("; ".join(wrong))
    return data


def compose(
    rows: Sequence[tuple[str, str]],
    modules: Sequence[Module],
    ribbon: bytes,
    *,
    workbook_type: str = ADDIN_TYPE,
    more_sheets: Sequence[str] = (),
) -> bytes:
    """Return a package with the given settings, modules and ribbon; nothing is checked."""
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
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "[Content_Types].xml":
                part = part.replace(_SHEET_TYPE.encode(), workbook_type.encode())
            elif name == "_rels/.rels":
                relation = (
                    f'<Relationship Id="rIdRibbon" Type="{RIBBON_RELATION}" '
                    f'Target="{RIBBON_PART}"/></Relationships>'
                )
                part = part.replace(b"</Relationships>", relation.encode())
            new.writestr(zip_entry(name, zipfile.ZIP_STORED), part)
        new.writestr(zip_entry(RIBBON_PART, zipfile.ZIP_STORED), ribbon)
    return made.getvalue()


def ribbon_source() -> bytes:
    """Return the ribbon of the add-in as it is in the ribbon_source tree."""
    return (resources.files("addin") / "customUI" / "customUI14.xml").read_bytes()


def ribbon_problems(xml: bytes) -> list[str]:
    """List what is wrong with a ribbon; empty when Excel would draw it."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        return [f"not well-formed: {error}"]
    if root.tag != f"{{{NAMESPACE}}}customUI":
        return [f"root is {root.tag}"]
    found: list[str] = []
    _check_element(root, found)
    elements = list(root.iter())
    for attribute in ("id", "onAction"):
        counts = Counter(element.get(attribute) for element in elements)
        found += [
            f"{attribute} {value} is used {count} times"
            for value, count in counts.items()
            if value is not None and count > 1
        ]
    for group in root.iter(f"{{{NAMESPACE}}}group"):
        keys = Counter(button.get("keytip") for button in group if button.get("keytip"))
        found += [f"keytip {key} is used twice" for key, count in keys.items() if count > 1]
    if not any(element.get("onAction") for element in elements):
        found.append("no button does anything")
    return found


def _check_element(element: ElementTree.Element, found: list[str]) -> None:
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    attributes, children = _ALLOWED[name]
    place = f"{name} {element.get('id', '')}".strip()
    found += [f"{place}: attribute {key}" for key in element.attrib if key not in attributes]
    missing = _NEEDED.get(name, set()) - element.attrib.keys()
    found += [f"{place}: no {key}" for key in sorted(missing)]
    for key, value in element.attrib.items():
        if not value or len(value) > _LONGEST.get(key, _LONGEST_TEXT):
            found.append(f"{place}: length of {key}")
    if element.get("size", "normal") not in ("normal", "large"):
        found.append(f"{place}: size {element.get('size')}")
    if element.text and element.text.strip():
        found.append(f"{place}: text {element.text.strip()!r}")
    for child in element:
        inner = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if inner in children:
            _check_element(child, found)
        else:
            found.append(f"{place}: child {inner}")


def package_problems(data: bytes) -> list[str]:
    """List what is wrong with the package of an add-in."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            bad = package.testzip()
            if bad is not None:
                return [f"damaged part {bad}"]
            names = package.namelist()
            parts = {name: package.read(name) for name in names}
    except (zipfile.BadZipFile, OSError) as error:
        return [f"no package: {error}"]
    found = [f"part {name} twice" for name in set(names) if names.count(name) > 1]
    if _TYPES not in parts:
        return [*found, f"no {_TYPES}"]
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            try:
                ElementTree.fromstring(part)
            except ElementTree.ParseError as error:
                return [*found, f"{name} is not well-formed: {error}"]
    return [*found, *_type_problems(parts), *_relation_problems(parts)]


def _type_problems(parts: dict[str, bytes]) -> list[str]:
    root = ElementTree.fromstring(parts[_TYPES])
    defaults = {
        item.get("Extension", "").lower(): item.get("ContentType", "")
        for item in root.iter(f"{_TYPES_NAMESPACE}Default")
    }
    overrides = {
        item.get("PartName", "").removeprefix("/"): item.get("ContentType", "")
        for item in root.iter(f"{_TYPES_NAMESPACE}Override")
    }

    def type_of(name: str) -> str:
        return overrides.get(name) or defaults.get(name.rpartition(".")[2].lower(), "")

    found = [
        f"no content type for {name}" for name in parts if name != _TYPES and not type_of(name)
    ]
    found += [f"content type for absent {name}" for name in overrides if name not in parts]
    for name, wanted in (("xl/workbook.xml", ADDIN_TYPE), (VBA_PART, VBA_TYPE)):
        if name not in parts:
            found.append(f"no {name}")
        elif type_of(name) != wanted:
            found.append(f"{name} is {type_of(name)}")
    if not parts.get(VBA_PART, _COMPOUND).startswith(_COMPOUND):
        found.append(f"{VBA_PART} is no compound file")
    return found


def _relation_problems(parts: dict[str, bytes]) -> list[str]:
    found, targets = [], set()
    for name in parts:
        if not name.endswith(".rels"):
            continue
        base = posixpath.dirname(posixpath.dirname(name))
        ids = set()
        for relation in ElementTree.fromstring(parts[name]):
            if relation.get("Id") in ids:
                found.append(f"{name}: id {relation.get('Id')} twice")
            ids.add(relation.get("Id"))
            if relation.get("TargetMode") == "External":
                found.append(f"{name}: external target")
                continue
            target = relation.get("Target", "")
            path = posixpath.normpath(posixpath.join("/", base, target)).removeprefix("/")
            targets.add((name, relation.get("Type", ""), path))
            if path not in parts:
                found.append(f"{name}: no part {path}")
    for wanted in (
        ("_rels/.rels", RIBBON_RELATION, RIBBON_PART),
        ("xl/_rels/workbook.xml.rels", _VBA_RELATION, VBA_PART),
    ):
        if wanted not in targets:
            found.append(f"{wanted[0]}: no relationship to {wanted[2]}")
    return found
