"""Which file counts: duplicates, corrections and rivals of one unit, template and period.

The rule: byte-identical files of a unit count once: one that counts before one that is held, a
loose file before one in an archive, then the shortest name. Of several different files the one with
the highest "Lần gửi" on its cover counts and the others are superseded. Of files with the same
highest number that answer the same (one was only saved again) the one saved first counts; when
their answers differ all of them are held: nobody can tell which is right.

A file that the seal of the issue proves is asked before any without one, whatever number that has:
those without are duplicates where they answer the same, else held for a person to decide.

A later submission that holds only the corrected figures of an earlier one is held for a person to
decide (:mod:`~consolidate.identity.part_returns`), and replaces nothing until then.

A later submission that is held or cannot be read does not replace the one before it, and the one
that counts says so. What a file becomes never depends on the order of the inbox, nor, beyond the
choice among identical bytes, on what files are called.

The same figures of two units are no chance once there are enough of them (:data:`ENOUGH` figures
other than zero, :data:`DIFFERENT` different ones): one file was made from the other. Evidence tells
the original, asked in this order until one unit is left:

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
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from consolidate.identity.acceptance import accepted
from consolidate.identity.part_returns import Sent, answers_gone, why_part
from consolidate.identity.unit_names import file_claim, named_templates
from consolidate.model.corrections import UNSEALED
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.text import file_key
from consolidate.model.units import OrganisationUnit, Roster

ENOUGH = 6
"""Figures other than zero from which a return has a face of its own."""
DIFFERENT = 4
"""Different figures among them."""
_SURE = timedelta(hours=14)
"""By how much one workbook was saved before another at least: some programs write the time of the
place as that of Greenwich, and no place is further from it."""

Records = list[ReturnRecord]
_LAST = "~"
"""Sorts after every time of saving."""

Hold = Callable[[ReturnRecord, Reason], ReturnRecord]
"""What becomes of a return that something speaks against, with the reason."""
WITH_WAY_OUT = "memory.held"
"""Key of a ``reason`` together with the ``way_out``."""


def held(record: ReturnRecord, reason: Reason) -> ReturnRecord:
    """Hold a record for a reason."""
    return replace(record, outcome=Outcome.HELD, reason=reason)


def held_part(record: ReturnRecord, reason: Reason) -> ReturnRecord:
    """Hold a part of a return, with what a person may do."""
    ways = because("identity.part_ways")
    return held(record, because(WITH_WAY_OUT, reason=reason, way_out=ways))


@dataclass(frozen=True, slots=True)
class Sendings:
    """How several files of units are judged.

    ``library`` names what a later sending lacks, ``hold`` is asked about one that holds only a part
    and ``hold_copy`` about one that has another unit's figures (a province may have decided that it
    counts); ``sent_before`` gives what was counted last of a sending that is no longer in the
    inbox.
    """

    library: Library | None = None
    hold: Hold = held_part
    hold_copy: Hold = held
    sent_before: Callable[[ReturnRecord], Sent | None] | None = None


def decide(
    records: Iterable[ReturnRecord], roster: Roster | None = None, sendings: Sendings | None = None
) -> tuple[ReturnRecord, ...]:
    """Hold copies, then decide the outcome of files that another one of their unit outranks.

    Records come back by name. ``roster`` tells whose an unreadable file is by its name; without one
    the units of the other files are asked.
    """
    sendings, told = sendings or Sendings(), list(records)
    hold_copies(told, roster, sendings.hold_copy)
    ordered = sorted(told, key=lambda record: (file_key(record.name), record.path, record.member))
    decided = list(ordered)
    identical: dict[tuple[str, str], list[int]] = {}
    for at, record in enumerate(ordered):
        if record.content is not None:
            identical.setdefault((record.sha256, record.unit_code), []).append(at)
    originals: dict[int, int] = {}
    series: dict[tuple[str, str], list[int]] = {}
    for places in identical.values():
        first = min(places, key=lambda at: _rank(ordered[at]))
        originals |= {at: first for at in places if at != first}
        record = ordered[first]
        if record.outcome.counted and record.unit is not None and record.content is not None:
            series.setdefault((record.unit.code, record.content.template), []).append(first)
    for rivals in series.values():
        if len(rivals) == 1 and _revision(decided[rivals[0]]) < 2:
            continue
        changed = _outrank([decided[at] for at in rivals], sendings)
        for at, record in zip(rivals, changed, strict=True):
            decided[at] = record
    for at, first in originals.items():
        other = decided[first]
        key = "duplicate" if other.outcome.counted else "duplicate_uncounted"
        reason = because(f"identity.{key}", other=other.name)
        decided[at] = replace(ordered[at], outcome=Outcome.DUPLICATE, reason=reason)
    _say_what_is_later(decided, roster)
    return tuple(decided)


def hold_copies(
    records: list[ReturnRecord], roster: Roster | None = None, hold: Hold = held
) -> None:
    """Hold copies of another unit's figures, in place; note on originals that there are copies.

    ``hold`` is asked for every copy: a province may have decided that one counts.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, record in enumerate(records):
        content = record.content
        if content is None or record.unit is None:
            continue
        figures = [
            value.value
            for part in content.data_sets
            for value in part.values
            if isinstance(value.value, Decimal)
            and value.value
            and value.key.column not in (NUMERATOR, DENOMINATOR)
        ]
        if len(figures) >= ENOUGH and len(set(figures)) >= DIFFERENT:
            groups.setdefault((content.template, *figures), []).append(at)
    for places in groups.values():
        if len(places) < 2:
            continue
        alike: dict[tuple[object, ...], list[int]] = {}
        for at in places:
            content = records[at].content
            if content is not None:  # All questions alike, texts included.
                answers = tuple((v.key, v.value) for v in content.values() if v.value is not None)
                alike.setdefault(answers, []).append(at)
        for same in alike.values():
            if len(same) > 1:
                _tell(records, same, roster, hold)


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
            records[at] = hold(one, because("identity.copy_undecided", **_named(_first(others))))
        elif one.unit_code != original:
            first = _first(by_unit[original])
            records[at] = hold(one, because("identity.copy_of", **_named(first)))
        else:
            copies = [other for other in alike if other.unit_code != original]
            records[at] = _of_original(one, alike, copies, hold)


