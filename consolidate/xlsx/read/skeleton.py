"""Split the XML of a sheet into its values and the skeleton between them.

Returns of one template that were saved by one program differ in nothing but their values. What
follows from the skeleton (formulas, merged cells, hidden rows) is the same for all of them, and the
values are taken by their order. A cell of which only the content differs, a blank one too, is the
same piece of a skeleton; of a cell with a formula all is part of it but the value.

Only cells and values written in the plain way of every office program are taken: ``None`` stands
for whatever a reader might see in another way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import itemgetter
from threading import Lock
from typing import Any, Generic, TypeVar

from consolidate.model.cells import Cell, parse_a1
from consolidate.xlsx.read.sheet_bounds import is_plain
from consolidate.xlsx.read.xml import BadXml, walk, walker

ENCODING = re.compile(rb"<\?xml\b(?![^<>]*\bencoding=[\"'](?i:utf-8)[\"'])[^<>]*\bencoding\b")
"""The declaration of a part in another encoding than UTF-8."""
_CELL = re.compile(
    rb'<c r="([A-Z][1-9][0-9]{0,3})"((?: s="[0-9]{1,5}")?)((?: t="(?:n|s|str|inlineStr)")?)'
    rb'(?:/>|>(<v>|<is><t(?: xml:space="preserve")?>)([^<]+)(?:</v>|</t></is>)</c>)'
)
_VALUE = re.compile(rb"<v>([^<\0]+)</v>")
_ATTRIBUTES = rb'(?: (?!hidden|width|ht=)[A-Za-z0-9]+="[A-Za-z0-9.:$ ]*")*'
_VIEWS = re.compile(
    rb"<sheetViews>(?:<sheetView%b/>|<sheetView%b>(?:<(?:pane|selection)%b/>)*</sheetView>)+"
    rb"</sheetViews>"
    rb'|<ignoredErrors>(?:<ignoredError sqref="[A-Z0-9: ]*"(?: [A-Za-z]+="(?:1|true)")*/>)+'
    rb"</ignoredErrors>" % (_ATTRIBUTES, _ATTRIBUTES, _ATTRIBUTES)
)
_ROW_LOOKS = re.compile(
    rb'(<row r="[0-9]{1,7}")(?: (?:spans="[0-9]+:[0-9]+"|customHeight="(?:1|true|0|false)"'
    rb'|ht="(?:[3-9]|[1-9][0-9]{1,2})(?:\.[0-9]*)?"))+'
)
"""What a person or a program changes by looking at a sheet: the cell that is chosen, the height of
a row that is plain to see, marks beside numbers typed as text. No reader of values asks for it."""
_OWN = (b"\0", b"\1", b"\2")
"""Bytes that no XML may hold: they keep the pieces of a digest apart."""
_OTHER = re.compile(rb'<!|.<\?|:c|strike|vertAlign|\bt="e"', re.DOTALL)
"""What is never learned: other markup than elements, texts struck out, error values."""
_FORMULA, _CELL_FORMULA = re.compile(rb"<f[ />]"), re.compile(rb"<c [^<>]*><f[ />]")
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
Place = tuple[int, int]


class Kept(Generic[K, V]):
    """At most ``most`` things; files may be read by several threads of one process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: dict[K, V] = {}
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Tell what is kept by a key, ``None`` for nothing."""
        return self._things.get(key)

    def keep(self, key: K, thing: V) -> None:
        """Keep a thing; it takes the place of one that was kept by the same key."""
        with self._lock:
            if key not in self._things and len(self._things) >= self._most:
                del self._things[next(iter(self._things))]
            self._things[key] = thing

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._things.clear()


@dataclass(frozen=True, slots=True)
class Outline:
    """All of a sheet but its values; ``key`` is the digest of its skeleton.

    Of each plain cell there is a style, a type, and what opens its value, ``None`` in a blank one.
    ``numbers`` are the plain cells (by their number) that hold a number, by their style, ``texts``
    those that hold a text of their own, by whether spaces at its ends belong to it; all other
    values are shared texts. ``sound`` says that every cell is opened as its type asks for.
    """

    key: bytes
    addresses: Sequence[bytes]
    styles: Sequence[bytes]
    types: Sequence[bytes]
    openings: Sequence[bytes | None]
    numbers: Sequence[tuple[bytes, Sequence[int]]]
    texts: Sequence[tuple[bool, Sequence[int]]]
    sound: bool

    @classmethod
    def of(cls, key: bytes, pieces: list[bytes | Any]) -> Outline:
        """Make an outline of what the pattern of cells divides a sheet into."""
        addresses, styles, types, openings = (
            tuple(map(_one, pieces[at::6])) for at in (1, 2, 3, 4)
        )
        filled = [
            (at, kind, opening)
            for at, (kind, opening) in enumerate(zip(types, openings, strict=True))
            if opening is not None
        ]
        numbers: dict[bytes, list[int]] = {}
        for at, kind, _ in filled:
            if kind in NUMBERED:
                numbers.setdefault(styles[at], []).append(at)
        texts = [(at, opening) for at, kind, opening in filled if kind not in _OF_NO_TEXT]
        return cls(
            key,
            *(addresses, styles, types, openings),
            tuple(numbers.items()),
            tuple(
                (spaces, tuple(at for at, opening in texts if (opening != b"<is><t>") is spaces))
                for spaces in (False, True)
            ),
            all((kind == _INLINE) is (opening != b"<v>") for _, kind, opening in filled),
        )


NUMBERED, SHARED, _INLINE = (b"", b' t="n"'), b' t="s"', b' t="inlineStr"'
_OF_NO_TEXT = (*NUMBERED, SHARED)
"""Types of cells as their tags have them; those of the first are numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Which of the values of a sheet, in the order in which they are written, stands where.

    ``places`` are those of the plain cells, -1 for a blank one, ``results`` those of formulas. Two
    maps are the same only when they are one object. ``kept`` is for what follows from a map.
    """

    outline: Outline
    places: tuple[int, ...]
    results: tuple[int, ...]
    kept: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Split:
    """A sheet taken apart: its map, and its values as they are written."""

    map: Map
    written: Sequence[bytes]

    @property
    def outline(self) -> Outline:
        """All of the sheet but its values."""
        return self.map.outline

    @property
    def values(self) -> list[bytes | None]:
        """The values of the plain cells in order, ``None`` for a blank one."""
        return [None if at < 0 else self.written[at] for at in self.map.places]

    @property
    def results(self) -> list[bytes]:
        """The values of formulas in order."""
        return [self.written[at] for at in self.map.results]


def split(xml: bytes) -> Split | None:
    """Take the XML of a sheet apart.

    It is divided at its values first, which costs a third of looking at each cell. What is left has
    a byte for each value and what encloses it, so that the two together are the sheet: whatever
    leaves the same differs in nothing but values, each of one character at least.
    """
    if _OWN[0] in xml or _OWN[1] in xml or _OWN[2] in xml:
        return None
    left, written = xml, list[bytes]()
    for opening, pattern, mark, _ in _WRITTEN:
        if opening in left:
            pieces = pattern.split(left)
            written += pieces[1::2]
            left = mark.join(pieces[::2])
    known = _MAPS.get(left)
    if known is None:
        known = _map_of(left, len(written)) or _NO_MAP
        _MAPS.keep(left, known)
    return Split(known, written) if known is not _NO_MAP else _taken_apart(xml)


def _map_of(left: bytes, count: int) -> Map | None:
    """Tell which value stands where, by a sheet that has their numbers in their places.

    ``None`` where a text between marks belongs to the skeleton.
    """
    numbers = iter(range(count))
    for opening, _, mark, closing in _WRITTEN:
        pieces = left.split(mark)
        values = [b"%b%d%b" % (opening, next(numbers), closing) for _ in pieces[1:]]
        left = b"".join(chain.from_iterable(zip(pieces, [*values, b""], strict=True)))
    found = _taken_apart(left)
    places, results = (
        tuple([-1 if value is None else int(value) for value in values])
        for values in (found.values, found.results)
    )
    taken = sorted([at for at in (*places, *results) if at >= 0])
    return Map(found.outline, places, results) if taken == [*range(count)] else None


def _taken_apart(xml: bytes) -> Split:
    pieces = _CELL.split(xml)
    parts = _VALUE.split(b"\0".join(pieces[::6]))
    left = b"\1".join(parts[::2])
    cells = b"\2%b\2%b" % (b",".join(pieces[1::6]), b",".join(pieces[2::6]))
    written = _digest(left, cells)
    key = _KEYS.get(written)
    if key is None:
        key = _digest(_without_looks(left), cells)
        _KEYS.keep(written, key)
    plain, results = [value for value in pieces[5::6] if value is not None], parts[1::2]
    numbers = iter(range(len(plain)))
    places = tuple([-1 if value is None else next(numbers) for value in pieces[5::6]])
    after = range(len(plain), len(plain) + len(results))
    return Split(Map(Outline.of(key, pieces), places, tuple(after)), [*plain, *results])


def without_values(xml: bytes) -> bytes:
    """What is left of a sheet beside its plain cells and all values."""
    return b"\1".join(_VALUE.split(b"\0".join(_CELL.split(xml)[::6]))[::2])


_WRITTEN = tuple(
    (opening, re.compile(re.escape(opening) + b"([^<\\0-\\2]+)" + closing), mark, closing)
    for opening, mark, closing in (
        (b"<is><t>", b"\0", b"</t></is>"),
        (b'<is><t xml:space="preserve">', b"\1", b"</t></is>"),
        (b"<v>", b"\2", b"</v>"),
    )
)
"""What encloses a value, how it is found, and the byte that stands for it in what is left.

