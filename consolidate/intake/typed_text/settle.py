"""Answers that can be read in two ways, settled by how the file writes its other numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from consolidate.intake.typed_text.convention import convention_of
from consolidate.model.datasets import Library, ValueType
from consolidate.model.number_words import Convention
from consolidate.model.returns import Return
from consolidate.xlsx.read.grid import Workbook


def settled(book: Workbook, content: Return, library: Library) -> Workbook | None:
    """The workbook with its convention known; ``None`` when nothing is open or nothing settles it.

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
