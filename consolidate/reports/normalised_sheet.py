"""The list of values that were understood otherwise than typed, and how."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.values import DataValue
from consolidate.reports.book import Book
from consolidate.reports.captions import caption, say
from consolidate.reports.flat import FlatCell, FlatColumn, write_flat
from consolidate.reports.plan import stamp_overall

_COLUMNS = (
    ("number", 5.5, ("center",)),
    ("unit", 22, ()),
    ("file", 25, ("small",)),
    ("sheet", 9, ("center",)),
    ("cell", 7.5, ("center",)),
    ("element", 20, ()),
    ("raw", 26, ()),
    ("used", 14, ()),
    ("kind", 32, ()),
)


def write_normalised(book: Book) -> None:
    """Fill the sheet with every normalised value of the files that count."""
    columns = [
        FlatColumn(text(f"summary.normalised.{key}"), width, traits)
        for key, width, traits in _COLUMNS
    ]
    write_flat(
        book,
        book.plan.normalised,
        (text("summary.normalised.title"),),
        stamp_overall(book.result),
        columns,
        _rows(book),
        empty=text("summary.normalised.none"),
    )


def _rows(book: Book) -> Iterator[tuple[FlatCell, ...]]:
    number = 0
    for record in book.result.records:
        if record.content is None or not record.outcome.counted:
            continue
        name = record.unit.name if record.unit is not None else text("summary.no_unit")
        changed = (value for value in record.content.values() if value.normalisation)
        # The figures of one answer, such as 26/26, stand in one row.
        for (cell, element, _), group in groupby(changed, key=_answer):
            values = list(group)
            first = values[0]
            number += 1
            yield (
                number,
                name,
                record.name,
                cell.sheet,
                cell.a1,
                caption(book.library, first.key.data_set, element, first.key.column),
                first.raw,
                "; ".join(say(value.value) for value in values),
                "; ".join(text(f"value.normalised.{step}") for step in first.normalisation),
            )


def _answer(value: DataValue) -> tuple[CellRef, str, tuple[str, ...]]:
    return value.cell, value.key.element, value.normalisation
