"""What Excel asks of an add-in: it drops a whole ribbon for one unknown attribute."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Mapping
from xml.etree import ElementTree

from addin.build_addin import ADDIN_TYPE, RIBBON_PART, RIBBON_RELATION

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
