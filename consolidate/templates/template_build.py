"""A template as bytes: cover, forms, live checks, guidance, stamp. The same every time."""

from __future__ import annotations

import io
from dataclasses import replace

from consolidate.model.datasets import Library
from consolidate.templates.check_sheet.check_sheet import CheckSheets
from consolidate.templates.computed_cells import ComputedCells
from consolidate.templates.cover_sheet import cover_cells, write_cover
from consolidate.templates.form import write_form
from consolidate.templates.guide import write_guide
from consolidate.templates.prefill import Prefill
from consolidate.templates.stamp import stamp_values, write_stamp
from consolidate.templates.template_answers import Answers
from consolidate.xlsx.write.form_styles import Styles, open_workbook


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
    filled.check(library, template_code)
    target = io.BytesIO()
    workbook = open_workbook(target, locked=True, title=" ".join(spec.title))
    styles = Styles(workbook)
    places = [write_cover(workbook, styles, library, template_code, filled)]
    cells = cover_cells(library, template_code, filled)
    write_guide(workbook, styles, library, template_code)
    sets = library.sets_of(template_code)
    computed = {item.code: ComputedCells.of(library, item, filled) for item in sets}
    quarters = {item.form: item.sheet for item in sets if item.quarter}
    places += [
        write_form(workbook, styles, computed[item.code], cells, quarters.get(item.code, ""))
        for item in sets
    ]
    for item in computed.values():
        filled = replace(item, prefill=filled).filled()
    answers = Answers(library, places, filled)
    checks = CheckSheets(workbook, styles, answers, places)
    checks.write_check(cells)
    checks.write_helpers()
    write_stamp(workbook, stamp_values(library, template_code, filled))
    workbook.close()
    return target.getvalue()
