"""Read, change, add and write the parts of a package that a copy is made of; list its sheets."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
from dataclasses import dataclass

from consolidate.xlsx.patch.xml_places import (
    Edit,
    Node,
    NotPatched,
    appended,
    ascii_xml,
    changed_head,
    edited,
    escaped,
    read_tree,
    small_number,
)
from consolidate.xlsx.read.package_gate import BROKEN, Limits, Refused, open_package
from consolidate.xlsx.read.relations import (
    Relationship,
    has_backslashes,
    narrow,
    part_of,
    parts_by_name,
    relationships,
    text_of,
)
from consolidate.xlsx.write.atomic_files import zip_entry

BOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
"""The kind of an .xlsx; templates and workbooks that may hold macros are others."""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEETML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_EMPTY_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Relationships xmlns="{_PACKAGE}"></Relationships>'
).encode()
_SIGNED = "_xmlsignatures/"
_LARGEST = 30_000_000
"""Bytes of the largest part that is looked into."""
_LENGTHS = struct.Struct("<HH")
_AT_LENGTHS = 26
"""Where the header of an entry says how long its name and what follows it are."""
_OWN = 0o600 << 16
"""Permissions that :mod:`zipfile` gives an entry."""
_NUMBER = re.compile(r"([0-9]{1,9})\.\w+$")


class PackageParts:
    """A package as its parts by name.

    Raises:
        NotPatched: the package is not a plain .xlsx, or cannot be patched.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            package = open_package(data, limits)
        except Refused:
            raise NotPatched("strange") from None
        if package is None:
            raise NotPatched("other_format")
        self._package = package
        self._data = data
        self._known: dict[str, bytes] = {}
        self._names = dict(parts_by_name(package))
        self._made: dict[str, bytes] = {}
        if BOOK not in self._names:
            raise NotPatched("other_format")
        if has_backslashes(package) or _TYPES.casefold() not in self._names:
            raise NotPatched("strange")
        if any(name.startswith(_SIGNED) for name in self._names):
            raise NotPatched("signed")
        self._types = read_tree(self.read(_TYPES), 1)
        if self.type_of(BOOK) != _MAIN:
            raise NotPatched("other_format")
        book = read_tree(self.read(BOOK), 0)
        if book.attributes.get(f"xmlns:{book.prefix}".rstrip(":")) != _SHEETML:
            raise NotPatched("strange")  # The strict dialect has names of its own for everything.

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """Read a part as it is now, in UTF-8 if it was in UTF-16."""
        own = self._names.get(name.casefold())
        if own is None:
            raise NotPatched("strange")
        if own in self._made:
            return self._made[own]
        try:
            if self._package.getinfo(own).file_size > _LARGEST:
                raise NotPatched("too_large")
            return narrow(self._content(own))
        except BROKEN:
            raise NotPatched("strange") from None

    def _content(self, own: str) -> bytes:
        """A part as it came, inflated and compared with its checksum once."""
        if own not in self._known:
            self._known[own] = self._package.read(own)
        return self._known[own]

    def put(self, name: str, content: bytes) -> None:
        """Give a part other bytes, or add one."""
        self._made[self._names.setdefault(name.casefold(), name)] = content

    def free_name(self, stem: str, ending: str) -> str:
        """Make a name for a new part: ``xl/comments3.xml`` when there are two."""
        taken = [name for name in self._names if name.startswith(stem.casefold())]
        numbers = [int(match.group(1)) for name in taken if (match := _NUMBER.search(name))]
        return f"{stem}{max(numbers, default=0) + 1}{ending}"

    def type_of(self, name: str) -> str:
        """Content type of a part."""
        for node in self._types.all("Override"):
            if node.attributes.get("PartName", "").lstrip("/").casefold() == name.casefold():
                return node.attributes.get("ContentType", "")
        return self._default(name.rpartition(".")[2])

    def _default(self, extension: str) -> str:
        for node in self._types.all("Default"):
            if node.attributes.get("Extension", "").casefold() == extension:
                return node.attributes.get("ContentType", "")
        return ""

    def add(self, name: str, content: bytes, kind: str) -> None:
        """Add a part of a content type."""
        self.put(name, content)
        if self.type_of(name) != kind:
            xml = self.read(_TYPES)
            ending = name.rpartition(".")[2]
            line = f'<{self._types.prefix}Override PartName="/{name}" ContentType="{kind}"/>'
            if ending != "xml" and not self._default(ending):
                line = f'<{self._types.prefix}Default Extension="{ending}" ContentType="{kind}"/>'
            self.put(_TYPES, edited(xml, appended(xml, self._types, ascii_xml(line))))
            self._types = read_tree(self.read(_TYPES), 1)

    def target(self, source: str, kind: str) -> str:
        """Name of the part of a kind (last word of the type) that a part points at first, or ""."""
        found = (part for relation, part in self._relations(source) if relation.kind == kind)
        part = next(found, "")
        return part if part in self else ""

    def by_id(self, source: str) -> dict[str, str]:
        """List names of the parts that a part points at, by the ids of the relationships."""
        return {relation.id: part for relation, part in self._relations(source)}

    def _relations(self, source: str) -> list[tuple[Relationship, str]]:
        """Relationships of a part to others in the package, with the names of these."""
        name = relations_of(source)
        told = relationships(text_of(self.read(name))) if name in self else ()
        return [(one, part_of(name, one.target)) for one in told if not one.external]

    def relate(self, source: str, target: str, kind: str) -> str:
        """Add a relationship between two parts; its id."""
        name = relations_of(source)
        xml = self.read(name) if name in self else _EMPTY_RELATIONS
        root = read_tree(xml, 1)
        taken = {node.attributes.get("Id") for node in root.children}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        folder = posixpath.dirname(source)
        shown = posixpath.relpath(target, folder) if folder != "xl/worksheets" else f"/{target}"
        line = (
            f'<{root.prefix}Relationship Id="rId{number}" Type="{_OFFICE}/{kind}"'
            f' Target="{escaped(shown)}"/>'
        )
        self.put(name, edited(xml, appended(xml, root, ascii_xml(line))))
        return f"rId{number}"

    def packed(self) -> bytes:
        """The package with what was changed and added; the same changes give the same bytes."""
        target = io.BytesIO()
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
                old = set()
                for entry in self._package.infolist():
                    old.add(entry.filename)
                    info = zipfile.ZipInfo(entry.filename, entry.date_time)
                    info.create_system, info.compress_type = 0, zipfile.ZIP_DEFLATED
                    content = self._made.get(entry.filename)
                    if content is not None:
                        made.writestr(info, content)
                    elif entry.compress_type == zipfile.ZIP_DEFLATED:
                        self._content(entry.filename)
                        _put_deflated(made, info, entry, self._data)
                    else:
                        made.writestr(info, self._content(entry.filename))
                for name in sorted(self._made.keys() - old):
                    made.writestr(zip_entry(name), self._made[name])
        except BROKEN:
            raise NotPatched("strange") from None
        return target.getvalue()


