"""Measure the room of a text: Times New Roman advance widths, lines, row heights.

Excel cannot fit the height of merged cells and measures at load only, so that every height is
computed here from the metrics of the font, with a margin for the differences between programs.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache

_FIRST = 32
_REGULAR = (
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 "
    "500 500 500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 "
    "722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 333 444 500 444 500 "
    "444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 "
    "200 480 541"
)
_BOLD = (
    "250 333 555 500 500 1000 833 278 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 "
    "500 500 500 333 333 570 570 570 500 930 722 667 722 722 667 611 778 778 389 500 778 667 944 "
    "722 778 611 778 722 556 667 722 722 1000 722 722 667 333 278 333 581 500 333 500 556 444 556 "
    "444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444 394 "
    "220 394 520"
)
_OTHER = {"đ": 500, "Đ": 722, "…": 1000, "–": 500, "—": 1000, "“": 444, "”": 444, "²": 300}
_UNKNOWN = 722
"""Advance of a character outside the table, in thousandths of the font size."""
_HORN = "\u031b"
_HORN_WIDTH = 60
_SAFETY = 1.04
"""Margin for hinting and for substitutes of Times New Roman."""
_PIXEL = 0.75
_DIGIT = 7
_PADDING = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """A text that was measured for another one: what it was, the room, and the lines it took."""

    text: str
    points: float
    size: float
    bold: bool
    lines: int


@dataclass(frozen=True, slots=True)
class StandIns:
    """Texts that replace others and take the room of what they replace.

    ``real`` turns a text with stand-ins into the one that is meant; ``measured`` collects every
    text that had any.
    """

    real: Callable[[str], str]
    measured: dict[Measured, None] = field(default_factory=dict)


_STAND_INS: ContextVar[StandIns | None] = ContextVar("stand_ins", default=None)


@contextlib.contextmanager
def measuring(stand_ins: StandIns) -> Iterator[None]:
    """Measure placeholders as the texts that they replace, and remember each of them."""
    token = _STAND_INS.set(stand_ins)
    try:
        yield
    finally:
        _STAND_INS.reset(token)


def _table(widths: str) -> dict[str, int]:
    return {chr(_FIRST + i): int(w) for i, w in enumerate(widths.split())} | _OTHER


_WIDTHS = {False: _table(_REGULAR), True: _table(_BOLD) | {"đ": 556}}


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure one line of text in Times New Roman of ``size`` points, in points."""
    widths = _WIDTHS[bold]
    total = 0
    for char in unicodedata.normalize("NFD", text):
        if char in widths:
            total += widths[char]
        elif char == _HORN:
            total += _HORN_WIDTH
        elif not unicodedata.combining(char):
            total += _UNKNOWN
    return total * size / 1000


def column_points(width: float) -> float:
    """Convert the width of a column in characters (Excel's unit) to points, padding included."""
    return (int(width * _DIGIT + 0.5) + _PADDING) * _PIXEL


def lines_needed(text: str, points: float, size: float, *, bold: bool = False) -> int:
    """Count the lines that a wrapped text takes in a cell ``points`` wide, with its padding.

    Line feeds break; a word that is longer than the cell is broken. An empty text takes one line.
    """
    stand_ins = _STAND_INS.get()
    if stand_ins is None:
        return _lines(text, points, size, bold)
    real = stand_ins.real(text)
    lines = _lines(real, points, size, bold)
    if real != text:
        stand_ins.measured[Measured(text, points, size, bold, lines)] = None
    return lines


@lru_cache(maxsize=4096)
def _lines(text: str, points: float, size: float, bold: bool) -> int:
    room = max(points - _PADDING * _PIXEL, size)
    blank = text_width(" ", size, bold=bold) * _SAFETY
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        used = 0.0
        for word in paragraph.split():
            wide = text_width(word, size, bold=bold) * _SAFETY
            if used and used + blank + wide > room:
                lines += 1
                used = 0.0
            if wide > room:
                lines += int(wide // room)
                wide %= room
            used += wide + (blank if used else 0)
    return lines


def row_height(lines: int, size: float, *, padding: float = 3.0) -> float:
    """Work out the height in points of a row with so many lines, a multiple of 0.75."""
    return round((lines * size * 1.29 + padding) / _PIXEL + 0.499) * _PIXEL
