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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from operator import itemgetter

from consolidate.model.cells import Cell, parse_a1
from consolidate.xlsx.read.bounds import is_plain
from consolidate.xlsx.read.kept import Kept
from consolidate.xlsx.read.xml import BadXml, walk, walker

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
_ENCODING = re.compile(rb"<\?xml\b(?![^<>]*\bencoding=[\"'](?i:utf-8)[\"'])[^<>]*\bencoding\b")
_FORMULA, _CELL_FORMULA = re.compile(rb"<f[ />]"), re.compile(rb"<c [^<>]*><f[ />]")
_MARKS = re.compile(rb'="|:[cv]|strike|vertAlign|mergeCells|filterColumn')
"""What a search of a whole sheet might take for markup if it stood in a text."""
_NUMBER = re.compile(rb"-?[0-9]{1,17}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_LONGEST = 17
"""Digits of a whole number that is taken without a further look."""
_REFERENCE = re.compile(r"&(?:(lt|gt|quot|apos|amp)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
_STRINGS = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>]*[^<>/])?>(.*)</sst>\s*", re.DOTALL)
_TEXT = rb'<t( xml:space="preserve")?>([^<]+)</t>'
_FORMAT = rb'(?:<rPr>(?:<[A-Za-z]+(?: [A-Za-z]+="[^"<>&]*")*/>)*</rPr>)?'
_ITEM = re.compile(rb"<si>" + _TEXT)
_RUN = re.compile(rb"<r>" + _FORMAT + _TEXT + rb"</r>")
_RUNS = re.compile(rb"<si>((?:%b)+)" % _RUN.pattern)
_NO_TEXT = (b"<si><t/>", b"<si><t></t>", b'<si><t xml:space="preserve"></t>')
_FIRST_DAY = date(1899, 12, 30)
_DAYS = range(61, 2_958_466)
"""Numbers of days; those before are counted around a day that never was."""

Place = tuple[int, int]
Rows = list[list[Cell]]
NUMBER, DAY, OTHER = "number", "day", ""
Kinds = Mapping[bytes, str]
"""What a number is in a cell of a style (bytes like `` s="12"``): NUMBER, DAY, or neither."""


@dataclass(frozen=True, slots=True)
class Split:
    """A sheet taken apart: ``key`` is the digest of its skeleton, the rest its values in order.

    Of each plain cell there is a style, a type, what opens its value, and the value; the last two
    are ``None`` in a blank one. ``results`` are the values of cells with formulas.
    """

    key: bytes
    left: bytes
    addresses: Sequence[bytes]
    styles: Sequence[bytes]
    types: Sequence[bytes]
    openings: Sequence[bytes | None]
    values: Sequence[bytes | None]
    results: Sequence[bytes]

    @property
    def filled(self) -> int:
        """How many values there are."""
        return len(self.values) - self.values.count(None) + len(self.results)


def split(xml: bytes) -> Split | None:
    """Take the XML of a sheet apart."""
    if any(byte in xml for byte in _OWN):
        return None
    pieces = _CELL.split(xml)
    addresses, styles = pieces[1::6], pieces[2::6]
    parts = _VALUE.split(b"\0".join(pieces[::6]))
    left = b"\1".join(parts[::2])
    cells = b"\2%b\2%b" % (b",".join(addresses), b",".join(styles))
    written = _digest(left, cells)
    key = _KEYS.get(written)
    if key is None:
        key = _digest(_without_looks(left), cells)
        _KEYS.keep(written, key)
    types, openings, values = pieces[3::6], pieces[4::6], pieces[5::6]
    return Split(key, left, addresses, styles, types, openings, values, parts[1::2])


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


@dataclass(frozen=True, slots=True)
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


def layout_of(xml: bytes, found: Split) -> SkeletonLayout | None:
    """Work out where the values of a skeleton stand, from any sheet that has it."""
    if _OTHER.search(found.left) is not None or _ENCODING.match(xml) is not None:
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
    addresses = [*found.addresses, b""]
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
    if len(plain) != len(found.addresses) or len(results) != len(found.results):
        return None
    filled = [*plain, *(place for place, _, _ in results)]
    height, width = _size([*filled, *fixed])
    if height * width < 2:
        return None
    numbers = {row * width + column: at for at, (row, column) in enumerate(filled)}
    pick = itemgetter(*(numbers.get(at, len(filled)) for at in range(height * width)))
    return SkeletonLayout((height, width), tuple(plain), tuple(results), _size(fixed), pick)


