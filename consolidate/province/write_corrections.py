"""Write the workbook of corrections; :mod:`consolidate.province.corrections_book` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.model.corrections import EVERY_UNIT, RECEIVED, Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import Library, Shape
from consolidate.model.units import Roster
from consolidate.province.book_columns import ADJUSTMENTS, NOTHING, RECEIVED_ON, WAIVERS
from consolidate.province.kept_table import book_table, write_kept_tables


def build_corrections(
    corrections: Corrections, library: Library, roster: Roster, rules: Iterable[str]
) -> bytes:
    """Build the workbook of some corrections, in their order, with ruled rows for more.

    ``rules`` are the ids that can be waived.
    """
    units = tuple(unit.code for unit in roster.units)
    labels = [
        column.label for item in library.known_forms if not item.single for column in item.columns
    ]
    choices = {
        "data_set": tuple(
            dict.fromkeys((*(form.sheet for form in library.known_forms), RECEIVED_ON))
        ),
        "column": tuple(dict.fromkeys(labels)),
        "unit": units,
    }
    adjustments = book_table(
        ADJUSTMENTS,
        (_adjustment(item, library) for item in corrections.adjustments),
        choices=choices,
    )
    choices = {"rule": tuple(rules), "unit": (EVERY_UNIT, *units)}
    waivers = book_table(WAIVERS, map(_waiver, corrections.waivers), choices=choices)
    return write_kept_tables((adjustments, waivers), adjustments.title)


def _adjustment(item: Adjustment, library: Library) -> dict[str, str | int | date | None]:
    form, element, column = place_words(item.key, library.at(item.period))
    return {
        "period": item.period.code,
        "unit": item.unit,
        "data_set": form,
        "element": element,
        "column": column,
        "row": str(item.key.row) if item.key.row else "",
        "value": item.value or NOTHING,
        "reason": item.reason,
        "document": item.document,
        "author": item.author,
        "on": item.on,
        "expires": item.expires,
    }


def place_words(key: ValueKey, library: Library) -> tuple[str, str, str]:
    """Form, element and column as a person writes them; codes of definitions that are gone.

    ``library`` shows the forms of the round of the figure.
    """
    if key.data_set == RECEIVED:
        family = library.families.get(key.element)
        return RECEIVED_ON, family.short_title if family is not None else key.element, ""
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


def _waiver(item: Waiver) -> dict[str, str | int | date | None]:
    return {
        "rule": item.rule,
        "unit": item.unit,
        "period": item.period.code if item.period is not None else "",
        "until": item.until,
        "reason": item.reason,
        "document": item.document,
        "author": item.author,
        "on": item.on,
    }
