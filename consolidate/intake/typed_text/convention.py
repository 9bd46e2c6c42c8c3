"""Tell how one file writes its numbers, from its answers that can be read in one way only.

``1.819`` alone is 1819 or 1,819. Beside ``6.150.000`` and ``1.556,3`` in the same file it is 1819;
beside ``969.4`` and ``1,819.5`` it is 1,819. Files with no such answer, or with both kinds, have
no convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from consolidate.model.datasets import Library, ValueType
from consolidate.model.returns import Return
from consolidate.model.text import Convention
from consolidate.xlsx.read.grid import Workbook

_NUMBER = re.compile(r"(?<![\w.,/-])(?>[0-9][0-9.,]*[0-9])(?![/-])")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_GROUPS_DECIMAL = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*(?!\1)([.,])[0-9]+")
_DECIMAL = re.compile(r"[0-9]+([.,])[0-9]+")
_LONGEST = 4000


def convention_of(answers: Iterable[tuple[str, ValueType]]) -> Convention:
    """Tell the convention of a file from its typed answers and their value types."""
    found = {mark for text, kind in answers for mark in _marks(text, kind)}
    return found.pop() if len(found) == 1 else Convention.NONE


def _marks(text: str, kind: ValueType) -> Iterable[Convention]:
    """Decimal marks that the numbers of one answer show beyond doubt."""
    if len(text) > _LONGEST or kind in (ValueType.DATE, ValueType.CHOICE, ValueType.MARK):
        return
    # In running text 5.1 may be the number of a section; a count has no decimals.
    decimals = kind.numeric and kind is not ValueType.COUNT
    for match in _NUMBER.finditer(text):
        number = match.group()
        if both := _GROUPS_DECIMAL.fullmatch(number):
            yield Convention(both.group(2))
        elif groups := _GROUPS.fullmatch(number):
            # One group is a thousand only where the answer must be whole.
            if number.count(groups.group(1)) > 1 or kind is ValueType.COUNT:
                yield Convention.COMMA if groups.group(1) == "." else Convention.DOT
        elif decimals and (decimal := _DECIMAL.fullmatch(number)):
            yield Convention(decimal.group(1))


def settled(book: Workbook, content: Return, library: Library) -> Workbook | None:
    """Set the convention of a workbook; ``None`` when no answer is ambiguous or nothing settles it.

    ``content`` is what the workbook said without a convention.
    """
    if not any(value.problem == "ambiguous" for value in content.values()):
        return None
    convention = convention_of(_typed(book, content, library))
    if convention is Convention.NONE:
        return None
    return replace(
        book, sheets=tuple(replace(sheet, convention=convention) for sheet in book.sheets)
    )


def _typed(book: Workbook, content: Return, library: Library) -> Iterator[tuple[str, ValueType]]:
    """Answers that are text, with the value types of their cells."""
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for value in content.values():
        typed = sheets[value.cell.sheet].get(value.cell.row, value.cell.column)
        if isinstance(typed, str):
            data_set = library.by_code[value.key.data_set]
            element = data_set.by_code[value.key.element]
            yield typed, data_set.type_of(element, value.key.column)
