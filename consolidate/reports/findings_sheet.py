"""List findings, files, and values that were understood otherwise than typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.data_values import DataValue
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.text import format_day
from consolidate.reports.captions import caption, fault_told, fault_units, forms_of, say
from consolidate.reports.flat_list_sheet import FlatCell, FlatColumn, FlatText, write_flat
from consolidate.reports.summary_book import Book
from consolidate.reports.trace_sheet import HASH_DIGITS
from consolidate.rollup.province_faults import OwnFault
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.safe_text import internal

_FINDINGS = (
    FlatColumn("number", 5, ("center",)),
    FlatColumn("severity", 9.5, ("center",)),
    FlatColumn("unit", 19),
    FlatColumn("file", 18, ("small",)),
    FlatColumn("sheet", 8.5, ("center",)),
    FlatColumn("cell", 8, ("center",)),
    FlatColumn("ms", 6.5, ("center",)),
    FlatColumn("label", 24, ("small",)),
    FlatColumn("found", 12),
    FlatColumn("expected", 12),
    FlatColumn("message", 44),
    FlatColumn("form", 12, ("center",), screen=True),
    FlatColumn("rule", 20, ("small",), screen=True),
)


def write_findings(book: Book) -> None:
    """Fill the sheet. The by-unit sheets come first: they say where each cell is shown."""
    told, hint = listed(book.result), text("summary.findings.hint")
    if book.result.own_faults:
        hint = f"{hint} {text('summary.findings.hint_own')}"
    rows, count = _finding_rows(book, told), len(told)
    write_flat(book, book.plan.findings, "findings", _FINDINGS, rows, count=count, hint=hint)


_Listed = tuple[ReturnRecord, Finding, OwnFault | None]


def listed(result: MergeResult) -> list[_Listed]:
    """List the findings: the worst first, then by unit.

    What the province has to settle stands once, before those of the units, whatever number of them
    has it.
    """
    places = {unit.code: at for at, unit in enumerate(result.roster.units)} if result.roster else {}

    def order(item: _Listed) -> tuple[object, ...]:
        record, finding, fault = item
        unit = record.unit
        if fault is not None or unit is None:
            return finding.severity.rank, fault is None, -1, "", ""
        at = places.get(unit.code, len(places))
        return finding.severity.rank, True, at, unit.code, record.name

    found: list[_Listed] = [(each.record, each.finding, each) for each in result.own_faults]
    for record, finding in result.findings():
        note = finding.severity is Severity.INFO
        if record.unit is None or finding not in record.ours or note:
            found.append((record, finding, None))
    return sorted(found, key=order)


def _finding_rows(book: Book, told: Iterable[_Listed]) -> Iterator[tuple[FlatCell, ...]]:
    for number, (record, finding, fault) in enumerate(told, 1):
        first, severity = finding.cells[0] if finding.cells else None, finding.severity.value
        sheet = finding.sheet or (first.sheet if first is not None else "")
        unit = record.unit.name if record.unit is not None else text("summary.no_unit")
        forms = forms_of(record, book.library)
        # The first of its cells that this workbook shows.
        places = (book.places.get((record.name, cell)) for cell in finding.cells)
        shown_at = next(filter(None, places), None)
        data_set = forms.by_code.get(finding.data_set)
        element = data_set.by_code.get(finding.element) if data_set is not None else None
        yield (
            number,
            FlatText(text(f"terms.severity.{severity}"), trait=severity),
            unit if fault is None else fault_units(fault, book.result),
            record.name,
            FlatText(sheet, book.file_target(record, first)),
            FlatText(finding.address, internal(shown_at) if shown_at is not None else None),
            element.number if element is not None else "",
            element.label if element is not None else "",
            sentence(finding.found),
            sentence(finding.expected),
            sentence(finding.message) if fault is None else fault_told(fault),
            data_set.sheet if data_set is not None else "",
            finding.rule,
        )


_FILES = (
    FlatColumn("number", 5.5, ("center",)),
    FlatColumn("file", 30),
    FlatColumn("outcome", 14),
    FlatColumn("reason", 28),
    FlatColumn("unit", 20),
    FlatColumn("level", 10, ("center",)),
    FlatColumn("template", 9, ("center",)),
    FlatColumn("period", 13, ("center",)),
    FlatColumn("revision", 6, ("center",)),
    FlatColumn("received", 11, ("center",)),
    FlatColumn("late", 6.5, ("center",)),
    FlatColumn("errors", 6.5, ("center",)),
    FlatColumn("warnings", 7.5, ("center",)),
    FlatColumn("notes", 6.5, ("center",)),
    FlatColumn("sha256", 13, ("center", "small"), screen=True),
    FlatColumn("link", 6, ("center",), screen=True),
)
_REMEMBERED = ("received", "late")
"""Columns of what only a workspace knows."""
_TRAITS = {
    Outcome.ACCEPTED_WITH_WARNINGS: "warning",
    Outcome.HELD: "warning",
    Outcome.REJECTED: "error",
    Outcome.UNREADABLE: "error",
}


def write_files(book: Book) -> None:
    """Fill the sheet with one row per file, in the order of file names."""
    dated = any(record.received is not None for record in book.result.records)
    ignored, count = book.result.ignored, len(book.result.records)
    hint = text("summary.files.ignored", count=ignored) if ignored else ""
    columns = [column for column in _FILES if dated or column.key not in _REMEMBERED]
    rows = _file_rows(book, dated=dated)
    write_flat(book, book.plan.files, "files", columns, rows, count=count, hint=hint)


def _file_rows(book: Book, *, dated: bool) -> Iterator[tuple[FlatCell, ...]]:
    for number, record in enumerate(book.result.records, 1):
        content, unit = record.content, record.unit
        counts = Counter(finding.severity for finding in record.findings)
        template = book.library.packs.by_code[content.pack].template if content else None
        outcome = text(f"terms.outcome.{record.outcome.value}")
        target = book.file_target(record)
        yield (
            number,
            record.name,
            FlatText(outcome, trait=_TRAITS.get(record.outcome, "")),
            sentence(record.reason),
            unit.name if unit is not None else text("summary.no_unit"),
            unit.level.label if unit is not None else "",
            template.short_title if template is not None else "",
            content.period.label if content is not None and content.period is not None else "",
            content.revision if content is not None else "",
            *((_received(record), record.days_late or "") if dated else ()),
            *(counts.get(severity, 0) for severity in Severity),
            record.sha256[:HASH_DIGITS],
            FlatText(text("summary.files.open"), target) if target is not None else "",
        )


def _received(record: ReturnRecord) -> str:
    day = format_day(record.received)
    return text("summary.files.redated", day=day, id=record.redated) if record.redated else day


_NORMALISED = (
    FlatColumn("number", 5.5, ("center",)),
    FlatColumn("unit", 22),
    FlatColumn("file", 25, ("small",)),
    FlatColumn("sheet", 9, ("center",)),
    FlatColumn("cell", 7.5, ("center",)),
    FlatColumn("element", 20),
    FlatColumn("raw", 26),
    FlatColumn("used", 14),
    FlatColumn("kind", 32),
)


def write_normalised(book: Book) -> None:
    """Fill the sheet with every normalised value of the files that count."""
    count = sum(1 for _ in _normalised(book.result))
    rows = _normalised_rows(book)
    write_flat(book, book.plan.normalised, "normalised", _NORMALISED, rows, count=count)


def _normalised(result: MergeResult) -> Iterator[tuple[ReturnRecord, list[DataValue]]]:
    """The answers that were normalised; the figures of one, such as 26/26, stand together."""
    for record in result.records:
        if record.content is not None and record.outcome.counted:
            parts = record.content.data_sets
            changed = [value for part in parts for value in part.values if value.normalisation]
            answers = groupby(changed, key=lambda v: (v.cell, v.key.element, v.normalisation))
            for _, group in answers:
                yield record, list(group)


def _normalised_rows(book: Book) -> Iterator[tuple[FlatCell, ...]]:
    for number, (record, values) in enumerate(_normalised(book.result), 1):
        first = values[0]
        key, cell = first.key, first.cell
        yield (
            number,
            record.unit.name if record.unit is not None else text("summary.no_unit"),
            record.name,
            cell.sheet,
            cell.a1,
            caption(forms_of(record, book.library), key.data_set, key.element, key.column),
            first.raw,
            "; ".join(say(value.used) for value in values),
            "; ".join(text(f"value.normalised.{step}") for step in first.normalisation),
        )
