"""The list of files: every file of the inbox with its outcome, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.findings import Severity
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.reports.book import Book
from consolidate.reports.flat import FlatCell, FlatColumn, Linked, Marked, write_flat
from consolidate.reports.plan import stamp_overall
from consolidate.reports.trace import HASH_DIGITS

_COLUMNS = (
    ("number", 5.5, ("center",)),
    ("file", 30, ()),
    ("outcome", 14, ()),
    ("reason", 28, ()),
    ("unit", 20, ()),
    ("level", 10, ("center",)),
    ("template", 9, ("center",)),
    ("period", 13, ("center",)),
    ("revision", 6, ("center",)),
    ("received", 11, ("center",)),
    ("late", 6.5, ("center",)),
    ("errors", 6.5, ("center",)),
    ("warnings", 7.5, ("center",)),
    ("notes", 6.5, ("center",)),
    ("sha256", 13, ("center", "small")),
    ("link", 6, ("center",)),
)
_ON_SCREEN = ("sha256", "link")
"""Columns that say nothing on paper; the last ones."""
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
    columns = [
        FlatColumn(text(f"summary.files.{key}"), width, traits, key in _ON_SCREEN)
        for key, width, traits in _COLUMNS
        if dated or key not in _REMEMBERED
    ]
    ignored = book.result.ignored
    write_flat(
        book,
        book.plan.files,
        (text("summary.files.title"),),
        stamp_overall(book.result),
        columns,
        _rows(book, dated=dated),
        empty=text("summary.files.none"),
        hint=text("summary.files.ignored", count=ignored) if ignored else "",
    )


def _rows(book: Book, *, dated: bool) -> Iterator[tuple[FlatCell, ...]]:
    for number, record in enumerate(book.result.records, 1):
        content, unit = record.content, record.unit
        counts = Counter(finding.severity for finding in record.findings)
        template = book.library.template_by_code.get(content.template) if content else None
        outcome = text(f"terms.outcome.{record.outcome.value}")
        trait = _TRAITS.get(record.outcome)
        target = book.file_target(record)
        yield (
            number,
            record.name,
            Marked(outcome, trait) if trait is not None else outcome,
            sentence(record.reason),
            unit.name if unit is not None else text("summary.no_unit"),
            unit.level.label if unit is not None else "",
            template.short_title if template is not None else "",
            content.period.label if content is not None and content.period is not None else "",
            content.revision if content is not None else "",
            *(_days(record) if dated else ()),
            *(counts.get(severity, 0) for severity in Severity),
            record.sha256[:HASH_DIGITS],
            Linked(text("summary.files.open"), target) if target is not None else "",
        )


def _days(record: ReturnRecord) -> tuple[FlatCell, FlatCell]:
    """The day on which a file came, and how many days late that was."""
    day = f"{record.received:%d/%m/%Y}" if record.received is not None else ""
    late = record.lateness.days if record.lateness is not None else 0
    return day, late or ""
