"""Add our comments, and the shapes that show them, to those of the unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from consolidate.model.anchors import NOTE_AUTHOR
from consolidate.model.cells import CellRef, parse_a1
from consolidate.xlsx.patch.sheet_part import Cell, Sheet
from consolidate.xlsx.patch.xml_places import (
    Edit,
    NotPatched,
    appended,
    ascii_xml,
    edited,
    escaped,
    read_tree,
)
from consolidate.xlsx.read.risks import is_own_note

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
_WIDE, _LINE, _LETTERS = 330.0, 17.0, 46
"""Pixels of a note, of a line in it, and letters that such a line holds."""
_HIGHEST = 420.0


@dataclass(frozen=True, slots=True)
class Notes:
    """Cells with comments in a part, and the part without those that are ours."""

    xml: bytes
    ours: frozenset[Cell]
    others: frozenset[Cell]


def read_notes(xml: bytes) -> Notes:
    """Read the comments of a part.

    Raises:
        NotPatched: it is damaged.
    """
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
    return Notes(edited(xml, edits), frozenset(ours), frozenset(others))


def with_notes(xml: bytes, notes: Mapping[Cell, str]) -> bytes:
    """Append our comments to a part; ``b""`` is a part that does not exist yet."""
    if not xml:
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        xml = f'{head}<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'.encode()
    root = read_tree(xml, 3)
    authors, listed = root.child("authors"), root.child("commentList")
    if authors is None or listed is None:
        raise NotPatched("strange")
    names = [_inside(xml, node.start, node.end) for node in authors.all("author")]
    p = root.prefix
    edits: list[Edit] = []
    if NOTE_AUTHOR not in names:
        names.append(NOTE_AUTHOR)
        line = f"<{p}author>{escaped(NOTE_AUTHOR)}</{p}author>"
        edits += appended(xml, authors, ascii_xml(line))
    author = names.index(NOTE_AUTHOR)
    made = "".join(
        f'<{p}comment ref="{CellRef("", *cell).a1}" authorId="{author}"><{p}text><{p}r><{p}rPr>'
        f'<{p}sz val="10"/><{p}rFont val="Times New Roman"/></{p}rPr>'
        f'<{p}t xml:space="preserve">{escaped(said)}</{p}t></{p}r></{p}text></{p}comment>'
        for cell, said in sorted(notes.items())
    )
    return edited(xml, edits + appended(xml, listed, ascii_xml(made)))


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
    made = "" if f'id="{_TYPE_ID}"'.encode() in kept else _shape_type(missing)
    for number, (cell, said) in enumerate(sorted(notes.items()), first):
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


def _shape_type(spaces: str) -> str:
    return (
        f'<v:shapetype{spaces} id="{_TYPE_ID}" coordsize="21600,21600" o:spt="202"'
        ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
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
