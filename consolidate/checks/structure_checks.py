"""Is the form itself whole? What reading noticed about sheets, names and codes, as findings."""

from __future__ import annotations

from consolidate.model.datasets import Library
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import Anomaly, Return

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


def check_structure(content: Return, library: Library) -> list[Finding]:
    """Make one finding per anomaly of the form."""
    template = library.template_by_code.get(content.template)
    file_name = template.file_name if template is not None else ""
    return [_finding(anomaly, file_name, library) for anomaly in content.anomalies]


def _finding(anomaly: Anomaly, file_name: str, library: Library) -> Finding:
    caption = sheet = ""
    if anomaly.data_set:
        data_set = library.data_set(anomaly.data_set)
        sheet = data_set.sheet
        if anomaly.element:
            caption = data_set.caption(data_set.by_code[anomaly.element])
    if anomaly.cells:
        sheet = anomaly.cells[0].sheet
    elif anomaly.kind in _NAMED:
        sheet = anomaly.found
    return Finding(
        rule=f"structure.{anomaly.kind}",
        severity=SEVERITIES[anomaly.kind],
        message=because(
            f"structure.{anomaly.kind}",
            sheet=sheet,
            caption=caption,
            found=anomaly.found,
            expected=anomaly.expected,
            file=file_name,
        ),
        data_set=anomaly.data_set,
        element=anomaly.element,
        sheet=sheet,
        cells=anomaly.cells,
        found=anomaly.found,
        expected=anomaly.expected,
    )
