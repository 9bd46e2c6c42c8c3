"""One line of the sheet "Kiểm tra": a question, how much it matters, its answer, where to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.findings import Severity
from consolidate.rules.evaluation import Verdict
from consolidate.templates.check_sheet.live import LiveText

HOLDS, BROKEN, OPEN_QUESTION = (
    text("template.check.holds"),
    text("template.check.broken"),
    text("template.check.skipped"),
)
"""The three signs."""
SIGNS: Mapping[Verdict, str] = {
    Verdict.HOLDS: HOLDS,
    Verdict.BROKEN: BROKEN,
    Verdict.NOT_APPLICABLE: OPEN_QUESTION,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A formula (with its ``=``) that shows a number, or nothing, and what it shows now."""

    formula: str
    value: float | str
    style: str = "number"


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in one line.

    ``longest`` is the longest text that ``content`` can show; ``judged`` says that the line counts
    as one error or warning while it is broken. ``link`` is a cell or a formula that
    links to one. ``cells`` are coloured on their forms while the line shows the sign for broken.
    For a rule asked of each row of an open ``table``, ``verdicts`` is the column of the helper
    sheet with a verdict for each row (0 is broken), ``broken`` the rows that break it now, and
    ``marked`` the columns of answers to colour.
    """

    content: str | LiveText
    severity: str
    result: LiveText
    left: Figure | None = None
    right: Figure | None = None
    link: CellRef | LiveText | None = None
    longest: str = ""
    cells: Sequence[CellRef] = ()
    table: str = ""
    verdicts: int = 0
    broken: Sequence[int] = ()
    marked: Sequence[str] = ()
    colour: Severity = Severity.ERROR
    judged: bool = True


def quoted(literal: str) -> str:
    """A text inside a formula."""
    return '"' + literal.replace('"', '""') + '"'


def joined(*parts: str) -> str:
    """Parts of a formula joined to one text; empty ones left out."""
    return "&".join(part for part in parts if part and part != '""')


def around(key: str, **formulas: str) -> str:
    """A text of the catalogue as a formula, its placeholders filled by formulas."""
    marks = {name: f"\0{name}\0" for name in formulas}
    pieces = text(key, **marks).split("\0")
    return joined(*(formulas.get(piece) or quoted(piece) for piece in pieces if piece))
