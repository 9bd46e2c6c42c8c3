"""Read what python-calamine does not expose: names, errors, formulas, fonts, the time of saving.

Reads parts by regular expressions: nothing is expanded, resolved or followed. Bounds of each sheet
are computed before calamine may allocate them.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache

from consolidate.model.cells import parse_a1
from consolidate.xlsx.calc.formula_texts import Formula, read_formulas
from consolidate.xlsx.read.crossed_out_text import NONE as UNCROSSED
from consolidate.xlsx.read.crossed_out_text import Crossed, Formats
from consolidate.xlsx.read.defined_names import DefinedNames, attributes_of, read_names
from consolidate.xlsx.read.features import NONE, Features, read_features
from consolidate.xlsx.read.ods_tables import TableWalk, read_views
from consolidate.xlsx.read.package_gate import BROKEN, Limits, Refused
from consolidate.xlsx.read.relations import (
    absolute_targets,
    has_backslashes,
    is_wide,
    narrow,
    narrowed,
    part_of,
    parts_by_name,
    relationships,
    text_of,
)
from consolidate.xlsx.read.risks import (
    Risk,
    Risks,
    is_plain_package,
    note_formulas,
    note_names,
    note_open_document,
    note_package,
)
from consolidate.xlsx.read.sheet_bounds import (
    BINARY_BOOK,
    SheetBudget,
    count_values,
    is_plain,
    measure_binary,
    prune,
    without_empty,
)
from consolidate.xlsx.read.shown_numbers import Cells, NumberFormats

_ERROR = re.compile(rb'<c\b([^<>]*\bt="e"[^<>]*+)>')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_FROM_1904 = re.compile(r"<(?:\w+:)?workbookPr\b[^<>]*\bdate1904=[\"'](?:1|true)")
BOOK, BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CONTENT = "content.xml"
_STRINGS, _STYLES = _WHOLE = "xl/sharedstrings.xml", "xl/styles.xml"
"""Parts that calamine reads too, but not to their end: damage there, or a part larger than it
says, is seen only here. One flipped bit of a shared text is another answer otherwise."""


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Cells of a sheet that show an error value, and formulas that carry no cached value.

    ``far`` are filled cells so far from the table that they had to be left out; ``features`` are
    merged, hidden and filtered cells, ``crossed`` those in which text is struck out, ``shown``
    those that show another number than they hold, or nothing. ``formulas`` are the texts of its
    formulas, those with a value too; none of a sheet that is not written in the plain way
    (``sheet_bounds.is_plain``). ``unsound`` are the kinds of those that nobody
    can check, once they were worked out. ``twice`` are the cells that the XML gives twice.
    ``from_1904`` says that the workbook counts its days from 1904.
    """

    errors: frozenset[tuple[int, int]] = frozenset()
    no_value: frozenset[tuple[int, int]] = frozenset()
    far: tuple[tuple[int, int], ...] = ()
    features: Features = NONE
    crossed: Crossed = UNCROSSED
    shown: Cells = field(default_factory=dict)
    formulas: Mapping[tuple[int, int], Formula] = field(default_factory=dict)
    unsound: Mapping[tuple[int, int], str] = field(default_factory=dict)
    twice: frozenset[tuple[int, int]] = frozenset()
    from_1904: bool = False

    @property
    def special(self) -> Set[tuple[int, int]]:
        """Cells of which more is to be said than what they hold."""
        seen = self.crossed.struck | self.shown.keys() | self.unsound.keys()
        return seen | self.twice | self.features.covered


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """Facts of a workbook beside its values; names are casefolded, as Excel compares them.

    ``complete`` says that ``sheets`` should hold every worksheet: the workbook is an OOXML one.
    ``unread`` are sheets of the template that no unit answers on. ``changed`` are parts, by name,
    that a reader must be given in other bytes than the package has, ``renamed`` says that their
    names are not written as a reader expects; ``risks`` is what the file carries beside values,
    ``saved`` the time at which it says it was last saved, ``styles`` the part of that name.
    """

    names: DefinedNames = field(default_factory=DefinedNames)
    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    complete: bool = False
    unread: frozenset[str] = frozenset()
    changed: Mapping[str, bytes] = field(default_factory=dict)
    renamed: bool = False
    risks: tuple[Risk, ...] = ()
    saved: str = ""
    styles: bytes = b""


