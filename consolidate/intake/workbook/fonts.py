"""Names of the fonts of an .xlsx: fonts of an old encoding say how its text was typed."""

from __future__ import annotations

import re
import zipfile

from consolidate.intake.gate import BROKEN

_STYLES = "xl/styles.xml"
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_NAME = re.compile(rb'<(?:\w+:)?name\s+val="([^"<]{1,100})"')
_LONGEST = 5_000_000
"""Bytes of styles that are read at all; honest ones are a thousandth of it."""


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
