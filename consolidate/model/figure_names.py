"""Find figures by the names that people give them: ``MS 40``, ``STT 5.1``, ``pctn_01.c40``."""

from __future__ import annotations

import re
from typing import NamedTuple

from consolidate.model.datasets import DataElement, DataSet, Library, Shape
from consolidate.model.text import name_key, tidy

_NUMBERED = re.compile(r"(?:(ms|stt|tt)[\s.:]*)?(\d+(?:\.\d+)*)(?![\w.])[\s,;:.–-]*(.*)")


class FigureName(NamedTuple):
    """One figure of the definitions; ``column`` is ``""`` in open tables."""

    data_set: DataSet
    element: DataElement
    column: str


def find_figures(library: Library, words: str) -> tuple[FigureName, ...]:
    """Find the figures that some words name, in form order; none for words that name nothing.

    The words are a machine name (``pctn_01.c40``, ``cchc_pl3_2.r5_1.total``), an official number
    (``MS40``, ``MS 40``, ``5.1``) or a label, with the code or sheet of the form before it and the
    column behind it where that is needed. Without a column they name every column of the row.
    """
    asked = tidy(words).casefold()
    for data_set in library.data_sets:
        found = tuple(
            FigureName(data_set, element, column)
            for element, column in data_set.figures()
            if asked in (short := f"{data_set.code}.{element.code}".casefold(), f"{short}.{column}")
        )
        if found:
            return found
    forms, rest = _of_form(library, asked)
    return tuple(
        FigureName(data_set, element, column)
        for data_set in forms
        for element, tail in find_elements(data_set, rest)
        for column in find_columns(data_set, element, tail)
    )


def find_data_set(library: Library, words: str) -> DataSet | None:
    """Find the form of a code (``pctn_01``), sheet (``Biểu 01``) or short title."""
    key = name_key(words)
    for data_set in library.data_sets:
        if key and key in {name_key(name) for name in _form_names(data_set)}:
            return data_set
    return None


def find_elements(data_set: DataSet, words: str) -> tuple[tuple[DataElement, str], ...]:
    """Find elements by code, official number or label, each with the words behind it."""
    asked = tidy(words).casefold()
    coded = [element for element in data_set.elements if asked == element.code.casefold()]
    if coded:
        return tuple((element, "") for element in coded)
    match = _NUMBERED.fullmatch(asked)
    if match is not None and data_set.shape is Shape.FIXED:
        head, number, tail = match.groups()
        if head and head != data_set.layout.number_header.casefold():
            return ()
        return tuple((item, tail) for item in data_set.elements if item.number == number)
    key = name_key(asked)
    return tuple((item, "") for item in data_set.elements if key and key == name_key(item.label))


def find_columns(data_set: DataSet, element: DataElement, words: str) -> tuple[str, ...]:
    """Find the columns of a row that some words name; all of them for no words."""
    own = [column for item, column in data_set.figures() if item is element]
    key = name_key(words)
    if not key:
        return tuple(own)
    return tuple(column for column in own if key in _column_names(data_set, element, column))


def _form_names(data_set: DataSet) -> tuple[str, ...]:
    return data_set.code, data_set.sheet, data_set.short_title


def _of_form(library: Library, asked: str) -> tuple[tuple[DataSet, ...], str]:
    """The forms that words can be about, and the words behind the name of the form."""
    for data_set in library.data_sets:
        for name in _form_names(data_set):
            before = name.casefold()
            if asked.startswith(before) and not asked[len(before) : len(before) + 1].isalnum():
                return (data_set,), asked[len(before) :].lstrip(" ,;:.–-›")
    return library.data_sets, asked


def _column_names(data_set: DataSet, element: DataElement, column: str) -> set[str]:
    names = {column}
    if column in data_set.column_by_code:
        names.add(data_set.column_by_code[column].label)
    if column == element.second:
        names.add(element.second_label)
    return {name_key(name) for name in names if name}
