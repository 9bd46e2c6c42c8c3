"""Read the relationships between the parts of a package; nothing is opened or followed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from consolidate.xlsx.read.defined_names import attributes_of

_RELATIONSHIP = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")


@dataclass(frozen=True, slots=True)
class Relationship:
    """One line of a ``.rels`` part; ``kind`` is the last word of its type (``vbaProject``)."""

    id: str
    kind: str
    target: str
    external: bool


def relationships(xml: str) -> Iterator[Relationship]:
    """List the relationships in the text of a ``.rels`` part."""
    for tag in _RELATIONSHIP.findall(xml):
        attributes = attributes_of(tag)
        yield Relationship(
            attributes.get("Id", ""),
            attributes.get("Type", "").rpartition("/")[2],
            attributes.get("Target", ""),
            attributes.get("TargetMode") == "External",
        )


def part_of(relations: str, target: str) -> str:
    """Name the part that a ``.rels`` part (``xl/_rels/workbook.xml.rels``) points at."""
    folder = posixpath.dirname(posixpath.dirname(relations))
    if target.startswith(f"{folder}/"):
        return target  # Some programs forget the slash of an absolute target.
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def source_of(relations: str) -> str:
    """Find the name of the part whose relationships a ``.rels`` part lists."""
    folder, name = posixpath.split(relations)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def text_of(xml: bytes) -> str:
    """Return the text of a part: UTF-16 when it says so by its first bytes, else UTF-8."""
    encoding = "utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return xml.decode(encoding, errors="replace")