def _size(places: Sequence[Place]) -> tuple[int, int]:
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


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared texts of a workbook by number, and the numbers of blank ones.

    No number, that of a cell without a value, gives a blank as well.
    """

    texts: Mapping[bytes | None, str | None] = field(default_factory=lambda: {None: ""})
    blank: frozenset[bytes] = frozenset()


def shared_texts(xml: bytes) -> Shared | None:
    """Return the shared texts of a workbook; ``None`` where one is written in an unusual way."""
    whole = _STRINGS.fullmatch(xml)
    if whole is None or b"strike" in xml or b"vertAlign" in xml or _ENCODING.match(xml) is not None:
        return None
    texts = _alike(whole.group(1))
    if texts is None:
        items = whole.group(1).split(b"</si>")
        if items.pop():
            return None
        texts = list(map(_item, items))
    if None in texts:
        return None
    for number in range(len(_NUMBERS), len(texts)):
        _NUMBERS.append(str(number).encode())
    numbered = list(zip(_NUMBERS, texts, strict=False))
    blank = frozenset(number for number, text in numbered if not text)
    return Shared({None: "", **dict(numbered)}, blank)


def _alike(items: bytes) -> list[str | None] | None:
    """Shared texts that are all written in one way; ``None`` where they are not, or unusual."""
    opening = _KEPT if items.startswith(_KEPT) else _TRIMMED
    if not (items.startswith(opening) and items.endswith(_CLOSING)):
        return None
    plain, between = items[len(opening) : -len(_CLOSING)], _CLOSING + opening
    if plain.count(b"<") != plain.count(between) * between.count(b"<"):
        return None
    if b"\r" in plain or b"_x" in plain:
        return None
    try:
        texts = plain.decode().split(between.decode())
    except UnicodeDecodeError:
        return None
    made = [_resolved(text) if "&" in text else text for text in texts]
    if opening is _TRIMMED:
        known = [text for text in made if text is not None]
        if list(map(str.strip, known)) != known:
            return None
    return made


_TRIMMED, _KEPT, _CLOSING = b"<si><t>", b'<si><t xml:space="preserve">', b"</t></si>"
_NUMBERS: list[bytes] = []
"""Numbers of shared texts as cells have them."""


@lru_cache(maxsize=16_384)
def _item(item: bytes) -> str | None:
    match = _ITEM.fullmatch(item)
    if match is not None:
        return text_of_value(match.group(2), spaces=match.group(1) is not None)
    if item in _NO_TEXT:
        return ""
    runs = _RUN.findall(item) if _RUNS.fullmatch(item) is not None else ()
    texts = [text_of_value(text, spaces=bool(spaces)) for spaces, text in runs]
    whole = "".join(text for text in texts if text is not None)
    return whole if texts and None not in texts else None


@lru_cache(maxsize=16_384)  # Labels are the same in all returns of a template.
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


@dataclass(frozen=True, slots=True)
class Values:
    """The rows of a sheet as a reader has them; ``decimals`` says that a number has some."""

    rows: Rows
    decimals: bool


def values_of(found: Split, layout: SkeletonLayout, kinds: Kinds, shared: Shared) -> Values | None:
    """Put the values of a sheet into rows; ``None`` for one that a reader might read otherwise."""
    values, types, least = found.values, found.types, layout.least
    cells: list[Cell | None] = list(map(shared.texts.get, values))  # Most are shared or blank.
    texts: list[bytes] = []
    inline, decimals = 0, False
    whole = {style for style, kind in kinds.items() if kind == NUMBER}
    others = [at for at, kind in enumerate(types) if kind != b' t="s"']
    for at in others:
        value = values[at]
        if value is None:
            continue
        kind = types[at]
        if kind in (b"", b' t="n"'):
            if value.isdigit() and len(value) <= _LONGEST and found.styles[at] in whole:
                cells[at] = float(value)
                continue
            decimals = decimals or b"." in value
            cells[at] = _number(value, kinds.get(found.styles[at]))
        else:
            is_text = kind == b' t="str"'
            spaces = is_text or found.openings[at] != b"<is><t>"
            inline += not is_text
            texts.append(value)
            cells[at] = text_of_value(value, spaces=spaces) or None
            if (found.openings[at] == b"<v>") is not is_text:
                return None
    if inline != len(values) - found.openings.count(b"<v>") - values.count(None):
        return None
    if shared.blank:  # A blank text is a cell all the same.
        blank = [
            place
            for place, value, kind in zip(layout.places, values, types, strict=True)
            if value in shared.blank and kind == b' t="s"'
        ]
        rows_of, columns_of = zip(least, _size(blank), strict=True)
        least = max(rows_of), max(columns_of)
    for (_, style, is_text), value in zip(layout.results, found.results, strict=True):
        if is_text:
            texts.append(value)
            cells.append(text_of_value(value, spaces=True) or None)
        else:
            decimals = decimals or b"." in value
            cells.append(_number(value, kinds.get(style)))
    known = [cell for cell in cells if cell is not None]
    if len(known) < len(cells) or (texts and _MARKS.search(b"\n".join(texts)) is not None):
        return None
    known.append("")
    flat, width = layout.pick(known), layout.size[1]
    rows = [list(flat[start : start + width]) for start in range(0, len(flat), width)]
    return Values(_trimmed(rows, least), decimals)


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
    """Tell what a reader made of the numbers of a sheet, by the style of their cells."""
    plain = (
        (place, style, value)
        for place, kind, value, style in zip(
            layout.places, found.types, found.values, found.styles, strict=True
        )
        if value is not None and kind in (b"", b' t="n"')
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
        if type(cell) is float and _number(value, NUMBER) == cell:
            kind = NUMBER
        elif type(cell) is date and _number(value, DAY) == cell:
            kind = DAY
        kinds[style] = kind if kinds.get(style, kind) == kind else OTHER
    return kinds
