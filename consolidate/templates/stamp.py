"""The stamp of a template: which definitions made it, for whom, for which period (contract 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consolidate.definitions.form_digest import definition_digest
from consolidate.model.anchors import STAMP_FORMAT, STAMP_KEYS, STAMP_SEAL, STAMP_SHEET
from consolidate.model.datasets import Library
from consolidate.templates.prefill import Prefill

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook


def stamp_values(library: Library, template: str, prefill: Prefill) -> dict[str, str]:
    """Collect the stamp in the order of ``STAMP_KEYS``; data sets joined by commas.

    A seal follows when there is one.
    """
    spec = library.template_by_code[template]
    values = {
        "format": STAMP_FORMAT,
        "template": library.pack_of[template].code,
        "version": spec.version,
        "data_sets": ",".join(spec.data_sets),
        "definition": definition_digest(library, template),
        "unit": prefill.unit,
        "period": prefill.period,
        "serial": prefill.serial,
    }
    ordered = {key: values[key] for key in STAMP_KEYS}
    return ordered | {STAMP_SEAL: prefill.seal} if prefill.seal else ordered


def write_stamp(workbook: Workbook, values: dict[str, str]) -> None:
    """Add the very hidden sheet with keys in column A and values in column B, as text."""
    sheet = workbook.add_worksheet(STAMP_SHEET)
    for row, (key, value) in enumerate(values.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.protect()
    sheet.very_hidden()
