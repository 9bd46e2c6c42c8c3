"""Word comparisons: units by name, totals that differ from the sum of their parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consolidate.definitions.catalogue import text
from consolidate.model.text import format_number
from consolidate.reports.captions import unit_caption
from consolidate.rollup.comparison import Compared, Comparison
from consolidate.rollup.tiles import Tile

MOST_NAMES = 30
"""Units that are named in one line; the list of units has them all."""
_MOST_IN_CELL = 4
"""Units that are named for one reason in a note beside a figure; result.json has them all."""


def units_named(beside: Comparison, codes: Sequence[str], most: int = MOST_NAMES) -> str:
    """Name units by name and code, the first of many."""
    units = ", ".join(unit_caption(beside.name(code), code) for code in codes[:most])
    if len(codes) > most:
        return text("summary.comparison.more", units=units, count=len(codes) - most)
    return units


def falls_note(beside: Comparison, item: Compared) -> Iterator[str]:
    """Say why a total that adds up within the year is less: units that fell, or absences alone."""
    if not beside.table.data_set.accumulates(item.element, item.column):
        return
    if beside.fallen(item):
        yield text("summary.comparison.falls")
    elif item.both is not None:
        yield text("summary.comparison.falls_absent")


def both_note(beside: Comparison, item: Compared) -> Iterator[str]:
    """Name units whose returns came both times and that have this figure in one of the two."""
    both = item.both
    if both is None or not (both.only_now or both.only_then):
        return
    yield text("summary.comparison.fewer", count=len(both.units))
    for key, codes in (("only_now", both.only_now), ("only_then", both.only_then)):
        if codes:
            units = units_named(beside, codes, _MOST_IN_CELL)
            yield text(f"summary.comparison.{key}", units=units)


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
        units = units_named(beside, tile.broken, _MOST_IN_CELL)
        yield text("summary.tile.broken", units=units)
    elif not tile.explained:
        yield text("summary.tile.nobody", period=beside.past.label)
    reasons = []
    for why, codes in tile.explained.items():
        units = units_named(beside, codes, _MOST_IN_CELL)
        reasons.append(text(f"summary.tile.{why.value}", units=units).removesuffix(": "))
    if reasons:
        yield text("summary.tile.explained", reasons="; ".join(reasons))
