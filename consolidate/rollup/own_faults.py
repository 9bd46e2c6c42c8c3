"""Findings that are the province's own to settle: marked on each return, told once.

What most units have alike is taken for a fault of the form, of a rule or of the instruction, not of
the units: more than half of those that answered the form, and at least :data:`LEAST` of them. With
fewer, units may well have erred alike by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from consolidate.model.reasons import Finding, Ours, Severity
from consolidate.model.returns import ReturnRecord

LEAST = 3
"""Units that have a finding before it can be one that most units share."""
_Key = tuple[str, str, str, str]
"""Template, rule, data set and element."""


@dataclass(frozen=True, slots=True)
class OwnFault:
    """What the province has to settle, once for all units and elements that it shows in.

    ``record`` and ``finding`` are the first of them. ``units`` are codes, sorted; ``answered`` is
    the number of units whose returns of the same form count. ``elements`` are codes in the order of
    the findings: those of one form in which the same rule finds the same units at fault.
    """

    ours: Ours
    record: ReturnRecord
    finding: Finding
    units: tuple[str, ...]
    answered: int
    elements: tuple[str, ...]


def of_ours(record: ReturnRecord, findings: Iterable[Finding], why: Ours) -> ReturnRecord:
    """Mark some findings of a record as the province's."""
    return replace(record, ours={**dict.fromkeys(findings, why), **record.ours})


def with_shared(records: Sequence[ReturnRecord]) -> tuple[ReturnRecord, ...]:
    """Mark the findings that most units share; others keep their marks.

    Only returns that count are asked whether most have it; a held or rejected one may have it too.
    """
    having: dict[_Key, set[str]] = {}
    for at, finding, key, unit in _asked(records):
        if records[at].outcome.counted and finding not in records[at].ours:
            having.setdefault(key, set()).add(unit)
    answered = _answered(records)
    shared = {
        key
        for key, units in having.items()
        if len(units) >= LEAST and 2 * len(units) > _of(answered, key)
    }
    marked: dict[int, list[Finding]] = {}
    for at, finding, key, _ in _asked(records) if shared else ():
        if key in shared:
            marked.setdefault(at, []).append(finding)
    return tuple(
        of_ours(record, marked[at], Ours.SHARED) if at in marked else record
        for at, record in enumerate(records)
    )


def own_faults(records: Sequence[ReturnRecord]) -> tuple[OwnFault, ...]:
    """List what the province has to settle, errors first, then in the order of the files."""
    first: dict[tuple[Ours, _Key], tuple[ReturnRecord, Finding]] = {}
    units: dict[tuple[Ours, _Key], set[str]] = {}
    for at, finding, key, unit in _asked(records):
        why = records[at].ours.get(finding)
        if why is not None:
            first.setdefault((why, key), (records[at], finding))
            units.setdefault((why, key), set()).add(unit)
    alike: dict[tuple[Ours, str, str, str, tuple[str, ...]], list[tuple[Ours, _Key]]] = {}
    for fault in first:
        why, (template, rule, data_set, _) = fault
        having = tuple(sorted(units[fault]))
        alike.setdefault((why, template, rule, data_set, having), []).append(fault)
    answered = _answered(records)
    found = [
        OwnFault(
            told[0],
            *first[each[0]],
            told[-1],
            _of(answered, each[0][1]),
            tuple(element for _, (*_, element) in each),
        )
        for told, each in alike.items()
    ]
    return tuple(sorted(found, key=lambda item: item.finding.severity.rank))


def _asked(records: Iterable[ReturnRecord]) -> Iterator[tuple[int, Finding, _Key, str]]:
    """Errors and warnings of returns whose unit is known, by place, each with its key and unit."""
    for at, record in enumerate(records):
        if record.content is not None and record.unit is not None:
            for finding in record.findings:
                if finding.severity is not Severity.INFO:
                    place = (finding.rule, finding.data_set, finding.element)
                    yield at, finding, (record.content.template, *place), record.unit.code


def _answered(records: Iterable[ReturnRecord]) -> dict[tuple[str, str], set[str]]:
    """Units whose returns count, by template and data set, ``""`` for the whole return."""
    found: dict[tuple[str, str], set[str]] = {}
    for record in records:
        if record.content is None or record.unit is None or not record.outcome.counted:
            continue
        for code in ("", *(part.code for part in record.content.data_sets)):
            found.setdefault((record.content.template, code), set()).add(record.unit.code)
    return found


def _of(answered: dict[tuple[str, str], set[str]], key: _Key) -> int:
    """Units that answered the form of a finding; the whole return for one about its cover."""
    template, _, data_set, _ = key
    form = (template, data_set)
    return len(answered.get(form if form in answered else (template, ""), ()))
