"""Recall what follows from the skeletons of sheets that this process read before.

A workbook of which everything but the values was seen before is read without the reader of values
and without a search of its sheets. Any other workbook is read in whole, by
:func:`~consolidate.xlsx.read.read_workbook.read_whole`, and then learned from, where both ways
agree on it. What is recalled is bounded, and ends with the process.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import overload

from consolidate.model.cells import Cell
from consolidate.xlsx.read.crossed_out_text import NONE as UNCROSSED
from consolidate.xlsx.read.crossed_out_text import Formats
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.package_facts import (
    BOOK,
    BOOK_RELATIONS,
    LONGEST_STYLES,
    PROPERTIES,
    SheetFacts,
    fonts_in,
    parts_of_sheets,
    saved_in,
)
from consolidate.xlsx.read.package_gate import Limits, PlainPackage
from consolidate.xlsx.read.relations import is_wide, part_of, relationships, text_of
from consolidate.xlsx.read.risks import is_plain_package
from consolidate.xlsx.read.sheet_bounds import count_values
from consolidate.xlsx.read.shown_numbers import NumberFormats
from consolidate.xlsx.read.skeleton import (
    Kept,
    Place,
    SkeletonLayout,
    Split,
    layout_of,
    split,
    without_values,
)
from consolidate.xlsx.read.skeleton_values import (
    OTHER,
    Kinds,
    Shared,
    Values,
    kinds_of,
    shared_texts,
    values_of,
)

IsOurs = Callable[[str, DefinedNames], bool]

_STYLES, _STRINGS, _CORE = "xl/styles.xml", "xl/sharedStrings.xml", "docProps/core.xml"
_HEADS = ("[Content_Types].xml", "_rels/.rels", BOOK_RELATIONS, BOOK, _STYLES)
"""Parts that say how the others are read: all their bytes belong to what is recalled."""
_BOOK_LOOKS = re.compile(
    rb"<(?:fileVersion|workbookView|calcPr|x15ac:absPath|xr:revisionPtr)"
    rb'(?: [A-Za-z0-9:]+="[^"<>&]*")*/>'
)
"""What programs note of themselves, of their windows and of the folder of the file."""
_SPELLED = {name.casefold(): name for name in (*_HEADS, _STRINGS, _CORE)}
_MOST_SHEETS = 30
"""Sheets of a workbook that is learned from; of more the sizes are added up."""
_PATIENCE = 12
"""Workbooks of one kind that may be unknown, one by one, before they are no longer looked at."""
_MOST_BOOKS, _MOST_SKELETONS = 64, 256
"""What is kept at once; the oldest goes first. A skeleton takes some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What follows from a skeleton.

    ``looks`` says that number formats have to be looked at; ``shown`` is how many values there are
    beside those that were split off, never too few. Without a ``layout`` it is never recalled.
    """

    layout: SkeletonLayout | None
    facts: SheetFacts
    looks: bool
    shown: int


_SheetKey = tuple[Limits, bytes, bytes]
"""Limits, digest of the styles, digest of the skeleton."""


_UNSOUND = _Sheet(None, SheetFacts(), looks=True, shown=0)
"""Kept for a skeleton that is never recalled."""
_Key = tuple[object, ...]
_Book = tuple[DefinedNames, list[tuple[str, bool, str]]]
"""A workbook without its sheets: its names, and of each sheet the name, whether it is visible, and
its part, ``""`` if it is not read."""
_Heads = tuple[tuple[bytes, ...], bytes, bytes]
"""The contents of the heads, the digest of all but the styles, and that of the styles."""
_books: Kept[_Key, _Book] = Kept(_MOST_BOOKS)
_heads: Kept[_Key, _Heads] = Kept(_MOST_BOOKS)
"""By how they are packed, with what the directory says of each: sizes, checksum, method."""
_sheets: Kept[_SheetKey, _Sheet] = Kept(_MOST_SKELETONS)
_kinds: Kept[bytes, Kinds] = Kept(_MOST_BOOKS)
"""What numbers are, by the digest of the styles."""
_missed: Kept[_Key, int] = Kept(_MOST_BOOKS)
"""How many more workbooks with the same heads were unknown than known."""


@dataclass(frozen=True, slots=True)
class KnownSheet:
    """A sheet of a known workbook; one that is not read has no layout and no values."""

    name: str
    visible: bool
    facts: SheetFacts = field(default_factory=SheetFacts)
    layout: SkeletonLayout | None = None
    values: Values | None = None

    @property
    def grid(self) -> Grid:
        """The sheet as a grid."""
        rows = []
        if self.layout is not None and self.values is not None:
            rows = self.values.rows(self.layout)
        return Grid(self.name, rows, self.visible, self.facts)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the values stand, zero-based, in their order."""
        return () if self.layout is None else self.layout.filled


