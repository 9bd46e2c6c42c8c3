"""Ways to look at a package and to change it, without any library that rewrites workbooks."""

from __future__ import annotations

import posixpath
from xml.etree import ElementTree

from consolidate.xlsx.patch.package_parts import relations_of
from tests.saved import parts_of

TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def problems_of(data: bytes) -> list[str]:
    """What keeps a package from being whole: XML, content types, relationships."""
    parts = parts_of(data)
    found: list[str] = []
    for name, content in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            try:
                ElementTree.fromstring(content)
            except ElementTree.ParseError as error:
                found.append(f"{name}: {error}")
    types = ElementTree.fromstring(parts["[Content_Types].xml"])
    defaults = {node.get("Extension", "").lower() for node in types.iter(f"{TYPES}Default")}
    overrides = [node.get("PartName", "") for node in types.iter(f"{TYPES}Override")]
    found += [f"{name}: no part" for name in overrides if name.lstrip("/") not in parts]
    found += [f"{name}: two types" for name in set(overrides) if overrides.count(name) > 1]
    for name in parts:
        if f"/{name}" not in overrides and name.rpartition(".")[2] not in defaults:
            found.append(f"{name}: no type")
        if name.endswith(".rels"):
            source = _source(name)
            ids = set()
            for node in ElementTree.fromstring(parts[name]):
                assert node.get("Id") not in ids, name
                ids.add(node.get("Id"))
                if node.get("TargetMode") != "External":
                    folder = posixpath.dirname(source)
                    target = posixpath.join("/", folder, node.get("Target", ""))
                    if posixpath.normpath(target).lstrip("/") not in parts:
                        found.append(f"{name}: {node.get('Target')}")
    return found


def _source(relations: str) -> str:
    folder, name = posixpath.split(relations)
    source = posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))
    assert relations_of(source) == relations or not source.strip(".")
    return source
