"""Mark cells of one sheet of a package: other looks, our comments, the shapes that show them.

Absent cells and rows are inserted; the comments of the unit stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from consolidate.model.anchors import NOTE_AUTHOR
from consolidate.model.cells import CellRef, parse_a1
from consolidate.xlsx.patch.xml_places import (
    Edit,
    Node,
    NotPatched,
    appended,
    ascii_xml,
    changed_head,
    edited,
    escaped,
    head_at,
    read_inside,
    read_tree,
    small_number,
    with_attributes,
)
from consolidate.xlsx.read.risks import is_own_note

_AFTER_DRAWING = (
    *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
    *("tableParts", "extLst"),
)
"""What stands behind the element that leads to the shapes of comments."""
_VIEW = re.compile(rb"<(?:\w+:)?sheetView(?=[\s/>])")
_SELECTED = re.compile(rb"tabSelected\s*=\s*[\"'](?:1|true)[\"']")
_MERGE = re.compile(r"([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})")
_MOST_MERGED = 5_000
"""Merged areas of a sheet that are looked at for each cell."""
_MOST_STRETCHES = 1_000
"""Stretches of columns with attributes of their own, which some programs let overlap."""
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_USUAL_WIDTH, _USUAL_HEIGHT = 9.14, 15.0
_TRUE = ("1", "true")
Cell = tuple[int, int]
"""Zero-based row and column."""


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
        self._opened: dict[int, tuple[Node, dict[int, Node]]] = {}
        number = -1
        for node in data.all("row"):
            given = node.attributes.get("r", "")
            before = number
            number = small_number(given) - 1 if given else number + 1
            if not before < number < _MOST_ROWS:
                raise NotPatched("strange")
            self._rows[number] = node
        self._columns = [
            (_number(node, "min") - 1, _number(node, "max") - 1, node.attributes)
            for node in self.root.listed("cols", "col")
        ]
        self._known: dict[int, Mapping[str, str]] = {}
        self._areas = [
            (first, last)
            for node in self.root.listed("mergeCells", "mergeCell")
            if (match := _MERGE.fullmatch(node.attributes.get("ref", ""))) is not None
            and (first := parse_a1(match.group(1))) is not None
            and (last := parse_a1(match.group(2))) is not None
        ]
        if len(self._columns) > _MOST_STRETCHES or len(self._areas) > _MOST_MERGED:
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
            node = row[1].get(cell[1])
            if node is not None:
                return _number(node, "s")
            if row[0].attributes.get("customFormat") in _TRUE:
                return _number(row[0], "s")
        return small_number(self._column(cell[1]).get("style", "0"))

    def width(self, column: int) -> float:
        """Pixels that a column is wide, about."""
        found = self._column(column)
        shown = found.get("width", "")
        if found.get("hidden") in _TRUE:
            return 0.0
        if not found and (form := self.root.child("sheetFormatPr")) is not None:
            shown = form.attributes.get("defaultColWidth", "")
        return _size(shown, _USUAL_WIDTH) * 7 + 5

    def height(self, row: int) -> float:
        """Pixels that a row is high, about."""
        attributes = self._rows[row].attributes if row in self._rows else {}
        if attributes.get("hidden") in _TRUE:
            return 0.0
        return _size(attributes.get("ht", ""), _USUAL_HEIGHT) * 4 / 3

    @property
    def drawing(self) -> str:
        """Id of the relationship to the shapes of comments, ``""`` without any."""
        node = self.root.child("legacyDrawing")
        given = node.attributes if node is not None else {}
        return {name.rpartition(":")[2]: value for name, value in given.items()}.get("id", "")

    def patched(self, looks: Mapping[Cell, int], drawing: str = "") -> bytes:
        """Return the XML with other looks of cells; the same object if nothing changes.

        ``drawing`` is the element that leads to shapes, for a sheet without one.
        """
        edits: list[Edit] = []
        fresh: list[tuple[int, bytes]] = []
        p = self.root.prefix
        for number, of_row in groupby(sorted(looks.items()), lambda item: item[0][0]):
            row = self._row(number)
            known = row[1] if row is not None else {}
            made: list[tuple[int, bytes]] = []
            for cell, look in of_row:
                if cell[1] in known:
                    edits.append(changed_head(self.xml, known[cell[1]], s=str(look)))
                else:
                    new = f'<{p}c r="{CellRef("", *cell).a1}" s="{look}"/>'
                    made.append((cell[1], new.encode()))
            if row is None:
                cells = b"".join(cell for _, cell in made)
                whole = f'<{p}row r="{number + 1}">'.encode() + cells + f"</{p}row>".encode()
                fresh.append((number, whole))
            elif made:
                end = next((c.start for c in row[0].children if c.name != "c"), row[0].tail)
                # The span is what its writer expected; a cell outside it may not be missed.
                edits += self._put(made, known, row[0], end, spans=None)
        if fresh:
            edits += self._put(fresh, self._rows, self._data, self._data.tail)
        if drawing:
            at = next(
                (n.start for n in self.root.children if n.name in _AFTER_DRAWING), self.root.tail
            )
            edits.append(Edit(at, at, ascii_xml(drawing)))
        return edited(self.xml, edits) if edits else self.xml

    def _put(
        self,
        fresh: Iterable[tuple[int, bytes]],
        known: Mapping[int, Node],
        parent: Node,
        end: int,
        **values: str | None,
    ) -> list[Edit]:
        """Put rows or cells, by number, among those of their parent, which gets other attributes.

        ``end`` is the place behind all that are there.
        """
        if parent.closed:
            made = b"".join(content for _, content in fresh)
            return appended(self.xml, parent, made, **values)
        edits = [changed_head(self.xml, parent, **values)] if values else []
        for number, content in fresh:
            at = next((node.start for other, node in known.items() if other > number), end)
            edits.append(Edit(at, at, content))
        return edits

    def _row(self, number: int) -> tuple[Node, dict[int, Node]] | None:
        """A row and its cells by column; only rows that are asked for are looked into."""
        if number not in self._rows:
            return None
        if number not in self._opened:
            node = read_inside(self.xml, self._rows[number], 1)
            self._opened[number] = node, _cells(node, number)
        return self._opened[number]

    def _column(self, column: int) -> Mapping[str, str]:
        """Attributes of the stretch of columns that a column lies in."""
        if column not in self._known:
            found = (a for first, last, a in self._columns if first <= column <= last)
            self._known[column] = next(found, {})
        return self._known[column]


def unselected(xml: bytes) -> bytes:
    """Return the XML of a sheet that is not the one that is shown first.

    Some programs say of each sheet whether it is. Only what stands before its cells is looked into;
    a sheet of charts has none and stays.
    """
    before, cells, _ = xml.partition(b"sheetData")
    if not cells or _SELECTED.search(xml) is None:
        return xml
    edits = []
    for found in _VIEW.finditer(before):
        tag = head_at(xml, found.start())
        made = with_attributes(tag, tabSelected=None)
        edits.append(Edit(found.start(), found.start() + len(tag), made))
    return edited(xml, edits)


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


def _number(node: Node, name: str) -> int:
    return small_number(node.attributes.get(name, "0"))


NOTES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
SHAPES_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml"',
    'xmlns:o="urn:schemas-microsoft-com:office:office"',
    'xmlns:x="urn:schemas-microsoft-com:office:excel"',
)
_SHAPE_TAG = re.compile(rb"<(/?)([\w.-]+):shape(?![\w.-])[^<>]*>")
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^<>]*\?>\s*)?<xml(?:\s[^<>]*)?(?<!/)>")
_ROW, _COLUMN = (re.compile(rb":%b>\s*(\d{1,7})\s*</" % name) for name in (b"Row", b"Column"))
_ID = re.compile(rb'\bid="_x0000_s(\d{1,9})"')
_TYPE_ID = "_x0000_t202"
_TYPE = (
    f' id="{_TYPE_ID}" coordsize="21600,21600" o:spt="202"'
    ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_WIDE, _LINE, _LETTERS = 330.0, 17.0, 46
"""Pixels of a note, of a line in it, and letters that such a line holds."""
_HIGHEST = 420.0


def with_notes(
    xml: bytes, notes: Mapping[Cell, str]
) -> tuple[bytes, dict[Cell, str], frozenset[Cell]]:
    """Put our comments into a part instead of those that it has; ``b""`` is a part not there yet.

    A cell with a comment of the unit gets none. Returns the part, the comments that are in it now,
    the cells of ours that are gone.

    Raises:
        NotPatched: it is damaged.
    """
    if not xml:
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        xml = f'{head}<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'.encode()
    root = read_tree(xml, 3)
    authors, listed = root.child("authors"), root.child("commentList")
    if authors is None or listed is None:
        raise NotPatched("strange")
    names = [_inside(xml, node.start, node.end) for node in authors.all("author")]
    edits: list[Edit] = []
    ours: set[Cell] = set()
    others: set[Cell] = set()
    for node in listed.all("comment"):
        at = parse_a1(node.attributes.get("ref", ""))
        author = node.attributes.get("authorId", "")
        own = author.isascii() and author.isdecimal() and len(author) < 9
        own = own and int(author) < len(names) and names[int(author)] == NOTE_AUTHOR
        own = own or is_own_note(xml[node.start : node.end])
        if at is not None:
            (ours if own else others).add(at)
        if own:
            edits.append(Edit(node.start, node.end, b""))
    put = {cell: said for cell, said in sorted(notes.items()) if cell not in others}
    p = root.prefix
    if NOTE_AUTHOR not in names:
        names.append(NOTE_AUTHOR)
        line = f"<{p}author>{escaped(NOTE_AUTHOR)}</{p}author>"
        edits += appended(xml, authors, ascii_xml(line))
    author_id = names.index(NOTE_AUTHOR)
    made = "".join(
        f'<{p}comment ref="{CellRef("", *cell).a1}" authorId="{author_id}"><{p}text><{p}r><{p}rPr>'
        f'<{p}sz val="10"/><{p}rFont val="Times New Roman"/></{p}rPr>'
        f'<{p}t xml:space="preserve">{escaped(said)}</{p}t></{p}r></{p}text></{p}comment>'
        for cell, said in put.items()
    )
    edits += appended(xml, listed, ascii_xml(made))
    return edited(xml, edits), put, frozenset(ours)


def can_hold(shapes: bytes) -> bool:
    """Tell whether shapes can be added to a part: its end is where every program writes it."""
    return _ROOT.match(shapes) is not None and shapes.rstrip().endswith(b"</xml>")


def with_shapes(
    shapes: bytes, sheet: Sheet, notes: Mapping[Cell, str], ours: frozenset[Cell], group: int
) -> bytes:
    """Make a part of shapes with those of our comments, without those of ``ours`` that were there.

    ``b""`` is a part that is not there yet; ``group`` numbers the part among those of a workbook.
    """
    if not shapes:
        shapes = (
            f'<xml {" ".join(_SPACES)}><o:shapelayout v:ext="edit">'
            f'<o:idmap v:ext="edit" data="{group}"/></o:shapelayout></xml>'
        ).encode()
    gone = [Edit(a, b, b"") for a, b in _places(shapes) if _of(shapes[a:b], ours)]
    kept = edited(shapes, gone)
    first = max([group * 1024, *map(int, _ID.findall(kept))]) + 1
    # Some programs declare a prefix wherever they use it, and use other ones.
    root = kept[: kept.index(b">", kept.index(b"<xml"))]
    missing = "".join(f" {space}" for space in _SPACES if space.encode() not in root)
    made = "" if f'id="{_TYPE_ID}"'.encode() in kept else f"<v:shapetype{missing}{_TYPE}"
    for number, (cell, said) in enumerate(notes.items(), first):
        made += _shape(number, cell, said, sheet, missing)
    end = kept.rindex(b"</xml>")
    return kept[:end] + ascii_xml(made) + kept[end:]


def _places(shapes: bytes) -> Iterator[tuple[int, int]]:
    """Where each shape stands, from its start tag to its end tag, in one pass."""
    start, prefix = -1, b""
    for tag in _SHAPE_TAG.finditer(shapes):
        if tag.group(1):
            if start >= 0 and tag.group(2) == prefix:
                yield start, tag.end()
                start = -1
        elif start < 0 and not tag.group().endswith(b"/>"):
            start, prefix = tag.start(), tag.group(2)


def _of(shape: bytes, cells: frozenset[Cell]) -> bool:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return (
        row is not None
        and column is not None
        and b'ObjectType="Note"' in shape
        and (int(row.group(1)), int(column.group(1))) in cells
    )


def _shape(number: int, cell: Cell, said: str, sheet: Sheet, spaces: str) -> str:
    row, column = cell
    lines = sum(1 + len(line) // _LETTERS for line in said.split("\n"))
    left, right = _span(sheet.width, column + 1, 12, _WIDE)
    top, bottom = _span(sheet.height, max(row - 1, 0), 6, min(lines * _LINE + 12, _HIGHEST))
    anchor = ", ".join(str(round(n)) for n in (*left, *top, *right, *bottom))
    return (
        f'<v:shape{spaces} id="_x0000_s{number}" type="#{_TYPE_ID}" style="position:absolute;'
        'margin-left:60pt;margin-top:2pt;width:240pt;height:60pt;z-index:1;visibility:hidden"'
        ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _span(
    size: Callable[[int], float], first: int, inset: float, length: float
) -> tuple[tuple[int, float], tuple[int, float]]:
    """Where a stretch of a sheet begins and ends: line and pixels into it, both times."""
    at, left = first, inset + length
    while left > (own := size(at)) and at < first + 40:
        left -= own
        at += 1
    return (first, min(inset, size(first))), (at, min(left, size(at)))


def _inside(xml: bytes, start: int, end: int) -> str:
    """Text of an element that holds nothing else."""
    element = xml[start:end].decode("utf-8", "replace")
    return element.partition(">")[2].rpartition("</")[0].strip()
