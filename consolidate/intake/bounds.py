"""How far the cells of a sheet reach, and what they hold, before a reader may make room for them.

python-calamine holds a sheet as one full rectangle, so a single cell in the last corner asks for
more memory than any computer has and ends the process. Sheets that are not written in the plain way
of every office program are therefore walked by expat first: entities and document types refused.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from consolidate.intake.gate import Limits, Refused

_NOT_PLAIN = re.compile(rb"<c(?![A-Za-z])(?! r=\"[A-Z]{1,3}[0-9]{1,7}\"[ />])")
_FAR = re.compile(rb' r="(?:[0-9]{5}|[A-Z]{2})')
_ADDRESS = re.compile(r"([A-Za-z]{1,9})([0-9]{1,10})")


def is_plain(xml: bytes) -> bool:
    """Whether every cell says in the usual words where it is, and none is far from the corner."""
    if b"<!" in xml or b":c" in xml:  # A document type, or tags with a prefix.
        return False
    return _NOT_PLAIN.search(xml) is None and _FAR.search(xml) is None


class SheetWalk:
    """One pass over the XML of a sheet. After it ``errors`` and ``no_value`` hold zero-based cells.

    Raises:
        Refused: the XML is damaged or hostile, or the filled cells span too large a rectangle.
    """

    def __init__(self, xml: bytes, name: str, limits: Limits) -> None:
        self.errors: set[tuple[int, int]] = set()
        self.no_value: set[tuple[int, int]] = set()
        self.last = (-1, -1)
        self._row, self._column = -1, -1
        self._type = ""
        self._formula = self._filled = self._inside = False
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(xml, True)
        except (expat.ExpatError, LookupError, ValueError):
            raise Refused("damaged", unreadable=True) from None
        check_area(self.last, name, limits)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                given = attributes.get("r", "")
                self._row = int(given) - 1 if given else self._row + 1
                self._column = -1
            case "c":
                self._column += 1
                if "r" in attributes:
                    self._row, self._column = _position(attributes["r"])
                self._type = attributes.get("t", "")
                self._formula = self._filled = False
                if self._type == "e":
                    self._reach()
            case "f":
                self._formula = True
            case "v" | "t":
                self._inside = True

    def _text(self, data: str) -> None:
        if self._inside and data and not self._filled:
            self._filled = True
            self._reach()

    def _end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "v" | "t":
                self._inside = False
            case "c" if self._type == "e":
                self.errors.add((self._row, self._column))
            case "c" if self._formula and not self._filled:
                self.no_value.add((self._row, self._column))

    def _reach(self) -> None:
        self.last = (max(self.last[0], self._row), max(self.last[1], self._column))


def check_area(last: tuple[int, int], name: str, limits: Limits) -> None:
    """Refuse a sheet whose filled cells end at ``last`` (zero-based) if it cannot be held.

    Raises:
        Refused: the rectangle from the first cell of the sheet is too large.
    """
    if (last[0] + 1) * (last[1] + 1) > limits.cells:
        raise Refused("too_many_cells", unreadable=True, detail=name)


def _position(text: str) -> tuple[int, int]:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Refused("damaged", unreadable=True)
    column = 0
    for letter in match.group(1).upper():
        column = column * 26 + ord(letter) - 64
    return int(match.group(2)) - 1, column - 1


def _refuse(*_: object) -> None:
    raise Refused("damaged", unreadable=True)
