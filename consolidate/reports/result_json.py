"""Build ``result.json``: a merge for other programs (contract 7, ``docs/result.schema.json``).

What it says of figures is built in :mod:`consolidate.reports.figures_json`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Library, Shape
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import FileReading, Outcome, ReturnRecord
from consolidate.model.text import visible_lines
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import caption, fault_place, fault_told, forms_of
from consolidate.reports.figures_json import (
    Document,
    comparisons,
    contradiction_document,
    picked,
    plain,
    rankings,
    total_document,
    undecided_document,
)
from consolidate.rollup.province_faults import OwnFault
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import DataSetTable

SCHEMA = "consolidate/merge-result/1"
"""Value of the key ``schema``; keys are added under it, never renamed."""


def result_document(result: MergeResult) -> Document:
    """Build the whole result as plain dictionaries, lists, texts and numbers, ready for JSON.

    What the figures are compared with is known in a workspace only; its keys are absent elsewhere.
    """
    return {
        key: list(value) if isinstance(value, Iterator) else value
        for key, value in _entries(result)
    }


def result_parts(result: MergeResult) -> Iterator[bytes]:
    """Write ``result.json`` part by part; no more than an item of a list is held at a time."""
    return map(str.encode, _rendered(_entries(result)))


def _entries(result: MergeResult) -> Iterator[tuple[str, object]]:
    """The entries of the document; a long list is an iterator of its items."""
    yield "schema", SCHEMA
    yield "period", {"code": result.period.code, "label": result.period.label}
    yield "province", result.province
    yield "secrecy", result.secrecy.value
    yield "units", _units(result)
    yield "files_ignored", result.ignored
    yield "returns", map(_return, result.records)
    findings = (finding_document(*item, result.library) for item in result.findings())
    yield "findings", findings
    yield "own", [_own(fault, result.library) for fault in result.own_faults]
    changed = (
        _normalisation(record, value)
        for record in result.records
        for part in (record.content.data_sets if record.content is not None else ())
        for value in [value for value in part.values if value.normalisation]
    )
    yield "normalisations", changed
    totals = (total_document(table, each) for table in result.tables for each in table.figures)
    yield "totals", totals
    yield "contradictions", [contradiction_document(item) for item in result.contradictions]
    yield "undecided", [undecided_document(item) for item in result.undecided]
    yield "lists", (row for table in result.tables for row in _rows(table))
    if result.comparisons:
        yield from comparisons(result.comparisons)
    yield from rankings(result)


def render(document: Document) -> str:
    """Write the text of the file: UTF-8, one line per entry and per item of a list.

    Two results can so be compared line by line. Nothing hidden stands in it: what is not seen, or
    turns what stands around it, and lone surrogates, which UTF-8 may not hold, are escapes.
    """
    return "".join(_rendered(document.items()))


def _rendered(entries: Iterable[tuple[str, object]]) -> Iterator[str]:
    begun = "{\n"
    for key, value in entries:
        yield f"{begun}  {_line(key)}: "
        begun = ",\n"
        if not isinstance(value, list | Iterator):
            yield _line(value)
            continue
        before = "["
        for item in value:
            yield f"{before}\n    {_line(item)}"
            before = ","
        yield "[]" if before == "[" else "\n  ]"
    yield "\n}\n"


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _line(value: object) -> str:
    made = _encoded(value)
    if visible_lines(made) == made and _CONTROL not in made:
        return made
    return _encoded(_shown(value))


_CONTROL = r"\u00"
"""How JSON writes a control character that is no end of a line."""


def _shown(value: object) -> object:
    if isinstance(value, str):
        return visible_lines(value)
    if isinstance(value, dict):
        return {_shown(key): _shown(item) for key, item in value.items()}
    return list(map(_shown, value)) if isinstance(value, list | tuple) else value


def _units(result: MergeResult) -> Document:
    parts = result.completeness
    known = bool(parts) and all(part.expected is not None for part in parts)
    expected = _codes(unit for part in parts for unit in part.expected or ())
    received = _codes(unit for part in parts for unit in part.received)
    sent = frozenset(received)
    return {
        "expected": expected if known else None,
        "received": received,
        "missing": [code for code in expected if code not in sent],
        "late": list(result.late),
        "templates": [
            {
                "template": part.template.code,
                "expected": None if part.expected is None else _codes(part.expected),
                "received": _codes(part.received),
                "missing": _codes(part.missing),
                "held": _codes(part.held),
            }
            for part in parts
        ],
    }


def _place(read: ReturnRecord | FileReading) -> Document:
    return {"file": read.path, "member": read.member or None}


def _codes(units: Iterable[OrganisationUnit]) -> list[str]:
    return list(dict.fromkeys(unit.code for unit in units))


def _return(record: ReturnRecord) -> Document:
    content, unit = record.content, record.unit
    severities = Counter(finding.severity for finding in record.findings)
    period = content.period if content is not None else None
    known: Document = {}
    if record.received is not None:
        known["received"] = record.received.isoformat()
        if record.redated:
            known["received_by"] = record.redated
        known["days_late"] = record.days_late
    return {
        **_place(record),
        **picked(record, "sha256", "size"),
        "unit": {"code": unit.code, "name": unit.name, "level": unit.level.value} if unit else None,
        "template": content.template if content is not None else None,
        "version": content.version if content is not None else None,
        "data_sets": [item.code for item in content.data_sets] if content is not None else [],
        "period": period.code if period is not None else None,
        "outcome": record.outcome.value,
        "outcome_label": text(f"terms.outcome.{record.outcome.value}"),
        "reason": sentence(record.reason),
        "findings": {severity.value: severities.get(severity, 0) for severity in Severity},
        **known,
    }


def finding_document(record: ReturnRecord, finding: Finding, library: Library) -> Document:
    """Build one finding with the file and unit that it is about."""
    return {
        **picked(finding, "rule", "severity"),
        **_place(record),
        "unit": record.unit_code or None,
        **picked(finding, "data_set", "element"),
        "caption": caption(forms_of(record, library), finding.data_set, finding.element),
        "sheet": finding.sheet or (finding.cells[0].sheet if finding.cells else ""),
        "cells": finding.address,
        "found": sentence(finding.found),
        "expected": sentence(finding.expected),
        "message": sentence(finding.message),
        **({"ours": record.ours[finding].value} if finding in record.ours else {}),
    }


def check_document(readings: Iterable[FileReading], library: Library) -> Document:
    """Build what a check of files found (``check --json``): outcomes, ``null`` for a file read."""
    return {
        "schema": "consolidate/check-result/1",
        "files": [
            {
                **_place(reading),
                **picked(reading, "sha256", "outcome"),
                "reason": sentence(reading.reason),
                "template": reading.content.template if reading.content is not None else None,
                "findings": [
                    finding_document(record, finding, library) for finding in reading.findings
                ],
            }
            for reading in readings
            for record in [
                # The reading as a record without a unit, which is how a finding is rendered.
                ReturnRecord(
                    path=reading.path,
                    sha256=reading.sha256,
                    size=reading.size,
                    outcome=reading.outcome or Outcome.ACCEPTED,
                    reason=None,
                    content=reading.content,
                    member=reading.member,
                )
            ]
        ],
    }


def _own(fault: OwnFault, library: Library) -> Document:
    """A finding that the province has to settle, once for all units."""
    finding = fault.finding
    return {
        "ours": fault.ours.value,
        **picked(finding, "rule", "severity"),
        "template": fault.record.content.template if fault.record.content is not None else None,
        **picked(finding, "data_set", "element"),
        "elements": list(fault.elements),
        "caption": fault_place(fault, library),
        **picked(fault, "units", "answered"),
        "message": fault_told(fault),
    }


def _normalisation(record: ReturnRecord, value: DataValue) -> Document:
    return {
        **_place(record),
        "unit": record.unit_code or None,
        **picked(value.key, "data_set", "element", "column", "row"),
        "sheet": value.cell.sheet,
        "cell": value.cell.a1,
        "raw": value.raw,
        "used": plain(value.used),
        "kind": "+".join(value.normalisation),
    }


def _rows(table: DataSetTable) -> Iterable[Document]:
    if table.data_set.shape is not Shape.OPEN:
        return
    for item in table.contributions:
        for row in item.rows():
            yield {
                "data_set": table.data_set.code,
                "period": table.period.code,
                "unit": item.unit.code,
                **_place(item.record),
                "sheet": item.content.sheet,
                "row": next(iter(row.values())).key.row,
                "values": {
                    element: {
                        "status": value.status.value,
                        "value": plain(value.used),
                        "raw": value.raw,
                        "cell": value.cell.a1,
                    }
                    for element, value in row.items()
                },
            }