def read_package(
    package: zipfile.ZipFile,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
) -> PackageFacts:
    """Read facts of an OOXML package; of others risks and ``saved``, and what an .ods strikes out.

    Raises:
        Refused: a part is damaged, or a sheet spans more cells than may be read.
    """
    try:
        parts = parts_by_name(package)
        budget = SheetBudget(limits)
        _measure_others(package, parts, limits, budget)
        saved = saved_time(package, parts)
        if BOOK not in parts:
            risky = risks_of(package, parts)
            others = _sheets_of_others(package, parts)
            return PackageFacts(sheets=others, risks=risky, saved=saved)
        whole = {name: package.read(parts[name]) for name in _WHOLE if name in parts}
        heads = [package.read(parts[name]) for name in (BOOK, BOOK_RELATIONS)]
        wide = any(is_wide(xml) for xml in heads)
        workbook, relations = (text_of(narrow(xml)) for xml in heads)
        book, targets = _read_book(workbook), _targets(relations)
        sheets: dict[str, SheetFacts] = {}
        opened: list[str] = []
        unread: set[str] = set()
        changed: dict[str, bytes] = {}
        formats = Formats(*(narrow(whole.get(name, b"")) for name in _WHOLE))
        styles = whole.get(_STYLES, b"")
        numbers = NumberFormats(narrow(styles))
        risks = Risks()
        note_names(risks, workbook)
        for name, relation in book.sheets:
            if is_ours is not None and is_ours(name, book.names):
                unread.add(name)
                continue
            part = targets.get(relation, "").casefold()
            if part in parts:
                raw = package.read(parts[part])
                xml = raw if raw.startswith(b"<") else narrow(raw)
                wide = wide or xml is not raw
                note_formulas(risks, xml)
                opened.append(parts[part])
                facts, used = _sheet_facts(xml, name, limits, budget)
                crossed, seen = formats.of_sheet(xml), numbers.of_sheet(xml)
                late = book.from_1904
                sheets[name] = replace(
                    facts, crossed=crossed, shown=seen, twice=cells_twice(xml), from_1904=late
                )
                if used is not xml:
                    changed[parts[part]] = used
        shown = (changed.get(name) or narrow(package.read(name)) for name in opened)
        budget.take_shared(narrow(whole.get(_STRINGS, b"")), shown)
        if wide:
            changed = narrowed(package) | changed
        if ".." in relations:
            target = parts[BOOK_RELATIONS]
            changed[target] = absolute_targets(BOOK_RELATIONS, relations).encode()
        if not is_plain_package(parts, relations):
            named = {targets.get(relation, "").casefold(): name for name, relation in book.sheets}
            note_package(risks, package, parts, named)
    except (*BROKEN, KeyError):
        raise Refused("damaged", unreadable=True) from None
    return PackageFacts(
        book.names,
        sheets,
        complete=True,
        unread=frozenset(unread),
        changed=changed,
        renamed=has_backslashes(package),
        risks=risks.listed(),
        saved=saved,
        styles=styles,
    )


@dataclass(frozen=True, slots=True)
class _Book:
    """What workbook.xml says: sheets with their relationship ids, names, the start of its days."""

    sheets: tuple[tuple[str, str], ...]
    names: DefinedNames
    from_1904: bool


def _read_book(xml: str) -> _Book:
    sheets = tuple(
        (attributes.get("name", ""), attributes.get("id", ""))
        for attributes in (attributes_of(tag) for tag in _SHEET.findall(xml))
    )
    return _Book(sheets, read_names(xml), _FROM_1904.search(xml) is not None)


def parts_of_sheets(workbook: str, relations: str) -> tuple[tuple[str, str], ...]:
    """List the sheets of a workbook with their parts; none where days count from 1904.

    The texts are those of ``workbook.xml`` and its relationships.
    """
    book, targets = _read_book(workbook), _targets(relations)
    if book.from_1904:
        return ()
    return tuple((name, targets.get(relation, "")) for name, relation in book.sheets)


@lru_cache(maxsize=32)
def _targets(xml: str) -> Mapping[str, str]:
    """Parts that relationships point at, by id; anything outside the package is left out."""
    return {
        relation.id: part_of(BOOK_RELATIONS, relation.target)
        for relation in relationships(xml)
        if not relation.external
    }


def _sheet_facts(
    xml: bytes, name: str, limits: Limits, budget: SheetBudget
) -> tuple[SheetFacts, bytes]:
    """Facts of a sheet, and its XML as a reader may be given it: the same object if unchanged."""
    features = read_features(xml)
    budget.show(count_values(xml))
    if not is_plain(xml):
        # A million formatted rows are harmless, but slow to walk.
        light = without_empty(xml)
        if light is xml or not is_plain(light):
            sheet = prune(light, name, limits)
            budget.take(sheet.last, name)
            return SheetFacts(sheet.errors, sheet.no_value, sheet.far, features), sheet.xml
        xml = light
    budget.take_plain(xml, name)
    errors = _error_cells(xml) if b't="e"' in xml else frozenset()
    if b"<f" not in xml:
        return SheetFacts(errors, features=features), xml
    formulas, no_value = read_formulas(xml)
    return SheetFacts(errors, no_value, features=features, formulas=formulas), xml


