"""The list of findings: what is wrong, in which cell, what it should be, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from consolidate.definitions.catalogue import sentence, shown, text
from consolidate.model.findings import Finding
from consolidate.model.returns import ReturnRecord
from consolidate.reports.book import Book, internal
from consolidate.reports.captions import caption
from consolidate.reports.flat import FlatCell, FlatColumn, Linked, Marked, write_flat
from consolidate.reports.plan import stamp_overall

_COLUMNS = (
    ("number", 5.5, ("center",)),
    ("severity", 9.5, ("center",)),
    ("unit", 20, ()),
    ("file", 22, ("small",)),
    ("sheet", 9, ("center",)),
    ("cell", 9, ("center",)),
    ("element", 13, ()),
    ("found", 13.5, ()),
    ("expected", 13.5, ()),
    ("message", 46, ()),
)


def write_findings(book: Book) -> None:
    """Fill the sheet. The by-unit sheets come first: they say where each cell is shown."""
    columns = [
        FlatColumn(text(f"summary.findings.{key}"), width, traits)
        for key, width, traits in _COLUMNS
    ]
    write_flat(
        book,
        book.plan.findings,
        (text("summary.findings.title"),),
        stamp_overall(book.result),
        columns,
        _rows(book),
        empty=text("summary.findings.none"),
        hint=text("summary.findings.hint"),
    )


def _rows(book: Book) -> Iterator[tuple[FlatCell, ...]]:
    for number, (record, finding) in enumerate(book.result.findings(), 1):
        first = finding.cells[0] if finding.cells else None
        sheet = finding.sheet or (first.sheet if first is not None else "")
        yield (
            number,
            Marked(text(f"terms.severity.{finding.severity.value}"), finding.severity.value),
            record.unit.name if record.unit is not None else text("summary.no_unit"),
            record.name,
            Linked(sheet, book.file_target(record, first)),
            Linked(finding.address, _shown_at(book, record, finding)),
            caption(book.library, finding.data_set, finding.element),
            shown(finding.found),
            shown(finding.expected),
            sentence(finding.message),
        )


def _shown_at(book: Book, record: ReturnRecord, finding: Finding) -> str | None:
    """Link to the first of the finding's cells that this workbook shows."""
    for cell in finding.cells:
        place = book.places.get((record.name, cell))
        if place is not None:
            return internal(place)
    return None
