"""Walk the XML of a file in the one safe way: expat, without document types or entities.

A walk keeps no tree, and its parser tells where in the bytes each tag stands: cells can be cut and
elements changed while every other byte stays. Nothing is loaded or followed; the gate bounds sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from consolidate.xlsx.read.package_gate import Refused


class BadXml(ValueError):
    """XML that is damaged or hostile."""


def walker(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """Make a parser that calls these for tags and text; names keep their prefixes."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def walk(parser: expat.XMLParserType, xml: bytes) -> None:
    """Walk a whole part.

    Raises:
        BadXml: the XML is damaged or has a document type, or a number in it is malformed.
    """
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BadXml(str(error)) from None


def walk_part(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Walk a whole part of a file of a unit, as :func:`walker` and :func:`walk` do.

    Raises:
        Refused: the part is damaged or hostile.
    """
    try:
        walk(walker(start, end, text), xml)
    except BadXml:
        raise Refused("damaged", unreadable=True) from None


def _refuse(*_: object) -> None:
    raise BadXml("document type")
