"""Do the sheets of one return agree? The data window of every form against the report's own."""

from __future__ import annotations

from consolidate.checks.context import CheckContext
from consolidate.model.findings import Finding, Severity
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.values import ValueStatus


def check_windows(content: Return, context: CheckContext) -> list[Finding]:
    """A window other than the report's is a sheet left over from an earlier report.

    The report's window is that of the cover; without one, that of its first form.
    """
    lined = [part for part in content.data_sets if part.window is not None]
    windows = [part.window.window for part in lined if part.window and part.window.window]
    asked = content.window or (windows[0] if windows else None)
    days = [v for v in content.cover.values if v.key.element in ("window_from", "window_to")]
    mistyped = any(day.status is ValueStatus.INVALID for day in days)  # It has its own finding.
    findings = []
    for part in lined:
        line = part.window
        if line is None or not line.raw:
            continue
        if line.window is None:
            if not mistyped and any(letter.isdigit() for letter in line.raw):
                findings.append(_finding(part, "window_unreadable", Severity.WARNING, "", context))
        elif asked is not None and line.window != asked:
            findings.append(_finding(part, "window_stale", Severity.ERROR, asked.label, context))
    if asked is None and lined and not mistyped:
        findings.append(
            Finding(
                "sheets.window_missing",
                Severity.WARNING,
                context.text("sheets.window_missing"),
                data_set=context.library.cover.code,
                sheet=content.cover.sheet,
                cells=tuple(day.cell for day in days),
            )
        )
    elif asked is not None and asked.start > asked.end:
        findings.append(
            Finding(
                "sheets.window_order",
                Severity.ERROR,
                context.text("sheets.window_order", found=asked.label),
                data_set=context.library.cover.code,
                sheet=content.cover.sheet,
                cells=tuple(day.cell for day in days),
                found=asked.label,
            )
        )
    return findings


def _finding(
    part: DataSetReturn, kind: str, severity: Severity, expected: str, context: CheckContext
) -> Finding:
    line = part.window
    assert line is not None
    found = line.window.label if line.window is not None else line.raw.strip()
    return Finding(
        rule=f"sheets.{kind}",
        severity=severity,
        message=context.text(f"sheets.{kind}", sheet=part.sheet, found=found, expected=expected),
        data_set=part.code,
        sheet=line.cell.sheet,
        cells=(line.cell,),
        found=found,
        expected=expected,
    )
