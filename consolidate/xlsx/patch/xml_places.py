"""Edit XML by the byte offsets of its elements, so that all other bytes stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from consolidate.xlsx.read.xml import BadXml, walk, walker

_HEAD = re.compile(rb"<[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=<>\"'/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*\?>")
_SCALARS = ("utf-8", "us-ascii", "iso-8859-1")
"""Encodings in which every markup character is the one byte that it is in ASCII."""
_MOST = 500_000
"""Elements of a part that are looked at: several times what the largest form has."""
_SHARED = 300_000
"""Bytes of the largest part of which is kept what was read; styles of our templates have 60,000."""
_ENTITIES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


class NotPatched(Exception):
    """A package that cannot be patched; ``reason`` is a key of ``annotate.why``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Node:
    """An element: its local name, its attributes as written, and its offsets in the bytes.

    ``start`` and ``end`` are those of the whole element, ``tail`` is where its end tag begins:
    ``end`` itself when it has none (``closed``).
    """

    name: str
    attributes: Mapping[str, str]
    start: int
    prefix: str = ""
    tail: int = -1
    end: int = -1
    closed: bool = False
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """Return the first child of this local name under the prefix of this element.

        Under another prefix it belongs to somebody else, whatever it is called.
        """
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Node]:
        """Return the children of this local name under the prefix of this element."""
        return (c for c in self.children if c.name == name and c.prefix == self.prefix)

    def listed(self, name: str, item: str) -> Iterator[Node]:
        """Return the children named ``item`` of the first child ``name``, none without it."""
        found = self.child(name)
        return found.all(item) if found is not None else iter(())


class Edit(NamedTuple):
    """Bytes between two places and what stands there afterwards."""

    start: int
    end: int
    made: bytes


def read_tree(xml: bytes, depth: int) -> Node:
    """Read the elements of a part down to ``depth`` below its root.

    Returns of one template share many parts: the last small trees are kept, and nobody may change
    one.

    Raises:
        NotPatched: the XML is damaged, hostile, endless, or in an encoding that bytes cannot be
            told of.
    """
    return _kept_tree(xml, depth) if len(xml) <= _SHARED else _tree(xml, depth)


def _tree(xml: bytes, depth: int) -> Node:
    if b"\0" in xml:
        raise NotPatched("strange")  # UTF-16 that does not say so.
    opened: list[Node] = []
    roots: list[Node] = []
    level = count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level, count
        level += 1
        if level > depth + 1:
            return
        count += 1
        if count > _MOST:
            raise NotPatched("too_large")
        prefix, colon, name = tag.rpartition(":")
        node = Node(name, attributes, parser.CurrentByteIndex, f"{prefix}{colon}")
        (opened[-1].children if opened else roots).append(node)
        opened.append(node)

    def end(_: str) -> None:
        nonlocal level
        level -= 1
        if level > depth:
            return
        node, at = opened.pop(), parser.CurrentByteIndex
        # Of <a/> expat tells where it ends, of <a></a> where the end tag begins.
        if xml[at - 2 : at] == b"/>":
            head = _HEAD.match(xml, node.start)
            node.closed = head is not None and head.end() == at
        node.tail = at
        node.end = at if node.closed else xml.index(b">", at) + 1

    parser = walker(start, end)
    parser.XmlDeclHandler = _check_encoding
    try:
        walk(parser, xml)
    except BadXml:
        raise NotPatched("strange") from None
    return roots[0]


_kept_tree = lru_cache(maxsize=32)(_tree)


def read_inside(xml: bytes, node: Node, depth: int) -> Node:
    """Read an element of a part again, down to ``depth`` below it.

    Raises:
        NotPatched: as :func:`read_tree`.
    """
    told = _DECLARATION.match(xml)  # The encoding of the part is that of each piece.
    said = told.group() if told is not None else b""
    found = _tree(said + xml[node.start : node.end], depth)
    _move(found, node.start - len(said))
    return found


def _move(node: Node, by: int) -> None:
    node.start += by
    node.tail += by
    node.end += by
    for child in node.children:
        _move(child, by)


def _check_encoding(_: str, encoding: str | None, __: int) -> None:
    if encoding is not None and encoding.casefold() not in _SCALARS:
        raise NotPatched("strange")


def head_at(xml: bytes, at: int) -> bytes:
    """Return the start tag that begins at a place."""
    match = _HEAD.match(xml, at)
    if match is None:
        raise NotPatched("strange")
    return match.group()


def with_attributes(tag: bytes, **values: str | None) -> bytes:
    """Make a start tag with other values of some attributes; ``None`` takes one away.

    Attributes keep their places, new ones stand last: readers expect ``r`` first in a cell.
    """
    left = dict(values)
    made = bytearray()
    at = 0
    for match in _ATTRIBUTE.finditer(tag):
        key = match.group(1).decode("utf-8", "replace")
        if key in values:
            made += tag[at : match.start()] + _attribute(key, left.pop(key))
            at = match.end()
    rest = tag[at:]
    end = len(rest) - (2 if rest.endswith(b"/>") else 1)
    added = b"".join(_attribute(key, value) for key, value in left.items())
    return bytes(made + rest[:end].rstrip() + added + rest[end:])


def _attribute(name: str, value: str | None) -> bytes:
    return ascii_xml(f' {name}="{escaped(value)}"') if value is not None else b""


def changed_head(xml: bytes, node: Node, **values: str | None) -> Edit:
    """Return the edit that gives the start tag of an element other attributes."""
    tag = head_at(xml, node.start)
    return Edit(node.start, node.start + len(tag), with_attributes(tag, **values))


def small_number(text: str) -> int:
    """Read a number of an attribute; every number that a workbook has a use for is short.

    Raises:
        NotPatched: it is malformed, or long.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise NotPatched("strange")
    return int(text)


def appended(xml: bytes, node: Node, made: bytes, **values: str | None) -> list[Edit]:
    """Return the edits that put children at the end of an element and change its attributes."""
    tag = head_at(xml, node.start)
    if not node.closed:
        end = Edit(node.tail, node.tail, made)
        return [changed_head(xml, node, **values), end] if values else [end]
    head = with_attributes(tag, **values)[:-2].rstrip() + b">"
    name = f"</{node.prefix}{node.name}>".encode()
    return [Edit(node.start, node.start + len(tag), head + made + name)]


def edited(xml: bytes, edits: list[Edit]) -> bytes:
    """Apply edits to the bytes; those at one place keep their order."""
    made = bytearray()
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        made += xml[at : edit.start]
        made += edit.made
        at = max(at, edit.end)
    return bytes(made + xml[at:])


def escaped(text: str) -> str:
    """Escape text for an element or an attribute between double quotes."""
    return escape(text, _ENTITIES)


def ascii_xml(xml: str) -> bytes:
    """XML that reads the same in every encoding of a part."""
    return xml.encode("ascii", "xmlcharrefreplace")
