"""Build a template: cover, forms, live checks, guidance, stamp; always the same bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from consolidate.model.anchors import (
    STAMP_FORMAT,
    STAMP_KEYS,
    STAMP_SEAL,
    STAMP_SHEET,
    definition_digest,
)
from consolidate.model.datasets import Library
from consolidate.templates.check_sheet.check_sheet import CheckSheets
from consolidate.templates.computed_cells import ComputedCells
from consolidate.templates.cover_sheet import write_cover
from consolidate.templates.form import write_form
from consolidate.templates.guide import write_guide
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_answers import Answers
from consolidate.xlsx.write.form_styles import Styles, open_workbook

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook


def build_template(library: Library, template_code: str, prefill: Prefill | None = None) -> bytes:
    """Build the workbook of a template, filled in as ``prefill`` says.

    The same arguments give the same bytes (for one version of XlsxWriter and zlib). Formulas
    carry the values that Excel would compute.

    Raises:
        KeyError: there is no such template.
        ValueError: ``prefill`` names something that the template does not have.
    """
    spec = library.template_by_code[template_code]
    filled = prefill if prefill is not None else Prefill()
    sets = library.sets_of(template_code)
    filled.check(library.cover, sets)
    target = io.BytesIO()
    workbook = open_workbook(target, locked=True, title=" ".join(spec.title))
    styles = Styles(workbook)
    cover, cells = write_cover(workbook, styles, library, spec, sets, filled)
    write_guide(workbook, styles, library, spec, sets)
    quarters = {item.form: item.sheet for item in sets if item.quarter}
    places, worked = [cover], filled
    for item in sets:
        computed = ComputedCells(library, item, filled)
        places.append(write_form(workbook, styles, computed, cells, quarters.get(item.code, "")))
        worked = computed.filled(worked)
    checks = CheckSheets(workbook, styles, Answers(library, places, worked), places)
    checks.write_check(cells)
    checks.write_helpers()
    write_stamp(workbook, stamp_values(library, template_code, filled))
    workbook.close()
    return target.getvalue()


def stamp_values(library: Library, template: str, prefill: Prefill) -> dict[str, str]:
    """Collect the stamp (contract 3) in the order of ``STAMP_KEYS``; data sets joined by commas.

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