class KnownSheets(Sequence[Grid]):
    """The sheets of a known workbook, each made into a grid when it is first asked for.

    Workbooks of one ``key`` differ in nothing but their values and the time at which they were
    saved; ``None`` where number formats show something else than the values. ``cells`` are the
    values of all sheets, one after the other, and a blank behind them.
    """

    def __init__(self, key: object, sheets: Sequence[KnownSheet]) -> None:
        self.key, self.known = key, sheets
        values = (sheet.values for sheet in sheets)
        every = chain.from_iterable(found.cells for found in values if found is not None)
        self.cells: Sequence[Cell] = [*every, ""]
        self._grids: list[Grid | None] = [None] * len(sheets)

    def __len__(self) -> int:
        return len(self.known)

    @overload
    def __getitem__(self, at: int) -> Grid: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Grid]: ...
    def __getitem__(self, at: int | slice) -> Grid | Sequence[Grid]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        found = self._grids[at]
        if found is None:
            found = self._grids[at] = self.known[at].grid
        return found


def forget() -> None:
    """Forget everything that was learned: the next workbook is read in whole."""
    for kept in (_heads, _books, _sheets, _kinds, _missed):
        kept.clear()


def _count(key: _Key, missed: int) -> None:
    """Count a workbook of a kind that was unknown (1) or known (-1)."""
    _missed.keep(key, max(0, (_missed.get(key) or 0) + missed))


def look_at(package: PlainPackage, limits: Limits, is_ours: IsOurs | None) -> Look | None:
    """Look into a package; ``None`` where it is not laid out as every office program does.

    What is wrong with such a file, and whether anything is, others say. ``None``, too, for the
    first of its kind, which teaches nothing: to learn takes longer than to read, and a command that
    reads one file has no use for it; and for a kind of which too many workbooks were unknown.
    """
    parts = package.parts
    if any(name not in parts for name in _HEADS):
        return None
    if any(_SPELLED.get(name.casefold(), name) != name for name in parts):
        return None
    # The heads of most returns are packed into the same bytes, and inflated once.
    place = (
        tuple([package.packed(name) for name in _HEADS]),
        tuple([parts[name][2:] for name in _HEADS]),
    )
    known = _heads.get(place)
    if known is None:
        contents = tuple([package.content(name) or b"" for name in _HEADS])
        *others, book, styles = contents
        plain = b"\0".join((*others, _BOOK_LOOKS.sub(b"", book)))
        known = contents, hashlib.sha256(plain).digest(), hashlib.sha256(styles).digest()
        _heads.keep(place, known)
    heads, digest, styles = known
    key = (limits, is_ours, tuple(parts), digest, styles)
    missed = _missed.get(key)
    if not all(heads) or (missed or 0) >= _PATIENCE:
        return None  # Damaged, or of a kind of which each is another.
    if missed is None and _books.get(key) is None:
        _count(key, 1)
        return None
    return Look(package, limits, is_ours, heads, styles, key)


