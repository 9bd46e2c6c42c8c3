"""Formulas in the XML of a sheet: their texts by cell, nothing resolved.

A shared formula is written once, in its first cell; the other cells name it by its index and are
shifted by :func:`shifted` when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from consolidate.model.cells import CellRef, parse_a1

_CELL = re.compile(rb"<c\b([^<>]*?)>\s*+$")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_FORMULA = re.compile(rb"<f(\s[^<>]*?)?(?:/>|>([^<]*+)</f>)")
_INDEX = re.compile(rb'\bsi="([0-9]{1,9})"')
_KIND = re.compile(rb'\bt="(\w+)"')
_HIDDEN_ROW = re.compile(rb'<row\b(?![^<>]*\br="1")[^<>]*\bhidden="(?:1|true)"')
_LONGEST_TAG = 1_000
"""Bytes in which the opening tag of a cell with a formula is looked for."""
_LONGEST = 8_192
"""Characters that Excel allows a formula."""
_MOST = 20_000
"""Formulas of one sheet that are kept; no form of people has so many."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The text of a formula without its ``=``; ``origin`` is the cell that it was written for."""

    text: str
    origin: tuple[int, int]


def read_formulas(xml: bytes) -> Mapping[tuple[int, int], Formula]:
    """Plain and shared formulas of a sheet by zero-based cell; those of arrays are left out.

    Subtotals are left out where rows are hidden: what they count cannot be told from the cells.
    """
    found: dict[tuple[int, int], Formula] = {}
    shared: dict[bytes, Formula] = {}
    end = xml.find(b"</sheetData>")
    at = xml.find(b"<f", 0, end)
    hidden: bool | None = None
    while at >= 0 and len(found) < _MOST:
        match = _FORMULA.match(xml, at)
        cell = _cell_before(xml, at) if match is not None else None
        if match is not None and cell is not None:
            tag, content = match.group(1) or b"", match.group(2) or b""
            kind, index = _KIND.search(tag), _INDEX.search(tag)
            plain = kind is None or kind.group(1) in (b"normal", b"shared")
            formula = None
            if content and plain and len(content) <= _LONGEST:
                formula = Formula(unescape(content.decode("utf-8", errors="replace")), cell)
                if index is not None:
                    shared[index.group(1)] = formula
            elif index is not None and plain:
                formula = shared.get(index.group(1))
            if formula is not None and "SUBTOTAL" in formula.text.upper():
                hidden = _HIDDEN_ROW.search(xml) is not None if hidden is None else hidden
                formula = None if hidden else formula
            if formula is not None:
                found[cell] = formula
        at = xml.find(b"<f", at + 2, end)
    return found


def _cell_before(xml: bytes, at: int) -> tuple[int, int] | None:
    """The cell whose opening tag ends where its formula begins."""
    start = max(xml.rfind(b"<c ", max(0, at - _LONGEST_TAG), at), 0)
    opening = _CELL.search(xml, start, at)
    reference = _REFERENCE.search(opening.group(1)) if opening is not None else None
    return parse_a1(reference.group(1).decode()) if reference is not None else None


def shifted(formula: Formula, cell: tuple[int, int]) -> str | None:
    """The text of a shared formula as it stands in another cell; ``None`` if it cannot be told."""
    if cell == formula.origin:
        return formula.text
    # Read only when a formula is to be worked out: the library is large.
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    try:
        there = Translator(f"={formula.text}", origin=CellRef("", *formula.origin).a1)
        return str(there.translate_formula(CellRef("", *cell).a1)).removeprefix("=")
    except (TokenizerError, TranslatorError, ValueError, IndexError):
        return None
