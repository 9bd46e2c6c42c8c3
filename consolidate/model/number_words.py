"""Numbers and days as Vietnamese readers write them; doubles as the decimals they were typed as."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

_VIETNAMESE = str.maketrans(",.", ".,")
"""Points between groups of three digits and a comma before decimals."""


class Convention(StrEnum):
    """The decimal mark that one file uses; its other mark parts thousands."""

    NONE = ""
    DOT = "."
    COMMA = ","


def decimal_of(number: float) -> Decimal:
    """Exact decimal of the shortest form of a double: 969.4 is 969.4, not 969.39999…"""
    return Decimal(int(number)) if float(number).is_integer() else Decimal(repr(float(number)))


def format_number(number: Decimal) -> str:
    """A number in Vietnamese notation: ``1.819``, ``1.556,3``, ``-5``."""
    return format(number.normalize() + 0, ",f").translate(_VIETNAMESE)


def format_day(day: date | None) -> str:
    """Write a day as Vietnamese readers do: ``28/08/2018``; ``""`` for none."""
    return f"{day:%d/%m/%Y}" if day is not None else ""


def json_number(number: Decimal | None) -> int | float | None:
    """A number as JSON has it: whole when it is whole, else the nearest double."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def shortest(number: float) -> str:
    """A double as the text that reads back to it, without a trailing ``.0``."""
    whole = float(number).is_integer() and abs(number) < 1e16
    return str(int(number)) if whole else repr(float(number))
