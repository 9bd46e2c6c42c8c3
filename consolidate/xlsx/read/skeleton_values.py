"""Read the values of a sheet whose skeleton is known: what its cells hold, as a reader has them.

``None`` stands for whatever a reader might see in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from consolidate.model.cells import Cell
from consolidate.xlsx.read.shared_texts import Shared, text_of_value
from consolidate.xlsx.read.skeleton import (
    NUMBERED,
    SHARED,
    Map,
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
    """Numbers in cells of a kind, by how they are written; small ones are remembered."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def __missing__(self, value: bytes) -> Cell:
        number = _usual_number(value, self._kind)
        if number is None:
            raise KeyError(value)
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
    """What picks the values of a map by how they are read: shared texts, numbers by their style,
    other texts by whether spaces belong to them; and what puts the cells that they are, a blank
    behind them, into the order of a layout.
    """

    shared: Pick
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
        pairs = zip(places, outline.types, strict=True)
        shared = [at for at, kind in pairs if at >= 0 and kind == SHARED]
        order = [*shared, *chain(*numbers.values()), *chain(*texts.values())]
        slots = {-1: -1} | {at: slot for slot, at in enumerate(order)}
        return cls(
            picks(shared),
            tuple((style, picks(own)) for style, own in numbers.items()),
            tuple((spaces, picks(own)) for spaces, own in texts.items() if own),
            picks([slots[at] for at in (*places, *found.results)]),
        )


def values_of(found: Split, layout: SkeletonLayout, kinds: Kinds, shared: Shared) -> Values | None:
    """Read the values of a sheet; ``None`` where a reader might read one of them otherwise."""
    outline, written, least = found.map.outline, found.written, layout.least
    if not outline.sound:
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
        typed = zip(found.values, outline.types, layout.places, strict=True)
        blank = [place for value, kind, place in typed if value in shared.blank and kind == SHARED]
        rows_of, columns_of = zip(least, extent(blank), strict=True)
        least = max(rows_of), max(columns_of)
    return Values(reader.in_order(cells), least, decimals)


def _usual_number(value: bytes, kind: str | None) -> Cell | None:
    """The number of a cell; a zero with a sign equals one without, and is another text."""
    number = _number(value, kind)
    return None if number == 0 and value.startswith(b"-") else number


def _number(value: bytes, kind: str | None) -> Cell | None:
    if kind == NUMBER:
        if (value.isdigit() and len(value) <= _LONGEST) or _NUMBER.fullmatch(value) is not None:
            return float(value)
    elif kind == DAY and value.isdigit() and len(value) <= _LONGEST and int(value) in _DAYS:
        return _FIRST_DAY + timedelta(int(value))
    return None


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

    A number that no day has is one in a cell of days, too: it tells nothing of its style.
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
        kind = OTHER
        if type(cell) is float and abs(cell) >= _DAYS.stop:
            continue
        if type(cell) is float and _number(value, NUMBER) == cell:
            kind = NUMBER
        elif type(cell) is date and _number(value, DAY) == cell:
            kind = DAY
        kinds[style] = kind if kinds.get(style, kind) == kind else OTHER
    return kinds
