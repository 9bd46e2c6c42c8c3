"""The keys of definitions: what each may say. The linter, the form book and the reference use them.

What a key means is told by the messages ``keys.<table>.<key>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any

from consolidate.model.datasets import Aggregation, Role, Shape, ValueType
from consolidate.model.period import PeriodType
from consolidate.model.reasons import Reason, Severity, because
from consolidate.model.rules import Missing, Scope, Stage
from consolidate.model.units import UnitKind

SHEET_NAME_LIMIT = 31
"""Excel's limit on the length of a sheet name."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")
_PACK_CODE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
YEAR_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])( -1y)?")
"""A day of the reporting year (``06-14``), or of the year before (``12-15 -1y``)."""


KEY_FIGURE = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?: *(\S.*)")
"""Data set, element, column if the form has several, and a short name: ``pctn_01.m44: Vụ việc``."""
KEY_FIGURES = 6
"""Most key figures of a pack: more are no page that is read in a minute."""


class Content(StrEnum):
    """What a key holds."""

    TEXT = "text"
    TEXTS = "texts"
    FLAG = "flag"
    NUMBER = "number"
    DAY = "day"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it holds, whether a value is right, and what is wanted, for people.

    ``choices`` are the only texts that it takes, if they are fixed.
    """

    content: Content
    right: Callable[[Any], bool]
    wanted: Reason
    choices: tuple[str, ...] = ()


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list(of: Callable[[Any], object], least: int = 0, most: int = 1000) -> Callable[[Any], bool]:
    """Make the test of a list of ``least`` to ``most`` items that are right by another test."""

    def right(value: Any) -> bool:
        return isinstance(value, list) and least <= len(value) <= most and all(map(of, value))

    return right


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255


def _sheet(value: Any) -> bool:
    return _text(value) and len(value) <= SHEET_NAME_LIMIT and not set(value) & set("[]:*?/\\'")


def is_code(value: Any) -> bool:
    """Whether a value may be the code of a data set, element, column or rule."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _key_figure(value: Any) -> bool:
    return isinstance(value, str) and KEY_FIGURE.fullmatch(value) is not None


def _window(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"from", "to"}:
        return False
    return all(isinstance(day, str) and YEAR_DAY.fullmatch(day) for day in value.values())


def _due(value: Any) -> bool:
    if not isinstance(value, dict) or not {"day"} <= value.keys() <= {"day", "strictly_before"}:
        return False
    return _size(value["day"]) and 1 <= value["day"] <= 28


