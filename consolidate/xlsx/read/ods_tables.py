"""Walk the tables of an .ods: how much room they need, and what a person sees in them.

In an open document a row, a cell and a blank say how often they are repeated, and the reader writes
each of them out. Walks follow the names of tags as that reader does: by their usual prefix. The
file has both for every number: its value and the text that is shown. Struck, merged and hidden
cells, and formulas that nobody can check, are found on the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from consolidate.model.data_values import rounded
from consolidate.xlsx.calc.formula_texts import unsound_kind
from consolidate.xlsx.read.crossed_out_text import Crossed, TextRun, text_left
from consolidate.xlsx.read.features import Area, Features
from consolidate.xlsx.read.package_gate import Refused
from consolidate.xlsx.read.sheet_bounds import SheetBudget
from consolidate.xlsx.read.shown_numbers import ShownCell
from consolidate.xlsx.read.xml import walk_part

_ROWS_REPEATED = "table:number-rows-repeated"
_COLUMNS_REPEATED = "table:number-columns-repeated"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
"""A reader repeats no further than a sheet of Excel is large."""
_KINDS = ("string", "date", "time", "boolean")
_VALUES = frozenset({"office:value", "table:formula", *(f"office:{k}-value" for k in _KINDS)})
_NUMBERS = frozenset({"float", "currency", "percentage"})
_SEEN_ROWS, _SEEN_COLUMNS, _MOST_AREAS = 10_000, 1_000, 10_000
"""How far from the corner repeated rows and cells are written out; how many areas are noted."""
_FIGURE = re.compile(r"[0-9][0-9.,\s\u00a0\u202f]*")
_UNIT = re.compile(r"[mM]\s?[2²]")
_WORDS = re.compile(r"[^\s()+%.,−-]")
_NOT_READ = re.compile(r"[0-9][eE][+-]?[0-9]|[0-9]\s*/\s*[0-9]|:")
"""Powers, fractions and times."""
_TOKENS = re.compile(rb'line-through-(?:style|type)="(?!none)|text-position="(?!0%)')
_LINE = TextRun("\n", own=False)
"""What stands between two paragraphs of a cell."""
_PLAIN = (False, False)
"""A style that neither strikes out nor raises or lowers."""


class TableWalk:
    """One pass over ``content.xml``; what its tables need is taken from the budget.

    Raises:
        Refused: the XML is damaged or hostile, or the tables need more than the budget.
    """

    def __init__(self, xml: bytes, budget: SheetBudget) -> None:
        self._budget = budget
        self._name = ""
        self._row = self._column = 0
        self._repeated_row = self._repeated_cell = 1
        self._last = (-1, -1)
        self._reaches = self._filled = self._in_cell = False
        self._text = self._row_text = 0
        walk_part(xml, self._start, self._end, self._characters)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "table:table":
                self._name = attributes.get("table:name", "")
                self._row, self._last = 0, (-1, -1)
            case "table:table-row":
                self._column = self._row_text = 0
                self._reaches = False
                self._repeated_row = _times_at_most(attributes, _ROWS_REPEATED, _MOST_ROWS)
            case "table:table-cell" | "table:covered-table-cell":
                self._in_cell = True
                self._repeated_cell = _times_at_most(attributes, _COLUMNS_REPEATED, _MOST_COLUMNS)
                self._text = sum(len(attributes.get(name, "")) for name in _VALUES)
                self._filled = attributes.get("office:value-type") == "string"
                self._filled |= not _VALUES.isdisjoint(attributes)
                if self._filled:
                    self._reaches = True
                    self._last = self._last[0], max(self._last[1], self._reach() - 1)
            case "text:s" if self._in_cell:
                self._text += int(attributes.get("text:c", "1"))

    def _reach(self) -> int:
        return min(self._column + self._repeated_cell, _MOST_COLUMNS)

    def _characters(self, data: str) -> None:
        if self._in_cell:
            self._text += len(data)

    def _end(self, tag: str) -> None:
        match tag:
            case "table:table-cell" | "table:covered-table-cell":
                self._in_cell = False
                if self._filled:
                    self._row_text += self._text * self._repeated_cell
                self._column = self._reach()
            case "table:table-row":
                self._row = min(self._row + self._repeated_row, _MOST_ROWS)
                if self._reaches:
                    self._last = self._row - 1, self._last[1]
                    self._budget.take_text(self._row_text * self._repeated_row)
            case "table:table":
                self._budget.take(self._last, self._name)


def _times_at_most(attributes: dict[str, str], name: str, most: int) -> int:
    times = int(attributes.get(name, "1"))
    if times < 0:
        raise Refused("damaged", unreadable=True)
    return min(max(times, 1), most)


@dataclass(slots=True)
class View:
    """What was found in one sheet, by zero-based cell; ``struck`` and ``left`` as in Crossed."""

    merged: list[Area] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    shown: dict[tuple[int, int], ShownCell] = field(default_factory=dict)
    unsound: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: set[tuple[int, int]] = field(default_factory=set)
    left: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def features(self) -> Features:
        """Merged and hidden cells."""
        return Features(tuple(self.merged), frozenset(self.rows), frozenset(self.columns))

    @property
    def crossed(self) -> Crossed:
        """Cells in which text is struck out, raised or lowered."""
        return Crossed(frozenset(self.struck), self.left)


def read_views(content: bytes, styles: bytes = b"") -> Mapping[str, View]:
    """Tell what is seen in the sheets of ``content.xml``, by name.

    ``styles`` are the named styles of ``styles.xml``.

    Raises:
        Refused: a part is damaged.
    """
    crosses = any(_TOKENS.search(xml) for xml in (content, styles))
    found = _Walk(crosses=crosses)
    for xml in (styles, content) if crosses and styles else (content,):
        walk_part(xml, found.start, found.end, found.characters)
    if not found.shows:  # Some programs write no texts at all.
        for view in found.views.values():
            view.shown = {cell: shown for cell, shown in view.shown.items() if shown.text}
    return found.views


class _Walk:
    """One pass over styles, then sheets; ``crosses``: some style strikes out, raises or lowers."""

    def __init__(self, *, crosses: bool) -> None:
        self.views: dict[str, View] = {}
        self.shows = False
        self._crosses = crosses
        self._styles: dict[str, tuple[bool, bool]] = {}
        self._style = ""
        self._view = View()
        self._row = self._column = self._first = 0
        self._rows = self._cells = 1
        self._columns: list[tuple[int, str]] = []
        self._cell: dict[str, str] | None = None
        self._runs: list[TextRun] = []
        self._spans: list[str] = []
        self._note = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "style:style":
                self._style = attributes.get("style:name", "")
                parent = attributes.get("style:parent-style-name", "")
                self._styles[self._style] = self._styles.get(parent, _PLAIN)
            case "style:text-properties" if self._style:
                self._styles[self._style] = _of(attributes, self._styles[self._style])
            case "table:table":
                self._view = View()
                self.views[attributes.get("table:name", "")] = self._view
                self._row, self._first, self._columns = 0, 0, []
            case "table:table-column":
                times = _times(attributes, _COLUMNS_REPEATED)
                if _is_hidden(attributes):
                    last = min(self._first + times, _SEEN_COLUMNS)
                    self._view.columns.update(range(self._first, last))
                self._first += times
                self._columns.append((times, attributes.get("table:default-cell-style-name", "")))
            case "table:table-row":
                self._column = 0
                self._rows = _times(attributes, _ROWS_REPEATED)
                if _is_hidden(attributes):
                    last = min(self._row + self._rows, _SEEN_ROWS)
                    self._view.rows.update(range(self._row, last))
            case "table:table-cell" | "table:covered-table-cell":
                self._cell, self._runs = attributes, []
                self._cells = _times(attributes, _COLUMNS_REPEATED)
            case "office:annotation":
                self._note += 1
            case "text:p" if self._runs and not self._note:
                self._runs.append(_LINE)
            case "text:span":
                self._spans.append(attributes.get("text:style-name", ""))
            case "text:s":
                self.characters(" ")

    def characters(self, data: str) -> None:
        if self._cell is None or self._note:
            return
        styles = [self._styles.get(name, _PLAIN) for name in self._spans]
        struck, raised = (any(style[at] for style in styles) for at in (0, 1))
        self._runs.append(TextRun(data, struck, raised, own=struck))

    def end(self, tag: str) -> None:
        match tag:
            case "style:style":
                self._style = ""
            case "table:table-cell" | "table:covered-table-cell" if self._cell is not None:
                self._take(self._cell)
                self._cell = None
                self._column += self._cells
            case "table:table-row":
                self._row += self._rows
            case "office:annotation":
                self._note -= 1
            case "text:span" if self._spans:
                self._spans.pop()

    def _take(self, cell: Mapping[str, str]) -> None:
        self._take_area(cell)
        kind = unsound_kind(cell.get("table:formula", "").partition("=")[2])
        shown = None
        if cell.get("office:value-type") in _NUMBERS:
            text = "".join(run.text for run in self._runs if run is not _LINE).strip()
            self.shows = self.shows or bool(text)
            shown = _shown(text, cell)
        left = self._left(cell) if self._crosses else None
        if not kind and shown is None and left is None:
            return
        view = self._view
        for row in range(self._row, min(self._row + self._rows, _SEEN_ROWS)):
            for column in range(self._column, min(self._column + self._cells, _SEEN_COLUMNS)):
                if kind:
                    view.unsound[row, column] = kind
                if shown is not None:
                    view.shown[row, column] = shown
                if left:
                    view.left[row, column] = left
                elif left is not None:
                    view.struck.add((row, column))

    def _left(self, cell: Mapping[str, str]) -> str | None:
        """What formatting leaves of the text of a cell; ``None`` where it takes nothing out."""
        style = cell.get("table:style-name", "") or self._default()
        struck = self._styles.get(style, _PLAIN)[0]
        left = text_left(self._runs, struck=struck)
        whole = left == "".join(run.text for run in self._runs).strip()
        valued = cell.get("office:value-type", "string") != "string"
        return None if whole and not (struck and valued) else left

    def _default(self) -> str:
        """The style of the column in which the walk stands."""
        at = self._column
        for times, style in self._columns:
            if at < times:
                return style
            at -= times
        return ""

    def _take_area(self, cell: Mapping[str, str]) -> None:
        rows = _times(cell, "table:number-rows-spanned")
        columns = _times(cell, "table:number-columns-spanned")
        if (rows, columns) != (1, 1) and len(self._view.merged) < _MOST_AREAS:
            last = self._row + rows - 1, self._column + columns - 1
            self._view.merged.append((self._row, self._column, *last))


def _shown(text: str, cell: Mapping[str, str]) -> ShownCell | None:
    """What a cell shows, if that is another number than it holds; formats are not followed."""
    value = float(cell.get("office:value", "nan"))
    if not abs(value) < 1e15:
        return None
    held = Decimal(f"{value:.15g}")
    percent = cell.get("office:value-type") == "percentage"
    if percent and text.endswith("%"):
        held *= 100
    if not text:
        return ShownCell("")
    plain = _UNIT.sub("", text)
    if _NOT_READ.search(plain) is not None or set(text) <= {"#"}:
        return ShownCell(text) if set(text) <= {"#"} else None
    figures = [figure.strip() for figure in _FIGURE.findall(plain)]
    number, places = None, 0
    for figure in figures if len(figures) == 1 else ():
        for reading, decimals in _readings(figure):
            if reading == rounded(abs(held), decimals):
                number, places = reading if held >= 0 else -reading, decimals
    if not figures and held == 0:
        return None  # A dash for nothing.
    negative = held >= 0 or any(sign in text for sign in "-−(")
    if not negative:
        number = None
    words = len(figures) == 1 and _WORDS.search(_FIGURE.sub("", text)) is not None
    if number == held and not percent:
        if not words:
            return None
        # Read as typed: with the file's own marks of thousands it may be another number.
        return ShownCell(
            text.replace(figures[0], f"{held:f}".replace(".", ",")), number, words=True
        )
    return ShownCell(text, number, percent, places)


def _readings(figure: str) -> list[tuple[Decimal, int]]:
    """A figure with its last mark between thousands, and with it before the decimals."""
    digits = re.sub(r"[^0-9]", "", figure)
    found = [(Decimal(digits), 0)]
    mark = max(figure.rfind("."), figure.rfind(","))
    if mark >= 0:
        decimals = len(re.sub(r"[^0-9]", "", figure[mark:]))
        found.append((Decimal(digits).scaleb(-decimals), decimals))
    return found


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return attributes.get("table:visibility", "visible") != "visible"


def _times(attributes: Mapping[str, str], name: str) -> int:
    return max(int(attributes.get(name, "1")), 1)


def _of(attributes: Mapping[str, str], inherited: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether text properties strike out, and whether they raise or lower."""
    line = attributes.get("style:text-line-through-style") or attributes.get(
        "style:text-line-through-type"
    )
    place = attributes.get("style:text-position", "").split(" ")[0]
    struck = inherited[0] if line is None else line != "none"
    return struck, inherited[1] if not place else place not in ("0%", "0")