def _put_deflated(
    made: zipfile.ZipFile, info: zipfile.ZipInfo, entry: zipfile.ZipInfo, data: bytes
) -> None:
    """Put an entry into a zip as it is deflated in another, of the bytes ``data``."""
    name, extra = _LENGTHS.unpack_from(data, entry.header_offset + _AT_LENGTHS)
    start = entry.header_offset + _AT_LENGTHS + _LENGTHS.size + name + extra
    info.CRC, info.file_size = entry.CRC, entry.file_size
    info.compress_size, info.external_attr = entry.compress_size, _OWN
    target = made.fp
    assert target is not None
    info.header_offset = target.tell()
    target.write(info.FileHeader(zip64=False))
    target.write(data[start : start + entry.compress_size])
    made.filelist.append(info)
    made.NameToInfo[info.filename] = info
    made.start_dir = target.tell()


def relations_of(part: str) -> str:
    """Find the name of the part with the relationships of a part."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def with_relation_prefix(root: Node, made: str) -> str:
    """The text of an element with ``r:id``, which declares the prefix where the root does not."""
    if root.attributes.get("xmlns:r") == _OFFICE:
        return made
    return made.replace(" r:id=", f' xmlns:r="{_OFFICE}" r:id=', 1)


SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_MOST_IDS = 65_534
"""The highest number that Excel gives a sheet."""


@dataclass(frozen=True, slots=True)
class SheetOf:
    """A sheet of the workbook: its name, its part, whether a person sees its tab."""

    name: str
    part: str
    shown: bool


class WorkbookPart:
    """The workbook part of a package.

    Raises:
        NotPatched: it is damaged, or a sheet has no part.
    """

    def __init__(self, parts: PackageParts) -> None:
        self._parts = parts
        self._xml = parts.read(BOOK)
        self._root = read_tree(self._xml, 2)
        listed = self._root.child("sheets")
        if listed is None or not listed.children:
            raise NotPatched("strange")
        self._listed = listed
        targets = parts.by_id(BOOK)
        found: list[SheetOf] = []
        for node in listed.all("sheet"):
            ids = [value for key, value in node.attributes.items() if key.endswith(":id")]
            part = targets.get(ids[0], "") if len(ids) == 1 else ""
            if part not in parts or part.casefold() in {sheet.part.casefold() for sheet in found}:
                raise NotPatched("strange")
            shown = node.attributes.get("state", "visible") == "visible"
            found.append(SheetOf(node.attributes.get("name", ""), part, shown))
        self.sheets = tuple(found)

    def put_first(self, name: str, content: bytes, header: int) -> None:
        """Add a worksheet before all others and open the workbook on it.

        ``header`` is the row (from 1) that every printed page repeats.
        """
        parts, xml, root = self._parts, self._xml, self._root
        part = parts.free_name("xl/worksheets/sheet", ".xml")
        parts.add(part, content, SHEET_TYPE)
        relation = parts.relate(BOOK, part, "worksheet")
        first = self._listed.children[0]
        taken = {small_number(n.attributes.get("sheetId", "")) for n in self._listed.all("sheet")}
        number = max(taken) + 1
        if number > _MOST_IDS:
            number = next(n for n in range(1, _MOST_IDS) if n not in taken)
        line = with_relation_prefix(
            root,
            f'<{root.prefix}sheet name="{escaped(name)}" sheetId="{number}" r:id="{relation}"/>',
        )
        edits = [Edit(first.start, first.start, ascii_xml(line)), *self._opened_on(0)]
        parts.put(BOOK, edited(xml, edits + self._names(name, header)))

    def open_on(self, sheet: SheetOf) -> None:
        """Open the workbook on one of its sheets, which may have been hidden."""
        place = self.sheets.index(sheet)
        edits = self._opened_on(place)
        if not sheet.shown:
            node = tuple(self._listed.all("sheet"))[place]
            edits.append(changed_head(self._xml, node, state=None))
        if edits:
            self._parts.put(BOOK, edited(self._xml, edits))

    def _opened_on(self, place: int) -> list[Edit]:
        tab = str(place) if place else None
        return [
            changed_head(self._xml, view, activeTab=tab, firstSheet=None)
            for view in self._root.listed("bookViews", "workbookView")
        ]

    def _names(self, name: str, header: int) -> list[Edit]:
        """Names of single sheets follow their sheets; ours gets its repeated row."""
        xml, root = self._xml, self._root
        quoted = name.replace("'", "''")
        p = root.prefix
        made = ascii_xml(
            f'<{p}definedName name="_xlnm.Print_Titles" localSheetId="0">'
            f"'{escaped(quoted)}'!${header}:${header}</{p}definedName>"
        )
        names = root.child("definedNames")
        if names is None:
            at = max(node.end for node in root.children if node.name in _BEFORE_NAMES)
            whole = f"<{p}definedNames>".encode() + made + f"</{p}definedNames>".encode()
            return [Edit(at, at, whole)]
        edits = [
            changed_head(xml, node, localSheetId=str(small_number(sheet) + 1))
            for node in names.children
            if (sheet := node.attributes.get("localSheetId")) is not None
        ]
        return edits + appended(xml, names, made)