def _original(by_unit: dict[str, Records], roster: Roster | None) -> str | None:
    """Code of the unit whose figures they are, ``None`` when nothing tells."""
    left = list(by_unit)
    tests: tuple[Callable[[ReturnRecord], bool], ...] = (
        lambda one: one.sealed,
        lambda one: one.content is not None and bool(one.content.evidence.stamp_unit),
        lambda one: roster is not None and _claimed(one, roster) == (one.unit,),
    )
    for test in tests:
        left = [code for code in left if any(map(test, by_unit[code]))] or left
        if len(left) == 1:
            return left[0]
    saved = sorted((time, code) for code in left if (time := _saved(by_unit[code])) is not None)
    if len(saved) < len(left) or saved[1][0] - saved[0][0] < _SURE:
        return None
    return saved[0][1]


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


def _of_original(one: ReturnRecord, alike: Records, copies: Records, hold: Hold) -> ReturnRecord:
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
    notes = [Finding(key, Severity.INFO, because(key, **_named(copy))) for copy in copies]
    return accepted(one, notes) if notes else one


def _first(records: Records) -> ReturnRecord:
    """Return the record that a reason names: one that counts, with the shortest name."""
    return min(records, key=lambda r: (not r.outcome.counted, len(r.name), r.name))


def _named(record: ReturnRecord) -> dict[str, str]:
    """Return the file and the unit that a reason names."""
    return {"other": record.name, "unit": record.unit.name if record.unit is not None else ""}


