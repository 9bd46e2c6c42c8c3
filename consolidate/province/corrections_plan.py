"""From the workbook of corrections to what has to be recorded: added, revoked, left as it is.

The register only ever adds. A row that is new is added under an id of its own; a correction whose
row is gone is revoked; a row that was changed is both. A row that comes back after it was revoked
is a new correction, so that every step stays on record.

A row is held to the roster and the definitions of today when it is new or changed. One that still
says what is on record is history: its unit may have left since, its indicator or its rule may be
gone, and it stays as it was recorded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from consolidate.model.corrections import (
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
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
    """Return the workbook with rows that repeat standing corrections read as these.

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
            free.setdefault(_says_today(item, library), []).append(item)
    rows: dict[object, list[BrokenRow]] = {}
    for row in book.broken:
        if row.kind is kind and row.rest is not None:
            about = row.about if kind is CorrectionKind.ADJUSTMENT else None
            rows.setdefault((row.period, about, row.rest), []).append(row)
    for said, alike in rows.items():
        items = free.get(said, [])
        if len(items) == len(alike):
            yield from zip(alike, items, strict=True)


def _says_today(item: Adjustment | Waiver, library: Library) -> object:
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


_PREFIXES = {CorrectionKind.ADJUSTMENT: "DC", CorrectionKind.WAIVER: "MT"}
_DIGITS = 8
_SAID_OF = {
    CorrectionKind.ADJUSTMENT: ("corrections.locked", ADJUSTED),
    CorrectionKind.WAIVER: ("corrections.locked_waiver", WAIVED),
}

Round = tuple[int, int]
"""Year and reporting round."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Who answers for taking back the corrections whose rows are gone, since when and why.

    ``replaced`` is the text of the reason of one that another takes the place of, with blanks for
    the ``id`` and the ``reason`` of the other: what is recorded is a text of the day.
    """

    author: str
    on: date
    reason: str
    document: str = ""
    replaced: str = "{id}: {reason}"


@dataclass(frozen=True, slots=True)
class CorrectionsPlan:
    """What applying the workbook does.

    ``new`` is what has to be recorded. ``removed`` are the corrections that are revoked because
    their rows are gone, with nothing in their place (none that a row with problems may be);
    ``kept`` is the number of rows on record already; ``problems`` says why rows cannot be applied,
    those of the workbook before those of locked rounds. ``history`` says which rows stay as they
    were recorded although no new row may say that today.
    """

    new: Corrections
    removed: tuple[Adjustment | Waiver, ...]
    kept: int
    problems: tuple[Reason, ...] = ()
    history: tuple[Reason, ...] = ()


def plan_corrections(
    book: CorrectionsBook, on_record: Corrections, locked: Collection[Round], ending: Ending
) -> CorrectionsPlan:
    """Tell what has to be recorded so that the register says what the workbook says.

    ``locked`` are the rounds whose adjustments and waivers may not change. A correction that takes
    the place of another gives the reason of its revocation, ``ending`` that of the others.
    """
    standing = unrevoked(on_record)
    adjusted = _compare(
        CorrectionKind.ADJUSTMENT,
        book.adjustments,
        standing.adjustments,
        on_record.adjustments,
        ending,
    )
    waived = _compare(
        CorrectionKind.WAIVER, book.waivers, standing.waivers, on_record.waivers, ending
    )
    removed: tuple[Adjustment | Waiver, ...] = (
        *_gone(CorrectionKind.ADJUSTMENT, adjusted.removed, book),
        *_gone(CorrectionKind.WAIVER, waived.removed, book),
    )
    return CorrectionsPlan(
        Corrections(
            tuple(item for _, item in adjusted.added),
            tuple(item for _, item in waived.added),
            (*adjusted.ends, *waived.ends),
        ),
        removed,
        adjusted.kept + waived.kept,
        (*book.problems, *_locked(book, adjusted.added, waived.added, removed, locked)),
        book.history,
    )


