"""Accept, hold or reject one file by itself: its owner, its round, its form, its answers.

What other files of the inbox change about that is decided after this
(:mod:`~consolidate.identity.selection_and_duplicates`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from consolidate.checks.sheet_checks import check_structure
from consolidate.identity.placement import Placement, place
from consolidate.identity.unit_names import file_claim
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import DataElement, Library, Shape
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, because, sorted_findings
from consolidate.model.returns import (
    Anomaly,
    FileReading,
    Outcome,
    Return,
    ReturnRecord,
    writable_name,
)
from consolidate.model.units import Roster, UnitKind

_ABSENT = "structure.sheet_missing"


def first_outcome(
    reading: FileReading, period: Period, roster: Roster | None, definitions: Library
) -> ReturnRecord:
    """Give one file of an inbox its unit, period and outcome, as if it were the only one.

    ``period`` is the round that is merged. A file is held or rejected, with the reason,
    where its owner or period is ambiguous, its form is not in force, or its figures have no place.
    """
    content, findings = reading.content, reading.findings
    record = ReturnRecord(
        path=writable_name(reading.path),
        member=writable_name(reading.member),
        sha256=reading.sha256,
        size=reading.size,
        outcome=reading.outcome or Outcome.UNREADABLE,
        reason=reading.reason,
        content=content,
        findings=findings,
    )
    if content is None:
        return _by_name(record, period, roster)
    pack = definitions.packs.by_code[content.pack]
    placed = place(content, roster, reading.path, reading.member, pack.template.recipient)
    dated = placed.period
    if dated is not None and any(dated.type in form.periods for form in pack.data_sets):
        dated = pack.period_for(dated) or dated  # One of nine months may name the third quarter.
    if dated is not None and dated != content.period:
        content = replace(content, period=dated)
    if placed.findings:
        findings = sorted_findings((*findings, *placed.findings))
    unit, own = placed.unit, content.period
    record = replace(record, unit=unit, content=content, findings=findings)
    why = _why_not(content, placed, period, pack, definitions)
    if why is not None:
        outcome, reason, alone = why
        findings = placed.findings if alone else findings
        return replace(record, outcome=outcome, reason=reason, findings=findings)
    if roster is None or unit is None or own is None:
        return accepted(record)
    # Units of some kinds owe fewer tables than the template has: none of the others is missed.
    owed = definitions.pack_of[content.template].owed(unit.kind, own)
    kept = [f for f in findings if f.rule != _ABSENT or f.data_set in owed]
    expected = definitions.owes(content.template, unit, own)
    # A template made for another unit may lack what this one owes.
    told = {f.data_set for f in kept} | {item.code for item in content.data_sets}
    had = definitions.of_pack(content.pack, content.round, content.definition).by_code
    codes = [code for code in (owed if expected else ()) if code not in told and code in had]
    lacking = [definitions.by_code[code] for code in codes]
    absent = tuple(Anomaly("sheet_missing", d.code, expected=d.sheet) for d in lacking)
    kept += check_structure(replace(content, anomalies=absent), definitions)
    if not expected:
        key = "identity.not_expected"
        kept.append(Finding(key, Severity.INFO, because(key)))
    return accepted(replace(record, findings=sorted_findings(kept)))


def _why_not(
    content: Return, placed: Placement, period: Period, pack: Pack, definitions: Library
) -> tuple[Outcome, Reason | None, bool] | None:
    """Find what keeps a file from counting, ``None`` for nothing.

    Outcome, reason, and whether the reason stands for all that was found in the file.
    """
    serving, held = definitions.pack_of.get(content.template), Outcome.HELD
    expected = (serving or pack).period_for(period)
    nobody, blank = because("identity.nobody"), because("identity.blank")
    if serving is not pack and content.period is None and placed.reason in (nobody, None):
        # Whatever its cover is made to say: another form is due.
        return held, _other_pack(pack, serving, expected or period), True
    if placed.unit is None or placed.reason:
        # A blank form that was typed anew and is nobody's is no report.
        typed = not content.version and placed.reason == nobody
        if typed and why_not_received(content, pack) == blank:
            return Outcome.NOT_A_REPORT, because("identity.blank_form"), True
        return held, placed.reason, False
    silent = content.evidence.silent
    unsaid = because("identity.silent_table", sheets=silent)
    if content.period is None:
        return held, unsaid if silent else because("identity.no_period"), False
    if not content.period.same_round(period) or (serving is pack and content.period != expected):
        issued = bool(content.evidence.stamp_period)  # Its cover cannot be mended: it is sealed.
        key = "identity.other_issue" if issued else "identity.other_period"
        return held, because(key, found=content.period, expected=expected or period), False
    if serving is not pack:
        # What is missing on a form that is not in force says nothing: another form is due.
        return held, _other_pack(pack, serving, expected or period), True
    mixed = tuple(a.found for a in content.anomalies if a.kind == "mixed_packs")
    if mixed:
        return held, because("identity.mixed_packs", sheets=mixed, form=pack.legal_basis), True
    if silent:
        return held, unsaid, False
    untold = next((a for a in content.anomalies if a.kind == "figure_columns"), None)
    if untold is not None:
        said = {"sheet": untold.cells[0].sheet, "found": untold.found}
        return Outcome.REJECTED, because("identity.figure_columns", **said), False
    if not content.data_sets:
        return Outcome.REJECTED, because("identity.no_data"), False
    lost = why_not_received(content, pack, placed.unit.kind)
    # Every cell of a blank form would be a finding: one sentence says it all.
    return None if lost is None else (Outcome.REJECTED, lost, lost == blank)


def _other_pack(pack: Pack, serving: Pack | None, period: Period) -> Reason:
    """Explain that a return is on a form that does not serve its period."""
    told: dict[str, str | date | Period] = {"form": pack.legal_basis, "period": period}
    if serving is None:
        return because("identity.no_pack", **told)
    key = "old_pack" if pack.serves_from < serving.serves_from else "new_pack"
    ended, begun = pack.serves_to or period.last_day, pack.serves_from
    told |= {"ended": ended, "begun": begun, "expected": serving.legal_basis}
    return because(f"identity.{key}", **told)


def _by_name(record: ReturnRecord, period: Period, roster: Roster | None) -> ReturnRecord:
    """Give a file in which nothing could be read the one unit that its name names.

    It counts for nothing; the unit is known to have sent something, unless the name says that it is
    about another round.
    """
    if roster is None:
        return record
    claim = file_claim(record.path, record.member, roster)
    if len(claim.units) != 1 or (claim.period is not None and not period.same_round(claim.period)):
        return record
    (unit,) = claim.units
    reason = because("identity.by_file_name", reason=record.reason or "", unit=unit.name)
    return replace(record, unit=unit, reason=reason)


def accepted(record: ReturnRecord, more: Iterable[Finding] = ()) -> ReturnRecord:
    """Count a record, with further findings and the reason that follows from all of them."""
    findings = sorted_findings((*record.findings, *more)) if more else record.findings
    severities = Counter(finding.severity for finding in findings)
    errors, warnings = severities[Severity.ERROR], severities[Severity.WARNING]
    if errors or warnings:
        outcome = Outcome.ACCEPTED_WITH_WARNINGS
        reason = because("identity.accepted_with", errors=errors, warnings=warnings)
    else:
        outcome, reason = Outcome.ACCEPTED, because("identity.accepted")
    return replace(record, outcome=outcome, reason=reason, findings=findings)


def why_not_received(
    content: Return, pack: Pack, kind: UnitKind = UnitKind.UNKNOWN
) -> Reason | None:
    """Say why a return counts as not received; ``None`` when it does count.

    Blank: no cell of any table was filled in; what the form itself says (x in rows that do not
    concern the unit, rows of earlier periods that a cumulative list is issued with) is no answer.
    Lost: of the first table of the pack that a ``kind`` of unit owes, a fixed one, no figure could
    be read though others are there.
    """
    forms = {form.code: form for form in pack.forms(0)}
    quarters = {forms[part.code].form for part in content.data_sets if forms[part.code].quarter}
    owed = pack.owed(kind, content.period) if content.period is not None else ()
    asked = {forms[code].form for code in owed}
    main = next((form for form in pack.data_sets if form.code in asked), pack.data_sets[0])
    answered = there = own = read = False
    for part in content.data_sets:
        form = forms[part.code]
        there = there or form.form == main.code
        if not form.quarter and form.shape is not Shape.FIXED and form.form in quarters:
            continue
        for value in part.values:
            if value.status is ValueStatus.MISSING:
                continue
            element = form.by_code.get(value.key.element)
            of_form = isinstance(element, DataElement) and bool(element.applies_to)
            if value.status is ValueStatus.NOT_APPLICABLE and of_form:
                continue  # It is the form that says x: it does not concern every kind of unit.
            answered = True
            own = own or form.form == main.code
            if form.form != main.code or value.status is not ValueStatus.INVALID:
                read = read or form.form == main.code
                break  # This answer says enough of its table.
    if not answered:
        return because("identity.blank")
    if main.shape is Shape.FIXED and (not there or (own and not read)):
        return because("identity.no_main_table", form=main.short_title)
    return None
