"""Read from the styles of an .xlsx what changes how a person reads a cell.

The number format, whether the text is struck out, and whether it can be seen at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from consolidate.xlsx.read.xml import walk_part

OFF = frozenset({"0", "false", "none", "off"})
"""What takes a mark of formatting back."""
BUILT_IN = {9: "0%", 10: "0.00%", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00"}
"""Codes of the formats that have a number only."""
_SECTIONS = frozenset({"fonts", "fills", "numFmts", "cellXfs", "cellStyleXfs", "dxfs"})
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


@dataclass(frozen=True, slots=True)
class CellStyle:
    """A cell format; ``code`` is its number format, ``""`` a built-in one that changes nothing.

    A text is not ``seen`` in the colour of its cell, or with hardly any height.
    """

    code: str
    struck: bool
    seen: bool


@lru_cache(maxsize=32)
def cell_styles(xml: bytes) -> tuple[CellStyle, ...]:
    """Read the cell formats by number from ``styles.xml``; none of an absent part.

    Raises:
        Refused: the part is damaged.
    """
    inside = [""]
    codes: dict[int, str] = {}
    inks: list[str] = []
    struck: list[bool] = []
    fills: list[str] = []
    formats: list[tuple[int, int, int]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in _SECTIONS:
            inside.append(name)
        match inside[-1], name:
            case "numFmts", "numFmt":
                codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            case "fonts", "font":
                inks.append(_BLACK)
                struck.append(False)
            case "fonts", "strike" if struck:
                struck[-1] = attributes.get("val", "1") not in OFF
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
                number, ink, fill = (
                    int(attributes.get(name, "0")) for name in ("numFmtId", "fontId", "fillId")
                )
                formats.append((number, ink, fill))

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == inside[-1]:
            inside.pop()

    if xml:
        walk_part(xml, start, end)
    inks, fills = inks or [_BLACK], fills or [_WHITE]
    return tuple(
        CellStyle(
            codes.get(number, BUILT_IN.get(number, "")),
            0 <= ink < len(struck) and struck[ink],
            _is_seen(inks[min(ink, len(inks) - 1)], fills[min(fill, len(fills) - 1)]),
        )
        for number, ink, fill in formats
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
