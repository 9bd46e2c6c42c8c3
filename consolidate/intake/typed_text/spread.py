"""One text that answers several columns of an open table: ``05 đã thực hiện - 16 đang làm``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from consolidate.intake.typed_text.typed_numbers import split_answers
from consolidate.model.datasets import DataElement
from consolidate.model.raw_cells import Cell


def spread_answers(
    columns: Sequence[tuple[DataElement, int]], contents: Sequence[Cell]
) -> dict[str, tuple[int, str, str]]:
    """One text that answers several columns, taken apart: element to (column, number, text).

    Only when every part of the text names one of the columns by its phrases, no two the same, and
    the other columns are blank; otherwise nothing is spread and the text stays one answer.
    """
    asked = [(element, index) for element, index in columns if element.phrases]
    if len(asked) < 2:
        return {}
    given = {
        index: content
        for (element, index), content in zip(columns, contents, strict=True)
        if element.phrases and content != ""
    }
    if len(given) != 1:
        return {}
    source, content = next(iter(given.items()))
    if not isinstance(content, str):
        return {}
    parts = split_answers(content)
    found: dict[str, tuple[int, str, str]] = {}
    for digits, words in parts:
        matching = [
            element.code
            for element, _ in asked
            if any(_says(words.casefold(), phrase) for phrase in element.phrases)
        ]
        if len(matching) != 1 or matching[0] in found:
            return {}
        found[matching[0]] = (source, digits, content)
    return found if len(found) > 1 else {}


def _says(words: str, phrase: str) -> bool:
    """Whether the words say the phrase, and not its contrary (``chưa hoàn thành``)."""
    return re.search(rf"(?<!chưa )(?<!không ){re.escape(phrase)}", words) is not None


def shared_columns(columns: Sequence[tuple[DataElement, int]]) -> frozenset[int]:
    """Columns of a table typed anew that several elements were asked in."""
    counts = Counter(index for _, index in columns)
    return frozenset(index for index, count in counts.items() if count > 1)