def _is_one(kind: type[StrEnum]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in tuple(kind)


def _one_of(kind: type[StrEnum]) -> Key:
    known = tuple(item.value for item in kind)
    wanted = because("keys.wanted.one_of", known=", ".join(known))
    return Key(Content.TEXT, _is_one(kind), wanted, known)


def _all_of(kind: type[StrEnum]) -> Key:
    known = tuple(item.value for item in kind)
    wanted = because("keys.wanted.all_of", known=", ".join(known))
    return Key(Content.TEXTS, _list(_is_one(kind), 1), wanted, known)


TEXT = Key(Content.TEXT, _text, because("keys.wanted.text"))
TEXTS = Key(Content.TEXTS, _list(_text), because("keys.wanted.texts"))
_SOME_TEXTS = Key(Content.TEXTS, _list(_text, 1), because("keys.wanted.texts"))
FLAG = Key(Content.FLAG, lambda value: isinstance(value, bool), because("keys.wanted.flag"))
NUMBER = Key(Content.NUMBER, _number, because("keys.wanted.number"))
_PART = Key(
    Content.NUMBER, lambda value: _number(value) and 0 <= value <= 1, because("keys.wanted.part")
)
SIZE = Key(Content.NUMBER, _size, because("keys.wanted.size"))
DAY = Key(Content.DAY, lambda value: type(value) is date, because("keys.wanted.day"))
_CODE_KEY = Key(Content.TEXT, is_code, because("keys.wanted.code"))
_CODES = Key(Content.TEXTS, _list(is_code, 1), because("keys.wanted.codes"))
_SHEET = Key(Content.TEXT, _sheet, because("keys.wanted.sheet", most=SHEET_NAME_LIMIT))
_WINDOW = Key(Content.TABLE, _window, because("keys.wanted.window"))
_DUE = Key(Content.TABLE, _due, because("keys.wanted.due"))
_TILE = Key(Content.TEXTS, _list(_is_one(PeriodType), 2, 2), because("keys.wanted.tile"))

TOP: Mapping[str, Key] = {
    "code": _CODE_KEY,
    "title": TEXT,
    "short_title": TEXT,
    "sheet": _SHEET,
    "shape": _one_of(Shape),
    "periods": _all_of(PeriodType),
    "key_elements": TEXTS,
    "aggregation": _one_of(Aggregation),
}
LAYOUT: Mapping[str, Key] = {
    "landscape": FLAG,
    "window": FLAG,
    "title": TEXTS,
    "number_header": TEXT,
    "label_header": TEXT,
    "unit_header": TEXT,
    "form_code": TEXT,
    "appendix": TEXT,
    "number_width": SIZE,
    "label_width": SIZE,
    "unit_width": SIZE,
    "open_rows": SIZE,
    "column_numbers": TEXT,
    "total_label": TEXT,
}
COLUMN: Mapping[str, Key] = {
    "code": _CODE_KEY,
    "label": TEXT,
    "group": TEXT,
    "type": _one_of(ValueType),
    "aggregation": _one_of(Aggregation),
    "computed": TEXT,
    "width": SIZE,
}
HEADING: Mapping[str, Key] = {"section": TEXT, "subsection": TEXT}
ELEMENT: Mapping[str, Key] = {
    "code": _CODE_KEY,
    "number": TEXT,
    "label": TEXT,
    "unit": TEXT,
    "type": _one_of(ValueType),
    "aggregation": _one_of(Aggregation),
    "cumulative": FLAG,
    "columns": TEXTS,
    "required": TEXTS,
    "minimum": NUMBER,
    "maximum": NUMBER,
    "normal_maximum": NUMBER,
    "second": _CODE_KEY,
    "second_label": TEXT,
    "second_unit": TEXT,
    "choices": TEXTS,
    "phrases": TEXTS,
    "hint": TEXT,
    "guidance": TEXT,
    "counted_by": TEXTS,
    "shortest": SIZE,
    "periods": _all_of(PeriodType),
    "applies_to": _CODES,
    "indent": SIZE,
    "width": SIZE,
    "group": TEXT,
    "center": FLAG,
    "tiles": FLAG,
    "added_later": FLAG,
    "parent": _CODE_KEY,
    "names": _CODE_KEY,
    "role": _one_of(Role),
    "computed": TEXT,
}
RULE: Mapping[str, Key] = {
    "id": _CODE_KEY,
    "expression": TEXT,
    "severity": _one_of(Severity),
    "source": TEXT,
    "message": TEXT,
    "scope": _one_of(Scope),
    "stage": _one_of(Stage),
    "rows": TEXTS,
    "missing": _one_of(Missing),
    "missing_left": _one_of(Missing),
    "missing_right": _one_of(Missing),
    "tolerance": NUMBER,
}
PACK: Mapping[str, Key] = {
    "code": Key(
        Content.TEXT,
        lambda value: isinstance(value, str) and _PACK_CODE.fullmatch(value) is not None,
        because("keys.wanted.pack_code"),
    ),
    "family": _CODE_KEY,
    "title": TEXT,
    "short_title": TEXT,
    "heading": TEXTS,
    "legal_basis": TEXT,
    "to_confirm": TEXTS,
    "serves_from": DAY,
    "serves_to": DAY,
    "recipient": TEXT,
    "version": TEXT,
    "file_name": Key(
        Content.TEXT,
        lambda value: _text(value) and value.endswith(".xlsx"),
        because("keys.wanted.file_name"),
    ),
    "data_sets": _SOME_TEXTS,
    "key_figures": Key(
        Content.TEXTS,
        _list(_key_figure, most=KEY_FIGURES),
        because("keys.wanted.key_figures", most=KEY_FIGURES),
    ),
    "uncited": FLAG,
    "whole_points": NUMBER,
    "far_points": _PART,
    "late_points": _PART,
}
OPTIONAL_OF_PACK = frozenset(
    {"uncited", "to_confirm", "serves_to", "key_figures"}
    | {"whole_points", "far_points", "late_points"}
)
PACKAGE: Mapping[str, Key] = {
    "kinds": _all_of(UnitKind),
    "periods": _all_of(PeriodType),
    "data_sets": TEXTS,
    "summed": FLAG,
}
PACK_TABLES: Mapping[str, Mapping[str, Key]] = {
    "windows": {kind.value: _WINDOW for kind in PeriodType},
    "due": dict.fromkeys(("unit", "province"), _DUE),
    "tiles": {kind.value: _TILE for kind in PeriodType},
    "replaces": {"pack": TEXT, "ended": TEXTS, "new": TEXTS},
}
