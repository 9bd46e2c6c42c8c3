"""Does a note that counts what the columns beside it count say the same figures?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataElement, DataSet, Library, Shape, ValueType
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import format_number

_LONGEST = 5000
"""Letters of a note that are read."""


def check_notes(content: Return, library: Library) -> list[Finding]:
    """Note each figure that a text of the same row counts otherwise.

    Asked are the columns with ``phrases``: ``- 15 nhiệm vụ đang thực hiện`` beside a 16. A text
    that names fewer than two of them, or one of them twice, counts something else.
    """
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if data_set.shape is Shape.OPEN:
            findings += _part(part, data_set)
    return findings


def _part(part: DataSetReturn, data_set: DataSet) -> Iterator[Finding]:
    counted = {element.code: element for element in data_set.elements if element.phrases}
    texts = [
        element.code
        for element in data_set.elements
        if element.type is ValueType.TEXT and element.code not in data_set.key_elements
    ]
    rows: dict[int, dict[str, DataValue]] = {}
    for value in part.values if counted else ():
        rows.setdefault(value.key.row, {})[value.key.element] = value
    for number, row in rows.items():
        for text in texts:
            note = row[text].value if text in row else None
            told = _counts(note, counted) if isinstance(note, str) else {}
            for code, count in told.items():
                figure = row[code].number if code in row else None
                if figure is not None and figure != count:
                    yield _finding(data_set, number, row[code], row[text], count)


def _counts(note: str, counted: dict[str, DataElement]) -> dict[str, Decimal]:
    """The figures that a note gives for columns, by element; none unless it gives several."""
    words = unicodedata.normalize("NFC", note[:_LONGEST]).casefold()
    found: dict[str, Decimal] = {}
    for code, element in counted.items():
        phrases = "|".join(map(re.escape, element.phrases))
        unit = rf"(?:{re.escape(element.unit.casefold())}\s+)?" if element.unit else ""
        pattern = rf"(?<![\w.,/])(\d{{1,3}}(?:\.\d{{3}})+|\d{{1,9}})\s+{unit}(?:{phrases})"
        counts = re.findall(pattern, words)
        if len(counts) > 1:
            return {}
        if counts:
            found[code] = Decimal(counts[0].replace(".", ""))
    return found if len(found) > 1 else {}


def _finding(
    data_set: DataSet, number: int, figure: DataValue, note: DataValue, count: Decimal
) -> Finding:
    used = figure.number or Decimal(0)
    return Finding(
        rule="value.note_differs",
        severity=Severity.INFO,
        message=because(
            "value.note_differs",
            place=because("rules.row", number=number),
            caption=data_set.caption(data_set.by_code[figure.key.element]),
            note=data_set.caption(data_set.by_code[note.key.element]),
            used=used,
            count=count,
        ),
        data_set=data_set.code,
        element=figure.key.element,
        sheet=figure.cell.sheet,
        cells=(figure.cell, note.cell),
        found=format_number(used),
        expected=format_number(count),
    )
