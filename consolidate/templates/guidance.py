"""Choose what a cell takes and what Excel says about it: input message, check, error text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.intake.typed_text.typed_marks import MARK
from consolidate.model.cells import column_letters
from consolidate.model.datasets import DataElement, DataSet, ValueType
from consolidate.xlsx.write.safe_text import cut_to

LONGEST_LIST = 255
"""Characters of a list of choices that Excel keeps, with the commas between them."""
_MESSAGE = 255
"""Characters of an input message that Excel keeps."""
FIRST_DAY = date(2000, 1, 1)
"""Earliest day that a date cell takes."""


class Check(StrEnum):
    """Hard check of a cell by Excel."""

    NONE = "none"
    COUNT = "count"
    NUMBER = "number"
    WHOLE = "whole"
    DATE = "date"
    CHOICE = "choice"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Guidance:
    """Check and message of a cell; cells with equal guidance share one validation.

    ``hint`` is a key of ``template.hint`` and ``template.hint_title``; ``words`` are what a cell
    is worked out of.
    """

    check: Check
    hint: str
    least: Decimal | None = None
    most: Decimal | None = None
    choices: tuple[str, ...] = ()
    words: str = ""

    def options(self, row: int, column: int) -> dict[str, Any]:
        """Give XlsxWriter options of the validation; ``row`` and ``column`` are its first cell."""
        said = f"template.hint.{self.hint}"
        options: dict[str, Any] = {
            "validate": "any",
            "input_title": text(f"template.hint_title.{self.hint}"),
            "input_message": (
                cut_to(text(said, words=self.words), _MESSAGE) if self.words else text(said)
            ),
        }
        if self.check is Check.NONE:
            return options
        bounds = {"least": self.least, "most": self.most} if self.check is Check.WHOLE else {}
        return options | {
            **self._asked(f"{column_letters(column)}{row + 1}"),
            "error_title": text("template.error.title"),
            "error_type": "stop",
            "error_message": text(f"template.error.{self.check}", **bounds),
        }

    def _asked(self, cell: str) -> dict[str, Any]:
        """What the cell at an address must hold."""
        match self.check:
            case Check.CHOICE | Check.MARK:
                return {"validate": "list", "source": list(self.choices)}
            case Check.DATE:
                return {"validate": "date", "criteria": ">=", "value": FIRST_DAY}
            case Check.WHOLE:
                least, most = int(self.least or 0), int(self.most or 0)
                bounds = {"minimum": least, "maximum": most}
                return {"validate": "integer", "criteria": "between", **bounds}
        tests = [f"{cell}>={self.least}"] if self.least is not None else []
        tests += [f"{cell}=INT({cell})"] if self.check is Check.COUNT else []
        number = f"AND({','.join(tests)})" if tests else "TRUE"
        formula = f'=IF(ISNUMBER({cell}),{number},LOWER(TRIM({cell}))="x")'
        return {"validate": "custom", "value": formula}


def kind_of(data_set: DataSet, element: DataElement, column: str) -> ValueType:
    """Choose the kind of answer of a cell as it is formatted: ``a/b`` answers are texts."""
    if element.second and column == element.columns[0]:
        return ValueType.TEXT
    return data_set.type_of(element, column)


def guidance_of(
    data_set: DataSet,
    element: DataElement,
    column: str,
    *,
    choices: Sequence[str] = (),
    cover: bool = False,
) -> Guidance:
    """Make the guidance of an input cell; ``choices`` replace those of the element.

    A number on the cover is a year or a counter: it takes no "x".
    """
    kind = data_set.type_of(element, column)
    own = kind is element.type and element.hint
    hint = element.hint if own else "narrative" if data_set.narrative else kind.value
    if data_set.narrative and element.shortest:
        return Guidance(Check.NONE, "narrative_least", words=str(element.shortest))
    pair = bool(element.second)
    if pair and column != element.columns[0]:
        pair, hint = False, kind.value
    if pair or kind in (ValueType.PERCENTAGE, ValueType.TEXT):
        return Guidance(Check.NONE, hint)
    if kind is ValueType.CHOICE and len(",".join(element.choices)) > LONGEST_LIST:
        return Guidance(Check.NONE, "number_of_row")
    if kind is ValueType.CHOICE:
        return Guidance(Check.CHOICE, hint, choices=tuple(choices or element.choices))
    if kind is ValueType.MARK:
        return Guidance(Check.MARK, hint, choices=(MARK,))
    if kind is ValueType.DATE:
        return Guidance(Check.DATE, hint)
    if cover:
        return Guidance(Check.WHOLE, hint, element.minimum, element.maximum)
    check = Check.COUNT if kind is ValueType.COUNT else Check.NUMBER
    return Guidance(check, hint, element.minimum)
