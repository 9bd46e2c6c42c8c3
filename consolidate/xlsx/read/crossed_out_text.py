"""Find what formatting takes out of a cell: text that is struck out, raised or lowered.

A reader gives ``1215`` for a cell in which ``12`` is struck out before ``15``, and ``121`` for
``12`` with a footnote mark. Parts without such formatting are not parsed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consolidate.model.cells import parse_a1
from consolidate.xlsx.read.cell_styles import OFF, cell_styles
from consolidate.xlsx.read.xml import walk_part

RAISED = frozenset({"superscript", "subscript"})
_STRUCK, _RAISED = b"strike", b"vertAlign"


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of text: ``own`` says whether it has a format apart from that of its cell."""

    text: str
    struck: bool = False
    raised: bool = False
    own: bool = True


@dataclass(frozen=True, slots=True)
class Crossed:
    """Cells (zero-based) of a sheet with formatting of that kind.

    ``struck`` are struck out as a whole; ``left`` is what is left of the text of others.
    """

    struck: frozenset[tuple[int, int]] = frozenset()
    left: Mapping[tuple[int, int], str] = field(default_factory=dict)


NONE = Crossed()


def text_left(runs: Iterable[TextRun], *, struck: bool = False) -> str:
    """Return the text of runs less what is struck out, raised or lowered; ``m²`` keeps its 2.

    ``struck`` says that the cell is struck out: runs without a format of their own follow it.
    """
    kept = ""
    for run in runs:
        is_unit = run.text.strip() == "2" and kept.rstrip().casefold().endswith("m")
        is_struck = run.struck if run.own else struck
        if not is_struck and (not run.raised or is_unit):
            kept += run.text
    return kept.strip()


class Formats:
    """What styles and shared texts of an .xlsx say of struck, raised and lowered text.

    Raises:
        Refused: a part is damaged.
    """

    def __init__(self, strings: bytes, styles: bytes) -> None:
        found = cell_styles(styles) if _STRUCK in styles else ()
        self._styles = frozenset(at for at, style in enumerate(found) if style.struck)
        self._shared = _Texts(strings).found if _STRUCK in strings or _RAISED in strings else {}

    @property
    def plain(self) -> bool:
        """Whether no style and no shared text has such formatting."""
        return not self._styles and not self._shared

    def of_sheet(self, xml: bytes) -> Crossed:
        """Return the cells of a sheet with such formatting."""
        if self.plain and _STRUCK not in xml and _RAISED not in xml:
            return NONE
        cells = _Texts(xml, self._styles, self._shared)
        return Crossed(frozenset(cells.struck), cells.left) if cells.struck or cells.left else NONE


class _Texts:
    """One pass over shared texts or a sheet; ``found`` are shared texts with such runs, by number.

    ``struck`` and ``left`` are those of :class:`Crossed`.
    """

    def __init__(
        self,
        xml: bytes,
        styles: frozenset[int] = frozenset(),
        shared: Mapping[int, tuple[TextRun, ...]] | None = None,
    ) -> None:
        self.found: dict[int, tuple[TextRun, ...]] = {}
        self.struck: set[tuple[int, int]] = set()
        self.left: dict[tuple[int, int], str] = {}
        self._styles, self._shared = styles, shared or {}
        self._count = 0
        self._row, self._column = -1, -1
        self._cell: dict[str, str] = {}
        self._value = ""
        self._runs: list[TextRun] = []
        self._own = self._is_struck = self._is_raised = False
        self._in: list[str] = []
        walk_part(xml, self._start, self._end, self._characters)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._in.append(name)
        match name:
            case "si" | "is":
                self._runs = []
            case "r":
                self._own = self._is_struck = self._is_raised = False
            case "rPr":
                self._own = True
            case "strike":
                self._is_struck = attributes.get("val", "1") not in OFF
            case "vertAlign":
                self._is_raised = attributes.get("val") in RAISED
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
            case "c":
                at = parse_a1(attributes.get("r", ""))
                self._row, self._column = at or (self._row, self._column + 1)
                self._cell, self._value, self._runs = attributes, "", []

    def _characters(self, data: str) -> None:
        if self._in[-1] == "v":
            self._value += data
        elif self._in[-1] == "t" and "rPh" not in self._in:
            own = self._own and "r" in self._in
            raised, struck = own and self._is_raised, own and self._is_struck
            self._runs.append(TextRun(data, struck, raised, own))

    def _end(self, tag: str) -> None:
        match self._in.pop():
            case "si":
                if any(run.struck or run.raised for run in self._runs):
                    self.found[self._count] = tuple(self._runs)
                self._count += 1
            case "c":
                self._take_cell()

    def _take_cell(self) -> None:
        at = (self._row, self._column)
        struck = int(self._cell.get("s", "0")) in self._styles
        runs: Iterable[TextRun] = self._runs
        if self._cell.get("t") == "s" and self._value.strip().isdigit():
            runs = self._shared.get(int(self._value), ())
        full = "".join(run.text for run in runs)
        if full:
            left = text_left(runs, struck=struck)
            if left and left != full.strip():
                self.left[at] = left
            elif not left:
                self.struck.add(at)
        elif struck and self._value:
            self.struck.add(at)
