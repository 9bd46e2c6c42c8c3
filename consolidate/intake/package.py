"""What python-calamine does not expose of an .xlsx: names, error cells, formulas without a value.

Reads parts by regular expressions on bytes and by expat without external entities; never executes,
resolves or follows anything. Bounds of each sheet are computed before calamine may allocate them.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from consolidate.intake.gate import Limits, Refused
from consolidate.model.cells import parse_a1

_RANGE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!"
    r"(?P<first>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?[0-9]{1,7}))?"
)
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>')
_NO_VALUE = re.compile(
    rb"<c\b([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_FAR_ROW = re.compile(rb'<row\b[^>]*\br="[0-9]{5,}"')
_FAR_COLUMN = re.compile(rb'<c\b[^>]*\br="[A-Z]{2,3}[0-9]')
_CELL = re.compile(rb"<c\b([^>]*)>(?=\s*(?:<f\b|<v>|<is>))")
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


@dataclass(frozen=True, slots=True)
class NamedRange:
    """What a defined name points at: zero-based corners, the second one inclusive."""

    sheet: str
    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Cells of a sheet that show an error value, and formulas that carry no cached value."""

    errors: frozenset[tuple[int, int]] = frozenset()
    no_value: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """Facts of a workbook beside its values; names are casefolded, as Excel compares them."""

    names: dict[str, NamedRange] = field(default_factory=dict)
    sheets: dict[str, SheetFacts] = field(default_factory=dict)


def read_package(package: zipfile.ZipFile, limits: Limits) -> PackageFacts:
    """Facts of an OOXML package; empty for .ods and .xlsb, which have none of these parts.

    Raises:
        Refused: a part is damaged, or a sheet spans more cells than may be read.
    """
    try:
        parts = set(package.namelist())
        if "xl/workbook.xml" not in parts:
            return PackageFacts()
        book = _read_workbook(package.read("xl/workbook.xml"))
        targets = _targets(package.read("xl/_rels/workbook.xml.rels"))
        sheets: dict[str, SheetFacts] = {}
        for name, relation in book.sheets:
            part = targets.get(relation, "")
            if part in parts:
                sheets[name] = _sheet_facts(package.read(part), name, limits)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError):
        raise Refused("damaged", unreadable=True) from None
    except expat.ExpatError:
        raise Refused("damaged", unreadable=True) from None
    return PackageFacts(book.names, sheets)


class _Workbook:
    """Sheets with their relationship ids, and global defined names, of workbook.xml."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.names: dict[str, NamedRange] = {}
        self._name = ""
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local == "sheet":
            relation = attributes.get(f"{_RELATIONSHIPS} id") or attributes.get(
                f"{_STRICT_RELATIONSHIPS} id", ""
            )
            self.sheets.append((attributes.get("name", ""), relation))
        elif local == "definedName":
            self._name = "" if "localSheetId" in attributes else attributes.get("name", "")
            self._text = []

    def text(self, data: str) -> None:
        if self._name:
            self._text.append(data)

    def end(self, tag: str) -> None:
        if tag.rpartition(" ")[2] == "definedName" and self._name:
            target = _RANGE.fullmatch("".join(self._text))
            if target is not None:
                first = parse_a1(target.group("first"))
                last = parse_a1(target.group("last") or target.group("first"))
                sheet = target.group("plain") or target.group("quoted").replace("''", "'")
                if first is not None and last is not None:
                    self.names[self._name.casefold()] = NamedRange(sheet, first, last)
            self._name = ""


def _parser() -> expat.XMLParserType:
    """An expat parser that refuses every entity declaration and resolves nothing outside."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise Refused("damaged", unreadable=True)

    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = None
    return parser


def _read_workbook(xml: bytes) -> _Workbook:
    book = _Workbook()
    parser = _parser()
    parser.StartElementHandler = book.start
    parser.EndElementHandler = book.end
    parser.CharacterDataHandler = book.text
    parser.Parse(xml, True)
    return book


def _targets(xml: bytes) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            found[attributes.get("Id", "")] = posixpath.normpath(path)

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found


def _sheet_facts(xml: bytes, name: str, limits: Limits) -> SheetFacts:
    if _FAR_ROW.search(xml) or _FAR_COLUMN.search(xml):
        _check_bounds(xml, name, limits)
    errors = _references(_ERROR, xml) if b't="e"' in xml else frozenset()
    no_value = _references(_NO_VALUE, xml) if b"<f" in xml else frozenset()
    return SheetFacts(errors, no_value)


def _references(pattern: re.Pattern[bytes], xml: bytes) -> frozenset[tuple[int, int]]:
    found = set()
    for match in pattern.finditer(xml):
        reference = _REFERENCE.search(match.group(1))
        cell = parse_a1(reference.group(1).decode()) if reference is not None else None
        if cell is not None:
            found.add(cell)
    return frozenset(found)


def _check_bounds(xml: bytes, name: str, limits: Limits) -> None:
    """Refuse a sheet whose filled cells span a rectangle too large to hold."""
    last_row = last_column = 0
    for row, column in _references(_CELL, xml):
        last_row, last_column = max(last_row, row), max(last_column, column)
    if (last_row + 1) * (last_column + 1) > limits.cells:
        raise Refused("too_many_cells", unreadable=True, detail=name)
