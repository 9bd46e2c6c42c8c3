"""The stamp of a template: which definitions made it, for whom, for which period (contract 3)."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from consolidate.forms.prefill import Prefill
from consolidate.model.anchors import STAMP_FORMAT, STAMP_KEYS, STAMP_SEAL, STAMP_SHEET
from consolidate.model.datasets import DataSet, Library, RuleSpec, TemplateSpec

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_PLACES: dict[type, frozenset[str]] = {RuleSpec: frozenset({"line"})}
"""Fields that say where a thing was written, not what it is."""


def definition_digest(library: Library, template: str) -> str:
    """SHA-256 (hexadecimal) over the definitions of a template, its data sets and the cover.

    The same on every platform. Fields at their default are left out, so that the model can grow
    without changing the digest of templates that do not use what was added.

    Raises:
        KeyError: there is no such template.
    """
    spec = library.template_by_code[template]
    return _digest(spec, library.cover, library.sets_of(template))


@lru_cache(maxsize=32)
def _digest(spec: TemplateSpec, cover: DataSet, data_sets: tuple[DataSet, ...]) -> str:
    content = {
        "template": _canonical(spec),
        "cover": _canonical(cover),
        "data_sets": [_canonical(data_set) for data_set in data_sets],
    }
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def stamp_values(library: Library, template: str, prefill: Prefill) -> dict[str, str]:
    """The stamp as key and value, in the order of ``STAMP_KEYS``; data sets joined by commas.

    A seal follows when there is one.
    """
    spec = library.template_by_code[template]
    values = {
        "format": STAMP_FORMAT,
        "template": spec.code,
        "version": spec.version,
        "data_sets": ",".join(spec.data_sets),
        "definition": definition_digest(library, template),
        "unit": prefill.unit,
        "period": prefill.period,
        "serial": prefill.serial,
    }
    ordered = {key: values[key] for key in STAMP_KEYS}
    return ordered | {STAMP_SEAL: prefill.seal} if prefill.seal else ordered


def write_stamp(workbook: Workbook, values: dict[str, str]) -> None:
    """Add the very hidden sheet with keys in column A and values in column B, as text."""
    sheet = workbook.add_worksheet(STAMP_SHEET)
    for row, (key, value) in enumerate(values.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.protect()
    sheet.very_hidden()


def _canonical(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        left_out = _PLACES.get(type(value), frozenset())
        shown = {"": type(value).__name__}
        for item in dataclasses.fields(value):
            content = getattr(value, item.name)
            if item.name in left_out or content == _default(item):
                continue
            shown[item.name] = _canonical(content)
        return shown
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_canonical(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(_canonical(item) for item in value)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default_factory is not dataclasses.MISSING:
        return item.default_factory()
    return item.default