A value that encloses one that was taken out (``<v><is><t>7</t></is></v>``) is none.
"""


def picks(places: Sequence[int]) -> Callable[[Sequence[T]], tuple[T, ...]]:
    """Make what picks the items at these places, in their order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda items: tuple([items[at] for at in places])


_ONES: dict[Any, Any] = {}
_MOST_ONES = 50_000


def _one(piece: T) -> T:
    """The one object of equal pieces: there are few different ones."""
    if len(_ONES) > _MOST_ONES:
        _ONES.clear()
    one: T = _ONES.setdefault(piece, piece)
    return one


_NO_MAP = Map(Outline.of(b"", []), (), ())
_MAPS: Kept[bytes, Map] = Kept(192)
"""Maps by what is written between values; each takes some fifty kilobytes."""
_KEYS: Kept[bytes, bytes] = Kept(4_096)
"""Keys by the digest of the same skeleton with what is there for the eye."""


def _digest(left: bytes, cells: bytes) -> bytes:
    digest = hashlib.sha256(left)
    digest.update(cells)
    return digest.digest()


def _without_looks(left: bytes) -> bytes:
    for start in (b"<sheetViews>", b"<ignoredErrors>"):
        at = left.find(start)
        found = _VIEWS.match(left, at) if at >= 0 else None
        if found is not None:
            left = left[:at] + left[found.end() :]
    return _ROW_LOOKS.sub(rb"\1", left)


