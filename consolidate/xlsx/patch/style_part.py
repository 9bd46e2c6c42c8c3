"""Add styles to a package: cell styles with another fill, and styles of our own sheet."""

from __future__ import annotations

import re

from consolidate.xlsx.patch.xml_places import (
    Edit,
    Node,
    NotPatched,
    appended,
    ascii_xml,
    edited,
    escaped,
    head_at,
    read_inside,
    read_tree,
    with_attributes,
)

STYLES = "xl/styles.xml"
_MOST = 64_000
"""Looks of cells that Excel opens a workbook with."""
_LISTS = ("fonts", "fills", "borders", "cellXfs")
_COLOURS = ("rgb", "theme", "indexed", "tint", "auto")
_COLOUR = re.compile(
    r"(?:(?:rgb=[0-9A-Fa-f]{8}|theme=\d{1,2}|indexed=\d{1,2}|auto=1)(?: tint=-?[0-9.eE-]{1,24})?)?"
)
_PATTERN = re.compile(r"[A-Za-z0-9]{1,20}")
_MARK = re.compile(rb"</?(?:\w+:)?")

Fill = tuple[str, str, str]
"""Pattern, foreground and background of a fill (``rgb=FFFFC7CE``, ``""`` for none)."""
NO_FILL: Fill = ("none", "", "")


def solid(colour: str) -> Fill:
    """Make a fill in one colour (``FFC7CE``)."""
    return ("solid", f"rgb=FF{colour}", "indexed=64")


def read_fill(value: object) -> Fill | None:
    """A fill as a sheet of ours keeps it; ``None`` for anything else, as anybody may edit it."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return None
    if len(value) != 3 or not _PATTERN.fullmatch(value[0]):
        return None
    return tuple(value) if all(_COLOUR.fullmatch(part) for part in value[1:]) else None


class _List:
    """One of the lists of the styles: its element, and its items as bytes, those added last."""

    def __init__(self, xml: bytes, node: Node) -> None:
        self.node = node
        self.items = [xml[child.start : child.end] for child in node.children]
        self._known = {item: at for at, item in reversed(tuple(enumerate(self.items)))}

    def index(self, item: bytes) -> int:
        """Where an item stands; it is added when it is not there yet."""
        if item not in self._known:
            self._known[item] = len(self.items)
            self.items.append(item)
        return self._known[item]


class StylePart:
    """The styles of a package, to which looks can be added.

    Raises:
        NotPatched: they are damaged or have no looks of cells.
    """

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        root = read_tree(xml, 2)
        self._prefix = root.prefix
        self._lists: dict[str, _List] = {}
        for name in _LISTS:
            node = root.child(name)
            if node is None or not node.children:
                raise NotPatched("strange")
            self._lists[name] = _List(xml, node)
        fills = read_inside(xml, self._lists["fills"].node, 3)
        self._fills = list(map(_fill_of, fills.children))
        self._known = {fill: at for at, fill in reversed(tuple(enumerate(self._fills)))}
        self._looks = [dict(node.attributes) for node in self._lists["cellXfs"].node.children]
        self._filled: dict[tuple[int, Fill], int] = {}

    def fill_of(self, look: int) -> Fill:
        """Return the fill of a look; a gradient counts as none."""
        try:
            return self._fills[int(self._looks[look].get("fillId", "0"))]
        except (IndexError, ValueError):
            return NO_FILL

    def filled(self, look: int, fill: Fill) -> int:
        """Make a look that is the same but for its fill.

        Raises:
            NotPatched: there is no such look, or there are too many.
        """
        if not 0 <= look < len(self._looks):
            raise NotPatched("strange")
        made = self._filled.get((look, fill))
        if made is None:
            number = str(self._fill(fill))
            item = self._lists["cellXfs"].items[look]
            head = head_at(item, 0)
            tag = with_attributes(head, fillId=number, applyFill="1")
            made = self._look(tag + item[len(head) :], {**self._looks[look], "fillId": number})
            self._filled[look, fill] = made
        return made

    def own(self, font: str, fill: Fill = NO_FILL, *, border: bool = False, align: str = "") -> int:
        """A look of our own sheet: the inside of a ``font`` element, attributes of an alignment."""
        p = self._prefix
        font_number = self._lists["fonts"].index(_tagged(f"<font>{font}</font>", p))
        sides = "".join(
            f'<{side} style="thin"><color rgb="FF7F7F7F"/></{side}>'
            for side in ("left", "right", "top", "bottom")
        )
        lines = f"<border>{sides}<diagonal/></border>"
        border_number = self._lists["borders"].index(_tagged(lines, p)) if border else 0
        item = (
            f'<xf numFmtId="0" fontId="{font_number}" fillId="{self._fill(fill)}"'
            f' borderId="{border_number}" xfId="0" applyFont="1" applyFill="1" applyBorder="1"'
            f' applyAlignment="1"><alignment {align}/></xf>'
        )
        return self._look(_tagged(item, p), {"fillId": str(self._fill(fill))})

    def xml(self) -> bytes:
        """Return the styles with what was added."""
        edits: list[Edit] = []
        for part in self._lists.values():
            added = part.items[len(part.node.children) :]
            if added:
                count = str(len(part.items))
                edits += appended(self._xml, part.node, b"".join(added), count=count)
        return edited(self._xml, edits) if edits else self._xml

    def _fill(self, fill: Fill) -> int:
        if fill in self._known:
            return self._known[fill]
        pattern, front, back = fill
        colours = "".join(
            f"<{name} {_attributes(colour)}/>"
            for name, colour in (("fgColor", front), ("bgColor", back))
            if colour
        )
        item = f'<fill><patternFill patternType="{escaped(pattern)}">{colours}</patternFill></fill>'
        self._lists["fills"].items.append(_tagged(item, self._prefix))
        self._fills.append(fill)
        self._known[fill] = len(self._fills) - 1
        return self._known[fill]

    def _look(self, item: bytes, attributes: dict[str, str]) -> int:
        number = self._lists["cellXfs"].index(item)
        if number == len(self._looks):
            if number >= _MOST:
                raise NotPatched("too_large")
            self._looks.append(attributes)
        return number


def _fill_of(node: Node) -> Fill:
    pattern = node.child("patternFill")
    if pattern is None:
        return NO_FILL
    colours = {
        child.name: " ".join(
            f"{key}={child.attributes[key]}" for key in _COLOURS if key in child.attributes
        )
        for child in pattern.children
    }
    kind = pattern.attributes.get("patternType", "none")
    return (kind, colours.get("fgColor", ""), colours.get("bgColor", ""))


def _attributes(colour: str) -> str:
    pairs = (part.split("=", 1) for part in colour.split())
    return " ".join(f'{key}="{escaped(value)}"' for key, value in pairs)


def _tagged(xml: str, prefix: str) -> bytes:
    """Elements under the prefix that the styles use."""
    made = ascii_xml(xml)
    if not prefix:
        return made
    return _MARK.sub(lambda match: match.group() + prefix.encode(), made)
