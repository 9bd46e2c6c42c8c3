"""Numbers as Vietnamese readers write them, and doubles as the decimals they were typed as."""

from __future__ import annotations

from decimal import Decimal


def decimal_of(number: float) -> Decimal:
    """Exact decimal of the shortest form of a double: 969.4 is 969.4, not 969.39999…"""
    return Decimal(int(number)) if float(number).is_integer() else Decimal(repr(float(number)))


def format_number(number: Decimal) -> str:
    """A number in Vietnamese notation: ``1.819``, ``1.556,3``, ``-5``."""
    plain = format(number.normalize() + 0, "f")
    sign = "-" if plain.startswith("-") else ""
    whole, _, fraction = plain.lstrip("-").partition(".")
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    text = sign + ".".join([whole, *groups])
    return f"{text},{fraction}" if fraction else text


def shortest(number: float) -> str:
    """A double as the text that reads back to it, without a trailing ``.0``."""
    whole = float(number).is_integer() and abs(number) < 1e16
    return str(int(number)) if whole else repr(float(number))
