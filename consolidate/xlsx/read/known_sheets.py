"""Recall what follows from the skeletons of sheets that this process read before.

A workbook of which everything but the values was seen before is read without the reader of values
and without a search of its sheets. Any other workbook is read in whole, by
:func:`~consolidate.xlsx.read.read_workbook.read_whole`, and then learned from, where both ways
agree on it. What is recalled is bounded, and ends with the process.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import overload

from consolidate.model.cells import Cell
from consolidate.xlsx.read.crossed import NONE as UNCROSSED
from consolidate.xlsx.read.crossed import Formats
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.dialect import is_wide
from consolidate.xlsx.read.gate import Limits
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.kept import Kept
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
from consolidate.xlsx.read.plain_zip import ZipPart, inflated, packed, plain_parts
from consolidate.xlsx.read.relations import part_of, relationships, text_of
from consolidate.xlsx.read.risks import is_plain_package
from consolidate.xlsx.read.shared_texts import Shared, shared_texts
from consolidate.xlsx.read.sheet_bounds import count_values
from consolidate.xlsx.read.shown_numbers import NumberFormats
from consolidate.xlsx.read.skeleton import (
    Place,
    SkeletonLayout,
    Split,
    layout_of,
    split,
    without_values,
)
from consolidate.xlsx.read.skeleton_values import OTHER, Kinds, Values, kinds_of, values_of

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
class _Book:
    """A workbook without its sheets: their names, whether they are visible, and their parts.

    A sheet that is not read has no part. ``styles`` is the digest of the styles.
    """

    sheets: tuple[tuple[str, bool, str], ...]
    names: DefinedNames
    styles: bytes


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
    saved; ``None`` where number formats show something else than the values.
    """

    def __init__(self, key: object, sheets: Sequence[KnownSheet]) -> None:
        self.key, self.known = key, sheets
        self._grids: list[Grid | None] = [None] * len(sheets)

    @property
    def cells(self) -> list[Cell]:
        """The values of all sheets, one after the other."""
        values = (sheet.values for sheet in self.known)
        return list(chain.from_iterable(found.cells for found in values if found is not None))

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