def _rank(record: ReturnRecord) -> tuple[bool, bool, int, str, str, str]:
    """Of identical files the shortest name is the original: copies get "(1)" or "- Copy" added."""
    return (
        not record.outcome.counted,
        bool(record.member),
        len(record.name),
        file_key(record.name),
        record.path,
        record.member,
    )


def _outrank(rivals: list[ReturnRecord], sendings: Sendings) -> list[ReturnRecord]:
    """Rank the sendings of one return; first hold parts of an earlier one.

    Sendings are asked whether they are a part from the latest down to one that is whole. One
    without a seal beside one that has it is outranked whatever it holds.
    """
    judged = list(rivals)
    proven = any(record.sealed for record in rivals)
    asked = [at for at, record in enumerate(rivals) if record.sealed or not proven]
    for revision in sorted({_revision(rivals[at]) for at in asked}, reverse=True):
        last = [at for at in asked if _revision(rivals[at]) == revision]
        for at in last:
            judged[at] = _compared(rivals[at], rivals, sendings)
        if any(judged[at].outcome.counted for at in last):
            break
    left = [at for at, record in enumerate(judged) if record.outcome.counted]
    for at, record in zip(left, _ranked([judged[at] for at in left]), strict=True):
        judged[at] = record
    return judged


def _ranked(rivals: list[ReturnRecord]) -> list[ReturnRecord]:
    sealed = [record for record in rivals if record.sealed]
    if not sealed or len(sealed) == len(rivals):
        return _latest(rivals) if len(rivals) > 1 else rivals
    ranked = _latest(sealed)
    first = next((record for record in ranked if record.outcome.counted), ranked[0])
    decided = iter(ranked)
    return [next(decided) if one.sealed else _unproven(one, first) for one in rivals]


def _unproven(record: ReturnRecord, sealed: ReturnRecord) -> ReturnRecord:
    """Decide about a file without a seal beside one of its unit that has it."""
    if sealed.outcome.counted and _figures(record) == _figures(sealed):
        reason = because("identity.same_values", other=sealed.name)
        return replace(record, outcome=Outcome.DUPLICATE, reason=reason)
    reason = because("identity.unsealed_rival", other=sealed.name)
    told = because(WITH_WAY_OUT, reason=reason, way_out=way_out(UNSEALED, record))
    return replace(record, outcome=Outcome.HELD, reason=told)


def _compared(
    record: ReturnRecord, rivals: Sequence[ReturnRecord], sendings: Sendings
) -> ReturnRecord:
    """Hold a sending where only a part of the one before it is left."""
    content = record.content
    if content is None or content.revision < 2:
        return record
    now = _sent(record)
    earlier = [_sent(rival) for rival in rivals if _revision(rival) < content.revision]
    before = max(earlier, key=_extent, default=None)
    if before is None and sendings.sent_before is not None:
        before = sendings.sent_before(record)
    if before is None:
        return record
    reason = why_part(now, before, sendings.library)
    if reason is not None:
        return sendings.hold(record, reason)
    gone = answers_gone(now, before, sendings.library)
    return accepted(record, (gone,)) if gone is not None else record


def _sent(record: ReturnRecord) -> Sent:
    values = tuple(record.content.values()) if record.content is not None else ()
    return Sent(record.name, _revision(record), values)


def _extent(sent: Sent) -> tuple[int, int, str]:
    """Rank earlier sendings: the fullest is what may be lost; of equal ones the last."""
    told = sum(1 for value in sent.values if value.status is not ValueStatus.MISSING)
    return told, sent.revision, sent.name


