"""Tell formulas whose value nobody can check by their text: gone, outside or changing sources.

A text says what kind it is; nothing is resolved. Circles are found where formulas are worked out.
"""

from __future__ import annotations

import re
from functools import lru_cache

GONE, OUTSIDE, CHANGING, CIRCULAR = "gone", "outside", "changing", "circular"
"""Kinds; the problem of such a value is ``formula_`` and the kind."""

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
