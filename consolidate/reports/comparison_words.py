"""What is said of a comparison: units by name, totals that are not what they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consolidate.definitions.catalogue import text
from consolidate.model.text import format_number
from consolidate.reports.captions import unit_caption
from consolidate.rollup.comparison import Comparison
from consolidate.rollup.tiles import Tile

_MOST_NAMES = 30
"""Units that are named in one line; the list of units has them all."""


def units_named(beside: Comparison, codes: Sequence[str]) -> str:
    """Units by name and code, the first thirty of many."""
    names = [unit_caption(beside.name(code), code) for code in codes[:_MOST_NAMES]]
    units = ", ".join(names)
    if len(codes) > _MOST_NAMES:
        return text("summary.comparison.more", units=units, count=len(codes) - _MOST_NAMES)
    return units


def tile_note(beside: Comparison, tile: Tile) -> Iterator[str]:
    """Say of a total that is not the earlier one and the quarter's: by how much, whom to ask.

    Nothing where the three agree.
    """
    if not tile.gap:
        return
    yield text(
        "summary.tile.gap",
        gap=format_number(tile.gap),
        now=format_number(tile.now),
        expected=format_number(tile.then + tile.quarter),
        units=tile.units,
    )
    if tile.broken:
        yield text("summary.tile.broken", units=units_named(beside, tile.broken))
    elif not tile.explained:
        yield text("summary.tile.nobody", period=beside.past.label)
    reasons = [
        text(f"summary.tile.{why.value}", units=units_named(beside, codes)).removesuffix(": ")
        for why, codes in tile.explained.items()
    ]
    if reasons:
        yield text("summary.tile.explained", reasons="; ".join(reasons))