class Look:
    """The parts of one workbook, each inflated once, when it is asked for."""

    def __init__(
        self, data: bytes, parts: Mapping[str, ZipPart], limits: Limits, is_ours: IsOurs | None
    ) -> None:
        self._data, self._parts = data, parts
        self._limits, self._is_ours = limits, is_ours
        self._contents: dict[str, bytes | None] = {}
        self._splits: dict[str, Split | None] = {}
        self._shown = 0
        # The heads of most returns are packed into the same bytes, and inflated once.
        heads = [parts[name] for name in _HEADS]
        places = zip(_HEADS, heads, strict=True)
        written = tuple([packed(data, name, part) for name, part in places])
        key = (written, tuple([part[2:] for part in heads]))
        known = _heads.get(key)
        if known is None:
            contents = tuple([self._content(name) or b"" for name in _HEADS])
            *others, book, styles = contents
            plain = b"\0".join((*others, _BOOK_LOOKS.sub(b"", book)))
            known = contents, hashlib.sha256(plain).digest(), hashlib.sha256(styles).digest()
            _heads.keep(key, known)
        self._heads, digest, self._styles = known
        self._key = (limits, is_ours, tuple(parts), digest, self._styles)
        self.is_worth_it = all(self._heads) and (_missed.get(self._key) or 0) < _PATIENCE
        """Whether the heads are undamaged, and enough workbooks that have them were known."""

    def _count(self, missed: int) -> None:
        most = max(0, (_missed.get(self._key) or 0) + missed)
        _missed.keep(self._key, most)

    def _content(self, name: str) -> bytes | None:
        if name not in self._contents:
            self._contents[name] = inflated(self._data, name, self._parts[name])
        return self._contents[name]

    def _split(self, part: str) -> Split | None:
        if part not in self._splits:
            xml = self._content(part)
            self._splits[part] = None if xml is None else split(xml)
        return self._splits[part]

    def _shared(self) -> Shared | None:
        if _STRINGS not in self._parts:
            return Shared()
        xml = self._content(_STRINGS)
        return None if xml is None else shared_texts(xml)

    def _saved(self) -> str | None:
        """When the file was last saved; ``None`` where that is not plain to see."""
        if _CORE not in self._parts:
            return ""
        xml = self._content(_CORE)
        return None if xml is None or len(xml) > PROPERTIES else saved_in(xml)

    def recall(self) -> Workbook | None:
        """Return the workbook, if everything but its values was seen before."""
        book = self._recalled()
        if book is not None:
            self._count(-1)
        return book

    def _recalled(self) -> Workbook | None:
        book = _books.get(self._key)
        saved, shared = (self._saved(), self._shared()) if book is not None else (None, None)
        if book is None or saved is None or shared is None:
            return None
        sheets: list[KnownSheet] = []
        keys: list[_SheetKey] = []
        self._shown = 0
        for name, visible, part in book.sheets:
            sheet = KnownSheet(name, visible)
            if part:
                found = self._split(part)
                key = None if found is None else (self._limits, self._styles, found.outline.key)
                known = None if key is None else _sheets.get(key)
                if found is None or key is None or known is None or known.layout is None:
                    return None
                made = self._made(part, found, known, shared)
                if made is None:
                    return None
                keys.append(key)
                sheet = KnownSheet(name, visible, made[1], known.layout, made[0])
            sheets.append(sheet)
        if not self._has_room():
            return None
        fonts = partial(fonts_in, self._heads[-1])
        plain = not any(sheet.facts.shown for sheet in sheets)
        whole = (self._key, *(key[-1] for key in keys)) if plain else None
        return Workbook(KnownSheets(whole, sheets), book.names, (), fonts, saved)

    def _has_room(self) -> bool:
        """Whether the shared texts are few or short enough for all cells that may show them."""
        xml = self._content(_STRINGS) if _STRINGS in self._parts else b""
        if not xml or self._shown * len(xml) <= self._limits.inflated:
            return True
        longest = max(map(len, xml.split(b"<si>"))) + len(b"<si>")
        return self._shown * longest <= self._limits.inflated

    def _made(
        self, part: str, found: Split, known: _Sheet, shared: Shared
    ) -> tuple[Values, SheetFacts] | None:
        if known.layout is None:
            return None
        values = values_of(found, known.layout, _kinds.get(self._styles) or {}, shared)
        if values is None:
            return None
        self._shown += known.shown + len(found.written)
        facts = known.facts
        if known.looks or values.decimals:
            shown = NumberFormats(self._heads[-1]).of_sheet(self._content(part) or b"")
            facts = replace(facts, shown=shown) if shown else facts
        return values, facts

    def learn(self, book: Workbook) -> Workbook:
        """Learn from a workbook that was read in whole, where both ways of reading agree on it.

        Gives the workbook as it is recalled from now on, or as it was read where it is not known.
        The first of its kind teaches nothing: to learn takes longer than to read, and a command
        that reads one file has no use for it.
        """
        is_first = _missed.get(self._key) is None
        self._count(1)
        if is_first:
            return book
        shared, saved = self._shared(), self._saved()
        if shared is None or book.risks or book.saved != saved:
            return book
        made = self._book_of(book)
        if made is None:
            return book
        learned = [
            self._learn_sheet(sheet, part, shared)
            for sheet, (_, _, part) in zip(book.sheets, made.sheets, strict=True)
            if part
        ]
        if not all(learned):
            return book
        _books.keep(self._key, made)
        return self._recalled() or book

    def _book_of(self, book: Workbook) -> _Book | None:
        if any(is_wide(head) for head in self._heads) or len(self._heads[-1]) > LONGEST_STYLES:
            return None
        relations, workbook = map(text_of, self._heads[2:4])
        folded = {name.casefold(): name for name in self._parts}
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
        if len(set(names)) < len(names) or not Formats(b"", self._heads[-1]).plain:
            return None
        sheets: list[tuple[str, bool, str]] = []
        for (name, part), sheet in zip(parts, book.sheets, strict=True):
            skipped = self._is_ours is not None and self._is_ours(name, book.names)
            if part not in self._parts:
                return None
            sheets.append((name, sheet.visible, "" if skipped else part))
        return _Book(tuple(sheets), book.names, self._styles)

    def _learn_sheet(self, sheet: Grid, part: str, shared: Shared) -> bool:
        """Learn a skeleton; whether it may be recalled."""
        found = self._split(part)
        if found is None:
            return False
        key = self._limits, self._styles, found.outline.key
        known = _sheets.get(key) or self._sheet_of(sheet, part, found)
        if known.layout is not None:
            kinds = dict(_kinds.get(self._styles) or {})
            for style, kind in kinds_of(found, known.layout, sheet.rows).items():
                kinds[style] = kind if kinds.get(style, kind) == kind else OTHER
            _kinds.keep(self._styles, kinds)
            made = self._made(part, found, known, shared)
            if made is None:
                return True  # Of this file the values are unusual: the skeleton may be sound.
            rows = made[0].rows(known.layout)
            same = repr(rows) == repr(sheet.rows) and _are_same(made[1], sheet.facts)
            known = known if same else _UNSOUND
        _sheets.keep(key, known)
        return known.layout is not None

    def _sheet_of(self, sheet: Grid, part: str, found: Split) -> _Sheet:
        xml, facts = self._content(part) or b"", sheet.facts
        if facts.errors or facts.far or facts.twice or facts.crossed != UNCROSSED:
            return _UNSOUND
        layout = layout_of(xml, found)
        if layout is None:
            return _UNSOUND
        looks = NumberFormats(self._heads[-1]).looks_at(xml)
        return _Sheet(layout, replace(facts, shown={}), looks, count_values(without_values(xml)))


def _are_same(one: SheetFacts, other: SheetFacts) -> bool:
    """Whether facts are equal; two objects of equal features are."""
    shown = (one.features, other.features)
    first, second = ((f.merged, f.hidden_rows, f.hidden_columns, f.filtered) for f in shown)
    return first == second and replace(one, features=other.features) == other


def look_at(
    data: bytes, limits: Limits, is_ours: IsOurs | None, parts: Mapping[str, ZipPart] | None = None
) -> Look | None:
    """Look into a package that is written as every office program writes it, within the limits.

    ``None`` for any other file: what is wrong with it, and whether anything is, others say.
    ``parts`` are those of :func:`plain_parts`, where they are known.
    """
    parts = plain_parts(data, limits) if parts is None else parts
    if parts is None or not all(name in parts for name in _HEADS):
        return None
    if any(_SPELLED.get(name.casefold(), name) != name for name in parts):
        return None
    look = Look(data, parts, limits, is_ours)
    return look if look.is_worth_it else None
