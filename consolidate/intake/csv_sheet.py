"""Read a sheet exported as CSV, or a table typed as text: one grid "CSV", every cell as text."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter

from consolidate.model.cells import Cell
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.file_kinds import looks_like_text, wide_encoding
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.package_gate import Limits, Refused, check_size

NAME = "CSV"
"""Name of the only grid."""
_DELIMITERS = (";", ",", "\t")
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SAMPLE = 200
"""Rows by which the delimiter is told."""


def read_csv(data: bytes, limits: Limits) -> Workbook | None:
    """Read text in columns into a workbook of one grid; ``None`` when it has no columns.

    Numbers, dates and formulas stay the text that they are. UTF-8 and UTF-16
    with and without their marks and Windows-1258 are read; delimiters are ``;``, ``,`` and the tab.

    Raises:
        Refused: the file is empty or larger than may be read, or its table is.
    """
    check_size(data, limits)
    text = _decoded(data) if looks_like_text(data) else None
    if text is None:
        return None
    said = _SEPARATOR.match(text)
    if said is not None:
        text = text[said.end() :]
    delimiter = said.group(1) if said is not None else _delimiter(text)
    if not delimiter:
        return None
    rows: list[list[Cell]] = [list(row) for row in _rows(text, delimiter)]
    if not rows:
        return None
    if max(map(len, rows), default=0) * len(rows) > limits.cells:
        raise Refused("too_many_cells", unreadable=True, detail=NAME)
    return Workbook((Grid(NAME, rows),), DefinedNames())


def _decoded(data: bytes) -> str | None:
    encodings: tuple[str, ...] = ("utf-8", "cp1258")
    if data.startswith(codecs.BOM_UTF8):
        encodings = ("utf-8-sig",)
    elif wide := wide_encoding(data):
        data, encodings = data[: len(data) & ~1], (wide,)
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return None


def _delimiter(text: str) -> str:
    """The delimiter that gives most rows the same number of columns, ``""`` when none does."""
    best, chosen = (0, 0), ""
    for delimiter in _DELIMITERS:
        rows = _rows(text[:200_000], delimiter)[:_SAMPLE]
        widths = Counter(len(row) for row in rows if any(row))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width > 1 and 2 * count >= widths.total() and (count, width) > best:
            best, chosen = (count, width), delimiter
    return chosen


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Rows of a text; a quote that is never closed is a letter like any other."""
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        pass
    try:
        lines = text.splitlines()
        return list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    except csv.Error:  # A cell longer than any that a person fills in.
        return []
