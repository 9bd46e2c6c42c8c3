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
from typing import NamedTuple

from consolidate.model.corrections import (
    Adjustment,
    Correction,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.model.text import name_key


class Rest(NamedTuple):
    """What a row says beside its period and its figure, as far as that can be compared.

    ``unit`` as :func:`name_key` gives it; ``what`` is the row of an open table (0 for a fixed one)
    or the rule of a waiver; ``end`` is the last day.
    """

    unit: str
    what: int | str
    value: str
    author: str
    on: date
    reason: str
    document: str
    end: date | None


def rest_of(item: Correction) -> Rest:
    """Tell what a row of a correction says beside its period and its figure."""
    signed = item.author, item.on, item.reason, item.document
    if isinstance(item, Waiver):
        return Rest(name_key(item.unit), item.rule, "", *signed, item.last)
    return Rest(name_key(item.unit), item.key.row, item.value, *signed, item.last)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """What could be understood of a row of the workbook that cannot be applied.

    ``None`` and ``""`` stand for what could not.
    ``about`` is the key of the figure of an adjustment, the rule of a waiver. ``problems`` says
    what to mend. ``rest`` is what else it says, known and unknown names alike; ``None`` when that
    cannot be told.
    """

    number: int
    kind: CorrectionKind
    period: Period | None = None
    unit: str = ""
    about: ValueKey | str | None = None
    problems: tuple[Reason, ...] = ()
    rest: Rest | None = None

    def may_be(self, item: Correction) -> bool:
        """Tell whether it may be the row of a correction, as far as it could be understood."""
        here, there = self.period, item.period
        return (
            item.kind is self.kind
            and (here is None or there is None or here.same_round(there))
            and self.unit in ("", item.unit)
            and self.about in (None, item.about)
        )


ADJUSTED = because("kept.adjustments.sheet")
WAIVED = because("kept.waivers.sheet")
"""The sheets, as reasons call them."""
SHEETS = {CorrectionKind.ADJUSTMENT: ADJUSTED, CorrectionKind.WAIVER: WAIVED}


@dataclass(frozen=True, slots=True)
class CorrectionsBook:
    """What the rows of the workbook say, each with its number; ids are still ``""``.

    ``rows`` are adjustments, then waivers. ``broken`` are the rows that cannot be applied.
    ``history`` says which rows are read as what was recorded (``corrections_plan.with_history``).
    """

    rows: tuple[tuple[int, Correction], ...] = ()
    broken: tuple[BrokenRow, ...] = ()
    history: tuple[Reason, ...] = ()

    @property
    def problems(self) -> tuple[Reason, ...]:
        """What to mend before any of it may be applied: rows, then pairs of rows."""
        return (*(problem for row in self.broken for problem in row.problems), *self._overlaps())

    def _overlaps(self) -> Iterator[Reason]:
        """List rows about one thing whose terms meet: nobody could say which of them holds."""
        for index, (number, item) in enumerate(self.rows):
            about, end = (item.kind, item.unit, item.about), item.last or date.max
            for first, other in self.rows[:index]:
                met = max(item.on, other.on) <= min(end, other.last or date.max)
                periods = {item.period, other.period}
                alike = (other.kind, other.unit, other.about) == about
                if alike and met and (len(periods) == 1 or None in periods):
                    sheet = SHEETS[item.kind]
                    yield because("corrections.twice", sheet=sheet, row=number, first=first)
                    break


def with_history(book: CorrectionsBook, standing: Corrections, library: Library) -> CorrectionsBook:
    """Return the workbook with rows that repeat standing corrections read as these.

    ``history`` of the result says which rows these are.

    A row whose indicator the definitions no longer have is told by all that it says beside; where
    as many such rows as corrections say the same, they are each other's, else none is.
    """
    read = {item for _, item in book.rows}
    free: dict[object, list[Correction]] = {}
    for item in standing.items:
        if replace(item, id="") not in read:
            free.setdefault(_says_today(item, library), []).append(item)
    broken: dict[object, list[BrokenRow]] = {}
    for row in book.broken:
        if row.rest is not None:
            about = row.about if row.kind is CorrectionKind.ADJUSTMENT else None
            broken.setdefault((row.kind, row.period, about, row.rest), []).append(row)
    told: dict[tuple[CorrectionKind, int], Correction] = {}
    for said, alike in broken.items():
        items = free.get(said, [])
        if len(items) == len(alike):
            told |= {(row.kind, row.number): item for row, item in zip(alike, items, strict=True)}
    rows = [*book.rows, *((number, replace(item, id="")) for (_, number), item in told.items())]
    return CorrectionsBook(
        tuple(sorted(rows, key=lambda row: (row[1].kind, row[0]))),
        tuple(row for row in book.broken if (row.kind, row.number) not in told),
        tuple(
            because("corrections.history", sheet=SHEETS[kind], row=number, id=item.id)
            for (kind, number), item in told.items()
        ),
    )


def _says_today(item: Correction, library: Library) -> object:
    """Tell what a row of this correction says today, as far as today's definitions have it."""
    known = False
    if isinstance(item, Adjustment):
        data_set = library.at(item.period).by_code.get(item.key.data_set)
        element = data_set.by_code.get(item.key.element) if data_set is not None else None
        column = item.key.column
        known = element is not None and (not column or column in element.columns)
    return item.kind, item.period, item.about if known else None, rest_of(item)


_PREFIXES = {CorrectionKind.ADJUSTMENT: "DC", CorrectionKind.WAIVER: "MT"}
_DIGITS = 8
_LOCKED = {
    CorrectionKind.ADJUSTMENT: ("corrections.locked", "corrections.locked_gone"),
    CorrectionKind.WAIVER: ("corrections.locked_waiver", "corrections.locked_waiver_gone"),
}
"""Why a row cannot be applied, and why a correction cannot end, in a locked round."""

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
    removed: tuple[Correction, ...]
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
    gone = {replace(item, id=""): item for item in on_record.unrevoked().items}
    taken = {item.id for item in on_record.items}
    added: list[tuple[int, Correction]] = []
    kept = 0
    for number, item in book.rows:
        if gone.pop(item, None) is not None:
            kept += 1
            continue
        named = replace(item, id=_new_id(item, taken))
        taken.add(named.id)
        added.append((number, named))
    instead = {_about(item): item for _, item in added}
    removed, ends = [], []
    for item in gone.values():
        other, said = instead.get(_about(item)), ending
        if other is not None:
            reason = ending.replaced.format(id=other.id, reason=other.reason)
            said = Ending(other.author, ending.on, reason, other.document)
        elif not any(row.may_be(item) for row in book.broken):
            removed.append(item)
        told = said.author, said.on, said.reason, said.document
        ends.append(Revocation(item.kind, item.id, *told))
    problems = (*book.problems, *_locked(book, added, removed, locked))
    new = Corrections.of((item for _, item in added), ends)
    return CorrectionsPlan(new, tuple(removed), kept, problems, book.history)


def _locked(
    book: CorrectionsBook,
    added: Iterable[tuple[int, Correction]],
    removed: Iterable[Correction],
    locked: Collection[Round],
) -> Iterator[Reason]:
    """List what would change a locked round, rows that cannot be applied anyway included."""
    rows = [(item.kind, number, item.period) for number, item in added]
    rows += [(row.kind, row.number, row.period) for row in book.broken]
    for kind, number, period in sorted(rows, key=lambda row: row[:2]):
        if period is not None and round_of(period) in locked:
            yield because(_LOCKED[kind][0], sheet=SHEETS[kind], row=number, period=period)
    for item in removed:
        if item.period is not None and round_of(item.period) in locked:
            key = _LOCKED[item.kind][1]
            yield because(key, id=item.id, unit=item.unit, period=item.period)


def round_of(period: Period) -> Round:
    """Return the reporting round of a period."""
    return period.year, period.type.round


def _about(item: Correction) -> object:
    return item.kind, item.period, item.unit, item.about


def _new_id(item: Correction, taken: Collection[str]) -> str:
    """Make a short name from what the row says, with a number when it was used before."""
    said = json.dumps(astuple(item), default=str, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]
    name = f"{_PREFIXES[item.kind]}-{digest}"
    number = 1
    while (shown := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return shown
