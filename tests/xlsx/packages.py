"""Workbooks written by hand, part by part: what no honest program would write."""

from __future__ import annotations

import posixpath
import struct
from xml.etree import ElementTree

from consolidate.xlsx.patch.package_parts import relations_of
from tests.saved import packed, parts_of

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
CELL = '<c r="A1"><v>1</v></c>'

PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_TYPES}"/>',
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def sheet(rows: str) -> str:
    """The part of a sheet with these rows."""
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def workbook(rows: str = f'<row r="1">{CELL}</row>', **changed: str) -> bytes:
    """An .xlsx of one sheet; ``changed`` are further or other parts by a short key."""
    parts: dict[str, str | bytes] = {**PARTS, SHEET: sheet(rows)}
    short = {"book": "xl/workbook.xml", "relations": "xl/_rels/workbook.xml.rels", "sheet": SHEET}
    return packed(parts | {short.get(key, key): value for key, value in changed.items()})


def understated(data: bytes, part: str, size: int) -> bytes:
    """The archive with a directory that says a part is only ``size`` bytes when inflated."""
    return _listed(data, part, 24, struct.pack("<I", size))


def misread(data: bytes, part: str) -> bytes:
    """The archive with a directory that gives another checksum: what a flipped bit leads to."""
    return _listed(data, part, 16, b"\1\2\3\4")


def _listed(data: bytes, part: str, offset: int, value: bytes) -> bytes:
    changed = bytearray(data)
    name = part.encode()
    at = changed.index(b"PK\x01\x02")
    while changed[at + 46 : at + 46 + len(name)] != name:
        at = changed.index(b"PK\x01\x02", at + 1)
    changed[at + offset : at + offset + len(value)] = value
    return bytes(changed)


def open_document(rows: str) -> bytes:
    """An .ods of one table."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"{_XML}<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f"{_XML}<manifest:manifest "
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
        }
    )


def record(kind: int, content: bytes) -> bytes:
    """One record of an .xlsb part, of a kind and size below 128."""
    return bytes([kind, len(content)]) + content


def binary_workbook(records: bytes) -> bytes:
    """The parts of an .xlsb that the gate looks at."""
    return packed({"xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": records})


def document(body: str, prolog: str = "", namespace: str = _WORD) -> bytes:
    """A Word document of its main part alone; ``body`` is what stands in ``w:body``."""
    xml = f'{_XML}{prolog}<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'
    return packed({"word/document.xml": xml})


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
