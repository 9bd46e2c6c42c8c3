"""Read the values of a sheet whose skeleton is known: what its cells hold, as a reader has them.

The texts that its cells share are read here, too. ``None`` stands for whatever a reader might see
in another way: only what is written in the plain way of every office program is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, compress, count
from operator import ne

from consolidate.model.cells import Cell
from consolidate.xlsx.read.skeleton import (
    ENCODING,
    NUMBERED,
    SHARED,
    Kept,
    Map,
    Place,
    SkeletonLayout,
    Split,
    extent,
    picks,
)

_MARKS = re.compile(rb'="|:[cv]|strike|vertAlign|mergeCells|filterColumn')
"""What a search of a whole sheet might take for markup if it stood in a text."""
_NUMBER = re.compile(rb"-?[0-9]{1,17}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_LONGEST = 17
"""Digits of a whole number that is taken without a further look."""
_FIRST_DAY = date(1899, 12, 30)
_DAYS = range(61, 2_958_466)
"""Numbers of days; those before are counted around a day that never was."""

Rows = list[list[Cell]]
Kinds = Mapping[bytes, str]
"""What a number is in a cell of a style (bytes like `` s="12"``): NUMBER, DAY, or neither."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the cells of a skeleton hold, in the order of its layout.

    ``least`` is how many rows and columns a reader sees at least, ``decimals`` says that a number
    has some.
    """

    cells: Sequence[Cell]
    least: tuple[int, int]
    decimals: bool

    def rows(self, layout: SkeletonLayout) -> Rows:
        """Put the values into the rows of a sheet, as a reader has them."""
        flat, width = layout.pick([*self.cells, ""]), layout.size[1]
        rows = [list(flat[start : start + width]) for start in range(0, len(flat), width)]
        return _trimmed(rows, self.least)


class _Texts(dict[bytes, Cell]):
    """Texts that stand in cells, by how they are written; most are labels, the same in all returns.

    ``KeyError`` for one that a reader might read otherwise.
    """

    def __init__(self, *, spaces: bool) -> None:
        super().__init__()
        self._spaces = spaces

    def __missing__(self, value: bytes) -> Cell:
        if _MARKS.search(value) is not None:
            raise KeyError(value)
        text = text_of_value(value, spaces=self._spaces)
        if not text:
            raise KeyError(value)
        if len(value) <= _LONGEST_TEXT:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[value] = text
        return text


class _Numbers(dict[bytes, Cell]):
    """Numbers in cells of a kind, by how they are written; small ones are remembered.

    ``KeyError`` for one that a reader might read otherwise.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def __missing__(self, value: bytes) -> Cell:
        whole = value.isdigit() and len(value) <= _LONGEST
        number: Cell
        if self._kind == NUMBER and (whole or _NUMBER.fullmatch(value) is not None):
            number = float(value)
        elif self._kind == DAY and whole and int(value) in _DAYS:
            number = _FIRST_DAY + timedelta(int(value))
        else:
            raise KeyError(value)
        if number == 0 and value.startswith(b"-"):
            raise KeyError(value)  # It equals a zero without a sign, and is another text.
        if len(value) <= _SHORT:
            self[value] = number
        return number


_MOST_TEXTS, _LONGEST_TEXT = 16_384, 500
"""How many texts are remembered, and bytes of the longest."""
_SHORT = 3
"""Characters of numbers that are remembered."""
NUMBER, DAY, OTHER = "number", "day", ""
_NUMBERS = {kind: _Numbers(kind) for kind in (NUMBER, DAY)}
_TEXTS = {spaces: _Texts(spaces=spaces) for spaces in (False, True)}

