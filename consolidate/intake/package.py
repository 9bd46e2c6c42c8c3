"""What python-calamine does not expose of an .xlsx: names, error cells, formulas without a value.

Reads parts by regular expressions: nothing is expanded, resolved or followed. Bounds of each sheet
are computed before calamine may allocate them.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field

from consolidate.intake.gate import Limits, Refused
from consolidate.model.cells import column_index, parse_a1

_RANGE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!"
    r"(?P<first>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?[0-9]{1,7}))?"
)
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>')
_NO_VALUE = re.compile(rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_OPENING = re.compile(rb"<c\b([^>]*)>\s*$")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_FAR = re.compile(rb' r="(?:[0-9]{5}|[A-Z]{2})')
_CELL = re.compile(rb"<c\b([^>]*)>(?=\s*(?:<f\b|<v>|<is>))")
_PLAIN_NAME = re.compile(
    r"<definedName name=\"([^\"&]*)\">(?:'([^'&]*)'|([^'!&<]*))"
    r"!\$([A-Z]{1,3})\$([0-9]{1,7})(?::\$([A-Z]{1,3})\$([0-9]{1,7}))?</definedName>"
)
"""A name as every program of ours writes it; whatever is written otherwise is read by _NAME."""
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_NAME = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>([^<]*)<")
_RELATIONSHIP = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


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
        book = _read_book(_text(package.read("xl/workbook.xml")))
        targets = _targets(_text(package.read("xl/_rels/workbook.xml.rels")))
        sheets: dict[str, SheetFacts] = {}
        for name, relation in book.sheets:
            part = targets.get(relation, "")
            if part in parts:
                sheets[name] = _sheet_facts(package.read(part), name, limits)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError):
        raise Refused("damaged", unreadable=True) from None
    return PackageFacts(book.names, sheets)


def _text(xml: bytes) -> str:
    encoding = "utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return xml.decode(encoding, errors="replace")


@dataclass(frozen=True, slots=True)
class _Book:
    """Sheets with their relationship ids, and global defined names, of workbook.xml."""

    sheets: tuple[tuple[str, str], ...]
    names: dict[str, NamedRange]


def _attributes(tag: str) -> dict[str, str]:
    """Attributes of a tag without their prefixes; only the five predefined entities are known."""
    return {
        name.rpartition(":")[2]: _unescape(double or single)
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    for entity, letter in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{entity};", letter)
    return re.sub(r"&#(x?)([0-9A-Fa-f]{1,6});", _character, text)


def _character(match: re.Match[str]) -> str:
    code = int(match.group(2), 16 if match.group(1) else 10)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group(0)


def _read_book(xml: str) -> _Book:
    sheets = tuple(
        (attributes.get("name", ""), attributes.get("id", ""))
        for attributes in (_attributes(tag) for tag in _SHEET.findall(xml))
    )
    names: dict[str, NamedRange] = {}
    for name, quoted, plain, column, row, last_column, last_row in _PLAIN_NAME.findall(xml):
        start = (int(row) - 1, column_index(column))
        end = (int(last_row) - 1, column_index(last_column)) if last_row else start
        names[name.casefold()] = NamedRange(quoted or plain, start, end)
    for tag, content in _NAME.findall(_PLAIN_NAME.sub("", xml)):
        attributes = _attributes(tag)
        target = _RANGE.fullmatch(_unescape(content))
        if target is None or "localSheetId" in attributes:
            continue
        first = parse_a1(target.group("first"))
        last = parse_a1(target.group("last") or target.group("first"))
        sheet = target.group("plain") or target.group("quoted").replace("''", "'")
        if first is not None and last is not None:
            names[attributes.get("name", "").casefold()] = NamedRange(sheet, first, last)
    return _Book(sheets, names)


def _targets(xml: str) -> dict[str, str]:
    """Parts that relationships point at, by id; anything outside the package is left out."""
    found: dict[str, str] = {}
    for tag in _RELATIONSHIP.findall(xml):
        attributes = _attributes(tag)
        if attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            found[attributes.get("Id", "")] = posixpath.normpath(path)
    return found


def _sheet_facts(xml: bytes, name: str, limits: Limits) -> SheetFacts:
    if _FAR.search(xml):
        _check_bounds(xml, name, limits)
    errors = _references(_ERROR, xml) if b't="e"' in xml else frozenset()
    no_value = _formulas_without_value(xml) if b"<f" in xml else frozenset()
    return SheetFacts(errors, no_value)


def _formulas_without_value(xml: bytes) -> frozenset[tuple[int, int]]:
    found = set()
    for match in _NO_VALUE.finditer(xml):
        opening = _OPENING.search(xml, max(0, xml.rfind(b"<c ", 0, match.start())), match.start())
        cell = _cell_of(opening)
        if cell is not None:
            found.add(cell)
    return frozenset(found)


def _cell_of(tag: re.Match[bytes] | None) -> tuple[int, int] | None:
    """Address in the ``r`` attribute of a matched ``<c …>`` tag."""
    reference = _REFERENCE.search(tag.group(1)) if tag is not None else None
    return parse_a1(reference.group(1).decode()) if reference is not None else None


def _references(pattern: re.Pattern[bytes], xml: bytes) -> frozenset[tuple[int, int]]:
    cells = (_cell_of(match) for match in pattern.finditer(xml))
    return frozenset(cell for cell in cells if cell is not None)


def _check_bounds(xml: bytes, name: str, limits: Limits) -> None:
    """Refuse a sheet whose filled cells span a rectangle too large to hold."""
    last_row = last_column = 0
    for row, column in _references(_CELL, xml):
        last_row, last_column = max(last_row, row), max(last_column, column)
    if (last_row + 1) * (last_column + 1) > limits.cells:
        raise Refused("too_many_cells", unreadable=True, detail=name)