@dataclass(frozen=True, slots=True, eq=False)
class SkeletonLayout:
    """Where the values of a skeleton stand.

    ``places`` are those of the plain cells, zero-based; ``results`` those of formulas with a value,
    each with its style and whether it is a text. ``pick`` puts the values of both, and a blank
    behind them, into one row after the other of ``size`` (rows and columns). ``least`` is how many
    rows and columns there are whatever is blank: a formula that gives a text counts, blank or not.
    """

    size: tuple[int, int]
    places: tuple[Place, ...]
    results: tuple[tuple[Place, bytes, bool], ...]
    least: tuple[int, int]
    pick: Callable[[Sequence[Cell]], tuple[Cell, ...]]

    @property
    def filled(self) -> tuple[Place, ...]:
        """Where the values of plain cells and of formulas stand, in their order."""
        return *self.places, *(place for place, _, _ in self.results)


def layout_of(xml: bytes, found: Split) -> SkeletonLayout | None:
    """Work out where the values of a skeleton stand, from any sheet that has it."""
    if _OTHER.search(without_values(xml)) is not None or ENCODING.match(xml) is not None:
        return None
    formulas = len(_FORMULA.findall(xml))
    if not is_plain(xml) or formulas != len(_CELL_FORMULA.findall(xml)):
        return None
    try:
        cells = _Cells(xml).found
    except BadXml:
        return None
    places = [cell.place for cell in cells]
    if any(first >= second for first, second in pairwise(places)):
        return None
    if sum(cell.formula for cell in cells) != formulas:
        return None
    results: list[tuple[Place, bytes, bool]] = []
    fixed: list[Place] = []
    plain: list[Place] = []
    addresses = [*found.outline.addresses, b""]
    for cell in cells:
        if cell.formula:
            if cell.kind not in ("", "n", "str") or cell.inline:
                return None
            if cell.value:
                style = f' s="{cell.style}"'.encode() if cell.style else b""
                results.append((cell.place, style, cell.kind == "str"))
            elif cell.value is not None and cell.kind == "str":
                fixed.append(cell.place)
        elif place_of(addresses[len(plain)]) == cell.place:
            plain.append(cell.place)
        elif cell.value is not None or cell.inline:
            return None
    if len(plain) != len(found.outline.addresses) or len(results) != len(found.results):
        return None
    filled = [*plain, *(place for place, _, _ in results)]
    height, width = extent([*filled, *fixed])
    if height * width < 2:
        return None
    numbers = {row * width + column: at for at, (row, column) in enumerate(filled)}
    pick = itemgetter(*(numbers.get(at, len(filled)) for at in range(height * width)))
    return SkeletonLayout((height, width), tuple(plain), tuple(results), extent(fixed), pick)


