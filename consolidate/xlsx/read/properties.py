"""What a workbook says beside its sheets: when it was last saved, and the names of its fonts.

Fonts of an old encoding say how its text was typed. Read by regular expressions from one part each:
nothing is expanded or followed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping

from consolidate.xlsx.read.gate import BROKEN

_PROPERTIES = 16_384
"""Bytes of the document properties that are looked at; the dates stand among the first."""
_TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)\s*<"
_MODIFIED = re.compile(rf"<(?:\w+:)?(?:modified|date)\b[^<>]*>\s*{_TIME}".encode())
_CREATED = re.compile(rf"<(?:\w+:)?(?:created|creation-date)\b[^<>]*>\s*{_TIME}".encode())

_STYLES = "xl/styles.xml"
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_NAME = re.compile(rb'<(?:\w+:)?name\s+val="([^"<]{1,100})"')
_LONGEST = 5_000_000
"""Bytes of styles that are read at all; honest ones are a thousandth of it."""


def saved_time(package: zipfile.ZipFile, parts: Mapping[str, str]) -> str:
    """When the properties say that the file was last saved (ISO 8601), ``""`` when they do not.

    ``parts`` are the names in the package by their casefolded form. A file that was never saved
    after it was made says nothing: every copy of a template carries that date.
    """
    name = parts.get("docprops/core.xml") or parts.get("meta.xml")
    if name is None:
        return ""
    try:
        with package.open(name) as part:
            xml = part.read(_PROPERTIES)
    except BROKEN:
        return ""  # Properties are a convenience: a damaged one costs nobody a return.
    modified, created = _MODIFIED.search(xml), _CREATED.search(xml)
    if modified is None or (created is not None and created[1] == modified[1]):
        return ""
    return modified[1].decode()


def read_fonts(package: zipfile.ZipFile) -> tuple[str, ...]:
    """Different font names of the styles in their order; none when they cannot be read."""
    try:
        entry = next(e for e in package.infolist() if e.filename.casefold() == _STYLES)
        if entry.file_size > _LONGEST:
            return ()
        xml = package.read(entry)
    except (*BROKEN, StopIteration):
        return ()
    block = _FONTS.search(xml)
    names = _NAME.findall(block.group()) if block is not None else ()
    return tuple(dict.fromkeys(name.decode("utf-8", errors="replace") for name in names))
