"""From the workbook of corrections to what has to be recorded: added, revoked, left as it is.

The register only ever adds. A row that is new is added under an id of its own; a correction whose
row is gone is revoked; a row that was changed is both. A row that comes back after it was revoked
is a new correction, so that every step stays on record.
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
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.province.corrections_book import ADJUSTED, WAIVED, CorrectionsBook

_PREFIXES = {CorrectionKind.ADJUSTMENT: "DC", CorrectionKind.WAIVER: "MT"}
_DIGITS = 8
_SAID_OF = {
    CorrectionKind.ADJUSTMENT: ("corrections.locked", ADJUSTED),
    CorrectionKind.WAIVER: ("corrections.locked_waiver", WAIVED),
}

Round = tuple[int, int]
"""Year and reporting round."""
_Item = TypeVar("_Item", Adjustment, Waiver)


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
    """What has to be recorded so that the register says what the workbook says.

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
    """The reporting round of a period."""
    return period.year, period.type.round


def unrevoked(corrections: Corrections) -> Corrections:
    """Corrections that nobody took back, whatever their term."""
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
