"""Read marks as officers set them: ``x`` · ``X`` · ``×`` · ``✓`` · ``có``; a blank is no mark."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from consolidate.intake.typed_text.typed_numbers import NOTHING
from consolidate.model.cells import Cell, raw_text
from consolidate.model.data_values import ValueStatus
from consolidate.model.text import tidy

MARK = "x"
"""The mark as the forms print it; every other spelling becomes it."""
_SPELLINGS = frozenset({"x", "х", "×", "✗", "✕", "✖", "✘", "☒", "✓", "✔", "☑", "có"})
"""What stands for a mark, casefolded; the second is the Cyrillic letter of the same look."""
_NO_MARK = NOTHING | {"0", "☐"}


@dataclass(frozen=True, slots=True)
class MarkReading:
    """What a cell answers as a mark; ``step`` is how it was read, ``""`` as it stands."""

    status: ValueStatus
    step: str = ""
    problem: str = ""


def read_mark(cell: Cell) -> MarkReading:
    """Read a cell as a mark; words for nothing and 0 are no mark, anything else is refused."""
    text = tidy(raw_text(cell))
    if not text:
        return MarkReading(ValueStatus.MISSING)
    plain = unicodedata.normalize("NFKC", text)
    word = plain.casefold().rstrip(".").replace("\ufe0f", "")  # The sign that asks for a picture.
    if word in _SPELLINGS:
        return MarkReading(ValueStatus.REPORTED, "" if text == MARK else "mark")
    if word in _NO_MARK:
        return MarkReading(ValueStatus.MISSING, "no_mark")
    return MarkReading(ValueStatus.INVALID, problem="not_a_mark")
