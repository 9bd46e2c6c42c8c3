"""Marks that every template carries and every return is located by (contract 3); their digest.

Every sheet of a template, cover and forms alike, has a hidden first column with the code of each
row and a hidden first row with the code of each column; their corner, A1, holds the code of the
data set. Every input cell has a workbook-defined name besides (:meth:`DataSet.name_of`).
"""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from consolidate.model.datasets import Aggregation, DataSet, Library, TemplateSpec

COVER = "cover"
"""Code of the sheet that every workbook begins with."""
CODE_COLUMN = 0
"""Zero-based column of the row codes (A)."""
CODE_ROW = 0
"""Zero-based row of the column codes (row 1)."""

OPEN_ROW = "row"
"""Row code of every prepared row of an open table; rows that a person inserts carry none."""
OPEN_END = "end"
"""Row code of the row below the last one of an open table."""
NUMBER_COLUMN = "number"
"""Column code of the official numbers (MS, STT, TT)."""
LABEL_COLUMN = "label"
"""Column code of the labels of a fixed table."""
UNIT_COLUMN = "unit"
"""Column code of the units of measure of a fixed table."""
WINDOW_ROW = "window"
"""Row code of the line "Số liệu tính từ ngày … đến ngày …"."""

PREVIOUS, LAST_YEAR = "previous", "last_year"
"""First parts of the column codes of earlier answers (:func:`earlier_code`); intake skips them."""

STAMP_SHEET = "_stamp"
"""Name of the very hidden sheet with the stamp: keys in column A, values in column B, as text."""
STAMP_FORMAT = "consolidate/template/1"
"""Value of the key ``format``; the other keys are ``STAMP_KEYS``."""
STAMP_KEYS = (
    "format",
    "template",
    "version",
    "data_sets",
    "definition",
    "unit",
    "period",
    "serial",
)
"""``definition`` is a digest of the definitions; unit, period and serial are empty until issued."""

STAMP_SEAL = "seal"
"""A further key of issued templates: proof of the issue (``register.seal``)."""

GUIDE_SHEET, LIVE_SHEET = "Hướng dẫn", "Kiểm tra"
"""Names of the sheets of a template that no unit answers on: guidance, live checks."""
CHECK_SHEET, RETURN_SHEET = "Lỗi kiểm tra", "Cần sửa"
"""How the names of the sheets begin that we add to a workbook: findings of the add-in, what a
unit is to correct."""
CHECK_SIGNATURE = "consolidate/check/1"
"""Text of a cell of the sheet on which the add-in lists what it found in an open workbook."""
RETURN_SIGNATURE = "consolidate/return/1"
"""Text of a cell of the sheet that lists for a unit what to correct."""
SUMMARY_SIGNATURE = "consolidate/summary/1"
"""Text of a cell, unseen, near the top of every sheet of a summary with figures."""
NOTE_AUTHOR = "consolidate"
"""Author of the comments in a workbook that goes back to a unit."""
NOTE_MARK = f"({NOTE_AUTHOR})"
"""How the text of such a comment ends: some programs save comments without their authors."""


def earlier_code(period: str, column: str) -> str:
    """Make the column code of earlier answers beside a form: ``previous.value``.

    A column with a code is part of the template: intake neither reads nor reports what is in it.
    """
    return f"{period}.{column}"


def window_name(data_set: str) -> str:
    """Make the defined name of the data window line of a form: ``pctn_02.window``."""
    return f"{data_set}.window"


def rows_name(data_set: str) -> str:
    """Make the defined name of the whole body of an open table: ``pctn_02.rows``."""
    return f"{data_set}.rows"


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
    import json  # Few commands make or compare templates.
    from hashlib import sha256

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
