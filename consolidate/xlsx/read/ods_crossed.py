"""Find text that is struck out, raised or lowered in the cells of an .ods."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consolidate.xlsx.read.crossed import Crossed, TextRun, text_left
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.read.xml import BadXml, walk, walker

_TOKENS = re.compile(rb'line-through-(?:style|type)="(?!none)|text-position="(?!0%)')
_ROWS, _COLUMNS = 10_000, 1_000
"""How far from the corner a repeated row or cell is written out; forms end long before."""


def crossed_cells(content: bytes, styles: bytes = b"") -> Mapping[str, Crossed]:
    """Cells of such formatting by the name of their sheet; sheets without any are left out.

    ``content`` is ``content.xml``, ``styles`` are the named styles of ``styles.xml``.

    Raises:
        Refused: a part is damaged.
    """
    if not any(_TOKENS.search(xml) for xml in (content, styles)):
        return {}
    found = _Walk()
    try:
        for xml in (styles, content):
            if xml:
                walk(walker(found.start, found.end, found.characters), xml)
    except BadXml:
        raise Refused("damaged", unreadable=True) from None
    return {
        name: Crossed(frozenset(struck), left)
        for name, (struck, left) in found.sheets.items()
        if struck or left
    }


class _Walk:
    def __init__(self) -> None:
        self.sheets: dict[str, tuple[set[tuple[int, int]], dict[tuple[int, int], str]]] = {}
        self._styles: dict[str, tuple[bool, bool]] = {}
        self._style, self._parent = "", ""
        self._name = ""
        self._row = self._column = 0
        self._rows = self._cells = 1
        self._columns: list[tuple[int, str]] = []
        self._in_cell = self._valued = False
        self._cell_style = ""
        self._spans: list[str] = []
        self._runs: list[TextRun] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "style:style":
                self._style = attributes.get("style:name", "")
                parent = attributes.get("style:parent-style-name", "")
                self._styles[self._style] = self._styles.get(parent, (False, False))
            case "style:text-properties" if self._style:
                self._styles[self._style] = _of(attributes, self._styles[self._style])
            case "table:table":
                self._name = attributes.get("table:name", "")
                self.sheets[self._name] = (set(), {})
                self._row, self._columns = 0, []
            case "table:table-column":
                times = _times(attributes, "table:number-columns-repeated")
                self._columns.append((times, attributes.get("table:default-cell-style-name", "")))
            case "table:table-row":
                self._column = 0
                self._rows = _times(attributes, "table:number-rows-repeated")
            case "table:table-cell" | "table:covered-table-cell":
                self._in_cell, self._runs = True, []
                self._cells = _times(attributes, "table:number-columns-repeated")
                style = attributes.get("table:style-name", "")
                self._cell_style = style or self._default()
                self._valued = attributes.get("office:value-type", "string") != "string"
            case "text:p" if self._in_cell and self._runs:
                self._runs.append(TextRun("\n", own=False))
            case "text:span":
                self._spans.append(attributes.get("text:style-name", ""))
            case "text:s" if self._in_cell:
                self.characters(" ")

    def characters(self, data: str) -> None:
        if not self._in_cell:
            return
        struck = raised = False
        for name in self._spans:
            is_struck, is_raised = self._styles.get(name, (False, False))
            struck, raised = struck or is_struck, raised or is_raised
        self._runs.append(TextRun(data, struck, raised, own=struck))

    def end(self, tag: str) -> None:
        match tag:
            case "style:style":
                self._style = ""
            case "text:span" if self._spans:
                self._spans.pop()
            case "table:table-cell" | "table:covered-table-cell":
                self._take()
                self._in_cell = False
                self._column += self._cells
            case "table:table-row":
                self._row += self._rows

    def _default(self) -> str:
        """The style of the column in which the walk stands."""
        at = self._column
        for times, style in self._columns:
            if at < times:
                return style
            at -= times
        return ""

    def _take(self) -> None:
        struck, left_of = self.sheets.get(self._name, (set(), {}))
        is_struck = self._styles.get(self._cell_style, (False, False))[0]
        full = "".join(run.text for run in self._runs).strip()
        left = text_left(self._runs, struck=is_struck)
        if left == full and not (is_struck and self._valued):
            return
        for row in range(self._row, min(self._row + self._rows, _ROWS)):
            for column in range(self._column, min(self._column + self._cells, _COLUMNS)):
                if left:
                    left_of[row, column] = left
                else:
                    struck.add((row, column))


def _of(attributes: Mapping[str, str], inherited: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether text properties strike out, and whether they raise or lower."""
    line = attributes.get("style:text-line-through-style") or attributes.get(
        "style:text-line-through-type"
    )
    place = attributes.get("style:text-position", "").split(" ")[0]
    struck = inherited[0] if line is None else line != "none"
    return struck, inherited[1] if not place else place not in ("0%", "0")


def _times(attributes: Mapping[str, str], name: str) -> int:
    return max(int(attributes.get(name, "1")), 1)