@dataclass(frozen=True, slots=True)
class Look:
    """A workbook that may be known: its package, the contents of its heads, and its kind.

    ``styles`` is the digest of the styles; workbooks of one ``key`` have the same heads.
    """

    package: PlainPackage
    limits: Limits
    is_ours: IsOurs | None
    heads: tuple[bytes, ...]
    styles: bytes
    key: _Key

    def recall(self) -> Workbook | None:
        """Return the workbook, if everything but its values was seen before."""
        book = _books.get(self.key)
        beside = self._beside() if book is not None else None
        if book is None or beside is None:
            return None
        (names, parts), (shared, saved), shown = book, beside, 0
        sheets: list[KnownSheet] = []
        keys: list[bytes] = []
        for name, visible, part in parts:
            if not part:
                sheets.append(KnownSheet(name, visible))
                continue
            xml = self.package.content(part)
            found = None if xml is None else split(xml)
            key = b"" if found is None else found.outline.key
            known = _sheets.get((self.limits, self.styles, key))
            if xml is None or found is None or known is None or known.layout is None:
                return None
            read = self._read(xml, found, known, known.layout, shared)
            if read is None:
                return None
            sheets.append(KnownSheet(name, visible, read[1], known.layout, read[0]))
            keys.append(key)
            shown += known.shown + len(found.written)
        strings = self.package.content(_STRINGS) if _STRINGS in self.package.parts else b""
        if not _has_room(strings or b"", shown, self.limits.inflated):
            return None
        _count(self.key, -1)
        plain = not any(sheet.facts.shown for sheet in sheets)
        whole = (self.key, *keys) if plain else None
        fonts = partial(fonts_in, self.heads[-1])
        return Workbook(KnownSheets(whole, sheets), names, (), fonts, saved)

    def _beside(self) -> tuple[Shared, str] | None:
        """The shared texts, and when the file was saved; ``None`` where one is not plain to see."""
        strings, core = (
            self.package.content(name) if name in self.package.parts else b""
            for name in (_STRINGS, _CORE)
        )
        if strings is None or core is None or len(core) > PROPERTIES:
            return None
        shared = shared_texts(strings) if _STRINGS in self.package.parts else Shared()
        return None if shared is None else (shared, saved_in(core))

    def _read(
        self, xml: bytes, found: Split, known: _Sheet, layout: SkeletonLayout, shared: Shared
    ) -> tuple[Values, SheetFacts] | None:
        """The values of a sheet and what else it says; ``None`` for values that are unusual."""
        values = values_of(found, layout, _kinds.get(self.styles) or {}, shared)
        if values is None:
            return None
        facts = known.facts
        if known.looks or values.decimals:
            shown = NumberFormats(self.heads[-1]).of_sheet(xml)
            facts = replace(facts, shown=shown) if shown else facts
        return values, facts

    def learn(self, book: Workbook) -> Workbook:
        """Learn from a workbook that was read in whole, where both ways of reading agree on it.

        Gives the workbook as it is recalled from now on, or as it was read where it is not known.
        """
        _count(self.key, 1)
        beside = self._beside()
        if beside is None or book.risks or book.saved != beside[1]:
            return book
        made = self._book_of(book)
        if made is None:
            return book
        learned = [
            self._learn_sheet(sheet, part, beside[0])
            for sheet, (_, _, part) in zip(book.sheets, made[1], strict=True)
            if part
        ]
        if not all(learned):
            return book
        _books.keep(self.key, made)
        again = self.recall()
        if again is not None:
            _count(self.key, 1)  # It was not known before.
        return again or book

    def _book_of(self, book: Workbook) -> _Book | None:
        if any(is_wide(head) for head in self.heads) or len(self.heads[-1]) > LONGEST_STYLES:
            return None
        relations, workbook = map(text_of, self.heads[2:4])
        folded = {name.casefold(): name for name in self.package.parts}
        if ".." in relations or not is_plain_package(folded, relations):
            return None
        for relation in relationships(relations):
            target = part_of(BOOK_RELATIONS, relation.target)
            usual = {"sharedStrings": _STRINGS, "styles": _STYLES}.get(relation.kind, target)
            if relation.external or target != usual:
                return None
        parts = parts_of_sheets(workbook, relations)
        names = [name for name, _ in parts]
        if names != [sheet.name for sheet in book.sheets] or len(names) > _MOST_SHEETS:
            return None
        if len(set(names)) < len(names) or not Formats(b"", self.heads[-1]).plain:
            return None
        if any(part not in self.package.parts for _, part in parts):
            return None
        sheets: list[tuple[str, bool, str]] = []
        for (name, part), sheet in zip(parts, book.sheets, strict=True):
            skipped = self.is_ours is not None and self.is_ours(name, book.names)
            sheets.append((name, sheet.visible, "" if skipped else part))
        return book.names, sheets

    def _learn_sheet(self, sheet: Grid, part: str, shared: Shared) -> bool:
        """Learn a skeleton; whether it may be recalled."""
        xml = self.package.content(part)
        if xml is None:
            return False
        found = split(xml)
        if found is None:
            return False
        key = self.limits, self.styles, found.outline.key
        known = _sheets.get(key) or self._sheet_of(sheet, xml, found)
        if known.layout is not None:
            kinds = dict(_kinds.get(self.styles) or {})
            for style, kind in kinds_of(found, known.layout, sheet.rows).items():
                kinds[style] = kind if kinds.get(style, kind) == kind else OTHER
            _kinds.keep(self.styles, kinds)
            read = self._read(xml, found, known, known.layout, shared)
            if read is None:
                return True  # Of this file the values are unusual: the skeleton may be sound.
            rows = read[0].rows(known.layout)
            same = repr(rows) == repr(sheet.rows) and _are_same(read[1], sheet.facts)
            known = known if same else _UNSOUND
        _sheets.keep(key, known)
        return known.layout is not None

    def _sheet_of(self, sheet: Grid, xml: bytes, found: Split) -> _Sheet:
        facts = sheet.facts
        if facts.errors or facts.far or facts.twice or facts.crossed != UNCROSSED:
            return _UNSOUND
        layout = layout_of(xml, found)
        if layout is None:
            return _UNSOUND
        looks = NumberFormats(self.heads[-1]).looks_at(xml)
        return _Sheet(layout, replace(facts, shown={}), looks, count_values(without_values(xml)))


def _has_room(strings: bytes, shown: int, most: int) -> bool:
    """Whether the shared texts are few or short enough for all cells that may show them."""
    if not strings or shown * len(strings) <= most:
        return True
    return shown * (max(map(len, strings.split(b"<si>"))) + len(b"<si>")) <= most


def _are_same(one: SheetFacts, other: SheetFacts) -> bool:
    """Whether facts are equal; two objects of equal features are."""
    shown = (one.features, other.features)
    first, second = ((f.merged, f.hidden_rows, f.hidden_columns, f.filtered) for f in shown)
    return first == second and replace(one, features=other.features) == other
