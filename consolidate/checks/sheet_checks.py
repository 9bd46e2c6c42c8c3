"""Is the form itself whole, and do its sheets agree, every data window with the report's own?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from consolidate.model.cells import CellRef
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Finding, Severity, because, cell_finding
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import format_day

SEVERITIES = {
    "anchors_disagree": Severity.ERROR,
    "block_moved": Severity.ERROR,
    "body_missing": Severity.ERROR,
    "cell_missing": Severity.ERROR,
    "cells_hidden": Severity.WARNING,
    "cells_merged": Severity.WARNING,
    "code_twice": Severity.ERROR,
    "codes_lost": Severity.WARNING,
    "column_missing": Severity.ERROR,
    "definition_changed": Severity.INFO,
    "extra_sheet": Severity.INFO,
    "far_cells": Severity.WARNING,
    "figure_columns": Severity.ERROR,
    "foreign_sheet": Severity.WARNING,
    "has_addins": Severity.WARNING,
    "has_comments": Severity.INFO,
    "has_connections": Severity.WARNING,
    "has_controls": Severity.WARNING,
    "has_dde": Severity.WARNING,
    "has_hyperlinks": Severity.WARNING,
    "has_links": Severity.WARNING,
    "has_macros": Severity.WARNING,
    "has_objects": Severity.WARNING,
    "header_changed": Severity.WARNING,
    "label_changed": Severity.WARNING,
    "legacy_text": Severity.INFO,
    "like_sum_row": Severity.WARNING,
    "mixed_packs": Severity.ERROR,
    "names_lost": Severity.INFO,
    "not_asked": Severity.WARNING,
    "not_read": Severity.WARNING,
    "number_moved": Severity.ERROR,
    "other_measure": Severity.WARNING,
    "other_reader": Severity.WARNING,
    "other_version": Severity.WARNING,
    "part_row": Severity.WARNING,
    "retyped": Severity.WARNING,
    "retyped_column_twice": Severity.ERROR,
    "retyped_disagree": Severity.ERROR,
    "retyped_rows": Severity.ERROR,
    "retyped_twice": Severity.ERROR,
    "retyped_unit": Severity.ERROR,
    "rows_filtered": Severity.WARNING,
    "rows_not_due": Severity.WARNING,
    "says_none": Severity.INFO,
    "sheet_copy": Severity.WARNING,
    "sheet_hidden": Severity.WARNING,
    "sheet_missing": Severity.ERROR,
    "sheet_not_due": Severity.WARNING,
    "sheet_renamed": Severity.INFO,
    "sheet_twice": Severity.ERROR,
    "stamp_missing": Severity.WARNING,
    "sum_row": Severity.INFO,
    "sum_row_differs": Severity.WARNING,
    "too_many_rows": Severity.ERROR,
    "unit_changed": Severity.WARNING,
    "unknown_code": Severity.WARNING,
}
"""How much each kind of anomaly matters."""


_NAMED = (
    "extra_sheet", "foreign_sheet", "mixed_packs", "sheet_copy", "sheet_hidden", "sheet_renamed",
)  # fmt: skip
"""Kinds that are found by the name of a sheet alone."""
EARLY, LATE = 75, 31
"""Days by which the figures of a period may end before its last day, and after it."""
LONGEST = 400
"""Days that the longest window may have: a reporting year, and a month of grace."""


def check_structure(content: Return, library: Library) -> list[Finding]:
    """Make one finding per anomaly of the form: what reading noticed of sheets, names and codes."""
    template = library.template_by_code.get(content.template)
    file_name = template.file_name if template is not None else ""
    findings = []
    for anomaly in content.anomalies:
        data_set = library.data_set(anomaly.data_set) if anomaly.data_set else None
        caption, sheet = "", data_set.sheet if data_set is not None else ""
        if data_set is not None and anomaly.element:
            caption = data_set.caption(data_set.by_code[anomaly.element])
        if anomaly.cells:
            sheet = anomaly.cells[0].sheet
        elif anomaly.kind in _NAMED:
            sheet = anomaly.found
        found, expected = anomaly.found, anomaly.expected
        rule, place = f"structure.{anomaly.kind}", {"sheet": sheet, "caption": caption}
        said = because(rule, found=found, expected=expected, file=file_name, **place)
        at = (anomaly.data_set, anomaly.element, sheet, anomaly.cells)
        findings.append(Finding(rule, SEVERITIES[anomaly.kind], said, *at, found, expected))
    return findings


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
                findings.append(_of_line(part, "window_unreadable", ""))
        elif asked is not None and line.window != asked:
            findings.append(_of_line(part, "window_stale", asked.label))
    cells, cover = tuple(day.cell for day in days), (library.cover.code, content.cover.sheet)
    if asked is None and lined and not mistyped:
        findings.append(_finding("window_missing", *cover, cells))
    elif asked is not None and asked.start > asked.end:
        findings.append(_finding("window_order", *cover, cells, "", {"found": asked.label}))
    elif asked is not None and content.period is not None:
        ends = _usual_end(content.period)
        usual = ends.start <= asked.end <= ends.end
        if not usual or (asked.end - asked.start).days > LONGEST:
            if content.window is None:
                cells = (next(p.window.cell for p in lined if p.window and p.window.window),)
            place = (library.cover.code, cells[0].sheet if cells else "", cells)
            said = {"found": asked.label, "period": content.period}
            expected = content.period.label
            findings.append(_finding("window_outside_period", *place, expected, said))
    window = content.window
    dated = next((v for v in content.cover.values if v.key.element == "report_date"), None)
    if window is None or window.start > window.end or dated is None:
        return findings
    if isinstance(dated.value, date) and dated.value < window.end:  # The future is not judged.
        rule = "sheets.report_before_window"
        shown = {"found": format_day(dated.value), "expected": format_day(window.end)}
        message = because(rule, **shown)
        findings.append(cell_finding(rule, Severity.WARNING, message, dated, **shown))
    return findings


def _stale(parts: list[DataSetReturn]) -> list[Finding]:
    """Tables of one period whose windows differ from that of the first of them."""
    lines = [part.window.window for part in parts if part.window is not None]
    asked = next((window for window in lines if window is not None), None)
    return [
        _of_line(part, "window_stale", asked.label)
        for part in parts
        if asked is not None and part.window is not None and part.window.window not in (None, asked)
    ]


def _usual_end(period: Period) -> DataWindow:
    """Days on which the figures of a period end: letters ask for them before or soon after it.

    Seen: nine months that end on 28/8, a year that ends on 15/12; never in the next year.
    """
    last = period.last_day
    return DataWindow(
        last - timedelta(days=EARLY), min(last + timedelta(days=LATE), date(period.year, 12, 31))
    )


def _of_line(part: DataSetReturn, kind: str, expected: str) -> Finding:
    line = part.window
    assert line is not None
    found = line.window.label if line.window is not None else line.raw.strip()
    said = {"sheet": part.sheet, "found": found, "expected": expected}
    return _finding(kind, part.code, line.cell.sheet, (line.cell,), expected, said)


_ERRORS = ("window_stale", "window_order")


def _finding(
    kind: str,
    code: str,
    sheet: str,
    cells: tuple[CellRef, ...],
    expected: str = "",
    said: Mapping[str, object] | None = None,
) -> Finding:
    severity, values = Severity.ERROR if kind in _ERRORS else Severity.WARNING, said or {}
    message, found = because(f"sheets.{kind}", **values), str(values.get("found", ""))
    return Finding(message.key, severity, message, code, "", sheet, cells, found, expected)
