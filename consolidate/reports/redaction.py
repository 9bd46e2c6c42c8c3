"""Remove names, cases and free text from what a merge or an export shows; figures stay.

A value stays if it is a number, an ``x``, a choice of the form, or a day of a table of figures.
Whatever else units or officers wrote is replaced, also where a finding quotes it. Rows of lists
stay in their number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import DataSet, Shape, ValueType
from consolidate.model.reasons import Reason
from consolidate.model.returns import DataSetReturn, ReturnRecord
from consolidate.model.text import tidy
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable

_PLAIN = re.compile(r"[\s0-9.,/%()+-]*|x", re.IGNORECASE)
"""What may stand where a number is typed without saying anything else."""
_SHORT = 3
"""A shorter text is a quotation only where it is the whole of what is said."""
_PERSONS = ("officer", "contact", "signatory")
"""What a cover says of persons."""


def redacted(result: MergeResult) -> MergeResult:
    """Remove names of persons and cases and free text from a merge; its totals stay."""
    records = {record.name: _record(record, result) for record in result.records}
    tables = tuple(_table(table, records, result) for table in result.tables)
    shown = {table.data_set.code: table for table in tables}
    comparisons = tuple(
        replace(item, table=shown.get(item.table.data_set.code, item.table))
        for item in result.comparisons
    )
    hidden, roster = text("redaction.hidden"), result.roster
    if roster is not None and roster.signatories:
        signing = tuple(replace(row, name="", officer="") for row in roster.signatories)
        roster = replace(roster, signatories=signing)
    decided = tuple(
        replace(item, author=hidden, reason=hidden, value=_typed(item.value))
        for item in result.adjustments
    )
    return replace(
        result,
        records=tuple(records[record.name] for record in result.records),
        tables=tables,
        comparisons=comparisons,
        adjustments=decided,
        reviews={
            key: replace(item, reason=hidden if item.reason else "")
            for key, item in result.reviews.items()
        },
        placed=(),
        roster=roster,
    )


def without_words(value: DataValue, data_set: DataSet | None) -> DataValue:
    """Reduce a value to a number, a mark or a choice; ``None`` is no known form."""
    if value.status is ValueStatus.MISSING or not (value.raw or value.value is not None):
        return value
    element = data_set.by_code.get(value.key.element) if data_set is not None else None
    open_table = data_set is None or data_set.shape is Shape.OPEN
    if value.number is None and value.status is ValueStatus.REPORTED:
        kind = data_set.type_of(element, value.key.column) if data_set and element else None
        if kind is ValueType.MARK or (kind is ValueType.DATE and not open_table):
            return value
        choices = map(str.casefold, element.choices) if element is not None else ()
        if kind is ValueType.CHOICE and str(value.value).casefold() in choices:
            return value
        hidden = text("redaction.hidden")
        return replace(value, raw=hidden, value=hidden, normalisation=())
    return replace(value, raw=_typed(value.raw))


def _typed(raw: str) -> str:
    """What was typed for a number, unless it says more than a number."""
    return raw if _PLAIN.fullmatch(raw.strip()) else text("redaction.hidden")


def _record(record: ReturnRecord, result: MergeResult) -> ReturnRecord:
    content = record.content
    if content is None:
        return record
    forms = result.library.by_code
    secrets = {
        tidy(said)
        for value in content.values()
        for said in (value.raw, value.value)
        if isinstance(said, str) and without_words(value, forms.get(value.key.data_set)) != value
    }
    secrets |= {tidy(content.cover_text(name)) for name in _PERSONS}
    secrets.discard("")
    told = {
        finding: replace(
            finding,
            message=_said(finding.message, secrets),
            found=_said(finding.found, secrets),
            expected=_said(finding.expected, secrets),
        )
        for finding in record.findings
    }
    parts = tuple(_part(part, result) for part in content.data_sets)
    covered = replace(content, data_sets=parts, anomalies=())
    ours = {told.get(finding, finding): why for finding, why in record.ours.items()}
    return replace(record, content=covered, findings=tuple(told.values()), ours=ours)


def _part(part: DataSetReturn, result: MergeResult) -> DataSetReturn:
    form = result.library.by_code.get(part.code)
    return replace(part, values=tuple(without_words(value, form) for value in part.values))


def _table(
    table: DataSetTable, records: Mapping[str, ReturnRecord], result: MergeResult
) -> DataSetTable:
    def hidden(items: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
        return tuple(
            replace(
                item,
                record=records.get(item.record.name, item.record),
                content=_part(item.content, result),
            )
            for item in items
        )

    return replace(table, summed=hidden(table.summed), beside=hidden(table.beside))


def _said(value: Any, secrets: set[str]) -> Any:
    """A value of a reason without what it quotes, whole or cut short."""
    if isinstance(value, Reason):
        told = tuple((blank, _said(each, secrets)) for blank, each in value.values)
        return replace(value, values=told)
    if isinstance(value, tuple):
        return tuple(_said(part, secrets) for part in value)
    if not isinstance(value, str) or not value:
        return value
    said = tidy(value)
    short = said.rstrip("…. ")
    quoted = said in secrets or any(
        len(secret) >= _SHORT and (secret in said or (len(short) > _SHORT and short in secret))
        for secret in secrets
    )
    return text("redaction.hidden") if quoted else value
