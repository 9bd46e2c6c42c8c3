"""Do the words of a report agree with the figures that count the same things?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataElement, DataSet, Library
from consolidate.model.findings import Finding, Severity
from consolidate.model.reasons import because
from consolidate.model.returns import DataSetReturn, Return

_LONGEST = 5000
"""Letters of a text that are read."""
_ANSWER = 80
"""Letters of the longest text that says none as a whole."""
_NONE = r"(?:không|chưa) (?:có|phát hiện|phát sinh|xảy ra|để xảy ra)\b"
_SAYS_NONE = re.compile(rf"(?:không|{_NONE}[^\d;\n]*)")
_MENTIONS_NONE = re.compile(_NONE)

Figures = Mapping[str, DataValue]
"""Figures of a return by the name of their cell (``pctn_01.m50``)."""


def check_narratives(content: Return, library: Library) -> list[Finding]:
    """A warning on each text that says none beside figures above zero, or tells of none at all.

    Asked are the items with ``counted_by``, where all of these figures are numbers. A text that
    mentions somewhere that there was nothing may stand beside zeros.
    """
    named = {name for form in library.data_sets for e in form.elements for name in e.counted_by}
    figures = {
        f"{part.code}.{value.key.element}": value
        for part in content.data_sets
        if part.code != content.cover.code
        for value in part.values
        if f"{part.code}.{value.key.element}" in named
    }
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if data_set.narrative:
            findings += _part(part, data_set, figures, library)
    return findings


def _part(
    part: DataSetReturn, data_set: DataSet, figures: Figures, library: Library
) -> Iterator[Finding]:
    for value in part.values:
        element = data_set.by_code.get(value.key.element)
        if element is None or not element.counted_by or not isinstance(value.value, str):
            continue
        counted = [figures[name] for name in element.counted_by if name in figures]
        above = [figure for figure in counted if figure.number]
        words, none = _words(value.value), says_none(value.value)
        if none and above:
            yield _finding("narrative.none_but_counted", data_set, element, value, above, library)
        zeros = len(counted) == len(element.counted_by) and all(f.number == 0 for f in counted)
        if not none and zeros and not _MENTIONS_NONE.search(words):
            yield _finding("narrative.told_but_zero", data_set, element, value, counted, library)


def says_none(text: str) -> bool:
    """Whether a text as a whole says that there was nothing: ``Không có.``, ``//``."""
    bare = _words(text).strip(" .-/")
    return not bare or (len(bare) <= _ANSWER and _SAYS_NONE.fullmatch(bare) is not None)


def _words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).casefold().split())


def _finding(
    rule: str,
    data_set: DataSet,
    element: DataElement,
    text: DataValue,
    figures: list[DataValue],
    library: Library,
) -> Finding:
    names = []
    for figure in figures:
        form = library.data_set(figure.key.data_set)
        number = form.by_code[figure.key.element].number
        names.append(f"{form.layout.number_header} {number}")
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        message=because(rule, caption=data_set.caption(element), figures=tuple(names)),
        data_set=data_set.code,
        element=element.code,
        sheet=text.cell.sheet,
        cells=(text.cell, *(figure.cell for figure in figures)),
        found=text.raw,
    )
