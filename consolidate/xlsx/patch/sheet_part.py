"""Restyle cells of one sheet of a package; absent cells and rows are inserted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consolidate.model.cells import CellRef, parse_a1
from consolidate.xlsx.patch.xml_places import (
    Edit,
    Node,
    NotPatched,
    appended,
    ascii_xml,
    changed_head,
    edited,
    head_at,
    head_of,
    read_inside,
    read_tree,
    small_number,
    with_attributes,
)
from consolidate.xlsx.read.defined_names import attributes_of

_AFTER_DRAWING = (
    *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
    *("tableParts", "extLst"),
)
"""What stands behind the element that leads to the shapes of comments."""
_SELECTED = re.compile(rb"tabSelected\s*=\s*[\"'](?:1|true)[\"']")
_VIEW = re.compile(rb"<(?:\w+:)?sheetView(?=[\s/>])")
_MERGE = re.compile(r"([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})")
_MOST_MERGED = 5_000
"""Merged areas of a sheet that are looked at for each cell."""
_MOST_STRETCHES = 1_000
"""Stretches of columns with attributes of their own, which some programs let overlap."""
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_USUAL_WIDTH, _USUAL_HEIGHT = 9.14, 15.0
Cell = tuple[int, int]
"""Zero-based row and column."""


@dataclass(slots=True)
class _Row:
    """A row with its cells, by column."""

    node: Node
    cells: dict[int, Node]


class Sheet:
    """A sheet as it is in the package.

    Raises:
        NotPatched: its XML is damaged, or it holds no cells at all.
    """

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self.root = read_tree(xml, 2)
        data = self.root.child("sheetData")
        if self.root.name != "worksheet" or data is None:
            raise NotPatched("strange")
        self._data = data
        self._rows: dict[int, Node] = {}
        self._opened: dict[int, _Row] = {}
        number = -1
        for node in data.all("row"):
            given = node.attributes.get("r", "")
            before = number
            number = small_number(given) - 1 if given else number + 1
            if not before < number < _MOST_ROWS:
                raise NotPatched("strange")
            self._rows[number] = node
        self._columns = _columns(self.root)
        self._known: dict[int, Mapping[str, str] | None] = {}
        merged = self.root.child("mergeCells")
        self._areas = [
            (first, last)
            for node in (merged.all("mergeCell") if merged is not None else ())
            if (match := _MERGE.fullmatch(node.attributes.get("ref", ""))) is not None
            and (first := parse_a1(match.group(1))) is not None
            and (last := parse_a1(match.group(2))) is not None
        ]
        if len(self._areas) > _MOST_MERGED:
            raise NotPatched("too_large")

    def shown_at(self, cell: Cell) -> Cell:
        """The cell that shows what a cell of a merged area holds; the cell itself elsewhere."""
        for (top, left), (bottom, right) in self._areas:
            if top <= cell[0] <= bottom and left <= cell[1] <= right:
                return top, left
        return cell

    def look(self, cell: Cell) -> int:
        """Return the look that a cell has, or would have if it were there."""
        row = self._row(cell[0])
        if row is not None:
            node = row.cells.get(cell[1])
            if node is not None:
                return small_number(node.attributes.get("s", "0"))
            if row.node.attributes.get("customFormat") in ("1", "true"):
                return small_number(row.node.attributes.get("s", "0"))
        column = self._column(cell[1])
        return small_number(column.get("style", "0")) if column is not None else 0

    def width(self, column: int) -> float:
        """Pixels that a column is wide, about."""
        found = self._column(column)
        if found is None:
            form = self.root.child("sheetFormatPr")
            shown = form.attributes.get("defaultColWidth", "") if form is not None else ""
            return _size(shown, _USUAL_WIDTH) * 7 + 5
        if found.get("hidden") in ("1", "true"):
            return 0.0
        return _size(found.get("width", ""), _USUAL_WIDTH) * 7 + 5

    def height(self, row: int) -> float:
        """Pixels that a row is high, about."""
        found = self._rows.get(row)
        attributes = found.attributes if found is not None else {}
        if attributes.get("hidden") in ("1", "true"):
            return 0.0
        return _size(attributes.get("ht", ""), _USUAL_HEIGHT) * 4 / 3

    @property
    def drawing(self) -> str:
        """Id of the relationship to the shapes of comments, ``""`` without any."""
        node = self.root.child("legacyDrawing")
        return attributes_of(_text(self.xml, node)).get("id", "") if node is not None else ""

    def patched(self, looks: Mapping[Cell, int], drawing: str = "", *, unselect: bool) -> bytes:
        """Return the XML with other looks of cells.

        ``drawing`` is the element that leads to shapes, for a sheet without one; ``unselect`` says
        that the sheet is no longer the one that is shown first.
        """
        edits: list[Edit] = []
        by_row: dict[int, dict[int, int]] = {}
        for (number, column), look in looks.items():
            by_row.setdefault(number, {})[column] = look
        fresh: list[tuple[int, bytes]] = []
        for number, columns in sorted(by_row.items()):
            row = self._row(number)
            if row is None:
                fresh.append((number, self._new_row(number, columns)))
            else:
                edits += self._in_row(number, row, columns)
        edits += self._with_rows(fresh)
        if drawing:
            at = next(
                (n.start for n in self.root.children if n.name in _AFTER_DRAWING), self.root.tail
            )
            edits.append(Edit(at, at, ascii_xml(drawing)))
        views = self.root.child("sheetViews")
        for view in views.all("sheetView") if unselect and views is not None else ():
            if "tabSelected" in view.attributes:
                edits.append(changed_head(self.xml, view, tabSelected=None))
        return edited(self.xml, edits) if edits else self.xml

    def _in_row(self, number: int, row: _Row, columns: Mapping[int, int]) -> list[Edit]:
        edits: list[Edit] = []
        added: list[tuple[int, bytes]] = []
        for column, look in sorted(columns.items()):
            node = row.cells.get(column)
            if node is None:
                added.append((column, self._new_cell(number, column, look)))
            else:
                edits.append(changed_head(self.xml, node, s=str(look)))
        if not added:
            return edits
        tail: list[bytes] = []
        places = sorted((column, node.start) for column, node in row.cells.items())
        for column, made in added:
            at = next((start for other, start in places if other > column), None)
            if at is None:
                tail.append(made)
            else:
                edits.append(Edit(at, at, made))
        # The span of a row is what its writer expected; a cell outside it may not be missed.
        if row.node.closed:
            return edits + appended(self.xml, row.node, b"".join(tail), spans=None)
        edits.append(changed_head(self.xml, row.node, spans=None))
        if tail:
            at = next((c.start for c in row.node.children if c.name != "c"), row.node.tail)
            edits.append(Edit(at, at, b"".join(tail)))
        return edits

    def _with_rows(self, fresh: list[tuple[int, bytes]]) -> list[Edit]:
        edits: list[Edit] = []
        tail: list[bytes] = []
        places = sorted((number, row.start) for number, row in self._rows.items())
        for number, made in fresh:
            at = next((start for other, start in places if other > number), None)
            if at is None:
                tail.append(made)
            else:
                edits.append(Edit(at, at, made))
        if tail:
            edits += appended(self.xml, self._data, b"".join(tail))
        return edits

    def _new_row(self, number: int, columns: Mapping[int, int]) -> bytes:
        p = self.root.prefix
        cells = b"".join(self._new_cell(number, *item) for item in sorted(columns.items()))
        return f'<{p}row r="{number + 1}">'.encode() + cells + f"</{p}row>".encode()

    def _new_cell(self, row: int, column: int, look: int) -> bytes:
        return f'<{self.root.prefix}c r="{CellRef("", row, column).a1}" s="{look}"/>'.encode()

    def _row(self, number: int) -> _Row | None:
        """A row with its cells; of a sheet only the rows that are asked for are looked into."""
        if number not in self._rows:
            return None
        if number not in self._opened:
            node = read_inside(self.xml, self._rows[number], 1)
            self._opened[number] = _Row(node, _cells(node, number))
        return self._opened[number]

    def _column(self, column: int) -> Mapping[str, str] | None:
        if column not in self._known:
            found = (a for first, last, a in self._columns if first <= column <= last)
            self._known[column] = next(found, None)
        return self._known[column]


def is_selected(xml: bytes) -> bool:
    """Tell whether a sheet says that it is shown first; some programs say of each whether."""
    return _SELECTED.search(xml) is not None


def unselected(xml: bytes) -> bytes:
    """Return the XML of a sheet that is no longer the one that is shown first.

    Only what stands before its cells is looked into; a sheet of charts has none and stays.
    """
    before = xml.partition(b"sheetData")
    if not before[1]:
        return xml
    edits = []
    for found in _VIEW.finditer(before[0]):
        tag = head_at(xml, found.start())
        edits.append(
            Edit(found.start(), found.start() + len(tag), with_attributes(tag, tabSelected=None))
        )
    return edited(xml, edits)


def _columns(root: Node) -> list[tuple[int, int, Mapping[str, str]]]:
    """Stretches of columns with attributes of their own: first, last (from 0), attributes."""
    found: list[tuple[int, int, Mapping[str, str]]] = []
    columns = root.child("cols")
    for node in columns.all("col") if columns is not None else ():
        first, last = (small_number(node.attributes.get(name, "0")) - 1 for name in ("min", "max"))
        found.append((first, last, node.attributes))
    if len(found) > _MOST_STRETCHES:
        raise NotPatched("too_large")
    return found


def _cells(row: Node, number: int) -> dict[int, Node]:
    cells: dict[int, Node] = {}
    column = -1
    for node in row.all("c"):
        given = node.attributes.get("r", "")
        place = parse_a1(given) if given else (number, column + 1)
        if place is None or place[0] != number or not column < place[1] < _MOST_COLUMNS:
            raise NotPatched("strange")
        column = place[1]
        cells[column] = node
    return cells


def _size(text: str, usual: float) -> float:
    try:
        size = float(text) if len(text) < 20 else usual
    except ValueError:
        return usual
    return size if 0 <= size <= 500 else usual


def _text(xml: bytes, node: Node) -> str:
    return head_of(xml, node).decode("utf-8", "replace")
