"""The same figures twice: from two units, or from one unit for two periods.

Two units do not report the same figures by chance once there are enough of them (``ENOUGH``
figures other than zero, ``DIFFERENT`` different ones): one file was made from the other. Evidence
tells the original, asked in this order until one unit is left:

1. the seal of the issue proves the file;
2. the stamp of the issue names the unit;
3. the name of the file names the unit and no other;
4. the workbook was last saved before all the others, by fourteen hours or more.

The original counts, with a note that names the copy; the copies are held. Without evidence all of
them are held. Returns of zeros, and nearly empty ones, are alike for good reason and left alone.

Last period's file with a new date on it is found in the same way: of two periods of one unit with
the same figures the later one is held. A sealed return is never held for one without a seal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from consolidate.identity.acceptance import accepted
from consolidate.identity.name_claims import file_claim
from consolidate.identity.selection import Hold
from consolidate.model.data_values import DENOMINATOR, NUMERATOR
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Roster

ENOUGH = 6
"""Figures other than zero from which a return has a face of its own."""
DIFFERENT = 4
"""Different figures among them."""
_SURE = timedelta(hours=14)
"""By how much one workbook was saved before another at least: some programs write the time of the
place as that of Greenwich, and no place is further from it."""

Records = list[ReturnRecord]


def held(record: ReturnRecord, reason: Reason) -> ReturnRecord:
    """Hold a record for a reason."""
    return replace(record, outcome=Outcome.HELD, reason=reason)


def hold_copies(
    records: Iterable[ReturnRecord], roster: Roster | None = None, hold: Hold = held
) -> tuple[ReturnRecord, ...]:
    """Hold copies of another unit's figures; note on originals that there are copies.

    ``hold`` is asked for every copy: a province may have decided that one counts.
    """
    told = list(records)
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, record in enumerate(told):
        figures = _face(record)
        if figures:
            groups.setdefault(figures, []).append(at)
    for places in groups.values():
        if len(places) > 1:
            for same in _same_answers(told, places):
                _tell(told, same, roster, hold)
    return tuple(told)


def _face(record: ReturnRecord) -> tuple[object, ...]:
    """Figures other than zero, in form order; empty when there are too few to tell."""
    content = record.content
    if content is None or record.unit is None:
        return ()
    figures = [
        value.value
        for part in content.data_sets
        for value in part.values
        if isinstance(value.value, Decimal)
        and value.value
        and value.key.column not in (NUMERATOR, DENOMINATOR)
    ]
    if len(figures) < ENOUGH or len(set(figures)) < DIFFERENT:
        return ()
    return (content.template, *figures)


def _same_answers(records: Sequence[ReturnRecord], places: list[int]) -> list[list[int]]:
    """Places of records that answer every question alike, texts included."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for at in places:
        content = records[at].content
        if content is not None:
            answers = tuple((v.key, v.value) for v in content.values() if v.value is not None)
            alike.setdefault(answers, []).append(at)
    return [found for found in alike.values() if len(found) > 1]


def _tell(
    records: list[ReturnRecord], places: list[int], roster: Roster | None, hold: Hold
) -> None:
    """Decide about records with the same answers, in place."""
    alike = [records[at] for at in places]
    if not any(one.outcome.counted for one in alike):
        return
    by_unit: dict[str, Records] = {}
    for one in alike:
        by_unit.setdefault(one.unit_code, []).append(one)
    original = _original(by_unit, roster) if len(by_unit) > 1 else next(iter(by_unit))
    for at in places:
        one = records[at]
        if not one.outcome.counted:
            continue
        if original is None:
            others = [record for record in alike if record.unit_code != one.unit_code]
            records[at] = hold(one, because("identity.copy_undecided", **_told(_first(others))))
        elif one.unit_code != original:
            first = _first(by_unit[original])
            records[at] = hold(one, because("identity.copy_of", **_told(first)))
        else:
            copies = [other for other in alike if other.unit_code != original]
            records[at] = _kept(one, alike, copies, hold)


def _original(by_unit: dict[str, Records], roster: Roster | None) -> str | None:
    """Code of the unit whose figures they are, ``None`` when nothing tells."""
    left = list(by_unit)
    tests: tuple[Callable[[ReturnRecord], bool], ...] = (
        lambda one: one.sealed,
        _is_stamped,
        lambda one: _is_named(one, roster),
    )
    for test in tests:
        left = [code for code in left if any(map(test, by_unit[code]))] or left
        if len(left) == 1:
            return left[0]
    saved = sorted((time, code) for code in left if (time := _saved(by_unit[code])) is not None)
    if len(saved) < len(left) or saved[1][0] - saved[0][0] < _SURE:
        return None
    return saved[0][1]


def _is_stamped(record: ReturnRecord) -> bool:
    return record.content is not None and bool(record.content.evidence.stamp_unit)


def _is_named(record: ReturnRecord, roster: Roster | None) -> bool:
    if roster is None:
        return False
    return file_claim(record.path, record.member, roster).units == (record.unit,)


def _saved(records: Records) -> datetime | None:
    """When the first of some records was saved; a time without a zone is taken as UTC."""
    times = []
    for record in records:
        said = record.content.evidence.saved if record.content is not None else ""
        try:
            time = datetime.fromisoformat(said)
        except ValueError:
            continue
        times.append(time if time.tzinfo is not None else time.replace(tzinfo=UTC))
    return min(times, default=None)


def _kept(one: ReturnRecord, alike: Records, copies: Records, hold: Hold) -> ReturnRecord:
    """Judge a return of the unit whose figures they are: held if an earlier period has them."""
    own = one.content.period if one.content is not None else None
    for other in alike:
        earlier = other.content.period if other.content is not None else None
        if other.unit_code != one.unit_code or own is None or earlier is None:
            continue
        if one.sealed and not other.sealed:
            continue
        if (earlier.year, earlier.type.round) < (own.year, own.type.round):
            reason = because("identity.period_copy", other=other.name, period=earlier)
            return hold(one, reason)
    key = "identity.copied_by"
    notes = [Finding(key, Severity.INFO, because(key, **_told(copy))) for copy in copies]
    return accepted(one, notes) if notes else one


def _first(records: Records) -> ReturnRecord:
    """Return the record that a reason names: one that counts, with the shortest name."""
    return min(records, key=lambda r: (not r.outcome.counted, len(r.name), r.name))


def _told(record: ReturnRecord) -> dict[str, str]:
    """Return the file and the unit that a reason names."""
    return {"other": record.name, "unit": record.unit.name if record.unit is not None else ""}