def _gone(kind: CorrectionKind, removed: Iterable[_Item], book: CorrectionsBook) -> Iterator[_Item]:
    """Those of the removed corrections that no row with problems may be the row of."""
    for item in removed:
        if not any(row.may_be(kind, item) for row in book.broken):
            yield item


def _locked(
    book: CorrectionsBook,
    adjusted: Iterable[tuple[int, Adjustment]],
    waived: Iterable[tuple[int, Waiver]],
    removed: Iterable[Adjustment | Waiver],
    locked: Collection[Round],
) -> Iterator[Reason]:
    """What would change a locked round, the rows that cannot be applied for other reasons too."""
    broken = [(row.kind, row.number, row.period) for row in book.broken]
    rows = [
        *((CorrectionKind.ADJUSTMENT, number, item.period) for number, item in adjusted),
        *((CorrectionKind.WAIVER, number, item.period) for number, item in waived),
        *broken,
    ]
    for kind, number, period in sorted(rows, key=lambda row: row[:2]):
        if period is not None and round_of(period) in locked:
            key, sheet = _SAID_OF[kind]
            yield because(key, sheet=sheet, row=number, period=period)
    for item in removed:
        if item.period is not None and round_of(item.period) in locked:
            waiver = isinstance(item, Waiver)
            key = "corrections.locked_waiver_gone" if waiver else "corrections.locked_gone"
            yield because(key, id=item.id, unit=item.unit, period=item.period)


def round_of(period: Period) -> Round:
    """Return the reporting round of a period."""
    return period.year, period.type.round


def unrevoked(corrections: Corrections) -> Corrections:
    """List corrections that nobody took back, whatever their term."""
    ended = {(end.kind, end.id) for end in corrections.revocations}
    return Corrections(
        tuple(
            item
            for item in corrections.adjustments
            if (CorrectionKind.ADJUSTMENT, item.id) not in ended
        ),
        tuple(
            item for item in corrections.waivers if (CorrectionKind.WAIVER, item.id) not in ended
        ),
    )


@dataclass(frozen=True, slots=True)
class _Compared(Generic[_Item]):
    """Rows beside what stands: added rows, items gone for good, all revocations, rows kept."""

    added: tuple[tuple[int, _Item], ...]
    removed: tuple[_Item, ...]
    ends: tuple[Revocation, ...]
    kept: int


def _compare(
    kind: CorrectionKind,
    rows: Iterable[tuple[int, _Item]],
    standing: Iterable[_Item],
    on_record: Iterable[_Item],
    ending: Ending,
) -> _Compared[_Item]:
    gone = {replace(item, id=""): item for item in standing}
    added: list[tuple[int, _Item]] = []
    kept = 0
    taken = {item.id for item in on_record}
    for number, item in rows:
        if gone.pop(item, None) is not None:
            kept += 1
            continue
        named = replace(item, id=_new_id(kind, item, taken))
        taken.add(named.id)
        added.append((number, named))
    instead = {_about(item): item for _, item in added}
    removed, ends = [], []
    for item in gone.values():
        other = instead.get(_about(item))
        if other is None:
            removed.append(item)
            said = ending
        else:
            reason = ending.replaced.format(id=other.id, reason=other.reason)
            said = Ending(other.author, ending.on, reason, other.document)
        ends.append(Revocation(kind, item.id, said.author, said.on, said.reason, said.document))
    return _Compared(tuple(added), tuple(removed), tuple(ends), kept)


def _about(item: Adjustment | Waiver) -> object:
    if isinstance(item, Adjustment):
        return item.period, item.unit, item.key
    return item.rule, item.unit, item.period


def _new_id(kind: CorrectionKind, item: Adjustment | Waiver, taken: Collection[str]) -> str:
    """A short name that follows from what the row says, with a number when it was used before."""
    said = json.dumps(astuple(item), default=str, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]
    name = f"{_PREFIXES[kind]}-{digest}"
    number = 1
    while (shown := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return shown
