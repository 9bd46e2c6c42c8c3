"""Findings: what is wrong, where, what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from consolidate.model.cells import CellRef, merge_cells
from consolidate.model.reasons import Reason
from consolidate.model.sent import sent_flat


class Severity(StrEnum):
    """How much a finding matters; only errors and warnings make a merge end with exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for errors, 1 for warnings, 2 for notes: the order in which they are listed."""
        return ("error", "warning", "info").index(self.value)


class Ours(StrEnum):
    """Why a finding is for the province to settle: no letter and no copy tells a unit of it.

    ``CALENDAR``: it sets no data window, or one that does not fit the round. ``ROSTER``: it names
    another unit for figures of the whole province. ``ADJUSTED``: a figure that the province put in
    place of the unit's has it (of this round, or of an earlier one that is compared with), the
    unit's own had not. ``SHARED``: most units have it. ``ACROSS``: figures of several units do not
    agree, and nobody can tell which is wrong.
    """

    CALENDAR = "calendar"
    ROSTER = "roster"
    ADJUSTED = "adjusted"
    SHARED = "shared"
    ACROSS = "across"


@sent_flat
@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about the cells of one file (contract 6 of ``docs/architecture.md``).

    ``rule`` is the id of a rule of a definition or of a built-in check (``value.not_whole``).
    ``found`` and ``expected`` are texts in Vietnamese notation, empty when there is nothing to
    compare, or reasons where they need words. ``message`` says what is wrong and what to do.
    """

    rule: str
    severity: Severity
    message: Reason
    data_set: str = ""
    element: str = ""
    sheet: str = ""
    cells: tuple[CellRef, ...] = ()
    found: str | Reason = ""
    expected: str | Reason = ""

    @property
    def address(self) -> str:
        """Cells merged and naturally sorted: ``D12:G12``; empty for a finding about a file."""
        return merge_cells(self.cells)

    @property
    def order(self) -> tuple[int, str, tuple[CellRef, ...], str, Reason]:
        """Sort key: severity, then sheet and cell in reading order, then rule; then any order."""
        return (self.severity.rank, self.sheet, tuple(sorted(self.cells)), self.rule, self.message)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings in the one order that every rendering uses, without repetitions."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.order))
