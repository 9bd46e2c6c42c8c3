"""From the workbook of corrections to what has to be recorded: added, revoked, left as it is.

The register only ever adds. A row that is new is added under an id of its own; a correction whose
row is gone is revoked; a row that was changed is both. A row that comes back after it was revoked
is a new correction, so that every step stays on record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import (
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.period import Period
from consolidate.register.corrections_book import CorrectionsBook

_PREFIXES = {CorrectionKind.ADJUSTMENT: "DC", CorrectionKind.WAIVER: "MT"}
_DIGITS = 8

Round = tuple[int, int]
"""Year and reporting round."""
_Item = TypeVar("_Item", Adjustment, Waiver)


@dataclass(frozen=True, slots=True)
class Ending:
    """Who answers for taking back the corrections whose rows are gone, since when and why."""

    author: str
    on: date
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionsPlan:
    """What applying the workbook does.

    ``new`` is what has to be recorded. ``removed`` are the corrections that are revoked because
    their rows are gone, with nothing in their place; ``kept`` is the number of rows on record
    already; ``problems`` says in Vietnamese why rows cannot be applied.
    """

    new: Corrections
    removed: tuple[Adjustment | Waiver, ...]
    kept: int
    problems: tuple[str, ...] = ()


def plan_corrections(
    book: CorrectionsBook, on_record: Corrections, locked: Collection[Round], ending: Ending
) -> CorrectionsPlan:
    """What has to be recorded so that the register says what the workbook says.

    ``locked`` are the rounds whose adjustments may not change. A correction that takes the place
    of another gives the reason of its revocation, ``ending`` that of the others.
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
    problems = [
        text(
            "corrections.locked",
            sheet=text("kept.adjustments.sheet"),
            row=number,
            period=item.period.label,
        )
        for number, item in adjusted.added
        if round_of(item.period) in locked
    ]
    problems += [
        text(
            "corrections.locked_gone",
            id=item.id,
            unit=item.unit,
            period=item.period.label,
        )
        for item in adjusted.removed
        if round_of(item.period) in locked
    ]
    return CorrectionsPlan(
        Corrections(
            tuple(item for _, item in adjusted.added),
            tuple(item for _, item in waived.added),
            (*adjusted.ends, *waived.ends),
        ),
        (*adjusted.removed, *waived.removed),
        adjusted.kept + waived.kept,
        tuple(problems),
    )


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
            reason = text("corrections.replaced", id=other.id, reason=other.reason)
            said = Ending(other.author, ending.on, reason, other.document)
        ends.append(Revocation(kind, item.id, said.author, said.on, said.reason, said.document))
    return _Compared(tuple(added), tuple(removed), tuple(ends), kept)


def _about(item: Adjustment | Waiver) -> object:
    if isinstance(item, Adjustment):
        return item.period, item.unit, item.key
    return item.rule, item.unit


def _new_id(kind: CorrectionKind, item: Adjustment | Waiver, taken: Collection[str]) -> str:
    """A short name that follows from what the row says, with a number when it was used before."""
    said = json.dumps(astuple(item), default=str, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]
    name = f"{_PREFIXES[kind]}-{digest}"
    number = 1
    while (shown := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return shown
