"""Build ``result.json``: a merge for other programs (contract 7, ``docs/result.schema.json``).

Numbers are exact: an integer when the figure is whole, else the shortest double of its decimal;
``null`` stands where there is no number, never 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import starmap
from typing import Any

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.data_values import DataValue, Scalar
from consolidate.model.datasets import Library, Shape
from consolidate.model.mapping import Former
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import FileReading, Outcome, ReturnRecord
from consolidate.model.text import json_number, visible_lines
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import (
    caption,
    fault_place,
    fault_told,
    figure_caption,
    figure_label,
    forms_of,
    tile_note,
)
from consolidate.reports.totals_json import (
    contradiction_document,
    total_document,
    undecided_document,
)
from consolidate.rollup.comparison import Change, Compared, Comparison
from consolidate.rollup.complete import Completeness
from consolidate.rollup.not_added_up import is_assessment, ranking
from consolidate.rollup.own_faults import OwnFault
from consolidate.rollup.result import MergeResult
from consolidate.rollup.tiles import Tile
from consolidate.rollup.totals import DataSetTable

SCHEMA = "consolidate/merge-result/1"
"""Value of the key ``schema``; keys are added under it, never renamed."""

Document = dict[str, Any]
Number = int | float | None


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
        yield from _compared(result.comparisons)
    yield from _rankings(result).items()


def _rankings(result: MergeResult) -> Document:
    """The rankings of assessments; nothing where the round has none."""
    assessed = [table for table in result.tables if is_assessment(table.data_set)]
    lines = [
        {
            "data_set": table.data_set.code,
            "unit": line.unit.code,
            "standing": line.standing.value,
            "own": json_number(line.own),
            "review": json_number(line.review),
            "rank": line.rank,
            "criteria": [
                {
                    "number": each.element.number,
                    "own": json_number(each.own),
                    "review": json_number(each.counted),
                    "reason": each.review.reason if each.review is not None else "",
                    "proofs": each.proofs,
                }
                for each in line.judged
            ],
        }
        for table in assessed
        for line in ranking(result, table)
    ]
    return {"rankings": lines} if assessed else {}


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
        "templates": [_template(part) for part in parts],
    }


def _template(part: Completeness) -> Document:
    return {
        "template": part.template.code,
        "expected": None if part.expected is None else _codes(part.expected),
        "received": _codes(part.received),
        "missing": _codes(part.missing),
        "held": _codes(part.held),
    }


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
        "file": record.path,
        "member": record.member or None,
        "sha256": record.sha256,
        "size": record.size,
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
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": record.path,
        "member": record.member or None,
        "unit": record.unit_code or None,
        "data_set": finding.data_set,
        "element": finding.element,
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
                "file": reading.path,
                "member": reading.member or None,
                "sha256": reading.sha256,
                "outcome": reading.outcome.value if reading.outcome is not None else None,
                "reason": sentence(reading.reason),
                "template": reading.content.template if reading.content is not None else None,
                "findings": [
                    finding_document(record, finding, library) for finding in reading.findings
                ],
            }
            for reading in readings
            for record in [_record(reading)]
        ],
    }


def _record(reading: FileReading) -> ReturnRecord:
    """The reading as a record without a unit, which is how a finding is rendered."""
    return ReturnRecord(
        path=reading.path,
        sha256=reading.sha256,
        size=reading.size,
        outcome=reading.outcome or Outcome.ACCEPTED,
        reason=None,
        content=reading.content,
        member=reading.member,
    )


def _own(fault: OwnFault, library: Library) -> Document:
    """A finding that the province has to settle, once for all units."""
    finding = fault.finding
    return {
        "ours": fault.ours.value,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "template": fault.record.content.template if fault.record.content is not None else None,
        "data_set": finding.data_set,
        "element": finding.element,
        "elements": list(fault.elements),
        "caption": fault_place(fault, library),
        "units": list(fault.units),
        "answered": fault.answered,
        "message": fault_told(fault),
    }


def _normalisation(record: ReturnRecord, value: DataValue) -> Document:
    return {
        "file": record.path,
        "member": record.member or None,
        "unit": record.unit_code or None,
        "data_set": value.key.data_set,
        "element": value.key.element,
        "column": value.key.column,
        "row": value.key.row,
        "sheet": value.cell.sheet,
        "cell": value.cell.a1,
        "raw": value.raw,
        "used": _scalar(value.used),
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
                "file": item.record.path,
                "member": item.record.member or None,
                "sheet": item.content.sheet,
                "row": next(iter(row.values())).key.row,
                "values": _row_values(row),
            }


def _row_values(row: Mapping[str, DataValue]) -> Document:
    return {
        element: {
            "status": value.status.value,
            "value": _scalar(value.used),
            "raw": value.raw,
            "cell": value.cell.a1,
        }
        for element, value in row.items()
    }


def _compared(comparisons: Sequence[Comparison]) -> Iterator[tuple[str, object]]:
    yield "compared_with", map(_base, comparisons)
    tiles = ((each, tile) for each in comparisons for tile in each.tiles if tile.gap)
    yield "tiles", starmap(_tile, tiles)
    changes = ((each, item) for each in comparisons for item in each.figures)
    yield "comparison", starmap(_province_change, changes)
    told = (
        {"unit": unit.code, **_change(each, item, change, falls=each.falls(item, change))}
        for each in comparisons
        for unit, item, change in each.told()
    )
    yield "comparison_by_unit", told


def _tile(comparison: Comparison, tile: Tile) -> Document:
    """A total that is not what it is made of: a warning, or a note where units explain it."""
    severity = Severity.WARNING if tile.wrong else Severity.INFO
    table, figure = comparison.table, tile.figure
    return {
        "severity": severity.value,
        **_place(comparison, figure.element.code, figure.column),
        "caption": figure_caption(table.data_set, figure.element, figure.column),
        **_numbers(tile, "now", "then", "quarter", "gap"),
        "units": tile.units,
        "broken": list(tile.broken),
        "explained": {why.value: list(codes) for why, codes in tile.explained.items()},
        "message": " ".join(tile_note(comparison, tile)),
    }


def _numbers(holder: Change | Tile, *names: str) -> Document:
    """Some figures of a change or of a tile, each under its own name."""
    return {name: json_number(getattr(holder, name)) for name in names}


def _beside(comparison: Comparison) -> Document:
    """What is compared with what."""
    return {
        "data_set": comparison.table.data_set.code,
        "period": comparison.table.period.code,
        "against": comparison.against.value,
        "past": comparison.past.code,
    }


def _place(comparison: Comparison, element: str, column: str) -> Document:
    return {**_beside(comparison), "element": element, "column": column}


def _former(former: Former) -> str:
    """A figure of another pack by its defined name."""
    return former.data_set.name_of(former.element.code, former.column)


def _other_pack(comparison: Comparison) -> Document:
    """The pack of then, where it is another one, and its figures that are asked no more."""
    if comparison.pack is None:
        return {}
    ended = [
        {
            "figure": _former(former),
            "caption": figure_caption(former.data_set, former.element, former.column),
            "label": figure_label(former.data_set, former.element, former.column),
            "then": json_number(total),
        }
        for former, total in comparison.ended
    ]
    return {"pack": comparison.pack.code, "mapped": comparison.mapped, "ended": ended}


def _base(comparison: Comparison) -> Document:
    # How many totals could be asked, and how many of them are not what they are made of.
    tiles = {"asked": len(comparison.tiles), "wrong": sum(t.wrong for t in comparison.tiles)}
    hindered = {
        code: past.obstacle
        for code, past in sorted(comparison.units.items())
        if not past.comparable
    }
    return {
        **_beside(comparison),
        "run": comparison.run or None,
        "units": len(comparison.reporters),
        "from": {
            code: list(past.units)
            for code, past in sorted(comparison.units.items())
            if past.units not in ((), (code,))
        },
        "not_compared": hindered,
        "both": list(comparison.both),
        "absent": list(comparison.absent),
        "gone": list(comparison.gone),
        "restated": comparison.restated,
        **_other_pack(comparison),
        **({"tiles": tiles} if comparison.quarter is not None else {}),
    }


def _province_change(comparison: Comparison, item: Compared) -> Document:
    units = item.units.values()
    return {
        **_change(comparison, item, item.total, falls=bool(comparison.fallen(item))),
        "units_compared": sum(change.difference is not None for change in units),
        "units_falling": sum(comparison.falls(item, change) for change in units),
        "both": _both(comparison, item),
    }


def _both(comparison: Comparison, item: Compared) -> Document | None:
    """The total over the units that reported the figure both times."""
    both = item.both
    if both is None:
        return None
    points = item.total.points
    change = Change(both.now, both.then, points=points) if both.units else Change(None, None)
    return {
        "units": len(both.units),
        **_numbers(change, "now", "then", "difference", "percent"),
        "falling": list(comparison.fallen(item)),
        "only_now": list(both.only_now),
        "only_then": list(both.only_then),
    }


def _change(comparison: Comparison, item: Compared, change: Change, *, falls: bool) -> Document:
    formers = comparison.formers(item.element.code, item.column)
    return {
        **_place(comparison, item.element.code, item.column),
        **_numbers(change, "now", "then", "difference", "percent"),
        "points": change.points,
        "obstacle": change.obstacle,
        "falls": falls,
        **({"formers": list(map(_former, formers))} if formers else {}),
    }


def _scalar(value: Scalar | None) -> str | Number:
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
