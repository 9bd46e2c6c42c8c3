"""Read how the parts of a package are related; rewrite what the reader of values would not follow.

Nothing is opened or followed. Only the way of writing changes, never a value: UTF-16 parts become
UTF-8, targets with ``..`` become absolute, names of parts get slashes for backslashes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consolidate.xlsx.read.defined_names import attributes_of

_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(r"^(\ufeff?<\?xml[^>]*\bencoding=)(?:\"[^\"]*\"|'[^']*')")
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
    encoding = "utf-16" if is_wide(xml) else "utf-8"
    return xml.decode(encoding, errors="replace")


def is_wide(xml: bytes) -> bool:
    """Tell whether a part is UTF-16 by its first bytes."""
    return xml.startswith(_WIDE)


def narrow(xml: bytes) -> bytes:
    """Turn a part into UTF-8; the same object if it is not UTF-16."""
    if not xml.startswith(_WIDE):
        return xml
    text = xml.decode("utf-16", errors="replace")
    return _ENCODING.sub(r'\1"UTF-8"', text, count=1).encode()


def narrowed(package: zipfile.ZipFile) -> dict[str, bytes]:
    """List all parts of a package that are UTF-16, by name, in UTF-8."""
    found: dict[str, bytes] = {}
    for name in package.namelist():
        if name.casefold().endswith((".xml", ".rels")):
            content = package.read(name)
            if is_wide(content):
                found[name] = narrow(content)
    return found


def absolute_targets(relations: str, xml: str) -> str:
    """Return the text of a ``.rels`` part without targets that climb out of their folder."""
    for relation in relationships(xml):
        if ".." in relation.target and not relation.external:
            target = f"/{part_of(relations, relation.target)}"
            xml = xml.replace(f'"{relation.target}"', f'"{target}"')
    return xml


def parts_by_name(package: zipfile.ZipFile) -> Mapping[str, str]:
    """List names of the parts as the package has them, by their casefolded names with slashes."""
    return {name.replace("\\", "/").casefold(): name for name in package.namelist()}


def has_backslashes(package: zipfile.ZipFile) -> bool:
    """Tell whether the names in the package are written with backslashes."""
    # Windows shows the names with slashes, but leaves them in the bytes as they were.
    return any("\\" in entry.orig_filename for entry in package.infolist())


def repacked(package: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    """Make a package, stored without compression, with other bytes for some of its parts.

    Only parts that hold values go into it: no pictures, macros or embedded files.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for entry in package.infolist():
            name = entry.filename.replace("\\", "/")
            if entry.filename in changed:
                made.writestr(name, changed[entry.filename])
            elif name.casefold().endswith((".xml", ".rels")):
                made.writestr(name, package.read(entry))
    return target.getvalue()
