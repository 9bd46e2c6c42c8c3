"""The forms of the rounds of 2018, on which most tests work; every other round can be reached."""

from __future__ import annotations

from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.period import Period

NINE_MONTHS = Period.parse_code("2018-9M")


def library_2018() -> Library:
    """The library as it shows the forms of nine months of 2018."""
    return shipped_library().at(NINE_MONTHS)
