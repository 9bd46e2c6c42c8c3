"""Word the sheet "Cần sửa": its heading and its lines, for every program that lays them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Finding, Severity, sorted_findings
from consolidate.xlsx.write.form_styles import (
    DOUBT_COLOURS,
    ERROR_COLOURS,
    HIGHEST,
    LIST_SIZE,
    TITLE_SIZE,
)
from consolidate.xlsx.write.measure import column_points, lines_needed, row_height
from consolidate.xlsx.write.safe_text import clean, cut_to

COLUMNS = ("number", "severity", "sheet", "cell", "found", "expected", "message")
WIDTHS = (5.0, 10.0, 13.0, 13.0, 19.0, 19.0, 62.0)
"""Widths of the columns in characters; a hidden one for the program follows them."""
LANDSCAPE_MARGINS = {"left": 0.5, "right": 0.4, "top": 0.6, "bottom": 0.6}
"""Margins of the printed page in inches."""
FILLS = {
    Severity.ERROR: ERROR_COLOURS[1].lstrip("#"),
    Severity.WARNING: DOUBT_COLOURS[1].lstrip("#"),
}
"""Colours of marked cells."""
_LONGEST = 2_000
"""Letters of a text of a finding that the sheet shows."""


@dataclass(frozen=True, slots=True)
class ListHeading:
    """Unit, form and period of the return; ``reason`` is why it is held or rejected."""

    unit: str
    report: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One finding with its number; the texts are safe to write into a cell or a comment."""

    number: int
    severity: Severity
    sheet: str
    address: str
    found: str
    expected: str
    message: str
    cells: tuple[CellRef, ...]

    @property
    def word(self) -> str:
        """The severity as people say it."""
        return text(f"terms.severity.{self.severity.value}")

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts of the columns after the number."""
        return (self.word, self.sheet, self.address, self.found, self.expected, self.message)

    @property
    def height(self) -> float:
        """Height of the row in points."""
        needed = (
            lines_needed(said, column_points(width), LIST_SIZE)
            for said, width in zip(self.texts, WIDTHS[1:], strict=True)
        )
        return min(row_height(max(needed), LIST_SIZE), HIGHEST)


def lines_of(findings: Iterable[Finding]) -> tuple[CorrectionLine, ...]:
    """Findings in the order of every report, numbered from 1."""
    return tuple(
        CorrectionLine(
            number,
            finding.severity,
            _short(finding.sheet or (finding.cells[0].sheet if finding.cells else "")),
            _short(finding.address),
            _short(sentence(finding.found)),
            _short(sentence(finding.expected)),
            _short(sentence(finding.message)),
            finding.cells,
        )
        for number, finding in enumerate(sorted_findings(findings), 1)
    )


def head_texts(
    heading: ListHeading, lines: Iterable[CorrectionLine], *, copy: bool, left_out: int
) -> list[str]:
    """Return the lines above the table: title, whose return, what to do, how much there is.

    ``copy`` says that the sheet is in the workbook of the unit; ``left_out`` is the number of
    cells that were not marked there, because there are too many.
    """
    counts = Counter(line.severity for line in lines)
    said = [
        text("annotate.title"),
        text("annotate.whose", unit=heading.unit, report=heading.report),
        text("annotate.hint" if copy else "annotate.hint_list"),
        text(
            "annotate.counts",
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.INFO],
        ),
    ]
    if heading.reason:
        said.insert(2, text("annotate.reason", reason=heading.reason))
    if left_out:
        said[-1] += " " + text("annotate.left_out", count=left_out)
    return [clean(line) for line in said]


def head_height(said: str, *, title: bool) -> float:
    """Height in points of a line above the table, which goes across all columns."""
    size = TITLE_SIZE if title else LIST_SIZE
    return row_height(lines_needed(said, sum(map(column_points, WIDTHS)), size, bold=title), size)


def caption(name: str) -> str:
    """Heading of a column."""
    return text(f"annotate.column.{name}")


def _short(said: str) -> str:
    return cut_to(clean(said), _LONGEST)
