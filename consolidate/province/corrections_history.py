"""Rows of the workbook of corrections that only repeat what was recorded long ago.

A row is held to the roster and the definitions of today when it is new or changed. One that still
says what is on record is history: its unit may have left since, its indicator or its rule may be
gone, and it stays as it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from consolidate.model.corrections import (
    Adjustment,
    CorrectionKind,
    Corrections,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import Library
from consolidate.model.reasons import because
from consolidate.province.corrections_book import (
    ADJUSTED,
    WAIVED,
    BrokenRow,
    CorrectionsBook,
    rest_of,
)

_SHEETS = {CorrectionKind.ADJUSTMENT: ADJUSTED, CorrectionKind.WAIVER: WAIVED}
_Item = TypeVar("_Item", Adjustment, Waiver)


def with_history(book: CorrectionsBook, standing: Corrections, library: Library) -> CorrectionsBook:
    """The workbook with rows that repeat standing corrections read as these.

    ``history`` of the result says which rows these are.

    A row whose indicator the definitions no longer have is told by all that it says beside; where
    as many such rows as corrections say the same, they are each other's, else none is.
    """
    adjusted = list(_repeated(CorrectionKind.ADJUSTMENT, book, standing.adjustments, library))
    waived = list(_repeated(CorrectionKind.WAIVER, book, standing.waivers, library))
    if not adjusted and not waived:
        return book
    told = {(row.kind, row.number): item.id for row, item in adjusted}
    told |= {(row.kind, row.number): item.id for row, item in waived}
    return CorrectionsBook(
        _by_row(book.adjustments, adjusted),
        _by_row(book.waivers, waived),
        tuple(row for row in book.broken if (row.kind, row.number) not in told),
        tuple(
            because("corrections.history", sheet=_SHEETS[kind], row=number, id=name)
            for (kind, number), name in told.items()
        ),
    )


def _repeated(
    kind: CorrectionKind, book: CorrectionsBook, standing: Iterable[_Item], library: Library
) -> Iterator[tuple[BrokenRow, _Item]]:
    read = {item for _, item in (*book.adjustments, *book.waivers)}
    free: dict[object, list[_Item]] = {}
    for item in standing:
        if replace(item, id="") not in read:
            free.setdefault(_said_by(item, library), []).append(item)
    rows: dict[object, list[BrokenRow]] = {}
    for row in book.broken:
        if row.kind is kind and row.rest is not None:
            about = row.about if kind is CorrectionKind.ADJUSTMENT else None
            rows.setdefault((row.period, about, row.rest), []).append(row)
    for said, alike in rows.items():
        items = free.get(said, [])
        if len(items) == len(alike):
            yield from zip(alike, items, strict=True)


def _said_by(item: Adjustment | Waiver, library: Library) -> object:
    """What a row of this correction says today, as far as today's definitions understand it."""
    if isinstance(item, Waiver):
        return item.period, None, rest_of(item)
    about = item.key if _known(item.key, library.at(item.period)) else None
    return item.period, about, rest_of(item)


def _known(key: ValueKey, library: Library) -> bool:
    data_set = library.by_code.get(key.data_set)
    element = data_set.by_code.get(key.element) if data_set is not None else None
    return element is not None and (not key.column or key.column in element.columns)


def _by_row(
    rows: Iterable[tuple[int, _Item]], more: Iterable[tuple[BrokenRow, _Item]]
) -> tuple[tuple[int, _Item], ...]:
    found: list[tuple[int, _Item]] = list(rows)
    found += [(row.number, replace(item, id="")) for row, item in more]
    found.sort(key=lambda pair: pair[0])
    return tuple(found)
