"""Read the texts of the formulas in the XML of a sheet, by cell; nothing is resolved.

A shared formula is written once, in its first cell; the other cells name it by its index and are
shifted by :func:`shifted` when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from consolidate.model.cells import CellRef, parse_a1

GONE, OUTSIDE, CHANGING, CIRCULAR = "gone", "outside", "changing", "circular"
"""Kinds; the problem of such a value is ``formula_`` and the kind."""


class NotSupported(Exception):
    """A formula that cannot be evaluated.

    ``kind`` tells why nobody can check it: no value of any cell on the way can be trusted then.
    """

    def __init__(self, kind: str = "") -> None:
        super().__init__(kind)
        self.kind = kind


_STRING = re.compile(r'"[^"]*"')
_GONE = re.compile(r"#REF!")
_OUTSIDE = re.compile(
    r"""
    (?<![\w\]\[.])\[[^\[\]]+\][^\[\]!'"()*+,/;<=>&]*'?!    # [1]Sheet!A1, [book.xlsx]Sheet!A1
    | '[^']*\[[^\[\]]+\][^']*'!                           # 'D:\[book.xlsx]Sheet'!A1
    | 'file:[^']*'\#                                      # of an open document
    | \w\|(?:'[^']*'|[\w.:\\/ ]+)!                         # DDE: program|topic!item
    | \b(?:WEBSERVICE|IMPORT(?:DATA|RANGE|XML|HTML|FEED)|RTD|DDE|DDEAUTO|CUBE\w+|STOCKHISTORY
        |SQL\.REQUEST|CALL|REGISTER\.ID|IMAGE|GOOGLEFINANCE|GOOGLETRANSLATE|DUMMYFUNCTION)\s*\(
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHANGING = re.compile(
    r"\b(?:TODAY|NOW|RAND|RANDBETWEEN|RANDARRAY|OFFSET|INDIRECT|CELL|INFO)\s*\(", re.IGNORECASE
)


@lru_cache(maxsize=4096)  # Returns of one template carry the same formulas.
def unsound_kind(text: str) -> str:
    """Tell why a value cannot be checked by its formula without ``=``; ``""`` if it can be."""
    text = _STRING.sub('""', text)
    for kind, pattern in ((GONE, _GONE), (OUTSIDE, _OUTSIDE), (CHANGING, _CHANGING)):
        if pattern.search(text) is not None:
            return kind
    return ""


_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_FORMULA = re.compile(rb"<f(\s[^<>]*?)?(?:/>|>([^<]*+)</f>)")
_NO_VALUE = re.compile(
    rb"<f\b(?:[^<>]*+(?<=/)>|[^<>]*+>[^<]*+</f>)\s*+(?:<v\s*+/>|<v></v>)?\s*+</c>"
)
_INDEX = re.compile(rb'\bsi="([0-9]{1,9})"')
_KIND = re.compile(rb'\bt="(\w+)"')
_PLAIN_KINDS = (b"normal", b"shared")
_HIDDEN_ROW = re.compile(rb'<row\b(?![^<>]*\br="1")[^<>]*\bhidden="(?:1|true)"')
_LONGEST_TAG = 1_000
"""Bytes in which the opening tag of a cell with a formula is looked for."""
_LONGEST = 8_192
"""Characters that Excel allows a formula."""
_MOST = 20_000
"""Formulas of one sheet that are kept; no form of people has so many."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The text of a formula without its ``=``, ``""`` for one that gave a text.

    ``origin`` is the cell that it was written for; ``unsound`` is why nobody can check what it
    gives (:func:`~consolidate.xlsx.calc.formula_texts.unsound_kind`), ``""`` for others.
    """

    text: str
    origin: tuple[int, int]
    unsound: str = ""


def read_formulas(
    xml: bytes,
) -> tuple[Mapping[tuple[int, int], Formula], frozenset[tuple[int, int]]]:
    """Read plain and shared formulas of a sheet by zero-based cell, and the cells without a value.

    Formulas of arrays are left out, but for those that nobody can check. Of a formula that gave a
    text only the cell is kept: the text is used as it stands. Subtotals are left out where rows are
    hidden: what they count cannot be told from the cells.
    """
    found: dict[tuple[int, int], Formula] = {}
    no_value: set[tuple[int, int]] = set()
    shared: dict[bytes, Formula] = {}
    at = xml.find(b"<f")
    while at >= 0:
        if xml[at + 2] in b" />":
            start = xml.rfind(b"<c ", max(0, at - _LONGEST_TAG), at)
            opening = xml[start:at] if start >= 0 else b""
            reference = _REFERENCE.search(opening)
            cell = parse_a1(reference.group(1).decode()) if reference is not None else None
            if cell is not None:
                if _NO_VALUE.match(xml, at) is not None:
                    no_value.add(cell)
                match = _FORMULA.match(xml, at)
                formula = _formula(match, cell, shared) if match is not None else None
                if b't="str"' in opening:
                    formula = Formula("", cell, formula.unsound if formula is not None else "")
                if formula is not None and len(found) < _MOST:
                    found[cell] = formula
        at = xml.find(b"<f", at + 2)
    counting = [cell for cell, formula in found.items() if "SUBTOTAL" in formula.text.upper()]
    if counting and _HIDDEN_ROW.search(xml) is not None:
        for cell in counting:
            del found[cell]
    return found, frozenset(no_value)


def _formula(
    match: re.Match[bytes], cell: tuple[int, int], shared: dict[bytes, Formula]
) -> Formula | None:
    tag, content = match.group(1) or b"", match.group(2) or b""
    kind, index = _KIND.search(tag), _INDEX.search(tag)
    if len(content) > _LONGEST:
        return None
    text = unescape(content.decode("utf-8", errors="replace"))
    unsound = unsound_kind(text) if content else ""
    if kind is not None and kind.group(1) not in _PLAIN_KINDS:
        return Formula("", cell, unsound) if unsound else None
    if not content:
        return shared.get(index.group(1)) if index is not None else None
    formula = Formula(text, cell, unsound)
    if index is not None:
        shared[index.group(1)] = formula
    return formula


def shifted(formula: Formula, cell: tuple[int, int]) -> str | None:
    """Shift a shared formula to another cell; ``None`` if that cannot be done."""
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
