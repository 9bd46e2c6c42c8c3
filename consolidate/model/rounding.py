"""Round figures, everywhere in one way: a half goes away from zero, as ROUND of a spreadsheet.

Totals, shares and changes are so in the document, in cells as cached and as recalculated, and in
words: MS 28 of 1/800 twice is 0,13 everywhere.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

RATIO_PLACES = 2
"""Decimals of a ratio in percent; formulas of the summary round to the same."""


def rounded(number: Decimal, places: int) -> Decimal:
    """Round to so many decimals; keep trailing zeros."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def ratio(over: Decimal, under: Decimal) -> Decimal:
    """Work out a ratio in percent, without trailing zeros; ``under`` is not 0."""
    return rounded(100 * over / under, RATIO_PLACES).normalize() + 0
