"""Find cells of an .xlsx that show another number than they hold.

The formats of our templates show whole numbers as they are; a sheet is searched only where other
formats, figures with decimals or very narrow columns occur.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from consolidate.model.cells import parse_a1
from consolidate.xlsx.read.crossed import walk_styles
from consolidate.xlsx.read.number_formats import (
    ShownCell,
    hides_text,
    shown_as,
    shows_whole_numbers,
)

BUILT_IN = {9: "0%", 10: "0.00%", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00"}
"""Codes of the formats that have a number only."""
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"([^<>]*)>'
    rb"(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?<v>([^<]{1,40})</v>"
)
_FRACTION = re.compile(rb"\.0*[1-9][0-9eE+-]*</v>")
_STYLE, _KIND = re.compile(rb'\bs="([0-9]{1,6})"'), re.compile(rb'\bt="(\w+)"')
_STYLED = re.compile(rb'<c [^<>]*\bs="([0-9]{1,6})"')
_COLUMN = re.compile(rb"<col\b([^<>]*)>")
_BOUND = re.compile(rb'\b(min|max|width)="([0-9.]{1,20})"')
_HIDDEN, _NARROW = 0.5, 4
"""Widths, in figures: below the first a column is hidden, below the other it may be too narrow."""

_BLACK, _WHITE = "000000", "FFFFFF"
_THEME, _INDEXED = (
    {"0": _WHITE, "1": _BLACK},
    dict.fromkeys("19", _WHITE) | {"0": _BLACK, "8": _BLACK},
)
_RGB = re.compile(r"[0-9A-F]{6}")
_CONTRAST = 1.25
"""Least contrast that can be seen; white on the colour of our input cells has 1.06."""
_SMALLEST = 2
"""Points of a text that nobody can read."""

Cells = Mapping[tuple[int, int], ShownCell]


class NumberFormats:
    """The number formats of the cells of a workbook, from ``styles.xml``.

    Raises:
        Refused: the part is damaged.
    """

    def __init__(self, styles: bytes) -> None:
        self._codes, self._other = _codes(styles) if styles else ((), frozenset())
        self._unseen = _unseen(styles) if styles else frozenset()
        self._others = frozenset(str(at).encode() for at in self._other | self._unseen)

    def looks_at(self, xml: bytes) -> bool:
        """Tell whether cells of a sheet may show another number though no number has decimals."""
        return self._has_other(xml) or bool(_narrow(xml))

    def _has_other(self, xml: bytes) -> bool:
        return bool(self._others) and not self._others.isdisjoint(_STYLED.findall(xml))

    def of_sheet(self, xml: bytes) -> Cells:
        """Tell what cells show whose format changes their number or hides it."""
        narrow = _narrow(xml)
        other = self._has_other(xml)
        found: dict[tuple[int, int], ShownCell] = {}
        for match in _CELL.finditer(xml) if other or narrow else _with_decimals(xml):
            address, tag, value = match.groups()
            style, kind = _STYLE.search(tag), _KIND.search(tag)
            at = int(style.group(1)) if style is not None else 0
            code = self._codes[at] if at < len(self._codes) else ""
            cell = parse_a1(address.decode())
            if cell is None:
                continue
            if at in self._unseen:
                found[cell] = ShownCell("")
                continue
            if kind is not None and kind.group(1) != b"n":
                if at in self._other and kind.group(1) in (b"s", b"str") and hides_text(code):
                    found[cell] = ShownCell("")
                continue
            width = narrow.get(cell[1])
            if at in self._other or width is not None or b"." in value or b"e-" in value.lower():
                with contextlib.suppress(ValueError):
                    shown = of_number(code, float(value), width)
                    if shown is not None:
                        found[cell] = shown
        return found


@lru_cache(maxsize=32)
def _unseen(xml: bytes) -> frozenset[int]:
    """Numbers of the cell formats whose text has the colour of the cell, or hardly any height."""
    inks: list[str] = []
    fills: list[str] = []
    formats: list[tuple[int, int]] = []

    def take(section: str, tag: str, attributes: dict[str, str]) -> None:
        match section, tag:
            case "fonts", "font":
                inks.append(_BLACK)
            case "fonts", "color" if inks and inks[-1]:
                inks[-1] = _colour(attributes) or _BLACK
            case "fonts", "sz" if inks and float(attributes.get("val", "11")) <= _SMALLEST:
                inks[-1] = ""
            case "fills", "fill":
                fills.append(_WHITE)
            case "fills", "patternFill" if fills and attributes.get("patternType") == "solid":
                fills[-1] = "?"
            case "fills", "fgColor" if fills and fills[-1] == "?":
                fills[-1] = _colour(attributes) or "?"
            case "cellXfs", "xf":
                ink, fill = (int(attributes.get(name, "0")) for name in ("fontId", "fillId"))
                formats.append((ink, fill))

    walk_styles(xml, take)
    inks, fills = inks or [_BLACK], fills or [_WHITE]
    return frozenset(
        at
        for at, (ink, fill) in enumerate(formats)
        if not _is_seen(inks[min(ink, len(inks) - 1)], fills[min(fill, len(fills) - 1)])
    )


def _is_seen(ink: str, fill: str) -> bool:
    """Whether a text of one colour stands out from a cell of another ([WCAG] 1.4.3)."""
    if not ink or ink == fill:
        return False
    if _RGB.fullmatch(ink) is None or _RGB.fullmatch(fill) is None:
        return True
    dark, light = sorted(map(_luminance, (ink, fill)))
    return (light + 0.05) / (dark + 0.05) >= _CONTRAST


def _luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour(attributes: Mapping[str, str]) -> str:
    """A colour as six figures, as far as it is known; ``""`` for the one of the window."""
    if "rgb" in attributes:
        return attributes["rgb"][-6:].upper()
    if "theme" in attributes:
        tint = attributes.get("tint", "0")
        name = f"theme {attributes['theme']} {tint}"
        return _THEME.get(attributes["theme"], name) if float(tint) == 0 else name
    number = attributes.get("indexed", "64")
    return "" if number in ("64", "65") else _INDEXED.get(number, f"indexed {number}")


def _with_decimals(xml: bytes) -> Iterator[re.Match[bytes]]:
    """The cells of a sheet that hold a number with decimals; powers are too small to matter."""
    for match in _FRACTION.finditer(xml):
        cell = _CELL.match(xml, max(xml.rfind(b"<c ", 0, match.start()), 0))
        if cell is not None:
            yield cell


def of_number(code: str, value: float, width: float | None = None) -> ShownCell | None:
    """Tell what a cell of this format shows of a number; ``None`` if it shows the number itself."""
    if not abs(value) < 1e15:
        return None
    # Excel shows fifteen digits of what it holds.
    number = Decimal(f"{value:.15g}")
    if width is not None and len(f"{number.to_integral_value():f}") > width:
        return ShownCell("###")
    shown = shown_as(code or "General", number)
    if shown is None or (shown.number == number and not shown.percent and not shown.words):
        return None
    return shown


def _narrow(xml: bytes) -> Mapping[int, float]:
    """Widths of the narrow columns by number."""
    found: dict[int, float] = {}
    for tag in _COLUMN.findall(xml, 0, max(xml.find(b"<sheetData"), 0)):
        bounds = {name: float(number) for name, number in _BOUND.findall(tag)}
        width = bounds.get(b"width", _NARROW)
        if _HIDDEN <= width < _NARROW and b"hidden=" not in tag:
            first, last = int(bounds.get(b"min", 1)), int(bounds.get(b"max", 0))
            found |= dict.fromkeys(range(first - 1, min(last, 16_384)), width)
    return found


@lru_cache(maxsize=32)
def _codes(xml: bytes) -> tuple[tuple[str, ...], frozenset[int]]:
    """Format codes of the cell formats in order, ``""`` for a built-in one that changes nothing.

    Second come the numbers of those that may show another figure than a cell holds.
    """
    own: dict[int, str] = {}
    numbers: list[int] = []

    def take(section: str, tag: str, attributes: dict[str, str]) -> None:
        match section, tag:
            case "numFmts", "numFmt":
                own[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            case "cellXfs", "xf":
                numbers.append(int(attributes.get("numFmtId", "0")))

    walk_styles(xml, take)
    codes = tuple(own.get(number, BUILT_IN.get(number, "")) for number in numbers)
    other = (at for at, code in enumerate(codes) if code and not shows_whole_numbers(code))
    return codes, frozenset(other)