def _latest(rivals: list[ReturnRecord]) -> list[ReturnRecord]:
    highest = max(map(_revision, rivals))
    winners = [record for record in rivals if _revision(record) == highest]
    first = min(winners, key=_by_content)
    same = all(_figures(record) == _figures(first) for record in winners)
    changed = []
    for record in rivals:
        if _revision(record) < highest:
            reason = because("identity.superseded", revision=highest, other=first.name)
            changed.append(replace(record, outcome=Outcome.SUPERSEDED, reason=reason))
        elif not same:
            other = next(winner.name for winner in winners if winner is not record)
            reason = because("identity.rivals", other=other)
            changed.append(replace(record, outcome=Outcome.HELD, reason=reason))
        elif record is first:
            changed.append(record)
        else:
            reason = because("identity.same_values", other=first.name)
            changed.append(replace(record, outcome=Outcome.DUPLICATE, reason=reason))
    return changed


def _by_content(record: ReturnRecord) -> tuple[str, str]:
    saved = record.content.evidence.saved if record.content is not None else ""
    return (saved or _LAST, record.sha256)


def _revision(record: ReturnRecord) -> int:
    return record.content.revision if record.content is not None else 0


def _figures(record: ReturnRecord) -> list[tuple[object, ...]]:
    """Tell what a return answers, wherever its cells are and however they were typed."""
    content = record.content
    if content is None:
        return []
    return [
        (content.window, part.code, window, value.key, value.value, value.status)
        for part in content.data_sets
        for window in (part.window.window if part.window else None,)
        for value in part.values
    ]


def _say_what_is_later(decided: list[ReturnRecord], roster: Roster | None) -> None:
    """Warn on each file that counts if a later one of its unit may be held or unreadable."""
    waiting = [r for r in decided if r.outcome in (Outcome.HELD, Outcome.UNREADABLE)]
    if not waiting:
        return
    if roster is None:
        units = dict.fromkeys(r.unit for r in decided if r.unit is not None)
        roster = Roster.of(units)
    owners = [(record, _owner(record, roster)) for record in waiting]
    templates = {r.content.template for r in decided if r.content is not None}
    by_owner: dict[str, list[ReturnRecord]] = {}
    for record, owner in owners:
        if owner:
            by_owner.setdefault(owner, []).append(record)
    for at, record in enumerate(decided):
        if not record.outcome.counted:
            continue
        others = by_owner.get(record.unit_code, ())
        later = [other for other in others if _is_later(other, record, templates)]
        if later:
            told = []
            for other in later:
                kind = "unreadable" if other.outcome is Outcome.UNREADABLE else "held"
                message = because(f"identity.later_{kind}", other=other.name)
                told.append(Finding(message.key, Severity.WARNING, message, found=other.name))
            decided[at] = accepted(record, told)


def _owner(record: ReturnRecord, roster: Roster) -> str:
    """Code of the unit that a file without an outcome of its own is from, as far as it tells."""
    if record.unit is not None:
        return record.unit.code
    named = _claimed(record, roster)
    return named[0].code if len(named) == 1 else ""


def _claimed(record: ReturnRecord, roster: Roster) -> tuple[OrganisationUnit, ...]:
    return file_claim(record.path, record.member, roster).units


def _is_later(waiting: ReturnRecord, counted: ReturnRecord, templates: set[str]) -> bool:
    """Tell whether a held or unreadable file may be a later submission of the one that counts."""
    other, own = waiting.content, counted.content
    if own is None:
        return False
    if other is None:
        if waiting.received and counted.received and waiting.received < counted.received:
            return False  # It came in on an earlier day.
        # All that is known is its name: it may say which template it is.
        named = named_templates(waiting.path, waiting.member, templates | {own.template})
        return own.template in named or not named
    same_period = other.period is None or other.period == own.period
    return other.template == own.template and same_period and other.revision > own.revision


def way_out(rule: str, record: ReturnRecord) -> Reason:
    """Say what the province may do about a held return: waive the rule for this round."""
    period = record.content.period if record.content is not None else None
    code = period.round_name.code if period is not None else "–"
    return because("memory.waive", rule=rule, unit=record.unit_code, period=code)
