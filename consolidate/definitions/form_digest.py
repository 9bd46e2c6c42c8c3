"""Digest the definitions of a template: stamped into it, compared on its return."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from consolidate.model.datasets import Aggregation, DataSet, Library, TemplateSpec


def definition_digest(library: Library, template: str) -> str:
    """Return SHA-256 (hexadecimal) over the definitions of a template, its data sets and the cover.

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


def _canonical(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = {"": type(value).__name__}
        for item in dataclasses.fields(value):
            if not item.metadata.get("form", True):
                continue
            content, default = getattr(value, item.name), item.default
            if item.default_factory is not dataclasses.MISSING:
                default = item.default_factory()
            # Whether figures are added or given by one unit makes no other form to fill in.
            if content != default and content is not Aggregation.SINGLE:
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