Pick = Callable[[Sequence[bytes]], tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """What picks the values of a map by how they are read: shared texts (which stand in the cells
    ``shared_at``), numbers by their style, other texts by whether spaces belong to them; and what
    puts the cells that they are, a blank behind them, into the order of a layout.
    """

    shared: Pick
    shared_at: tuple[Place, ...]
    numbers: tuple[tuple[bytes, Pick], ...]
    texts: tuple[tuple[bool, Pick], ...]
    in_order: Callable[[Sequence[Cell]], tuple[Cell, ...]]

    @classmethod
    def of(cls, found: Map, layout: SkeletonLayout) -> _Reader:
        """Make the reader of all sheets of a map."""
        outline, places = found.outline, found.places
        numbers = {style: [places[at] for at in plain] for style, plain in outline.numbers}
        texts = {spaces: [places[at] for at in plain] for spaces, plain in outline.texts}
        for (_, style, is_text), at in zip(layout.results, found.results, strict=True):
            (texts[True] if is_text else numbers.setdefault(style, [])).append(at)
        cells = zip(places, outline.types, layout.places, strict=True)
        shared = {at: place for at, kind, place in cells if at >= 0 and kind == SHARED}
        order = [*shared, *chain(*numbers.values()), *chain(*texts.values())]
        slots = {-1: -1} | {at: slot for slot, at in enumerate(order)}
        return cls(
            picks([*shared]),
            tuple(shared.values()),
            tuple((style, picks(own)) for style, own in numbers.items()),
            tuple((spaces, picks(own)) for spaces, own in texts.items() if own),
            picks([slots[at] for at in (*places, *found.results)]),
        )


def values_of(found: Split, layout: SkeletonLayout, kinds: Kinds, shared: Shared) -> Values | None:
    """Read the values of a sheet; ``None`` where a reader might read one of them otherwise."""
    written, least = found.written, layout.least
    if not found.outline.sound:
        return None
    reader: _Reader | None = found.map.kept.get(layout)
    if reader is None:
        reader = found.map.kept[layout] = _Reader.of(found.map, layout)
    shares, decimals = reader.shared(written), False
    try:
        cells: list[Cell] = list(map(shared.texts.__getitem__, shares))
        for style, pick in reader.numbers:
            numbers = pick(written)
            cells += map(_NUMBERS[kinds[style]].__getitem__, numbers)
            decimals = decimals or b"." in b"".join(numbers)
        for spaces, pick in reader.texts:
            cells += map(_TEXTS[spaces].__getitem__, pick(written))
    except KeyError:
        return None
    cells.append("")
    if shared.blank and not shared.blank.isdisjoint(shares):  # A cell all the same.
        typed = zip(shares, reader.shared_at, strict=True)
        blank = [place for number, place in typed if number in shared.blank]
        rows_of, columns_of = zip(least, extent(blank), strict=True)
        least = max(rows_of), max(columns_of)
    return Values(reader.in_order(cells), least, decimals)


def _trimmed(rows: Rows, least: tuple[int, int]) -> Rows:
    """Without the blank rows and columns behind the last filled ones."""
    while len(rows) > least[0] and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    width = len(rows[0]) if rows else 0
    kept = width
    while kept > least[1] and all(row[kept - 1] == "" for row in rows):
        kept -= 1
    if kept < width:
        for row in rows:
            del row[kept:]
    return rows


def kinds_of(found: Split, layout: SkeletonLayout, rows: Rows) -> dict[bytes, str]:
    """Tell what a reader made of the numbers of a sheet, by the style of their cells.

    Of a style with days nothing is told by a number that no day has, which is one there, too, nor
    by a time: another cell may hold a day.
    """
    plain = (
        (place, style, value)
        for place, kind, value, style in zip(
            layout.places, found.outline.types, found.values, found.outline.styles, strict=True
        )
        if value is not None and kind in NUMBERED
    )
    results = (
        (place, style, value)
        for (place, style, is_text), value in zip(layout.results, found.results, strict=True)
        if not is_text
    )
    kinds: dict[bytes, str] = {}
    for (row, column), style, value in chain(plain, results):
        cell = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        kind = _kind_of(value, cell)
        if kind is not None:
            kinds[style] = kind if kinds.get(style, kind) == kind else OTHER
    return kinds


def _kind_of(value: bytes, cell: Cell) -> str | None:
    """What a number is that a reader gives as this cell; ``None`` where that is not told by it."""
    kind = {float: NUMBER, date: DAY}.get(type(cell), OTHER)
    if isinstance(cell, datetime | time) or (type(cell) is float and abs(cell) >= _DAYS.stop):
        return None
    try:
        return kind if _NUMBERS[kind][value] == cell else OTHER
    except KeyError:
        # Days before the first, and a zero with a sign, are not taken from any cell.
        return None if kind == DAY or (kind == NUMBER and cell == 0) else OTHER


_REFERENCE = re.compile(r"&(?:(lt|gt|quot|apos|amp)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
_STRINGS = re.compile(
    rb"(?:<\?xml [^<>\x80-\xff]*\?>\s*)?"
    rb'<sst(?: xmlns="[^"<>&\x80-\xff]*")?(?: count="[0-9]{1,7}")?'
    rb'(?: uniqueCount="[0-9]{1,7}")?>(.*)</sst>\s*',
    re.DOTALL,
)
"""Readers refuse a part that is damaged before its first text."""
_TEXT = rb'<t( xml:space="preserve")?>([^<]+)</t>'
_FORMAT = rb'(?:<rPr>(?:<[A-Za-z]+(?: [A-Za-z]+="[^"<>&]*")*/>)*</rPr>)?'
_ITEM = re.compile(rb"<si>" + _TEXT)
_RUN = re.compile(rb"<r>" + _FORMAT + _TEXT + rb"</r>")
_RUNS = re.compile(rb"<si>((?:%b)+)" % _RUN.pattern)
_NO_TEXT = (b"<si><t/>", b"<si><t></t>", b'<si><t xml:space="preserve"></t>')


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared texts of a workbook by number, and the numbers of blank ones."""

    texts: Mapping[bytes, str] = field(default_factory=dict)
    blank: frozenset[bytes] = frozenset()


def shared_texts(xml: bytes) -> Shared | None:
    """Return the shared texts of a workbook; ``None`` where one is written in an unusual way."""
    whole = _STRINGS.fullmatch(xml)
    if whole is None or ENCODING.match(xml) is not None:
        return None
    items = whole.group(1).split(b"</si>")
    if items.pop():
        return None
    for new in range(len(_COUNTED), len(items)):
        _COUNTED.append(str(new).encode())
    # Most texts are labels: the same, in the same places, as in another return of the template.
    before, shared = _LAST.get(len(items)) or ((), Shared())
    texts, blank = dict(shared.texts), set(shared.blank)
    changed = compress(count(), map(ne, items, before)) if before else range(len(items))
    for at in changed:
        text, number = _ITEMS.get(items[at]), _COUNTED[at]
        if text is None:
            text = _item(items[at])
            if text is None:
                return None
            if len(_ITEMS) < _MOST_ITEMS:
                _ITEMS[items[at]] = text
        texts[number] = text
        blank.discard(number)
        if not text:
            blank.add(number)
    shared = Shared(texts, frozenset(blank))
    _LAST.keep(len(items), (items, shared))
    return shared


_LAST: Kept[int, tuple[Sequence[bytes], Shared]] = Kept(16)
"""The last shared texts, as they are written and as they are read, by how many there are."""
_COUNTED: list[bytes] = []
"""Numbers of shared texts as cells have them."""


_ITEMS: dict[bytes, str] = {}
"""Texts by how they are written, without those of which nothing is known."""
_MOST_ITEMS = 16_384


def _item(item: bytes) -> str | None:
    if b"strike" in item or b"vertAlign" in item:
        return None
    match = _ITEM.fullmatch(item)
    if match is not None:
        return text_of_value(match.group(2), spaces=match.group(1) is not None)
    if item in _NO_TEXT:
        return ""
    runs = _RUN.findall(item) if _RUNS.fullmatch(item) is not None else ()
    texts = [text_of_value(text, spaces=bool(spaces)) for spaces, text in runs]
    whole = "".join(text for text in texts if text is not None)
    return whole if texts and None not in texts else None


def text_of_value(value: bytes, *, spaces: bool) -> str | None:
    """Resolve references in a text; ``spaces`` says that those at its ends belong to it."""
    if b"\r" in value or b"_x" in value:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    resolved = _resolved(text) if "&" in text else text
    if resolved is None or not (spaces or resolved == resolved.strip()):
        return None
    return resolved


def _resolved(text: str) -> str | None:
    """A text with a character for each reference; ``None`` for one that no reader has to know."""
    plain = _REFERENCE.sub(_character, text)
    unusual = text.count("&") != len(_REFERENCE.findall(text)) or "\0" in plain
    return None if unusual else plain


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _ENTITIES[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    usual = code in (9, 10) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return chr(code) if usual or 0x10000 <= code < 0x110000 else "\0"
