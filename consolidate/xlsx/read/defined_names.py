"""Read defined names from the text of workbook.xml; nothing is resolved or followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from consolidate.model.anchors import GUIDE_SHEET, LIVE_SHEET, STAMP_SHEET
from consolidate.model.cells import column_index, parse_a1

_RANGE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!"
    r"(?P<first>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?[0-9]{1,7}))?"
)
_PLAIN_NAME = re.compile(
    r"<definedName name=\"([^\"&]*)\">(?:'([^'&]*)'|([^'!&<]*))"
    r"!\$([A-Z]{1,3})\$([0-9]{1,7})(?::\$([A-Z]{1,3})\$([0-9]{1,7}))?</definedName>"
)
"""A name as every program of ours writes it; whatever is written otherwise is read by _NAME."""
_NAME = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>([^<]*)<")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CACHED = 200_000
"""Characters of the longest list of names that is remembered."""

WITHOUT_ANSWERS = (GUIDE_SHEET, LIVE_SHEET)


@dataclass(frozen=True, slots=True)
class NamedRange:
    """What a defined name points at: zero-based corners, the second one inclusive."""

    sheet: str
    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, eq=False)
class DefinedNames:
    """Global names that point at cells, casefolded, as Excel compares them.

    Returns of one template that were saved by one program share one object, so that what follows
    from their names is worked out once.
    """

    ranges: Mapping[str, NamedRange] = field(default_factory=dict)

    @cached_property
    def answered(self) -> frozenset[str]:
        """Sheets that names of input cells point at; those names begin with a data set's code."""
        return frozenset(
            target.sheet for name, target in self.ranges.items() if not name.startswith("_")
        )

    def get(self, name: str) -> NamedRange | None:
        """Tell where a casefolded name points."""
        return self.ranges.get(name)


def read_names(xml: str) -> DefinedNames:
    """Read the defined names in the text of workbook.xml; names of single sheets are left out."""
    start, end = xml.find("<definedNames"), xml.rfind("</definedNames>")
    block = xml[start:end] if 0 <= start < end else xml
    return _read(block) if len(block) < _CACHED else _read.__wrapped__(block)


@lru_cache(maxsize=32)
def _read(block: str) -> DefinedNames:
    names: dict[str, NamedRange] = {}
    for name, quoted, plain, column, row, last_column, last_row in _PLAIN_NAME.findall(block):
        start = (int(row) - 1, column_index(column))
        end = (int(last_row) - 1, column_index(last_column)) if last_row else start
        names[name.casefold()] = NamedRange(quoted or plain, start, end)
    for tag, content in _NAME.findall(_PLAIN_NAME.sub("", block)):
        attributes = attributes_of(tag)
        target = _RANGE.fullmatch(_unescape(content))
        if target is None or "localSheetId" in attributes:
            continue
        first = parse_a1(target.group("first"))
        last = parse_a1(target.group("last") or target.group("first"))
        sheet = target.group("plain") or target.group("quoted").replace("''", "'")
        if first is not None and last is not None:
            names[attributes.get("name", "").casefold()] = NamedRange(sheet, first, last)
    return DefinedNames(names)


def attributes_of(tag: str) -> dict[str, str]:
    """Read the attributes of a tag without prefixes; only the predefined entities are known."""
    return {
        name.rpartition(":")[2]: _unescape(double or single)
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    for entity, letter in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{entity};", letter)
    return re.sub(r"&#(x?)([0-9A-Fa-f]{1,6});", _character, text)


def _character(match: re.Match[str]) -> str:
    code = int(match.group(2), 16 if match.group(1) else 10)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group(0)


def carries_no_answers(sheet: str, names: DefinedNames) -> bool:
    """Tell whether a sheet is one of a template that no unit answers on: guidance, live checks.

    A sheet of such a name that an input cell's name points at is read all the same.
    """
    if sheet not in WITHOUT_ANSWERS and (not sheet.startswith("_") or sheet == STAMP_SHEET):
        return False
    return sheet not in names.answered
