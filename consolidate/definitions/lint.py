"""The linter of definitions: unknown keys, missing labels, absent elements, texts over the limits.

Every problem is one line ``file:line: what is wrong``, all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any

from consolidate.definitions.toml_lines import Entry, Source
from consolidate.model.anchors import (
    LABEL_COLUMN,
    NUMBER_COLUMN,
    OPEN_END,
    OPEN_ROW,
    UNIT_COLUMN,
    WINDOW_ROW,
    rows_name,
)
from consolidate.model.data_values import DENOMINATOR, NUMERATOR
from consolidate.model.datasets import (
    Aggregation,
    DataSet,
    Library,
    Missing,
    Scope,
    Shape,
    Stage,
    ValueType,
)
from consolidate.model.findings import Severity
from consolidate.model.period import PeriodType
from consolidate.rules.parsing import RuleSyntaxError

SHEET_NAME_LIMIT = 31
"""Excel's limit on the length of a sheet name."""
NAME_LIMIT = 255
"""Excel's limit on the length of a defined name."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")
_LOOKS_LIKE_A_CELL = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*c[0-9]*")

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _any_text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(item) for item in value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255


def _day(value: Any) -> bool:
    return type(value) is date


def _sheet(value: Any) -> bool:
    return _text(value) and len(value) <= SHEET_NAME_LIMIT and not set(value) & set("[]:*?/\\'")


def _code(value: Any) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _one_of(kind: type[StrEnum]) -> Check:
    return lambda value: value in {item.value for item in kind}


def _all_of(kind: type[StrEnum]) -> Check:
    known = {item.value for item in kind}
    return lambda value: _texts(value) and bool(value) and set(value) <= known


_TOP: dict[str, Check] = {
    "code": _code,
    "title": _text,
    "short_title": _text,
    "sheet": _sheet,
    "template": _any_text,
    "shape": _one_of(Shape),
    "version": _text,
    "legal_basis": _text,
    "serves_from": _day,
    "serves_to": _day,
    "periods": _all_of(PeriodType),
    "key_elements": _texts,
}
_LAYOUT: dict[str, Check] = {
    "landscape": _flag,
    "window": _flag,
    "title": _texts,
    "number_header": _text,
    "label_header": _text,
    "unit_header": _text,
    "form_code": _text,
    "number_width": _size,
    "label_width": _size,
    "unit_width": _size,
    "open_rows": _size,
}
_COLUMN: dict[str, Check] = {
    "code": _code,
    "label": _text,
    "group": _text,
    "type": _one_of(ValueType),
    "aggregation": _one_of(Aggregation),
    "width": _size,
}
_HEADING: dict[str, Check] = {"section": _text, "subsection": _text}
_ELEMENT: dict[str, Check] = {
    "code": _code,
    "number": _text,
    "label": _text,
    "unit": _text,
    "type": _one_of(ValueType),
    "aggregation": _one_of(Aggregation),
    "cumulative": _flag,
    "columns": _texts,
    "required": _texts,
    "minimum": _number,
    "maximum": _number,
    "normal_maximum": _number,
    "second": _code,
    "second_label": _text,
    "second_unit": _text,
    "choices": _texts,
    "phrases": _texts,
    "hint": _text,
    "indent": _size,
    "width": _size,
    "group": _text,
    "center": _flag,
    "added_later": _flag,
}
_RULE: dict[str, Check] = {
    "id": _code,
    "expression": _text,
    "severity": _one_of(Severity),
    "source": _text,
    "message": _text,
    "scope": _one_of(Scope),
    "stage": _one_of(Stage),
    "rows": _texts,
    "missing": _one_of(Missing),
    "missing_left": _one_of(Missing),
    "missing_right": _one_of(Missing),
    "tolerance": _number,
}
_TEMPLATE: dict[str, Check] = {
    "code": _code,
    "title": _texts,
    "short_title": _text,
    "file_name": lambda value: _text(value) and value.endswith(".xlsx"),
    "version": _text,
    "recipient": _text,
    "data_sets": _texts,
}
_ROW_CODES = frozenset({OPEN_ROW, OPEN_END, WINDOW_ROW, rows_name("").strip(".")})
_COLUMN_CODES = frozenset({NUMBER_COLUMN, LABEL_COLUMN, UNIT_COLUMN, NUMERATOR, DENOMINATOR})
_TOP_REQUIRED = tuple(key for key in _TOP if key not in ("serves_to", "key_elements"))


def lint_source(source: Source, *, is_templates: bool) -> list[str]:
    """Problems of one file by itself: keys, kinds of values, required keys, repeated codes."""
    if is_templates:
        entries = source.arrays.get("templates", ())
        problems = list(_keys(source, source.top, {}, ()))
        if not entries:
            problems.append(f"{source.file}:1: there are no [[templates]]")
        for entry in entries:
            problems += _keys(source, entry, _TEMPLATE, tuple(_TEMPLATE))
        return problems + list(_repeated(source, entries))
    problems = list(_keys(source, source.top, _TOP, _TOP_REQUIRED))
    code = source.top.data.get("code")
    if _code(code) and source.file != f"{code}.toml":
        line = source.top.line_of("code")
        problems.append(f"{source.file}:{line}: {code} belongs into {code}.toml")
    for name, entry in source.tables.items():
        if name == "layout":
            problems += _keys(source, entry, _LAYOUT, ())
        else:
            problems.append(f"{source.file}:{entry.line}: unknown table {name}")
    body = source.arrays.get("body", ())
    if not body:
        problems.append(f"{source.file}:1: a data set needs [[body]] rows")
    elements = [entry for entry in body if not set(_HEADING) & set(entry.data)]
    for entry in body:
        if entry in elements:
            problems += _keys(source, entry, _ELEMENT, ("code", "label", "type"))
        else:
            problems += _keys(source, entry, _HEADING, ())
            if set(_HEADING) <= set(entry.data):
                problems.append(
                    f"{source.file}:{entry.line}: [body] section or subsection, not both"
                )
    for entry in source.arrays.get("columns", ()):
        problems += _keys(source, entry, _COLUMN, ("code", "label"))
    for entry in source.arrays.get("rules", ()):
        problems += _keys(source, entry, _RULE, ("id", "expression", "severity", "source"))
    for name in source.arrays.keys() - {"body", "columns", "rules"}:
        line = source.arrays[name][0].line
        problems.append(f"{source.file}:{line}: unknown table {name}")
    is_open = source.top.data.get("shape") == Shape.OPEN.value
    problems += _reserved(source, elements, _COLUMN_CODES if is_open else _ROW_CODES)
    problems += _reserved(source, source.arrays.get("columns", ()), _COLUMN_CODES)
    problems += _repeated(source, elements)
    problems += _repeated(source, source.arrays.get("columns", ()))
    problems += _repeated(source, source.arrays.get("rules", ()), key="id")
    return problems


def _reserved(source: Source, entries: Iterable[Entry], codes: frozenset[str]) -> Iterator[str]:
    for entry in entries:
        code = entry.data.get("code")
        if isinstance(code, str) and code in codes:
            line = entry.line_of("code")
            yield f"{source.file}:{line}: {code} is a code of the templates themselves"


def _keys(
    source: Source, entry: Entry, known: Mapping[str, Check], required: tuple[str, ...]
) -> Iterator[str]:
    place = f"[{entry.table}] " if entry.table else ""
    for key, value in entry.data.items():
        where = f"{source.file}:{entry.line_of(key)}: {place}"
        if key not in known:
            yield f"{where}unknown key {key}"
        elif not known[key](value):
            yield f"{where}{key} cannot be {value!r}"
    for key in required:
        if key not in entry.data:
            yield f"{source.file}:{entry.line}: {place}missing key {key}"


def _repeated(source: Source, entries: Any, key: str = "code") -> Iterator[str]:
    seen: dict[str, int] = {}
    for entry in entries:
        code = entry.data.get(key)
        if not isinstance(code, str):
            continue
        if code in seen:
            first = seen[code]
            yield f"{source.file}:{entry.line_of(key)}: {code} is already on line {first}"
        else:
            seen[code] = entry.line_of(key)


def lint_parts(library: Library, sources: Mapping[str, Source]) -> list[str]:
    """Problems between parts: columns, elements and templates that name what is not there."""
    problems: list[str] = []
    for data_set in (*library.data_sets, library.cover):
        source = sources[f"{data_set.code}.toml" if data_set is not library.cover else "cover.toml"]
        problems += _parts(data_set, source)
        if data_set is not library.cover and data_set.template not in library.template_by_code:
            line = source.top.line_of("template")
            problems.append(f"{source.file}:{line}: there is no template {data_set.template}")
    for template, entry in zip(
        library.templates, sources["templates.toml"].arrays["templates"], strict=True
    ):
        line = entry.line_of("data_sets")
        for code in template.data_sets:
            if code not in library.by_code or library.by_code[code].template != template.code:
                problems.append(f"templates.toml:{line}: {template.code} has no data set {code}")
    return problems


def lint_library(
    library: Library,
    faults: Mapping[tuple[str, str], RuleSyntaxError],
    sources: Mapping[str, Source],
) -> list[str]:
    """Problems of the whole: sheets of a template, its periods, rules that cannot be bound.

    ``faults`` are those of the rules, by data set and id. :func:`lint_parts` found no problem.
    """
    problems = list(_sheets(library, sources))
    for template in library.templates:
        rounds = [kind.round for kind in library.periods_of(template.code)]
        if len(rounds) != len(set(rounds)):
            problems.append(f"templates.toml: {template.code} has two periods in one round")
    for data_set in (*library.data_sets, library.cover):
        problems += _rules(data_set, faults, sources[f"{data_set.code}.toml"])
    return problems


def _sheets(library: Library, sources: Mapping[str, Source]) -> Iterator[str]:
    """Sheets of one workbook have different names and are returned for the same periods."""
    for template in library.templates:
        seen = {library.cover.sheet.casefold()}
        for data_set in library.sets_of(template.code):
            top = sources[f"{data_set.code}.toml"].top
            where = f"{data_set.code}.toml"
            if data_set.sheet.casefold() in seen:
                line = top.line_of("sheet")
                yield f"{where}:{line}: {template.code} has two sheets called {data_set.sheet}"
            if data_set.periods != library.periods_of(template.code):
                line = top.line_of("periods")
                yield f"{where}:{line}: the data sets of {template.code} have different periods"
            seen.add(data_set.sheet.casefold())


def _parts(data_set: DataSet, source: Source) -> Iterator[str]:
    columns = {column.code for column in data_set.columns} or {"value"}
    entries = [entry for entry in source.arrays["body"] if "code" in entry.data]
    for element, entry in zip(data_set.elements, entries, strict=True):
        for key, named in (("columns", element.columns), ("required", element.required)):
            for code in named:
                if code not in columns:
                    line = entry.line_of(key)
                    yield f"{source.file}:{line}: {element.code} names column {code}, not defined"
        if element.second in columns:
            line = entry.line_of("second")
            yield f"{source.file}:{line}: {element.second} is a column and a second figure"
        low, high = element.minimum, element.maximum
        if low is not None and high is not None and low > high:
            line = entry.line_of("maximum")
            yield f"{source.file}:{line}: {element.code} has its minimum above its maximum"
        for column in element.columns:
            name = data_set.name_of(element.code, column)
            if len(name) > NAME_LIMIT or _LOOKS_LIKE_A_CELL.fullmatch(name):
                yield f"{source.file}:{entry.line}: {name} cannot be a defined name"
        if element.type is ValueType.PERCENTAGE and element.aggregation is Aggregation.SUM:
            yield f"{source.file}:{entry.line}: {element.code} is a ratio: it cannot be summed"
        if element.type is ValueType.CHOICE and not element.choices and data_set.code != "cover":
            yield f"{source.file}:{entry.line}: {element.code} is a choice without choices"
    if data_set.serves_to is not None and data_set.serves_to < data_set.serves_from:
        line = source.top.line_of("serves_to")
        yield f"{source.file}:{line}: serves_to is before serves_from"
    for code in data_set.key_elements:
        if code not in data_set.by_code:
            line = source.top.line_of("key_elements")
            yield f"{source.file}:{line}: key element {code} is not defined"
    if (data_set.shape is Shape.OPEN) != (not data_set.columns):
        yield f"{source.file}:1: columns are for fixed tables, and every fixed table has some"


def _rules(
    data_set: DataSet, faults: Mapping[tuple[str, str], RuleSyntaxError], source: Source
) -> Iterator[str]:
    for rule in data_set.rules:
        entry = next(e for e in source.arrays["rules"] if e.data["id"] == rule.id)
        line = entry.line_of("expression")
        fault = faults.get((data_set.code, rule.id))
        if fault is not None:
            pointer = f"{rule.expression}\n{' ' * fault.offset}^"
            yield f"{source.file}:{line}: rule {rule.id}: {fault.reason}\n{pointer}"
        for code in rule.rows:
            if code not in data_set.by_code:
                yield f"{source.file}:{line}: rule {rule.id} names row {code}, not defined"