def _measure_others(
    package: zipfile.ZipFile, parts: Mapping[str, str], limits: Limits, budget: SheetBudget
) -> None:
    """Take from the budget what a reader may find in the package instead of an .xlsx.

    Every part of an .xlsb or .ods is read once, for one that lies about its size.
    """
    if BOOK not in parts:
        for name in parts.values():
            package.read(name)
    if BINARY_BOOK in parts:
        measure_binary(parts, package.read, SheetBudget(limits, "too_many_cells_binary"))
    if _CONTENT in parts:
        TableWalk(package.read(parts[_CONTENT]), budget)


def risks_of(package: zipfile.ZipFile, parts: Mapping[str, str]) -> tuple[Risk, ...]:
    """List what a package other than an .xlsx carries beside values, by its parts."""
    risks = Risks()
    if _CONTENT in parts:
        note_open_document(risks, parts.values(), package.read(parts[_CONTENT]))
    else:
        note_package(risks, package, parts, {})
    return risks.listed()


def _sheets_of_others(package: zipfile.ZipFile, parts: Mapping[str, str]) -> dict[str, SheetFacts]:
    """What changes how a person sees the sheets of an .ods, by name."""
    if _CONTENT not in parts:
        return {}
    styles = package.read(parts["styles.xml"]) if "styles.xml" in parts else b""
    views = read_views(package.read(parts[_CONTENT]), styles)
    return {
        name: SheetFacts(
            features=view.features,
            crossed=view.crossed,
            shown=view.shown,
            unsound=view.unsound,
        )
        for name, view in views.items()
    }


def _error_cells(xml: bytes) -> frozenset[tuple[int, int]]:
    """Addresses of the cells of a plain sheet that show an error value."""
    named = (_REFERENCE.search(tag) for tag in _ERROR.findall(xml))
    cells = (parse_a1(found.group(1).decode()) for found in named if found is not None)
    return frozenset(cell for cell in cells if cell is not None)


PROPERTIES = 16_384
"""Bytes of the document properties that are looked at; the dates stand among the first."""
_TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)\s*<"
_MODIFIED = re.compile(rf"<(?:\w+:)?(?:modified|date)\b[^<>]*>\s*{_TIME}".encode())
_CREATED = re.compile(rf"<(?:\w+:)?(?:created|creation-date)\b[^<>]*>\s*{_TIME}".encode())

_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_NAME = re.compile(rb'<(?:\w+:)?name\s+val="([^"<]{1,100})"')
LONGEST_STYLES = 5_000_000
"""Bytes of styles that are read at all; honest ones are a thousandth of it."""


def saved_time(package: zipfile.ZipFile, parts: Mapping[str, str]) -> str:
    """Read when the file was last saved (ISO 8601), ``""`` when its properties do not say.

    ``parts`` are the names in the package by their casefolded form. The date of a file never saved
    after it was made is left out: every copy of a template carries it.
    """
    name = parts.get("docprops/core.xml") or parts.get("meta.xml")
    if name is None:
        return ""
    try:
        with package.open(name) as part:
            xml = part.read(PROPERTIES)
    except BROKEN:
        return ""  # Properties are a convenience: damage there must not cost a return.
    return saved_in(xml)


def saved_in(xml: bytes) -> str:
    """Read the time of saving from the first :data:`PROPERTIES` bytes of document properties."""
    modified, created = _MODIFIED.search(xml), _CREATED.search(xml)
    if modified is None or (created is not None and created[1] == modified[1]):
        return ""
    return modified[1].decode()


def fonts_in(xml: bytes) -> tuple[str, ...]:
    """List the font names in the styles of an .xlsx in order, each once; none in enormous ones.

    Fonts of an old encoding tell how its text was typed.
    """
    block = _FONTS.search(xml) if len(xml) <= LONGEST_STYLES else None
    names = _NAME.findall(block.group()) if block is not None else ()
    return tuple(dict.fromkeys(name.decode("utf-8", errors="replace") for name in names))


_CELL = re.compile(rb'<c r="([^"]*)')
_ROW = re.compile(rb'<row r="([^"]*)')
_VALUES = b"</v><v"


def cells_twice(xml: bytes) -> frozenset[tuple[int, int]]:
    """Find cells (zero-based) with two elements or values, and all of a row that stands twice."""
    cells, rows = _CELL.findall(xml), _ROW.findall(xml)
    found: set[bytes] = set()
    if len(set(cells)) < len(cells):
        found.update(cell for cell, times in Counter(cells).items() if times > 1)
    if len(set(rows)) < len(rows):
        again = {row for row, times in Counter(rows).items() if times > 1}
        found.update(cell for cell in cells if cell.lstrip(_LETTERS) in again)
    at = xml.find(_VALUES)
    while at >= 0:
        start = xml.rfind(b"<c ", 0, at)
        match = _CELL.match(xml, max(start, 0))
        if match is not None:
            found.add(match.group(1))
        at = xml.find(_VALUES, at + 1)
    places = (parse_a1(cell.decode("ascii", "replace")) for cell in found)
    return frozenset(place for place in places if place is not None)


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
