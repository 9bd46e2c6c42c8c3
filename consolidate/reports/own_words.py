"""Word a finding that the province has to settle: where, of whom, why."""

from __future__ import annotations

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.datasets import Library
from consolidate.model.findings import Ours
from consolidate.reports.captions import caption, forms_of, unit_caption
from consolidate.rollup.own_faults import OwnFault
from consolidate.rollup.result import MergeResult

_MOST = 5
"""Units that are named; result.json has them all."""


def where(fault: OwnFault, library: Library) -> str:
    """Name the form and the figure as the form does; count further figures that are alike."""
    finding, forms = fault.finding, forms_of(fault.record, library)
    content = fault.record.content
    assert content is not None
    form = forms.by_code.get(finding.data_set)
    template = library.packs.by_code[content.pack].template.short_title
    sheet = form.sheet if form is not None else ""
    figure = caption(forms, finding.data_set, finding.element) if finding.element else ""
    place = " · ".join(filter(None, (template, sheet, figure)))
    more = len(fault.elements) - 1
    return text("summary.own.alike", place=place, count=more) if more else place


def whom(fault: OwnFault, result: MergeResult) -> str:
    """Count the units of a fault and name the first of them."""
    names = {record.unit.code: record.unit.name for record in result.records if record.unit}
    units = ", ".join(unit_caption(names[code], code) for code in fault.units[:_MOST])
    if len(fault.units) > _MOST:
        more = len(fault.units) - _MOST
        units = text("summary.comparison.more", units=units, count=more)
    return text("summary.own.units", count=len(fault.units), units=units)


def why(fault: OwnFault) -> str:
    """Tell what the province is to do, with what the first unit's return says as an example."""
    count = {"count": len(fault.units), "answered": fault.answered}
    told = count if fault.ours is Ours.SHARED else {}
    cause = text(f"summary.own.{fault.ours.value}", **told)
    unit = fault.record.unit.name if fault.record.unit is not None else ""
    example = sentence(fault.finding.message)
    return f"{cause} {text('summary.own.example', unit=unit, message=example)}"
