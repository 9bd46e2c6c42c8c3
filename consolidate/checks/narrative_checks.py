"""Do the words of a report agree with the figures and the data window of the same return?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataElement, DataSet, Library
from consolidate.model.period import DataWindow
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import DataSetReturn, Return

_LONGEST = 5000
"""Letters of a text that are read."""
_ANSWER = 80
"""Letters of the longest text that says none as a whole."""
_NONE = r"(?:không|chưa) (?:có|phát hiện|phát sinh|xảy ra|để xảy ra)\b"
_SAYS_NONE = re.compile(rf"(?:0|không|{_NONE}[^\d;\n]*)")
_MENTIONS_NONE = re.compile(_NONE)
_DAY = r"(\d{1,2})/(\d{1,2})/(\d{4})"
_WINDOW = re.compile(
    rf"số liệu (?:được )?(?:tính )?từ (?:ngày )?{_DAY} đến (?:hết )?(?:ngày )?{_DAY}"
)
"""A window of figures told in a text; other spans of days are about something else. One within that
of the report is a part of it."""

Figures = Mapping[str, DataValue]
"""Figures of a return by the name of their cell (``pctn_01.m50``)."""


def check_narratives(content: Return, library: Library) -> list[Finding]:
    """Warn on texts that say none beside figures above zero, or tell of none at all.

    Others on a text that tells of figures of another data window, and on one that tells too little.
    Of figures are asked the items with ``counted_by``, where all of these are numbers. A text that
    mentions somewhere that there was nothing may stand beside zeros.
    """
    if not any(library.data_set(part.code).narrative for part in content.data_sets):
        return []
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
            if content.window is not None:
                findings += _windows(part, data_set, content.window)
    return findings


def _windows(part: DataSetReturn, data_set: DataSet, asked: DataWindow) -> Iterator[Finding]:
    for value in part.values:
        element = data_set.by_code.get(value.key.element)
        if element is None or not isinstance(value.value, str):
            continue
        for told in _WINDOW.finditer(_plain(value.value)):
            window = _window(*map(int, told.groups()))
            if window is not None and not (asked.start <= window.start and window.end <= asked.end):
                yield Finding(
                    rule="narrative.other_window",
                    severity=Severity.WARNING,
                    message=because(
                        "narrative.other_window",
                        caption=data_set.caption(element),
                        found=window.label,
                        expected=asked.label,
                    ),
                    data_set=data_set.code,
                    element=element.code,
                    sheet=value.cell.sheet,
                    cells=(value.cell,),
                    found=window.label,
                    expected=asked.label,
                )


def _window(*numbers: int) -> DataWindow | None:
    """The window of two days told as day, month, year; ``None`` if one of them is no day."""
    try:
        start, end = (date(year, month, day) for day, month, year in (numbers[:3], numbers[3:]))
    except ValueError:
        return None
    return DataWindow(start, end)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).casefold().split())


def _part(
    part: DataSetReturn, data_set: DataSet, figures: Figures, library: Library
) -> Iterator[Finding]:
    for value in part.values:
        element = data_set.by_code.get(value.key.element)
        if element is None or not isinstance(value.value, str):
            continue
        letters = len(_plain(value.value))
        if letters < element.shortest and not says_none(value.value):
            yield _too_short(value, data_set, element, letters)
        if not element.counted_by:
            continue
        counted = [figures[name] for name in element.counted_by if name in figures]
        above = [figure for figure in counted if figure.number]
        words, none = _plain(value.value), says_none(value.value)
        if none and above:
            yield _finding("narrative.none_but_counted", data_set, element, value, above, library)
        zeros = len(counted) == len(element.counted_by) and all(f.number == 0 for f in counted)
        if not none and zeros and not _MENTIONS_NONE.search(words):
            yield _finding("narrative.told_but_zero", data_set, element, value, counted, library)


def says_none(text: str) -> bool:
    """Whether a text as a whole says that there was nothing: ``Không có.``, ``//``, ``0``."""
    bare = _plain(text).strip(" .-/")
    return not bare or (len(bare) <= _ANSWER and _SAYS_NONE.fullmatch(bare) is not None)


def _too_short(value: DataValue, data_set: DataSet, element: DataElement, letters: int) -> Finding:
    caption = data_set.caption(element)
    return Finding(
        rule="narrative.too_short",
        severity=Severity.WARNING,
        message=because(
            "narrative.too_short", caption=caption, found=letters, least=element.shortest
        ),
        data_set=data_set.code,
        element=element.code,
        sheet=value.cell.sheet,
        cells=(value.cell,),
        found=value.raw,
        expected=f"≥ {element.shortest}",
    )


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
