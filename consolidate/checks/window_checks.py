"""Do the sheets of one return agree? The data window of every form against the report's own."""

from __future__ import annotations

from datetime import date, timedelta

from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import format_day

EARLY, LATE = 75, 31
"""Days by which the figures of a period may end before its last day, and after it."""
LONGEST = 400
"""Days that the longest window may have: a reporting year, and a month of grace."""


def check_windows(content: Return, library: Library) -> list[Finding]:
    """Find sheets whose data window is not that of the report: left over from another one.

    One that does not fit the period is last period's, or the period is wrong.

    The report's window is that of the cover; without one, that of its first form. Tables of a
    quarter beside those of the whole time have one of their own: that of the first of them.
    """
    quarters = [p for p in content.data_sets if library.data_set(p.code).quarter]
    beside = len(quarters) < len(content.data_sets)
    findings = _stale(quarters) if beside else []
    asked_of = [p for p in content.data_sets if not (beside and p in quarters)]
    lined = [part for part in asked_of if part.window is not None]
    windows = [part.window.window for part in lined if part.window and part.window.window]
    asked = content.window or (windows[0] if windows else None)
    days = [v for v in content.cover.values if v.key.element in ("window_from", "window_to")]
    mistyped = any(day.status is ValueStatus.INVALID for day in days)  # It has its own finding.
    for part in lined:
        line = part.window
        if line is None or not line.raw:
            continue
        if line.window is None:
            if not mistyped and any(letter.isdigit() for letter in line.raw):
                findings.append(_finding(part, "window_unreadable", Severity.WARNING, ""))
        elif asked is not None and line.window != asked:
            findings.append(_finding(part, "window_stale", Severity.ERROR, asked.label))
    if asked is None and lined and not mistyped:
        findings.append(
            Finding(
                "sheets.window_missing",
                Severity.WARNING,
                because("sheets.window_missing"),
                data_set=library.cover.code,
                sheet=content.cover.sheet,
                cells=tuple(day.cell for day in days),
            )
        )
    elif asked is not None and asked.start > asked.end:
        findings.append(
            Finding(
                "sheets.window_order",
                Severity.ERROR,
                because("sheets.window_order", found=asked.label),
                data_set=library.cover.code,
                sheet=content.cover.sheet,
                cells=tuple(day.cell for day in days),
                found=asked.label,
            )
        )
    elif asked is not None and content.period is not None:
        expected = _usual_end(content.period)
        usual = expected.start <= asked.end <= expected.end
        if not usual or (asked.end - asked.start).days > LONGEST:
            cells = tuple(day.cell for day in days)
            if content.window is None:
                cells = (next(p.window.cell for p in lined if p.window and p.window.window),)
            findings.append(
                Finding(
                    "sheets.window_outside_period",
                    Severity.WARNING,
                    because(
                        "sheets.window_outside_period",
                        found=asked.label,
                        period=content.period,
                    ),
                    data_set=library.cover.code,
                    sheet=cells[0].sheet if cells else "",
                    cells=cells,
                    found=asked.label,
                    expected=content.period.label,
                )
            )
    return [*findings, *_report_too_early(content, library)]


def _stale(parts: list[DataSetReturn]) -> list[Finding]:
    """Tables of one period whose windows differ from that of the first of them."""
    lines = [part.window.window for part in parts if part.window is not None]
    asked = next((window for window in lines if window is not None), None)
    return [
        _finding(part, "window_stale", Severity.ERROR, asked.label)
        for part in parts
        if asked is not None and part.window is not None and part.window.window not in (None, asked)
    ]


def _report_too_early(content: Return, library: Library) -> list[Finding]:
    """A report that is dated before the last day of its own figures; the future is not judged."""
    window = content.window
    dated = next((v for v in content.cover.values if v.key.element == "report_date"), None)
    if window is None or window.start > window.end or dated is None:
        return []
    if not isinstance(dated.value, date) or dated.value >= window.end:
        return []
    found, expected = format_day(dated.value), format_day(window.end)
    return [
        Finding(
            "sheets.report_before_window",
            Severity.WARNING,
            because("sheets.report_before_window", found=found, expected=expected),
            data_set=library.cover.code,
            element=dated.key.element,
            sheet=dated.cell.sheet,
            cells=(dated.cell,),
            found=found,
            expected=expected,
        )
    ]


def _usual_end(period: Period) -> DataWindow:
    """Days on which the figures of a period end: letters ask for them before or soon after it.

    Seen: nine months that end on 28/8, a year that ends on 15/12; never in the next year.
    """
    last = period.last_day
    return DataWindow(
        last - timedelta(days=EARLY), min(last + timedelta(days=LATE), date(period.year, 12, 31))
    )


def _finding(part: DataSetReturn, kind: str, severity: Severity, expected: str) -> Finding:
    line = part.window
    assert line is not None
    found = line.window.label if line.window is not None else line.raw.strip()
    return Finding(
        rule=f"sheets.{kind}",
        severity=severity,
        message=because(f"sheets.{kind}", sheet=part.sheet, found=found, expected=expected),
        data_set=part.code,
        sheet=line.cell.sheet,
        cells=(line.cell,),
        found=found,
        expected=expected,
    )
