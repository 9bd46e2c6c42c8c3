"""Short names of figures and values for people, in the notation of official documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import DataSet, Library
from consolidate.model.numbers import format_day, format_number
from consolidate.model.values import DENOMINATOR, NUMERATOR, Scalar


def caption(library: Library, data_set: str, element: str, column: str = "") -> str:
    """Short official reference of a figure, ``""`` when the definitions do not know it."""
    found: DataSet | None = (
        library.cover if data_set == library.cover.code else library.by_code.get(data_set)
    )
    if found is None or element not in found.by_code:
        return ""
    item = found.by_code[element]
    if column and column == item.second:
        return f"{found.caption(item)}, {item.second_label}"
    if column in (NUMERATOR, DENOMINATOR):
        return text(f"summary.caption.{column}", caption=found.caption(item))
    return found.caption(item, column)


def say(value: Scalar | None) -> str:
    """A value as Vietnamese readers write it: ``1.819``, ``28/08/2018``, or the text itself."""
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return value or ""