def extent(places: Sequence[Place]) -> tuple[int, int]:
    rows = max((row + 1 for row, _ in places), default=0)
    return rows, max((column + 1 for _, column in places), default=0)


def place_of(address: bytes) -> Place | None:
    """Read an address as a zero-based place."""
    return parse_a1(address.decode())


@dataclass(slots=True)
class _Cell:
    """A cell as XML has it; ``value`` is ``None`` where it has no such element."""

    place: Place
    style: str
    kind: str
    formula: bool = False
    value: str | None = None
    inline: bool = False


_WHERE = ["worksheet", "sheetData", "row", "c"]


class _Cells:
    """One pass over a sheet, for its cells.

    Raises:
        BadXml: the XML is damaged, or has a cell that is not one of its rows.
    """

    def __init__(self, xml: bytes) -> None:
        self.found: list[_Cell] = []
        self._path: list[str] = []
        walk(walker(self._start, self._end, self._text), xml)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if tag == "c":
            place = parse_a1(attributes.get("r", ""))
            if self._path != _WHERE or place is None:
                raise BadXml("cell")
            self.found.append(_Cell(place, attributes.get("s", ""), attributes.get("t", "")))
        elif self._path[:4] == _WHERE:
            cell = self.found[-1]
            inside = self._path[4:]
            match inside:
                case ["f"] if not cell.formula and cell.value is None:
                    cell.formula = True
                case ["v"] if cell.value is None and not cell.inline:
                    cell.value = ""
                case ["is"] if cell.value is None and not cell.inline:
                    cell.inline = True
                case ["is", "t"]:
                    pass
                case _:
                    raise BadXml("content")
        elif tag in ("v", "is") or tag.endswith((":c", ":f", ":v", ":row", ":sheetData")):
            raise BadXml("place")

    def _text(self, data: str) -> None:
        if self._path[4:] == ["v"] and self._path[:4] == _WHERE:
            cell = self.found[-1]
            cell.value = (cell.value or "") + data

    def _end(self, tag: str) -> None:
        self._path.pop()
