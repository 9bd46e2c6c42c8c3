"""Read the list of sheets from the workbook part, and put our sheet first."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.xlsx.patch.package_parts import BOOK, PackageParts, with_relation_prefix
from consolidate.xlsx.patch.xml_places import (
    Edit,
    NotPatched,
    appended,
    ascii_xml,
    changed_head,
    edited,
    escaped,
    read_tree,
    small_number,
)

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
        edits = [Edit(first.start, first.start, ascii_xml(line))]
        edits += self._opened_on(0)
        edits += self._names(name, header)
        parts.put(BOOK, edited(xml, edits))

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
        views = self._root.child("bookViews")
        tab = str(place) if place else None
        return [
            changed_head(self._xml, view, activeTab=tab, firstSheet=None)
            for view in (views.all("workbookView") if views is not None else ())
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
        edits = []
        for node in names.children:
            sheet = node.attributes.get("localSheetId")
            if sheet is not None:
                moved = str(small_number(sheet) + 1)
                edits.append(changed_head(xml, node, localSheetId=moved))
        return edits + appended(xml, names, made)
