"""Cells that put a figure beside an earlier one: then, the change, the percent, both live."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.cells import column_letters
from consolidate.reports.book import Book
from consolidate.reports.look import number_trait
from consolidate.rollup.comparison import Against, Change, Comparison
from consolidate.rollup.result import MergeResult

COLUMNS = 3
"""Columns of one comparison."""
_SMALLEST = 6
"""Decimals of a difference; more would show what binary numbers add to it."""


class ChangeCells:
    """Writes the three cells of comparisons on one sheet, from a total in column ``now``.

    The formulas ask whether there is a total: it becomes blank when figures are taken out.
    """

    def __init__(self, book: Book, sheet: Worksheet, now: int) -> None:
        self._look = book.look
        self._book = book
        self._sheet = sheet
        self._now = column_letters(now)
        self._zero = text("summary.comparison.zero")

    def write(self, row: int, first: int, change: Change, *traits: str) -> None:
        """Write then, difference and percent from column ``first`` on; what hinders as a word."""
        sheet, look = self._sheet, self._look
        blank = look.of("cell", *traits)
        if change.then is None:
            why = text(f"summary.comparison.obstacle.{change.obstacle}")
            self._book.put(sheet, row, first, why, look.of("cell", "italic", "small", "center"))
            sheet.write_blank(row, first + 1, None, blank)
            sheet.write_blank(row, first + 2, None, blank)
            return
        trait = number_trait(change.then)
        sheet.write_number(row, first, float(change.then), look.of("cell", "right", trait))
        now, then = f"{self._now}{row + 1}", f"{column_letters(first)}{row + 1}"
        self._difference(row, first + 1, now, then, change, traits)
        if change.points:
            sheet.write_blank(row, first + 2, None, blank)
        else:
            self._percent(row, first + 2, now, then, change, traits)

    def _difference(
        self, row: int, column: int, now: str, then: str, change: Change, traits: tuple[str, ...]
    ) -> None:
        difference = change.difference
        trait = number_trait(difference) if difference is not None else "n0"
        signed = ("p" if change.points else "s") + trait[1:]
        formula = _live(now, then, f"ROUND({now}-{then},{_SMALLEST})")
        cached: float | str = float(difference) if difference is not None else ""
        style = self._look.of("cell", "right", signed, *traits)
        self._sheet.write_formula(row, column, formula, style, cached)

    def _percent(
        self, row: int, column: int, now: str, then: str, change: Change, traits: tuple[str, ...]
    ) -> None:
        cached: float | str = ""
        if change.difference is not None and change.then is not None:
            cached = self._zero
            if change.then:
                cached = float(change.difference / abs(change.then))
        share = f'IF({then}=0,"{self._zero}",({now}-{then})/ABS({then}))'
        style = self._look.of("cell", "right", "change", *traits)
        self._sheet.write_formula(row, column, _live(now, then, share), style, cached)


def _live(now: str, then: str, formula: str) -> str:
    return f'=IF(COUNT({now},{then})<2,"",{formula})'


def compared_with(result: MergeResult, data_set: str) -> list[str]:
    """Which run each neighbour in time was taken from, or that there is none, one line each."""
    found = [item for item in result.comparisons if item.table.data_set.code == data_set]
    lines = [_base(item) for item in found]
    if found and all(item.against is not Against.PREVIOUS for item in found):
        lines.insert(0, text("summary.comparison.none"))
    return lines


def _base(comparison: Comparison) -> str:
    past, key = comparison.past, "known" if comparison.known else "unknown"
    return text(
        f"summary.comparison.{key}",
        against=text(f"summary.comparison.against.{comparison.against.value}"),
        period=past.label,
        run=comparison.run,
        count=len(comparison.reporters),
    )


def widest(*numbers: Decimal | None) -> int:
    """Characters of the longest of some numbers with separators, sign and padding."""
    return max((len(f"{number:,.0f}") + 4 for number in numbers if number is not None), default=0)
