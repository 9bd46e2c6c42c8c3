"""Whether a placed return is accepted as it is or with findings; how later findings join it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from consolidate.model.findings import Finding, Severity, sorted_findings
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import Outcome, ReturnRecord

WITH_WAY_OUT = "memory.held"
"""Key of a ``reason`` together with the ``way_out``."""


def accepted(record: ReturnRecord, more: Iterable[Finding] = ()) -> ReturnRecord:
    """The record counted, with further findings and the reason that follows from all of them."""
    findings = sorted_findings((*record.findings, *more)) if more else record.findings
    severities = Counter(finding.severity for finding in findings)
    errors, warnings = severities[Severity.ERROR], severities[Severity.WARNING]
    if errors or warnings:
        outcome = Outcome.ACCEPTED_WITH_WARNINGS
        reason = because("identity.accepted_with", errors=errors, warnings=warnings)
    else:
        outcome, reason = Outcome.ACCEPTED, because("identity.accepted")
    return replace(record, outcome=outcome, reason=reason, findings=findings)


def way_out(rule: str, record: ReturnRecord) -> Reason:
    """What the province may do about a return that a rule holds: waive it for this round."""
    unit = record.unit.code if record.unit is not None else ""
    period = record.content.period if record.content is not None else None
    code = period.round_name.code if period is not None else "–"
    return because("memory.waive", rule=rule, unit=unit, period=code)
