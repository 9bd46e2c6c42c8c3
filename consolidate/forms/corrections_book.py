"""The workbook of corrections that an officer keeps; ``register.corrections_book`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.definitions.catalogue import text
from consolidate.forms.kept_table import KeptColumn, KeptTable, kept_columns, write_kept_tables
from consolidate.forms.styles import DATE_FORMAT
from consolidate.model.corrections import EVERY_UNIT, Adjustment, Corrections, Waiver
from consolidate.model.datasets import Library, Shape
from consolidate.model.units import Roster
from consolidate.model.values import ValueKey

_ADJUSTMENT_WIDTHS: dict[str, float] = {
    "period": 10, "unit": 11.5, "data_set": 10, "element": 13, "column": 13, "row": 8, "value": 14,
    "reason": 32, "document": 18, "author": 18, "on": 12, "expires": 12,
}  # fmt: skip
_WAIVER_WIDTHS: dict[str, float] = {
    "rule": 26, "unit": 11.5, "period": 12, "until": 12, "reason": 40, "document": 22,
    "author": 22, "on": 12,
}  # fmt: skip
_FORMATS = dict.fromkeys(("on", "expires", "until"), DATE_FORMAT)
_CENTRED = ("period", "unit", "data_set", "row")

Content = str | date | None


def build_corrections(
    corrections: Corrections, library: Library, roster: Roster, rules: Iterable[str]
) -> bytes:
    """The workbook of some corrections, in their order, with ruled rows for more.

    ``rules`` are the ids that can be waived.
    """
    units = tuple(unit.code for unit in roster.units)
    labels = [
        column.label for item in library.data_sets if not item.single for column in item.columns
    ]
    choices = {
        "data_set": tuple(item.sheet for item in library.data_sets),
        "column": tuple(dict.fromkeys(labels)),
        "unit": units,
    }
    adjustments = KeptTable(
        sheet=text("kept.adjustments.sheet"),
        title=text("kept.adjustments.title"),
        guidance=text("kept.adjustments.guidance"),
        columns=_columns("adjustments", _ADJUSTMENT_WIDTHS, choices),
        rows=[_adjustment(item, library) for item in corrections.adjustments],
        frozen=2,
    )
    choices = {"rule": tuple(rules), "unit": (EVERY_UNIT, *units)}
    waivers = KeptTable(
        sheet=text("kept.waivers.sheet"),
        title=text("kept.waivers.title"),
        guidance=text("kept.waivers.guidance"),
        columns=_columns("waivers", _WAIVER_WIDTHS, choices),
        rows=[_waiver(item) for item in corrections.waivers],
        frozen=2,
    )
    return write_kept_tables((adjustments, waivers), text("kept.adjustments.title"))


def _columns(
    table: str, widths: dict[str, float], choices: dict[str, tuple[str, ...]]
) -> tuple[KeptColumn, ...]:
    return kept_columns(table, widths, choices=choices, formats=_FORMATS, centred=_CENTRED)


def _adjustment(item: Adjustment, library: Library) -> tuple[Content, ...]:
    form, element, column = place_words(item.key, library)
    fields: dict[str, Content] = {
        "period": item.period.code,
        "unit": item.unit,
        "data_set": form,
        "element": element,
        "column": column,
        "row": str(item.key.row) if item.key.row else "",
        "value": item.value or text("corrections.nothing"),
        "reason": item.reason,
        "document": item.document,
        "author": item.author,
        "on": item.on,
        "expires": item.expires,
    }
    return tuple(fields[field] for field in _ADJUSTMENT_WIDTHS)


def place_words(key: ValueKey, library: Library) -> tuple[str, str, str]:
    """Form, element and column as a person writes them; codes of definitions that are gone."""
    data_set = library.by_code.get(key.data_set)
    element = data_set.by_code.get(key.element) if data_set is not None else None
    if data_set is None or element is None:
        return key.data_set, key.element, key.column
    if data_set.shape is Shape.OPEN:
        return data_set.sheet, element.label, ""
    shown = f"{data_set.layout.number_header} {element.number}" if element.number else element.label
    known = data_set.column_by_code.get(key.column)
    label = known.label if known is not None else key.column
    return data_set.sheet, shown, "" if data_set.single else label


def _waiver(item: Waiver) -> tuple[Content, ...]:
    fields: dict[str, Content] = {
        "rule": item.rule,
        "unit": item.unit,
        "period": item.period.code if item.period is not None else "",
        "until": item.until,
        "reason": item.reason,
        "document": item.document,
        "author": item.author,
        "on": item.on,
    }
    return tuple(fields[field] for field in _WAIVER_WIDTHS)
