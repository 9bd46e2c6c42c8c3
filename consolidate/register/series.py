"""Which file counts: duplicates, corrections and rivals of one unit, template and period.

The rule: byte-identical files count once, the one with the shortest name; of several different
files the one with the highest "Lần gửi" on its cover counts and the others are superseded. Of files
with the same highest number that answer the same (one was only saved again) one counts; when their
answers differ all of them are held: nobody can tell which is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from consolidate.definitions.catalogue import text
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.text import file_key


def decide(records: Iterable[ReturnRecord]) -> tuple[ReturnRecord, ...]:
    """The same records in file order, with the outcome of those that a sibling outranks."""
    ordered = sorted(records, key=lambda record: (file_key(record.name), record.name))
    decided: dict[str, ReturnRecord] = {}
    # Of identical files the shortest name is the original: copies get "(1)" or "- Copy" added.
    first_by_digest: dict[str, str] = {}
    for record in sorted(ordered, key=lambda record: len(record.name)):
        first_by_digest.setdefault(record.sha256, record.name)
    series: dict[tuple[str, str], list[ReturnRecord]] = {}
    for record in ordered:
        if record.content is None:
            decided[record.name] = record
            continue
        twin = first_by_digest[record.sha256]
        if twin != record.name:
            reason = text("identity.duplicate", other=twin)
            decided[record.name] = replace(record, outcome=Outcome.DUPLICATE, reason=reason)
            continue
        decided[record.name] = record
        if record.outcome.counted and record.unit is not None:
            series.setdefault((record.unit.code, record.content.template), []).append(record)
    for rivals in series.values():
        if len(rivals) > 1:
            for record in _outrank(rivals):
                decided[record.name] = record
    return tuple(decided[record.name] for record in ordered)


def _outrank(rivals: list[ReturnRecord]) -> list[ReturnRecord]:
    revisions = [record.content.revision if record.content else 0 for record in rivals]
    highest = max(revisions)
    winners = [
        record for record, revision in zip(rivals, revisions, strict=True) if revision == highest
    ]
    first = min(winners, key=lambda record: len(record.name))
    same = all(_figures(record) == _figures(first) for record in winners)
    changed = []
    for record, revision in zip(rivals, revisions, strict=True):
        if revision < highest:
            reason = text("identity.superseded", revision=highest, other=first.name)
            changed.append(replace(record, outcome=Outcome.SUPERSEDED, reason=reason))
        elif same and record is not first:
            reason = text("identity.same_values", other=first.name)
            changed.append(replace(record, outcome=Outcome.DUPLICATE, reason=reason))
        elif not same:
            other = next(winner.name for winner in winners if winner is not record)
            reason = text("identity.rivals", other=other)
            changed.append(replace(record, outcome=Outcome.HELD, reason=reason))
    return changed


def _figures(record: ReturnRecord) -> list[tuple[object, ...]]:
    """What a return answers, wherever its cells are and however they were typed."""
    content = record.content
    if content is None:
        return []
    return [
        (
            content.window,
            part.code,
            part.window.window if part.window else None,
            value.key,
            value.value,
            value.status,
        )
        for part in content.data_sets
        for value in part.values
    ]
