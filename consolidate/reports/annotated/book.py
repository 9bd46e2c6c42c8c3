"""The workbook part: which sheets there are, and our sheet put before them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consolidate.reports.annotated.package import BOOK, Parts, with_relation_prefix
from consolidate.reports.annotated.tree import (
    Edit,
    NotPatched,
    appended,
    ascii_xml,
    changed_head,
    edited,
    escaped,
    head_of,
    read_tree,
)

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_RELATION = re.compile(rb'\s[\w.-]+:id\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')


@dataclass(frozen=True, slots=True)
class SheetOf:
    """A sheet of the workbook: its name, its part, whether a person sees its tab."""

    name: str
    part: str
    shown: bool


class Book:
    """The workbook part of a package.

    Raises:
        NotPatched: it is damaged, or a sheet has no part.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._xml = parts.read(BOOK)
        self._root = read_tree(self._xml, 2)
        listed = self._root.child("sheets")
        if listed is None or not listed.children:
            raise NotPatched("strange")
        self._listed = listed
        targets = parts.by_id(BOOK)
        found = []
        for node in listed.all("sheet"):
            match = _RELATION.search(head_of(self._xml, node))
            part = targets.get((match.group(1) or match.group(2)).decode() if match else "", "")
            if part not in parts:
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
        ids = [int(n.attributes.get("sheetId", "0")) for n in self._listed.all("sheet")
               if n.attributes.get("sheetId", "0").isdecimal()]  # fmt: skip
        line = with_relation_prefix(
            xml,
            root,
            f'<{root.prefix}sheet name="{escaped(name)}" sheetId="{max(ids) + 1}"'
            f' r:id="{relation}"/>',
        )
        edits = [Edit(first.start, first.start, ascii_xml(line))]
        views = root.child("bookViews")
        for view in views.all("workbookView") if views is not None else ():
            edits.append(changed_head(xml, view, activeTab=None, firstSheet=None))
        edits += self._names(name, header)
        parts.put(BOOK, edited(xml, edits))

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
        edits = []
        for node in names.children:
            sheet = node.attributes.get("localSheetId")
            if sheet is not None:
                if not sheet.isdecimal():
                    raise NotPatched("strange")
                edits.append(changed_head(xml, node, localSheetId=str(int(sheet) + 1)))
        return edits + appended(xml, names, made)
