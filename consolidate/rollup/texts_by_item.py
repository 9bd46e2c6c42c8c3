"""What the units say to each item of a report in words; units that say the same stand together."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import DataElement
from consolidate.model.text import name_key
from consolidate.rollup.totals import Contribution, DataSetTable


@dataclass(frozen=True, slots=True)
class Said:
    """One text and the units that say it, in the order of the roster; the first one's wording."""

    text: str
    items: tuple[Contribution, ...]
    values: tuple[DataValue, ...]


@dataclass(frozen=True, slots=True)
class ItemTexts:
    """The texts of one item in the order of the first unit of each; who left it blank, and whose
    cell holds an error value.
    """

    element: DataElement
    column: str
    said: tuple[Said, ...]
    blank: tuple[Contribution, ...]
    unread: tuple[Contribution, ...]


def texts_by_item(table: DataSetTable) -> tuple[ItemTexts, ...]:
    """Gather the texts of a report in words, item by item in the order of the form.

    Case, spaces and punctuation make no difference between two texts.
    """
    found = []
    for asked in table.data_set.inputs:
        said: dict[str, list[tuple[Contribution, DataValue]]] = {}
        blank: list[Contribution] = []
        unread: list[Contribution] = []
        for item in table.contributions:
            value = item.value(asked.element.code, asked.column)
            if value is None or value.status is ValueStatus.MISSING:
                blank.append(item)
            elif value.status is ValueStatus.INVALID:
                unread.append(item)
            elif isinstance(value.value, str):
                key = name_key(value.value) or value.value
                said.setdefault(key, []).append((item, value))
        texts = tuple(
            Said(str(same[0][1].value), tuple(i for i, _ in same), tuple(v for _, v in same))
            for same in said.values()
        )
        found.append(ItemTexts(asked.element, asked.column, texts, tuple(blank), tuple(unread)))
    return tuple(found)
