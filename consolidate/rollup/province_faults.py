"""Findings that are the province's own to settle: marked on each return, told once.

What most units have alike is taken for a fault of the form, of a rule or of the instruction, not of
the units: more than half of those that answered the form, and at least :data:`LEAST` of them. With
fewer, units may well have erred alike by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from consolidate.model.reasons import Finding, Ours, Severity
from consolidate.model.returns import ReturnRecord

LEAST = 3
"""Units that have a finding before it can be one that most units share."""
FaultKey = tuple[str, str, str, str]
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


def shared_faults(records: Sequence[ReturnRecord]) -> frozenset[FaultKey]:
    """Find what most units share of which it is not known already whose fault it is.

    Only returns that count are asked whether most have it; a held or rejected one may have it too.
    """
    having: dict[FaultKey, set[str]] = {}
    for record in records:
        if record.content is not None and record.unit is not None and record.outcome.counted:
            for finding in record.findings:
                if record.ours and finding in record.ours:
                    continue
                if finding.severity is not Severity.INFO:
                    place = (finding.rule, finding.data_set, finding.element)
                    key = (record.content.template, *place)
                    having.setdefault(key, set()).add(record.unit.code)
    answered = _answered(records) if having else {}
    return frozenset(
        key
        for key, units in having.items()
        if len(units) >= LEAST and 2 * len(units) > _of(answered, key)
    )


def own_faults(records: Sequence[ReturnRecord]) -> tuple[OwnFault, ...]:
    """List what the province has to settle, errors first, then in the order of the files."""
    first: dict[tuple[Ours, FaultKey], tuple[ReturnRecord, Finding]] = {}
    units: dict[tuple[Ours, FaultKey], set[str]] = {}
    for record in records:
        for finding, why in ((f, record.ours.get(f)) for f in record.findings):
            if why is None or record.content is None or record.unit is None:
                continue
            if finding.severity is not Severity.INFO:
                place = (finding.rule, finding.data_set, finding.element)
                key = (record.content.template, *place)
                first.setdefault((why, key), (record, finding))
                units.setdefault((why, key), set()).add(record.unit.code)
    alike: dict[tuple[Ours, str, str, str, tuple[str, ...]], list[tuple[Ours, FaultKey]]] = {}
    for fault in first:
        why, (template, rule, data_set, _) = fault
        having = tuple(sorted(units[fault]))
        alike.setdefault((why, template, rule, data_set, having), []).append(fault)
    answered = _answered(records) if alike else {}
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


def _answered(records: Iterable[ReturnRecord]) -> dict[tuple[str, str], set[str]]:
    """Units whose returns count, by template and data set, ``""`` for the whole return."""
    found: dict[tuple[str, str], set[str]] = {}
    for record in records:
        if record.content is None or record.unit is None or not record.outcome.counted:
            continue
        for code in ("", *(part.code for part in record.content.data_sets)):
            found.setdefault((record.content.template, code), set()).add(record.unit.code)
    return found


def _of(answered: dict[tuple[str, str], set[str]], key: FaultKey) -> int:
    """Units that answered the form of a finding; the whole return for one about its cover."""
    template, _, data_set, _ = key
    form = (template, data_set)
    return len(answered.get(form if form in answered else (template, ""), ()))
