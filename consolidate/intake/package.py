"""What python-calamine does not expose of an .xlsx: names, error cells, formulas without a value.

Reads parts by regular expressions: nothing is expanded, resolved or followed. Bounds of each sheet
are computed before calamine may allocate them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consolidate.intake.bounds import SheetWalk, check_binary_sheet, is_plain
from consolidate.intake.gate import Limits, Refused
from consolidate.intake.names import DefinedNames, attributes_of, read_names
from consolidate.intake.properties import saved_time
from consolidate.model.cells import parse_a1

_ERROR = re.compile(rb'<c\b([^<>]*\bt="e"[^<>]*+)>')
_NO_VALUE = re.compile(
    rb"<f\b(?:[^<>]*+(?<=/)>|[^<>]*+>[^<]*+</f>)\s*+(?:<v\s*+/>|<v></v>)?\s*+</c>"
)
_OPENING = re.compile(rb"<c\b([^<>]*)>\s*$")
_LONGEST_TAG = 1_000
"""Bytes in which the opening tag of a cell with a formula is looked for."""
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATIONSHIP = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_WHOLE = ("xl/sharedstrings.xml", "xl/styles.xml")
"""Parts that calamine inflates besides: read here too, for a part that lies about its size."""


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Cells of a sheet that show an error value, and formulas that carry no cached value."""

    errors: frozenset[tuple[int, int]] = frozenset()
    no_value: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """Facts of a workbook beside its values; names are casefolded, as Excel compares them.

    ``complete`` says that ``sheets`` should hold every worksheet: the workbook is an OOXML one.
    ``unread`` are sheets of the template that no unit answers on; ``saved`` is the time at which
    the file says it was last saved.
    """

    names: DefinedNames = field(default_factory=DefinedNames)
    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    complete: bool = False
    unread: frozenset[str] = frozenset()
    saved: str = ""


def read_package(
    package: zipfile.ZipFile,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
) -> PackageFacts:
    """Facts of an OOXML package; only ``saved`` for .ods and .xlsb, which have no such parts.

    Raises:
        Refused: a part is damaged, or a sheet spans more cells than may be read.
    """
    try:
        parts = {name.casefold(): name for name in package.namelist()}
        if "xl/workbook.xml" not in parts:
            _check_binary(package, parts, limits)
            return PackageFacts(saved=saved_time(package, parts))
        # Deflate makes at most 1032 bytes of one: a small file cannot lie about much.
        if sum(entry.compress_size for entry in package.infolist()) * 1032 > limits.inflated:
            for name in _WHOLE:
                if name in parts:
                    package.read(parts[name])
        book = _read_book(_text(package.read(parts["xl/workbook.xml"])))
        targets = _targets(_text(package.read(parts["xl/_rels/workbook.xml.rels"])))
        sheets: dict[str, SheetFacts] = {}
        unread: set[str] = set()
        for name, relation in book.sheets:
            if is_ours is not None and is_ours(name, book.names):
                unread.add(name)
                continue
            part = targets.get(relation, "").casefold()
            if part in parts:
                sheets[name] = _sheet_facts(package.read(parts[part]), name, limits)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError):
        raise Refused("damaged", unreadable=True) from None
    saved = saved_time(package, parts)
    return PackageFacts(book.names, sheets, complete=True, unread=frozenset(unread), saved=saved)


def _text(xml: bytes) -> str:
    encoding = "utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return xml.decode(encoding, errors="replace")


@dataclass(frozen=True, slots=True)
class _Book:
    """Sheets with their relationship ids, and global defined names, of workbook.xml."""

    sheets: tuple[tuple[str, str], ...]
    names: DefinedNames


def _read_book(xml: str) -> _Book:
    sheets = tuple(
        (attributes.get("name", ""), attributes.get("id", ""))
        for attributes in (attributes_of(tag) for tag in _SHEET.findall(xml))
    )
    return _Book(sheets, read_names(xml))


def _targets(xml: str) -> dict[str, str]:
    """Parts that relationships point at, by id; anything outside the package is left out."""
    found: dict[str, str] = {}
    for tag in _RELATIONSHIP.findall(xml):
        attributes = attributes_of(tag)
        if attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
            found[attributes.get("Id", "")] = path
    return found


def _sheet_facts(xml: bytes, name: str, limits: Limits) -> SheetFacts:
    if not is_plain(xml):
        walk = SheetWalk(xml, name, limits)
        return SheetFacts(frozenset(walk.errors), frozenset(walk.no_value))
    errors = _references(_ERROR, xml) if b't="e"' in xml else frozenset()
    no_value = _formulas_without_value(xml) if b"<f" in xml else frozenset()
    return SheetFacts(errors, no_value)


def _check_binary(package: zipfile.ZipFile, parts: Mapping[str, str], limits: Limits) -> None:
    """Everything of an .xlsb or .ods is what its directory says, and no sheet reaches too far."""
    for part, name in parts.items():
        content = package.read(name)
        if part.startswith("xl/worksheets/") and part.endswith(".bin"):
            check_binary_sheet(content, name.rpartition("/")[2], limits)


def _formulas_without_value(xml: bytes) -> frozenset[tuple[int, int]]:
    found = set()
    for match in _NO_VALUE.finditer(xml):
        end = match.start()
        start = max(0, end - _LONGEST_TAG)
        opening = _OPENING.search(xml, max(start, xml.rfind(b"<c ", start, end)), end)
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
